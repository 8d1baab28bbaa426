"""Table: the past booms, with the outcome of each as read and as a critic would read it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.tables import MISSING
from overbuild.exhibits.wording import number, typographic, years

ID = "booms"
TITLE = "Past booms of investment and whether they were physically overbuilt"
NOTE = (
    "{booms} booms in {clusters} clusters; booms with the same letter share a cause and are not "
    "independent. Overbuilt: was physical capacity excessive against demand within about five years of "
    "the peak (not whether investors lost); critic: the reading of a reasonable critic. Certainty: high, "
    "a capacity figure and a named authority; medium, one of the two, or contested; low, narrative only. "
    "Fall: from peak to trough in per cent, of what is named; the measures differ and must not be pooled. "
    "Life: of the asset in years, by BEA service lives or depreciation rates, known after the fact. The "
    "list was put together by hand and some booms had no five years yet. Telecom: hindcast on revised "
    "data; one event. Grade B where certainty is high, C elsewhere. Source: the literature named in "
    "data/history/booms.csv."
)
NEEDS = ()
DATA = ("history/booms.csv",)

COUNTRIES = {"United States": "US", "United Kingdom": "UK"}
LETTERS = "abcdefghijklmnopqrstuvwxyz"
NOT_READ = ("not read", "not found", "")
_FIGURES = re.compile(r"[\s,]+(?=[\d(])|;")
_TAIL = re.compile(r"[\s,]+(GBP|USD|in NAICS|annual)$")


COLUMNS = {
    "boom": "Boom",
    "years": "Start–peak",
    "cluster": "Cl.",
    "overbuilt": "Overbuilt",
    "critic": "Critic",
    "certainty": "Certainty",
    "fall": "Fall, %, of what",
    "life": "Life",
    "financing": "Financing",
}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    booms = inputs.book.booms.to_dict("records")
    letters = _letters([b["cluster"] for b in booms])
    rows = [_row(b, letters.get(b["cluster"], "")) for b in booms]
    note = NOTE.format(booms=len(booms), clusters=len({b["cluster"] for b in booms}))
    frame = pd.DataFrame(rows, columns=pd.Index(list(COLUMNS)))
    return Table(ID, TITLE, note, frame, "plclllprp", {"life": ".0f"}, COLUMNS)


def _row(boom: Mapping[Any, Any], letter: str) -> dict[str, Any]:
    life, certainty = _known(boom["asset_life_years"]), boom["certainty"]
    return {
        "boom": f"{COUNTRIES.get(boom['country'], boom['country'])}, {boom['sector']}",
        "years": years(_known(boom["start_year"]), _known(boom["peak_year"])),
        "cluster": letter,
        "overbuilt": boom["overbuilt"],
        "critic": boom["alternative"] or None,
        "certainty": None if certainty == "unknown" else certainty,
        "fall": _fall(boom["fall_percent"], boom["fall_measure"]),
        "life": life,
        "financing": _financing(boom["financing"]),
    }


def _letters(clusters: Sequence[str]) -> dict[str, str]:
    """Return a letter for each cluster of more than one boom, in order of appearance."""
    shared = [c for c in dict.fromkeys(clusters) if clusters.count(c) > 1]
    return dict(zip(shared, LETTERS, strict=False))


def _known(text: str) -> float | None:
    return float(text) if text else None


def _fall(percent: str, measure: str) -> str:
    """Return the fall and, in short, what fell: the measure up to its first figure."""
    if not percent:
        return MISSING
    what = _TAIL.sub("", _TAIL.sub("", _FIGURES.split(measure)[0].strip(" ,")))
    return typographic(f"{number(float(percent), '.1f')}, {what}")


def _financing(text: str) -> str | None:
    short = re.split(r"[(:]", text)[0].strip()
    return None if short in NOT_READ else typographic(short)
