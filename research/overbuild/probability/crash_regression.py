"""Does the size of a run-up say how it ends? A logit of the fall on attributes of the run-up at its date.

The form is that of Greenwood, Shleifer and You (2019), "Bubbles for Fama", Journal of Financial Economics
131(1), 20-43, with run-ups of investment in place of run-ups of prices. There are some thirty run-ups in
about ten series: standard errors clustered by series are known to be too small with so few clusters, and the
estimates are shown for their sign and size only. Firth's penalised likelihood stands beside maximum
likelihood because it is finite when the covariates separate the outcomes, and less biased in small samples.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from overbuild.models.priors import JEFFREYS, Beta
from overbuild.probability.cluster_bootstrap import cluster_weights

Array = NDArray[np.float64]

SPECIFICATIONS: tuple[tuple[str, ...], ...] = (
    ("log_run_up",),
    ("log_age",),
    ("log_run_up", "log_age"),
    ("log_run_up", "log_age", "acceleration"),
)
SEPARATED = 1e-6
"""Fitted probabilities this close to every outcome mean that the covariates separate them."""


@dataclass(frozen=True)
class Firth:
    """A logit by Firth's penalised likelihood, shape (coefficient,) each; the constant comes first."""

    beta: Array
    standard_error: Array


@dataclass(frozen=True)
class Specification:
    """One logit of the fall.

    Attributes
    ----------
    covariates
        Their names; the constant comes first in every array.
    cases, falls, clusters
        Numbers of run-ups, of falls among them, and of series.
    beta, standard_error
        Maximum likelihood, with standard errors clustered by series; nan where the outcomes are separated.
    firth
        The penalised estimates, with standard errors from the information matrix.
    """

    covariates: tuple[str, ...]
    cases: int
    falls: int
    clusters: int
    beta: Array
    standard_error: Array
    firth: Firth


@dataclass(frozen=True)
class AgeScore:
    """Brier score of the boom's age alone against a constant rate, each series forecast from the others.

    Attributes
    ----------
    age, constant
        Mean squared errors; lower is better.
    difference
        ``age - constant``.
    interval
        5 % and 95 % points of the difference, by bootstrap of the series.
    """

    age: float
    constant: float
    difference: float
    interval: tuple[float, float]


def crash_regression(
    covariates: Mapping[str, Array],
    fell: Array,
    cluster: NDArray[np.int_],
    specifications: Sequence[tuple[str, ...]] = SPECIFICATIONS,
) -> tuple[Specification, ...]:
    """Fit each specification on the run-ups for which its covariates are known.

    Parameters
    ----------
    covariates
        Name to shape (run-up,); nan where not known.
    fell
        Shape (run-up,): 1 where the fall came.
    cluster
        Shape (run-up,): the series.
    specifications
        Names of the covariates of each.
    """
    return tuple(_specification(names, covariates, fell, cluster) for names in specifications)


def regression_table(specifications: Sequence[Specification]) -> pd.DataFrame:
    """Return all coefficients, one row each."""
    rows = []
    for number, s in enumerate(specifications, start=1):
        for i, name in enumerate(("constant", *s.covariates)):
            rows.append(
                {
                    "specification": number,
                    "covariate": name,
                    "beta": s.beta[i],
                    "clustered_error": s.standard_error[i],
                    "firth_beta": s.firth.beta[i],
                    "firth_error": s.firth.standard_error[i],
                    "cases": s.cases,
                    "falls": s.falls,
                    "series": s.clusters,
                }
            )
    return pd.DataFrame(rows)


