"""Markov-perfect equilibrium of the race, and its planners, by damped logit best response from several starts.

All firms follow one rule of (own capacity, rivals, demand); equilibria in which equal firms follow different
rules are not looked for. A planner is the same problem with another aim: every firm orders for joint profit, or
for joint profit and consumer surplus, knowing its own cost shocks alone (a team in the sense of Marschak and
Radner), so that the planner has neither more information nor other choices than the firms.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from overbuild.games.race import RaceSpec
from overbuild.games.race_lattice import Lattice, Moves, lattice, moves
from overbuild.games.race_market import OWN, Aim, Market, earned

Floats = NDArray[np.float64]
FORBIDDEN = 1e30
"""Cost of an order that cannot be made."""
MOST_ITERATIONS = 4000
TOLERANCE = 1e-6
DISTINCT = 1e-3
"""Two rules that nowhere differ by more, in the chance of an order, are one equilibrium."""
FOLLOWED = {"even": 20, "build": 60, "hold": 60, "leader": 60}
"""Rules to start from, and the rounds for which each is followed so that values know it."""
STARTS = tuple(FOLLOWED)


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """A fixed point.

    Attributes
    ----------
    policy
        Chance of each action, shape (own level, rival state, demand, action).
    value
        What a firm expects, in its own aim, shape (own level, rival state, demand).
    residual
        Largest change by one more best response, of a chance or a value relative to the largest value.
    iterations
        Rounds of best response.
    starts
        Starts from which it was reached.
    """

    policy: Floats
    value: Floats
    residual: float
    iterations: int
    starts: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Solved:
    """What was found.

    Attributes
    ----------
    spec, aim, exact, market
        The race; what firms care for; whether rivals are described exactly or by their total; what capacities
        earn.
    equilibria
        Distinct fixed points, the one reached from the most starts first; empty if none was.
    failed
        Start to residual where best responses did not settle.
    """

    spec: RaceSpec
    aim: Aim
    exact: bool
    market: Market
    equilibria: tuple[Equilibrium, ...]
    failed: dict[str, float]

    @property
    def converged(self) -> bool:
        """Whether any start settled."""
        return bool(self.equilibria)

    @property
    def residual(self) -> float:
        """Residual of the first equilibrium, or the smallest where there is none."""
        return self.equilibria[0].residual if self.equilibria else min(self.failed.values())

    @property
    def equilibrium(self) -> Equilibrium:
        """The first equilibrium.

        Raises
        ------
        ValueError
            If no start settled.
        """
        if not self.equilibria:
            raise ValueError(f"No equilibrium: the residual is {self.residual:.1e} after the last iteration.")
        return self.equilibria[0]


def solve(
    spec: RaceSpec,
    aim: Aim = OWN,
    *,
    exact: bool = True,
    market: Market = earned,
    starts: tuple[str, ...] = STARTS,
    warm: Equilibrium | None = None,
    most: int = MOST_ITERATIONS,
    tolerance: float = TOLERANCE,
) -> Solved:
    """Solve a race.

    Parameters
    ----------
    spec
        The race. A planner pays no tax, gets no subsidy and has no limit to its credit.
    aim
        What firms care for.
    exact
        Whether rivals are described by each capacity; otherwise by their total.
    market
        What capacities earn; default: quantities under capacity constraints.
    starts
        Rules from which best response starts: ``even`` (all orders equally likely), ``build`` (the largest
        order), ``hold`` (none), ``leader`` (the largest firms order, the others do not).
    warm
        An equilibrium of a race with the same states and actions to start from instead.
    most
        Rounds after which a start has failed.
    tolerance
        Residual at which a fixed point is one.

    Raises
    ------
    InputError
        If the exact solution has too many states.
    """
    if not aim.alone:
        spec = replace(spec, tax=0.0, subsidy=0.0, credit=np.inf)
    tables = lattice(spec, exact=exact)
    made = moves(spec)
    flow, outlay = _stakes(spec, aim, tables, made, market)
    if warm is not None and warm.policy.shape == outlay.shape:
        rules = {"warm": np.where(outlay < FORBIDDEN, warm.policy, 0.0)}
        first = warm.value
    else:
        rules = {name: _rule(name, outlay, made, tables) for name in starts}
        first = np.zeros(flow.shape)
    found: list[Equilibrium] = []
    failed: dict[str, float] = {}
    for name, rule in rules.items():
        policy, value, residual, rounds = _settle(
            np.ascontiguousarray(rule),
            first.copy(),
            FOLLOWED.get(name, 0),
            flow,
            outlay,
            made.lottery,
            tables.rivals,
            tables.others,
            tables.add,
            spec.demand_chain,
            spec.discount,
            spec.smoothing,
            spec.lag,
            aim.rivals,
            tolerance,
            most,
        )
        if not residual < tolerance:
            failed[name] = float(residual)
            continue
        twin = next((i for i, e in enumerate(found) if np.abs(e.policy - policy).max() < DISTINCT), None)
        if twin is None:
            found.append(Equilibrium(policy, value, float(residual), int(rounds), (name,)))
        else:
            found[twin] = replace(found[twin], starts=(*found[twin].starts, name))
    found.sort(key=lambda e: -len(e.starts))
    return Solved(spec, aim, exact, market, tuple(found), failed)


def own_and_rivals(tables: Lattice, levels: int) -> NDArray[np.int64]:
    """Return the capacities of a firm and its rivals, shape (own level * rival state, firm)."""
    states, n = tables.rivals.shape
    own = np.repeat(np.arange(levels), states)[:, None]
    return np.concatenate([own, np.tile(tables.rivals, (levels, 1)).reshape(levels * states, n)], axis=1)


def _stakes(spec: RaceSpec, aim: Aim, tables: Lattice, made: Moves, market: Market) -> tuple[Floats, Floats]:
    """Return the flow of a firm's aim, (own, rivals, demand), and the outlay of orders, with a last axis."""
    shape = (spec.levels, len(tables.rivals), len(spec.market))
    earns = market(spec, own_and_rivals(tables, spec.levels), aim)
    income = earns.profit + earns.prize
    own = income[:, 0].reshape(shape)
    others = income[:, 1:].sum(axis=1).reshape(shape)
    flow = own + aim.rivals * others
    if aim.users:
        flow = flow + aim.users * earns.users.reshape(shape)
    outlay = np.where(made.allowed, made.outlay, FORBIDDEN)[:, None, None]
    outlay = np.broadcast_to(outlay, (*shape, len(made.orders))).copy()
    outlay[(outlay > own[..., None] + spec.credit) & (made.orders > 0)] = FORBIDDEN
    return np.ascontiguousarray(flow), outlay


