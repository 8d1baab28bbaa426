"""The probability of overbuild by model, from filed results: read at once, computed by ``overbuild build``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overbuild.errors import InputError
from overbuild.locations import data_dir
from overbuild.probability.definitions import read_definitions
from overbuild.probability.filing import current
from overbuild.probability.horizons import horizon_of

if TYPE_CHECKING:
    import pandas as pd

MODELS = ("baserate", "analogues")


@dataclass(frozen=True)
class Probability:
    """What each model says, and the headline.

    Attributes
    ----------
    episode, as_of
        Which episode, known when.
    headline
        ``event, by, probability, terms``: the frozen headline event; ``terms`` lists every model with its weight.
        One outside view speaks about it so far, so its weight is one, and it is set, not learnt.
    by_event
        Event and date to the forecasts of the models that speak.
    by_model
        Model to all its forecasts, abstentions and their reasons among them.
    weights
        Model to weight in the headline.
    ranges
        Three ranges of the headline, kept apart: ``monte_carlo`` error; ``parameters`` (bootstrap by series);
        ``models`` (the base rate over the grid of rules, which answers the same question by other rules).
    """

    episode: str
    as_of: str
    headline: Mapping[str, Any]
    by_event: Mapping[str, Sequence[Mapping[str, Any]]]
    by_model: Mapping[str, Sequence[Mapping[str, Any]]]
    weights: Mapping[str, float]
    ranges: Mapping[str, Sequence[float]]

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, as ``overbuild probability --json`` prints them."""
        return {
            "episode": self.episode,
            "as_of": self.as_of,
            "headline": dict(self.headline),
            "by_event": {k: list(v) for k, v in self.by_event.items()},
            "by_model": {k: list(v) for k, v in self.by_model.items()},
            "weights": dict(self.weights),
            "ranges": {k: list(v) for k, v in self.ranges.items()},
        }

    def sentence(self) -> str:
        """Say the headline, its event and its ranges in plain words."""
        low, high = self.ranges["parameters"]
        lowest, highest = self.ranges["models"]
        return (
            f"{self.headline['title']}, by {self.headline['by']}: {self.headline['probability']:.2f} "
            f"(parameters {low:.2f}-{high:.2f}; over other rules {lowest:.2f}-{highest:.2f}), from the rule-selected base rate alone "
            f"as of {self.as_of}. This is an outside view; the inside view is not part of it yet."
        )

    def frame(self) -> pd.DataFrame:
        """Return one row a forecast that speaks."""
        import pandas as pd

        rows = [f for found in self.by_model.values() for f in found if f["probability"] is not None]
        columns = ["model", "event", "by", "probability", "evidence", "status"]
        return pd.DataFrame(rows, columns=pd.Index(columns))


def probability_of_overbuild(
    episode: str = "ai", *, by: str | None = None, data: Path | None = None, filed: Path | None = None
) -> Probability:
    """Read the filed forecasts of an episode.

    Parameters
    ----------
    episode
        ``ai``; the hindcasts on telecom are filed by later versions.
    by
        End of the horizon (``2028`` or ``2028Q4``); None: that of the frozen headline.
    data
        A data folder; None: the project's own.
    filed
        Folder of the answers on file; None: ``filed`` in the data folder.

    Raises
    ------
    InputError
        If nothing is filed for the episode or the horizon; the message lists what there is.
    """
    if episode != "ai":
        raise InputError(f"No forecasts are filed for the episode '{episode}'. Available: ai.")
    folder = data or data_dir()
    definitions = read_definitions(folder / "definitions.toml")
    headline = definitions["headline"]
    horizon = horizon_of(by) if by else headline["by"]
    records = {model: current(filed or folder / "filed", model) for model in MODELS}
    by_model = {model: list(record.forecasts) for model, record in records.items()}
    speaking = [f for found in by_model.values() for f in found if f["probability"] is not None]
    by_event: dict[str, list[Mapping[str, Any]]] = {}
    for forecast in speaking:
        by_event.setdefault(
            f"{forecast['event']} by {forecast['by']}" if forecast["by"] else forecast["event"], []
        ).append(forecast)
    chosen = [f for f in speaking if f["event"] == headline["event"] and f["by"] == horizon]
    if not chosen:
        known = sorted({f["by"] for f in speaking if f["event"] == headline["event"]})
        raise InputError(
            f"No forecast of {headline['event']} by {horizon} is filed. Available: {', '.join(known)}."
        )
    weights = {f["model"]: 1.0 / len(chosen) for f in chosen}
    probability = sum(weights[f["model"]] * f["probability"] for f in chosen)
    record = records[chosen[0]["model"]]
    return Probability(
        episode,
        record.as_of.isoformat(),
        {
            "event": headline["event"],
            "title": definitions[headline["event"]]["title"],
            "by": horizon,
            "probability": probability,
            "terms": [
                {"model": f["model"], "weight": weights[f["model"]], "probability": f["probability"]}
                for f in chosen
            ],
        },
        by_event,
        by_model,
        weights,
        _ranges(probability, chosen[0], record.result),
    )


def _ranges(
    probability: float, forecast: Mapping[str, Any], result: Mapping[str, Any]
) -> dict[str, list[float]]:
    error = forecast["mc_error"]
    spread = forecast["spread"] or [probability, probability, probability]
    readings = [r["probability"] for r in result.get("readings", []) if r["by"] == forecast["by"]]
    return {
        "monte_carlo": [max(probability - 2 * error, 0.0), min(probability + 2 * error, 1.0)],
        "parameters": [spread[0], spread[2]],
        "models": [min(readings, default=probability), max(readings, default=probability)],
    }
