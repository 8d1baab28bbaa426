"""The next figures on a model's own paths: spending, AI revenue, prices; and the spread of bonds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Event, Paths
from overbuild.probability.specification_views import ahead_of
from overbuild.probability.spending_paths import LAYER, spending
from overbuild.simulation.view import InsideView

type Array = NDArray[np.float64]

SPREAD_POINTS = tuple(round(q, 2) for q in np.arange(0.05, 1.0, 0.1))
"""Quantiles of a year's change of the spread of bonds at which the annual regimes are asked again."""
POINTS = (0.1, 0.5, 0.9)


@dataclass(frozen=True, eq=False)
class Told:
    """An event and figures on the same paths.

    Attributes
    ----------
    holds
        Whether the event happens, shape (path,).
    figures
        Name to the figure on each path.
    draw
        Which draw of the parameters made each path.
    """

    holds: Array
    figures: Mapping[str, Array]
    draw: NDArray[np.int_]

    def thinned(self, most: int) -> Told:
        """Return the same of at most so many paths, spread evenly over all."""
        keep = np.unique(np.linspace(0, self.holds.size - 1, min(most, self.holds.size)).round().astype(int))
        return Told(self.holds[keep], {n: x[keep] for n, x in self.figures.items()}, self.draw[keep])


def on_paths(ahead: Array, draw: NDArray[np.int_], history: Paths, event: Event, quarters: int) -> Told:
    """Return the event, and spending in the next quarters, on paths of spending alone.

    Parameters
    ----------
    ahead
        Spending after the last known quarter, USD million, shape (path, quarter).
    draw
        Which draw of the parameters made each path.
    history, event
        What happened, and the headline event with its date.
    quarters
        Quarters of data that are next.
    """
    return Told(event.judge(spending(history, ahead)).holds, _capex(ahead, quarters), draw)


def of_simulation(
    view: InsideView,
    inputs: Any,
    history: Paths,
    event: Event,
    quarters: int,
    paths: int,
    rng: np.random.Generator,
) -> Told:
    """Return the event and every figure on paths of the inside view.

    AI revenue is the cash that capacity in use brings its owners, cover times required cash, USD billion a
    year; the price of a GPU-hour is against its own of the last known quarter, log per cent.
    """
    from overbuild.simulation.kernel import AT
    from overbuild.simulation.run import simulate

    made = simulate(replace(view, continued=0), inputs, paths, rng)
    layers, end = made.layers, quarters - 1
    params = made.prepared.params
    now = params[:, AT["use_now"]] ** params[:, AT["gamma"]]
    told = on_paths(layers[LAYER], made.draw, history, event, quarters)
    figures = {
        **told.figures,
        "ai_revenue": layers["cover"][:, end] * layers["required"][:, end] / 1e3,
        "price": 100 * np.log(layers["price"][:, end] / now[made.draw]),
    }
    return replace(told, figures=figures)


def of_spread(
    posterior: Any, history: Paths, event: Event, rng: Callable[[], np.random.Generator]
) -> dict[str, Any]:
    """Return what another spread of Baa bonds over Treasuries does to the annual regimes.

    No model here simulates it: the last known one is moved by the changes of a year on record, which have
    equal weight, and the regimes are asked again with the same random numbers.

    Parameters
    ----------
    posterior
        Of the annual regimes.
    history, event
        What happened, and the headline event with its date.
    rng
        Returns a generator in the same state each time that it is called.
    """
    panel = posterior.data
    i = panel.row(posterior.own)
    known = np.flatnonzero(np.isfinite(panel.spreads[i]))
    changes = np.diff(panel.spreads[i])
    changes = changes[np.isfinite(changes)]

    def asked(change: float) -> float:
        spreads = panel.spreads.copy()
        spreads[i, known[-1]] += change
        moved = replace(posterior, data=replace(panel, spreads=spreads))
        return float(event.judge(spending(history, ahead_of(moved, event.by, rng()))).holds.mean())

    now = asked(0.0)
    at = {q: float(np.quantile(changes, q)) for q in sorted({*POINTS, *SPREAD_POINTS})}
    probability = {q: asked(change) for q, change in at.items()}
    return {
        "last": float(panel.spreads[i, known[-1]]),
        "years": changes.size,
        "probability": now,
        "mean": float(np.mean([probability[q] for q in SPREAD_POINTS])),
        "expected_change": float(np.mean([abs(probability[q] - now) for q in SPREAD_POINTS])),
        "points": [{"at": q, "change": at[q], "probability": probability[q]} for q in POINTS],
    }


def _capex(values: Array, quarters: int) -> dict[str, Array]:
    """Return spending in the first quarter ahead and in all that are next, USD billion."""
    return {"capex_first": values[:, 0] / 1e3, "capex_next": values[:, :quarters].sum(axis=1) / 1e3}
