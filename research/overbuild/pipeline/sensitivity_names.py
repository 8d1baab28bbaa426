"""Files of sensitivity, and the code, fits and definitions behind them: what a build plans with."""

from __future__ import annotations

from pathlib import Path

FILE = Path("specification") / "runs.json"
MODULES = (
    "overbuild.probability.specification_runs",
    "overbuild.probability.specification_views",
    "overbuild.probability.specifications",
    "overbuild.simulation.bounded",
    "overbuild.simulation.run",
    "overbuild.simulation.cohort",
    "overbuild.simulation.event_layers",
    "overbuild.simulation.kernel",
    "overbuild.simulation.sources",
)
FITS = ("regimes", "quarterly", "demand")
DEFINED = (
    "frozen",
    "headline",
    "core_composite_by",
    "O1",
    "O2",
    "O3",
    "composite",
    "baserate",
    "specification",
)
WATCHED = Path("specification") / "watch.json"
WATCHING = (
    "overbuild.probability.watch",
    "overbuild.probability.watch_figures",
    "overbuild.probability.specification_runs",
    "overbuild.probability.specification_views",
    "overbuild.probability.preposterior",
)
