"""The exhibits of the recursive tests show what was filed, and claim nothing of short series."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from overbuild.exhibits import numbers_psy_evidence, psy_evidence, psy_sequences, psy_short
from overbuild.exhibits.base import Inputs
from overbuild.exhibits.frames import where
from overbuild.exhibits.registry import HINDCAST

SECTION = Path(__file__).parents[2] / "paper" / "sections" / "psy_evidence.typ"


def row(name: str, n: int, p: float, **given: Any) -> dict[str, Any]:
    episode = {
        "start": "1991Q2",
        "start_low": None,
        "start_high": None,
        "confirmed": "1991Q3",
        "peak": "1991Q3",
        "last": "1991Q3",
        "ongoing": False,
        "duration": 2,
    }
    base = {
        "id": name,
        "title": name.title(),
        "group": "G",
        "era": "ai",
        "realtime": "vintage",
        "known_on": None,
        "first": "1985Q1",
        "last": "1992Q1",
        "observations": n,
        "lags": 0,
        "trailing": 1,
        "window": 20,
        "gsadf": 2.5,
        "critical": 2.0,
        "family": True,
        "claims": n >= 60,
        "p": {k: {"value": p, "error": 0.01} for k in ("monte_carlo", "bootstrap", "drift")},
        "adjusted": {},
        "rise": 1.0,
        "false_alarm": 0.4,
        "shortest": 2,
        "episodes": [episode],
        "drawn": {"first": "1991Q1", "bsadf": [0.0, 1.5, 2.5, 0.1, -1.0], "critical": [0.5] * 5},
    }
    if base["claims"]:
        both = {"benjamini_hochberg": 2 * p, "holm": 2 * p}
        base["adjusted"] = {"bootstrap": both, "monte_carlo": both}
    return base | given


@pytest.fixture
def result() -> dict[str, Any]:
    rate = {"monte_carlo": 0.30, "bootstrap": 0.05, "without_bootstrap": 0.0}
    rates = dict.fromkeys(("walk", "volatile", "drift", "bubble", "late_bubble"), rate)
    rows = [
        row("one", 100, 0.01),
        row("two", 80, 0.2, episodes=[], drawn=None, era="telecom"),
        row("beside", 70, 0.03, adjusted={}, family=False, drawn=None),
        row("brief", 30, 0.001, era="both"),
    ]
    return {
        "as_of": "2026-11-22",
        "level": 0.05,
        "fewest_for_a_claim": 60,
        "fewest_shown": 20,
        "replications": 1999,
        "primary": "bootstrap",
        "family": 2,
        "rejected": ["one"],
        "series": rows,
        "designs": [
            {
                "observations": r["observations"],
                "lags": 0,
                "trailing": 1,
                "paths": 1000,
                "rates": rates,
                "size_by_lags": 0.3 if r["id"] == "two" else None,
            }
            for r in rows
        ],
        "missing": {"Prices of bandwidth": "single quoted points"},
    }


def test_the_table_holds_long_series_and_adjusts_the_family_alone(result):
    table = psy_evidence.build(Inputs({"psy_evidence": result}))
    assert list(table.frame["series"]) == ["One", "Two", "Beside"]
    assert set(table.frame["span"]) == {"1985\N{EN DASH}1992"}
    assert table.frame["bh"].isna().tolist() == [False, False, True]
    assert list(table.frame["episodes"]) == ["1 (1991Q2 to 1991Q3)", "none", "1 (1991Q2 to 1991Q3)"]
    assert HINDCAST in table.note and "2 series" in table.note


def test_short_series_stand_apart_with_size_and_power(result):
    table = psy_short.build(Inputs({"psy_evidence": result}))
    assert len(table.frame) == 1
    assert table.frame["size"].iloc[0] == "0.05 (0.30)"
    assert "bh" not in table.frame.columns
    assert "no claim" in table.note and "Prices of bandwidth (single quoted points)" in table.note


def test_an_open_episode_is_told(result):
    open_one = result["series"][0]["episodes"][0] | {"ongoing": True}
    assert psy_evidence.episodes_told([open_one]) == "1 (1991Q2, open)"


def test_the_figure_draws_the_sequence_and_shades_its_episodes(result):
    figure = psy_sequences.build(Inputs({"psy_evidence": result}))
    drawn = where(figure.data, series="one")
    assert list(drawn["date"]) == ["1991Q1", "1991Q2", "1991Q3", "1991Q4", "1992Q1"]
    assert list(drawn["episode"]) == [False, True, True, False, False]
    assert sorted(set(figure.data["series"])) == ["brief", "one"]
    assert HINDCAST in figure.note


def test_numbers_say_how_many_reject(result):
    found = numbers_psy_evidence.numbers({"psy_evidence": result})
    assert (found["rejected"]["value"], found["family"]["value"], found["short"]["value"]) == (1, 2, 1)
    assert found["least"]["text"] == "One" and found["least_bh"]["text"] == "0.02"
    assert found["series"]["two"]["start"]["text"] == "none"
    assert "wild_bh" not in found["series"]["beside"]
    assert found["by_lags"]["low"]["text"] == found["by_lags"]["high"]["text"] == "0.30"
    assert found["rates"]["brief"]["walk"]["plain"]["text"] == "0.30"


def test_the_section_types_no_number_of_a_result():
    """Every figure of the prose is quoted by name: what is left are years, levels and lags."""
    text = re.sub(r"#num\(.*?\)", "", SECTION.read_text(encoding="utf-8"))
    text = re.sub(r"\$.*?\$", "", text, flags=re.DOTALL)
    assert not re.findall(r"\b0\.\d+", text)
