"""The numbers behind a verdict in words, and the verdict on prices as a function of what is not known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from overbuild.core import Event, Verdicts
from overbuild.core.judging import trailing_year
from overbuild.core.periods import PER_YEAR
from overbuild.episodes import Episode
from overbuild.episodes.layers import Layer

ASSUMED_COST_FALLS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.68)
"""Fractions a year. The last is that of cost per bit if technology alone made a fibre carry 100 times as
much in four years."""

NEAR = 0.02
"""A lowest use within this share of the threshold is called a near miss."""


def reading(event: Event, layer: Layer, verdicts: Verdicts) -> str:
    """Return the figures that decided an event, as a clause; empty where the layer's meaning says them."""
    if event.rule == "drawdown":
        return _fall(event, layer, verdicts)
    if event.rule == "low_utilisation":
        return _lowest(event, layer)
    return ""


def price_dial(episode: Episode, event: Event) -> pd.DataFrame:
    """Return the verdict on O5 for each assumed fall of unit cost, where a price but no cost is known.

    Columns ``assumed_cost_fall, price_fall, excess, holds`` (fractions a year); empty if no price is known.
    """
    layer = episode.layers.get("price_fall")
    rows = []
    if layer is not None:
        fall = float(layer.values.min())
        for cost in ASSUMED_COST_FALLS:
            excess = fall - cost
            rows.append(
                {
                    "assumed_cost_fall": cost,
                    "price_fall": fall,
                    "excess": excess,
                    "holds": excess >= event.thresholds["excess"],
                }
            )
    return pd.DataFrame(rows, columns=["assumed_cost_fall", "price_fall", "excess", "holds"])


def _fall(event: Event, layer: Layer, verdicts: Verdicts) -> str:
    per_year = PER_YEAR[layer.frequency]
    flow = pd.Series(
        trailing_year(layer.values.to_numpy(dtype=float)[None, :], per_year)[0], index=layer.values.index
    )
    if not verdicts.when[0]:
        if np.isnan(verdicts.value[0]):
            return ""
        window = event.thresholds["window_years"]
        return f"largest fall within {window:g} years of a peak {100 * verdicts.value[0]:.1f} %"
    before = flow.loc[: verdicts.when[0]]
    peak = str(before.idxmax())
    window = round(event.thresholds["window_years"] * per_year)
    after = (flow.loc[peak:] / flow[peak] - 1).iloc[1 : window + 1]
    lowest = str(after.idxmin())
    if per_year > 1:
        return f"peak in the year to {peak}, {100 * after.min():.1f} % by {lowest}"
    shown = ", ".join(f"{100 * v:.1f} % ({p})" for p, v in after.items())
    return f"peak {peak}, then {shown}"


def _lowest(event: Event, layer: Layer) -> str:
    known = layer.values.dropna()
    ratio, threshold = float(known.min()), event.thresholds["ratio"]
    near = "; a near miss" if threshold <= ratio <= threshold * (1 + NEAR) else ""
    return f"lowest {ratio:.3f} of normal in {known.idxmin()}, against {threshold:g}{near}"
