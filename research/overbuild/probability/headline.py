"""The probability of overbuild: models combined term by term, from filed results alone, read at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overbuild.core.periods import ordinal, period_end
from overbuild.errors import InputError, UnknownNameError
from overbuild.locations import data_dir
from overbuild.probability import ranges
from overbuild.probability.combination import Combined, Said, base_rate_of, combined
from overbuild.probability.combination_file import Weights, weights_for
from overbuild.probability.definitions import IDS, read_definitions
from overbuild.probability.filing import current
from overbuild.probability.horizons import horizon_of
from overbuild.probability.physical import EVENT, PHYSICAL_OVERBUILD
from overbuild.probability.spoken import MODELS, Spoken, spoken
from overbuild.probability.targets import rows_on_file

if TYPE_CHECKING:
    import pandas as pd

CHECKED = ("baserate", "analogues")
"""Outside views, whose checks are printed side by side."""
HINDCAST = (
    "hindcast on revised data; one event. Weights were learnt with telecom's rows left out; the other rows' "
    "forecasts still learnt from telecom, and rest on later knowledge of other series"
)


@dataclass(frozen=True)
class Probability:
    """The combined probability of an event, and what every model on file says.

    Attributes
    ----------
    episode, as_of
        Which episode, known when.
    headline
        ``event, title, by, probability, terms, note``: each term has ``model, weight, probability,
        contribution, origin`` (learnt or set), ``worth`` (of the targets behind it), ``why_zero`` and
        ``note``; contributions sum to the probability.
    by_event
        Event and date to the forecasts of the models that speak; empty where none does.
    by_model
        Model to all its forecasts, abstentions and their reasons among them.
    weights
        Model to weight in the headline, that of unknown models among them.
    ranges
        Three ranges of the headline, kept apart: ``monte_carlo`` (two standard errors), ``parameters``
        (within models) and ``models`` (other weights, other rules).
    combined
        Event and date to the combined probability and its terms; ``probability`` None and a ``note`` where no
        usable model speaks.
    alternatives
        What ``models`` ranges over: ``drop_one, alone, equal, bootstrap, rules``.
    learnt
        ``seen`` (targets behind the weights: number, worth, by panel, model and pair), ``prior_targets``,
        ``stacked`` (weights before the mass of unknown models) and ``bootstrap`` (5 % and 95 % points).
    """

    episode: str
    as_of: str
    headline: Mapping[str, Any]
    by_event: Mapping[str, Sequence[Mapping[str, Any]]]
    by_model: Mapping[str, Sequence[Mapping[str, Any]]]
    weights: Mapping[str, float]
    ranges: Mapping[str, Sequence[float]]
    combined: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    alternatives: Mapping[str, Any] = field(default_factory=dict)
    learnt: Mapping[str, Any] = field(default_factory=dict)

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
            "combined": {k: dict(v) for k, v in self.combined.items()},
            "alternatives": dict(self.alternatives),
            "learnt": dict(self.learnt),
        }

    def sentence(self) -> str:
        """Say the headline, its event, its terms and its ranges in plain words."""
        spans = {name: f"{low:.2f}-{high:.2f}" for name, (low, high) in self.ranges.items()}
        counted = [t for t in self.headline["terms"] if t["weight"]]
        terms = " + ".join(
            f"{t['weight']:.3f} x {t['probability']:.3f} ({t['model']}, {_from(t)})" for t in counted
        )
        by = f", by {self.headline['by']}" if self.headline["by"] else ""
        zero = "; ".join(f"{t['model']} {t['why_zero']}" for t in self.headline["terms"] if t["why_zero"])
        return (
            f"{self.headline['title']}{by}: {self.headline['probability']:.2f} as of {self.as_of}. "
            f"Terms: {terms or 'none'}. Three ranges, not to be added up: "
            f"Monte Carlo {spans['monte_carlo']}; parameters {spans['parameters']}; models {spans['models']}."
            + (f" Without weight: {zero}." if zero else "")
            + (f" {self.headline['note']}." if self.headline["note"] else "")
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
    as_of: date | None = None,
    by: str | None = None,
    event: str | None = None,
    models: Sequence[str] = (),
    data: Path | None = None,
    filed: Path | None = None,
) -> Probability:
    """Combine the filed forecasts of an episode.

    Parameters
    ----------
    episode
        ``ai``, or ``telecom`` as it was known on a day before its boom was over.
    as_of
        A day of which answers are on file; None: the latest one of AI.
    by
        End of the horizon (``2028`` or ``2028Q4``); None: that of the frozen headline, of telecom the latest
        on file.
    event
        ``O3``, ``O3/severe``, ``composite``, ``physical_overbuild``; None: that of the frozen headline.
    models
        The only models that get weight, whether or not they passed their checks, and no mass for unknown
        ones; empty: all that passed.
    data
        A data folder; None: the project's own.
    filed
        Folder of the answers on file; None: ``filed`` in the data folder.

    Raises
    ------
    InputError
        If nothing is filed for the episode, the day or the horizon (the message lists what there is), if the
        horizon has passed, or if no usable model speaks of the event (the message says why each does not).
    UnknownNameError
        If there is no model or no event of a name.
    """
    folder = data or data_dir()
    definitions = read_definitions(folder / "definitions.toml")
    for name in models:
        if name not in MODELS:
            raise UnknownNameError("model", name, MODELS)
    wanted = _event(event or definitions["headline"]["event"], definitions)
    place = filed or folder / "filed"
    rows = rows_on_file(place)
    found = spoken(place, episode, as_of, rows)
    horizon = _horizon(found, wanted, by, definitions)
    weights = weights_for(place, episode, found.as_of.isoformat(), rows, definitions, folder)
    mass = 0.0 if models else definitions["combination"]["unknown_model_mass"]
    asked = list(dict.fromkeys([*found.asked, (wanted, horizon)]))
    every = {pair: _combined(found, *pair, weights, mass, models) for pair in asked}
    headline = every[wanted, horizon]
    _require(headline, found, models)
    said = _said(found, wanted, horizon, weights, models)
    by_event = {
        _name(*pair): [f for fs in found.forecasts.values() for f in fs if _spoken_of(f, pair)]
        for pair in asked
    }
    stack = weights.of([s.model for s in said if not s.why_zero])
    rules = [
        r["probability"]
        for r in found.results.get("baserate", {}).get("readings", [])
        if wanted == definitions["headline"]["event"] and r["by"] == horizon
    ]
    excluded = _impossible(found, wanted, horizon, weights)
    other = ranges.alternatives(headline, said, weights, stack, mass, rules, impossible=excluded)
    note = ". ".join(n for n in (headline.note, HINDCAST if episode == "telecom" else "") if n)
    return Probability(
        episode,
        found.as_of.isoformat(),
        {**headline.to_dict(), "title": _title(wanted, definitions), "note": note},
        by_event,
        found.forecasts,
        headline.weights,
        {
            "monte_carlo": ranges.monte_carlo(headline, said, mass),
            "parameters": ranges.parameters(headline, said, mass),
            "models": ranges.models(headline, other),
        },
        {_name(*pair): c.to_dict() for pair, c in every.items()},
        other,
        {
            "seen": stack.seen,
            "prior_targets": definitions["combination"]["stacking"]["prior_targets"],
            "stacked": dict(zip(stack.models, stack.weights, strict=True)),
            "bootstrap": ranges.tails_by_model(stack),
        },
    )


def checks_on_file(*, data: Path | None = None, filed: Path | None = None) -> dict[str, Any]:
    """Return what the checks of the outside views on file found, beside the marks.

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
    records = [current(filed or folder / "filed", model, failed=True) for model in CHECKED]
    found = {r.model: {"filed": dict(r.checks), **r.result["checks"]} for r in records}
    return {"models": found, "marks": read_definitions(folder / "definitions.toml")["checks"]}