def _rule(name: str, outlay: Floats, made: Moves, tables: Lattice) -> Floats:
    """Return a rule to start from."""
    possible = outlay < FORBIDDEN
    if name == "even":
        return possible / possible.sum(axis=-1, keepdims=True)
    build, hold = made.orders, -np.abs(made.orders)
    leads = np.arange(len(outlay))[:, None] >= tables.rivals.max(axis=1, initial=0)
    if name == "leader":
        wanted = np.where(leads[:, :, None, None], build, hold)
    else:
        wanted = build if name == "build" else hold
    best = np.where(possible, wanted, -99).argmax(axis=-1)
    return np.eye(len(made.orders))[best]


@njit(cache=True)
def _settle(
    policy: Floats,
    value: Floats,
    follow: int,
    flow: Floats,
    outlay: Floats,
    lottery: Floats,
    rivals: NDArray[np.int64],
    others: NDArray[np.int64],
    add: NDArray[np.int64],
    chain: Floats,
    beta: float,
    scale: float,
    lag: int,
    weight: float,
    tolerance: float,
    most: int,
) -> tuple[Floats, Floats, float, int]:
    """Iterate V and the damped rule until neither moves.

    Each round adds the constant
    by which values still lag behind, which leaves the fixed point as it is. Damping gets heavier when the
    residual has not fallen for long.
    """
    levels, states, demand, actions = policy.shape
    size = add.shape[1]
    fresh = np.zeros_like(value)
    move = np.zeros((levels, states, demand, levels))
    spent = np.zeros_like(value)
    onward = np.zeros((demand, levels, states))
    q = np.zeros(actions)
    reached = np.zeros(levels)
    now, then = np.zeros(size), np.zeros(size)
    count = rivals.shape[1]
    damping, best, worse = 0.6, np.inf, 0
    residual = np.inf
    for done in range(most):
        for k in range(levels):
            for r in range(states):
                for d in range(demand):
                    total = 0.0
                    for level in range(levels):
                        move[k, r, d, level] = 0.0
                    for a in range(actions):
                        p = policy[k, r, d, a]
                        if p > 0:
                            if weight > 0:
                                total -= p * (outlay[k, r, d, a] + scale * np.log(p))
                            for level in range(levels):
                                move[k, r, d, level] += p * lottery[k, a, level]
                    spent[k, r, d] = total
                    ahead = flow[k, r, d] if lag == 0 else 0.0
                    for e in range(demand):
                        ahead += beta * chain[d, e] * value[k, r, e]
                    onward[d, k, r] = ahead
        moved, low, high = 0.0, np.inf, -np.inf
        for k in range(levels):
            for r in range(states):
                for d in range(demand):
                    now[:] = 0.0
                    now[0] = 1.0
                    width = 1
                    for j in range(count):
                        own, rest = rivals[r, j], others[k, r, j]
                        then[:] = 0.0
                        wider = 0
                        for i in range(width):
                            if now[i] > 0:
                                for level in range(levels):
                                    to = add[j, i, level]
                                    then[to] += now[i] * move[own, rest, d, level]
                                    wider = max(wider, to)
                        width = wider + 1
                        now, then = then, now
                    for level in range(levels):
                        reached[level] = -np.inf
                    base = flow[k, r, d] if lag == 1 else 0.0
                    if weight > 0:
                        for j in range(count):
                            base += weight * spent[rivals[r, j], others[k, r, j], d]
                    top = -np.inf
                    for a in range(actions):
                        q[a] = base - outlay[k, r, d, a]
                        if outlay[k, r, d, a] < FORBIDDEN:
                            for level in range(levels):
                                if lottery[k, a, level] > 0:
                                    if reached[level] == -np.inf:
                                        ahead = 0.0
                                        for i in range(width):
                                            ahead += now[i] * onward[d, level, i]
                                        reached[level] = ahead
                                    q[a] += lottery[k, a, level] * reached[level]
                        top = max(top, q[a])
                    if done < follow:
                        worth = 0.0
                        for a in range(actions):
                            p = policy[k, r, d, a]
                            if p > 0:
                                worth += p * (q[a] - scale * np.log(p))
                        fresh[k, r, d] = worth
                        moved = 1.0
                    else:
                        total = 0.0
                        for a in range(actions):
                            total += np.exp((q[a] - top) / scale)
                        fresh[k, r, d] = top + scale * np.log(total)
                        for a in range(actions):
                            p = np.exp((q[a] - top) / scale) / total
                            change = p - policy[k, r, d, a]
                            moved = max(moved, abs(change))
                            policy[k, r, d, a] += damping * change
                    change = fresh[k, r, d] - value[k, r, d]
                    low, high = min(low, change), max(high, change)
        middle = (low + high) / 2
        largest = 1e-9
        for k in range(levels):
            for r in range(states):
                for d in range(demand):
                    value[k, r, d] = fresh[k, r, d] + beta / (1 - beta) * middle
                    largest = max(largest, abs(value[k, r, d]))
        residual = max(moved, max(abs(low), abs(high)) / largest)
        if residual < tolerance:
            return policy, value, residual, done + 1
        if done >= follow:
            if residual < 0.7 * best:
                best, worse = residual, 0
            else:
                worse += 1
            if worse > 60:
                damping, worse, best = max(damping / 2, 0.02), 0, residual
    return policy, value, residual, most
