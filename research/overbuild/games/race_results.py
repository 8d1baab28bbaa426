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
from overbuild.games.race_market import OWN
from overbuild.games.race_parameters import EPISODES, RANGES, draws, middle, race_of
from overbuild.games.race_paths import Path, after_fall, path
from overbuild.games.race_scenarios import (
    BASE,
    OF_TELECOM,
    SCENARIOS,
    Outcome,
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

DRAWS, DRAWS_OF_SCENARIOS = 32, 16
"""Draws of the race as set, and of every counterfactual; powers of two keep them balanced."""
QUICK_DRAWS, QUICK_DRAWS_OF_SCENARIOS = 8, 2
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
    few = (QUICK_DRAWS, QUICK_DRAWS_OF_SCENARIOS) if asked.quick else (DRAWS, DRAWS_OF_SCENARIOS)
    return {
        "as_of": asked.as_of.isoformat(),
        "episodes": {e: _episode(e, priors, *few) for e in EPISODES},
        "accuracy": [accuracy(_at_middle(priors, "ai", firms)) for firms in (3, 5)],
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
        way, beside = course(spec, exact=exact)[1], planners(spec, exact=exact)
        made[exact] = {
            **{n: way.mean[n] for n in COMPARED},
            "owners": way.owners,
            "society": way.society,
            "capacity_to_social": way.mean["capacity"] / beside.social.mean["capacity"],
            "capacity_to_joint": way.mean["capacity"] / beside.joint.mean["capacity"],
        }
    gaps = {n: made[False][n] / made[True][n] - 1 for n in made[True]}
    return {"firms": spec.firms, "states": spec.states, "reduced": spec.reduced_states, "gaps": gaps}


def _episode(episode: str, priors: Mapping[str, Any], many: int, few: int) -> dict[str, Any]:
    wanted = tuple(s.id for s in SCENARIOS) if episode == "ai" else OF_TELECOM
    firms, smoothing = priors[f"firms_{episode}"], priors["smoothing"]
    spec = _at_middle(priors, episode, firms)
    try:
        solved, way = course(spec, exact=True, starts=STARTS)
        beside = planners(spec, exact=True)
        central = counterfactuals(spec, priors, wanted)
    except UnsettledError as error:
        raise CheckFailedError(f"The race of '{episode}' as set in {FILE}: {error}.") from None
    rng = stream(f"race/{episode}")
    values = draws(priors, episode, many, rng)
    specs = [race_of(v, firms=firms, smoothing=smoothing) for v in values]
    every = [_tried(s, priors, wanted if i < few else (BASE,)) for i, s in enumerate(specs)]
    swept = [o for o in every if o]
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
                "draws": len(tried := [o[s.id] for o in swept if s.id in o]),
                "ranges": _ranges(tried),
            }
            for s in SCENARIOS
            if s.id in wanted
        ],
        "sweep": [asdict(o[BASE]) for o in swept],
        "drivers": _drivers([v for v, o in zip(values, every, strict=True) if o], [o[BASE] for o in swept]),
        "failed": len(every) - len(swept),
        "smoothing": _smoothings(spec),
    }


def _at_middle(priors: Mapping[str, Any], episode: str, firms: int) -> RaceSpec:
    return race_of(middle(priors, episode), firms=firms, smoothing=priors["smoothing"])


def _tried(spec: RaceSpec, priors: Mapping[str, Any], wanted: tuple[str, ...]) -> dict[str, Outcome] | None:
    """Return the outcomes of one draw; None where best responses did not settle or no tax does it."""
    try:
        return counterfactuals(spec, priors, wanted)
    except (UnsettledError, ValueError):
        return None


def _ranges(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """Return name to median and 5th and 95th percentile over draws."""
    return {
        f.name: dict(
            zip(
                ("q05", "q50", "q95"),
                np.quantile([getattr(o, f.name) for o in outcomes], [0.05, 0.5, 0.95]).tolist(),
                strict=True,
            )
        )
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
        found = outcome(other, course(other, OWN)[1], planners(other))
        made.append({"factor": factor, "social": found.capacity_to_social, "joint": found.capacity_to_joint})
    return made
