"""The likelihood of demand series: a mixture of two normals with one covariance, and its exact gradient.

With y the logs of all figures, whatever their source s, and rho = phi^|t_i - t_j|,

    y_i = m_i + b_s + l_i z(t_i) + w_s(t_i) + e_i
    Cov(y_i, y_j) = l_i l_j S^2 rho + [s_i = s_j] (B_i B_j + W^2 rho) + [i = j] E_i^2,

z a deviation of demand that all sources see through their loadings l, w one of their own, both stationary
autoregressions of first order at the dates of the figures, b a bias of the source's level with standard
deviation B, e the error of the figure. All four are integrated out. The mean m has two readings, one for
each prior of growth, and the likelihood is their sum weighted by the readings' prior weights.
"""

from __future__ import annotations

from math import exp, log, pi, sqrt
from typing import Any

import numpy as np
from numba import njit


@njit(cache=True)
def fill_covariance(
    time: Any, source: Any, error: Any, bias: Any, loading: Any, common: float, own: float, memory: float
) -> Any:
    """Return the covariance of the figures, and the correlation over time."""
    n = time.size
    cov, rho = np.empty((n, n)), np.empty((n, n))
    rate = log(memory)
    for i in range(n):
        for j in range(i + 1):
            r = exp(rate * abs(time[i] - time[j]))
            c = loading[i] * loading[j] * common * common * r
            if source[i] == source[j]:
                c += bias[i] * bias[j] + own * own * r
            if i == j:
                c += error[i] * error[i]
            cov[i, j] = cov[j, i] = c
            rho[i, j] = rho[j, i] = r
    return cov, rho


@njit(cache=True)
def inverse_of(cov: Any) -> tuple[Any, float]:
    """Return the inverse and the log determinant of a covariance; minus infinity where it is none."""
    n = cov.shape[0]
    low = np.zeros((n, n))
    log_det = 0.0
    for i in range(n):
        for j in range(i + 1):
            left = cov[i, j] - np.dot(low[i, :j], low[j, :j])
            if i != j:
                low[i, j] = left / low[j, j]
            elif left > 0:
                low[i, i] = sqrt(left)
                log_det += log(left)
            else:
                return cov, -np.inf
    inv = np.zeros((n, n))
    for j in range(n):
        inv[j, j] = 1 / low[j, j]
        for i in range(j + 1, n):
            inv[j, i] = -np.dot(low[i, j:i], inv[j, j:i]) / low[i, i]
    return np.dot(inv, inv.T), log_det


@njit(cache=True)
def demand_gradient(
    value: Any,
    time: Any,
    source: Any,
    error: Any,
    bias: Any,
    log_weight: Any,
    mean: Any,
    other: Any,
    loading: Any,
    common: float,
    own: float,
    memory: float,
) -> tuple[float, float, Any, Any, Any, float, float, float]:
    """Return the log-likelihood, the weight of the other reading, and gradients of what is learnt.

    Parameters
    ----------
    value, time, source, error, bias
        Logs of the figures, years, number of the source, s.d. of the error and of the source's bias.
    log_weight
        Logs of the prior weights of the two readings.
    mean, other
        Means of the figures under the first and the other reading.
    loading
        l_i.
    common, own, memory
        S, W and phi.

    Returns
    -------
    tuple
        Value; weight of the other reading given the figures; derivatives by mean, other, loading, common,
        own and memory.
    """
    n = value.size
    cov, rho = fill_covariance(time, source, error, bias, loading, common, own, memory)
    inverse, log_det = inverse_of(cov)
    nothing = np.zeros(n)
    if log_det == -np.inf:
        return -np.inf, 0.0, nothing, nothing.copy(), nothing.copy(), 0.0, 0.0, 0.0
    first = np.dot(inverse, value - mean)
    second = np.dot(inverse, value - other)
    constant = -0.5 * (n * log(2 * pi) + log_det)
    one = log_weight[0] - 0.5 * np.dot(value - mean, first)
    two = log_weight[1] - 0.5 * np.dot(value - other, second)
    top = max(one, two)
    total = top + log(exp(one - top) + exp(two - top))
    chance = exp(two - total)
    d_loading = np.zeros(n)
    d_common, d_own, d_memory = 0.0, 0.0, 0.0
    for i in range(n):
        for j in range(n):
            g = 0.5 * ((1 - chance) * first[i] * first[j] + chance * second[i] * second[j] - inverse[i, j])
            shared = common * common * rho[i, j]
            d_loading[i] += 2 * g * loading[j] * shared
            d_common += 2 * g * loading[i] * loading[j] * common * rho[i, j]
            moving = loading[i] * loading[j] * shared
            if source[i] == source[j]:
                d_own += 2 * g * own * rho[i, j]
                moving += own * own * rho[i, j]
            d_memory += g * moving * abs(time[i] - time[j]) / memory
    return (
        constant + total,
        chance,
        (1 - chance) * first,
        chance * second,
        d_loading,
        d_common,
        d_own,
        d_memory,
    )
