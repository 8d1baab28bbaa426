r"""The reaction to rivals, estimated in several ways that fail in different ways.

.. math::

   y_{it} = a_{is} + \lambda_i' f_t + b \sum_j W_{ij} y_{j,t-1} + \rho y_{i,t-1} + g s_{i,t-1} + e_{it}

y is growth of capex, s the firm's own cash-flow surprise. Least squares leaves the common factors f in the
error. With time effects and equal weights b is not identified: the mean of rivals is
:math:`(N \bar y_{t-1} - y_{i,t-1}) / (N-1)`, which is a time effect and the own lag (the reflection problem
of Manski 1993). The same holds where a common regressor or a factor may take the place of the time effect:
with equal weights r factors and a reaction are r + 1 factors and none. Every estimate of a panel this short
holds the bias of a lagged dependent variable, of order 1 / T (Nickell 1981).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from overbuild.errors import CheckFailedError, InputError
from overbuild.games.reaction_panel import ReactionPanel, deseasoned, equal_weights
from overbuild.games.reaction_sweeps import (
    LEVEL,
    Interval,
    Regression,
    Sweep,
    common_regressors,
    factor_effects,
    firm_effects,
    interval_cr2,
    is_identified,
    regress,
    season_dummies,
    two_way_effects,
)

type Array = NDArray[np.float64]

STEPS, TOLERANCE, SMALLEST, CONVERGED = 200, 1e-10, 1e-8, 1e-4
PEERS = 0.10
"""Bustamante and Fresard (2021): investment is 10 % higher per standard deviation of peers' investment."""
TITLES = {
    "ols": "Least squares, firm effects",
    "ols_supplier": "Least squares, supplier's growth added",
    "two_way": "Time effects",
    "cce": "Common correlated effects",
    "factors_1": "Interactive effects, one factor",
    "factors_2": "Interactive effects, two factors",
    "giv": "Granular instrument",
}


class NotConvergedError(CheckFailedError):
    """Factors that were not found: there is no estimate, which is not to say that none is identified."""


@dataclass(frozen=True, eq=False)
class Factors:
    """Interactive fixed effects: coefficients, factors (T, r), loadings (N, r) and whether they converged."""

    beta: Array
    factors: Array
    loadings: Array
    converged: bool
    gradient: float


@dataclass(frozen=True, eq=False)
class Instrumented:
    """The granular instrument's estimate.

    Attributes
    ----------
    interval
        Two-stage least squares, clustered by time.
    first_stage
        F of the instrument in the first stage, clustered by time.
    robust
        Anderson and Rubin's 90 % set: its intervals in order, ends infinite where it is unbounded.
    p_zero
        Anderson and Rubin's p-value of no reaction.
    """

    interval: Interval
    first_stage: float
    robust: tuple[tuple[float, float], ...]
    p_zero: float


def regressors(panel: ReactionPanel) -> Array:
    """Return what every estimator regresses on, shape (3, T, N): rivals, own lag, own cash surprise."""
    return np.stack([panel.rivals, panel.before, panel.surprise])


def ols(panel: ReactionPanel) -> Regression:
    """Least squares with firm and season effects: the naive estimate."""
    return regress(panel.growth, regressors(panel), firm_effects(panel.season, panel.shape[1]))


def ols_supplier(panel: ReactionPanel) -> Regression:
    """Least squares with the chip supplier's growth as an observed factor, with a loading for each firm."""
    return regress(panel.growth, regressors(panel), supplier_sweep(panel))


def two_way(panel: ReactionPanel) -> Regression:
    """Least squares with time effects besides.

    Raises
    ------
    InputError
        With equal weights, under which the reaction is not identified.
    """
    return regress(panel.growth, regressors(panel), two_way_effects(panel.season, panel.shape[1]))


def cce(panel: ReactionPanel) -> Regression:
    """Pooled common correlated effects (Pesaran 2006): averages over firms, with a loading for each firm.

    The averages are those of growth and of every regressor. They stand for the factors as N grows; with five
    firms an average holds a fifth of each firm's own error.

    Raises
    ------
    InputError
        With equal weights, under which the reaction is not identified.
    """
    return regress(panel.growth, regressors(panel), cce_sweep(panel))


def supplier_sweep(panel: ReactionPanel) -> Sweep:
    """Firm and season effects and the supplier's growth, where it is known; an unknown quarter counts 0."""
    known = np.isfinite(panel.supplier)
    column = np.where(known, panel.supplier, 0.0)
    common = column[:, None] if known.any() else np.empty((column.size, 0))
    return common_regressors(panel.season, panel.shape[1], common)


