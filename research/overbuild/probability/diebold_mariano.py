"""Is one forecaster better than another: Diebold and Mariano in small samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overbuild.errors import InputError

Array = NDArray[np.float64]
Estimator = Literal["rectangular", "bartlett"]


@dataclass(frozen=True, slots=True)
class DieboldMariano:
    """The test of equal accuracy; a negative difference favours the first forecaster.

    Attributes
    ----------
    difference
        Mean loss of the first less that of the second.
    statistic
        Corrected for the small sample; nan if the losses never differ.
    p_value
        Two-sided, from Student's t with ``n - 1`` degrees of freedom.
    n, horizon
        Cases, and steps ahead.
    variance
        ``rectangular`` (the test's own), or ``bartlett`` where that one is not positive.
    """

    difference: float
    statistic: float
    p_value: float
    n: int
    horizon: int
    variance: Estimator


def diebold_mariano(first: ArrayLike, second: ArrayLike, horizon: int = 1) -> DieboldMariano:
    r"""Return the test of equal mean loss of two forecasters of the same cases, ``horizon`` steps ahead.

    With :math:`d_t` the difference of losses and :math:`\hat\gamma_k` its autocovariances (divisor n),

    .. math:: S = \sqrt{\frac{n + 1 - 2h + h(h-1)/n}{n}} \,
        \bar d \Big/ \sqrt{\frac1n \Big( \hat\gamma_0 + 2 \sum_{k=1}^{h-1} \hat\gamma_k \Big)}

    against Student's t with :math:`n - 1` degrees of freedom. Where the sum is not positive (possible if
    h > 1), Bartlett weights :math:`1 - k/h` replace the equal ones and the result says so.

    Parameters
    ----------
    first, second
        Losses of the two, shape (case,), in the order of time.
    horizon
        Steps ahead; errors of optimal forecasts are dependent over ``horizon - 1`` lags.

    Raises
    ------
    InputError
        Losses of different or too small a number, or infinite ones.

    References
    ----------
    Diebold, F. X. and Mariano, R. S. (1995). Comparing predictive accuracy. Journal of Business & Economic
    Statistics 13, 253-263. Harvey, D., Leybourne, S. and Newbold, P. (1997). Testing the equality of
    prediction mean squared errors. International Journal of Forecasting 13, 281-291.
    """
    from scipy.stats import t as student

    d = _differences(first, second)
    n = d.size
    if horizon < 1:
        raise InputError(f"A horizon is 1 step or more, not {horizon}.")
    if n < 2 * horizon + 1:
        raise InputError(f"A test of forecasts {horizon} ahead needs {2 * horizon + 1} cases, not {n}.")
    centred = d - d.mean()
    gamma = np.array([centred[k:] @ centred[: n - k] / n for k in range(horizon)])
    variance, kind = float(gamma[0] + 2.0 * gamma[1:].sum()), "rectangular"
    # Losses that never differ leave rounding of the mean, not a variance.
    if gamma[0] <= (1e-12 * np.abs(d).max()) ** 2:
        return DieboldMariano(float(d.mean()), float("nan"), float("nan"), n, horizon, kind)
    if variance <= 0:
        taper = 1.0 - np.arange(1, horizon) / horizon
        variance, kind = float(gamma[0] + 2.0 * taper @ gamma[1:]), "bartlett"
    correction = np.sqrt((n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n)
    statistic = float(correction * d.mean() / np.sqrt(variance / n))
    p_value = float(2.0 * student.sf(abs(statistic), n - 1))
    return DieboldMariano(float(d.mean()), statistic, p_value, n, horizon, kind)


def _differences(first: ArrayLike, second: ArrayLike) -> Array:
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if a.ndim != 1 or a.shape != b.shape or a.size < 2:
        raise InputError("Two forecasters are compared on the same cases, two at least.")
    if not np.all(np.isfinite(a) & np.isfinite(b)):
        raise InputError("A comparison needs finite losses; leave infinite ones out and say so.")
    return a - b
