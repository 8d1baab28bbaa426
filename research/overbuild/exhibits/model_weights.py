"""Table: the weights of the models in the headline, learnt or set, beside equal ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.terms_named import behind, inline, named
from overbuild.exhibits.wording import THIN, listed, number, span, typographic

ID = "model_weights"
TITLE = "Weights of the models in the headline, and the headline by other weights"
NOTE = (
    "{event} by {by}. Weight: as printed in the sum, after {mass} for unknown models. Stacked: before that; "
    "weights that maximise the log score of the mixture of those models that speak of each target, with a "
    "prior worth {prior} targets spread equally over models, and at least {floor} in the sum for the base "
    "rate. {behind} Worth: independent targets on which the model can be told from another. 90 %: 5 % and "
    "95 % points over {draws} samples of clusters of targets. Left out: the headline without the model, its "
    "weight relearnt. Alone: the model by itself. {pairs}{hierarchical}{zero}The base rate and the panels "
    "hold telecom: hindcast on revised data; one event. Grade B. Sources: as in the table of forecasts."
)
NEEDS = ("probability", "combination")
DATA = ()
COLUMNS = {
    "model": "Model",
    "origin": "",
    "weight": "Weight",
    "stacked": "Stacked",
    "interval": f"90{THIN}%",
    "equal": "Equal",
    "worth": "Worth",
    "left_out": "Left out",
    "alone": "Alone",
}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    answer, settings = inputs.result("probability"), inputs.result("combination")["settings"]
    frame = pd.DataFrame(list(_rows(answer)), columns=pd.Index(list(COLUMNS)))
    numbers = ("weight", "stacked", "equal", "left_out", "alone")
    formats = dict.fromkeys(numbers, ".2f") | {"worth": ".1f"}
    note = typographic(_note(answer, settings))
    return Table(ID, TITLE, note, frame, "llrrrrrrr", formats, COLUMNS)


def _rows(answer: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    learnt, other = answer["learnt"], answer["alternatives"]
    counted = [t for t in answer["headline"]["terms"] if t["model"] in learnt["stacked"]]
    mass = sum(t["weight"] for t in counted)
    for t in answer["headline"]["terms"]:
        model = t["model"]
        inside = model in learnt["stacked"]
        ends = learnt["bootstrap"].get(model)
        yield (
            named(model),
            f"{t['origin']}, floor" if "floor" in t["note"] else t["origin"],
            t["weight"],
            learnt["stacked"].get(model),
            span(*ends) if ends else None,
            mass / len(counted) if inside else None,
            learnt["seen"]["by_model"][model]["worth"] if inside else None,
            other["drop_one"].get(model),
            other["alone"].get(model),
        )


def _note(answer: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    headline, seen = answer["headline"], answer["learnt"]["seen"]
    rules = settings["stacking"]
    alone = [" with ".join(inline(m) for m in p["models"]) for p in seen["by_pair"] if not p["worth"]]
    above = rules["hierarchical_above"]
    met = seen["worth"] > above
    zero = [f"{inline(t['model'])} {t['why_zero']}" for t in headline["terms"] if t["why_zero"]]
    return NOTE.format(
        event=headline["event"],
        by=headline["by"],
        mass=number(settings["unknown_model_mass"]),
        floor=number(settings["base_rate_weight_floor"]),
        prior=number(rules["prior_targets"], "g"),
        behind=behind(seen),
        draws=rules["bootstrap_draws"],
        pairs=f"No target compares {listed(alone)}. " if alone else "",
        hierarchical=(
            f"Stacking by groups of targets asks for more than {above} independent ones, which are "
            f"{'there; it is not used, since they come from unlike panels' if met else 'not there'}. "
        ),
        zero=f"Without weight: {'; '.join(zero)}. " if zero else "",
    )
