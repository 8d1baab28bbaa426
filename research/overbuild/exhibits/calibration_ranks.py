"""Figure: ranks of true parameters among draws of their posteriors, against the uniform distribution."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.models_named import MODELS

ID = "calibration_ranks"
TITLE = "Ranks of true parameters in simulated data, against uniform"
NOTE = (
    "One line a parameter: the share of simulated data sets in which the truth ranks at or below a place "
    "among draws of its posterior, less that place. A right sampler and likelihood give lines that stay in "
    "the band, which holds a line of uniform ranks with a chance of 99 % at every place; with as many lines "
    "as here a few leave it somewhere by chance, and the test of the table allows for their number. A line "
    "above 0 is a posterior that sits too high, an S one that is too narrow or too wide. Simulated data only."
)
NEEDS = (
    "calibration_regimes",
    "calibration_quarterly",
    "calibration_capital",
    "calibration_demand",
    "calibration_explosive",
    "calibration_clock",
    "calibration_analogue_regression",
    "calibration_contest",
    "calibration_quantal_response",
)
DATA = ()
HEIGHT = 5.6


def build(inputs: Inputs) -> Figure:
    """Draw one panel a model."""
    rows = [r for model in MODELS for r in _rows(model, inputs.result(f"calibration_{model}"))]
    data = pd.DataFrame(rows)
    figure, panels = style.panels(3, 3, height=HEIGHT, sharex=True, sharey=True)
    for axes, model in zip(panels, MODELS, strict=False):
        part = where(data, model=model)
        for parameter in dict.fromkeys(part["parameter"]):
            line = where(part, parameter=parameter)
            axes.plot(
                floats(line, "place"), floats(line, "gap"), color=style.PALETTE["blue"], lw=0.7, alpha=0.6
            )
        line = where(part, parameter=next(iter(part["parameter"])))
        x, band = floats(line, "place"), floats(line, "band")
        axes.fill_between(x, -band, band, color=style.PALETTE["grey"], alpha=0.25, lw=0)
        axes.axhline(0, color="#000000", lw=0.5)
        axes.set_title(MODELS[model], fontsize=8, loc="left")
    for axes in panels[len(MODELS) :]:
        axes.set_visible(False)
    figure.supxlabel("place of the truth among draws of the posterior", fontsize=8)
    figure.supylabel("share at or below, less the place", fontsize=8)
    return Figure(ID, TITLE, NOTE, figure, data)


def _rows(model: str, found: dict[str, Any]) -> list[dict[str, Any]]:
    levels, count = found["levels"], found["simulations"]
    places = np.arange(0, levels + 1, 2)
    uniform = (places + 1) / (levels + 1)
    band = 2.576 * np.sqrt(uniform * (1 - uniform) / count)
    rows = []
    for parameter, ranks in found["ranks"].items():
        share = np.mean(np.asarray(ranks)[:, None] <= places[None, :], axis=0)
        rows += [
            {"model": model, "parameter": parameter, "place": float(u), "gap": float(s - u), "band": float(b)}
            for u, s, b in zip(uniform, share, band, strict=True)
        ]
    return rows
