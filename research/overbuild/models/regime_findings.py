"""What the regime model says: regimes by year, booms that must stay quiet, the fan ahead, forecasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from overbuild.core import Event, Forecast, Snapshot
from overbuild.core.forecast import forecast_from_paths
from overbuild.core.judging import drawdown, trailing_year
from overbuild.core.periods import period_end
from overbuild.errors import InputError
from overbuild.models.regime_panel import RegimePanel, covariates_of
from overbuild.models.regime_paths import CAPEX_LAYER, Array, Parameters, known_part
from overbuild.models.regime_series import BIG_FIVE, TELECOM
from overbuild.models.sampler import Sampling

if TYPE_CHECKING:
    from overbuild.models.regime_posterior import RegimePosterior

NAME = "regimes"
SHOWN = (TELECOM, "bea_highways", "bea_electric_structures", "bea_turbines", BIG_FIVE)
YEARS_AHEAD = 5
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
QUIET: Mapping[str, tuple[str, int, int]] = {
    "interstates": ("bea_highways", 1956, 1971),
    "postwar power": ("bea_electric_structures", 1948, 1973),
    "mobile": ("mobile", 1996, 2021),
    "cloud": ("cloud", 2014, 2024),
    "cloud, five firms' sum": (BIG_FIVE, 2020, 2024),
}
"""Booms that met demand: a member, and the years over which a model that cries wolf would read a bust."""
LOUD: Mapping[str, tuple[str, int, int]] = {
    "telecom": (TELECOM, 2001, 2003),
    "turbines 2000s": ("bea_turbines", 2002, 2006),
}
PAUSES: Mapping[str, tuple[str, int]] = {
    "alphabet 2009": ("alphabet", 2009),
    "microsoft 2009": ("microsoft", 2009),
    "amazon 2001": ("amazon", 2001),
    "sbc 2002": ("sbc", 2002),
    "cable 2003": ("cable", 2003),
}
LEAST_LEARNT = 0.2
LEFT_OUT = Sampling(chains=2, draws=500, tune=500)
LEFT_OUT_FROM = 1980


def findings(posterior: RegimePosterior, rng: np.random.Generator) -> dict[str, Any]:
    """Return plain types: regimes, booms, pauses, the fan and the chance of a fall by year."""
    every = (*posterior.data.members, *(posterior.beside.members if posterior.beside else ()))
    known = [m for m in every if posterior.panel_with(m).known(m)]
    found = {m: posterior.regimes(m) for m in known}
    return {
        "own": posterior.own,
        "members": [_member(posterior, m) for m in known],
        "left_out": list(posterior.data.left_out),
        "regimes": {m: _rows(found[m]) for m in (*SHOWN, "cloud", "mobile", "cable", "sbc") if m in found},
        "quiet": _spells(found, QUIET),
        "loud": _spells(found, LOUD),
        "pauses": [
            {"pause": n, "year": year, "bust": _number(found[m].loc[year, "bust"])}
            for n, (m, year) in PAUSES.items()
            if m in found and year in found[m].index
        ],
        "now": dict(zip(("normal", "boom", "bust"), _regime_now(posterior), strict=True)),
        "next_year": next_year(posterior),
        **ahead(posterior, rng),
        "without_telecom": without_telecom(posterior, rng),
    }


def without_telecom(posterior: RegimePosterior, rng: np.random.Generator) -> dict[str, Any] | None:
    """Return what the other members alone say of telecom's past and of the sector's falls ahead.

    Telecom is read with parameters of the population that its growth picks out; moves and hazard are those of
    the others. None where there is nothing to leave out, or no model to fit again.
    """
    if posterior.model is None or TELECOM in posterior.data.left_out or not posterior.data.known(TELECOM):
        return None
    other = posterior.without(TELECOM, LEFT_OUT, rng)
    after = other.sampled.draws("after_boom")
    low, high = np.quantile(after, [0.05, 0.95])
    regimes = other.regimes(TELECOM)
    return {
        "regimes": _rows(regimes.loc[LEFT_OUT_FROM:]),
        "loud": _spells({TELECOM: regimes}, {"telecom": LOUD["telecom"]}),
        "falls": ahead(other, rng)["falls"],
        "after_boom": {"mean": _number(after.mean()), "q05": _number(low), "q95": _number(high)},
        "r_hat": _number(other.sampled.diagnostics.r_hat),
    }


def ahead(posterior: RegimePosterior, rng: np.random.Generator, years: int = YEARS_AHEAD) -> dict[str, Any]:
    """Return the fan of a year's spending, and by each year's end the share of paths that fell as O3 asks."""
    history = known_part(posterior.history)
    per_year = history.per_year
    first = int(history.time[-1][:4]) + 1
    until = f"{first + years - 1}Q4" if per_year == 4 else str(first + years - 1)
    paths = posterior.paths(until, {}, rng)
    flow = trailing_year(paths.layer(CAPEX_LAYER), per_year)
    known = len(history.time)
    judged = drawdown(paths.layer(CAPEX_LAYER), per_year, posterior.fall)
    groups = posterior.parameter_draw
    fan = [
        {"period": paths.time[k], **{f"q{round(100 * q):02d}": _number(x) for q, x in _quantiles(flow[:, k])}}
        for k in range(known, len(paths.time))
    ]
    past = [
        {"period": paths.time[k], "value": _number(flow[0, k])}
        for k in range(known)
        if np.isfinite(flow[0, k])
    ]
    ends = [k for k in range(known, len(paths.time)) if per_year == 1 or paths.time[k].endswith("Q4")]
    falls = []
    for k in ends:
        happened = ((judged.first >= 0) & (judged.first <= k)).astype(float)
        by_draw = np.bincount(groups, weights=happened) / np.bincount(groups)
        low, mid, high = np.quantile(by_draw, [0.05, 0.5, 0.95])
        falls.append(
            {
                "by": paths.time[k],
                "probability": _number(happened.mean()),
                "q05": _number(low),
                "q50": _number(mid),
                "q95": _number(high),
            }
        )
    return {
        "past": past[-(20 * per_year) :],
        "fan": fan,
        "threshold": _number((1 - posterior.fall["fall"]) * np.nanmax(flow[0, :known])),
        "falls": falls,
    }


def next_year(posterior: RegimePosterior) -> dict[str, Any]:
    """Return the chance that the sector, if its boom has its likeliest age, turns to bust next year."""
    now = posterior.now(posterior.own_parameters).mean(axis=0)
    age = int(now[1:-1].argmax()) + 1
    after = bust_chance(posterior, posterior.own_parameters, age)
    prior = bust_chance(posterior, _prior_parameters(posterior), age)
    return {
        "age": age,
        **{f"q{round(100 * q):02d}": _number(x) for q, x in _quantiles(after)},
        "mean": _number(after.mean()),
        "prior_mean": _number(prior.mean()),
        "prior_sd": _number(prior.std()),
        "learnt": _number(1 - after.var() / prior.var()),
    }


def bust_chance(posterior: RegimePosterior, p: Parameters, age: int) -> Array:
    """Return, by draw, the chance that a boom of an age turns to bust at the sector's covariates now."""
    panel, i = posterior.data, posterior.data.row(posterior.own)
    end = int(panel.stop[i])
    x = covariates_of(panel.levels[i, : end + 1], panel.shares[i, : end + 1], panel.spreads[i, : end + 1])[-1]
    logit = p.exit + p.exit_age * np.log(age) + p.exit_covariates @ x
    return p.moves[:, 1, 2] / (1 + np.exp(-logit))


