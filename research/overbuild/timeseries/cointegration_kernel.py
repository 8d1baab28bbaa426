"""The statistics of the cointegration tests on one system, and on many resampled ones, compiled."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]
STATISTICS = ("bounds_f", "bounds_t", "bounds_f_x", "engle_granger", "trace", "maximum_eigenvalue")


@njit(cache=True)
def _residual_sum(y: Array, x: Array) -> tuple[Array, Array, float]:
    """Return coefficients, inverse of X'X and the sum of squares of residuals."""
    inverse = np.linalg.inv(x.T @ x)
    b = inverse @ (x.T @ y)
    e = y - x @ b
    return b, inverse, (e * e).sum()


@njit(cache=True)
def _lagged(d: Array, dz: Array, lags: int) -> Array:
    """Return deterministic terms and lagged differences from row ``lags`` of the differences on."""
    n, k = dz.shape
    rows = n - lags
    w = np.empty((rows, d.shape[1] + lags * k))
    w[:, : d.shape[1]] = d[lags + 1 : n + 1]
    for i in range(1, lags + 1):
        left = d.shape[1] + (i - 1) * k
        w[:, left : left + k] = dz[lags - i : n - i]
    return w


@njit(cache=True)
def statistics(z: Array, d: Array, lags: int) -> Array:
    """Return the statistics named in `STATISTICS`.

    Parameters
    ----------
    z
        Levels, shape (period, 1 + k); the first column is the dependent variable.
    d
        Deterministic terms, a constant among them, shape (period, d).
    lags
        Lagged differences.
    """
    n, k = z.shape
    dz = z[1:] - z[:-1]
    w = _lagged(d, dz, lags)
    rows = w.shape[0]
    change, level = dz[lags:].copy(), z[lags : n - 1].copy()
    out = np.empty(6)

    # Bounds: the conditional equation of the first column.
    short = np.hstack((w, change[:, 1:]))
    whole = np.hstack((level, short))
    b, inverse, ssr = _residual_sum(change[:, 0].copy(), whole)
    freedom = rows - whole.shape[1]
    s2 = ssr / freedom
    _, _, none = _residual_sum(change[:, 0].copy(), short)
    out[0] = (none - ssr) / k / s2
    out[1] = b[0] / np.sqrt(s2 * inverse[0, 0])
    _, _, without_x = _residual_sum(change[:, 0].copy(), np.hstack((level[:, :1], short)))
    out[2] = (without_x - ssr) / (k - 1) / s2

    # Engle-Granger: lagged level of the static residual, no constant.
    static = np.hstack((d, z[:, 1:]))
    theta = np.linalg.inv(static.T @ static) @ (static.T @ z[:, 0].copy())
    u = z[:, 0] - static @ theta
    du = u[1:] - u[:-1]
    g = np.empty((rows, 1 + lags))
    g[:, 0] = u[lags : n - 1]
    for i in range(1, lags + 1):
        g[:, i] = du[lags - i : n - 1 - i]
    b, inverse, ssr = _residual_sum(du[lags:].copy(), g)
    out[3] = b[0] / np.sqrt(ssr / (rows - 1 - lags) * inverse[0, 0])

    # Johansen: canonical correlations of differences and levels given the rest, no cointegration.
    projection = np.linalg.inv(w.T @ w) @ w.T
    r0 = change - w @ (projection @ change)
    r1 = level - w @ (projection @ level)
    s00, s11, s01 = r0.T @ r0 / rows, r1.T @ r1 / rows, r0.T @ r1 / rows
    root = np.linalg.inv(np.linalg.cholesky(s11))
    inner = root @ s01.T @ np.linalg.inv(s00) @ s01 @ root.T
    roots = np.linalg.eigvalsh((inner + inner.T) / 2)
    roots = np.minimum(np.maximum(roots, 0.0), 1 - 1e-12)
    out[4] = -rows * np.log(1 - roots).sum()
    out[5] = -rows * np.log(1 - roots.max())
    return out


@njit(cache=True)
def null_system(z: Array, d: Array, lags: int) -> tuple[Array, Array]:
    """Return coefficients and centred residuals of a vector autoregression of the differences alone."""
    dz = z[1:] - z[:-1]
    w = _lagged(d, dz, lags)
    change = dz[lags:].copy()
    b = np.linalg.inv(w.T @ w) @ (w.T @ change)
    e = change - w @ b
    for j in range(e.shape[1]):
        e[:, j] -= e[:, j].mean()
    return b, e


@njit(cache=True)
def resampled(z: Array, d: Array, lags: int, picks: NDArray[np.int64]) -> Array:
    """Return the statistics of systems that are drawn without a relation in levels, shape (draw, 6).

    Parameters
    ----------
    z, d, lags
        As in `statistics`.
    picks
        Which residual each period of each draw takes, shape (draw, period - 1 - lags).
    """
    b, e = null_system(z, d, lags)
    n, k = z.shape
    nd = d.shape[1]
    e = e * np.sqrt(e.shape[0] / (e.shape[0] - b.shape[0]))
    out = np.empty((picks.shape[0], 6))
    for draw in range(picks.shape[0]):
        made = z.copy()
        for t in range(lags + 1, n):
            for j in range(k):
                step = e[picks[draw, t - lags - 1], j]
                for c in range(nd):
                    step += d[t, c] * b[c, j]
                for i in range(1, lags + 1):
                    for c in range(k):
                        step += (made[t - i, c] - made[t - i - 1, c]) * b[nd + (i - 1) * k + c, j]
                made[t, j] = made[t - 1, j] + step
        out[draw] = statistics(made, d, lags)
    return out
