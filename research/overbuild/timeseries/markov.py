"""Markov-switching mean and variance by maximum likelihood: many starts, standard errors that exist.

The likelihood, its filter and its smoother are those of statsmodels. Ours is what it lacks: starts from many
places with a count of how many end at the best optimum, optima at which a regime has collapsed onto a point
refused, regimes in order of their means, and standard errors of what is not at a bound.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.errors import InputError

Array = NDArray[np.float64]
BOUND = 1e-3
"""A transition probability nearer to 0 or 1 has no standard error: it is taken as given."""
COLLAPSED = 1e-3
"""A regime whose variance is a smaller share of the largest has collapsed onto a few points."""
FEWEST = 3.0
"""Periods that a regime must hold, summed over smoothed probabilities."""
SCREENED = 10
"""Random places looked at for each start that is followed."""
SAME = 1e-3
"""Log-likelihoods nearer than this are one optimum."""


@dataclass(frozen=True)
class MarkovSpec:
    """A switching model.

    Attributes
    ----------
    regimes
        Number of regimes.
    order
        Lags of the deviation from the regime's mean (Hamilton's form); 0: none.
    switching_variance
        Whether the variance differs between regimes.
    starts
        Starts that are followed to an optimum.
    """

    regimes: int = 2
    order: int = 0
    switching_variance: bool = True
    starts: int = 8

    def __post_init__(self) -> None:
        if self.regimes < 2 or self.order < 0 or self.starts < 1:
            raise InputError(
                f"Regimes were asked for with regimes={self.regimes}, order={self.order}, "
                f"starts={self.starts}; "
                "expected at least 2 regimes, 0 lags and 1 start."
            )

    @property
    def parameters(self) -> int:
        """Number of parameters."""
        k = self.regimes
        return k * (k - 1) + k + (k if self.switching_variance else 1) + self.order

    @property
    def shortest(self) -> int:
        """Periods that it takes: three a parameter, and the lags."""
        return 3 * self.parameters + self.order


@dataclass(frozen=True, eq=False)
class Switching:
    """A fitted switching model, regimes in order of their means.

    Attributes
    ----------
    spec
        The model.
    names, estimates, errors
        Parameters; an error is None where the parameter is at a bound.
    covariance
        Of the estimates; rows and columns of those at a bound are 0. None where it does not exist.
    means, variances, lags
        Shape (regime,), (regime,), (order,).
    transition
        ``transition[i, j]`` is the probability that regime j follows regime i.
    log_likelihood
        At the optimum.
    filtered, smoothed
        Probabilities, shape (period - order, regime).
    durations
        Expected length of each regime in periods.
    optima
        Share of the starts that ended at this optimum.
    refused
        Starts that ended where a regime had collapsed.
    errors_from
        ``hessian``, ``outer product of scores``, or why there are none.
    order_of
        Place of each regime among those of ``fitted``.
    fitted
        Results of statsmodels.
    """

    spec: MarkovSpec
    names: tuple[str, ...]
    estimates: Array
    errors: tuple[float | None, ...]
    covariance: Array | None
    means: Array
    variances: Array
    lags: Array
    transition: Array
    log_likelihood: float
    filtered: Array
    smoothed: Array
    durations: Array
    optima: float
    refused: int
    errors_from: str
    order_of: NDArray[np.int_]
    fitted: Any


def fit_switching(
    y: Array, spec: MarkovSpec, rng: np.random.Generator, name: str = "the series"
) -> Switching:
    r"""Fit a switching model from many starts.

    .. math:: y_t - \mu_{s_t} = \sum_{k=1}^{p} \phi_k (y_{t-k} - \mu_{s_{t-k}}) + \sigma_{s_t} e_t, \quad
        P(s_t = j | s_{t-1} = i) = P_{ij}

    With a variance for each regime the likelihood is unbounded: a regime that shrinks onto one observation
    drives it up. Such optima are refused (`COLLAPSED`, `FEWEST`) and counted.

    Parameters
    ----------
    y
        Shape (period,).
    spec
        The model.
    rng
        Generator of the starts.
    name
        What messages call the series.

    Raises
    ------
    InputError
        If the series is too short or constant, or every start ended at a collapsed regime.

    References
    ----------
    Hamilton, J. D. (1989). A new approach to the economic analysis of nonstationary time series and the
    business cycle. Econometrica 57(2).
    """
    y = np.asarray(y, float)
    if y.size < spec.shortest:
        raise InputError(
            f"{name} has {y.size} growth rates; {spec.regimes} regimes with {spec.order} lags have "
            f"{spec.parameters} parameters and need {spec.shortest}. Choose fewer regimes or lags."
        )
    if not np.isfinite(y).all() or np.ptp(y) <= 1e-12:
        raise InputError(f"{name} is constant or has a gap: regimes need growth that varies, without gaps.")
    scale = float(y.std())
    model = model_of(y / scale, spec)
    ends, refused = [], 0
    for start in _starts(model, y / scale, spec, rng):
        found = _followed(model, start)
        if found is None or _has_collapsed(found, spec):
            refused += 1
        else:
            ends.append(found)
    if not ends:
        raise InputError(
            f"All {spec.starts} starts for {name} ended with a regime of fewer than {FEWEST:g} periods or no "
            "variance: the data do not hold that many regimes. Choose fewer, or one variance for all."
        )
    best = max(ends, key=lambda r: r.llf)
    same = sum(best.llf - r.llf < SAME for r in ends)
    return _read(y, scale, best, spec, same / spec.starts, refused)


def model_of(y: Array, spec: MarkovSpec) -> Any:
    """Return the model of statsmodels."""
    import statsmodels.api as sm

    options: dict[str, Any] = {"k_regimes": spec.regimes, "switching_variance": spec.switching_variance}
    if spec.order:
        return sm.tsa.MarkovAutoregression(y, order=spec.order, switching_ar=False, **options)
    return sm.tsa.MarkovRegression(y, **options)


def _starts(model: Any, y: Array, spec: MarkovSpec, rng: np.random.Generator) -> list[Array]:
    """Return the likeliest of many random places."""
    k, places = spec.regimes, []
    variances = k if spec.switching_variance else 1
    for _ in range(SCREENED * spec.starts):
        stay = rng.uniform(0.5, 0.98, k)
        moves = np.empty((k - 1, k))  # P(to | from), last to left out, as statsmodels has them
        for i in range(k):
            row = (1 - stay[i]) * rng.dirichlet(np.ones(k - 1)) if k > 1 else np.array([])
            full = np.insert(row, i, stay[i])
            moves[:, i] = full[:-1]
        mu = np.quantile(y, np.sort(rng.uniform(0.05, 0.95, k)))
        sigma2 = y.var() * np.exp(rng.normal(-0.5, 0.6, variances))
        ar = rng.uniform(-0.3, 0.3, spec.order)
        place = np.concatenate([moves.ravel(), mu, sigma2, ar])
        value = float(model.loglike(place))
        if np.isfinite(value):
            places.append((value, place))
    places.sort(key=lambda p: -p[0])
    return [place for _, place in places[: spec.starts]]


def _followed(model: Any, start: Array) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = model.fit(start_params=start, em_iter=10, maxiter=200, disp=False, cov_type="none")
        except (np.linalg.LinAlgError, ValueError, RuntimeError, FloatingPointError):
            return None
    return found if np.isfinite(found.llf) and np.isfinite(found.params).all() else None


def _has_collapsed(found: Any, spec: MarkovSpec) -> bool:
    held = np.asarray(found.smoothed_marginal_probabilities).sum(axis=0)
    if (held < FEWEST).any():
        return True
    if not spec.switching_variance:
        return False
    sigma2 = parts_of(found.params, spec)[2]
    return bool((sigma2 < COLLAPSED * sigma2.max()).any())


def parts_of(params: Any, spec: MarkovSpec) -> tuple[Array, Array, Array, Array]:
    """Return transition (from, to), means, variances and lags from statsmodels' vector."""
    k, p = spec.regimes, np.asarray(params, float)
    split = k * (k - 1)
    top = p[:split].reshape(k - 1, k)
    transition = np.vstack([top, 1 - top.sum(axis=0)]).T
    variances = p[split + k : split + k + (k if spec.switching_variance else 1)]
    lags = p[p.size - spec.order :] if spec.order else np.empty(0)
    return transition, p[split : split + k], np.broadcast_to(variances, (k,)).copy(), lags


