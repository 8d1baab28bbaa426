"""The product market of the race: what firms with given capacities produce, earn and leave to users.

The output of firm i solves, with the weights w of rivals' profits and u of consumer surplus in its aim,

    q_i = clip{ (A - b sum_j q_j) / (o - b), 0, k_i },   o = 2 - u - v,   b = g (1 + w - u),

A being (a - m) over the slope of price in own output. It is one equation in total output that falls on one
side and rises on the other, so that there is one solution. w = u = 0: Cournot with capacity constraints, made
tougher by v; w = 1, u = 0: a cartel; w = u = 1: the social planner.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from overbuild.games.race import RaceSpec

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Aim:
    """What a firm cares for: weight of rivals' profits and of consumer surplus, in orders and in output."""

    rivals: float = 0.0
    users: float = 0.0
    rivals_in_output: float = 0.0
    users_in_output: float = 0.0

    @property
    def alone(self) -> bool:
        """Whether it cares for itself alone when it orders."""
        return self.rivals == 0 and self.users == 0


OWN = Aim()
"""Each for itself: Markov-perfect equilibrium."""
JOINT = Aim(1.0, 0.0, 1.0, 0.0)
"""Joint profit: capacity and output as a cartel sets them."""
SOCIAL = Aim(1.0, 1.0, 1.0, 1.0)
"""Joint profit and consumer surplus."""
RESTRAINT = Aim(1.0, 0.0, 0.0, 0.0)
"""Orders for joint profit, output in competition."""


@dataclass(frozen=True, eq=False)
class Earned:
    """What each list of capacities earns, by list and demand state.

    Attributes
    ----------
    profit, prize
        Of each firm, shape (list, firm, demand).
    users
        Consumer surplus, shape (list, demand).
    output, price
        Total output; price averaged over output, and the choke price where nothing is produced.
    """

    profit: Floats
    prize: Floats
    users: Floats
    output: Floats
    price: Floats


type Market = Callable[[RaceSpec, NDArray[np.int64], Aim], Earned]
"""A function from capacities to what they earn."""


def earned(spec: RaceSpec, capacities: NDArray[np.int64], aim: Aim = OWN) -> Earned:
    """Return what lists of capacities earn.

    Parameters
    ----------
    spec
        The race.
    capacities
        Units, shape (list, firm).
    aim
        What firms care for when they choose output.
    """
    tough = spec.toughness if aim.rivals_in_output == 0 and aim.users_in_output == 0 else 0.0
    n = spec.firms
    steep = spec.intercept * n / (1 + spec.substitution * (n - 1))
    made = _earned(
        capacities.astype(float),
        np.array(spec.market),
        spec.intercept,
        spec.operating_cost,
        steep,
        spec.substitution,
        2 - aim.users_in_output - tough,
        spec.substitution * (1 + aim.rivals_in_output - aim.users_in_output),
    )
    weight = (capacities + spec.foothold) ** spec.decisiveness
    held = (1 - spec.rental) * weight / weight.sum(axis=1, keepdims=True) + spec.rental / n
    prize = spec.prize * held[:, :, None] * np.array(spec.market)
    return Earned(made[0], prize, *made[1:])


@njit(cache=True)
def _earned(
    capacities: Floats, market: Floats, a: float, m: float, steep: float, g: float, own: float, cross: float
) -> tuple[Floats, Floats, Floats, Floats]:
    lists, n = capacities.shape
    states = len(market)
    profit = np.zeros((lists, n, states))
    users, output, price = np.zeros((lists, states)), np.zeros((lists, states)), np.zeros((lists, states))
    for i in range(lists):
        for d in range(states):
            slope = steep / market[d]
            q = _outputs(capacities[i], (a - m) / slope, own, cross)
            total = q.sum()
            revenue = 0.0
            square = 0.0
            for j in range(n):
                p = a - slope * (q[j] + g * (total - q[j]))
                profit[i, j, d] = (p - m) * q[j]
                revenue += p * q[j]
                square += q[j] * q[j]
            users[i, d] = slope / 2 * (square + g * (total * total - square))
            output[i, d] = total
            price[i, d] = revenue / total if total > 0 else a
    return profit, users, output, price


@njit(cache=True)
def _outputs(k: Floats, size: float, own: float, cross: float) -> Floats:
    owned = k.sum()
    if own - cross < 1e-9:
        return k * min(1.0, size / (cross * owned)) if owned > 0 else np.zeros_like(k)
    low, high = 0.0, owned
    q = np.zeros_like(k)
    for _ in range(60):
        total = (low + high) / 2
        made = 0.0
        for j in range(len(k)):
            q[j] = min(max((size - cross * total) / (own - cross), 0.0), k[j])
            made += q[j]
        if made > total:
            low = total
        else:
            high = total
    return q