def sentence(posterior: RegimePosterior) -> str:
    """Say in which regime the sector is and how booms end."""
    now, chance = _regime_now(posterior), next_year(posterior)
    bust = posterior.sampled.draws("after_boom")
    low, high = np.quantile(bust, [0.05, 0.95])
    panel = posterior.data
    year = panel.years[int(panel.stop[panel.row(posterior.own)]) - 1]
    return (
        f"In {year} {posterior.own.replace('_', ' ')} was in a boom with probability {now[1]:.2f} and in "
        f"bust with {now[2]:.2f}; a boom of age {chance['age']} turns to bust within the year with "
        f"{chance['mean']:.2f} ({chance['q05']:.2f} to {chance['q95']:.2f}). Of booms that end, "
        f"{bust.mean():.0%} ({low:.0%} to {high:.0%}) end in bust."
    )


def forecasts(
    posterior: RegimePosterior, snapshot: Snapshot, events: Sequence[Event], rng: np.random.Generator
) -> tuple[Forecast, ...]:
    """Judge events on paths to the last of their dates.

    Raises
    ------
    InputError
        If no event has a date.
    """
    until = max((e.by for e in events if e.by), key=period_end, default="")
    if not until:
        raise InputError("No event has a date to simulate to; give one with --by, such as 2028.")
    paths = posterior.paths(until, {}, rng)
    made = forecast_from_paths(NAME, snapshot, events, paths, posterior.parameter_draw)
    if next_year(posterior)["learnt"] < LEAST_LEARNT:
        made = tuple(replace(f, evidence="prior-driven") if f.probability else f for f in made)
    if posterior.sampled.diagnostics.passed:
        return made
    return tuple(replace(f, status="failed") for f in made)


