"""The file of a game: by the parameters of the entry game, by a table of like firms, or firm by firm.

One of three tables is given.

``[entry]``
    ``firms`` and ``surplus``, and any of the other parameters of `overbuild.games.entry.EntryGame`; instead
    of ``cost`` its parts ``outlay``, ``funds``, ``outside_premium`` and ``salvage``.
``[table]``
    ``builder``, the pay-offs of a builder with 1 to N builders, and ``holder``, those of a holder with 0 to
    N-1; ``regret``.
``[payoffs]``
    ``firms``, a list of names, ``regret``, and a table ``[payoffs.NAME]`` for each with its pay-off for each
    profile, such as ``bh = 3.0``: one letter a firm in the order of the list, b to build and h to hold.

Beside ``[entry]``, ``[users]`` may give ``first`` and ``passed_on`` of `overbuild.games.entry.users_surplus`.
"""

from __future__ import annotations

import reprlib
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from overbuild.errors import InputError
from overbuild.games.binary import MOST_FIRMS, BinaryGame, letters
from overbuild.games.entry import LARGEST_PAYOFF, LEAST_FIRMS, RANGES, EntryGame, PayoffTable

MOST_LIKE_FIRMS = 20
KINDS = ("entry", "table", "payoffs")
LARGEST_EXPANSION = 10
COST_PARTS = ("outlay", "funds", "outside_premium", "salvage")
USERS = {"first": (0.0, np.inf), "passed_on": (0.0, 1.0)}


@dataclass(frozen=True)
class GameFile:
    """What a file holds.

    Attributes
    ----------
    game
        The game.
    users
        ``first`` and ``passed_on``, if it is an entry game.
    """

    game: EntryGame | PayoffTable | BinaryGame
    users: Mapping[str, float]


