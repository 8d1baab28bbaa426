"""The combination on file: weights with their bootstrap, the targets behind them, and impossible events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from overbuild.core.saving import load_json
from overbuild.probability.combination import Stack, stack_of
from overbuild.probability.definitions import IDS
from overbuild.probability.spoken import EPISODES, Spoken, days_on_file, spoken
from overbuild.probability.targets import Row, without_telecom

FILE = "combination/weights.json"
KEPT = 4
"""Digits of a weight of the bootstrap."""


@dataclass(frozen=True)
class Weights:
    """Where the weights of a set of models come from: file, or the targets at once.

    Attributes
    ----------
    rows
        Hindcasts that weights of the episode may be learnt from.
    settings
        Section ``[combination]`` of the definitions.
    stacks
        Those on file.
    impossible
        Events and dates that arithmetic excludes.
    """

    rows: Sequence[Row]
    settings: Mapping[str, Any]
    stacks: Sequence[Stack] = ()
    impossible: frozenset[tuple[str, str]] = frozenset()

    def of(self, models: Sequence[str]) -> Stack:
        """Return the weights of some models: those on file, else learnt from the same targets."""
        wanted = tuple(sorted(models))
        for stack in self.stacks:
            if stack.models == wanted:
                return stack
        return stack_of(wanted, self.rows, self.settings)


def rows_for(episode: str, rows: Sequence[Row], definitions: Mapping[str, Any]) -> list[Row]:
    """Return the hindcasts from which weights of an episode are learnt: of telecom, without its own."""
    if episode == "telecom":
        return without_telecom(rows, definitions["baserate"]["telecom_series"])
    return list(rows)


def weights_for(
    filed: Path, episode: str, as_of: str, rows: Sequence[Row], definitions: Mapping[str, Any], data: Path
) -> Weights:
    """Return the weights of an episode, from file where the file was made from the same hindcasts.

    Impossible events do not depend on hindcasts or rules of weighting: they hold as long as the data (folder
    ``data``) and the definitions of events are those of the file.
    """
    usable, settings = rows_for(episode, rows, definitions), definitions["combination"]
    found = on_file(filed)
    if found is None:
        return Weights(usable, settings)
    excluded = _excluded(found, episode, as_of, impossible_key(data, definitions))
    if found["rows"] != digest(rows) or found["settings"] != settings:
        return Weights(usable, settings, impossible=excluded)
    stacks = [
        Stack(
            tuple(s["models"]),
            tuple(s["weights"]),
            s["origin"],
            s["seen"],
            tuple(tuple(w) for w in s["bootstrap"]),
        )
        for s in found["stacks"]
        if s["episode"] == episode
    ]
    return Weights(usable, settings, stacks, excluded)


def content(
    said: Sequence[Spoken],
    rows: Sequence[Row],
    definitions: Mapping[str, Any],
    impossible: Sequence[Mapping[str, str]],
    key: str,
) -> dict[str, Any]:
    """Return what is filed: the weights of every set of models that speaks of one event of AI by one date.

    Parameters
    ----------
    said
        What is on file of each episode and day.
    rows, definitions
        Hindcasts, and the content of ``definitions.toml``.
    impossible
        Rows ``episode, as_of, event, by``.
    key
        What they were decided from, as `impossible_key` returns it.
    """
    settings = definitions["combination"]
    stacks = []
    for one in said:
        own = rows_for(one.episode, rows, definitions)
        draws = settings["stacking"]["bootstrap_draws"] if one.episode == "ai" else 0
        for models in _sets(one):
            if any(s["episode"] == one.episode and s["models"] == list(models) for s in stacks):
                continue
            stacks.append({"episode": one.episode, **_plain(stack_of(models, own, settings, draws))})
    return {
        "rows": digest(rows),
        "settings": settings,
        "panels": _panels(rows),
        "stacks": stacks,
        "impossible": {"key": key, "events": list(impossible)},
    }


def on_file(filed: Path) -> dict[str, Any] | None:
    """Return what is filed, or None where there is nothing that can be read."""
    try:
        return dict(load_json(filed / FILE))
    except (OSError, ValueError, TypeError):
        return None


def everything_said(filed: Path, rows: Sequence[Row]) -> list[Spoken]:
    """Return what is on file of each episode on each day; nothing for an episode of which nothing is."""
    found = []
    for episode in EPISODES:
        found += [spoken(filed, episode, day, rows) for day in days_on_file(filed, episode, rows)]
    return found


def impossible_key(data: Path, definitions: Mapping[str, Any]) -> str:
    """Return the digest of what decides which events are impossible: registered data, firms, events."""
    from overbuild.core.digest import digest_file, digest_of

    names = ("catalogue.csv", "perimeter.toml", "release_lags.toml")
    files = {f: digest_file(data / f) for f in names if (data / f).exists()}
    return digest_of(files, {event: definitions[event] for event in IDS})[:20]


def digest(rows: Sequence[Row]) -> str:
    """Return the digest of hindcasts."""
    from overbuild.core.digest import digest_of

    return digest_of([dict(r) for r in rows])[:20]


def _excluded(found: Mapping[str, Any], episode: str, as_of: str, key: str) -> frozenset[tuple[str, str]]:
    kept = found["impossible"]
    if not isinstance(kept, Mapping) or kept["key"] != key:
        return frozenset()
    return frozenset(
        (e["event"], e["by"]) for e in kept["events"] if (e["episode"], e["as_of"]) == (episode, as_of)
    )


def _sets(one: Spoken) -> list[tuple[str, ...]]:
    """Return each set of models that speak of one event by one date and may count."""
    found = [tuple(sorted(s.model for s in one.said(event, by) if not s.why_zero)) for event, by in one.asked]
    return [s for s in dict.fromkeys(found) if s]


def _plain(stack: Stack) -> dict[str, Any]:
    made = asdict(stack)
    made["models"], made["weights"] = list(stack.models), list(stack.weights)
    made["bootstrap"] = [[round(w, KEPT) for w in draw] for draw in stack.bootstrap]
    return made


def _panels(rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    """Return how many rows, targets and models each panel holds."""
    return {
        panel: {
            "rows": sum(r["panel"] == panel for r in rows),
            "targets": len({r["target"] for r in rows if r["panel"] == panel}),
            "models": len({r["model"] for r in rows if r["panel"] == panel}),
        }
        for panel in sorted({r["panel"] for r in rows})
    }