def _combined(
    found: Spoken, event: str, by: str, weights: Weights, mass: float, models: Sequence[str]
) -> Combined:
    said = _said(found, event, by, weights, models)
    usable = [s.model for s in said if not s.why_zero]
    stack = weights.of(usable) if usable else None
    excluded = _impossible(found, event, by, weights)
    return combined(event, by, said, stack, mass, base=base_rate_of(event, said), impossible=excluded)


def _said(found: Spoken, event: str, by: str, weights: Weights, models: Sequence[str]) -> list[Said]:
    said = found.said(event, by, models)
    if not _impossible(found, event, by, weights):
        return said
    return [replace(s, probability=0.0, mc_error=0.0, spread=(0.0, 0.0, 0.0)) for s in said]


def _impossible(found: Spoken, event: str, by: str, weights: Weights) -> bool:
    """Return whether arithmetic excludes the event: as filed, or since counting, which never says 0, does."""
    said = found.said(event, by)
    return (event, by) in weights.impossible or any(
        s.model == "baserate" and s.probability == 0 for s in said
    )


def _require(headline: Combined, found: Spoken, models: Sequence[str]) -> None:
    """Refuse an event on which no usable model speaks."""
    if headline.probability is not None:
        return
    name = _name(headline.event, headline.by)
    spoken_of = [t.model for t in headline.terms]
    if not spoken_of:
        known = sorted({_name(e, b) for e, b in found.asked if found.said(e, b)})
        raise InputError(f"No usable model speaks of {name}. Spoken of are: {', '.join(known)}.")
    if models:
        raise InputError(f"{', '.join(models)}: no forecast of {name}. Available: {', '.join(spoken_of)}.")
    raise InputError(
        f"No usable model speaks of {name}: "
        + "; ".join(f"{t.model} {t.why_zero}" for t in headline.terms)
        + f". Ask for one by name (--model {spoken_of[0]}) to see it all the same."
    )


