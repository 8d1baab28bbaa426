"""Table: the past booms, with the outcome of each as read and as a critic would read it."""

from __future__ import annotations

import re

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.tables import MISSING
from overbuild.exhibits.wording import number, years

ID = "booms"
TITLE = "Past booms of investment and whether they were physically overbuilt"
NOTE = (
    "{booms} booms in {clusters} clusters; booms with the same letter share a cause and are not independent. Overbuilt: "
    "was physical capacity excessive against demand within about five years of the peak (not whether investors lost); "
    "critic: the reading of a reasonable critic. Certainty: high, a capacity figure and a named authority; medium, one of "
    "the two, or contested; low, narrative only. Fall: from peak to trough in per cent, of what is named; the measures "
    "differ and must not be pooled. Life: of the asset in years, by BEA service lives or depreciation rates, known after the "
    "fact. The list was put together by hand and some booms had no five years yet. Telecom: hindcast on revised data; one "
    "event. Grade B where certainty is high, C elsewhere. Source: the literature named in data/history/booms.csv."
)
NEEDS = ()
DATA = ("history/booms.csv",)

COUNTRIES = {"United States": "US", "United Kingdom": "UK"}
LETTERS = "abcdefghijklmnopqrstuvwxyz"
NOT_READ = ("not read", "not found", "")
_FIGURES = re.compile(r"[\s,]+(?=[\d(])|;")
_TAIL = re.compile(r"[\s,]+(GBP|USD|in NAICS|annual)$")


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    booms = inputs.book.booms.replace({"country": COUNTRIES})
    frame = pd.DataFrame(
        {
            "boom": booms["country"] + ", " + booms["sector"],
            "years": [years(_year(a), _year(b)) for a, b in zip(booms["start_year"], booms["peak_year"], strict=True)],
            "cluster": _letters(booms["cluster"]),
            "overbuilt": booms["overbuilt"],
            "critic": booms["alternative"].where(booms["alternative"] != "", None),
            "certainty": booms["certainty"].where(booms["certainty"] != "unknown", None),
            "fall": [_fall(f, m) for f, m in zip(booms["fall_percent"], booms["fall_measure"], strict=True)],
            "life": pd.to_numeric(booms["asset_life_years"]),
            "financing": [_financing(text) for text in booms["financing"]],
        }
    )
    headings = {
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
    note = NOTE.format(booms=len(booms), clusters=booms["cluster"].nunique())
    return Table(ID, TITLE, note, frame, "plclllprp", {"life": ".0f"}, headings)


def _letters(clusters: pd.Series) -> list[str]:
    """Return a letter for each cluster of more than one boom, in order of appearance; nothing for the others."""
    sizes = clusters.value_counts()
    shared = [c for c in dict.fromkeys(clusters) if sizes[c] > 1]
    letters = dict(zip(shared, LETTERS, strict=False))
    return [letters.get(c, "") for c in clusters]


def _year(text: str) -> float | None:
    return float(text) if text else None


def _fall(percent: str, measure: str) -> str:
    """Return the fall and, in short, what fell: the measure up to its first figure."""
    if not percent:
        return MISSING
    what = _TAIL.sub("", _TAIL.sub("", _FIGURES.split(measure)[0].strip(" ,")))
    return f"{number(float(percent), '.1f')}, {what}"


def _financing(text: str) -> str | None:
    short = re.split(r"[(:]", text)[0].strip()
    return None if short in NOT_READ else short
