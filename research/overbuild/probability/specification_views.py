"""What a specification makes of the models that simulate, and which two assumptions are moved together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Event
from overbuild.core.periods import ordinal
from overbuild.probability.specification_runs import Inside, Row
from overbuild.probability.specifications import Axis, Specification, pair_line
from overbuild.probability.spending_paths import LAYER
from overbuild.simulation.view import InsideView

type Array = NDArray[np.float64]


def view_of(levels: Mapping[str, Any], axes: Sequence[Axis], horizons: tuple[str, ...]) -> InsideView:
    """Return the inside view of a specification.

    At the primary cost of capital present values are taken at that rate and what capital must earn is drawn;
    at another, both are that rate.
    """
    rate = float(levels["capital_cost"])
    primary = next(a.primary for a in axes if a.name == "capital_cost")
    return InsideView(
        horizons=tuple(dict.fromkeys(horizons)),
        discount_rate=rate,
        cost_of_capital=None if rate == primary else rate,
        life_scale=levels["lives"],
        gamma_scale=levels["gamma"],
        feedback=levels["feedback"],
        ceiling_scale=levels["ceiling"],
        demand_scale=levels["pace"],
        monetisation_scale=levels["monetisation"],
        ratio=levels["ratio"] == "on",
        contracts=levels["contracts"] == "on",
        clearing=levels["clearing"] == "clears",
        whole_curve=levels["curve"] == "all",
    )


def inside_of(view: InsideView, inputs: Any, paths: int, rng: np.random.Generator) -> Inside:
    """Return paths of the inside view, with what each path's start excludes at exactly nothing.

    Parameters
    ----------
    view
        The specification of the inside view.
    inputs
        Draws of its inputs (`overbuild.simulation.inputs.Inputs`).
    paths, rng
        How many, and their source.
    """
    from overbuild.simulation.bounded import judge
    from overbuild.simulation.run import simulate

    made = simulate(view, inputs, paths, rng)
    layers = made.paths()

    def holds(event: Event) -> Array:
        return judge(event, made, layers).holds

    return Inside(made.layers[LAYER], made.draw, holds)


def ahead_of(posterior: Any, until: str, rng: np.random.Generator) -> Array:
    """Return spending after the last known quarter by a regime model, shape (path, quarter)."""
    made = posterior.paths(until, {}, rng)
    known = posterior.history
    last = known.time[np.flatnonzero(np.isfinite(known.layer(LAYER)[0]))[-1]]
    return made.layer(LAYER)[:, ordinal(last) + 1 - ordinal(made.time[0]) :]


def pair_lines(
    axes: Sequence[Axis], design: Sequence[Specification], rows: Mapping[str, Row], steps: Sequence[float]
) -> tuple[Specification, ...]:
    """Return the two strongest assumptions of the inside view moved together, once up and once down."""
    primary = rows["primary"].get("simulation")
    if primary is None:
        return ()
    made: list[Specification] = []
    for name, sign in (("up", 1), ("down", -1)):
        best = {}
        for axis in axes:
            if axis.part != "simulation" or not all(isinstance(x, float) for x in axis.levels):
                continue
            moves = {
                s.levels[axis.name]: sign * ((rows[s.name]["simulation"] or 0.0) - primary)
                for s in design
                if s.kind == "alone" and s.levels[axis.name] != axis.primary
            }
            level = max(moves, key=lambda x: moves[x])
            best[axis.name] = (moves[level], level)
        strongest = sorted(best, key=lambda n: -best[n][0])[:2]
        made += pair_line(name, axes, {n: best[n][1] for n in strongest}, steps)
    return tuple(made)
