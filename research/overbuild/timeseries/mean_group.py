"""Panels of few firms and many periods: a long run of each firm, their mean, and one long run for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overbuild.errors import InputError
from overbuild.timeseries.error_correction import Fit, least_squares, long_run

Array = NDArray[np.float64]
ROUNDS = 500
CLOSE = 1e-10


@dataclass(frozen=True, eq=False)
class Parts:
    """One firm's equation, taken apart as `overbuild.timeseries.error_correction.design` does.

    Attributes
    ----------
    change, y, x, other
        Change of log spending (n,), its lagged level (n,), lagged fundamentals (n, k), the rest (n, m).
    """

    change: Array
    y: Array
    x: Array
    other: Array

    def without_rest(self) -> tuple[Array, Array, Array]:
        """Return change, lagged level and lagged fundamentals with the rest partialled out."""
        q, _ = np.linalg.qr(self.other)
        return tuple(v - q @ (q.T @ v) for v in (self.change, self.y, self.x))  # type: ignore[return-value]


@dataclass(frozen=True, eq=False)
class Panel:
    r"""What a panel says of the long run.

    Attributes
    ----------
    mean_group, mean_group_covariance
        Mean of the firms' :math:`\theta_i`, and its covariance from their spread (Pesaran and Smith 1995).
    pooled, pooled_covariance
        The common :math:`\theta` of the pooled mean group (Pesaran, Shin and Smith 1999), by maximum
        likelihood.
    speeds
        Each firm's speed of adjustment :math:`\phi_i` at the common long run.
    log_likelihood
        At the maximum, up to a constant.
    hausman, hausman_p
        Hausman's statistic of a common long run and its p-value by the chi-squared distribution; None where
        the difference of the two covariances is not positive definite, which happens with few firms.
    by_firm, by_firm_covariance
        Each firm's own :math:`\theta_i`.
    """

    mean_group: Array
    mean_group_covariance: Array
    pooled: Array
    pooled_covariance: Array
    speeds: Array
    log_likelihood: float
    hausman: float | None
    hausman_p: float | None
    by_firm: tuple[Array, ...]
    by_firm_covariance: tuple[Array, ...]


def panel(firms: Sequence[Parts], fits: Sequence[Fit]) -> Panel:
    """Return mean group, pooled mean group and Hausman's comparison of the two.

    Parameters
    ----------
    firms
        The equations, two or more.
    fits
        Least squares of each with levels first.

    Raises
    ------
    InputError
        If there are fewer than two firms.
    """
    if len(firms) < 2:
        raise InputError(f"A panel needs two firms or more; there is {len(firms)}.")
    count = firms[0].x.shape[1]
    own = [long_run(f, count) for f in fits]
    thetas = np.array([theta for theta, _ in own])
    mean = thetas.mean(0)
    spread = np.cov(thetas, rowvar=False, ddof=1).reshape(count, count) / len(firms)
    theta, covariance, speeds, likelihood = pooled_long_run(firms, starts=thetas)
    statistic, p = hausman(mean - theta, spread - covariance)
    return Panel(
        mean,
        spread,
        theta,
        covariance,
        speeds,
        likelihood,
        statistic,
        p,
        tuple(t for t, _ in own),
        tuple(v for _, v in own),
    )


def pooled_long_run(firms: Sequence[Parts], starts: Array) -> tuple[Array, Array, Array, float]:
    r"""Return the common long run, its covariance, the firms' speeds and the log-likelihood.

    The likelihood of independent normal errors is maximised by back-substitution: given speeds and scales,
    :math:`\theta` is a weighted least squares; given :math:`\theta`, each firm is a least squares of its own.

    Parameters
    ----------
    firms
        The equations.
    starts
        Guesses of :math:`\theta`, shape (guess, k): the likelihood can have several peaks, so it is climbed
        from each, from their median and from zero, and the highest is taken.
    """
    free = [f.without_rest() for f in firms]
    guesses = (*starts, np.median(starts, axis=0), np.zeros(starts.shape[1]))
    tried = [_climb(free, guess) for guess in guesses]
    theta = max(tried, key=lambda t: pooled_likelihood(firms, t))
    speeds, scales, errors = _given(free, theta)
    k = len(theta)
    information = np.zeros((k + len(free), k + len(free)))
    for i, (_, _, x) in enumerate(free):
        weight = speeds[i] ** 2 / scales[i] ** 2
        information[:k, :k] += weight * x.T @ x
        information[:k, k + i] = information[k + i, :k] = -speeds[i] / scales[i] ** 2 * x.T @ errors[i]
        information[k + i, k + i] = errors[i] @ errors[i] / scales[i] ** 2
    covariance = np.linalg.inv(information)[:k, :k]
    return theta, covariance, speeds, pooled_likelihood(firms, theta)


def pooled_likelihood(firms: Sequence[Parts], theta: Array) -> float:
    """Return the log-likelihood at a common long run, all else concentrated out, up to a constant."""
    free = [f.without_rest() for f in firms]
    _, scales, _ = _given(free, theta)
    return float(-sum(len(c) * np.log(s) for (c, _, _), s in zip(free, scales, strict=True)))


def given_long_run(firm: Parts, theta: Array, what: str) -> Fit:
    r"""Return least squares of a firm on its error :math:`y_{t-1} - \theta' x_{t-1}` and the rest."""
    error = firm.y - firm.x @ theta
    return least_squares(firm.change, np.column_stack([error, firm.other]), what)


def hausman(difference: Array, covariance: Array) -> tuple[float | None, float | None]:
    """Return Hausman's statistic and p-value; None where the covariance is not positive definite."""
    from scipy.stats import chi2

    if np.linalg.eigvalsh(covariance).min() <= 0:
        return None, None
    statistic = float(difference @ np.linalg.solve(covariance, difference))
    return statistic, float(chi2.sf(statistic, len(difference)))


def _climb(free: Sequence[tuple[Array, Array, Array]], theta: Array) -> Array:
    for _ in range(ROUNDS):
        speeds, scales, _ = _given(free, theta)
        left, right = np.zeros((len(theta), len(theta))), np.zeros(len(theta))
        for (change, y, x), phi, s in zip(free, speeds, scales, strict=True):
            left += phi**2 / s**2 * x.T @ x
            right += phi / s**2 * x.T @ (phi * y - change)
        new = np.linalg.solve(left, right)
        if np.abs(new - theta).max() < CLOSE * (1 + np.abs(new).max()):
            return new
        theta = new
    return theta


def _given(free: Sequence[tuple[Array, Array, Array]], theta: Array) -> tuple[Array, Array, list[Array]]:
    """Return speeds, maximum-likelihood scales and lagged errors at a common long run."""
    errors = [y - x @ theta for _, y, x in free]
    speeds = np.array([e @ c / (e @ e) for e, (c, _, _) in zip(errors, free, strict=True)])
    residuals = [c - phi * e for (c, _, _), phi, e in zip(free, speeds, errors, strict=True)]
    scales = np.array([np.sqrt(r @ r / len(r)) for r in residuals])
    return speeds, scales, errors