def cce_sweep(panel: ReactionPanel, x: Array | None = None) -> Sweep:
    """Firm and season effects and averages over firms, of growth and of regressors x (None: the usual)."""
    every = regressors(panel) if x is None else x
    mean = np.column_stack([panel.growth.mean(axis=1), every.mean(axis=2).T])
    return common_regressors(panel.season, panel.shape[1], mean)


def interactive(panel: ReactionPanel, number: int = 1) -> Regression:
    """Interactive fixed effects with so many factors, as a regression with factors and loadings taken out.

    Raises
    ------
    NotConvergedError
        If the factors are not found.
    """
    x = regressors(panel)
    return regress(panel.growth, x, interactive_sweep(panel, x, number))


def interactive_sweep(panel: ReactionPanel, x: Array, number: int) -> Sweep:
    """Firm and season effects and the interactive factors of a regression on x, with their loadings."""
    found = interactive_effects(panel.growth, x, panel.season, number)
    if not found.converged:
        raise NotConvergedError(
            f"Interactive effects with {number} factors did not converge: the gradient is "
            f"{found.gradient:.1e} after {STEPS} steps. Ask for fewer factors."
        )
    return factor_effects(panel.season, found.factors, found.loadings)


def interactive_effects(y: Array, x: Array, season: NDArray[np.int_], number: int) -> Factors:
    r"""Estimate by least squares over coefficients, factors and loadings (Bai 2009).

    Given coefficients the factors are the leading principal components of :math:`R = Y - X\beta`, so that the
    sum of squares is that of the N - r smallest eigenvalues of :math:`R'R`, a function of K numbers alone.
    Gauss-Newton steps on it, halved until it falls, are least squares with factors and loadings taken out;
    from several starts the lowest is kept.

    Parameters
    ----------
    y, x
        Shapes (T, N) and (K, T, N); season means are taken out.
    number
        Factors r, fewer than N.
    """
    n = y.shape[1]
    if not 1 <= number < n:
        raise InputError(f"{number} factors of {n} firms; expected 1 to {n - 1}.")
    y = deseasoned(y, season)
    every = np.stack([y, *(deseasoned(v, season) for v in x)])
    products = np.einsum("kti,ltj->klij", every, every)
    traces = np.einsum("klii->kl", products)
    ordinary = np.linalg.solve(traces[1:, 1:], traces[1:, 0])
    starts = (np.zeros_like(ordinary), ordinary)
    beta, _, gradient = min((_descend(products, s, number) for s in starts), key=lambda d: d[1])
    residual = y - np.tensordot(beta, every[1:], axes=1)
    loadings = np.linalg.eigh(residual.T @ residual)[1][:, n - number :]
    scale = float(np.sqrt(traces[0, 0] * traces[1:, 1:].trace()))
    return Factors(beta, residual @ loadings, loadings, gradient < CONVERGED * scale, gradient)


def _descend(products: Array, beta: Array, number: int) -> tuple[Array, float, float]:
    """Return coefficients, sum of squares and largest gradient, from the cross-products of y and x alone."""
    k, n = products.shape[0], products.shape[-1]
    kept = n - number
    rows = products.transpose(1, 0, 2, 3).reshape(k, -1)
    value, slope = np.inf, np.array([np.inf])
    for _ in range(STEPS):
        signed = np.concatenate([[1.0], -beta])
        with_residual = (signed @ rows).reshape(k, n, n)
        values, vectors = np.linalg.eigh((signed @ with_residual.reshape(k, -1)).reshape(n, n))
        value = float(values[:kept].sum())
        rest, loadings = vectors[:, :kept], vectors[:, kept:]
        seen = rest.T @ with_residual[1:]
        slope = np.einsum("kaj,ja->k", seen, rest)
        xf = (seen @ (loadings / np.sqrt(np.maximum(values[kept:], 1e-300)))).reshape(k - 1, -1)
        outside = (rest @ rest.T).ravel()
        square = (products[1:, 1:].reshape(k - 1, k - 1, -1) @ outside) - xf @ xf.T
        step = np.linalg.lstsq(square, slope, rcond=None)[0]
        if float(slope @ step) <= TOLERANCE * value:
            break
        size = 1.0
        while size > SMALLEST and _unexplained(rows, beta + size * step, kept) >= value:
            size /= 2
        if size <= SMALLEST:
            break
        beta = beta + size * step
    return beta, value, float(np.abs(slope).max())


