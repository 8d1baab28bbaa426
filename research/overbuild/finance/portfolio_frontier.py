r"""Cost against risk of a portfolio of owned and rented capacity, on the same scenarios throughout.

CVaR at level alpha is the mean of the worst 1 - alpha of losses, min_z z + E(loss - z)^+ / (1 - alpha)
(Rockafellar and Uryasev 2000, Journal of Risk 2(3), 21-41). Loss is cost beyond m D, demand at the cheaper
price (`overbuild.finance.portfolio`); a part ``taken_off`` other than 1 of m D makes another measure of risk
of it, 0 that of all cost, in which large demand is bad however cheaply served. CVaR is convex in a convex
loss, so that

    min over (K_o, K_r) >= 0 of (1 - l) E loss + l CVaR

is found with cutting planes (Kelley 1960): each step adds the tangent at the last point and minimises the
largest of all tangents, a linear program in three unknowns. That minimum is a lower bound, and the method
ends when the best value found is within ``TOLERANCE`` of it: the gap certifies the optimum.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from overbuild.errors import CheckFailedError
from overbuild.finance.portfolio import (
    OwnOrRent,
    Portfolio,
    Scenarios,
    Shocks,
    benchmark,
    cheapest,
    losses,
    only_owning,
    scenarios,
)
from overbuild.games.contest import require

type Array = NDArray[np.float64]

LEVEL = 0.95
WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
TOLERANCE = 1e-5
"""Of the mean of m D."""
STEPS = 200


def tail_weights(loss: Array, level: float) -> Array:
    """Return the weights, adding up to 1, under which the mean of ``loss`` is its CVaR.

    Raises
    ------
    InputError
        If the level is below 0, or 1 or more.
    """
    require(0 <= level < 1, f"level = {level:g}", "expected 0 or more and below 1")
    left = (1 - level) * loss.size
    weights = np.zeros(loss.size)
    order = np.argsort(-loss, kind="stable")
    weights[order] = np.clip(left - np.arange(loss.size), 0.0, 1.0)
    return weights / left


def cvar(loss: Array, level: float = LEVEL) -> float:
    """Return the mean of the worst 1 - ``level`` of losses."""
    return float(tail_weights(loss, level) @ loss)


@dataclass(frozen=True)
class Point:
    """A portfolio, its mean cost and the CVaR of its loss, USD per GPU-hour of demand, and the gap left."""

    weight: float
    owned: float
    rented: float
    rented_share: float
    case: str
    cost: float
    cvar: float
    gap: float


def least(
    spec: OwnOrRent, seen: Scenarios, weight: float, level: float = LEVEL, *, taken_off: float = 1.0
) -> Point:
    """Return the portfolio that minimises (1 - weight) mean + weight CVaR.

    Parameters
    ----------
    spec, seen
        The decision and what may happen.
    weight, level
        Of CVaR against the mean, and its level.
    taken_off
        Part of m D that is no loss.

    Raises
    ------
    InputError
        If the weight or the level is no share.
    CheckFailedError
        If the lower bound is not reached.
    """
    require(0 <= weight <= 1, f"weight = {weight:g}", "expected a share from 0 to 1")
    top, scale = float(seen.demand.max()), benchmark(spec, seen)
    counted = (1 - taken_off) * spec.cheaper * (seen.demand @ seen.discount)
    best, at, bound = np.inf, cheapest(spec, seen), -np.inf
    tried, tangents, levels = at, [], []
    for _ in range(STEPS):
        loss, slopes = losses(spec, seen, tried)
        loss = loss + counted
        mix = (1 - weight) / loss.size + weight * tail_weights(loss, level)
        value, slope = float(mix @ loss), mix @ slopes
        if value < best:
            best, at = value, tried
        tangents.append([*slope, -1.0])
        levels.append(slope @ [tried.owned, tried.rented] - value)
        found = linprog(
            [0, 0, 1], tangents, levels, bounds=[(0, top), (0, top), (None, None)], method="highs"
        )  # fmt: skip
        bound = found.fun if found.success else bound
        if best - bound <= TOLERANCE * scale or not found.success:
            break
        tried = Portfolio(float(found.x[0]), float(found.x[1]))
    if not best - bound <= TOLERANCE * scale:
        raise CheckFailedError(f"The portfolio at weight {weight:g} is not settled after {STEPS} steps.")
    return _point(spec, seen, at, weight, level, (best - bound) / scale, counted)


def frontier(
    spec: OwnOrRent, seen: Scenarios, weights: tuple[float, ...] = WEIGHTS, level: float = LEVEL
) -> list[Point]:
    """Return the efficient portfolios, from least mean cost to least risk."""
    return [least(spec, seen, w, level) for w in weights]


def own_or_rent(spec: OwnOrRent, rng: np.random.Generator, draws: int = 4000) -> dict[str, Any]:
    """Return the portfolio of least mean cost, that of an owner without contracts, and the frontier.

    Parameters
    ----------
    spec
        Prices, lives and demand.
    rng
        Of the scenarios.
    draws
        Scenarios, an even number from 2 to a million.

    Returns
    -------
    dict
        ``spec``, ``premium``, ``level``, ``draws``, ``cheapest`` and ``only_owning`` (each a `Point`),
        ``frontier``: plain types.

    Raises
    ------
    InputError
        If the specification, the generator or the number of scenarios is none.
    CheckFailedError
        If a point of the frontier is not settled.
    """
    require(isinstance(spec, OwnOrRent), f"spec = {spec!r}", "expected an OwnOrRent")
    require(isinstance(rng, np.random.Generator), f"rng = {rng!r}", "expected a numpy.random.Generator")
    seen = scenarios(spec, Shocks.drawn(draws, spec.own_years, rng))
    best, alone = cheapest(spec, seen), only_owning(spec, seen)
    return {
        "spec": asdict(spec),
        "premium": spec.premium,
        "level": LEVEL,
        "draws": draws,
        "cheapest": asdict(_point(spec, seen, best, 0.0, LEVEL, 0.0)),
        "only_owning": asdict(_point(spec, seen, alone, 0.0, LEVEL, 0.0)),
        "frontier": [asdict(p) for p in frontier(spec, seen)],
    }


def _point(
    spec: OwnOrRent,
    seen: Scenarios,
    at: Portfolio,
    weight: float,
    level: float,
    gap: float,
    counted: Array | float = 0.0,
) -> Point:
    loss = losses(spec, seen, at)[0]
    base = benchmark(spec, seen)
    unit = base / spec.cheaper
    return Point(
        weight=weight,
        owned=at.owned,
        rented=at.rented,
        rented_share=at.rented_share,
        case=at.case,
        cost=float(loss.mean() + base) / unit,
        cvar=cvar(loss + counted, level) / unit,
        gap=float(gap),
    )
