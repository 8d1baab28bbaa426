r"""Effects taken out of a balanced panel, and the regression on what is left.

A variable is a matrix :math:`Y` of T quarters by N firms. Every set of effects used here leaves
:math:`A\,Y\,B` with symmetric idempotent :math:`A` (T by T) and :math:`B` (N by N): firm and season effects
:math:`A = M_S, B = I`; time effects besides :math:`B = I - \iota\iota'/N`; common regressors with a loading
for each firm :math:`A = M_{[S,Z]}`; factors :math:`A = M_{[S,F]}, B = M_\Lambda`. By the theorem of Frisch,
Waugh and Lovell the coefficients of the full regression are those of least squares on what is left, and the
leverage of quarter t is the block :math:`A_{tt} B` less that of the regressors, so that cluster-robust
variances need no dummies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from overbuild.errors import InputError

type Array = NDArray[np.float64]

LEVEL = 0.90
RANK = 1e-8
"""Share of the largest singular value of scaled regressors below which one is a combination of the others."""


@dataclass(frozen=True, eq=False)
class Sweep:
    r"""What takes the effects out.

    Attributes
    ----------
    basis
        Shape (T, k): orthonormal columns q of the effects over time; :math:`A = I - q q'`.
    right
        Shape (N, N): B.
    """

    basis: Array
    right: Array

    def __call__(self, values: Array) -> Array:
        """Return what is left of values of shape (..., T, N)."""
        return (values - self.basis @ (self.basis.T @ values)) @ self.right

    @property
    def freedom(self) -> float:
        """Rank of what is left."""
        return float((self.basis.shape[0] - self.basis.shape[1]) * np.trace(self.right))


@dataclass(frozen=True, eq=False)
class Regression:
    """Least squares on what the effects leave.

    Attributes
    ----------
    beta
        Shape (K,).
    residual
        Shape (T, N).
    swept
        Shape (K, T, N): the regressors that are left.
    bread
        Shape (K, K): inverse of their cross-products.
    sweep
        What was taken out.
    """

    beta: Array
    residual: Array
    swept: Array
    bread: Array
    sweep: Sweep


@dataclass(frozen=True)
class Interval:
    """A coefficient with its standard error, degrees of freedom and 90 % interval."""

    b: float
    se: float
    df: float
    low: float
    high: float
    p: float


def basis_of(columns: Array) -> Array:
    """Return orthonormal columns that span those given, shape (T, k), without those that add nothing."""
    u, s, _ = np.linalg.svd(columns, full_matrices=False)
    return u[:, s > RANK * s.max(initial=0.0)]


def season_dummies(season: NDArray[np.int_]) -> Array:
    """Return one column a season, shape (T, S)."""
    return (season[:, None] == np.unique(season)).astype(np.float64)


def firm_effects(season: NDArray[np.int_], firms: int) -> Sweep:
    """Take out a mean for each firm and season."""
    return Sweep(basis_of(season_dummies(season)), np.eye(firms))


def two_way_effects(season: NDArray[np.int_], firms: int) -> Sweep:
    """Take out a mean for each firm and season, and one for each quarter."""
    return Sweep(basis_of(season_dummies(season)), np.eye(firms) - 1.0 / firms)


def common_regressors(season: NDArray[np.int_], firms: int, common: Array) -> Sweep:
    """Take out firm and season effects, and common regressors, shape (T, m), with a loading for each firm."""
    return Sweep(basis_of(np.column_stack([season_dummies(season), common])), np.eye(firms))


def factor_effects(season: NDArray[np.int_], factors: Array, loadings: Array) -> Sweep:
    """Take out firm and season effects, and factors, shape (T, r), with loadings, shape (N, r)."""
    over_time = basis_of(np.column_stack([season_dummies(season), factors]))
    over_firms = basis_of(loadings)
    return Sweep(over_time, np.eye(loadings.shape[0]) - over_firms @ over_firms.T)


def dependent(swept: Array) -> float:
    """Return the smallest over the largest singular value of the regressors left, each scaled to length one.

    It is 0 where one has nothing left, as where rivals' equally weighted move is a combination of time
    effects and the own lag.
    """
    k = swept.shape[0]
    flat = swept.reshape(k, -1)
    length = np.linalg.norm(flat, axis=1)
    if not np.all(length > 0):
        return 0.0
    s = np.linalg.svd(flat / length[:, None], compute_uv=False)
    return float(s[-1] / s[0])


def is_identified(regressors: Array, sweep: Sweep) -> bool:
    """Return whether no regressor, shape (K, T, N), is a combination of the effects and the others."""
    raw = np.linalg.norm(regressors.reshape(regressors.shape[0], -1), axis=1)
    swept = sweep(regressors)
    left = np.linalg.norm(swept.reshape(regressors.shape[0], -1), axis=1)
    if np.any(left <= RANK * np.maximum(raw, 1e-300)):
        return False
    return dependent(swept) > RANK


def regress(y: Array, regressors: Array, sweep: Sweep) -> Regression:
    """Regress y, shape (T, N), on regressors, shape (K, T, N), with the effects taken out.

    Raises
    ------
    InputError
        If a regressor is a combination of the effects and the others.
    """
    if not is_identified(regressors, sweep):
        raise InputError(
            "The coefficients are not identified: a regressor is an exact combination of the effects and the "
            "other regressors, as rivals' equally weighted moves are of time effects and the own lag. Give "
            "unequal weights of rivals, or leave out the time effects."
        )
    swept, left = sweep(regressors), sweep(y)
    flat = swept.reshape(swept.shape[0], -1)
    bread = np.linalg.inv(flat @ flat.T)
    beta = bread @ (flat @ left.ravel())
    return Regression(beta, left - np.tensordot(beta, swept, axes=1), swept, bread, sweep)


def clustered(r: Regression, *, by: str = "time") -> Array:
    r"""Return the CR1 variance of the coefficients, shape (K, K), clustered by ``time`` or by ``firm``.

    The correction is :math:`G / (G-1) \cdot (TN-1) / (TN-K)`: effects are not counted.
    """
    k, t, n = r.swept.shape
    scores = np.einsum({"time": "kti,ti->kt", "firm": "kti,ti->ki"}[by], r.swept, r.residual)
    g = scores.shape[1]
    scale = g / (g - 1) * (t * n - 1) / (t * n - k)
    return scale * r.bread @ scores @ scores.T @ r.bread


def interval_cr1(r: Regression, which: int = 0, *, by: str = "time") -> Interval:
    """Return coefficient ``which`` with its CR1 interval: Student's t, clusters less one."""
    groups = {"time": r.swept.shape[1], "firm": r.swept.shape[2]}[by]
    return _interval(float(r.beta[which]), float(clustered(r, by=by)[which, which]), groups - 1.0)


