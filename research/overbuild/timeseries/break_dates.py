"""Confidence intervals of break dates: Bai's distribution in closed form, and the bootstrap.

For shrinking breaks the estimated date, scaled, goes to the place of the maximum of a Brownian motion with
drift on both sides of 0. Its density follows from two facts about a Brownian motion with drift -mu and
variance s^2: it ever reaches m with probability exp(-2 mu m / s^2), and the density of the day on which it
first does is m / (s sqrt(2 pi t^3)) exp(-(m + mu t)^2 / (2 s^2 t)).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from overbuild.timeseries.partition import fitted_segments, partitions
from overbuild.timeseries.sieve import sieve_of

Array = NDArray[np.float64]
POINTS = 4001


def density_after(t: Array, ratio: float) -> Array:
    r"""Return the density of a date after the true one, t > 0.

    Left of 0 the process is :math:`W_1(s) - s / 2`, right of it :math:`\phi W_2(s) - s / 2`, :math:`\phi` the
    ``ratio`` of the standard deviations after and before. With m the maximum on the right, reached at t and
    not exceeded on either side,

    .. math:: g(t) = \phi^{-2} [I(0) - I(1)], \quad
        I(c) = e^{(\nu^2 - 1/4) t / (2 \phi^2)}
        [\phi t^{-1/2} n(\nu \sqrt t / \phi) - \nu N(-\nu \sqrt t / \phi)], \quad \nu = 1/2 + c \phi^2

    References
    ----------
    Bai, J. (1997). Estimation of a change point in multiple regression models. Review of Economics and
    Statistics 79(4).
    """
    return (_integral(t, 0.0, ratio) - _integral(t, 1.0, ratio)) / ratio**2


def _integral(t: Array, c: float, ratio: float) -> Array:
    from scipy.special import log_ndtr

    nu = 0.5 + c * ratio**2
    z = nu * np.sqrt(t) / ratio
    power = (nu**2 - 0.25) * t / (2 * ratio**2)
    density = np.exp(power - z**2 / 2) / np.sqrt(2 * np.pi)
    return ratio / np.sqrt(t) * density - nu * np.exp(power + log_ndtr(-z))


@lru_cache(maxsize=256)
def date_quantiles(ratio: float, level: float = 0.95) -> tuple[float, float]:
    """Return the quantiles (1 - level) / 2 and (1 + level) / 2 of the scaled date.

    Parameters
    ----------
    ratio
        Standard deviation of the disturbances after the break over that before.
    level
        Level of the interval.
    """
    after = _tail(ratio)
    # Read backwards the process is one with the inverse ratio, on a scale stretched by ratio squared.
    before = _tail(1 / ratio)
    tail = (1 - level) / 2
    return -_beyond(before, tail) * ratio**2, _beyond(after, tail)


def _tail(ratio: float) -> tuple[Array, Array]:
    """Return times and the probability of a later date than each."""
    furthest = 400.0 * max(ratio**2, 1.0)
    u = np.linspace(0.0, np.sqrt(furthest), POINTS)[1:]
    t = u**2
    weight = density_after(t, ratio) * 2 * u
    steps = np.diff(u, prepend=0.0)
    mass = np.concatenate([[weight[0] * steps[0]], (weight[1:] + weight[:-1]) / 2 * steps[1:]])
    return t, np.cumsum(mass[::-1])[::-1] - mass


def _beyond(tail: tuple[Array, Array], probability: float) -> float:
    t, above = tail
    if above[0] < probability:
        return 0.0
    return float(np.interp(-probability, -above, t))


def bai_interval(y: Array, ends: tuple[int, ...], which: int, long_run: float = 1.0) -> tuple[int, int]:
    """Return the interval of one break of the level, as observations that precede it, at 95 %.

    Parameters
    ----------
    y
        Shape (period,).
    ends
        Observations that precede each break.
    which
        Which of them.
    long_run
        Ratio of the long-run to the instantaneous variance of the disturbances; 1: no serial correlation.

    Notes
    -----
    The variance may differ between the two segments. Ends are rounded outwards.
    """
    bounds = (0, *ends, y.size)
    a, b, c = bounds[which], bounds[which + 1], bounds[which + 2]
    before, after = y[a:b], y[b:c]
    jump = float(after.mean() - before.mean())
    sd = float(before.std()), float(after.std())
    low, high = date_quantiles(round(sd[1] / sd[0], 6))
    scale = sd[0] ** 2 * long_run / jump**2
    first, last = int(np.floor(b - high * scale)), int(np.ceil(b - low * scale))
    return max(first, a), min(last, c)


def bootstrap_intervals(
    y: Array, ends: tuple[int, ...], trend: bool, least: int, count: int, rng: np.random.Generator
) -> tuple[tuple[int, int], ...]:
    """Return intervals of all breaks at 95 % by a sieve bootstrap around the estimated partition.

    The partition with as many breaks is found again in each of ``count`` series drawn around the fit; the
    errors of its dates are turned round (basic bootstrap), and the interval is kept within what the segments'
    length allows and made to hold the estimate.

    Parameters
    ----------
    y
        Shape (period,).
    ends
        Observations that precede each break.
    trend, least
        As in `partitions`.
    count
        Draws.
    rng
        Generator.
    """
    m, n = len(ends), y.size
    fit = fitted_segments(y, ends, trend)
    sieve = sieve_of(y - fit, m + 1, 2 if trend else 1)
    drawn = fit + sieve.draws(n, count, rng)
    found = np.array([partitions(one, trend, m, least)[1][m] for one in drawn])
    low, high = np.quantile(found - np.array(ends), [0.025, 0.975], axis=0)
    return tuple(
        (max(min(int(np.floor(e - h)), e), least), min(max(int(np.ceil(e - b)), e), n - least))
        for e, b, h in zip(ends, low, high, strict=True)
    )
