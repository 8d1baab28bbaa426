"""The judged events of both episodes row by row, for the tables that show them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_ASIDE = re.compile(r"(?<! and) \([^()]*\)$")


@dataclass(frozen=True)
class Row:
    """One event or variant; what an episode does not judge is None.

    Attributes
    ----------
    event, variant
        Its ids.
    title
        What it asks; of a variant only what differs from the primary one.
    telecom, ai
        The verdicts.
    """

    event: str
    variant: str
    title: str
    telecom: Mapping[str, Any] | None
    ai: Mapping[str, Any] | None

    @property
    def name(self) -> str:
        """Name of the event for people."""
        return "Core" if self.event == "composite" else self.event


def rows_of(telecom: Mapping[str, Any], ai: Mapping[str, Any]) -> Iterator[Row]:
    """Yield every event with its variants, those of telecom first."""
    for event in telecom["definitions"]:
        sides = [_judged(score, event) for score in (telecom, ai)]
        primary = telecom["definitions"][event]["primary"]["title"]
        for variant in dict.fromkeys([*sides[0], *sides[1]]):
            found = [side.get(variant) for side in sides]
            title = next(j["title"] for j in found if j is not None)
            yield Row(event, variant, title if variant == "primary" else _short(title, primary), *found)


def _short(title: str, primary: str) -> str:
    """Return a variant's title without the word that heads the primary one and without an aside."""
    own = title.removeprefix(primary.partition(":")[0]).lstrip(" ,")
    return _ASIDE.sub("", own)


def _judged(score: Mapping[str, Any], event: str) -> dict[str, Mapping[str, Any]]:
    entry = score["definitions"][event]
    return {j["id"]: j for j in (entry["primary"], *entry["variants"])}
