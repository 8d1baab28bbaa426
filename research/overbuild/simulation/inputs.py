"""What the recursion takes: draws of every parameter, and where the record stands; posterior or prior.

Each draw puts together one draw of every source, independently: the quarterly regimes, demand, capital, the
contest's ratio, the contracts' prices, and the priors of the simulation itself. No source has been fitted
jointly with another, so that nothing is known of how their errors go together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Paths
from overbuild.core.frozen import Frozen

type Array = NDArray[np.float64]

SLOPES = ("slack_exit", "slack_bust")
"""Slopes by which slack moves the end of a boom and the bust after it, of the sign of theory: not below 0."""
REGIME = (
    *("normal_growth", "boom_gap", "bust_gap", "deviation", "deviation_ratio", "persistence", "seasonal"),
    *("exit", "exit_age", *SLOPES, "from_normal", "after_boom", "from_bust"),
)
DEMAND = ("growth", "headroom", "asymmetry", "memory", "common")
DEVIATION = "demand_deviation"
"""How far demand is off its curve on its reference day; comes with its parameters."""


@dataclass(frozen=True, eq=False)
class Inputs:
    """Draws, and the record that they go on from.

    Attributes
    ----------
    draws
        Name to array whose first axis is the draw: see `overbuild.simulation.run.parameters`.
    history
        The layers so far, put in front of the paths.
    last
        The last quarter of the record.
    takeoff
        First quarter of the cohort.
    reference
        Demand's reference day.
    as_of
        The day whose knowledge this is.
    episode
        Its name.
    nowcast
        Spending by quarter after the last whole year of an annual record, as far as it is inferred.
    """

    draws: Mapping[str, Array]
    history: Paths
    last: str
    takeoff: str
    reference: date
    as_of: date
    episode: str
    nowcast: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        sizes = {np.asarray(v).shape[0] for v in self.draws.values()}
        if len(sizes) != 1:
            raise ValueError(f"Inputs have {sorted(sizes)} draws; expected one number for all.")
        object.__setattr__(self, "draws", Frozen(self.draws))

    @property
    def size(self) -> int:
        """Number of draws."""
        return next(iter(self.draws.values())).shape[0]

    def replaced(self, **changed: Any) -> Inputs:
        """Return the same with some draws replaced, or all set to a number."""
        made = dict(self.draws)
        for name, value in changed.items():
            old = self.draws[name]
            made[name] = np.broadcast_to(np.asarray(value, dtype=float), old.shape).copy()
        return replace(self, draws=made)


def own_draws(
    priors: Mapping[str, Any], size: int, rng: np.random.Generator, era: str = ""
) -> dict[str, Array]:
    """Return draws of the priors that belong to the simulation alone; ``era`` ends the names of some."""
    from overbuild.models import draws_of

    half = ("gamma", "cover_exit", "cover_bust", "speed")
    made = {n: np.abs(rng.normal(0.0, float(priors[n]), size)) for n in half}
    made |= {n: draws_of.lognormal(priors[n], size, rng) for n in ("epsilon", "interest")}
    made |= {
        n: draws_of.lognormal(priors[n + era], size, rng)
        for n in ("use_now", "pace", "monetised", "contract_years")
    }
    made |= {n: draws_of.beta(priors[n + era], size, rng) for n in ("normal_use", "under_contract")}
    made["debt_share"] = draws_of.beta(priors["debt_share"], size, rng)
    made["ceiling_growth"] = draws_of.normal(priors["ceiling_growth"], size, rng)
    made["monetising"] = np.full(size, float(priors["monetising"]))
    return made


def shuffled(draws: Mapping[str, Array], size: int, rng: np.random.Generator) -> dict[str, Array]:
    """Return so many draws, each row kept together: without repeats as long as there are enough."""
    have = next(iter(draws.values())).shape[0]
    order = np.concatenate([rng.permutation(have) for _ in range(-(-size // have))])[:size]
    return {name: np.asarray(values, dtype=float)[order] for name, values in draws.items()}


def clipped_ratio(ratio: Array, bounds: tuple[float, float]) -> Array:
    """Return the log of the games' ratio, moved to the nearest bound.

    The ratio runs over powers of ten, from priors of elasticity and transfer share that no datum bears on,
    and its planner's stock is no level that could be compared with capital on record: its tails would move
    spending by factors that mean nothing. Its side of 1 is kept, and its order between the bounds.
    """
    return np.log(np.clip(ratio, *bounds))
