"""Bootstrap of a series with serially correlated residuals: a first-order sieve with bias corrected."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]
HIGHEST = 0.99
"""Largest autocorrelation used: under the null of no further break the residuals are stationary."""
BURN = 100


@dataclass(frozen=True, eq=False)
class Sieve:
    """A first-order autoregression of residuals.

    Attributes
    ----------
    correlation
        First autocorrelation, bias corrected.
    innovations
        Centred and scaled to the degrees of freedom, shape (period - 1,).
    """

    correlation: float
    innovations: Array

    @property
    def long_run(self) -> float:
        """Ratio of the long-run to the instantaneous variance, (1 + r) / (1 - r)."""
        return (1 + self.correlation) / (1 - self.correlation)

    def draws(self, periods: int, count: int, rng: np.random.Generator) -> Array:
        """Return series of residuals, shape (count, period), begun long before."""
        picked = rng.choice(self.innovations, (count, periods + BURN))
        return _accumulate(picked, self.correlation)[:, BURN:]


def sieve_of(residuals: Array, segments: int, terms: int) -> Sieve:
    r"""Fit a sieve to the residuals of a partition.

    .. math:: u_t = r u_{t-1} + e_t, \qquad \hat r \text{ raised by } \frac{k (q + (q + 2) \hat r)}{T}

    the first-order bias of least squares with ``k`` segments of ``q`` deterministic terms (Kendall for a
    level, Andrews and Chen for a trend), cut at `HIGHEST`.

    Parameters
    ----------
    residuals
        Shape (period,).
    segments, terms
        Segments of the partition, and terms in each: 1 a level, 2 a level and a trend.

    References
    ----------
    Kendall, M. G. (1954). Note on bias in the estimation of autocorrelation. Biometrika 41.
    Bühlmann, P. (1997). Sieve bootstrap for time series. Bernoulli 3(2).
    """
    u, n = residuals, residuals.size
    raw = float(u[1:] @ u[:-1] / max(float(u[:-1] @ u[:-1]), 1e-300))
    corrected = raw + segments * (terms + (terms + 2) * raw) / n
    r = float(np.clip(corrected, -HIGHEST, HIGHEST))
    e = u[1:] - r * u[:-1]
    e = (e - e.mean()) * np.sqrt(n / max(n - segments * terms - 1, 1))
    return Sieve(r, e)


@njit(cache=True)
def _accumulate(e, r):
    out = np.empty_like(e)
    for d in range(e.shape[0]):
        before = 0.0
        for t in range(e.shape[1]):
            before = r * before + e[d, t]
            out[d, t] = before
    return out
