"""The regime an era's spending is in, by maximum likelihood, and what that says of the next year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from overbuild.core.periods import label as label_of_period
from overbuild.core.periods import ordinal
from overbuild.core.snapshot import Snapshot
from overbuild.errors import InputError
from overbuild.randomness import stream
from overbuild.settings import SEED
from overbuild.timeseries.era_series import era_series
from overbuild.timeseries.markov import MarkovSpec, Switching, fit_switching
from overbuild.timeseries.markov_ahead import draw_ahead
from overbuild.timeseries.markov_linear import against_linear
from overbuild.timeseries.observed import Observed, without_season
from overbuild.timeseries.reported import Reported, label_of, spanned

SERIES = {"ai": ("capex", "information_processing"), "telecom": ("capex", "supplier_orders")}
"""Whose growth is looked at: spending, suppliers' orders, and all information processing once."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class RegimesAsked:
    """How the regimes are looked for.

    Attributes
    ----------
    model
        The switching model.
    years_ahead
        Years that are forecast.
    draws
        Draws of the forecast.
    bootstrap
        Draws of the test against a series without regimes, made for two regimes of mean and variance
        without lags.
    """

    model: MarkovSpec = field(default_factory=MarkovSpec)
    years_ahead: int = 2
    draws: int = 4000
    bootstrap: int = 499

    @property
    def plain(self) -> bool:
        """Whether the model is the one that is tested against a series without regimes."""
        return self.model.regimes == 2 and not self.model.order and self.model.switching_variance


def regimes_of(
    snapshots: Sequence[Snapshot], asked: RegimesAsked | None = None, seed: int = SEED
) -> Reported:
    """Fit a switching model to the growth of each era's series.

    Growth is of quarters without their fixed season, or of years, nominal.

    Parameters
    ----------
    snapshots
        One an era.
    asked
        How; None: two regimes of mean and variance.
    seed
        Master seed.

    Raises
    ------
    InputError
        If an era holds none of the series, or one is too short.
    """
    asked = asked or RegimesAsked()
    rows, detail, vintages = [], {}, {}
    for snapshot in snapshots:
        every = growth_series(snapshot)
        vintages[snapshot.episode] = spanned(s.vintages for s in every)
        for series in every:
            name = f"timeseries/regimes/{snapshot.episode}/{series.name}"
            found = fit_switching(series.values, asked.model, stream(name, seed=seed), series.name)
            rng = stream(f"{name}/linear", seed=seed)
            gain, p = against_linear(series.values, asked.bootstrap, rng) if asked.plain else (None, None)
            rows.append(_row(snapshot, series, found, gain, p))
            detail[f"{snapshot.episode}.{series.name}"] = _detail(
                series, found, asked, stream(f"{name}/ahead", seed=seed)
            )
    return Reported(
        "regimes",
        {s.episode: s.as_of.isoformat() for s in snapshots},
        {s.episode: label_of(s) for s in snapshots},
        vintages,
        tuple(rows),
        " ".join(_said(row) for row in rows if row["main"]),
        detail,
    )


def growth_series(snapshot: Snapshot) -> list[Observed]:
    """Return growth rates in logs of what an era holds: the first is its spending.

    Raises
    ------
    InputError
        If it holds no spending.
    """
    made = []
    for name in SERIES.get(snapshot.episode, ("capex",)):
        try:
            level = era_series(snapshot, name)
        except InputError:
            if name == "capex":
                raise
            continue
        logs = without_season(level)
        made.append(logs.with_values(np.diff(logs.values), logs.periods[1:]))
    return made


def _row(
    snapshot: Snapshot, series: Observed, found: Switching, gain: float | None, p: float | None
) -> dict[str, Any]:
    k, errors = found.spec.regimes, dict(zip(found.names, found.errors, strict=True))
    high = int(found.order_of[-1])
    return {
        "era": snapshot.episode,
        "series": series.name,
        "main": series.name == "capex",
        "frequency": "Q" if series.per_year == 4 else "A",
        "first": series.periods[0],
        "last": series.periods[-1],
        "growth_low": float(found.means[0]),
        "growth_low_error": errors.get(f"const[{found.order_of[0]}]"),
        "growth_high": float(found.means[-1]),
        "growth_high_error": errors.get(f"const[{high}]"),
        "sd_low": float(np.sqrt(found.variances[0])),
        "sd_high": float(np.sqrt(found.variances[-1])),
        "stay_low": float(found.transition[0, 0]),
        "stay_high": float(found.transition[-1, -1]),
        "duration_low": float(found.durations[0]),
        "duration_high": float(found.durations[-1]),
        "now_filtered": float(found.filtered[-1, -1]),
        "log_likelihood": found.log_likelihood,
        "gain_over_linear": gain,
        "p_linear": p,
        "regimes": k,
        "optima": found.optima,
        "refused": found.refused,
        "errors_from": found.errors_from,
        "grade": series.grade,
        "vintage": series.vintage,
    }


def _detail(
    series: Observed, found: Switching, asked: RegimesAsked, rng: np.random.Generator
) -> dict[str, Any]:
    n = series.per_year
    steps = n * asked.years_ahead
    ahead = draw_ahead(found, series.values, steps, asked.draws, rng)
    last, frequency = ordinal(series.periods[-1]), "Q" if n == 4 else "A"
    shown = series.periods[found.spec.order :]
    over_year = ahead.growth[:, :n].sum(axis=1)
    return {
        "meaning": series.meaning,
        "periods": list(shown),
        "growth": series.values[found.spec.order :].tolist(),
        "filtered": found.filtered[:, -1].tolist(),
        "smoothed": found.smoothed[:, -1].tolist(),
        "parameters": [
            {"name": name, "estimate": float(value), "error": error}
            for name, value, error in zip(found.names, found.estimates, found.errors, strict=True)
        ],
        "ahead": {
            "periods": [label_of_period(last + h + 1, frequency) for h in range(steps)],
            "quantiles": {
                f"q{round(100 * q):02d}": np.quantile(ahead.growth, q, axis=0).tolist() for q in QUANTILES
            },
            "high": ahead.regimes[:, -1].tolist(),
            "year": {f"q{round(100 * q):02d}": float(np.quantile(over_year, q)) for q in QUANTILES},
            "falls": float((over_year < 0).mean()),
        },
    }


def _said(row: dict[str, Any]) -> str:
    per = "a quarter" if row["frequency"] == "Q" else "a year"
    if row["p_linear"] is None:
        verdict = "this model is not tested against a series without regimes"
    else:
        often = "rarely" if row["p_linear"] <= 0.05 else "often enough"
        verdict = (
            f"twice the gain in likelihood is {row['gain_over_linear']:.1f}, which a series without regimes "
            f"gives {often} (bootstrap p {row['p_linear']:.3f})"
        )
    return (
        f"{row['era']}: growth of spending of {100 * row['growth_low']:.1f} or "
        f"{100 * row['growth_high']:.1f} log per cent {per}; probability of the faster regime in "
        f"{row['last']} {row['now_filtered']:.2f}; {verdict}."
    )
