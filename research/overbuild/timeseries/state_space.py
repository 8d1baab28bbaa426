"""Draws ahead from a fitted Gaussian state space, its scale drawn with it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def simulate_ahead(
    fitted: Any, steps: int, draws: int, scale: tuple[int, int], rng: np.random.Generator
) -> Array:
    r"""Return draws of the observations after the last, shape (draw, step).

    .. math:: y_t = d + Z a_t + \varepsilon_t, \quad a_{t+1} = T a_t + c + R \eta_t,
        \quad a_{n+1} \sim N(\hat a_{n+1 | n}, P_{n+1 | n})

    Coefficients and ratios of variances are those estimated. The common scale of all variances is not taken
    as known: if it was estimated as a sum of squares over m and leaves :math:`\nu` degrees of freedom,
    deviations from the mean path are multiplied by :math:`\sqrt{m / \chi^2_\nu}`, so that a step ahead is
    Student's t.

    Parameters
    ----------
    fitted
        Results of a time-invariant state space model of `statsmodels`.
    steps, draws
        Periods ahead, and draws.
    scale
        m and the degrees of freedom.
    rng
        Generator.

    References
    ----------
    Durbin, J. and Koopman, S. J. (2012). Time Series Analysis by State Space Methods, 2nd edition, chapter 4.
    """
    ssm = fitted.model.ssm
    z, t, r = ssm.design[:, :, -1], ssm.transition[:, :, -1], ssm.selection[:, :, -1]
    into, out = ssm.state_intercept[:, -1], float(ssm.obs_intercept[0, -1])
    mean = fitted.predicted_state[:, -1]
    state = rng.standard_normal((draws, mean.size)) @ _root(fitted.predicted_state_cov[:, :, -1]).T
    shock = r @ _root(ssm.state_cov[:, :, -1])
    noise = float(np.sqrt(max(ssm.obs_cov[0, 0, -1], 0.0)))
    wider = np.sqrt(scale[0] / rng.chisquare(scale[1], draws))
    made = np.empty((draws, steps))
    for step in range(steps):
        deviation = state @ z[0] + noise * rng.standard_normal(draws)
        made[:, step] = out + float(z[0] @ mean) + wider * deviation
        mean = t @ mean + into
        state = state @ t.T + rng.standard_normal((draws, shock.shape[1])) @ shock.T
    return made


def _root(covariance: Array) -> Array:
    """Return a square root of a covariance that may be singular."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    return vectors * np.sqrt(np.maximum(values, 0.0))