def read_game(path: Path) -> GameFile:
    """Read a game.

    Raises
    ------
    InputError
        If the file is missing, is not TOML or does not hold one game; every fault is told.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(
            f"{path} is not there; expected a file with [entry], [table] or [payoffs]."
        ) from None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}).") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path.name} is not readable as TOML ({error}).") from None
    faults = list(_faults(content))
    if faults:
        raise InputError("\n".join(f"{path.name}: {fault}" for fault in faults))
    try:
        return _made(content)
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from None


def _made(content: Mapping[str, Any]) -> GameFile:
    if "entry" in content:
        given = dict(content["entry"])
        build = EntryGame.from_costs if "outlay" in given else EntryGame
        return GameFile(build(given.pop("firms"), **given), dict(content.get("users", {})))
    if "table" in content:
        table = content["table"]
        game = PayoffTable(
            np.array(table["builder"], float), np.array(table["holder"], float), table.get("regret", 0.0)
        )
        return GameFile(game, {})
    given = content["payoffs"]
    names = tuple(given["firms"])
    payoffs = np.empty((len(names), *[2] * len(names)))
    for i, name in enumerate(names):
        for profile in product((0, 1), repeat=len(names)):
            payoffs[(i, *profile)] = given[name][letters(profile)]
    return GameFile(BinaryGame(names, payoffs, given.get("regret", 0.0)), {})


def _faults(content: Mapping[str, Any]) -> Iterator[str]:
    kinds = [k for k in KINDS if k in content]
    if len(kinds) != 1:
        has = " and ".join(f"[{k}]" for k in kinds) or "none of them"
        yield f"has {has}; expected one of [entry], [table] and [payoffs]."
    allowed = {"users", *KINDS} if "entry" in kinds else set(KINDS)
    yield from _unknown("", content, allowed)
    for name in (n for n in allowed if n in content):
        if not isinstance(content[name], dict):
            yield f"{name} = {_shown(content[name])}; expected a table, [{name}]."
            return
    if "entry" in kinds:
        yield from _entry_faults(content["entry"])
        yield from _unknown("users.", content.get("users", {}), set(USERS))
        for name, (low, high) in USERS.items():
            yield from _number(f"users.{name}", content.get("users", {}).get(name), low, high)
    if "table" in kinds:
        yield from _table_faults(content["table"])
    if "payoffs" in kinds:
        yield from _payoff_faults(content["payoffs"])


def _entry_faults(given: Mapping[str, Any]) -> Iterator[str]:
    names = {f.name for f in fields(EntryGame)}
    yield from _unknown("entry.", given, names | set(COST_PARTS))
    for name in (n for n in ("firms", "surplus") if n not in given):
        yield f"entry.{name} is missing; give it."
    firms = given.get("firms", LEAST_FIRMS)
    if type(firms) is not int or not LEAST_FIRMS <= firms <= MOST_LIKE_FIRMS:
        yield (
            f"entry.firms = {_shown(firms)}; expected a whole number from {LEAST_FIRMS} to {MOST_LIKE_FIRMS}."
        )
    for name, (low, high, _) in RANGES.items():
        most = LARGEST_EXPANSION if name == "expansion" else high
        yield from _number(f"entry.{name}", given.get(name), low, most)
    for name in COST_PARTS:
        hint = "; leave it out if the firm has enough" if name == "funds" else ""
        yield from _number(f"entry.{name}", given.get(name), 0, hint=hint)
    parts = [n for n in COST_PARTS if n in given]
    if parts and "cost" in given:
        yield f"entry.cost and {', '.join(parts)}; expected the cost or its parts, not both."
    elif parts and "outlay" not in given:
        yield f"entry.{parts[0]} without entry.outlay; give the outlay that it belongs to."


def _table_faults(given: Mapping[str, Any]) -> Iterator[str]:
    yield from _unknown("table.", given, {"builder", "holder", "regret"})
    yield from _number("table.regret", given.get("regret"), 0)
    lengths = []
    for name in ("builder", "holder"):
        value = given.get(name)
        if not isinstance(value, list):
            told = "is missing" if value is None else f"= {_shown(value)}"
            yield f"table.{name} {told}; expected a list of N numbers, one a number of builders."
            continue
        lengths.append(len(value))
        for place, payoff in enumerate(value):
            yield from _number(f"table.{name}[{place}]", payoff)
    if len(set(lengths)) > 1:
        yield (
            f"table.builder has {lengths[0]} pay-offs and table.holder {lengths[1]}; a firm or a number of "
            "builders is missing: expected N of each, builder with 1 to N builders, holder with 0 to N-1."
        )
    elif lengths and not LEAST_FIRMS <= lengths[0] <= MOST_LIKE_FIRMS:
        yield f"table has pay-offs of {lengths[0]} firms; expected {LEAST_FIRMS} to {MOST_LIKE_FIRMS}."


def _payoff_faults(given: Mapping[str, Any]) -> Iterator[str]:
    names = given.get("firms")
    if not isinstance(names, list) or not all(isinstance(n, str) and n for n in names):
        yield f"payoffs.firms = {_shown(names)}; expected a list of the firms' names."
        return
    if len(set(names)) != len(names) or {"firms", "regret"} & set(names):
        yield (
            f"payoffs.firms = {_shown(names)}; expected names that differ, none of them 'firms' or 'regret'."
        )
        return
    if not LEAST_FIRMS <= len(names) <= MOST_FIRMS:
        yield f"payoffs.firms names {len(names)}; expected {LEAST_FIRMS} to {MOST_FIRMS} firms."
        return
    yield from _unknown("payoffs.", given, {"firms", "regret", *names})
    yield from _number("payoffs.regret", given.get("regret"), 0)
    profiles = [letters(p) for p in product((0, 1), repeat=len(names))]
    for name in names:
        own = given.get(name)
        if not isinstance(own, dict):
            yield (
                f"firm '{name}' is missing; expected a table [payoffs.{name}] with its pay-off for each of "
                f"the {len(profiles)} profiles {profiles[0]} to {profiles[-1]}."
            )
            continue
        yield from _unknown(f"payoffs.{name}.", own, set(profiles))
        absent = [p for p in profiles if p not in own]
        if absent:
            yield f"payoffs.{name} lacks {', '.join(absent)}; expected a pay-off for each profile."
        for profile in (p for p in profiles if p in own):
            yield from _number(f"payoffs.{name}.{profile}", own[profile])


def _unknown(prefix: str, given: Any, known: Collection[str]) -> Iterator[str]:
    for name in (n for n in given if n not in known):
        yield f"{prefix}{name} is not known; expected any of {', '.join(sorted(known))}."


def _number(
    name: str, value: Any, low: float = -np.inf, high: float = np.inf, *, hint: str = ""
) -> Iterator[str]:
    """Tell a value that is not a number in its range, which ends at the largest pay-off at most."""
    low, high = max(low, -LARGEST_PAYOFF), min(high, LARGEST_PAYOFF)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if value is not None and not (is_number and low <= value <= high):
        yield f"{name} = {_shown(value)}; expected a finite number from {low:.0f} to {high:.0f}{hint}."


def _shown(value: Any) -> str:
    """Return a value, shortened if it is long."""
    try:
        return reprlib.repr(value)
    except ValueError:
        return "a number with thousands of digits"