def _unexplained(rows: Array, beta: Array, kept: int) -> float:
    signed = np.concatenate([[1.0], -beta])
    moment = signed @ (signed @ rows).reshape(signed.size, -1)
    n = int(np.sqrt(moment.size))
    return float(np.linalg.eigvalsh(moment.reshape(n, n))[:kept].sum())


def granular(panel: ReactionPanel, number: int = 1) -> Instrumented:
    r"""Instrument rivals' moves by their own shocks (Gabaix and Koijen 2024).

    :math:`z_{i,t-1} = \sum_{j \ne i} (W_{ij} - 1/(N-1))\, \hat e_{j,t-1}`, where :math:`\hat e` is growth
    less its leading principal components: what a rival did that was its own, weighted by how far it counts
    more than the average rival. The weights of z add up to zero, so that common shocks of equal loading drop
    out; those of unequal loading go with the components, as far as these are estimated. With equal weights z
    is zero.

    Raises
    ------
    InputError
        If the weights are equal.
    """
    t, n = panel.shape
    extra = panel.weights - equal_weights(n)
    if np.abs(extra).max() < 1e-12:
        raise InputError(
            "The weights of rivals are equal, so that the granular instrument is zero. Give unequal weights."
        )
    own = deseasoned(panel.before, panel.season)
    loadings = np.linalg.eigh(own.T @ own)[1][:, n - number :]
    shocks = own - own @ loadings @ loadings.T
    sweep = supplier_sweep(panel)
    x = regressors(panel)
    controls = sweep(x[1:]).reshape(2, -1)
    z = shocks @ extra.T
    if panel.earlier is not None:
        then = deseasoned(panel.earlier, panel.season)
        late = list(panel.late)
        z[:, late] = ((then - then @ loadings @ loadings.T) @ extra.T)[:, late]
    out = [_less(sweep(v).ravel(), controls) for v in (panel.growth, x[0], z)]
    y, endogenous, z = (v.reshape(t, n) for v in out)
    freedom = sweep.freedom - 3
    return _instrument(y, endogenous, z, freedom)


def _less(values: Array, controls: Array) -> Array:
    return values - np.linalg.lstsq(controls.T, values, rcond=None)[0] @ controls


def _instrument(y: Array, x: Array, z: Array, freedom: float) -> Instrumented:
    """Two-stage least squares with one instrument, controls taken out, clustered by time."""
    t, n = y.shape
    scale = t / (t - 1) * (t * n - 1) / freedom
    zy, zx, zz = (float((z * v).sum()) for v in (y, x, z))
    b = zy / zx
    residual = y - b * x
    se2 = scale * float((np.einsum("ti,ti->t", z, residual) ** 2).sum()) / zx**2
    df = t - 1.0
    half = float(stats.t.ppf(0.5 + LEVEL / 2, df)) * np.sqrt(se2)
    p = float(2 * stats.t.sf(abs(b) / np.sqrt(se2), df))
    first = x - zx / zz * z
    f = zx**2 / (scale * float((np.einsum("ti,ti->t", z, first) ** 2).sum()))
    return Instrumented(
        Interval(b, float(np.sqrt(se2)), df, b - half, b + half, p),
        f,
        robust_set(y, x, z, scale, df),
        float(stats.f.sf(_anderson_rubin(y, z, scale), 1, df)),
    )


def _anderson_rubin(u: Array, z: Array, scale: float) -> float:
    """Return the F of the instrument in what is left of y under the null."""
    zz = float((z * z).sum())
    c = float((z * u).sum()) / zz
    scores = np.einsum("ti,ti->t", z, u - c * z)
    return float(c**2 * zz**2 / (scale * (scores**2).sum()))


def robust_set(y: Array, x: Array, z: Array, scale: float, df: float) -> tuple[tuple[float, float], ...]:
    """Return Anderson and Rubin's set of reactions that the instrument does not reject.

    The statistic at b is a ratio of two quadratics in b, so that the set is an interval, the outside of one,
    everything or, of one instrument, never empty.
    """
    zz = float((z * z).sum())
    cy, cx = float((z * y).sum()), float((z * x).sum())
    sy = np.einsum("ti,ti->t", z, y - cy / zz * z)
    sx = np.einsum("ti,ti->t", z, x - cx / zz * z)
    critical = float(stats.f.ppf(LEVEL, 1, df)) * scale
    a = cx**2 - critical * float(sx @ sx)
    h = -2 * (cy * cx - critical * float(sy @ sx))
    c = cy**2 - critical * float(sy @ sy)
    disc = h**2 - 4 * a * c
    if disc <= 0:
        return ((-np.inf, np.inf),)
    low, high = sorted(((-h - np.sqrt(disc)) / (2 * a), (-h + np.sqrt(disc)) / (2 * a)))
    return ((low, high),) if a > 0 else ((-np.inf, low), (high, np.inf))


