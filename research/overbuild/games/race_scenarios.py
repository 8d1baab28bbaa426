"""Counterfactuals of the race: the same firms under another rule, tax, market structure or life of machines.

Each is set against the planners of its own technology: joint profit, and joint profit with consumer surplus.
Where firms coordinate (restraint, merger) this says what would follow and not what the law allows or should.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from scipy.optimize import brentq

from overbuild.errors import InputError
from overbuild.games.race import RaceSpec
from overbuild.games.race_market import JOINT, OWN, RESTRAINT, SOCIAL, Aim
from overbuild.games.race_paths import Path, path
from overbuild.games.race_solver import STARTS, Equilibrium, Solved, solve

WIDEST_TAX = (-0.9, 8.0)
"""Between which the corrective tax is looked for; below 0 it is a subsidy."""
EXACT_STATES = 5000
"""Reduced states up to which rivals are described exactly."""
LEAST_CAPACITY = 0.01
"""Mean capacity of a planner, in units, below which nothing is set against it."""
CUT_SHORT = 0.1
"""Chance of a firm at the end of the lattice above which the lattice is said to cut the race short."""


class UnsettledError(Exception):
    """Best responses did not settle; carries the residual."""

    def __init__(self, residual: float) -> None:
        self.residual = residual
        super().__init__(f"best responses did not settle; residual {residual:.1e}")


@dataclass(frozen=True)
class Scenario:
    """One counterfactual.

    Attributes
    ----------
    id, title
        Short name, and how tables call it.
    changed
        The race that it makes of another, given the values of ``[race.*]``.
    aim
        What firms care for when they order.
    planners
        Whether it changes what planners do or have: technology, number of firms, the prize.
    """

    id: str
    title: str
    changed: Callable[[RaceSpec, Mapping[str, Any]], RaceSpec]
    aim: Aim = OWN
    planners: bool = False


@dataclass(frozen=True)
class Outcome:
    """A race beside its planners.

    Attributes
    ----------
    capacity_to_social, capacity_to_joint
        Mean capacity over the planners', means over years with the weight of discounting.
    capacity, idle, price_to_cost, below_cost, excess
        Mean capacity in units; share idle; price over full cost; chance of a price below full cost, and of a
        fifth or more idle.
    owners_loss
        1 - W_owners / W_owners(joint profit).
    users_gain
        Consumer surplus less that under joint profit, over society's welfare under its planner.
    society_gain
        Society's welfare less that under joint profit, over its welfare under its planner: what users gain
        without taking it from owners.
    society_loss
        1 - W_society / W_society(planner).
    tax
        On orders, negative: a subsidy.
    at_top
        Chance in the long run that a firm is at the end of the lattice.
    """

    capacity_to_social: float
    capacity_to_joint: float
    capacity: float
    idle: float
    price_to_cost: float
    below_cost: float
    excess: float
    owners_loss: float
    users_gain: float
    society_gain: float
    society_loss: float
    tax: float
    at_top: float


BASE, TAX = "base", "tax"
SCENARIOS = (
    Scenario(BASE, "Race as set", lambda s, p: s),
    Scenario("no_prize", "No prize for size", lambda s, p: replace(s, prize=0.0), planners=True),
    Scenario("restraint", "Restraint", lambda s, p: s, RESTRAINT),
    Scenario(TAX, "Corrective tax", lambda s, p: s),
    Scenario("rental_30", "Rental, 30 %", lambda s, p: replace(s, rental=0.3)),
    Scenario("rental_60", "Rental, 60 %", lambda s, p: replace(s, rental=0.6)),
    Scenario("merger", "Merger of two", lambda s, p: replace(s, firms=s.firms - 1), planners=True),
    Scenario("subsidy", "Subsidy of orders", lambda s, p: replace(s, subsidy=p["subsidy"])),
    Scenario("life_3", "Life 3 years", lambda s, p: replace(s, depreciation=1 / 3), planners=True),
    Scenario("life_6", "Life 6 years", lambda s, p: replace(s, depreciation=1 / 6), planners=True),
    Scenario("credit", "Financing cap", lambda s, p: replace(s, credit=p["credit"])),
)
OF_TELECOM = (BASE, "no_prize", "restraint", TAX, "merger", "credit")
"""Those that are asked of telecom; lives and subsidies are of machines."""


@dataclass(frozen=True, eq=False)
class Planners:
    """The courses of the two planners of a race, and the rules to start others from."""

    joint: Path
    social: Path
    rules: tuple[Equilibrium | None, Equilibrium | None] = (None, None)


def course(
    spec: RaceSpec,
    aim: Aim = OWN,
    *,
    exact: bool = False,
    starts: tuple[str, ...] = STARTS[:1],
    warm: Equilibrium | None = None,
) -> tuple[Solved, Path]:
    """Solve a race and follow it; the parameters are those of `overbuild.games.race_solver.solve`.

    Raises
    ------
    UnsettledError
        If no start settled.
    """
    solved = solve(spec, aim, exact=exact, starts=starts, warm=warm)
    if not solved.converged:
        raise UnsettledError(solved.residual)
    return solved, path(solved)


def planners(
    spec: RaceSpec, *, exact: bool = False, starts: tuple[str, ...] = STARTS, near: Planners | None = None
) -> Planners:
    """Return the planners of a race; of several fixed points of one, the best for its aim.

    Parameters
    ----------
    spec
        The race.
    exact, starts
        As in `overbuild.games.race_solver.solve`; a rule that no change of a single order improves on need
        not be the best of all, so that one start alone may miss the planner.
    near
        Planners of a race with the same states to start from instead.

    Raises
    ------
    UnsettledError
        If one did not settle.
    """
    ways, rules = [], []
    for name, aim, warm in zip(
        ("owners", "society"), (JOINT, SOCIAL), near.rules if near else (None, None), strict=True
    ):
        solved, first = course(spec, aim, exact=exact, starts=starts, warm=warm)
        every = [(first, solved.equilibrium), *((path(solved, e), e) for e in solved.equilibria[1:])]
        way, rule = max(every, key=lambda c, n=name: getattr(c[0], n))
        ways.append(way)
        rules.append(rule)
    return Planners(ways[0], ways[1], (rules[0], rules[1]))


def outcome(spec: RaceSpec, way: Path, beside: Planners) -> Outcome:
    """Return a course beside its planners'.

    Raises
    ------
    InputError
        If a planner builds next to nothing, so that no ratio has a meaning.
    """
    joint, social = beside.joint, beside.social
    for name, way_of in (("joint profit", joint), ("the social planner", social)):
        if not way_of.mean["capacity"] > LEAST_CAPACITY:
            raise InputError(
                f"Mean capacity under {name} is {way_of.mean['capacity']:.2g} units; expected more than "
                f"{LEAST_CAPACITY}, or there is nothing to set the race against. Raise 'market', 'intercept' "
                "or 'discount', or lower 'cost'."
            )
    return Outcome(
        capacity_to_social=way.mean["capacity"] / social.mean["capacity"],
        capacity_to_joint=way.mean["capacity"] / joint.mean["capacity"],
        capacity=way.mean["capacity"],
        idle=way.mean["idle"],
        price_to_cost=way.mean["price"] / spec.full_cost,
        below_cost=way.mean["below_cost"],
        excess=way.mean["excess"],
        owners_loss=1 - way.owners / joint.owners,
        users_gain=(way.users - joint.users) / social.society,
        society_gain=(way.society - joint.society) / social.society,
        society_loss=1 - way.society / social.society,
        tax=spec.tax - spec.subsidy,
        at_top=way.at_top,
    )


def corrective(spec: RaceSpec, target: float, *, exact: bool = False) -> RaceSpec:
    """Return the race with the tax, or subsidy, on orders that brings mean capacity to a target.

    Parameters
    ----------
    spec
        The race; its own tax and subsidy are replaced.
    target
        Mean capacity, such as the social planner's.

    Raises
    ------
    UnsettledError
        If a race on the way did not settle.
    ValueError
        If no rate within `WIDEST_TAX` does it.
    """

    def taxed(rate: float) -> RaceSpec:
        return replace(spec, tax=max(rate, 0.0), subsidy=max(-rate, 0.0))

    near: Equilibrium | None = None

    def beyond(rate: float) -> float:
        nonlocal near
        solved, way = course(taxed(rate), exact=exact, warm=near)
        near = solved.equilibrium
        return way.mean["capacity"] / target - 1

    low, high = 0.0, 0.0
    now = beyond(0.0)
    step = 0.25 if now > 0 else -0.25
    while True:
        low, high = high, min(max(high + step, WIDEST_TAX[0]), WIDEST_TAX[1])
        if (beyond(high) > 0) != (now > 0):
            break
        if high in WIDEST_TAX:
            raise ValueError(
                f"no tax between {WIDEST_TAX[0]} and {WIDEST_TAX[1]} brings capacity to the target"
            )
        step *= 2
    return taxed(cast("float", brentq(beyond, low, high, xtol=0.005)))


def counterfactuals(
    spec: RaceSpec,
    priors: Mapping[str, Any],
    wanted: tuple[str, ...] = tuple(s.id for s in SCENARIOS),
    near: Planners | None = None,
) -> dict[str, Outcome]:
    """Return scenario to outcome, rivals described by their total; races and planners from one start.

    Parameters
    ----------
    spec
        The race.
    priors
        Values of ``[race.*]`` by short name.
    wanted
        Scenarios.
    near
        Planners of a race with the same states to start its planners from.

    Raises
    ------
    UnsettledError
        If one did not settle.
    """
    own, base = planners(spec, starts=STARTS[:1], near=near), course(spec)[0].equilibrium
    made = {}
    for scenario in (s for s in SCENARIOS if s.id in wanted):
        changed = scenario.changed(spec, priors)
        if scenario.id == TAX:
            changed = corrective(spec, own.social.mean["capacity"])
        beside = planners(changed, starts=STARTS[:1], near=own) if scenario.planners else own
        warm = base if scenario.aim.alone else None
        made[scenario.id] = outcome(changed, course(changed, scenario.aim, warm=warm)[1], beside)
    return made
