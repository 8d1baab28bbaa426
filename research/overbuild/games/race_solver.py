"""Markov-perfect equilibrium of the race, and its planners, by damped logit best response from many starts.

All firms follow one rule of (own capacity, rivals, demand); equilibria in which equal firms follow
different rules are not looked for. A planner is the same problem with another aim: every firm orders for
joint profit, or for joint profit and consumer surplus, knowing its own cost shocks alone (a team in the
sense of Marschak and Radner), so that the planner has neither more information nor other choices than the
firms.
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
Ints = NDArray[np.int64]
FORBIDDEN = 1e30
"""Cost of an order that cannot be made."""
MOST_ITERATIONS = 4000
TOLERANCE = 1e-6
DISTINCT = 1e-3
"""Two rules that nowhere differ by more, in the chance of an order, are one equilibrium."""
PATIENCE = 60
"""Rounds without progress after which damping gets heavier."""
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
    game = _Game(
        (flow, outlay, made.lottery),
        (tables.rivals, tables.others, tables.add),
        spec.demand_chain,
        spec.discount,
        spec.smoothing,
        spec.lag,
        aim.rivals,
    )
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
            game, np.ascontiguousarray(rule), first, FOLLOWED.get(name, 0), tolerance, most
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


@dataclass(frozen=True, eq=False)
class _Game:
    """What one round of best response takes.

    Attributes
    ----------
    of_states
        Flow of the aim, outlay of orders, lottery of levels.
    of_rivals
        Rivals' capacities, what each sees, and how their states add up; see `Lattice`.
    chain, beta, scale, lag, weight
        Demand's transition, discount factor, smoothing, lag, and the weight of rivals' outlays.
    """

    of_states: tuple[Floats, Floats, Floats]
    of_rivals: tuple[Ints, Ints, Ints]
    chain: Floats
    beta: float
    scale: float
    lag: int
    weight: float


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


def _settle(
    game: _Game, policy: Floats, value: Floats, follow: int, tolerance: float, most: int
) -> tuple[Floats, Floats, float, int]:
    """Iterate values and the damped rule until neither moves.

    Each round adds the constant by which values still lag behind, which leaves the fixed point as it is.
    Damping gets heavier when the residual has not fallen for long.
    """
    damping, best, worse, residual = 0.6, np.inf, 0, np.inf
    for done in range(most):
        ahead = _ahead(
            policy, value, *game.of_states, game.chain, game.beta, game.scale, game.lag, game.weight
        )
        step = 0.0 if done < follow else damping
        fresh, moved = _respond(
            policy, step, *ahead, *game.of_states, *game.of_rivals, game.scale, game.lag, game.weight
        )
        change = fresh - value
        low, high = change.min(), change.max()
        value = fresh + game.beta / (1 - game.beta) * (low + high) / 2
        residual = max(moved, max(abs(low), abs(high)) / max(np.abs(value).max(), 1e-9))
        if done < follow:
            continue
        if residual < tolerance:
            return policy, value, residual, done + 1
        best, worse = (residual, 0) if residual < 0.7 * best else (best, worse + 1)
        if worse > PATIENCE:
            damping, worse, best = max(damping / 2, 0.02), 0, residual
    return policy, value, residual, most


@njit(cache=True)
def _ahead(
    policy: Floats,
    value: Floats,
    flow: Floats,
    outlay: Floats,
    lottery: Floats,
    chain: Floats,
    beta: float,
    scale: float,
    lag: int,
    weight: float,
) -> tuple[Floats, Floats, Floats]:
    """Return what follows from a rule, state by state.

    Returns
    -------
    move
        Chance of each own level next year, shape (own, rivals, demand, level).
    spent
        Expected shocks less outlay, shape (own, rivals, demand); worked out where rivals' counts.
    onward
        What a level is worth next year, from this year's demand, shape (demand, own, rivals).
    """
    levels, states, demand, actions = policy.shape
    move = np.zeros((levels, states, demand, levels))
    spent = np.zeros((levels, states, demand))
    onward = np.zeros((demand, levels, states))
    for k in range(levels):
        for r in range(states):
            for d in range(demand):
                for a in range(actions):
                    p = policy[k, r, d, a]
                    if p > 0:
                        if weight > 0:
                            spent[k, r, d] -= p * (outlay[k, r, d, a] + scale * np.log(p))
                        for level in range(levels):
                            move[k, r, d, level] += p * lottery[k, a, level]
                worth = flow[k, r, d] if lag == 0 else 0.0
                for e in range(demand):
                    worth += beta * chain[d, e] * value[k, r, e]
                onward[d, k, r] = worth
    return move, spent, onward


@njit(cache=True)
def _respond(
    policy: Floats,
    damping: float,
    move: Floats,
    spent: Floats,
    onward: Floats,
    flow: Floats,
    outlay: Floats,
    lottery: Floats,
    rivals: Ints,
    others: Ints,
    add: Ints,
    scale: float,
    lag: int,
    weight: float,
) -> tuple[Floats, float]:
    """Return new values and the largest change of a chance; move the rule towards the best response in place.

    Without a step (``damping`` 0) the rule is followed and its values are returned.
    """
    levels, states, demand, _ = policy.shape
    fresh = np.zeros((levels, states, demand))
    now, then, q = np.zeros(add.shape[1]), np.zeros(add.shape[1]), np.zeros(policy.shape[3])
    moved = 0.0
    for k in range(levels):
        for r in range(states):
            for d in range(demand):
                chances = _rivals_next(k, r, d, move, rivals, others, add, now, then)
                base = flow[k, r, d] if lag == 1 else 0.0
                if weight > 0:
                    for j in range(rivals.shape[1]):
                        base += weight * spent[rivals[r, j], others[k, r, j], d]
                _choices(q, base, outlay[k, r, d], lottery[k], onward[d], chances)
                if damping == 0:
                    fresh[k, r, d] = _followed(q, policy[k, r, d], scale)
                    moved = 1.0
                else:
                    worth, change = _improved(q, policy[k, r, d], scale, damping)
                    fresh[k, r, d] = worth
                    moved = max(moved, change)
    return fresh, moved


@njit(cache=True)
def _rivals_next(
    k: int, r: int, d: int, move: Floats, rivals: Ints, others: Ints, add: Ints, now: Floats, then: Floats
) -> Floats:
    """Return the chance of each state of the rivals next year, one rival added after the other.

    ``now`` and ``then`` are overwritten.
    """
    now[:] = 0.0
    now[0] = 1.0
    width = 1
    for j in range(rivals.shape[1]):
        own, rest = rivals[r, j], others[k, r, j]
        then[:] = 0.0
        last = 0
        for i in range(width):
            if now[i] > 0:
                for level in range(move.shape[3]):
                    to = add[j, i, level]
                    then[to] += now[i] * move[own, rest, d, level]
                    last = max(last, to)
        width = last + 1
        now, then = then, now
    return now[:width]


@njit(cache=True)
def _choices(
    q: Floats, base: float, outlay: Floats, lottery: Floats, onward: Floats, chances: Floats
) -> None:
    """Write what each action is worth into ``q``."""
    for a in range(len(q)):
        q[a] = base - outlay[a]
    for level in range(len(onward)):
        reached = 0.0
        for a in range(len(q)):
            reached += lottery[a, level]
        if reached > 0:
            expected = 0.0
            for i in range(len(chances)):
                expected += chances[i] * onward[level, i]
            for a in range(len(q)):
                q[a] += lottery[a, level] * expected


@njit(cache=True)
def _followed(q: Floats, chosen: Floats, scale: float) -> float:
    """Return the worth of a state under the rule."""
    worth = 0.0
    for a in range(len(q)):
        if chosen[a] > 0:
            worth += chosen[a] * (q[a] - scale * np.log(chosen[a]))
    return worth


@njit(cache=True)
def _improved(q: Floats, chosen: Floats, scale: float, damping: float) -> tuple[float, float]:
    """Return the worth of a state under the best response, and by how much it differs; move the rule."""
    top, total, moved = q.max(), 0.0, 0.0
    for a in range(len(q)):
        total += np.exp((q[a] - top) / scale)
    for a in range(len(q)):
        change = np.exp((q[a] - top) / scale) / total - chosen[a]
        moved = max(moved, abs(change))
        chosen[a] += damping * change
    return top + scale * np.log(total), moved
