r"""Quantal response among like firms: every symmetric equilibrium, every fold, and the principal branch.

Firms that build with probability p and choose with precision lam (pay-offs in units of the cost) satisfy

    logit p = lam Dbar(p),   Dbar(p) = sum_m Bin(m; N-1, p) Delta(m).

For like firms the precision is therefore an explicit function of the share, lam(p) = logit(p)/Dbar(p): every
symmetric branch is drawn by running over p, and no path has to be followed. Branches end at infinite
precision, each in a symmetric Nash equilibrium: a root of Dbar, p = 0 or p = 1.

Two facts make the enumeration exact. (i) Fixed points at a given lam lie between the turning points of
logit p - lam Dbar(p), which are the roots of the polynomial 1 - lam p(1-p) Dbar'(p). (ii) Folds, dlam/dp = 0,
are the roots of F = Dbar - q logit, with q = p(1-p) Dbar'; as (F/q)' = -Dbar q'/q^2, F has at most one root
between neighbouring roots of Dbar, q and q'.

There are several equilibria at lam iff lam Dbar'(p) > 1/[p(1-p)] at one of them (ties aside), so none but one
where lam max Dbar' <= 4; as their number changes only at folds, there is one below the precision of the first
fold. Equilibria in which like firms build with different probabilities are not covered.

References: McKelvey and Palfrey (1995), "Quantal response equilibria for normal form games"; Turocy (2005),
"A dynamic homotopy interpretation of the logistic quantal response equilibrium correspondence".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from overbuild.games.bernstein import (
    LARGEST_LOGIT,
    derivative,
    roots,
    share_of,
    times_variance,
    value,
    value_at_logit,
)

type Array = NDArray[np.float64]

STEPS, PRECISE = 200, 4e-16
CLUSTER = 14.0
"""Logits over which the points of a branch are spread, so that they crowd where precision runs off."""


@dataclass(frozen=True)
class Fold:
    """A point at which two equilibria appear or vanish.

    Attributes
    ----------
    precision, share
        lam and p.
    """

    precision: float
    share: float


@dataclass(frozen=True)
class Branch:
    """A connected set of symmetric equilibria.

    Attributes
    ----------
    share
        p along the branch, shape (point,).
    precision
        lam there; infinite ends are left out.
    principal
        Whether it starts at precision 0 and p = 1/2.
    ends
        The symmetric Nash equilibria that it tends to as the precision grows; of the principal branch one.
    folds
        Its folds, by share.
    """

    share: Array
    precision: Array
    principal: bool
    ends: tuple[float, ...]
    folds: tuple[Fold, ...]


def mean_advantage(advantage: ArrayLike, share: ArrayLike) -> Array:
    """Return Dbar(p): ``advantage`` of shape (..., N), ``share`` of shape (...), the two broadcast."""
    c = np.asarray(advantage, float)
    p = np.asarray(share, float)[..., None]
    while c.shape[-1] > 1:
        c = (1 - p) * c[..., :-1] + p * c[..., 1:]
    return c[..., 0]


def fixed_points(advantage: Array, precision: float) -> Array:
    """Return every symmetric quantal response equilibrium of one game at a precision, ascending.

    Parameters
    ----------
    advantage
        Delta(0..N-1), shape (N,).
    precision
        lam, 0 or more.

    Returns
    -------
    ndarray, shape (equilibrium,)
        Shares p. Equilibria at which the two sides touch without crossing, at the very fold, are left out.
    """
    logits = _logits(np.ascontiguousarray(advantage, float), float(precision))
    return np.array([share_of(t) for t in logits])


def reached_first(advantage: Array, shares: Array) -> float:
    """Return, of the fixed points of one game at a precision, that of `principal_share`."""
    lean = float(np.sign(mean_advantage(advantage, 0.5)))
    ahead = lean * (shares - 0.5)
    return float(shares[np.where(ahead > 0, ahead, np.inf).argmin()]) if (ahead > 0).any() else 0.5


def folds(advantage: Array) -> tuple[Fold, ...]:
    """Return every fold of one game, by share."""
    delta = np.ascontiguousarray(advantage, float)
    found = [(t, t / value_at_logit(delta, t)) for t in _fold_logits(delta)]
    return tuple(Fold(float(lam), float(share_of(t))) for t, lam in found)


def unique_below(advantage: Array) -> float:
    """Return the precision up to which the symmetric equilibrium is certainly unique, 4/max Dbar'.

    The first of `folds` is exact; this bound is what a condition on pay-offs alone can say.
    """
    slope = derivative(np.ascontiguousarray(advantage, float))
    turning = roots(derivative(slope)) if slope.size > 1 else np.empty(0)
    steepest = max(value(slope, p, 1 - p) for p in (0.0, 1.0, *turning))
    return 4 / steepest if steepest > 0 else np.inf


def branches(advantage: Array, up_to: float, points: int = 400) -> tuple[Branch, ...]:
    """Return every symmetric branch of one game, the principal one first.

    Parameters
    ----------
    advantage
        Delta(0..N-1), shape (N,).
    up_to
        Highest precision that is wanted; beyond it, points are left out.
    points
        Points a branch, in order from the end nearest to p = 1/2.

    Notes
    -----
    If Dbar(1/2) = 0 exactly, p = 1/2 is an equilibrium at every precision and is the principal branch.
    """
    delta = np.ascontiguousarray(advantage, float)
    turns, crossed = folds(delta), roots(delta)
    furthest = up_to * np.abs(delta).max() + 1
    made = []
    at_half = value(delta, 0.5, 0.5)
    if at_half == 0:
        lam = np.linspace(0, up_to, points)
        made.append(Branch(np.full(points, 0.5), lam, True, (0.5,), ()))
    for low, high in pairwise(sorted({0.0, *crossed, 0.5, 1.0})):
        middle = 0.5 * (low + high)
        if value(delta, middle, 1 - middle) * (middle - 0.5) <= 0:
            continue
        near, far = sorted((float(np.clip(_logit(p), -furthest, furthest)) for p in (low, high)), key=abs)
        share, precision = _along(delta, near, far, points)
        kept = (precision >= 0) & (precision <= up_to)
        ends = tuple(p for p in (low, high) if p != 0.5 or at_half == 0)
        own = tuple(f for f in turns if low < f.share < high)
        made.append(Branch(share[kept], precision[kept], len(ends) == 1, ends, own))
    return tuple(sorted(made, key=lambda b: not b.principal))


def principal_share(advantage: ArrayLike, precision: ArrayLike) -> Array:
    """Return, for each draw, the equilibrium on the principal branch that is reached first from precision 0.

    Of the equilibria at lam it is the nearest to p = 1/2 on the side to which the firms lean there, the sign
    of Dbar(1/2). Past a fold of the principal branch it jumps, as play would.

    Parameters
    ----------
    advantage
        Delta, shape (..., N).
    precision
        lam, to be broadcast against the draws.

    Returns
    -------
    ndarray, shape (...)
    """
    delta = np.asarray(advantage, float)
    lam = np.asarray(precision, float)
    shape = np.broadcast_shapes(delta.shape[:-1], lam.shape)
    games = np.ascontiguousarray(np.broadcast_to(delta, (*shape, delta.shape[-1]))).reshape(
        -1, delta.shape[-1]
    )
    return _principal(games, np.broadcast_to(lam, shape).ravel()).reshape(shape)


def principal_branch(advantage: Array, up_to: float, points: int = 200) -> tuple[Array, Array]:
    """Return share and precision along the principal branch of each draw; NaN beyond ``up_to``.

    Parameters
    ----------
    advantage
        Delta, shape (draw, N).
    up_to
        Highest precision.
    points
        Points a branch.

    Returns
    -------
    share, precision
        Shape (draw, point), in order along the branch: precision falls between two folds.
    """
    return _principal_branches(np.ascontiguousarray(advantage, float), float(up_to), points)


def _logit(p: float) -> float:
    return -np.inf if p <= 0 else np.inf if p >= 1 else float(np.log(p / (1 - p)))


@njit(cache=True)
def _along(delta: Array, low: float, high: float, points: int) -> tuple[Array, Array]:
    """Return shares and precisions between two logits."""
    share, precision = np.empty(points), np.empty(points)
    first = share_of(-CLUSTER)
    for k in range(points):
        s = (share_of(CLUSTER * (2 * k / (points - 1) - 1)) - first) / (1 - 2 * first)
        t = low + (high - low) * s
        share[k] = share_of(t)
        mean = value_at_logit(delta, t)
        precision[k] = t / mean if mean != 0 else np.inf
    return share, precision


@njit(cache=True)
def _principal_branches(advantage: Array, up_to: float, points: int) -> tuple[Array, Array]:
    draws = advantage.shape[0]
    share, precision = np.full((draws, points), 0.5), np.empty((draws, points))
    for i in range(draws):
        delta = advantage[i]
        at_half = value(delta, 0.5, 0.5)
        if at_half == 0:
            precision[i] = np.linspace(0, up_to, points)
            continue
        up = at_half > 0
        end = np.inf if up else -np.inf
        for root in roots(delta):
            if up and root > 0.5:
                end = min(end, np.log(root / (1 - root)))
            if not up and root < 0.5:
                end = max(end, np.log(root / (1 - root)))
        furthest = up_to * np.abs(delta).max() + 1
        share[i], precision[i] = _along(delta, 0.0, min(max(end, -furthest), furthest), points)
        for k in range(points):
            if not 0 <= precision[i, k] <= up_to:
                share[i, k] = precision[i, k] = np.nan
    return share, precision


@njit(cache=True)
def _principal(advantage: Array, precision: Array) -> Array:
    made = np.full(advantage.shape[0], 0.5)
    for i in range(advantage.shape[0]):
        at_half = value(advantage[i], 0.5, 0.5)
        nearest = np.inf
        for t in _logits(advantage[i], precision[i]):
            if t * at_half > 0 and abs(t) < nearest:
                nearest = abs(t)
        if np.isfinite(nearest):
            made[i] = share_of(np.sign(at_half) * nearest)
    return made


@njit(cache=True)
def _logits(delta: Array, precision: float) -> Array:
    """Return the logits of all fixed points at a precision, ascending."""
    furthest = precision * np.abs(delta).max() + 1
    turning = roots(1 - precision * times_variance(derivative(delta)))
    ends = np.empty(turning.size + 2)
    ends[0], ends[-1] = -furthest, furthest
    for k in range(turning.size):
        logit = np.log(turning[k] / (1 - turning[k]))
        ends[k + 1] = min(max(logit, -furthest), furthest)
    found, count = np.empty(turning.size + 1), 0
    for k in range(ends.size - 1):
        low, high = ends[k], ends[k + 1]
        below = low - precision * value_at_logit(delta, low)
        above = high - precision * value_at_logit(delta, high)
        if below * above < 0:
            found[count] = _between(delta, precision, low, high, below, above)
            count += 1
    return found[:count]


@njit(cache=True)
def _between(delta: Array, precision: float, low: float, high: float, below: float, above: float) -> float:
    """Return the one fixed point between two logits by false position, weights halved (Illinois)."""
    side, last = 0, low
    for step in range(STEPS):
        t = 0.5 * (low + high) if step % 4 == 3 else (low * above - high * below) / (above - below)
        gap = t - precision * value_at_logit(delta, t)
        if gap == 0 or abs(t - last) <= PRECISE * (1 + abs(t)):
            return t
        last = t
        if gap * below > 0:
            low, below = t, gap
            above = 0.5 * above if side == -1 else above
            side = -1
        else:
            high, above = t, gap
            below = 0.5 * below if side == 1 else below
            side = 1
    return 0.5 * (low + high)


def _fold_logits(delta: Array) -> list[float]:
    """Return the logits of all folds at positive precision, ascending."""
    slope = derivative(delta)
    weight = times_variance(slope)
    parts = sorted([*roots(delta), *roots(slope), *roots(derivative(weight))])
    found = []
    for low, high in pairwise([-LARGEST_LOGIT, *(_logit(p) for p in parts), LARGEST_LOGIT]):
        below, above = _turning(delta, weight, low), _turning(delta, weight, high)
        if below * above < 0:
            t = float(brentq(partial(_turning, delta, weight), low, high, xtol=1e-14))  # pyright: ignore
            if t * value_at_logit(delta, t) > 0:
                found.append(t)
    return found


def _turning(delta: Array, weight: Array, logit: float) -> float:
    """Return F, whose sign is that of dlam/dp where Dbar is not 0."""
    return value_at_logit(delta, logit) - logit * value_at_logit(weight, logit)
