"""What happened, held against the definitions: each event true, false or unknown, with its evidence."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from overbuild.core import Event, Paths, Verdicts, both, either
from overbuild.core.periods import label, ordinal
from overbuild.episodes import Episode, load_episode
from overbuild.episodes.layers import Layer
from overbuild.probability.definitions import definitions_of, event_named, events_for, table_named
from overbuild.probability.evidence import price_dial, reading
from overbuild.probability.plain import plain


@dataclass(frozen=True)
class Judged:
    """One event held against what happened.

    Attributes
    ----------
    event
        The event.
    holds
        True, false, or None (unknown).
    value
        The quantity held against the threshold; nan where there is none.
    low, high
        Its range, where the evidence is a range.
    when
        Period in which it first held; empty where it did not.
    evidence, grade, sources
        What it rests on, in words; the worst grade; source ids.
    why_unknown
        Reason, where unknown.
    """

    event: Event
    holds: bool | None
    value: float
    low: float
    high: float
    when: str
    evidence: str
    grade: str
    sources: tuple[str, ...]
    why_unknown: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain types; unknown verdicts and missing values are None."""
        return {
            "id": self.event.variant,
            "title": self.event.title,
            "holds": self.holds,
            "value": plain(self.value),
            "low": plain(self.low),
            "high": plain(self.high),
            "when": self.when or None,
            "thresholds": dict(self.event.thresholds),
            "evidence": self.evidence,
            "grade": self.grade or None,
            "sources": list(self.sources),
            "why_unknown": self.why_unknown or None,
        }


@dataclass(frozen=True)
class Score:
    """All events of an episode judged on what happened; O3 at earlier dates; O5 by what is not known."""

    episode: str
    title: str
    as_of: str
    label: str
    judged: Mapping[str, tuple[Judged, ...]]
    truth_table: pd.DataFrame
    grid: pd.DataFrame
    price_dial: pd.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, as ``overbuild score --json`` prints them."""
        return {
            "episode": self.episode,
            "title": self.title,
            "as_of": self.as_of,
            "label": self.label,
            "definitions": {
                identity: {"primary": found[0].to_dict(), "variants": [j.to_dict() for j in found[1:]]}
                for identity, found in self.judged.items()
            },
            "truth_table": plain(self.truth_table),
            "grid": plain(self.grid),
            "price_dial": plain(self.price_dial),
        }

    def frame(self) -> pd.DataFrame:
        """Return one row an event and variant."""
        rows = [{"event": identity, **j.to_dict()} for identity, found in self.judged.items() for j in found]
        return pd.DataFrame(rows)

    def sentence(self) -> str:
        """Return the counts of true, false and unknown primary events in one sentence."""
        holds = {i: found[0].holds for i, found in self.judged.items()}
        named = {
            word: [i for i, h in holds.items() if h is truth]
            for word, truth in (("true", True), ("false", False), ("unknown", None))
        }
        parts = [f"{', '.join(ids)} {word}" for word, ids in named.items() if ids]
        return f"{self.title}, as known on {self.as_of} ({self.label}): {'; '.join(parts)}."


def score(
    name: str, as_of: date | None = None, *, data: Path | None = None, definitions: Path | None = None
) -> Score:
    """Judge the events of an episode on what happened.

    Parameters
    ----------
    name, as_of
        As for `overbuild.load_episode`.
    data
        A data folder; None: the project's own.
    definitions
        Another definitions file; None: that of the data folder, if it has one, else the project's.
    """
    episode = load_episode(name, as_of, data)
    path = definitions or definitions_of(data)
    events = events_for(episode.name, path=path)
    judged = {identity: tuple(judge(episode, e) for e in found) for identity, found in events.items()}
    snapshot = episode.snapshot
    spending = events["O3"][0]
    return Score(
        episode.name,
        episode.title,
        snapshot.as_of.isoformat(),
        episode.label,
        judged,
        truth_table(episode, spending, table_named("truth_table", path=path)),
        threshold_grid(episode, spending, table_named("O3.grid", path=path)),
        price_dial(episode, events["O5"][0]),
    )


def judge(episode: Episode, event: Event) -> Judged:
    """Judge one event on an episode's history, at the ends of the range where its evidence is a range."""
    if event.parts:
        return _judge_composite(episode, event)
    layer = episode.layers.get(event.layer)
    if layer is None:
        why = episode.perimeter.get("missing", {}).get(
            event.layer, f"no data on '{event.layer}' for this episode"
        )
        return Judged(event, None, math.nan, math.nan, math.nan, "", "", "", (), why)
    verdicts = event.judge(as_paths(episode, layer))
    low = high = math.nan
    ends = [episode.layers.get(f"{event.layer}_{end}") for end in ("low", "high")]
    if all(ends):
        at_ends = [event.judge(as_paths(episode, replace(x, name=event.layer))) for x in ends if x]
        low, high = sorted(float(v.value[0]) for v in at_ends)
        verdicts = _joined([verdicts, *at_ends]).consensus(
            f"the evidence ranges from {low:.2f} to {high:.2f}, across the threshold"
        )
    figures = reading(event, layer, verdicts)
    return Judged(
        event,
        verdicts.one(),
        float(verdicts.value[0]),
        low,
        high,
        str(verdicts.when[0]),
        f"{layer.meaning}: {figures}" if figures else layer.meaning,
        layer.grade,
        layer.sources,
        verdicts.why_unknown,
    )


