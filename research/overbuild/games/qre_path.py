r"""Quantal response among unlike firms: the branch from zero precision, followed through folds.

With t_i = logit p_i and D_i the mean advantage of building against the others' shares, equilibria at
precision lam solve t_i = lam D_i(p). From lam = 0, t = 0 the branch is followed by its arc length: a step
along the tangent, then Newton steps on the system extended by the plane through the predicted point. Folds,
where lam turns back, are ordinary points of that system. Where the branch crosses a precision that was asked
for, the system is solved at it; a path may cross it more than once.

Reference: Turocy (2005), "A dynamic homotopy interpretation of the logistic quantal response equilibrium
correspondence".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overbuild.games.binary import BinaryGame

type Array = NDArray[np.float64]

TOLERANCE = 1e-11
SMALLEST_STEP, LARGEST_STEP = 1e-6, 0.5
GROWS, SHRINKS = 1.3, 0.5
NEWTON = 8
NEAR_TANGENT = 0.98
"""Least cosine between neighbouring tangents: a step that turns more is halved, so that no branch is left."""


@dataclass(frozen=True)
class Crossing:
    """One equilibrium at a precision that was asked for.

    Attributes
    ----------
    precision
        lam.
    shares
        p_i, shape (N,).
    """

    precision: float
    shares: Array


@dataclass(frozen=True)
class Path:
    """The principal branch.

    Attributes
    ----------
    precision, shares
        Along the branch, shapes (point,) and (point, N).
    crossings
        Equilibria at the precisions that were asked for, in the order in which the branch meets them.
    folds
        Precisions at which the branch turned back.
    converged
        Whether it reached the highest precision that was asked for; if not, nothing is said beyond its end.
    residual
        Largest error of the equations at its points and crossings.
    """

    precision: Array
    shares: Array
    crossings: tuple[Crossing, ...]
    folds: tuple[float, ...]
    converged: bool
    residual: float


def follow(game: BinaryGame, precisions: Sequence[float], *, steps: int = 20_000) -> Path:
    """Follow the branch from zero precision to the highest of the precisions asked for.

    Parameters
    ----------
    game
        Pay-offs, best in units of the cost.
    precisions
        At which equilibria are wanted, above 0.
    steps
        At most this many.
    """
    system = _System(game)
    wanted, last = sorted(precisions), max(precisions)
    point, tangent, step = np.zeros(game.firms + 1), _first_tangent(system), 0.05
    points, crossings, folds = [point], [], []
    while len(points) < steps and point[-1] < last:
        found = _stepped(system, point, tangent, step)
        if found is None:
            step *= SHRINKS
            if step < SMALLEST_STEP:
                break
            continue
        new, new_tangent = found
        low, high = sorted((point[-1], new[-1]))
        met = [lam for lam in wanted if low < lam <= high]
        for lam in met if new[-1] > point[-1] else reversed(met):
            crossings.append(_crossing(system, point, new, lam))
        if tangent[-1] * new_tangent[-1] < 0:
            folds.append(_fold(system, point, tangent, step))
        point, tangent = new, new_tangent
        points.append(point)
        step = min(step * GROWS, LARGEST_STEP)
    path = np.array(points)
    solved = [c for c, _ in crossings]
    errors = [np.abs(system.value(p)).max() for p in points] + [e for _, e in crossings]
    residual = float(max(errors))
    reached = bool(point[-1] >= last and residual < TOLERANCE * 1e3)
    return Path(path[:, -1], _shares(path[:, :-1]), tuple(solved), tuple(folds), reached, residual)


class _System:
    """t - lam D(p(t)) and its derivatives; a point is (t_1, ..., t_N, lam)."""

    def __init__(self, game: BinaryGame) -> None:
        self.firms = game.firms
        self._advantage = game.advantage

    def value(self, point: Array) -> Array:
        shares = _shares(point[:-1])
        return point[:-1] - point[-1] * self._mean(shares)

    def jacobian(self, point: Array) -> Array:
        """Return the derivatives, shape (N, N+1)."""
        shares = _shares(point[:-1])
        spread = shares * (1 - shares)
        made = np.zeros((self.firms, self.firms + 1))
        made[:, -1] = -self._mean(shares)
        for i in range(self.firms):
            others = np.delete(np.arange(self.firms), i)
            for place, j in enumerate(others):
                table = np.moveaxis(self._advantage[i], place, 0)
                rest = np.delete(shares[others], place)
                made[i, j] = (
                    -point[-1] * spread[j] * (_contracted(table[1], rest) - _contracted(table[0], rest))
                )
            made[i, i] = 1
        return made

    def _mean(self, shares: Array) -> Array:
        return np.array([_contracted(self._advantage[i], np.delete(shares, i)) for i in range(self.firms)])


def _contracted(table: Array, shares: Array) -> float:
    for p in shares:
        table = (1 - p) * table[0] + p * table[1]
    return float(table)


def _shares(logits: Array) -> Array:
    e = np.exp(-np.abs(logits))
    return np.where(logits >= 0, 1 / (1 + e), e / (1 + e))


def _first_tangent(system: _System) -> Array:
    tangent = _null(system.jacobian(np.zeros(system.firms + 1)))
    return tangent if tangent[-1] > 0 else -tangent


def _null(jacobian: Array) -> Array:
    return np.linalg.svd(jacobian)[2][-1]


def _stepped(system: _System, point: Array, tangent: Array, step: float) -> tuple[Array, Array] | None:
    """Return the next point and its tangent, or None if the step was too long."""
    predicted = point + step * tangent
    new = _newton(
        lambda x: np.append(system.value(x), tangent @ (x - predicted)),
        lambda x: np.vstack([system.jacobian(x), tangent]),
        predicted,
    )
    if new is None:
        return None
    found = _null(system.jacobian(new))
    turn = float(found @ tangent)
    return None if abs(turn) < NEAR_TANGENT else (new, found if turn > 0 else -found)


def _fold(system: _System, point: Array, tangent: Array, step: float) -> float:
    """Return the precision at which the branch turns back within a step."""
    low, high, turned = 0.0, step, point
    while high - low > SMALLEST_STEP**2:
        middle = 0.5 * (low + high)
        found = _stepped(system, point, tangent, middle)
        if found is None:
            break
        turned = found[0]
        low, high = (middle, high) if found[1][-1] * tangent[-1] > 0 else (low, middle)
    return float(turned[-1])


def _crossing(system: _System, start: Array, end: Array, precision: float) -> tuple[Crossing, float]:
    """Return the equilibrium at a precision between two points, and the error of its equations."""
    weight = (precision - start[-1]) / (end[-1] - start[-1])
    guess = start + weight * (end - start)
    at = np.append(guess[:-1], precision)
    found = _newton(
        lambda x: np.append(system.value(x), x[-1] - precision),
        lambda x: np.vstack([system.jacobian(x), np.eye(x.size)[-1]]),
        at,
    )
    solved = at if found is None else found
    return Crossing(precision, _shares(solved[:-1])), float(np.abs(system.value(solved)).max())


def _newton(
    value: Callable[[Array], Array], jacobian: Callable[[Array], Array], start: Array
) -> Array | None:
    """Return the root near a point, or None if a few steps do not find it."""
    x = start
    for _ in range(NEWTON):
        try:
            x = x - np.linalg.solve(jacobian(x), value(x))
        except np.linalg.LinAlgError:
            return None
        if np.abs(value(x)).max() < TOLERANCE:
            return x
    return None
