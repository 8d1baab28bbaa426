"""How far a share of GDP stands above its trend: unobserved components, and trends that end before the boom.

Where a trend is estimated with the boom in the sample it bends towards the boom. Each gap therefore says on
which periods its trend rests, and gaps by several rules stand side by side: their spread is not sampling
error and no data at hand remove it.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from overbuild.errors import InputError

Array = NDArray[np.float64]
CYCLE_YEARS = (1.5, 15.0)
"""Shortest and longest cycle: investment in long-lived equipment swings more slowly than output."""
SHORTEST = {"components": 40, "trend": 16, "regression": 32}
"""Periods that each rule needs."""
FLAT = 1e-4
"""Curvature in some direction, relative to that along the axes, below which the likelihood counts as flat."""


@dataclass(frozen=True)
class Gap:
    """How far a series stands above its trend.

    Attributes
    ----------
    rule
        ``components``, ``trend before``, ``regression`` or ``hodrick-prescott``.
    gap, low, high
        In logs, with a 95 % interval; nan where the rule gives none.
    trend
        In logs.
    parameters
        Whether the interval holds the uncertainty of the estimated variances too.
    note
        What the rule is.
    """

    rule: str
    gap: float
    low: float
    high: float
    trend: float
    parameters: bool
    note: str


def components_gap(y: Array, per_year: int, draws: int, rng: np.random.Generator) -> tuple[Gap, Array]:
    r"""Return the gap at the end of a sample by unobserved components, and the smoothed trend.

    .. math:: y_t = \mu_t + c_t + \varepsilon_t, \quad \mu_{t+1} = \mu_t + \beta_t, \quad
        \beta_{t+1} = \beta_t + \zeta_t,

    with :math:`c_t` a damped stochastic cycle of 1.5 to 15 years; the gap is :math:`y_t - \mu_t`. Parameters
    are drawn from the normal approximation at the maximum, in square roots of the variances, where it holds
    at a variance of 0 too; at each draw the filter gives mean and variance of the trend.

    Parameters
    ----------
    y
        Logs, shape (period,).
    per_year
        Periods in a year.
    draws
        Draws of the parameters.
    rng
        Generator.

    Raises
    ------
    InputError
        If there are too few periods.

    References
    ----------
    Harvey, A. C. and Jaeger, A. (1993). Detrending, stylized facts and the business cycle. Journal of Applied
    Econometrics 8(3).
    """
    _require(y, "components")
    bounds = (max(CYCLE_YEARS[0] * per_year, 2.0), CYCLE_YEARS[1] * per_year)
    model, fitted = _fit(y, "smooth trend", cycle=True, bounds=bounds)
    means, sds, drawn = [], [], _drawn_parameters(model, fitted, draws, rng)
    for params in drawn:
        ended = model.filter(params)
        means.append(float(ended.filtered_state[0, -1]))
        sds.append(float(np.sqrt(max(ended.filtered_state_cov[0, 0, -1], 0.0))))
    trend = np.repeat(means, 20) + np.repeat(sds, 20) * rng.standard_normal(20 * len(means))
    at = float(fitted.filtered_state[0, -1])
    gap, (low, high) = float(y[-1] - at), y[-1] - np.quantile(trend, [0.975, 0.025])
    made = Gap(
        "components",
        gap,
        float(low),
        float(high),
        at,
        len(drawn) > 1,
        "smooth trend and damped cycle of 1.5 to 15 years, variances estimated, sample to the date",
    )
    return made, np.asarray(fitted.smoothed_state[0])


def trend_before_gap(y: Array, known: int, draws: int, rng: np.random.Generator) -> tuple[Gap, Array]:
    """Return the gap at the end of a sample over a trend that its first ``known`` periods give.

    A local linear trend is estimated on those and extrapolated; the interval is that of the prediction,
    parameters drawn. The trend's path is the second value returned, nan before it is a forecast.

    Raises
    ------
    InputError
        If there are too few periods before, or none after.
    """
    if known >= y.size:
        raise InputError(
            f"The trend would be estimated on {known} of {y.size} periods, which leaves none to compare: the "
            "estimation window overlaps the boom. End the trend before the boom begins."
        )
    _require(y[:known], "trend")
    steps = y.size - known
    model, fitted = _fit(y[:known], "local linear trend", cycle=False, bounds=None)
    drawn = _drawn_parameters(model, fitted, draws, rng)
    paths = []
    for params in drawn:
        ahead = model.filter(params).get_forecast(steps)
        mean, sd = float(ahead.predicted_mean[-1]), float(ahead.se_mean[-1])
        paths.append(mean + sd * rng.standard_normal(20))
    middle = np.asarray(fitted.get_forecast(steps).predicted_mean)
    low, high = y[-1] - np.quantile(np.concatenate(paths), [0.975, 0.025])
    made = Gap(
        "trend before",
        float(y[-1] - middle[-1]),
        float(low),
        float(high),
        float(middle[-1]),
        len(drawn) > 1,
        "local linear trend estimated before the boom and extrapolated; interval of the prediction",
    )
    return made, np.concatenate([np.full(known, np.nan), middle])


def regression_gap(y: Array, per_year: int) -> Gap:
    """Return the gap by Hamilton's regression on four lags two years before.

    References
    ----------
    Hamilton, J. D. (2018). Why you should never use the Hodrick-Prescott filter. Review of Economics and
    Statistics 100(5).
    """
    import statsmodels.api as sm
    from scipy.stats import t as students

    _require(y, "regression")
    h, lags = 2 * per_year, 4 if per_year > 1 else 1
    rows = np.arange(h + lags - 1, y.size)
    x = sm.add_constant(np.column_stack([y[rows - h - j] for j in range(lags)]))
    kept = rows.size - 1
    fitted = sm.OLS(y[rows[:kept]], x[:kept]).fit()
    trend = float(x[-1] @ fitted.params)
    spread = float(np.sqrt(fitted.scale * (1 + x[-1] @ np.linalg.solve(x[:kept].T @ x[:kept], x[-1]))))
    half = float(students.ppf(0.975, kept - lags - 1)) * spread
    gap = float(y[-1] - trend)
    note = "what values of two and more years before predict, estimated before the date; interval of that"
    return Gap("regression", gap, gap - half, gap + half, trend, True, note)


def hodrick_prescott_gap(y: Array, per_year: int) -> Gap:
    """Return the gap at the end of a sample by the Hodrick-Prescott filter, which has no interval."""
    from statsmodels.tsa.filters.hp_filter import hpfilter

    smoothing = 1600.0 if per_year == 4 else 6.25
    cycle, trend = hpfilter(y, cast(Any, smoothing))
    return Gap(
        "hodrick-prescott",
        float(np.asarray(cycle)[-1]),
        float("nan"),
        float("nan"),
        float(np.asarray(trend)[-1]),
        False,
        f"smoothing {smoothing:g}, sample to the date",
    )


def _require(y: Array, rule: str) -> None:
    if y.size < SHORTEST[rule]:
        raise InputError(
            f"{y.size} periods are known; the rule '{rule}' needs {SHORTEST[rule]}. Use a rule "
            "that needs fewer, "
            "or a longer series."
        )
    if np.ptp(y) <= 1e-12:
        raise InputError("The series is constant: it is its own trend.")


def _fit(y: Array, trend: str, *, cycle: bool, bounds: tuple[float, float] | None) -> tuple[Any, Any]:
    """Return model and fit of statsmodels, the better of two optimisers."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    options: dict[str, Any] = {"level": trend, "irregular": True, "use_exact_diffuse": True}
    if cycle:
        options |= {
            "cycle": True,
            "stochastic_cycle": True,
            "damped_cycle": True,
            "cycle_period_bounds": bounds,
        }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = UnobservedComponents(y, **options)
        first: Any = model.fit(disp=False, maxiter=500)
        again: Any = model.fit(start_params=first.params, method="nm", maxiter=2000, disp=False)
        return model, max((first, again), key=lambda r: r.llf)


