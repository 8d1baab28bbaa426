"""The findings of the quarterly model as plain types: what its exhibits draw and the text quotes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Event
from overbuild.core.forecast import MOST_UNKNOWN
from overbuild.core.judging import trailing_year
from overbuild.core.paths import Paths
from overbuild.core.periods import ordinal
from overbuild.models.quarterly_data import PER_YEAR, SLACK_UNIT
from overbuild.models.switching import BOOM, BUST, NORMAL

if TYPE_CHECKING:
    from overbuild.models.quarterly_posterior import QuarterlyPosterior

type Array = NDArray[np.float64]

WINDOWS = {
    "supplier_orders": {"bust_2001_02": ("2001Q1", "2002Q4"), "recession_2008_09": ("2008Q1", "2009Q1")},
    "capex": {"pause_2018_19": ("2018Q3", "2019Q4"), "pause_2022_23": ("2022Q3", "2023Q4")},
}
"""First layer of an era to the quarters that its regimes are checked on."""
YEARS_AHEAD = (2, 3, 4)
UTILISATION = np.round(np.arange(0.5, 1.201, 0.05), 2)
AGE = 16
"""Age in quarters of the boom whose hazard is shown: in its fourth year."""
BAND = (0.05, 0.50, 0.95)


def findings_of(posterior: QuarterlyPosterior, rng: np.random.Generator) -> dict[str, Any]:
    """Return regimes by quarter, the hazard against utilisation, what was learnt, and paths ahead."""
    data = posterior.data
    found = {
        "layers": list(data.layers),
        "has_utilisation": data.has_slack,
        "drawdown": dict(posterior.model.drawdown),
        "quarters": [_quarter(posterior, t) for t in range(len(data.time))],
        "now": {
            name: float(posterior.smoothed[:, -1, r].mean())
            for name, r in (("normal", NORMAL), ("boom", BOOM), ("bust", BUST))
        },
        "windows": _windows(posterior),
        "slopes": {name: _slope(posterior, name) for name in ("slack_exit", "slack_bust")},
        "hazard": _hazard(posterior, rng),
        "learnt": posterior.learnt(rng),
    }
    if posterior.history is not None:
        found |= _ahead(posterior, rng)
    return found


def _quarter(posterior: QuarterlyPosterior, t: int) -> dict[str, Any]:
    """Return what is known of a quarter; growth on the year before is None in the first three."""
    data, bust = posterior.data, posterior.smoothed[:, t, BUST]
    growth = data.growth[t - PER_YEAR + 1 : t + 1].sum(axis=0) if t >= PER_YEAR - 1 else None
    use = float(np.exp(-SLACK_UNIT * data.slack[t + 1])) if data.has_slack else None
    low, _, high = np.quantile(bust, BAND)
    return {
        "quarter": data.time[t],
        "level": [float(x) for x in data.levels[t + 1]],
        "growth_year": None if growth is None else [float(x) for x in growth],
        "utilisation": use,
        "boom": float(posterior.smoothed[:, t, BOOM].mean()),
        "bust": float(bust.mean()),
        "bust_q05": float(low),
        "bust_q95": float(high),
        "boom_then": float(posterior.filtered[:, t, BOOM].mean()),
        "bust_then": float(posterior.filtered[:, t, BUST].mean()),
    }


def _windows(posterior: QuarterlyPosterior) -> dict[str, dict[str, float]]:
    """Return least, mean and largest P(bust) over each window that is wholly in the data."""
    numbers = np.array([ordinal(t) for t in posterior.data.time])
    made = {}
    for name, (first, last) in WINDOWS.get(posterior.data.layers[0], {}).items():
        inside = (numbers >= ordinal(first)) & (numbers <= ordinal(last))
        if inside.sum() == ordinal(last) - ordinal(first) + 1:
            smooth = posterior.smoothed[:, inside, BUST].mean(axis=0)
            then = posterior.filtered[:, inside, BUST].mean(axis=0)
            made[name] = {
                "least": float(smooth.min()),
                "mean": float(smooth.mean()),
                "largest": float(smooth.max()),
                "quarters": int(inside.sum()),
                "above_90": int((smooth > 0.9).sum()),
                "largest_then": float(then.max()),
            }
    return made


def _slope(posterior: QuarterlyPosterior, name: str) -> dict[str, float]:
    draws, prior = posterior.parameters[name], float(posterior.model.priors[name])
    low, middle, high = np.quantile(draws, BAND)
    return {
        "mean": float(draws.mean()),
        "sd": float(draws.std()),
        "q05": float(low),
        "q50": float(middle),
        "q95": float(high),
        "above_zero": float((draws > 0).mean()),
        "prior_sd": prior,
        "learnt": float(1 - draws.var() / prior**2),
    }


def _hazard(posterior: QuarterlyPosterior, rng: np.random.Generator) -> list[dict[str, float]]:
    """Return chances a year against utilisation, of the end of a boom and of its end in a bust."""
    from overbuild.models.quarterly_posterior import PRIOR_DRAWS, ends_in_bust

    made = [posterior.model.prior_draw(posterior.data, rng) for _ in range(PRIOR_DRAWS)]
    prior = {name: np.array([d[name] for d in made]) for name in posterior.parameters}
    slack = -np.log(UTILISATION) / SLACK_UNIT
    rows: list[dict[str, float]] = [{"utilisation": float(u)} for u in UTILISATION]
    for stem, draws in (("", posterior.parameters), ("prior_", prior)):
        for name, chances in zip(("ends", "busts"), ends_in_bust(draws, AGE, slack), strict=True):
            bands = np.quantile(chances, BAND, axis=0).T
            for row, band in zip(rows, bands, strict=True):
                row |= {f"{stem}{name}_q{100 * q:02.0f}": float(b) for q, b in zip(BAND, band, strict=True)}
    return rows


def _ahead(posterior: QuarterlyPosterior, rng: np.random.Generator) -> dict[str, Any]:
    """Return P(O3) some years ahead, at the utilisation now and at normal, and bands of the trailing year.

    Years count from that of the last quarter known; ``already`` says that the event had happened by then.
    """
    assert posterior.history is not None
    years = {n: f"{int(posterior.data.time[-1][:4]) + n}Q4" for n in YEARS_AHEAD}
    until = years[max(years)]
    now = posterior.paths(until, {}, rng)
    normal = posterior.paths(until, {}, rng, slack=0.0) if posterior.data.has_slack else None
    events = {
        (layer, n): Event("O3", layer, layer, "drawdown", by, posterior.model.drawdown)
        for layer in posterior.data.layers
        for n, by in years.items()
    }
    rows = [
        {
            "layer": layer,
            "years": n,
            "by": event.by,
            "probability": _share(event, now),
            "at_normal_use": None if normal is None else _share(event, normal),
            "already": bool((event.judge(posterior.history).holds == 1).any()),
        }
        for (layer, n), event in events.items()
    ]
    return {"ahead": rows, "fan": _fan(now, posterior)}


def _share(event: Event, paths: Paths) -> float | None:
    """Return the share of paths in which an event holds; None where too many leave it open."""
    holds = event.judge(paths).holds
    known = np.isfinite(holds)
    return float(holds[known].mean()) if known.mean() >= 1 - MOST_UNKNOWN else None


def _fan(paths: Paths, posterior: QuarterlyPosterior) -> list[dict[str, Any]]:
    first = ordinal(posterior.data.time[-1]) + 1 - ordinal(paths.time[0])
    rows = []
    for layer in posterior.data.layers:
        year = trailing_year(paths.layer(layer), PER_YEAR)[:, first:]
        for time, band in zip(paths.time[first:], np.quantile(year, BAND, axis=0).T, strict=True):
            rows.append({"layer": layer, "quarter": time, **_named(band)})
    return rows


def _named(band: Array) -> dict[str, Any]:
    return {f"q{100 * q:02.0f}": float(b) for q, b in zip(BAND, band, strict=True)}
