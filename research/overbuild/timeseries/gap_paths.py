"""Implied spending of the units of one perimeter under one equation, drawn together, and the gap to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from overbuild.core.periods import label, ordinal
from overbuild.errors import InputError
from overbuild.randomness import stream
from overbuild.timeseries.bias_correction import corrected_draws
from overbuild.timeseries.error_correction import SPARE, Fit, Sample, design, fit, long_run
from overbuild.timeseries.extrapolation import Drawn, correlated_shocks, run_on
from overbuild.timeseries.fundamentals import Unit
from overbuild.timeseries.mean_group import Panel, Parts, given_long_run, panel

Array = NDArray[np.float64]
type Equation = Literal["error_correction", "accelerator", "pooled"]
EQUATIONS: tuple[Equation, ...] = ("error_correction", "accelerator", "pooled")
BAND = (0.05, 0.5, 0.95)


@dataclass(frozen=True, eq=False)
class Fitted:
    """A unit's equation before the boom.

    Attributes
    ----------
    unit
        The unit.
    first, last, until
        First and last period of estimation, and the last known period of the boom.
    lags
        Lagged differences.
    sample
        From ``first`` to ``until``.
    before
        Number of periods of estimation.
    fit
        Least squares on those.
    """

    unit: Unit
    first: str
    last: str
    until: str
    lags: int
    sample: Sample
    before: int
    fit: Fit

    @property
    def parts(self) -> Parts:
        """The equation before the boom, taken apart."""
        change, level, other = design(self.sample.head(self.before), self.lags, levels=True)
        return Parts(change, level[:, 0], level[:, 1:], other)


@dataclass(frozen=True, eq=False)
class Implied:
    """Paths of one perimeter under one equation.

    Attributes
    ----------
    periods
        Of the boom.
    actual
        Unit to spending of the trailing year, shape (period,); the sum of several is ``sector``.
    draws
        Unit to implied spending of the trailing year, shape (draw, period).
    parameters
        The same without shocks.
    kept
        Unit to the share of stable draws.
    panel
        The panel's long runs, for ``pooled``.
    """

    periods: tuple[str, ...]
    actual: dict[str, Array]
    draws: dict[str, Array]
    parameters: dict[str, Array]
    kept: dict[str, float]
    panel: Panel | None


def fitted(
    unit: Unit,
    equation: Equation,
    since: str | None,
    until: str,
    last_boom: str,
    lags: int | None,
    years: int | None,
) -> Fitted:
    """Fit a unit's equation on the periods before the boom.

    Parameters
    ----------
    unit, equation
        Which.
    since, until
        Window of estimation; ``since`` None: from the last gap, or ``years`` before, whichever is later.
    last_boom
        The last period to extrapolate to; cut to what is known.
    lags
        Lagged differences; None: one, or none where the window has no room for one.
    years
        Longest window where ``since`` is None; None: no limit.

    Raises
    ------
    InputError
        If a period is missing, the series is constant or the window is too short.
    """
    accelerator = equation == "accelerator"
    first, last = unit.window(since, until, accelerator=accelerator)
    frequency = "Q" if unit.per_year == 4 else "A"
    if since is None and years is not None:
        first = label(max(ordinal(first), ordinal(last) + 1 - years * unit.per_year), frequency)
    known = unit.last_known(accelerator=accelerator)
    end = label(min(ordinal(known), ordinal(last_boom)), frequency)
    if ordinal(end) <= ordinal(last):
        raise InputError(
            f"{unit.name}: nothing after {last} is known on that day, so there is no boom to compare; "
            "ask for a later day or an earlier end of the window."
        )
    sample = unit.sample(first, end, accelerator=accelerator)
    before = ordinal(last) - ordinal(first) + 1
    what = f"{unit.name} {first} to {last}"
    for tried in (1, 0) if lags is None else (lags,):
        head = sample.head(before)
        room = before - 1 - tried - _width(head, tried, accelerator)
        if room >= SPARE or tried == 0 or lags is not None:
            found = fit(head, tried, levels=not accelerator, what=what) if before > tried + 1 else None
            if found is None:
                raise InputError(f"{what}: {before} periods are too few for {tried} lags; ask for fewer.")
            return Fitted(unit, first, last, end, tried, sample, before, found)
    raise AssertionError("one of the lags was tried")


def implied(fits: Sequence[Fitted], equation: Equation, draws: int, seed: int, name: str) -> Implied:
    """Draw implied spending of units together, with and without shocks.

    Parameters
    ----------
    fits
        The units' equations; all end their estimation in one period.
    equation
        Which; ``pooled`` needs two units or more.
    draws
        Paths.
    seed
        Master seed.
    name
        Name of the random streams.
    """
    end = min(ordinal(f.until) for f in fits)
    steps = end - ordinal(fits[0].last)
    group = panel([f.parts for f in fits], [f.fit for f in fits]) if equation == "pooled" else None
    drawn = [
        _drawn(f, group, equation, draws, stream(f"{name}/{equation}/{f.unit.name}", seed=seed)) for f in fits
    ]
    shocks = correlated_shocks(
        [f.fit.residuals for f in fits], draws, steps, stream(f"{name}/{equation}/shocks", seed=seed)
    )
    actual, paths, parameters = {}, {}, {}
    for f, d, shock in zip(fits, drawn, shocks, strict=True):
        sample = f.sample.head(f.before + steps)
        past = np.exp(sample.y[: f.before])
        n = f.unit.per_year
        actual[f.unit.name] = trailing(np.exp(sample.y)[None, f.before - n + 1 :], n)[0]
        for into, given in ((paths, shock), (parameters, None)):
            ahead = np.exp(run_on(sample, f.before, f.lags, d, given))
            joined = np.hstack([np.repeat(past[None, f.before - n + 1 :], draws, axis=0), ahead])
            into[f.unit.name] = trailing(joined, n)
    if len(fits) > 1:
        for each in (actual, paths, parameters):
            each["sector"] = np.sum(list(each.values()), axis=0)
    frequency = "Q" if fits[0].unit.per_year == 4 else "A"
    periods = tuple(label(ordinal(fits[0].last) + 1 + h, frequency) for h in range(steps))
    kept = {f.unit.name: d.kept for f, d in zip(fits, drawn, strict=True)}
    return Implied(periods, actual, paths, parameters, kept, group)


def rows(found: Implied, of: dict[str, Any], take_off: int) -> list[dict[str, Any]]:
    """Return one record a unit and period: actual, implied and the gap in logs, with 90 % intervals.

    ``of`` is what every record begins with: the perimeter, the equation and its fundamentals.
    """
    made = []
    for unit, actual in found.actual.items():
        low, middle, high = np.quantile(found.draws[unit], BAND, axis=0)
        gaps = np.log(actual) - np.log(found.draws[unit])
        g = np.quantile(gaps, BAND, axis=0)
        own = np.quantile(np.log(actual) - np.log(found.parameters[unit]), BAND, axis=0)
        for h, period in enumerate(found.periods):
            made.append(
                {
                    **of,
                    "unit": unit,
                    "period": period,
                    "years_since_take_off": years_since(period, take_off),
                    "actual": actual[h],
                    "implied": middle[h],
                    "implied_low": low[h],
                    "implied_high": high[h],
                    "gap": g[1, h],
                    "gap_low": g[0, h],
                    "gap_high": g[2, h],
                    "gap_low_parameters": own[0, h],
                    "gap_high_parameters": own[2, h],
                    "share_above": float((gaps[:, h] > 0).mean()),
                }
            )
    return made


def estimates(f: Fitted, equation: str, kept: float | None) -> dict[str, Any]:
    """Return what was estimated of a unit."""
    record: dict[str, Any] = {
        "unit": f.unit.name,
        "equation": equation,
        "fundamentals": told(f.unit.fundamentals),
        "first": f.first,
        "last": f.last,
        "periods": f.before,
        "lags": f.lags,
        "freedom": f.fit.freedom,
        "scale": f.fit.scale,
        "kept": kept,
        "grades": dict(f.unit.grades),
    }
    if equation == "error_correction":
        theta, covariance = long_run(f.fit, len(f.unit.fundamentals))
        record["speed"] = float(f.fit.coefficients[0])
        record["speed_se"] = float(np.sqrt(f.fit.covariance[0, 0]))
        record["long_run"] = {
            name: {"value": float(theta[i]), "se": float(np.sqrt(covariance[i, i]))}
            for i, name in enumerate(f.unit.fundamentals)
        }
    return record


def told(fundamentals: Sequence[str]) -> str:
    """Return the name of a set of fundamentals."""
    return " and ".join(f.replace("_", " ") for f in fundamentals)


def trailing(levels: Array, n: int) -> Array:
    """Return sums of n periods ending in each from the n-th on, shape (draw, period - n + 1)."""
    total = np.cumsum(levels, axis=1)
    total[:, n:] = total[:, n:] - total[:, :-n]
    return total[:, n - 1 :]


def years_since(period: str, take_off: int) -> float:
    """Return years from take-off to the year that ends with a period (1 for the calendar year after)."""
    year, _, quarter = period.partition("Q")
    return int(year) - take_off + (int(quarter) / 4 - 1 if quarter else 0.0)


def _width(sample: Sample, lags: int, accelerator: bool) -> int:
    _, level, other = design(sample, lags, levels=not accelerator)
    return level.shape[1] + other.shape[1]


def _drawn(f: Fitted, group: Panel | None, equation: Equation, draws: int, rng: np.random.Generator) -> Drawn:
    what = f"{f.unit.name} {f.first} to {f.last}"
    head = f.sample.head(f.before)
    if group is None:
        levels = equation != "accelerator"
        return corrected_draws(head, f.fit, f.lags, draws, rng, levels=levels, what=what)
    thetas = rng.multivariate_normal(group.pooled, group.pooled_covariance, draws)
    own = given_long_run(f.parts, group.pooled, what)
    return corrected_draws(head, own, f.lags, draws, rng, levels=True, what=what, long_runs=thetas)
