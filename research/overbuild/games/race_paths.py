"""What a rule does to the industry: expected paths from zero capacity, the long run, and who gains or loses.

The industry is followed exactly, as a distribution over the capacities of all firms and the demand state,
also where the rule was found with rivals described by their total.

    W_owners  = sum_t beta^t E sum_i [ pi_i - outlay_i + s H_i ],
    W_society = W_owners - prize + consumer surplus + taxes - subsidies.

The prize is handed over, not made: owners count it, society does not. s H_i is what a firm gains by ordering
when its private cost is low.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numba import njit
from numpy.typing import NDArray

from overbuild.games.race_lattice import Lattice, lattice, moves
from overbuild.games.race_solver import Equilibrium, Floats, Solved

IDLE = 0.2
"""Share of capacity that stands idle from which there is excess capacity."""
LONG_RUN = 80
"""Years that are followed; what comes later is as in the last."""


@dataclass(frozen=True, eq=False)
class Flows:
    """Expected flows by industry and demand state, shape (industry, demand) each; see `Path`."""

    capacity: Floats
    output: Floats
    revenue: Floats
    below_cost: Floats
    excess: Floats
    gap: Floats
    orders: Floats
    owners: Floats
    users: Floats
    society: Floats


NAMES = tuple(f.name for f in fields(Flows))


@dataclass(frozen=True, eq=False)
class Path:
    """Expected course of the industry from zero capacity.

    Attributes
    ----------
    by_year
        Name to path, shape (year,): ``capacity``, ``output``, ``idle`` (1 - output over capacity), ``price``
        (revenue over output), ``below_cost`` (chance that the price is below full cost), ``excess`` (chance
        that a fifth or more of capacity is idle), ``gap`` (largest less smallest firm, in units) and
        ``orders``.
    long_run
        The same names to values when the start is forgotten.
    mean
        The same, averaged over years with the weight of discounting.
    owners, users, society
        Discounted sums.
    at_top
        Chance in the long run that some firm is at the highest level of the lattice.
    """

    by_year: dict[str, Floats]
    long_run: dict[str, float]
    mean: dict[str, float]
    owners: float
    users: float
    society: float
    at_top: float


def path(solved: Solved, equilibrium: Equilibrium | None = None, *, years: int = 30) -> Path:
    """Return the expected course under an equilibrium.

    Parameters
    ----------
    solved
        What was solved.
    equilibrium
        One of its equilibria; default: the first.
    years
        Years shown.
    """
    spec, motion = solved.spec, _motion(solved, equilibrium or solved.equilibrium)
    at = np.zeros((len(spec.market), len(motion.tops)))
    at[spec.start, 0] = 1.0
    last = max(years, LONG_RUN)
    sums, at = motion.followed(at, last)
    weights = spec.discount ** np.arange(last)
    weights[-1] /= 1 - spec.discount
    total = dict(zip(NAMES, weights @ sums, strict=True))
    final = dict(zip(NAMES, sums[-1], strict=True))
    return Path(
        _ratios(dict(zip(NAMES, sums[:years].T, strict=True))),
        {k: float(v) for k, v in _ratios(final).items()},
        {k: float(v) for k, v in _ratios({n: v / weights.sum() for n, v in total.items()}).items()},
        float(total["owners"]),
        float(total["users"]),
        float(total["society"]),
        float(at[:, motion.tops == spec.levels - 1].sum()),
    )


def after_fall(solved: Solved, *, years: int = 15) -> dict[str, Floats]:
    """Return the expected course from the year in which demand falls from its highest to its lowest state.

    Capacity is what the long run with highest demand has left; demand then follows its chain. The names are
    those of `Path.by_year`.
    """
    motion = _motion(solved, solved.equilibrium)
    at = np.zeros((len(solved.spec.market), len(motion.tops)))
    at[solved.spec.start, 0] = 1.0
    _, at = motion.followed(at, LONG_RUN)
    fallen = np.zeros_like(at)
    fallen[0] = at[-1] / at[-1].sum()
    sums, _ = motion.followed(fallen, years)
    return _ratios(dict(zip(NAMES, sums.T, strict=True)))


@dataclass(frozen=True, eq=False)
class _Motion:
    """Flows by state and how the industry moves.

    Attributes
    ----------
    every
        Flows in the order of `NAMES`, shape (flow, demand * industry).
    step, chain
        Transitions of the industry, (demand, industry, industry), and of demand.
    tops
        Capacity of the largest firm, shape (industry,).
    """

    every: Floats
    step: Floats
    chain: Floats
    tops: NDArray[np.int64]

    def followed(self, at: Floats, years: int) -> tuple[Floats, Floats]:
        """Return expected flows by year, (year, flow), and where the industry is afterwards."""
        sums = np.zeros((years, len(self.every)))
        for t in range(years):
            sums[t] = self.every @ at.ravel()
            at = self.chain.T @ np.matmul(at[:, None, :], self.step)[:, 0]
        return sums, at


def _motion(solved: Solved, rule: Equilibrium) -> _Motion:
    spec, tables = solved.spec, lattice(solved.spec, exact=solved.exact)
    step = _step(rule.policy, moves(spec).lottery, tables.industries, tables.rest, tables.grow)
    flows = _flows(solved, tables, rule.policy, step)
    every = np.stack([getattr(flows, name).T.ravel() for name in NAMES])
    return _Motion(every, step, spec.demand_chain, tables.industries.max(axis=1))


def _ratios(sums: dict[str, Floats]) -> dict[str, Floats]:
    """Return what is shown, from expected sums; a ratio with nothing below it is 0."""
    capacity, output = np.asarray(sums["capacity"]), np.asarray(sums["output"])
    used = np.divide(output, capacity, out=np.ones_like(capacity), where=capacity > 0)
    price = np.divide(sums["revenue"], output, out=np.full_like(output, np.nan), where=output > 0)
    kept = {n: sums[n] for n in ("capacity", "output", "below_cost", "excess", "gap", "orders")}
    return kept | {"idle": 1 - used, "price": price}


def _flows(solved: Solved, tables: Lattice, policy: Floats, step: Floats) -> Flows:
    spec = solved.spec
    made = solved.market(spec, tables.industries, solved.aim)
    acts = moves(spec)
    firms = np.arange(spec.levels)[tables.industries]
    rule = policy[firms, tables.rest]  # (industry, firm, demand, action)
    entropy = -np.where(rule > 0, rule * np.log(np.where(rule > 0, rule, 1.0)), 0.0).sum(axis=-1)
    shocks = spec.smoothing * entropy.sum(axis=1)
    outlay = np.einsum("fnda,fna->fd", rule, acts.outlay[tables.industries])
    resource = np.einsum("fnda,fna->fd", rule, acts.resource[tables.industries])
    orders = np.einsum("fnda,a->fd", rule, np.maximum(acts.orders, 0).astype(float))
    units = tables.industries.sum(axis=1)[:, None] + np.zeros(len(spec.market))
    idle = 1 - made.output / np.maximum(units, 1e-12)
    produced = {
        "capacity": units,
        "output": made.output,
        "revenue": made.price * made.output,
        "below_cost": ((made.price < spec.full_cost) & (made.output > 0)).astype(float),
        "excess": ((idle >= IDLE) & (units > 0)).astype(float),
        "gap": (tables.industries[:, -1:] - tables.industries[:, :1]) + np.zeros(len(spec.market)),
        "profit": made.profit.sum(axis=1),
        "prize": made.prize.sum(axis=1),
        "users": made.users,
    }
    if spec.lag == 0:
        produced = {n: np.einsum("dfg,gd->fd", step, v) for n, v in produced.items()}
    profit, prize = produced.pop("profit"), produced.pop("prize")
    return Flows(
        **produced,
        orders=orders,
        owners=profit + prize - outlay + shocks,
        society=profit + produced["users"] - resource + shocks,
    )


@njit(cache=True)
def _step(
    policy: Floats,
    lottery: Floats,
    industries: NDArray[np.int64],
    rest: NDArray[np.int64],
    grow: NDArray[np.int64],
) -> Floats:
    """Return the chance of each industry next year, shape (demand, industry, industry)."""
    many, n = industries.shape
    levels, _, demand, actions = policy.shape
    step = np.zeros((demand, many, many))
    now, then = np.zeros(many), np.zeros(many)
    move = np.zeros(levels)
    for d in range(demand):
        for f in range(many):
            now[:] = 0.0
            now[0] = 1.0
            width = 1
            for j in range(n):
                own, others = industries[f, j], rest[f, j]
                move[:] = 0.0
                for a in range(actions):
                    for level in range(levels):
                        move[level] += policy[own, others, d, a] * lottery[own, a, level]
                then[:] = 0.0
                wider = 0
                for i in range(width):
                    if now[i] > 0:
                        for level in range(levels):
                            to = grow[j, i, level]
                            then[to] += now[i] * move[level]
                            wider = max(wider, to)
                width = wider + 1
                now, then = then, now
            step[d, f] = now
    return step