def _prior_parameters(posterior: RegimePosterior, draws: int = 2000) -> Parameters:
    """Return prior draws of what decides how booms end; the rest is left empty."""
    p, rng = posterior.priors, np.random.default_rng(1)
    bust = rng.beta(*p["after_boom"], size=draws)
    moves = np.zeros((draws, 3, 3))
    moves[:, 1, 2] = bust
    empty = np.empty((draws, 3))
    slopes = p["exit_covariates"] * rng.standard_normal((draws, 3))
    return Parameters(
        empty,
        empty,
        np.empty(draws),
        rng.normal(*p["exit"], size=draws),
        rng.normal(*p["exit_age"], size=draws),
        slopes,
        moves,
    )


def _regime_now(posterior: RegimePosterior) -> tuple[float, float, float]:
    now = posterior.now(posterior.own_parameters).mean(axis=0)
    return _number(now[0]), _number(now[1:-1].sum()), _number(now[-1])


def _member(posterior: RegimePosterior, member: str) -> dict[str, Any]:
    panel: RegimePanel = posterior.panel_with(member)
    i = panel.row(member)
    first, stop = int(panel.first[i]), int(panel.stop[i])
    p = posterior.parameters(member, 400)
    return {
        "member": member,
        "first": int(panel.years[first]),
        "last": int(panel.years[stop - 1]),
        "fitted": panel is posterior.data and member not in panel.left_out,
        "normal": _number(p.mu[:, 0].mean()),
        "boom": _number(p.mu[:, 1].mean()),
        "bust": _number(p.mu[:, 2].mean()),
        "deviation": _number(np.exp(p.log_sigma[:, 0]).mean()),
    }


def _spells(
    found: Mapping[str, pd.DataFrame], booms: Mapping[str, tuple[str, int, int]]
) -> list[dict[str, Any]]:
    rows = []
    for name, (member, first, last) in booms.items():
        if member not in found:
            continue
        bust = found[member].loc[first:last, "bust"]
        if not len(bust):
            continue
        rows.append(
            {
                "boom": name,
                "member": member,
                "first": int(bust.index[0]),
                "last": int(bust.index[-1]),
                "mean_bust": _number(bust.mean()),
                "largest_bust": _number(bust.max()),
                "year": int(bust.idxmax()),
            }
        )
    return rows


def _rows(regimes: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {"year": int(year), **{str(r): round(float(x), 4) for r, x in row.items()}}
        for year, row in zip(regimes.index, regimes.to_dict("records"), strict=True)
    ]


def _quantiles(values: Array) -> list[tuple[float, float]]:
    return list(zip(QUANTILES, np.quantile(values, QUANTILES).tolist(), strict=True))


def _number(value: Any) -> float:
    return float(f"{float(value):.6g}")
