"""The result ``race``: both eras' races with their planners, counterfactuals, ranges, accuracy and signs.

The model is calibrated: its ranges are set in ``priors.toml`` and no data are fitted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import date
from typing import Any

import numpy as np
from scipy.stats import rankdata

from overbuild.core.draws import Draws
from overbuild.errors import CheckFailedError
from overbuild.games.asked import Asked
from overbuild.games.race import RaceSpec
from overbuild.games.race_parameters import EPISODES, RANGES, draws, middle, race_of
from overbuild.games.race_paths import Path, after_fall, path
from overbuild.games.race_scenarios import (
    BASE,
    OF_TELECOM,
    SCENARIOS,
    Outcome,
    Planners,
    UnsettledError,
    counterfactuals,
    course,
    outcome,
    planners,
)
from overbuild.games.race_signs import signs
from overbuild.games.race_solver import STARTS
from overbuild.models.prior_file import FILE, read_priors
from overbuild.randomness import stream

DRAWS, OF_SCENARIOS = 32, 16
"""Draws of the race as set, and how many of them each row of ranges is of; powers of two are balanced."""
QUICK_DRAWS, QUICK_OF_SCENARIOS = 8, 4
QUANTILES = {"q10": 0.1, "q50": 0.5, "q90": 0.9}
ONE = STARTS[:1]
"""Start of planners where many are solved."""
TWO = ("even", "leader")
"""Those of the exact planners."""
FEW = 3
"""Firms with which the lattice is made finer."""
YEARS = 20
SHOWN = ("capacity", "idle", "price", "below_cost", "excess")
COMPARED = {"capacity": "mean capacity", "orders": "orders a year"}


def result(asked: Asked) -> dict[str, Any]:
    """Return everything that exhibits read, in plain types.

    Raises
    ------
    CheckFailedError
        If the race in the middle of an era's ranges did not settle.
    """
    priors = read_priors(asked.data / FILE).at(asked.as_of).values("race")
    counts = (QUICK_DRAWS, QUICK_OF_SCENARIOS) if asked.quick else (DRAWS, OF_SCENARIOS)
    return {
        "as_of": asked.as_of.isoformat(),
        "episodes": {e: _episode(e, priors, *counts) for e in EPISODES},
        "accuracy": [
            {"episode": e} | accuracy(_at_middle(priors, e, firms)) for e in EPISODES for firms in (3, 5)
        ],
        "signs": [asdict(s) for s in signs()],
    }


def draws_of(found: Mapping[str, Any], episode: str = "ai") -> tuple[Draws, ...]:
    """Return what is handed on: the ratio to the social planner's capacity, idle share, price over full cost.

    Parameters
    ----------
    found
        The result ``race``.
    episode
        ``ai`` or ``telecom``.
    """
    said = {
        "capacity_to_social": (
            "ratio",
            "Capacity of the Markov-perfect race over that of the social planner",
        ),
        "capacity_to_joint": ("ratio", "Capacity of the Markov-perfect race over that of joint profit"),
        "idle": ("share", "Share of capacity that stands idle in the Markov-perfect race"),
        "price_to_cost": ("ratio", "Price over full cost in the Markov-perfect race"),
    }
    sweep = found["episodes"][episode]["sweep"]
    day = date.fromisoformat(found["as_of"])
    tail = "mean over years with the weight of discounting; calibrated, no data fitted."
    return tuple(
        Draws(f"race_{n}_{episode}", unit, np.array([o[n] for o in sweep]), f"{meaning}, {tail}", day)
        for n, (unit, meaning) in said.items()
    )


def accuracy(spec: RaceSpec) -> dict[str, Any]:
    """Return how far the race with rivals described by their total is from the exact one.

    Raises
    ------
    UnsettledError
        If one did not settle.
    """
    made = {}
    for exact in (True, False):
        way, beside = course(spec, exact=exact)[1], planners(spec, exact=exact, starts=ONE)
        made[exact] = {
            **{n: way.mean[n] for n in COMPARED},
            "owners": way.owners,
            "society": way.society,
            "capacity_to_social": way.mean["capacity"] / beside.social.mean["capacity"],
            "capacity_to_joint": way.mean["capacity"] / beside.joint.mean["capacity"],
        }
    gaps = {n: made[False][n] / made[True][n] - 1 for n in made[True]}
    return {"firms": spec.firms, "states": spec.states, "reduced": spec.reduced_states, "gaps": gaps}


def halved(spec: RaceSpec) -> RaceSpec:
    """Return the same race in units of half the size, and money in prices of one of these.

    A firm still sheds at most one unit a year, now half as much.
    """
    return replace(
        spec,
        market=tuple(2 * m for m in spec.market),
        levels=2 * spec.levels - 1,
        largest_order=2 * spec.largest_order,
        adjustment=spec.adjustment / 2,
        foothold=spec.foothold * 2,
        credit=spec.credit * 2,
        smoothing=spec.smoothing * 2,
    )


def _episode(episode: str, priors: Mapping[str, Any], many: int, few: int) -> dict[str, Any]:
    wanted = tuple(s.id for s in SCENARIOS) if episode == "ai" else OF_TELECOM
    firms, smoothing = priors[f"firms_{episode}"], priors["smoothing"]
    spec = _at_middle(priors, episode, firms)
    try:
        solved, way = course(spec, exact=True, starts=STARTS)
        beside = planners(spec, exact=True, starts=TWO)
        central = counterfactuals(spec, priors, wanted)
    except UnsettledError as error:
        raise CheckFailedError(f"The race of '{episode}' as set in {FILE}: {error}.") from None
    near = planners(spec, starts=ONE)
    rng = stream(f"race/{episode}")
    values = draws(priors, episode, many, rng)
    specs = [race_of(v, firms=firms, smoothing=smoothing) for v in values]
    every = [_tried(s, priors, wanted if i < few else (BASE,), near) for i, s in enumerate(specs)]
    swept = [o for o in every if o]
    rows = [o for o in every[:few] if o]
    return {
        "spec": asdict(spec) | {"credit": None},
        "full_cost": spec.full_cost,
        "states": spec.states,
        "exact": {
            "outcome": asdict(outcome(spec, way, beside)),
            "equilibria": [_summary(path(solved, e)) | {"starts": len(e.starts)} for e in solved.equilibria],
            "residual": solved.residual,
        },
        "paths": {
            name: {n: p.by_year[n][:YEARS].tolist() for n in SHOWN}
            for name, p in (("race", way), ("joint", beside.joint), ("social", beside.social))
        },
        "planner_below": beside.social.mean["below_cost"],
        "after_fall": {n: v.tolist() for n, v in after_fall(solved, years=YEARS).items() if n in SHOWN},
        "scenarios": [
            {
                "id": s.id,
                "title": s.title,
                "middle": asdict(central[s.id]),
                "draws": len(rows),
                "ranges": _ranges([o[s.id] for o in rows]),
            }
            for s in SCENARIOS
            if s.id in wanted
        ],
        "sweep": [asdict(o[BASE]) for o in swept],
        "drivers": _drivers([v for v, o in zip(values, every, strict=True) if o], [o[BASE] for o in swept]),
        "failed": len(every) - len(swept),
        "smoothing": _smoothings(spec),
        "market_clears": _beside(replace(spec, toughness=1.0)),
        "lattice": {
            "firms": FEW,
            "unit": _beside(three := _at_middle(priors, episode, FEW)),
            "half": _beside(halved(three)),
        },
    }


def _at_middle(priors: Mapping[str, Any], episode: str, firms: int) -> RaceSpec:
    return race_of(middle(priors, episode), firms=firms, smoothing=priors["smoothing"])


def _tried(
    spec: RaceSpec, priors: Mapping[str, Any], wanted: tuple[str, ...], near: Planners
) -> dict[str, Outcome] | None:
    """Return the outcomes of one draw; None where best responses did not settle or no tax does it."""
    try:
        return counterfactuals(spec, priors, wanted, near)
    except (UnsettledError, ValueError):
        return None


def _ranges(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """Return name to median and 10th and 90th percentile over draws."""
    return {
        f.name: {
            q: float(np.quantile([getattr(o, f.name) for o in outcomes], at)) for q, at in QUANTILES.items()
        }
        for f in fields(Outcome)
    }


def _drivers(values: Sequence[Mapping[str, float]], outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return parameter to rank correlation, over draws, with the ratio to the social planner's capacity."""
    ratio = rankdata([o.capacity_to_social for o in outcomes])
    return {n: float(np.corrcoef(rankdata([v[n] for v in values]), ratio)[0, 1]) for n in RANGES}


def _summary(way: Path) -> dict[str, float]:
    return {n: way.mean[n] for n in ("capacity", "idle", "price")} | {"owners": way.owners}


def _smoothings(spec: RaceSpec, factors: Iterable[float] = (0.5, 1.0, 2.0)) -> list[dict[str, float]]:
    """Return the two ratios with smaller and larger private shocks."""
    made = []
    for factor in factors:
        other = replace(spec, smoothing=spec.smoothing * factor)
        made.append({"factor": factor} | _beside(other))
    return made


def _beside(spec: RaceSpec) -> dict[str, float]:
    """Return the two ratios and society's loss, rivals described by their total."""
    found = outcome(spec, course(spec)[1], planners(spec, starts=ONE))
    return {
        "social": found.capacity_to_social,
        "joint": found.capacity_to_joint,
        "society": found.society_loss,
    }
