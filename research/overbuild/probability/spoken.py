"""What the models on file say of an episode on a day: forecasts, failed checks, and what is filed beside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from overbuild.errors import InputError
from overbuild.models.registry import MODELS as BAYESIAN
from overbuild.probability.combination import Said, unusable
from overbuild.probability.filing import Record, read
from overbuild.probability.targets import TELECOM, Row

INSIDE = "simulation"
MODELS = ("baserate", "analogues", *BAYESIAN, INSIDE)
"""Every model that may have a weight, if it is on file, speaks and passed its checks."""
EPISODES = ("ai", "telecom")
HINDCAST = "hindcast"


@dataclass(frozen=True)
class Spoken:
    """The answers of all models on one episode and day.

    Attributes
    ----------
    episode, as_of
        Of what, known when.
    forecasts
        Model to its forecasts, abstentions among them.
    failed
        Model to the checks that it did not pass.
    results
        Model to what is filed beside its forecasts.
    """

    episode: str
    as_of: date
    forecasts: Mapping[str, Sequence[Mapping[str, Any]]]
    failed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    results: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def asked(self) -> list[tuple[str, str]]:
        """Return every event and date that a model was asked for, in order of appearance."""
        return list(dict.fromkeys((f["event"], f["by"]) for fs in self.forecasts.values() for f in fs))

    def said(self, event: str, by: str, only: Sequence[str] = ()) -> list[Said]:
        """Return what each model that speaks says of an event by a date.

        Parameters
        ----------
        event, by
            What by when.
        only
            Models that count whether or not they passed; the others do not. Empty: all that may.
        """
        found = []
        for model, forecasts in self.forecasts.items():
            for f in forecasts:
                if (f["event"], f["by"]) != (event, by) or f["probability"] is None:
                    continue
                why = unusable(f, self.failed.get(model, ()))
                if only:
                    why = "" if model in only else "was not asked for"
                spread = tuple(f["spread"]) if f.get("spread") else None
                found.append(Said(model, f["probability"], f.get("mc_error") or 0.0, spread, why))
        return found


def spoken(filed: Path, episode: str, as_of: date | None, rows: Sequence[Row]) -> Spoken:
    """Return what is on file of an episode.

    Parameters
    ----------
    filed
        ``data/filed``.
    episode
        ``ai`` or ``telecom``. Of telecom answers count that were given as of a day before it was over;
        hindcasts on the panels stand in where a model has no answer on file.
    as_of
        The day; None: the latest one of AI. Of telecom a day must be named.
    rows
        Hindcasts on file.

    Raises
    ------
    InputError
        If nothing is on file for the episode or the day; the message lists what there is.
    """
    if episode not in EPISODES:
        raise InputError(
            f"No forecasts are filed for the episode '{episode}'. Available: {', '.join(EPISODES)}."
        )
    records, rows = _of_episode(filed, episode, rows)
    days = _days(records, rows)
    if not days:
        raise InputError(
            f"No forecasts of '{episode}' are on file in {filed}. Run 'overbuild build' to make them."
        )
    listed = ", ".join(map(str, days))
    if as_of is None and episode != "ai":
        raise InputError(f"Forecasts of '{episode}' are on file by day. Name one with --as-of: {listed}.")
    day = as_of or days[-1]
    if day not in days:
        raise InputError(f"No forecasts of '{episode}' as of {day} are on file. Available: {listed}.")
    chosen = {r.model: r for r in records if r.as_of == day}
    order = [m for m in MODELS if m in chosen]
    forecasts = {m: list(chosen[m].forecasts) for m in order}
    _fill(forecasts, (r for r in rows if r["as_of"] == day.isoformat()))
    failed = {m: chosen[m].failed for m in order if not chosen[m].passed}
    return Spoken(episode, day, forecasts, failed, {m: chosen[m].result for m in order})


def days_on_file(filed: Path, episode: str, rows: Sequence[Row]) -> list[date]:
    """Return the days of which something is on file."""
    return _days(*_of_episode(filed, episode, rows))


def _of_episode(filed: Path, episode: str, rows: Sequence[Row]) -> tuple[list[Record], list[Row]]:
    records = [r for r in _records(filed) if r.episode == episode]
    if episode != "telecom":
        return records, []
    records = [r for r in records if any(f["status"] == HINDCAST for f in r.forecasts)]
    return records, [r for r in rows if r["panel"] in TELECOM and r["model"] in MODELS]


def _days(records: Sequence[Record], rows: Sequence[Row]) -> list[date]:
    return sorted({r.as_of for r in records} | {date.fromisoformat(r["as_of"]) for r in rows})


def _records(filed: Path) -> list[Record]:
    found = []
    for model in MODELS:
        for path in sorted((filed / model).glob("*.json")):
            try:
                found.append(read(path))
            except InputError:
                continue
    return found


def _fill(forecasts: dict[str, list[Mapping[str, Any]]], rows: Iterable[Row]) -> None:
    """Add hindcasts of the models that may count where they have no answer of that event and date on file."""
    for row in rows:
        if row["probability"] is None:
            continue
        own = forecasts.setdefault(row["model"], [])
        same = [f for f in own if (f["event"], f["by"]) == (row["event"], row["by"])]
        if any(f["probability"] is not None for f in same):
            continue
        for f in same:
            own.remove(f)
        own.append(
            {
                "event": row["event"],
                "by": row["by"],
                "as_of": row["as_of"],
                "model": row["model"],
                "probability": row["probability"],
                "mc_error": 0.0,
                "spread": None,
                "evidence": row.get("evidence", "direct"),
                "abstains": "",
                "status": row.get("status", HINDCAST),
            }
        )
