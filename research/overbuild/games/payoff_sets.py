r"""What two patient players can have: the pay-offs of all subgame-perfect equilibria in pure strategies.

The set V* is the largest W with W = B(W), where B(W) holds what today's choices a and a continuation in W
give if straying is punished by u, the worst of W for the player who strays (Abreu, Pearce and Stacchetti),

    (1-delta) g(a) + delta w,   w in W,   w >= u + (1-delta)/delta h(a),

g stage pay-offs, h gains from straying, both players drawing lots in public. The iteration here keeps only
the continuations that can make extreme points, at most four a choice: g(a) itself where it satisfies the
constraint, and otherwise the ends of the constraint's two edges within W (Abreu and Sannikov). Both have the
same limit.

Monitoring is perfect. Reference: Abreu and Sannikov (2014), "An algorithm for two-player repeated games with
perfect monitoring", Theoretical Economics 9(2), 313-338; Abreu, Pearce and Stacchetti (1990), Econometrica
58(5), 1041-1063.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overbuild.errors import InputError

type Array = NDArray[np.float64]

TOLERANCE = 1e-12
"""Of geometry, relative to the spread of the pay-offs."""
ODD_DIRECTION = np.array([1.0, 0.6180339887])
"""In which the hull is begun: no side of it is at right angles to that but by chance."""


@dataclass(frozen=True)
class PayoffSet:
    """The set V*.

    Attributes
    ----------
    vertices
        Counter-clockwise, shape (vertex, 2); none if there is no such equilibrium.
    threat
        The worst of the set for each player, shape (2,).
    iterations
        Steps made.
    converged
        Whether the last step moved no vertex by more than the tolerance; if not, the set is too large.
    """

    vertices: Array
    threat: Array
    iterations: int
    converged: bool

    def holds(self, point: Array, tolerance: float = 1e-8) -> bool:
        """Return whether a pay-off is in the set."""
        return len(self.vertices) > 0 and _distance_outside(self.vertices, np.asarray(point)) <= tolerance


def payoff_set(
    first: Array, second: Array, discount: float, *, tolerance: float = 1e-11, steps: int = 20_000
) -> PayoffSet:
    """Return the pay-offs of all subgame-perfect equilibria in pure strategies of two players.

    Parameters
    ----------
    first, second
        Pay-offs of the two players by choices, shape (choices of the first, choices of the second).
    discount
        delta, above 0 and below 1.
    tolerance
        Of the vertices, relative to the spread of the pay-offs.
    steps
        At most this many.

    Raises
    ------
    InputError
        If the discount factor or the shapes are not as expected.
    """
    first, second = np.asarray(first, float), np.asarray(second, float)
    fits = first.ndim == 2 and first.shape == second.shape and np.isfinite([first, second]).all()
    if not fits:
        raise InputError("Pay-offs of the two players: expected two tables of finite numbers, of one shape.")
    g = np.stack([first, second], axis=-1)
    if not 0 < discount < 1:
        raise InputError(f"discount = {discount}; expected above 0 and below 1.")
    spread = max(np.ptp(g, axis=(0, 1)).max(), 1.0)
    straying = np.stack(
        [g[..., 0].max(axis=0)[None, :] - g[..., 0], g[..., 1].max(axis=1)[:, None] - g[..., 1]]
    )
    stages, gains = g.reshape(-1, 2), np.moveaxis(straying, 0, -1).reshape(-1, 2)
    threat = np.array([g[..., 0].max(axis=0).min(), g[..., 1].max(axis=1).min()])
    hull = convex_hull(stages, TOLERANCE * spread)
    for step in range(1, steps + 1):
        new = convex_hull(
            np.array(list(_generated(stages, gains, hull, threat, discount))), TOLERANCE * spread
        )
        if not len(new):
            return PayoffSet(new, threat, step, True)
        worst = np.maximum(threat, new.min(axis=0))
        moved = max(_moved(hull, new), np.abs(worst - threat).max())
        hull, threat = new, worst
        if moved <= tolerance * spread * (1 - discount):
            return PayoffSet(hull, threat, step, True)
    return PayoffSet(hull, threat, steps, False)


def _generated(stages: Array, gains: Array, hull: Array, threat: Array, discount: float) -> Iterator[Array]:
    """Yield the candidates for extreme points."""
    for stage, gain in zip(stages, gains, strict=True):
        floor = threat + (1 - discount) / discount * gain
        if (stage >= floor - TOLERANCE * (1 + np.abs(floor))).all():
            yield stage
            continue
        for axis in (0, 1):
            ends = _cut(hull, axis, floor[axis])
            if ends is None or ends[1] < floor[1 - axis] - TOLERANCE * (1 + abs(floor[1 - axis])):
                continue
            for other in (max(ends[0], floor[1 - axis]), ends[1]):
                w = np.empty(2)
                w[axis], w[1 - axis] = floor[axis], other
                yield (1 - discount) * stage + discount * w


def _cut(hull: Array, axis: int, at: float) -> tuple[float, float] | None:
    """Return from where to where the hull is cut by the line on which one coordinate is ``at``."""
    x, y = hull[:, axis], hull[:, 1 - axis]
    slack = TOLERANCE * (1 + abs(at))
    if at < x.min() - slack or at > x.max() + slack:
        return None
    at = min(max(at, x.min()), x.max())
    next_x, next_y = np.roll(x, -1), np.roll(y, -1)
    crossed = (np.minimum(x, next_x) <= at) & (at <= np.maximum(x, next_x))
    run = next_x - x
    level = np.abs(run) <= slack
    weight = np.where(level, 0.0, (at - x) / np.where(level, 1.0, run))
    met = y + weight * (next_y - y)
    values = np.concatenate([met[crossed], next_y[crossed & level]])
    return float(values.min()), float(values.max())


def convex_hull(points: Array, tolerance: float) -> Array:
    """Return the corners of the hull counter-clockwise; one for a point, two for a segment, none for none.

    The point furthest from a chord is a corner, and the chord is split there (quickhull); one nearer than the
    tolerance lies on it.
    """
    if not len(points):
        return np.empty((0, 2))
    along = points @ ODD_DIRECTION
    first, last = points[along.argmin()], points[along.argmax()]
    if np.hypot(*(last - first)) <= tolerance:
        return first[None]
    corners = [
        first,
        *_beyond(points, first, last, tolerance),
        last,
        *_beyond(points, last, first, tolerance),
    ]
    return np.array(corners)


def _beyond(points: Array, start: Array, end: Array, tolerance: float) -> list[Array]:
    """Return the corners to the right of a chord, in order from its start."""
    chord, to = end - start, points - start
    distance = (chord[1] * to[:, 0] - chord[0] * to[:, 1]) / np.hypot(*chord)
    furthest = distance.argmax()
    if distance[furthest] <= tolerance:
        return []
    corner, outside = points[furthest], points[distance > tolerance]
    return [*_beyond(outside, start, corner, tolerance), corner, *_beyond(outside, corner, end, tolerance)]


def _moved(old: Array, new: Array) -> float:
    """Return how far the old corners lie outside the new hull, and the new outside the old."""
    return max(max(_distance_outside(b, p) for p in a) for a, b in ((old, new), (new, old)))


def _distance_outside(hull: Array, point: Array) -> float:
    """Return the distance of a point to a hull, 0 inside."""
    starts, ends = hull, np.roll(hull, -1, axis=0)
    along, to = ends - starts, point - starts
    turned = along[:, 0] * to[:, 1] - along[:, 1] * to[:, 0]
    if len(hull) > 2 and (turned >= 0).all():
        return 0.0
    length = (along**2).sum(axis=1)
    weight = np.clip((along * to).sum(axis=1) / np.where(length > 0, length, 1.0), 0, 1)
    return float(np.hypot(*(to - weight[:, None] * along).T).min())