def interval_cr2(r: Regression, which: int = 0) -> Interval:
    """Return coefficient ``which`` with its CR2 interval, clustered by time, and Satterthwaite's degrees."""
    variance, df = cr2(r, (which,))
    return _interval(float(r.beta[which]), float(variance[0, 0]), float(df[0]))


def cr2(r: Regression, which: Sequence[int]) -> tuple[Array, Array]:
    r"""Return the CR2 variance of p coefficients, shape (p, p), clustered by time, and their degrees, (p,).

    The residuals of a quarter are multiplied by the inverse symmetric root of their variance under
    independent errors, :math:`A_{tt} B - X_t (X'X)^{-1} X_t'`, a pseudo-inverse where time effects leave it
    singular. The degrees are Satterthwaite's for such errors. Bell and McCaffrey (2002), Pustejovsky and
    Tipton (2018).
    """
    influence = _influence(r)[:, :, list(which)]
    scores = np.einsum("tik,ti->tk", influence, r.residual)
    df = np.array([_degrees(r, influence[:, :, k]) for k in range(len(which))])
    return scores.T @ scores, df


def _degrees(r: Regression, v: Array) -> float:
    """Return the degrees of one coefficient from the weights of the residuals, shape (T, N)."""
    h = np.einsum("ti,ikt->tk", v, r.swept.transpose(2, 0, 1))
    q = r.sweep.basis
    # einsum and not @, whose threads cost more than they save at this size
    left = np.eye(q.shape[0]) - np.einsum("tk,sk->ts", q, q)
    gram = left * np.einsum("ti,si->ts", v @ r.sweep.right, v) - np.einsum("tk,sk->ts", h @ r.bread, h)
    return float(np.trace(gram) ** 2 / (gram**2).sum())


def _influence(r: Regression) -> Array:
    """Return the weight of each residual in each coefficient, CR2's adjustment applied, shape (T, N, K)."""
    x = r.swept.transpose(1, 2, 0)
    kept = 1 - (r.sweep.basis**2).sum(axis=1)
    own = kept[:, None, None] * r.sweep.right - x @ r.bread @ x.transpose(0, 2, 1)
    values, vectors = np.linalg.eigh(own)
    root = np.where(values > RANK, 1.0 / np.sqrt(np.maximum(values, RANK)), 0.0)
    adjust = (vectors * root[:, None, :]) @ vectors.transpose(0, 2, 1)
    return adjust @ x @ r.bread


def _interval(b: float, variance: float, df: float) -> Interval:
    se = float(np.sqrt(max(variance, 0.0)))
    half = float(stats.t.ppf(0.5 + LEVEL / 2, df)) * se
    p = float(2 * stats.t.sf(abs(b) / se, df)) if se > 0 else 0.0
    return Interval(b, se, df, b - half, b + half, p)
