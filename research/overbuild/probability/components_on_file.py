"""What the components of the headline weigh and say on file, from the terms of the combination, not its sum.

The curve and what must be believed need the weights of the headline. They are taken where the headline takes
them, from the weights learnt of the models that speak of the event and may count; the headline itself is not
read back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from overbuild.errors import InputError
from overbuild.probability.combination_file import weights_for
from overbuild.probability.definitions import read_definitions
from overbuild.probability.specification_runs import COMPONENTS, Row
from overbuild.probability.spoken import spoken
from overbuild.probability.targets import rows_on_file


@dataclass(frozen=True)
class OnFile:
    """Components of the headline on file.

    Attributes
    ----------
    weights
        Component that speaks to its weight, 0 where it may not count; they sum to one.
    said
        Component to ``probability`` and ``mc_error`` of the headline event.
    left_out
        Models with weight in the headline that are no component, and that weight before it was shared.
    """

    weights: Mapping[str, float]
    said: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    left_out: Mapping[str, float] = field(default_factory=dict)

    @property
    def counted(self) -> dict[str, float]:
        """Components with weight."""
        return {m: w for m, w in self.weights.items() if w > 0}


def agreement(primary: Row, said: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return how far each component's primary run lies from its answer on file.

    Columns ``model, here, filed, gap, errors``: the gap in standard errors of Monte Carlo, None where neither
    has one. A run whose error is not known is taken to have that of the answer on file.
    """
    rows = []
    for model, answer in said.items():
        here = primary.get(model)
        if here is None:
            continue
        gap, other = here - answer["probability"], answer["mc_error"] or 0.0
        own = (primary.get("simulation_error") if model == "simulation" else None) or other
        error = float(np.hypot(own, other))
        rows.append(
            {
                "model": model,
                "here": here,
                "filed": answer["probability"],
                "gap": gap,
                "errors": abs(gap) / error if error > 0 else None,
            }
        )
    return rows


def components_on_file(data: Path, filed: Path, as_of: date) -> OnFile:
    """Return what the components of the headline weigh and say.

    Parameters
    ----------
    data
        A data folder: definitions of the headline and of the combination.
    filed
        Folder of the answers on file.
    as_of
        The day of the answers.

    Raises
    ------
    InputError
        If nothing is on file for the day (the message lists the days), or no component has weight.
    """
    definitions = read_definitions(data / "definitions.toml")
    event, by = definitions["headline"]["event"], definitions["headline"]["by"]
    rows = rows_on_file(filed)
    found = spoken(filed, "ai", as_of, rows)
    said = {s.model: s for s in found.said(event, by)}
    usable = [m for m, s in said.items() if not s.why_zero]
    shares: dict[str, float] = {}
    if usable:
        stack = weights_for(filed, "ai", found.as_of.isoformat(), rows, definitions, data).of(usable)
        shares = dict(zip(stack.models, stack.weights, strict=True))
    own = {m: shares.get(m, 0.0) for m in COMPONENTS if m in said}
    total = sum(own.values())
    if total <= 0:
        raise InputError(
            f"No component of the headline has weight in {event} by {by} as of {as_of}; expected one of "
            f"{', '.join(COMPONENTS)} on file with its checks passed. Run 'overbuild build'."
        )
    return OnFile(
        {m: w / total for m, w in own.items()},
        {m: {"probability": said[m].probability, "mc_error": said[m].mc_error} for m in own},
        {m: w for m, w in shares.items() if m not in own},
    )