def _drawn_parameters(model: Any, fitted: Any, draws: int, rng: np.random.Generator) -> list[Array]:
    """Return draws of the parameters; the estimates alone where the likelihood is flat."""
    from statsmodels.tools.numdiff import approx_hess3

    with np.errstate(divide="ignore"):
        u = np.asarray(model.untransform_params(fitted.params), float)
    inside = np.isfinite(u)  # a frequency or a damping at its bound is taken as given
    base = np.clip(u, -20.0, 20.0)

    def put(values: Array) -> Array:
        full = base.copy()
        full[inside] = values
        return full

    step = 1e-3 * np.maximum(np.abs(u[inside]), 1e-2 * float(np.std(model.endog)))
    information = -approx_hess3(
        u[inside], lambda v: float(model.loglike(put(v), transformed=False)), epsilon=step
    )
    if not np.isfinite(information).all():
        return [np.asarray(fitted.params)]
    curvature = np.diag(information)
    if (curvature <= 0).any():
        return [np.asarray(fitted.params)]
    # Units of the parameters differ by orders of magnitude: flatness is judged after scaling each.
    size = 1 / np.sqrt(curvature)
    values, vectors = np.linalg.eigh((information + information.T) / 2 * np.outer(size, size))
    if values.min() <= FLAT:
        return [np.asarray(fitted.params)]
    root = size[:, None] * vectors / np.sqrt(values)
    centre = u[inside]
    return [
        model.transform_params(put(centre + root @ rng.standard_normal(centre.size))) for _ in range(draws)
    ]