def _read(y: Array, scale: float, best: Any, spec: MarkovSpec, share: float, refused: int) -> Switching:
    order = np.argsort(parts_of(best.params, spec)[1])
    powers = _powers(spec)
    params = np.asarray(best.params, float) * scale**powers
    fitted = model_of(y, spec).smooth(params)
    covariance, origin = _covariance(model_of(y, spec), params, spec)
    transition, means, variances, lags = parts_of(params, spec)
    errors = (
        [None] * params.size
        if covariance is None
        else [float(np.sqrt(v)) if v > 0 else None for v in np.diag(covariance)]
    )
    stay = np.diag(transition)
    return Switching(
        spec,
        tuple(fitted.model.param_names),
        params,
        tuple(errors),
        covariance,
        means[order],
        variances[order],
        lags,
        transition[np.ix_(order, order)],
        float(fitted.llf),
        np.asarray(fitted.filtered_marginal_probabilities)[:, order],
        np.asarray(fitted.smoothed_marginal_probabilities)[:, order],
        (1 / np.maximum(1 - stay, 1e-12))[order],
        share,
        refused,
        origin,
        order,
        fitted,
    )


def _powers(spec: MarkovSpec) -> Array:
    """Return the power of the scale in each parameter."""
    k = spec.regimes
    variances = k if spec.switching_variance else 1
    return np.repeat([0.0, 1.0, 2.0, 0.0], [k * (k - 1), k, variances, spec.order])


def _covariance(model: Any, params: Array, spec: MarkovSpec) -> tuple[Array | None, str]:
    """Return the covariance of what is not at a bound, and what it was made of."""
    from statsmodels.tools.numdiff import approx_fprime, approx_hess3

    moves = spec.regimes * (spec.regimes - 1)
    free = np.ones(params.size, bool)
    free[:moves] = (params[:moves] > BOUND) & (params[:moves] < 1 - BOUND)

    def put(values: Array) -> Array:
        full = params.copy()
        full[free] = values
        return full

    step = 1e-4 * np.maximum(np.abs(params[free]), 1e-2 * np.sqrt(np.abs(params[free]).max() + 1e-12))
    hessian = approx_hess3(params[free], lambda v: float(model.loglike(put(v))), epsilon=step)
    for made, origin in ((-hessian, "hessian"), (None, "outer product of scores")):
        information = made
        if information is None:
            scores = approx_fprime(
                params[free], lambda v: model.loglikeobs(put(v)), epsilon=step, centered=True
            )
            information = scores.T @ scores
        information = (information + information.T) / 2
        values = np.linalg.eigvalsh(information) if np.isfinite(information).all() else np.array([-1.0])
        if values.min() > 1e-10 * values.max():
            full = np.zeros((params.size, params.size))
            full[np.ix_(free, free)] = np.linalg.inv(information)
            return full, origin
    return None, "none: the likelihood is flat at the optimum"
