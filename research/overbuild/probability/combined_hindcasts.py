"""What the combination would have said of telecom: its headline event by vintage, from what is on file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from overbuild.errors import InputError
from overbuild.probability.definitions import read_definitions
from overbuild.probability.headline import probability_of_overbuild
from overbuild.probability.spoken import days_on_file
from overbuild.probability.targets import rows_on_file

EPISODE = "telecom"


def combined_hindcasts(filed: Path, data: Path) -> list[dict[str, Any]]:
    """Return rows ``as_of, by, probability, happened`` of the headline event; none where nothing is on file.

    A hindcast on revised data of one event; weights are learnt with telecom's rows left out. ``happened``
    is None where no hindcast on file tells.
    """
    event = read_definitions(data / "definitions.toml")["headline"]["event"]
    rows = rows_on_file(filed)
    known = {(r["as_of"], r["by"]): r["happened"] for r in rows if r.get("event") == event}
    found = []
    for day in days_on_file(filed, EPISODE, rows):
        try:
            said = probability_of_overbuild(EPISODE, as_of=day, event=event, data=data, filed=filed)
        except InputError:
            continue
        for each in said.combined.values():
            if each["event"] == event and each["probability"] is not None:
                at = day.isoformat(), each["by"]
                found.append(
                    {
                        "as_of": at[0],
                        "by": at[1],
                        "probability": each["probability"],
                        "happened": known.get(at),
                    }
                )
    return found
