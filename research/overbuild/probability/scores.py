"""Proper scores of forecasts: Brier, logarithmic, continuous ranked probability; by case, never clipped.

Orientation: Brier and CRPS are losses (small is good); logarithmic scores are log
probabilities or log densities (large is good). What dissects and tests scores is `murphy`, `pit` and
`diebold_mariano`; their public functions can be imported from here too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overbuild.errors import InputError
from overbuild.probability.diebold_mariano import DieboldMariano, diebold_mariano
from overbuild.probability.murphy import Murphy, murphy
from overbuild.probability.pit import Uniformity, pit_ensemble, uniformity

__all__ = [
    "DieboldMariano",
    "LogScore",
    "Murphy",
    "Uniformity",
    "brier",
    "crps_ensemble",
    "crps_normal",
    "diebold_mariano",
    "log_score",
    "mean_log_score",
    "murphy",
    "pit_ensemble",
    "skill",
    "uniformity",
]

Array = NDArray[np.float64]


def brier(probability: ArrayLike, happened: ArrayLike) -> Array:
    r"""Return :math:`(p - y)^2` of each case.

    Parameters
    ----------
    probability
        Probabilities of the event, any shape.
    happened
        Whether it happened (0, 1), same shape.

    Raises
    ------
    InputError
        A probability outside 0 to 1, or an outcome other than 0 and 1.

    References
    ----------
    Brier, G. W. (1950). Verification of forecasts expressed in terms of probability. Monthly Weather Review
    78, 1-3.
    """
    p, y = _binary(probability, happened)
    return (p - y) ** 2


def log_score(probability: ArrayLike, happened: ArrayLike) -> Array:
    r"""Return :math:`\ln p` of what came about, each case; minus infinity where that had probability 0.

    Parameters and errors as in `brier`.

    References
    ----------
    Good, I. J. (1952). Rational decisions. Journal of the Royal Statistical Society B 14, 107-114.
    """
    p, y = _binary(probability, happened)
    given = np.where(y == 1.0, p, 1.0 - p)
    return np.log(given, out=np.full_like(given, -np.inf), where=given > 0)


@dataclass(frozen=True, slots=True)
class LogScore:
    """The mean logarithmic score, and the same with probabilities kept off 0 and 1 by a stated floor.

    Attributes
    ----------
    mean
        Of `log_score`; minus infinity if a single case was called impossible and came about.
    floored
        The mean with probabilities moved to ``floor`` and ``1 - floor`` where they lie beyond.
    floor
        The floor.
    infinite
        Cases that score minus infinity.
    moved
        Cases whose probability the floor moves.
    """

    mean: float
    floored: float
    floor: float
    infinite: int
    moved: int


def mean_log_score(probability: ArrayLike, happened: ArrayLike, *, floor: float = 0.001) -> LogScore:
    """Return the mean of `log_score` beside the mean under a floor, with how many cases either touches."""
    p, y = _binary(probability, happened)
    if not 0.0 < floor < 0.5:
        raise InputError(f"The floor of a logarithmic score lies between 0 and 0.5, not at {floor:g}.")
    kept = np.clip(p, floor, 1.0 - floor)
    exact = log_score(p, y)
    return LogScore(
        mean=float(exact.mean()),
        floored=float(log_score(kept, y).mean()),
        floor=floor,
        infinite=int(np.isneginf(exact).sum()),
        moved=int((kept != p).sum()),
    )


def crps_ensemble(draws: ArrayLike, value: ArrayLike, *, fair: bool = True) -> Array:
    r"""Return the continuous ranked probability score of an ensemble.

    .. math:: \frac1m \sum_i |x_i - y| - \frac{1}{2 m (m - 1)} \sum_{i, j} |x_i - x_j|

    is the fair estimator, unbiased for the score of the distribution that the draws come from;
    with :math:`m^2` for :math:`m (m - 1)` it is the exact score of the empirical distribution (unfair: it
    exceeds the other by half the mean absolute difference over :math:`m`).

    Parameters
    ----------
    draws
        Shape (..., draw).
    value
        What came, shape (...).
    fair
        Which estimator.

    Returns
    -------
    numpy.ndarray
        Shape (...).

    Raises
    ------
    InputError
        Fewer than two draws.

    References
    ----------
    Ferro, C. A. T. (2014). Fair scores for ensemble forecasts. Quarterly Journal of the Royal
    Meteorological Society 140, 1917-1923.
    """
    x = np.sort(np.asarray(draws, dtype=float), axis=-1)
    y = np.asarray(value, dtype=float)
    m = x.shape[-1]
    if m < 2:
        raise InputError("The score of an ensemble needs two draws or more.")
    # In sorted order x_(k) enters the double sum with 2 (2k - m - 1), k = 1..m.
    pairs = 2.0 * ((2.0 * np.arange(1, m + 1) - m - 1.0) * x).sum(axis=-1)
    return np.abs(x - y[..., None]).mean(axis=-1) - pairs / (2.0 * m * (m - 1 if fair else m))


def crps_normal(mean: ArrayLike, sd: ArrayLike, value: ArrayLike) -> Array:
    r"""Return the CRPS of a normal distribution.

    .. math:: \sigma \{ z [2 \Phi(z) - 1] + 2 \phi(z) - 1/\sqrt{\pi} \}, \quad z = (y - \mu) / \sigma

    References
    ----------
    Gneiting, T. and Raftery, A. E. (2007). Strictly proper scoring rules, prediction, and estimation.
    Journal of the American Statistical Association 102, 359-378, equation 21 and the example below it.
    """
    from scipy.special import ndtr

    s = np.asarray(sd, dtype=float)
    if np.any(~(s > 0)):
        raise InputError("The standard deviation of a normal forecast is positive.")
    z = (np.asarray(value, dtype=float) - np.asarray(mean, dtype=float)) / s
    density = np.exp(-0.5 * z**2) / np.sqrt(2.0 * np.pi)
    return s * (z * (2.0 * ndtr(z) - 1.0) + 2.0 * density - 1.0 / np.sqrt(np.pi))


def skill(loss: ArrayLike, reference: ArrayLike) -> float:
    """Return ``1 - mean loss / mean loss of the reference``: above 0 is better than the reference."""
    against = float(np.mean(np.asarray(reference, dtype=float)))
    return 1.0 - float(np.mean(np.asarray(loss, dtype=float))) / against if against > 0 else float("nan")


def _binary(probability: ArrayLike, happened: ArrayLike) -> tuple[Array, Array]:
    p, y = np.asarray(probability, dtype=float), np.asarray(happened, dtype=float)
    if p.size == 0 or p.shape != y.shape:
        raise InputError("A score needs as many outcomes as probabilities, and one at least.")
    if not np.all((p >= 0) & (p <= 1)):
        raise InputError(
            "A probability lies between 0 and 1; " + f"{p[~((p >= 0) & (p <= 1))][0]:g} does not."
        )
    if not np.all((y == 0) | (y == 1)):
        raise InputError("An outcome is 0 or 1 (did not happen, happened).")
    return p, y