def peers_line(panel: ReactionPanel) -> float:
    """Return the reaction at which a standard deviation of rivals' growth adds 10 % to a firm's capex."""
    return float(np.log1p(PEERS) / panel.rivals.std())


LINEAR: dict[str, Callable[[ReactionPanel], Regression]] = {
    "ols": ols,
    "ols_supplier": ols_supplier,
    "two_way": two_way,
    "cce": cce,
    "factors_1": lambda p: interactive(p, 1),
    "factors_2": lambda p: interactive(p, 2),
}
"""Name to estimator, but for the granular instrument."""


def variation_left(r: Regression, raw: Array) -> float:
    """Return the share of the variance of rivals' moves that effects and other regressors leave."""
    x = r.swept.reshape(r.swept.shape[0], -1)
    return float(((_less(x[0], x[1:])) ** 2).sum() / (raw**2).sum())


def estimate(panel: ReactionPanel, name: str, number: int = 1) -> dict[str, Any]:
    """Return one estimate as plain values.

    Returns
    -------
    dict
        ``estimator, title, b, se, df, low, high, p, n, identified, converged``, ``rho`` and ``left`` (the
        share of the variance of rivals' moves that is left to learn from); of ``giv`` also ``first_stage``,
        ``robust``, ``p_robust`` and ``interval_2sls``: its ends are those of the hull of Anderson and Rubin's
        set, None where that is unbounded. Where b is not identified, or its factors were not found, its
        numbers are None.
    """
    base: dict[str, Any] = {"estimator": name, "title": TITLES[name], "n": panel.growth.size}
    empty = dict.fromkeys(("b", "se", "df", "low", "high", "p", "rho", "left"))
    told = {"identified": True, "converged": True}
    try:
        if name == "giv":
            return base | empty | _instrumented(granular(panel, number)) | told
        r = LINEAR[name](panel)
    except InputError:
        return base | empty | told | {"identified": False}
    except NotConvergedError:
        return base | empty | told | {"converged": False}
    found = interval_cr2(r)
    left = variation_left(r, panel.rivals)
    return base | _plain(found) | told | {"rho": float(r.beta[1]), "left": left}


def _instrumented(found: Instrumented) -> dict[str, Any]:
    robust = [[e if np.isfinite(e) else None for e in part] for part in found.robust]
    told = _plain(found.interval)
    return told | {
        "low": robust[0][0],
        "high": robust[-1][1],
        "interval_2sls": [told["low"], told["high"]],
        "first_stage": found.first_stage,
        "robust": robust,
        "p_robust": found.p_zero,
    }


def estimates(
    panel: ReactionPanel, names: Sequence[str] = tuple(TITLES), number: int = 1
) -> list[dict[str, Any]]:
    """Return every estimate."""
    return [estimate(panel, name, number) for name in names]


def identification(panel: ReactionPanel) -> dict[str, bool]:
    """Return estimator to whether the reaction is identified, by the rank of what the effects leave."""
    x, (_, n) = regressors(panel), panel.shape
    sweeps = {
        "ols": firm_effects(panel.season, n),
        "two_way": two_way_effects(panel.season, n),
        "cce": cce_sweep(panel),
    }
    return {name: is_identified(x, s) for name, s in sweeps.items()}


def _plain(i: Interval) -> dict[str, Any]:
    return {"b": i.b, "se": i.se, "df": i.df, "low": i.low, "high": i.high, "p": i.p}


def rivals_span(season: NDArray[np.int_], before: Array) -> float:
    """Return how far the equally weighted move of rivals is from time effects and the own lag.

    It is the residual of the regression of that move on dummies and lag, over its own length: 0 but for
    rounding.
    """
    t, n = before.shape
    x = (deseasoned(before, season) @ equal_weights(n).T).ravel()
    dummies = [np.repeat(np.eye(t), n, axis=0)]
    dummies += [np.kron(season_dummies(season)[:, [s]], np.eye(n)) for s in range(np.unique(season).size)]
    columns = np.column_stack([*dummies, before.ravel()])
    return float(np.linalg.norm(x - columns @ np.linalg.lstsq(columns, x, rcond=None)[0]) / np.linalg.norm(x))