def with_outcomes(
    forecasts: Iterable[Mapping[str, Any]], name: str, as_of: date, *, data: Path | None = None
) -> list[dict[str, Any]]:
    """Return forecasts as plain types with ``happened``: whether the event held by its date, as known later.

    Parameters
    ----------
    forecasts
        With ``event`` and ``by``, and a ``probability`` that is None where the model abstains; nothing is
        judged there.
    name, as_of
        The episode, and the day whose knowledge decides; None is what it cannot decide.
    data
        A data folder; None: the project's own.
    """
    episode, path = load_episode(name, as_of, data), definitions_of(data)
    known: dict[tuple[str, str], bool | None] = {}
    out = []
    for forecast in forecasts:
        asked = forecast["event"], forecast["by"]
        if forecast["probability"] is not None and forecast["by"] and asked not in known:
            known[asked] = judge(episode, event_named(asked[0], name, by=asked[1], path=path)).holds
        out.append({**forecast, "happened": known.get(asked)})
    return out


def as_paths(episode: Episode, layer: Layer) -> Paths:
    """Return one layer as a one-draw history."""
    time = tuple(str(p) for p in layer.values.index)
    return Paths(
        time,
        {layer.name: layer.values.to_numpy(dtype=float)[None, :]},
        {layer.name: layer.unit},
        "history",
        episode.as_of,
    )


def truth_table(episode: Episode, event: Event, table: Mapping[str, Any]) -> pd.DataFrame:
    """Return whether the event held by the end of year v + h, for vintages v, horizons h, layers and falls.

    These are labels, decided on the whole history; what was known at v enters nowhere. Annual layers that
    reach back to those years only.
    """
    columns = ["layer", "fall", "vintage", "horizon", "holds"]
    rows = []
    for name in (n for n in table["layers"] if n in episode.layers and episode.layers[n].frequency == "A"):
        paths = as_paths(episode, episode.layers[name])
        if ordinal(paths.time[0]) > ordinal(max(table["vintages"])):
            continue
        for fall, vintage, years in product(table["falls"], table["vintages"], table["horizons_years"]):
            changed = replace(event, layer=name).with_thresholds(fall=fall)
            verdict = changed.dated(label(ordinal(vintage) + years, "A")).judge(paths).one()
            rows.append(dict(zip(columns, (name, fall, int(vintage), years, verdict), strict=True)))
    return pd.DataFrame(rows, columns=pd.Index(columns))


def threshold_grid(episode: Episode, event: Event, grid: Mapping[str, list[float]]) -> pd.DataFrame:
    """Return the verdict on the event at every combination of its thresholds."""
    columns = ["fall", "window_years", "holds", "value"]
    layer = episode.layers.get(event.layer)
    rows = []
    for fall, window in product(grid["fall"], grid["window_years"]):
        verdict, value = None, math.nan
        if layer is not None:
            changed = event.with_thresholds(fall=fall, window_years=window)
            verdicts = changed.judge(as_paths(episode, layer))
            verdict, value = verdicts.one(), float(verdicts.value[0])
        rows.append(dict(zip(columns, (fall, window, verdict, value), strict=True)))
    return pd.DataFrame(rows, columns=pd.Index(columns))


def _judge_composite(episode: Episode, event: Event) -> Judged:
    cash, physical, spending = (judge(episode, p) for p in event.parts)
    one = [np.nan if j.holds is None else float(j.holds) for j in (cash, physical, spending)]
    truth = both(one[0], either(one[1], one[2]))[0]
    holds = None if np.isnan(truth) else bool(truth)
    words = {True: "true", False: "false", None: "unknown"}
    evidence = "; ".join(f"{j.event.name} {words[j.holds]}" for j in (cash, physical, spending))
    grades = [j.grade for j in (cash, physical, spending) if j.grade]
    sources = tuple(sorted({s for j in (cash, physical, spending) for s in j.sources}))
    why = "" if holds is not None else "by three-valued logic from its parts"
    when = max(cash.when, min(w for w in (physical.when, spending.when) if w)) if holds else ""
    return Judged(
        event, holds, math.nan, math.nan, math.nan, when, evidence, max(grades, default=""), sources, why
    )


def _joined(verdicts: list[Verdicts]) -> Verdicts:
    return Verdicts(
        np.concatenate([v.holds for v in verdicts]),
        np.concatenate([v.value for v in verdicts]),
        np.concatenate([v.when for v in verdicts]),
        next((v.why_unknown for v in verdicts if v.why_unknown), ""),
    )
