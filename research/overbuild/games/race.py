"""The capacity race: what a dynamic game of capacity among equal firms is made of.

A firm that owns k units and faces rivals' units k_-i in demand state d chooses an order x from a short list,

    V(k, k_-i, d) = E max_x { pi_i(k, k_-i, d) - C(x) + s e_x + beta E V(k', k_-i', d') },

    E k' = (1 - delta) k + x,   C(x) = (1 + tax - subsidy) c x + psi x^2 / 2   (scrap brings phi c a unit),

where e_x are private cost shocks of type-I extreme value, so that choices are logit with scale s [1]_, [2]_.
The product market is Cournot with differentiated goods and capacity constraints [3]_, made tougher by v,

    p_i = a - (a/M_d) N/(1+g(N-1)) (q_i + g sum_j q_j),
    p_i - m = (1-v) |dp_i/dq_i| q_i   unless q_i = 0 or k_i.

At v = 0 it is Cournot; at v = 1 prices clear the market. The market has the same size, M_d (1 - p/a), for any
number of firms and any g. A prize w M_d a year is shared by contest, (k_i + f)^r / sum_j (k_j + f)^r; a firm
that can rent keeps its equal part of the share theta of it.

References
----------
.. [1] Ericson, R. and Pakes, A. (1995). Markov-perfect industry dynamics: a framework for empirical work.
   Review of Economic Studies 62(1), 53-82.
.. [2] Besanko, D., Doraszelski, U., Lu, L. X. and Satterthwaite, M. (2010). Lumpy capacity investment and
   disinvestment dynamics. Operations Research 58(4), 1178-1193.
.. [3] Kreps, D. and Scheinkman, J. (1983). Quantity precommitment and Bertrand competition yield Cournot
   outcomes. Bell Journal of Economics 14(2), 326-337.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import comb, inf, isfinite, sqrt

import numpy as np
from numpy.typing import NDArray

from overbuild.errors import InputError

MOST_STATES = 60_000
"""Reduced states (own capacity, rivals, demand) beyond which the exact solution is refused."""


@dataclass(frozen=True)
class RaceSpec:
    """One race. Money is in units of the price of a unit of capacity where ``cost`` is 1; a period is a year.

    Attributes
    ----------
    firms, levels
        Number of firms; capacities are 0, 1, ..., ``levels - 1`` units each.
    depreciation
        delta, the fraction of capacity lost a year.
    intercept, operating_cost
        a, the price at which demand is zero, and m, the cost of a unit produced.
    market
        M_d, the units demanded at price zero, rising with the demand state.
    persistence
        Correlation of the demand state a year apart (Rouwenhorst's chain).
    start
        Demand state in which the race starts, from zero capacity.
    cost, adjustment
        c and psi of the order cost.
    scrap
        phi, the fraction of c that a unit brings when it is scrapped; 0: sunk, there is no scrapping.
    substitution, toughness
        g and v of the product market.
    prize, decisiveness, foothold
        w, r and f of the contest.
    rental
        theta, the share of the prize that renting outside capacity secures.
    discount, smoothing
        beta and s.
    tax, subsidy
        On the price of an order, as fractions.
    credit
        Spending on orders may not exceed the year's profit and this line; infinite: no limit.
    lag
        Years until an order can be used: 0 or 1.
    largest_order
        Units.
    """

    firms: int = 3
    levels: int = 6
    depreciation: float = 0.25
    intercept: float = 0.8
    operating_cost: float = 0.1
    market: tuple[float, ...] = (6.0, 12.0, 24.0)
    persistence: float = 0.8
    start: int = 0
    cost: float = 1.0
    adjustment: float = 0.1
    scrap: float = 0.0
    substitution: float = 1.0
    toughness: float = 0.0
    prize: float = 0.05
    decisiveness: float = 1.0
    foothold: float = 0.5
    rental: float = 0.0
    discount: float = 0.9
    smoothing: float = 0.15
    tax: float = 0.0
    subsidy: float = 0.0
    credit: float = inf
    lag: int = 1
    largest_order: int = 2

    def __post_init__(self) -> None:
        faults = [
            f"{name} = {value!r}; expected {said}." for name, value, good, said in self._rules() if not good
        ]
        if faults:
            raise InputError("The race cannot be set up: " + " ".join(faults))

    def _rules(self) -> list[tuple[str, object, bool, str]]:
        share = "a share from 0 to 1"
        market = self.market
        return [
            ("firms", self.firms, _whole(self.firms, 1, 12), "a whole number from 1 to 12"),
            ("levels", self.levels, _whole(self.levels, 2, 40), "a whole number from 2 to 40"),
            (
                "depreciation",
                self.depreciation,
                _within(self.depreciation, 0, 0.999),
                "a rate from 0 to 0.999",
            ),
            ("intercept", self.intercept, _within(self.intercept, 1e-9, 1e9), "a price above 0"),
            (
                "operating_cost",
                self.operating_cost,
                _within(self.operating_cost, 0, 1e9) and self.operating_cost < self.intercept,
                f"a cost from 0 to below the intercept, {self.intercept}",
            ),
            (
                "market",
                market,
                0 < len(market) <= 15
                and all(_within(m, 1e-9, 1e9) for m in market)
                and all(a < b for a, b in pairwise(market)),
                "1 to 15 numbers of units above 0, rising",
            ),
            (
                "persistence",
                self.persistence,
                _within(self.persistence, 0, 0.999),
                "a correlation from 0 to 0.999",
            ),
            (
                "start",
                self.start,
                _whole(self.start, 0, len(market) - 1),
                f"a demand state from 0 to {len(market) - 1}",
            ),
            ("cost", self.cost, _within(self.cost, 1e-9, 1e9), "a price above 0"),
            ("adjustment", self.adjustment, _within(self.adjustment, 0, 1e9), "a number from 0 on"),
            ("scrap", self.scrap, _within(self.scrap, 0, 0.99), "a share from 0 to 0.99"),
            ("substitution", self.substitution, _within(self.substitution, 0, 1), share),
            ("toughness", self.toughness, _within(self.toughness, 0, 1), share),
            ("prize", self.prize, _within(self.prize, 0, 1e9), "a number from 0 on"),
            ("decisiveness", self.decisiveness, _within(self.decisiveness, 0, 10), "a number from 0 to 10"),
            ("foothold", self.foothold, _within(self.foothold, 1e-6, 1e6), "a number above 0"),
            ("rental", self.rental, _within(self.rental, 0, 1), share),
            ("discount", self.discount, _within(self.discount, 0, 0.995), "a factor from 0 to 0.995"),
            ("smoothing", self.smoothing, _within(self.smoothing, 1e-4, 1e6), "a scale of at least 0.0001"),
            ("tax", self.tax, _within(self.tax, 0, 100), "a rate from 0 to 100"),
            ("subsidy", self.subsidy, _within(self.subsidy, 0, 0.99), "a rate from 0 to 0.99"),
            ("credit", self.credit, self.credit == inf or _within(self.credit, 0, 1e9), "money from 0 on"),
            ("lag", self.lag, _whole(self.lag, 0, 1), "0 or 1 years"),
            (
                "largest_order",
                self.largest_order,
                _whole(self.largest_order, 1, max(self.levels - 1, 1)),
                f"a whole number from 1 to {self.levels - 1}",
            ),
        ]

    @property
    def states(self) -> int:
        """Ordered states: levels to the power of firms, times demand states."""
        return self.levels**self.firms * len(self.market)

    @property
    def reduced_states(self) -> int:
        """States that differ for a firm when its rivals change names."""
        return self.levels * comb(self.firms + self.levels - 2, self.levels - 1) * len(self.market)

    @property
    def user_cost(self) -> float:
        """What a unit must earn a year: c (1/beta - 1 + delta), or beta times that without a lag."""
        rental = self.cost * (1 - self.discount * (1 - self.depreciation))
        return rental / self.discount if self.lag and self.discount > 0 else rental

    @property
    def full_cost(self) -> float:
        """Operating cost and user cost of a unit that is always used."""
        return self.operating_cost + self.user_cost

    @property
    def demand_chain(self) -> NDArray[np.float64]:
        """Transition of the demand state, shape (demand, demand)."""
        return rouwenhorst(len(self.market), self.persistence)


def market_levels(middle: float, sd: float, states: int) -> tuple[float, ...]:
    """Return Rouwenhorst's levels of an AR(1) in logs.

    Parameters
    ----------
    middle
        Units at the middle of the levels.
    sd
        Standard deviation of the log over a long time.
    states
        Number of levels, spread evenly over ``+- sd sqrt(states - 1)`` logs.
    """
    if states == 1:
        return (middle,)
    spread = sd * sqrt(states - 1)
    return tuple(float(v) for v in middle * np.exp(np.linspace(-spread, spread, states)))


def rouwenhorst(states: int, persistence: float) -> NDArray[np.float64]:
    """Return the transition of Rouwenhorst's chain, whose autocorrelation is exact.

    Kopecky, K. and Suen, R. (2010). Finite state Markov-chain approximations to highly persistent processes.
    Review of Economic Dynamics 13(3), 701-714.
    """
    p = (1 + persistence) / 2
    chain = np.ones((1, 1))
    for n in range(2, states + 1):
        wider = np.zeros((n, n))
        wider[:-1, :-1] += p * chain
        wider[:-1, 1:] += (1 - p) * chain
        wider[1:, :-1] += (1 - p) * chain
        wider[1:, 1:] += p * chain
        wider[1:-1] /= 2
        chain = wider
    return chain


def _within(value: object, low: float, high: float) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and isfinite(value)
        and low <= value <= high
    )


def _whole(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
