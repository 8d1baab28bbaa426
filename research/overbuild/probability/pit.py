"""Probability integral transforms of ensembles, and a test that they are uniform where horizons overlap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overbuild.errors import InputError

Array = NDArray[np.float64]


def pit_ensemble(draws: ArrayLike, value: ArrayLike, rng: np.random.Generator) -> Array:
    r"""Return the randomised rank of what came among the draws.

    .. math:: u = \frac{\#\{x_i < y\} + V (1 + \#\{x_i = y\})}{m + 1}, \quad V \sim U(0, 1)

    is exactly uniform if the value and the draws are exchangeable, for any number of draws and with ties.

    Parameters
    ----------
    draws
        Shape (..., draw).
    value
        Shape (...).
    rng
        For V.

    References
    ----------
    Czado, C., Gneiting, T. and Held, L. (2009). Predictive model assessment for count data.
    Biometrics 65, 1254-1261.
    """
    x, y = np.asarray(draws, dtype=float), np.asarray(value, dtype=float)
    below = (x < y[..., None]).sum(axis=-1)
    ties = (x == y[..., None]).sum(axis=-1)
    return (below + rng.uniform(size=y.shape) * (1 + ties)) / (x.shape[-1] + 1)


@dataclass(frozen=True, slots=True)
class Uniformity:
    """A test that PITs are uniform, by their first two moments.

    Attributes
    ----------
    n
        Transforms tested.
    statistic
        The sum of the two parts below.
    location, dispersion
        Squared t-like statistics of the mean and of the second moment of the standardised PITs.
    mean, second
        Those moments: 0 and 1 if uniform. A positive mean: what came lay above the forecast; a second moment
        above 1: forecasts too narrow.
    p_value
        From the simulated null with overlapping horizons.
    p_asymptotic
        From chi-squared with 2 degrees of freedom.
    """

    n: int
    statistic: float
    location: float
    dispersion: float
    mean: float
    second: float
    p_value: float
    p_asymptotic: float


def uniformity(
    pit: ArrayLike, horizon: int, rng: np.random.Generator, *, replications: int = 4000
) -> Uniformity:
    r"""Return a test of uniformity of the PITs of forecasts ``horizon`` steps ahead, consecutive origins.

    With :math:`s_t = \sqrt{12} (u_t - 1/2)`, :math:`d_1 = \bar s` and :math:`d_2 = \overline{s^2} - 1`,

    .. math:: \alpha = n \left( d_1^2 / \hat\omega_1 + d_2^2 / \hat\omega_2 \right)

    where :math:`\hat\omega` are long-run variances around the null moments with Bartlett weights over
    ``horizon - 1`` lags; odd and even moments do not covary under the null (Knüppel's
    :math:`\alpha^0_{12}`). In short samples chi-squared is a poor guide, so that the p-value comes from a
    simulated null: PITs of a normal h-step forecast of a random walk from consecutive origins, whose errors
    have autocorrelations ``1 - k / h``.

    Parameters
    ----------
    pit
        Shape (origin,), in the order of origins, between 0 and 1.
    horizon
        Steps ahead, 1 or more.
    rng
        For the null.
    replications
        Of the null.

    Raises
    ------
    InputError
        Fewer than ``horizon + 4`` transforms, or values outside 0 to 1.

    References
    ----------
    Knüppel, M. (2015). Evaluating the calibration of multi-step-ahead density forecasts using raw moments.
    Journal of Business & Economic Statistics 33, 270-281.
    """
    from scipy.stats import chi2

    u = np.asarray(pit, dtype=float)
    if horizon < 1:
        raise InputError(f"A horizon is 1 step or more, not {horizon}.")
    if u.ndim != 1 or u.size < horizon + 4:
        raise InputError(
            f"A test of uniformity {horizon} ahead needs {horizon + 4} transforms, not {u.size}."
        )
    if not np.all((u >= 0) & (u <= 1)):
        raise InputError("Probability integral transforms lie between 0 and 1.")
    location, dispersion = (part[0] for part in _parts(u[None, :], horizon))
    null = sum(_parts(_null(u.size, horizon, replications, rng), horizon))
    statistic = float(location + dispersion)
    s = np.sqrt(12.0) * (u - 0.5)
    return Uniformity(
        n=u.size,
        statistic=statistic,
        location=float(location),
        dispersion=float(dispersion),
        mean=float(s.mean()),
        second=float((s**2).mean()),
        p_value=float((1 + np.sum(null >= statistic)) / (1 + replications)),
        p_asymptotic=float(chi2.sf(statistic, 2)),
    )


def _parts(u: Array, horizon: int) -> tuple[Array, Array]:
    """Return the two squared statistics of PITs of shape (replication, origin)."""
    s = np.sqrt(12.0) * (u - 0.5)
    return _squared(s, horizon), _squared(s**2 - 1.0, horizon)


def _squared(x: Array, horizon: int) -> Array:
    n = x.shape[1]
    variance = (x**2).mean(axis=1)
    for k in range(1, horizon):
        variance = variance + 2.0 * (1.0 - k / horizon) * (x[:, k:] * x[:, :-k]).sum(axis=1) / n
    return n * x.mean(axis=1) ** 2 / variance


def _null(n: int, horizon: int, replications: int, rng: np.random.Generator) -> Array:
    from scipy.special import ndtr

    shocks = rng.standard_normal((replications, n + horizon - 1))
    sums = np.cumsum(np.pad(shocks, ((0, 0), (1, 0))), axis=1)
    return ndtr((sums[:, horizon:] - sums[:, :-horizon]) / np.sqrt(horizon))
