"""States of the race without names: rivals that change places are one state; and how capacities move.

Rivals are described either exactly, by their capacities in order, or by one moment, their total, as in the
moment-based equilibrium of Ifrach and Weintraub (2017, Review of Economic Studies 84(3), 1106-1150): every
total stands for rivals as equal as whole units allow. Both are the same tables, so that one solver serves
both.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from overbuild.errors import InputError
from overbuild.games.race import MOST_STATES, RaceSpec

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Lattice:
    """Tables of the states.

    Attributes
    ----------
    rivals
        Capacities of the rivals in each of their states, shape (rival state, rival).
    others
        State of the rivals of rival j when it is his turn, shape (own level, rival state, rival).
    add
        State of m + 1 rivals from one of m and the level of one more, shape (m, state, level).
    industries
        Capacities of all firms in each state of the industry, shape (industry, firm).
    rest
        Rival state of firm j in an industry, shape (industry, firm).
    grow
        As ``add`` for the exact states of the industry, shape (m, state, level).
    """

    rivals: Ints
    others: Ints
    add: Ints
    industries: Ints
    rest: Ints
    grow: Ints


@dataclass(frozen=True, eq=False)
class Moves:
    """Actions and where they lead.

    Attributes
    ----------
    orders
        Units ordered by each action; -1: scrap a unit. Shape (action,).
    lottery
        Chance of each level next year, shape (level, action, level). Mass on the two whole numbers around the
        mean, so that the mean is exact and the variance least.
    allowed
        Whether the lattice has room for it, shape (level, action).
    outlay, resource
        What it costs the firm, with tax and subsidy, and what it uses up, shape (level, action).
    """

    orders: Ints
    lottery: Floats
    allowed: NDArray[np.bool_]
    outlay: Floats
    resource: Floats


def lattice(spec: RaceSpec, *, exact: bool = True) -> Lattice:
    """Return the tables of a race.

    Raises
    ------
    InputError
        If the exact solution has too many states.
    """
    if exact and spec.reduced_states > MOST_STATES:
        raise InputError(
            f"{spec.firms} firms with {spec.levels} levels have {spec.reduced_states:,d} states; expected at "
            f"most {MOST_STATES:,d}. Take fewer firms, levels or demand states, or rivals by their total."
        )
    return _lattice(spec.firms, spec.levels, exact)


@lru_cache(maxsize=8)
def _lattice(firms: int, levels: int, exact: bool) -> Lattice:
    n, top = firms, levels - 1
    lists = [list(combinations_with_replacement(range(top + 1), m)) for m in range(n + 1)]
    index = [{state: i for i, state in enumerate(states)} for states in lists]
    grow = _table(n, len(lists[n]), top + 1)
    for m in range(n):
        for i, state in enumerate(lists[m]):
            for level in range(top + 1):
                grow[m, i, level] = index[m + 1][tuple(sorted((*state, level)))]
    industries = np.array(lists[n], dtype=np.int64).reshape(len(lists[n]), n)
    if exact:
        rivals = np.array(lists[n - 1], dtype=np.int64).reshape(len(lists[n - 1]), n - 1)
        place = index[n - 1]
        add, find = grow, lambda members: place[tuple(sorted(members))]
    else:
        rivals = _balanced(n - 1, top)
        add = _table(n, len(rivals), top + 1)
        for m in range(n - 1):
            for total in range(m * top + 1):
                add[m, total] = total + np.arange(top + 1)
        find = sum
    others = np.zeros((top + 1, len(rivals), n - 1), dtype=np.int64)
    for own in range(top + 1):
        for r, members in enumerate(rivals.tolist()):
            for j in range(n - 1):
                others[own, r, j] = find([*members[:j], *members[j + 1 :], own])
    rest = np.array(
        [[find([*s[:j], *s[j + 1 :]]) for j in range(n)] for s in industries.tolist()], dtype=np.int64
    )
    return Lattice(rivals, others, add, industries, rest, grow)


def moves(spec: RaceSpec) -> Moves:
    """Return the actions of a race and where they lead."""
    orders = np.arange(-1 if spec.scrap > 0 else 0, spec.largest_order + 1)
    top = spec.levels - 1
    kept = (1 - spec.depreciation) * np.arange(spec.levels)[:, None]
    scrapped = np.minimum(1.0, kept)
    target = np.where(orders < 0, kept - scrapped, kept + orders)
    allowed = (target <= top + 1e-9) & ((orders >= 0) | (kept > 0))
    target = np.clip(target, 0, top)
    low = np.minimum(np.floor(target + 1e-12).astype(np.int64), top)
    share = np.clip(target - low, 0, 1)
    lottery = np.zeros((spec.levels, len(orders), spec.levels))
    own, action = np.indices(low.shape)
    np.add.at(lottery, (own, action, low), 1 - share)
    np.add.at(lottery, (own, action, np.minimum(low + 1, top)), share)
    ordered = np.maximum(orders, 0)
    price = spec.cost * (1 + spec.tax - spec.subsidy)
    receipts = np.where(orders < 0, spec.scrap * spec.cost * scrapped, 0.0)
    effort = spec.adjustment * ordered**2 / 2 - receipts
    return Moves(orders, lottery, allowed, price * ordered + effort, spec.cost * ordered + effort)


def _balanced(rivals: int, top: int) -> Ints:
    """Return rivals as equal as whole units allow for each total, shape (total, rival)."""
    totals = np.arange(rivals * top + 1)[:, None]
    return (totals + np.arange(rivals)) // max(rivals, 1) if rivals else np.zeros((1, 0), dtype=np.int64)


def _table(sizes: int, states: int, levels: int) -> Ints:
    return np.zeros((max(sizes, 1), states, levels), dtype=np.int64)
