"""The probability of overbuild by model, from filed results: read at once, made by ``overbuild build``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overbuild.errors import InputError, UnknownNameError
from overbuild.locations import data_dir
from overbuild.probability.definitions import read_definitions
from overbuild.probability.filing import Record, current
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
        ``event, by, probability, terms``: the frozen headline event; ``terms`` lists every model that speaks
        of it with its weight. One outside view does so far, so its weight is one, and it is set, not learnt.
        A model that failed a check, or whose forecast is its prior, is listed with weight 0.
    by_event
        Event and date to the forecasts of the models that speak.
    by_model
        Model to all its forecasts, abstentions and their reasons among them.
    weights
        Model to weight in the headline.
    ranges
        Three ranges of the headline, kept apart: ``monte_carlo`` error; ``parameters`` (interval by series);
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
            f"(parameters {low:.2f}-{high:.2f}; over other rules {lowest:.2f}-{highest:.2f}), from the "
            f"rule-selected base rate alone as of {self.as_of}. This is an outside view; the inside view is "
            "not part of it yet."
        )

    def frame(self) -> pd.DataFrame:
        """Return one row a forecast that speaks."""
        import pandas as pd

        rows = [f for found in self.by_model.values() for f in found if f["probability"] is not None]
        columns = ["model", "event", "by", "probability", "evidence", "status"]
        return pd.DataFrame(rows, columns=pd.Index(columns))


def probability_of_overbuild(
    episode: str = "ai",
    *,
    by: str | None = None,
    models: Sequence[str] = (),
    data: Path | None = None,
    filed: Path | None = None,
) -> Probability:
    """Read the filed forecasts of an episode.

    Parameters
    ----------
    episode
        ``ai``; the hindcasts on telecom are filed by later versions.
    by
        End of the horizon (``2028`` or ``2028Q4``); None: that of the frozen headline.
    models
        The only models that get weight, whether or not they passed their checks; empty: all that did.
    data
        A data folder; None: the project's own.
    filed
        Folder of the answers on file; None: ``filed`` in the data folder.

    Raises
    ------
    InputError
        If nothing is filed for the episode or the horizon; the message lists what there is. If no model that
        speaks passed its checks; the message names what failed.
    UnknownNameError
        If there is no model of a name.
    """
    if episode != "ai":
        raise InputError(f"No forecasts are filed for the episode '{episode}'. Available: ai.")
    folder = data or data_dir()
    definitions = read_definitions(folder / "definitions.toml")
    headline = definitions["headline"]
    horizon = horizon_of(by) if by else headline["by"]
    for name in models:
        if name not in MODELS:
            raise UnknownNameError("model", name, MODELS)
    records = {model: current(filed or folder / "filed", model, failed=True) for model in MODELS}
    by_model = {model: list(record.forecasts) for model, record in records.items()}
    speaking = [f for found in by_model.values() for f in found if f["probability"] is not None]
    by_event: dict[str, list[Mapping[str, Any]]] = {}
    for forecast in speaking:
        by_event.setdefault(
            f"{forecast['event']} by {forecast['by']}" if forecast["by"] else forecast["event"], []
        ).append(forecast)
    chosen = _chosen(speaking, headline["event"], horizon)
    weights = _weights(chosen, records, models)
    probability = sum(weights[f["model"]] * f["probability"] for f in chosen)
    first = next(f for f in chosen if weights[f["model"]])
    record = records[first["model"]]
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
        _ranges(probability, first, record.result),
    )


def checks_on_file(*, data: Path | None = None, filed: Path | None = None) -> dict[str, Any]:
    """Return what the checks of every model on file found, beside the marks.

    Parameters
    ----------
    data, filed
        As for `probability_of_overbuild`.

    Returns
    -------
    dict
        ``models`` (model to its checks; ``filed``: name to whether it was passed) and ``marks``.
    """
    folder = data or data_dir()
    records = [current(filed or folder / "filed", model, failed=True) for model in MODELS]
    found = {r.model: {"filed": dict(r.checks), **r.result["checks"]} for r in records}
    return {"models": found, "marks": read_definitions(folder / "definitions.toml")["checks"]}


def _chosen(speaking: Sequence[Mapping[str, Any]], event: str, by: str) -> list[Mapping[str, Any]]:
    """Return the forecasts of one event and date."""
    of_event = [f for f in speaking if f["event"] == event]
    chosen = [f for f in of_event if f["by"] == by]
    if not chosen:
        known = ", ".join(sorted({f["by"] for f in of_event}))
        raise InputError(f"No forecast of {event} by {by} is filed. Available: {known}.")
    return chosen


def _weights(
    chosen: Sequence[Mapping[str, Any]], records: Mapping[str, Record], models: Sequence[str]
) -> dict[str, float]:
    """Return equal weights of the models that count, and 0 of the others."""
    why = {f["model"]: _weightless(f, records[f["model"]]) for f in chosen}
    counts = [m for m in why if m in models] if models else [m for m, reason in why.items() if not reason]
    if not counts and models:
        raise InputError(
            f"{', '.join(models)}: no forecast of {chosen[0]['event']} by {chosen[0]['by']}. "
            f"Available: {', '.join(why)}."
        )
    if not counts:
        raise InputError(
            f"No model with weight forecasts {chosen[0]['event']} by {chosen[0]['by']}: "
            + "; ".join(f"{model} {reason}" for model, reason in why.items())
            + f". Ask for one by name (--model {next(iter(why))}) to see it all the same."
        )
    return {m: 1.0 / len(counts) if m in counts else 0.0 for m in why}


def _weightless(forecast: Mapping[str, Any], record: Record) -> str:
    """Return why a forecast gets no weight; empty where it does."""
    if not record.passed:
        return f"failed its checks ({', '.join(record.failed)})"
    return "took hardly anything from its data" if forecast["evidence"] == "prior-driven" else ""


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