def firth_logit(x: Array, y: Array, *, tolerance: float = 1e-10, most_steps: int = 200) -> Firth:
    """Fit a logit by Firth's penalised likelihood.

    Solves ``X'(y - p + h (1/2 - p)) = 0``, ``h`` the diagonal of ``W^(1/2) X (X'WX)^(-1) X' W^(1/2)``, by
    Newton steps of length at most 1. Source: Firth (1993), Biometrika 80(1), 27-38; Heinze and Schemper
    (2002), Statistics in Medicine 21(16), 2409-2419.

    Parameters
    ----------
    x
        Shape (case, coefficient), with its column of ones and of full rank.
    y
        Shape (case,), 0 or 1.

    Raises
    ------
    ArithmeticError
        If the steps do not settle.
    """
    beta = np.zeros(x.shape[1])
    for _ in range(most_steps):
        p = expit(x @ beta)
        weight = p * (1 - p)
        information = np.linalg.inv((x.T * weight) @ x)
        leverage = weight * np.einsum("ij,jk,ik->i", x, information, x)
        step = information @ (x.T @ (y - p + leverage * (0.5 - p)))
        beta = beta + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < tolerance:
            return Firth(beta, np.sqrt(np.diag(information)))
    raise ArithmeticError(f"Firth's logit did not settle in {most_steps} steps.")


def age_score(
    log_age: Array,
    fell: Array,
    cluster: NDArray[np.int_],
    rng: np.random.Generator,
    draws: int = 5000,
    prior: Beta = JEFFREYS,
) -> AgeScore:
    """Score the boom's age alone against a constant rate, leaving out one series at a time.

    Age enters by Firth's logit, the constant rate is the posterior mean of the other series under the prior.
    """
    labels, group = np.unique(cluster, return_inverse=True)
    by_age, by_rate = np.empty(fell.size), np.empty(fell.size)
    for g in range(labels.size):
        out = group == g
        rest = fell[~out]
        fit = firth_logit(_with_constant(log_age[~out, None]), rest)
        by_age[out] = expit(_with_constant(log_age[out, None]) @ fit.beta)
        by_rate[out] = (rest.sum() + prior[0]) / (rest.size + sum(prior))
    error_age, error_rate = (by_age - fell) ** 2, (by_rate - fell) ** 2
    gap = np.bincount(group, weights=error_age - error_rate)
    weights = cluster_weights(labels.size, draws, rng)
    resampled = (weights @ gap) / (weights @ np.bincount(group))
    low, high = np.quantile(resampled, [0.05, 0.95])
    age, constant = float(error_age.mean()), float(error_rate.mean())
    return AgeScore(age, constant, age - constant, (float(low), float(high)))


def fitted_at(specification: Specification, run_ups: Sequence[float]) -> dict[float, float]:
    """Return the fitted probability of a fall at given run-ups, by the Firth estimates.

    Raises
    ------
    ValueError
        For a specification with other covariates than the log run-up.
    """
    if specification.covariates != ("log_run_up",):
        raise ValueError("Fitted probabilities by run-up need the specification with the log run-up alone.")
    constant, slope = specification.firth.beta
    return {float(r): float(expit(constant + slope * np.log(r))) for r in run_ups}


def _specification(
    names: tuple[str, ...], covariates: Mapping[str, Array], fell: Array, cluster: NDArray[np.int_]
) -> Specification:
    x = _with_constant(np.column_stack([covariates[name] for name in names]))
    known = np.isfinite(x).all(axis=1)
    x, y, groups = x[known], fell[known], cluster[known]
    beta, error = _maximum_likelihood(x, y, groups)
    return Specification(
        names, int(y.size), int(y.sum()), int(np.unique(groups).size), beta, error, firth_logit(x, y)
    )


def _maximum_likelihood(x: Array, y: Array, groups: NDArray[np.int_]) -> tuple[Array, Array]:
    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import (
        ConvergenceWarning,
        PerfectSeparationError,
        PerfectSeparationWarning,
    )

    nothing = np.full(x.shape[1], np.nan)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            warnings.simplefilter("ignore", PerfectSeparationWarning)
            warnings.simplefilter("ignore", RuntimeWarning)
            fit = sm.Logit(y, x).fit(disp=0, maxiter=200, cov_type="cluster", cov_kwds={"groups": groups})
            p = np.asarray(fit.predict(x), dtype=float)
            beta, error = np.asarray(fit.params, dtype=float), np.asarray(fit.bse, dtype=float)
    except (PerfectSeparationError, np.linalg.LinAlgError):
        return nothing, nothing.copy()
    if not fit.mle_retvals["converged"] or np.any(np.minimum(p, 1 - p) < SEPARATED):
        return nothing, nothing.copy()
    return beta, error


def _with_constant(x: Array) -> Array:
    return np.column_stack([np.ones(len(x)), x])
