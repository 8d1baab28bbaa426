"""Figure: the headline as a sum of terms, and beside it three ranges that are not to be added up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import records, where
from overbuild.exhibits.terms_named import behind, inline, named
from overbuild.exhibits.wording import number, small, typographic

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "headline_terms"
TITLE = "The headline probability as a sum of terms, and its three ranges"
NOTE = (
    "{event} ({title}) by {by}, as of {as_of}: {probability}. A: each bar is a term, its weight times the "
    "probability of the model; terms sum to the headline. In brackets, what the targets are worth from "
    "which a weight was learnt. {behind} At least {floor} of weight is set for the base rate and "
    "{mass} for models nobody has thought of, on {base}. B: ranges kept apart. Monte Carlo, two standard "
    "errors. Parameters, the weighted means of the models’ 5 % and 95 % points, all low or all high at once. "
    "Models, the least and the most of the rows below it in grey: equal weights, one model left "
    "out, each alone, weights on resampled targets (5 % and 95 %), and the base rate by other rules. {zero}"
    "The long series of the base rate hold telecom: hindcast on revised data; one event. Grade B. "
    "Sources: as in the table of forecasts."
)
NEEDS = ("probability", "combination")
DATA = ()
WAYS = {
    "equal": "equal weights",
    "drop_one": "one left out",
    "alone": "each alone",
    "bootstrap": "resampled targets",
    "rules": "other rules",
}
RANGES = {"monte_carlo": "Monte Carlo", "parameters": "Parameters", "models": "Models"}


def build(inputs: Inputs) -> Figure:
    """Draw the figure."""
    answer, settings = inputs.result("probability"), inputs.result("combination")["settings"]
    data = pd.DataFrame(
        [*_terms(answer), *_ranges(answer)],
        columns=pd.Index(["panel", "name", "weight", "probability", "low", "high", "kind", "worth"]),
    )
    with style.applied():
        figure, panels = style.panels(1, 2, height=2.9, width_ratios=[1, 1])
        _draw_terms(panels[0], where(data, panel="A"), answer["headline"]["probability"])
        _draw_ranges(panels[1], where(data, panel="B"), answer["headline"]["probability"])
        style.letter(panels[0], "A", "Terms")
        style.letter(panels[1], "B", "Ranges")
    return Figure(ID, TITLE, typographic(_note(answer, settings)), figure, data)


def _terms(answer: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Return the terms, each from where the last one ends."""
    start = 0.0
    for t in answer["headline"]["terms"]:
        if t["weight"]:
            end = start + t["contribution"]
            worth = t["worth"] if t["origin"] == "learnt" else None
            yield "A", named(t["model"]), t["weight"], t["probability"], start, end, t["origin"], worth
            start = end


def _ranges(answer: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    for name, (low, high) in answer["ranges"].items():
        yield "B", RANGES[name], None, None, low, high, "range", None
    for name, title in WAYS.items():
        found = answer["alternatives"][name]
        values = list(found.values()) if isinstance(found, Mapping) else found
        values = values if isinstance(values, list) else [values]
        if values:
            yield "B", title, None, None, min(values), max(values), "way", None


def _draw_terms(axes: Axes, data: pd.DataFrame, headline: float) -> None:
    rows, look = records(data), style.LOOKS
    right = 2.25 * headline if headline else 1.0
    for place, r in enumerate(rows):
        color = look["ai" if r["kind"] == "learnt" else "context"].color
        axes.barh(place, r["high"] - r["low"], left=r["low"], height=0.55, color=color)
        behind_it = f" ({number(r['worth'], '.1f')})" if r["kind"] == "learnt" else ""
        text = f"{number(r['weight'])} × {number(r['probability'])}, {r['kind']}{behind_it}"
        style.label(axes, headline, place, text, look["context"])
    axes.axvline(headline, color=style.PALETTE["black"], linewidth=0.8)
    axes.set_yticks(range(len(rows)), [r["name"] for r in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, right)
    axes.grid(visible=False)
    axes.set_xlabel(f"probability, summed to {number(headline)}")


def _draw_ranges(axes: Axes, data: pd.DataFrame, headline: float) -> None:
    rows = records(data)
    for place, r in enumerate(rows):
        color = style.LOOKS["ai" if r["kind"] == "range" else "context"].color
        axes.plot([r["low"], r["high"]], [place, place], color=color, linewidth=3.5, solid_capstyle="butt")
        if r["high"] - r["low"] < 0.01:
            axes.plot([(r["low"] + r["high"]) / 2], [place], color=color, marker="o", zorder=3)
    axes.axvline(headline, color=style.PALETTE["black"], linewidth=0.8)
    axes.set_yticks(range(len(rows)), [r["name"] for r in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, max(0.1, 1.1 * max(r["high"] for r in rows)))
    axes.grid(visible=False)
    axes.set_xlabel("probability")


def _note(answer: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    headline = answer["headline"]
    unknown = [t for t in headline["terms"] if t["model"] == "unknown_models"]
    none = unknown and "no base rate" in unknown[0]["note"]
    zero = [f"{inline(t['model'])} {t['why_zero']}" for t in headline["terms"] if t["why_zero"]]
    return NOTE.format(
        event=headline["event"],
        title=small(headline["title"]),
        by=headline["by"],
        as_of=answer["as_of"],
        probability=number(headline["probability"]),
        behind=behind(answer["learnt"]["seen"]),
        floor=number(settings["base_rate_weight_floor"]),
        mass=number(settings["unknown_model_mass"]),
        base="a half, since the event has no base rate" if none else "the event’s base rate",
        zero=f"Without weight: {'; '.join(zero)}. " if zero else "",
    )
