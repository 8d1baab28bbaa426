"""Are the tests and intervals of the gap what they say, at the lengths of our samples? Drawn systems tell.

Size and power: how often each test rejects at 5 %, by published and by bootstrap critical values. Coverage:
how often the implied path's 90 % interval holds what spending then was, where nothing but shocks moved it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from overbuild.errors import InputError
from overbuild.randomness import stream
from overbuild.timeseries.bias_correction import corrected_draws
from overbuild.timeseries.cointegration import levels_tests
from overbuild.timeseries.error_correction import Fit, Sample, fit
from overbuild.timeseries.extrapolation import Drawn, coefficient_draws, run_on, stable

Array = NDArray[np.float64]
BURN = 50
LAGS = 1
HORIZONS = (4, 8, 12)
SHOCK = 0.1


@dataclass(frozen=True)
class Cell:
    """One cell of the design.

    Attributes
    ----------
    kind
        ``size`` or ``coverage``.
    periods
        T, periods of estimation.
    speed
        Coefficient of the error in the system that is drawn; 0: no relation in levels.
    persistence
        Coefficient of the own lagged change of both series.
    equation
        What is fitted, for ``coverage``.
    replications, draws
        Systems, and draws within each.
    """

    kind: Literal["size", "coverage"]
    periods: int
    speed: float
    persistence: float
    equation: str = "error_correction"
    replications: int = 2000
    draws: int = 299


CELLS: tuple[Cell, ...] = (
    *(
        Cell("size", t, speed, persistence)
        for t in (40, 80)
        for speed, persistence in ((0.0, 0.0), (0.0, 0.5), (-0.3, 0.0))
    ),
    *(
        Cell("coverage", t, speed, 0.3, equation, draws=400)
        for t in (40, 80)
        for speed, equation in (
            (-0.3, "error_correction"),
            (-0.1, "error_correction"),
            (0.0, "error_correction"),
            (0.0, "accelerator"),
        )
    ),
)


def system(cell: Cell, extra: int, rng: np.random.Generator) -> Array:
    r"""Return log spending and its fundamental, shape (T + extra, 2).

    .. math:: \Delta x_t = 0.02 (1 - \rho) + \rho \Delta x_{t-1} + u_t, \quad
        \Delta y_t = c + \phi (y_{t-1} - x_{t-1}) + \rho \Delta y_{t-1} + 0.5 u_t + e_t

    with normal shocks of standard deviation 0.05 (u) and 0.1 (e).
    """
    n = cell.periods + extra + BURN
    u, e = 0.05 * rng.standard_normal(n), SHOCK * rng.standard_normal(n)
    z = np.zeros((n, 2))
    rho, phi = cell.persistence, cell.speed
    for t in range(2, n):
        before = z[t - 1] - z[t - 2]
        z[t, 1] = z[t - 1, 1] + 0.02 * (1 - rho) + rho * before[1] + u[t]
        error = z[t - 1, 0] - z[t - 1, 1]
        z[t, 0] = z[t - 1, 0] + 0.02 * (1 - rho) + phi * error + rho * before[0] + 0.5 * u[t] + e[t]
    return z[BURN:]


def replication(cell: Cell, number: int) -> dict[str, float]:
    """Return what one drawn system gives: rejections, or whether intervals held and how wide they were."""
    name = f"gap/experiment/{cell.kind}/{cell.periods}/{cell.speed}/{cell.persistence}/{cell.equation}"
    rng = stream(name, index=number)
    return _rejections(cell, rng) if cell.kind == "size" else _coverage(cell, rng)


def summary(cell: Cell, found: Sequence[dict[str, float]]) -> dict[str, Any]:
    """Return a cell with the mean of each number over its replications, and the standard error of a share.

    Where an interval could not be made (no stable draw), it counts as no interval: ``made`` is the share
    that was.
    """
    keys = sorted({k for f in found for k in f})
    means = {k: float(np.nanmean([f.get(k, np.nan) for f in found])) for k in keys}
    return {
        **asdict(cell),
        "count": len(found),
        "standard_error": float(np.sqrt(0.05 * 0.95 / len(found))),
        **means,
    }


def _rejections(cell: Cell, rng: np.random.Generator) -> dict[str, float]:
    z = system(cell, 0, rng)
    found = levels_tests(z, np.ones((len(z), 1)), LAGS, cell.draws, rng)
    made = {f"{t.test}_bootstrap": float(t.rejects) for t in found}
    made |= {
        f"{t.test}_published": float(t.rejects_asymptotically)
        for t in found
        if t.rejects_asymptotically is not None
    }
    made["bounds_all_bootstrap"] = float(all(t.rejects for t in found if t.test.startswith("bounds")))
    return made


def _coverage(cell: Cell, rng: np.random.Generator) -> dict[str, float]:
    z = system(cell, max(HORIZONS), rng)
    levels = cell.equation == "error_correction"
    sample = Sample(z[:, 0], z[:, 1:], np.ones((len(z), 1)), np.empty((len(z), 0)))
    fitted = fit(sample.head(cell.periods), LAGS, levels=levels, what="experiment")
    try:
        drawn = corrected_draws(
            sample.head(cell.periods), fitted, LAGS, cell.draws, rng, levels=levels, what="experiment"
        )
        plain = coefficient_draws(fitted, 1, LAGS, cell.draws, rng, levels=levels, what="experiment")
    except InputError:
        return {"made": 0.0}
    one = _plug_in(fitted, cell.draws, levels)
    shocks = rng.standard_normal((cell.draws, max(HORIZONS)))
    made = {"made": 1.0}
    for name, given in (("full", drawn), ("flat_prior", plain), ("plug_in", one)):
        if given is None:
            continue
        paths = run_on(sample, cell.periods, LAGS, given, shocks)
        low, high = np.quantile(paths, (0.05, 0.95), axis=0)
        for h in HORIZONS:
            truth = sample.y[cell.periods + h - 1]
            made[f"{name}_{h}"] = float(low[h - 1] <= truth <= high[h - 1])
            made[f"{name}_width_{h}"] = float(high[h - 1] - low[h - 1])
    return made


def _plug_in(fitted: Fit, draws: int, levels: bool) -> Drawn | None:
    """Return the estimate itself, as often as there are draws; None where it is not stable."""
    level, rest = (
        (fitted.coefficients[:1], fitted.coefficients[2:]) if levels else (np.zeros(1), fitted.coefficients)
    )
    if not stable(level, rest[None, len(rest) - LAGS :])[0]:
        return None
    x = fitted.coefficients[1:2] if levels else np.zeros(1)
    copies = np.ones((draws, 1))
    return Drawn(copies[:, 0] * level, copies * x, copies * rest, copies[:, 0] * fitted.scale, 1.0)