def _event(name: str, definitions: Mapping[str, Any]) -> str:
    """Return the name of an event as forecasts are filed under it."""
    wanted = name.removesuffix("/primary")
    known = [PHYSICAL_OVERBUILD]
    for identity in IDS:
        variants = definitions[identity].get("variants", {})
        known += [identity, *(f"{identity}/{variant}" for variant in variants)]
    if wanted not in known:
        raise UnknownNameError("event", name, known)
    return wanted


def _title(event: str, definitions: Mapping[str, Any]) -> str:
    if event == PHYSICAL_OVERBUILD:
        return EVENT[:1].upper() + EVENT[1:]
    identity, _, variant = event.partition("/")
    entry = definitions[identity]
    return str(entry.get("variants", {}).get(variant, entry).get("title", entry["title"]))


def _horizon(found: Spoken, event: str, by: str | None, definitions: Mapping[str, Any]) -> str:
    """Return the quarter by whose end the event is to have happened; empty for one without a date."""
    dates = sorted({d for e, d in found.asked if e == event}, key=lambda d: ordinal(d) if d else 0)
    if event == PHYSICAL_OVERBUILD:
        if by:
            raise InputError(f"{event} has no date of its own ({EVENT}). Ask without --by.")
        return ""
    if by is None:
        return definitions["headline"]["by"] if found.episode == "ai" else (dates or [""])[-1]
    horizon = horizon_of(by)
    if period_end(horizon) <= found.as_of:
        later = ", ".join(dates)
        raise InputError(f"The horizon {horizon} does not lie after {found.as_of}. Available: {later}.")
    if horizon not in dates:
        if not dates:
            return horizon
        raise InputError(f"No forecast of {event} by {horizon} is filed. Available: {', '.join(dates)}.")
    return horizon


def _name(event: str, by: str) -> str:
    return f"{event} by {by}" if by else event


def _from(term: Mapping[str, Any]) -> str:
    """Say whether a weight is learnt, and from targets worth how much."""
    return f"learnt from {term['worth']:.1f}" if term["origin"] == "learnt" else str(term["origin"])


def _spoken_of(forecast: Mapping[str, Any], pair: tuple[str, str]) -> bool:
    return (forecast["event"], forecast["by"]) == pair and forecast["probability"] is not None
