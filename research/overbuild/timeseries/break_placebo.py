"""Placebo breaks: the same test on quiet years, and its size and power by simulation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from overbuild.core.periods import ordinal
from overbuild.timeseries.observed import Observed
from overbuild.timeseries.partition import fitted_segments, one_break
from overbuild.timeseries.sieve import sieve_of

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Placebo:
    """The test of one break on windows of quiet years.

    Attributes
    ----------
    windows
        Windows tested; they overlap, so they are far fewer independent trials.
    rejected
        Share of them with a p-value of at most 5 %.
    below
        Share of them whose statistic is below that of the boom's own window.
    """

    windows: int
    rejected: float
    below: float


def placebo(
    series: Observed,
    length: int,
    loud: tuple[tuple[str, str], ...],
    own: float,
    trend: bool,
    least: int,
    draws: int,
    rng: np.random.Generator,
) -> Placebo:
    """Test for one break in every window of quiet years, begun a year apart.

    Parameters
    ----------
    series
        A long series, in logs.
    length
        Periods of a window.
    loud
        First and last period of each stretch that no window may touch.
    own
        Sup-F of the boom's own window of that length.
    trend, least
        As in `overbuild.timeseries.partition.partitions`.
    draws
        Draws of each bootstrap.
    rng
        Generator.
    """
    first = ordinal(series.periods[0])
    barred = np.zeros(series.values.size, bool)
    for a, b in loud:
        barred[max(ordinal(a) - first, 0) : max(ordinal(b) - first + 1, 0)] = True
    stats, ps = [], []
    for start in range(0, series.values.size - length + 1, series.per_year):
        if not barred[start : start + length].any():
            stat, p = sup_f_test(series.values[start : start + length], trend, least, draws, rng)
            stats.append(stat)
            ps.append(p)
    if not stats:
        return Placebo(0, float("nan"), float("nan"))
    return Placebo(len(stats), float(np.mean(np.array(ps) <= 0.05)), float(np.mean(np.array(stats) < own)))


def sup_f_test(
    y: Array, trend: bool, least: int, draws: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Return the sup-F of one break against none and its p-value by a sieve bootstrap."""
    terms = 2 if trend else 1
    null = fitted_segments(y, (), trend)
    drawn = null + sieve_of(y - null, 1, terms).draws(y.size, draws, rng)
    stat = _sup_f(y[None, :], trend, least)[0]
    beyond = _sup_f(drawn, trend, least) >= stat
    return float(stat), float((beyond.sum() + 1) / (draws + 1))


@dataclass(frozen=True)
class Design:
    """How the tests do on simulated series.

    Attributes
    ----------
    periods, correlation, trend
        The design: a first-order autoregression around a level (or a level and a trend).
    size, asymptotic
        Share of rejections at 5 % without a break, by the bootstrap and by the asymptotic critical value.
    power
        Share of rejections where the level rises by two standard deviations of the series halfway.
    repetitions
        Simulated series.
    """

    periods: int
    correlation: float
    trend: bool
    size: float
    asymptotic: float
    power: float
    repetitions: int


ASYMPTOTIC = {False: 8.58, True: 11.47}
"""Critical values at 5 % of one break, trimming 15 %, one and two coefficients that break (Bai and Perron
2003, critical values of sup-F); with a trend they are those of regressors without one, as often used."""


def design(
    periods: int, correlation: float, trend: bool, repetitions: int, draws: int, rng: np.random.Generator
) -> Design:
    """Simulate series and count rejections."""
    least = max(int(0.15 * periods), 5)
    e = rng.standard_normal((2, repetitions, periods + 100))
    u = np.empty_like(e)
    u[..., 0] = e[..., 0]
    for t in range(1, e.shape[-1]):
        u[..., t] = correlation * u[..., t - 1] + e[..., t]
    u = u[..., 100:] * np.sqrt(1 - correlation**2)
    u[1, :, periods // 2 :] += 2.0
    tests = np.array([[sup_f_test(y, trend, least, draws, rng) for y in part] for part in u])
    return Design(
        periods,
        correlation,
        trend,
        float((tests[0, :, 1] <= 0.05).mean()),
        float((tests[0, :, 0] > ASYMPTOTIC[trend]).mean()),
        float((tests[1, :, 1] <= 0.05).mean()),
        repetitions,
    )


@njit(cache=True)
def _sup_f(many, trend, least):
    n, q = many.shape[1], 2 if trend else 1
    out = np.empty(many.shape[0])
    for i in range(many.shape[0]):
        none, one, _ = one_break(many[i].copy(), trend, least)
        out[i] = (none - one) / (one / (n - 2 * q))
    return out
