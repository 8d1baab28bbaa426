"""Is spending tied in levels to what pays for it? Tests with critical values made for the sample."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.errors import InputError
from overbuild.timeseries.error_correction import SPARE

Array = NDArray[np.float64]
LEFT = ("bounds_t", "engle_granger")
"""Statistics that reject in the left tail; the others do in the right."""
TITLES = {
    "bounds_f": "Bounds F, all lagged levels",
    "bounds_t": "Bounds t, lagged spending",
    "bounds_f_x": "Bounds F, lagged fundamentals",
    "engle_granger": "Engle-Granger t",
    "trace": "Johansen trace, rank 0",
    "maximum_eigenvalue": "Johansen largest eigenvalue, rank 0",
}


@dataclass(frozen=True)
class Tested:
    """One test of no relation in levels.

    Attributes
    ----------
    test, title
        Name of the statistic.
    statistic
        Its value.
    critical
        The bootstrap critical value of the level asked for.
    asymptotic
        The published critical value (for the bounds tests that of I(1) regressors); None where there is none.
    p_value
        Bootstrap p-value, ``(1 + number as extreme) / (1 + draws)``.
    rejects, rejects_asymptotically
        Whether no relation is rejected, by either value.
    """

    test: str
    title: str
    statistic: float
    critical: float
    asymptotic: float | None
    p_value: float
    rejects: bool
    rejects_asymptotically: bool | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain types."""
        return asdict(self)


def levels_tests(
    levels: Array,
    deterministic: Array,
    lags: int,
    draws: int,
    rng: np.random.Generator,
    *,
    size: float = 0.05,
    what: str = "cointegration",
) -> tuple[Tested, ...]:
    r"""Test that there is no relation in levels, against resampled systems that have none.

    The bounds tests are those of Pesaran, Shin and Smith (2001) with an unrestricted constant, in the
    conditional
    equation of `overbuild.timeseries.error_correction.design`; all three are reported, since rejection of the
    overall F alone may be degenerate (McNown, Sam and Goh 2018). Engle and Granger (1987) test the static
    residual, Johansen (1991) the rank of the system. Under the null the system is a vector autoregression of
    :math:`\Delta z`, z = (y, x); it is estimated, its centred residuals (scaled for degrees of freedom) are
    drawn with replacement as whole rows, and every statistic is computed again on every draw.

    Parameters
    ----------
    levels
        z, spending first, shape (period, 1 + k).
    deterministic
        Constant and seasons, shape (period, d).
    lags
        Lagged differences.
    draws
        Systems to draw.
    rng
        Generator.
    size
        Level of the critical values: 0.1, 0.05 or 0.01 where published ones are to be shown.
    what
        Name of the sample in messages.

    Raises
    ------
    InputError
        If there are too few periods for the lags, or a series is constant.
    """
    from overbuild.timeseries.cointegration_kernel import STATISTICS, resampled, statistics

    z, d = np.ascontiguousarray(levels, float), np.ascontiguousarray(deterministic, float)
    _check(z, d, lags, what)
    z = z - z[0]
    rows = len(z) - 1 - lags
    picks = rng.integers(0, rows, (draws, rows))
    try:
        found, made = statistics(z, d, lags), resampled(z, d, lags, picks)
    except np.linalg.LinAlgError:
        raise InputError(
            f"{what}: one series is a sum of the others or a straight line; leave it out."
        ) from None
    published = critical_values(z.shape[1], rows, size)
    return tuple(
        _one(name, found[i], made[:, i], published.get(name), size) for i, name in enumerate(STATISTICS)
    )


def critical_values(columns: int, rows: int, size: float) -> dict[str, float]:
    """Return published critical values for a system: asymptotic, Engle-Granger's with MacKinnon's correction.

    Parameters
    ----------
    columns
        1 + k, spending and fundamentals.
    rows
        Periods.
    size
        0.1, 0.05 or 0.01; other levels have none.
    """
    from statsmodels.tsa.adfvalues import mackinnoncrit
    from statsmodels.tsa.ardl.pss_critical_values import crit_percentiles, crit_vals
    from statsmodels.tsa.coint_tables import c_sja, c_sjt

    place = {0.1: 0, 0.05: 1, 0.01: 2}.get(size)
    if place is None:
        return {}
    of_f = crit_vals[columns - 1, 3, True]
    bounds = {round(1 - p / 100, 6): v for p, v in zip(crit_percentiles, of_f, strict=True)}
    return {
        "bounds_f": float(bounds[size]),
        "engle_granger": float(mackinnoncrit(columns, "c", rows)[2 - place]),
        "trace": float(c_sjt(columns, 0)[place]),
        "maximum_eigenvalue": float(c_sja(columns, 0)[place]),
    }


def _one(name: str, value: float, made: Array, published: float | None, size: float) -> Tested:
    sign = -1.0 if name in LEFT else 1.0
    more = int((sign * made >= sign * value).sum())
    critical = float(sign * np.quantile(sign * made, 1 - size))
    p = (1 + more) / (1 + len(made))
    beyond = None if published is None else bool(sign * value > sign * published)
    return Tested(name, TITLES[name], float(value), critical, published, p, bool(p <= size), beyond)


def _check(z: Array, d: Array, lags: int, what: str) -> None:
    if not np.isfinite(z).all():
        raise InputError(f"{what}: a period is missing; ask for a window without gaps.")
    if (np.ptp(z, axis=0) == 0).any():
        raise InputError(f"{what}: a series is constant; a relation in levels needs series that move.")
    rows, k = len(z) - 1 - lags, z.shape[1]
    used = d.shape[1] + lags * k + k + k - 1
    if rows - used < SPARE:
        longest = max((len(z) - 1 - SPARE - d.shape[1] - 2 * k + 1) // (k + 1), -1)
        able = f"at most {longest} lags" if longest >= 0 else "more periods or fewer fundamentals"
        raise InputError(
            f"{what}: {len(z)} periods are too few for {lags} lags of {k} series "
            f"({rows - used} degrees of freedom, {SPARE} needed); {able} would work."
        )
