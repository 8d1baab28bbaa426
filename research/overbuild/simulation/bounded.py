"""Events on simulated paths, with what arithmetic and assumption exclude at exactly zero on each path.

Use has no record, so that each path starts from its own: where use in the last quarter is so high that it
cannot have been low for long enough by the date (`overbuild.core.bounds.low_utilisation_open`), the path's
use is lifted to the threshold, and the event is false on it, alone or as part of a composite. O3 and O5 take
nothing of the kind: a flow that is not negative obeys its bound, and so does a run of overlapping years.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Event, Paths
from overbuild.core.bounds import low_utilisation_open
from overbuild.core.events import Verdicts
from overbuild.core.periods import horizon, ordinal

if TYPE_CHECKING:
    from overbuild.simulation.run import Simulated

type Array = NDArray[np.float64]

RULE = "low_utilisation"


def judge(event: Event, made: Simulated, paths: Paths | None = None) -> Verdicts:
    """Return the verdicts on an event, false where a path's start excludes it."""
    return event.judge(bounded(event, made, paths))


def bounded(event: Event, made: Simulated, paths: Paths | None = None) -> Paths:
    """Return the paths on which an event is judged.

    Parameters
    ----------
    event
        The event, with a date; a composite bounds its parts.
    made
        What was simulated.
    paths
        Its paths, if they are at hand.
    """
    paths = made.paths() if paths is None else paths
    layers = dict(paths.values)
    for part in (event, *event.parts):
        if part.rule == RULE and part.layer in layers:
            shut = ~opened(part, made, paths)[made.draw]
            x = layers[part.layer]
            layers[part.layer] = np.where(shut[:, None], np.maximum(x, part.thresholds["ratio"]), x)
    return replace(paths, values=layers)


def opened(event: Event, made: Simulated, paths: Paths) -> NDArray[np.bool_]:
    """Return for each draw whether use, from where it starts, can be low for long enough, shape (draw,)."""
    per_year = paths.per_year
    last = ordinal(made.inputs.last)
    left = ordinal(horizon(event.by, paths.frequency)) - (last // 4 if per_year == 1 else last)
    use = starting_use(made)
    return np.array(
        [low_utilisation_open(np.array([u]), max(left, 0), per_year, event.thresholds) for u in use]
    )


def starting_use(made: Simulated) -> Array:
    """Return use in the last quarter over normal of each draw, shape (draw,)."""
    from overbuild.simulation.kernel import AT

    return made.prepared.params[:, AT["use_now"]]
