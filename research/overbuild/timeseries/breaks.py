"""Bai and Perron's number and dates of breaks in the level, or level and trend, of one short series.

Asymptotic critical values assume disturbances that are nearly uncorrelated over a long sample; a capex ratio
of 34 quarters is neither. Every p-value here is of a bootstrap under the number of breaks that is tested.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.errors import InputError
from overbuild.timeseries.break_dates import bai_interval, bootstrap_intervals
from overbuild.timeseries.observed import Observed
from overbuild.timeseries.partition import fitted_segments, partitions
from overbuild.timeseries.sieve import Sieve, sieve_of

Array = NDArray[np.float64]


@dataclass(frozen=True)
class BreakSpec:
    """What is asked of a series.

    Attributes
    ----------
    trend
        Whether each segment has its own trend beside its level.
    most
        Largest number of breaks.
    trimming
        Shortest segment, as a share of the sample.
    draws
        Draws of each bootstrap.
    size
        Size of the sequential tests.
    """

    trend: bool = False
    most: int = 3
    trimming: float = 0.15
    draws: int = 999
    size: float = 0.05

    def __post_init__(self) -> None:
        if self.most < 1 or not 0 < self.trimming < 0.5 or self.draws < 19 or not 0 < self.size < 1:
            raise InputError(
                f"Breaks were asked for with most={self.most}, trimming={self.trimming:g}, "
                f"draws={self.draws}, "
                f"size={self.size:g}; expected at least 1 break, a trimming between 0 and 0.5, at "
                "least 19 draws "
                "and a size between 0 and 1."
            )

    @property
    def terms(self) -> int:
        """Coefficients of a segment."""
        return 2 if self.trend else 1

    def least(self, periods: int) -> int:
        """Return the fewest periods of a segment."""
        return max(int(self.trimming * periods), self.terms + 3)


@dataclass(frozen=True)
class Break:
    """One break.

    Attributes
    ----------
    date
        First period of the new segment.
    low, high
        Interval of it at 95 % by bootstrap.
    bai
        Bai's asymptotic interval, serial correlation allowed for; None in a model with a trend, where the
        distribution is another.
    jump
        Change of the fit at the break, in the unit of the series.
    slope_before, slope_after
        Trend a year on either side; 0 in a model of levels.
    """

    date: str
    low: str
    high: str
    bai: tuple[str, str] | None
    jump: float
    slope_before: float
    slope_after: float


@dataclass(frozen=True, eq=False)
class Breaks:
    """What was found in one series.

    Attributes
    ----------
    spec
        What was asked.
    periods
        Number of periods.
    least
        Shortest segment.
    sup_f
        Sup-F of l + 1 breaks against l, l = 0, 1, ..., as far as it was tested, each with its p-value.
    ud_max, ud_max_p
        The largest of the statistics of 1 to ``most`` breaks against none, and its p-value.
    cusum, cusum_p, cusum_asymptotic_p
        Largest cumulated residual; p-values by bootstrap and of the Brownian bridge (None with a trend).
    correlation
        First autocorrelation of the residuals without breaks, bias corrected.
    number, by_bic, by_lwz
        Number of breaks by the sequential tests and by two information criteria, which take residuals for
        uncorrelated.
    breaks
        The breaks by the sequential tests.
    candidate
        Where one break would lie, whether or not it is significant.
    ends
        Observations that precede each break.
    fit
        Fit of the partition, shape (period,).
    """

    spec: BreakSpec
    periods: int
    least: int
    sup_f: tuple[tuple[float, float], ...]
    ud_max: float
    ud_max_p: float
    cusum: float
    cusum_p: float
    cusum_asymptotic_p: float | None
    correlation: float
    number: int
    by_bic: int
    by_lwz: int
    breaks: tuple[Break, ...]
    candidate: str
    ends: tuple[int, ...]
    fit: Array


def find_breaks(series: Observed, spec: BreakSpec, rng: np.random.Generator) -> Breaks:
    r"""Test for breaks one after the other, and date those that are significant.

    .. math:: F(l + 1 | l) = \frac{SSR_l - SSR_{l + 1}}{SSR_{l + 1} / (T - (l + 2) q)}

    between the best partitions of either number. With l = 0 that is the sup-F of Andrews. Its p-value is the
    share of series, drawn around the partition with l breaks by a first-order sieve (`sieve_of`), with a
    statistic at least as large. The first p-value above ``spec.size`` ends the sequence.

    Parameters
    ----------
    series
        In logs, where breaks are to be proportional.
    spec
        What is asked.
    rng
        Generator.

    Raises
    ------
    InputError
        If the series is constant or too short for one break.

    References
    ----------
    Bai, J. and Perron, P. (1998). Estimating and testing linear models with multiple structural changes.
    Econometrica 66(1).
    Diebold, F. X. and Chen, C. (1996). Testing structural stability with endogenous breakpoint. Journal of
    Econometrics 70(1) (bootstrap of the sup-F).
    """
    y = series.values
    series.require(2 * (spec.terms + 3), f"one break with segments of {spec.terms + 3} periods")
    n, q, least = y.size, spec.terms, spec.least(y.size)
    most = min(spec.most, n // least - 1)
    costs, ends = partitions(y, spec.trend, most, least)
    if costs[0] <= 1e-20 * max(1.0, float(y @ y)):
        raise InputError(f"{series.name} lies on a straight line: without noise no break can be tested.")

    null = fitted_segments(y, (), spec.trend)
    sieve = sieve_of(y - null, 1, q)
    drawn = null + sieve.draws(n, spec.draws, rng)
    many = np.array([_against_none(partitions(one, spec.trend, most, least)[0], n, q) for one in drawn])
    single, several = float(_sup_f(costs, n, q, 0)), _against_none(costs, n, q).max()
    tests = [(single, _share(many[:, 0] >= single))]
    number = 0
    while tests[-1][1] <= spec.size and number + 1 < most:
        number += 1
        stat = _sup_f(costs, n, q, number)
        tests.append((stat, _bootstrap(y, tuple(ends[number, :number]), spec, least, stat, rng)))
    number += int(tests[-1][1] <= spec.size)
    chosen = tuple(int(e) for e in ends[number, :number])
    cusum, asymptotic = ols_cusum(y - null, q)
    return Breaks(
        spec,
        n,
        least,
        tuple(tests),
        float(several),
        _share(many.max(axis=1) >= several),
        cusum,
        _share(np.array([ols_cusum(d - _detrended(d, spec.trend), q)[0] for d in drawn]) >= cusum),
        None if spec.trend else asymptotic,
        sieve.correlation,
        number,
        int(np.argmin(_bic(costs, n, q))),
        int(np.argmin(_lwz(costs, n, q))),
        _dated(series, chosen, spec, least, rng),
        series.periods[int(ends[1, 0])],
        chosen,
        fitted_segments(y, chosen, spec.trend),
    )


def ols_cusum(residuals: Array, terms: int) -> tuple[float, float]:
    """Return the largest cumulated residual of least squares, scaled, and its p-value (Brownian bridge).

    References
    ----------
    Ploberger, W. and Krämer, W. (1992). The CUSUM test with OLS residuals. Econometrica 60(2).
    """
    from statsmodels.stats.diagnostic import breaks_cusumolsresid

    stat, p, _ = breaks_cusumolsresid(residuals, ddof=terms)
    return float(stat), float(p)


def _detrended(y: Array, trend: bool) -> Array:
    return fitted_segments(y, (), trend)


def _sup_f(costs: Array, n: int, q: int, breaks: int) -> float:
    return float((costs[breaks] - costs[breaks + 1]) / (costs[breaks + 1] / (n - (breaks + 2) * q)))


def _against_none(costs: Array, n: int, q: int) -> Array:
    """Return the statistics of 1, 2, ... breaks against none, each by its number of restrictions."""
    m = np.arange(1, costs.size)
    return (n - (m + 1) * q) / (m * q) * (costs[0] - costs[1:]) / costs[1:] * q


def _bootstrap(
    y: Array, ends: tuple[int, ...], spec: BreakSpec, least: int, stat: float, rng: np.random.Generator
) -> float:
    m, n = len(ends), y.size
    fit = fitted_segments(y, ends, spec.trend)
    sieve: Sieve = sieve_of(y - fit, m + 1, spec.terms)
    found = [
        _sup_f(partitions(one, spec.trend, m + 1, least)[0], n, spec.terms, m)
        for one in fit + sieve.draws(n, spec.draws, rng)
    ]
    return _share(np.array(found) >= stat)


def _share(beyond: Any) -> float:
    """Return a bootstrap p-value, which is never 0."""
    return float((np.sum(beyond) + 1) / (np.size(beyond) + 1))


def _bic(costs: Array, n: int, q: int) -> Array:
    m = np.arange(costs.size)
    return n * np.log(costs / n) + np.log(n) * (q * (m + 1) + m + 1)


def _lwz(costs: Array, n: int, q: int) -> Array:
    """Return the criterion of Liu, Wu and Zidek (1997), which charges more for a break."""
    m = np.arange(costs.size)
    p = q * (m + 1) + m
    return np.log(costs / np.maximum(n - p, 1)) + p / n * 0.299 * np.log(n) ** 2.1


def _dated(
    series: Observed, ends: tuple[int, ...], spec: BreakSpec, least: int, rng: np.random.Generator
) -> tuple[Break, ...]:
    if not ends:
        return ()
    y, n = series.values, series.values.size
    name: Callable[[int], str] = lambda i: series.periods[min(max(i, 0), n - 1)]  # noqa: E731
    intervals = bootstrap_intervals(y, ends, spec.trend, least, spec.draws, rng)
    fit = fitted_segments(y, ends, spec.trend)
    long_run = sieve_of(y - fit, len(ends) + 1, spec.terms).long_run
    found = []
    for which, (end, (low, high)) in enumerate(zip(ends, intervals, strict=True)):
        slopes = (fit[end - 1] - fit[end - 2], fit[end + 1] - fit[end]) if spec.trend else (0.0, 0.0)
        bai = None if spec.trend else bai_interval(y, ends, which, long_run)
        found.append(
            Break(
                name(end),
                name(low),
                name(high),
                None if bai is None else (name(bai[0]), name(bai[1])),
                float(fit[end] - fit[end - 1] - slopes[0]),
                float(slopes[0] * series.per_year),
                float(slopes[1] * series.per_year),
            )
        )
    return tuple(found)
