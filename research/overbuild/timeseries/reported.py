"""A time-series answer: a table, a sentence, and the vintage of what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from overbuild.core.snapshot import Snapshot

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Reported:
    """What a question to the time series is answered with.

    Attributes
    ----------
    question
        ``breaks``, ``regimes``, ``trend`` or ``response``.
    as_of
        Era to the day whose knowledge was used.
    labels
        Era to how an exhibit must call it.
    vintage
        Era to the vintages of its figures.
    rows
        The table, one record a row; plain types.
    sentence
        The main finding.
    detail
        What the table has no room for; plain types.
    """

    question: str
    as_of: Mapping[str, str]
    labels: Mapping[str, str]
    vintage: Mapping[str, str]
    rows: tuple[dict[str, Any], ...]
    sentence: str
    detail: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return plain types."""
        return {
            "question": self.question,
            "as_of": dict(self.as_of),
            "labels": dict(self.labels),
            "vintage": dict(self.vintage),
            "result": [dict(row) for row in self.rows],
            "sentence": self.sentence,
            "detail": dict(self.detail),
        }

    def frame(self) -> pd.DataFrame:
        """Return the table."""
        import pandas as pd

        return pd.DataFrame(list(self.rows))


def label_of(snapshot: Snapshot) -> str:
    """Return how an exhibit must call what rests on a snapshot: always a hindcast for telecom."""
    return str(snapshot.perimeter.get("caveat") or snapshot.label)


def spanned(vintages: Iterable[tuple[str, str]]) -> str:
    """Return the oldest and the newest of some vintages in words."""
    days = sorted({day for pair in vintages for day in pair})
    return days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"
