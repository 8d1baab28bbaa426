"""Signs of the literature: when two firms race, and what the race leaves behind.

Besanko and Doraszelski [1]_ find that firms which compete in prices end up unequal where depreciation is
high, the more so the more reversible investment is, and that firms which compete in quantities do not.
Besanko et al. [2]_ find that depreciation, reversibility and close substitutes promote preemption races,
with excess capacity that is shed later. Here the market in prices is that of Kreps and Scheinkman's second
stage, homogeneous goods and efficient rationing, whose expected profits are known [3]_. With R(y) = (M - y)
/ 2, slope b and k_1 >= k_2,

    each sells its capacity at the price that clears, if k_1 <= R(k_2);
    else pi_1 = b R(k_2)^2 and pi_2 = p min(k_2, D(p)), where p min(k_1, D(p)) = pi_1;  both 0 if k_2 >= M.

References
----------
.. [1] Besanko, D. and Doraszelski, U. (2004). Capacity dynamics and endogenous asymmetries in firm size. RAND
   Journal of Economics 35(1), 23-49.
.. [2] Besanko, D., Doraszelski, U., Lu, L. X. and Satterthwaite, M. (2010). Lumpy capacity investment and
   disinvestment dynamics. Operations Research 58(4), 1178-1193.
.. [3] Kreps, D. and Scheinkman, J. (1983). Quantity precommitment and Bertrand competition yield Cournot
   outcomes. Bell Journal of Economics 14(2), 326-337.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from overbuild.errors import CheckFailedError, InputError
from overbuild.games.race import RaceSpec
from overbuild.games.race_market import JOINT, OWN, Aim, Earned, Market, earned
from overbuild.games.race_paths import path
from overbuild.games.race_solver import solve

DUOPOLY = RaceSpec(
    firms=2,
    levels=11,
    market=(10.0,),
    persistence=0.0,
    prize=0.0,
    smoothing=0.15,
    depreciation=0.05,
    largest_order=2,
    adjustment=0.0,
    operating_cost=0.0,
    intercept=1.0,
    cost=0.5,
)
"""Two firms, deterministic demand, no prize: each alone could own the whole market, 10 units."""
DEPRECIATION = (0.02, 0.05, 0.1, 0.2, 0.3)
SCRAP = (0.0, 0.6, 0.9)
SUBSTITUTION = (0.2, 0.6, 1.0)
RENT = 0.15
"""User cost a year while depreciation is varied, so that capacity gets no dearer by that."""


@dataclass(frozen=True)
class Sign:
    """One equilibrium of a race between two firms.

    Attributes
    ----------
    competition, parameter, value
        In prices or quantities; what was varied, and its value.
    gap
        Larger less smaller firm in the long run, over total capacity.
    overshoot
        Largest expected capacity on the way over that of the long run, less 1.
    peak
        Largest expected capacity on the way, in units of the whole market.
    ratio
        Mean capacity over that of joint profit; not found in prices.
    equilibria
        Distinct fixed points of this race that were found.
    starts
        Starts from which this one was reached.
    """

    competition: str
    parameter: str
    value: float
    gap: float
    overshoot: float
    peak: float
    ratio: float | None
    equilibria: int
    starts: tuple[str, ...]


def signs() -> tuple[Sign, ...]:
    """Solve the races of two firms over depreciation, reversibility and differentiation.

    A race with several equilibria gives one `Sign` for each.

    Raises
    ------
    CheckFailedError
        If best responses settled from no start.
    """
    dear = {
        d: replace(DUOPOLY, depreciation=d, cost=RENT / (1 / DUOPOLY.discount - 1 + d)) for d in DEPRECIATION
    }
    sold = {s: replace(DUOPOLY, scrap=s) for s in SCRAP}
    made = [
        sign
        for competition, market in (("prices", bertrand_edgeworth), ("quantities", earned))
        for parameter, specs in (("depreciation", dear), ("scrap", sold))
        for value, spec in specs.items()
        for sign in _signs(competition, parameter, value, spec, market)
    ]
    close = {
        g: replace(DUOPOLY, substitution=g, toughness=price_toughness(2, g), depreciation=0.2)
        for g in SUBSTITUTION
    }
    made += [s for g, spec in close.items() for s in _signs("quantities", "substitution", g, spec, earned)]
    return tuple(made)


def price_toughness(firms: int, substitution: float) -> float:
    """Return the v at which quantities give the prices of Bertrand with differentiated goods.

    Against given prices of rivals own demand falls by 1 / (slope (1 - v)) as own price rises,
    1 - v = (1 - g) (1 + (N - 1) g) / (1 + (N - 2) g): from 0 for goods apart to 1 for perfect substitutes.
    """
    g = substitution
    return 1 - (1 - g) * (1 + (firms - 1) * g) / (1 + (firms - 2) * g)


def bertrand_edgeworth(spec: RaceSpec, capacities: NDArray[np.int64], aim: Aim = OWN) -> Earned:
    """Return expected profits of two firms that name prices, given capacities.

    Expected output, price and consumer surplus are not worked out: they are NaN.

    Raises
    ------
    InputError
        For more than two firms, differentiated goods, or a planner.
    """
    if spec.firms != 2 or spec.substitution != 1 or aim != OWN:
        raise InputError(
            f"Competition in prices with {spec.firms} firms and substitution {spec.substitution}; its "
            "profits are known for 2 firms and perfect substitutes (1.0), each for itself."
        )
    margin = spec.intercept - spec.operating_cost
    size = np.array(spec.market)
    large, small = (f(axis=1)[:, None].astype(float) for f in (capacities.max, capacities.min))
    slope = spec.intercept / size
    size = margin / slope
    best = np.maximum(size - small, 0) / 2
    clearing = margin - slope * (large + small)
    top = slope * best**2
    # The lowest price of the large firm, at which it sells its capacity or, if that is more, all demand.
    at_capacity = top / np.maximum(large, 1e-12)
    all_demand = (margin - np.sqrt(np.maximum(margin**2 - 4 * slope * top, 0))) / 2
    lowest = np.where(large <= (margin - at_capacity) / slope, at_capacity, all_demand)
    low = lowest * np.minimum(small, (margin - lowest) / slope)
    constrained = large <= best + 1e-12
    pair = np.stack(
        [np.where(constrained, clearing * large, top), np.where(constrained, clearing * small, low)], axis=1
    )
    larger = capacities.argmax(axis=1)
    profit = np.stack([pair[np.arange(len(pair)), (larger != j).astype(int)] for j in (0, 1)], axis=1)
    unknown = np.full((len(capacities), len(size)), np.nan)
    return Earned(profit, np.zeros_like(profit), unknown, unknown, unknown)


def _signs(competition: str, parameter: str, value: float, spec: RaceSpec, market: Market) -> Iterator[Sign]:
    solved = solve(spec, market=market)
    if not solved.converged:
        raise CheckFailedError(
            f"The race of two firms in {competition} at {parameter} {value} did not settle: "
            f"residual {solved.residual:.1e}."
        )
    joint = path(solve(spec, JOINT)).mean["capacity"] if market is earned else None
    for equilibrium in solved.equilibria:
        course = path(solved, equilibrium, years=60)
        capacity, final = course.by_year["capacity"], course.long_run["capacity"]
        yield Sign(
            competition,
            parameter,
            value,
            course.long_run["gap"] / final,
            max(float(capacity.max()) / final - 1, 0.0),
            float(capacity.max()) / spec.market[-1],
            joint and course.mean["capacity"] / joint,
            len(solved.equilibria),
            equilibrium.starts,
        )
