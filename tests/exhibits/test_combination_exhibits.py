"""The exhibits and numbers of the combination: terms that sum, ranges apart, learnt from set."""

from __future__ import annotations

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from overbuild.episodes import DataBook
from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs, Table
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.numbers_combination import numbers
from overbuild.exhibits.numbers_outside import counted
from overbuild.exhibits.registry import HINDCAST, exhibit, make
from overbuild.exhibits.tables import MISSING, cells
from overbuild.exhibits.wording import number
from overbuild.locations import paper_dir

EXHIBITS = ("headline_terms", "model_weights", "beside_others")
P = {"baserate": 0.19, "quarterly": 0.04, "regimes": 0.11, "simulation": 0.30}
STACKED = {"baserate": 0.3, "quarterly": 0.1, "regimes": 0.4, "simulation": 0.2}
UNKNOWN = "unknown_models"


def term(
    model: str, weight: float, p: float, origin: str, worth: float = 0.0, **other: str
) -> dict[str, Any]:
    found = {"model": model, "weight": weight, "probability": p, "contribution": weight * p, "origin": origin}
    return found | {"why_zero": "", "note": "", "worth": worth} | other


def answer() -> dict[str, Any]:
    terms = [
        term(m, 0.9 * w, P[m], *(("set", 0.0) if m == "simulation" else ("learnt", 5.0)))
        for m, w in STACKED.items()
    ]
    terms.append(term(UNKNOWN, 0.1, P["baserate"], "set", note="on the base rate of the event"))
    headline = sum(t["contribution"] for t in terms)
    terms.append(term("capital", 0.0, 0.5, "set", why_zero="failed its checks (coverage)"))
    by_model = {
        m: [{"event": "O3", "by": "2028Q4", "probability": p, "spread": [p / 2, p, 2 * p], "abstains": ""}]
        for m, p in P.items()
    }
    sums = {"O3 by 2028Q4": headline, "O3 by 2030Q4": headline + 0.1, "O2 by 2028Q4": None}
    return {
        "as_of": "2026-11-22",
        "telecom": [{"as_of": "1999-12-31", "by": "2003Q4", "probability": 0.05, "happened": True}],
        "headline": {
            "event": "O3", "by": "2028Q4", "title": "Spending: falls", "probability": headline,
            "terms": terms, "note": "",
        },
        "by_model": by_model,
        "by_event": {},
        "weights": {t["model"]: t["weight"] for t in terms},
        "ranges": {"monte_carlo": [0.13, 0.18], "parameters": [0.05, 0.4], "models": [0.04, 0.45]},
        "combined": {n: {"event": n[:2], "by": n[6:], "probability": p, "terms": []} for n, p in sums.items()}
        | {"physical_overbuild": {"event": "physical_overbuild", "by": "", "probability": 0.53, "terms": []}},
        "alternatives": {
            "drop_one": {m: 0.1 + 0.01 * k for k, m in enumerate(P)}, "alone": P, "equal": 0.15,
            "bootstrap": [0.12, 0.19], "rules": [0.1, 0.45],
        },
        "learnt": {
            "seen": {
                "targets": 40, "worth": 12.5, "clusters": 20,
                "by_panel": {
                    "run_ups": {"targets": 30, "worth": 10.0}, "ai_capex": {"targets": 10, "worth": 2.5},
                },
                "by_model": {m: {"targets": 10, "worth": 0.0 if m == "simulation" else 5.0} for m in P},
                "by_pair": [{"models": ["baserate", "simulation"], "worth": 0.0}],
            },
            "prior_targets": 10.0, "stacked": STACKED,
            "bootstrap": {m: [w - 0.05, w + 0.05] for m, w in STACKED.items()},
        },
    }  # fmt: skip


SETTINGS = {
    "base_rate_weight_floor": 0.25, "unknown_model_mass": 0.1,
    "stacking": {"prior_targets": 10.0, "bootstrap_draws": 500, "hierarchical_above": 30},
}  # fmt: skip


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    scores = [
        {"model": m, "panel": panel, "skill": skill, "test": {"p_value": p}}
        for panel in ("ai_capex", "ai_free_cash_flow")
        for m, skill, p in (("quarterly", -0.1, 0.2), ("quarterly", -0.3, 0.01), ("arima", 0.1, 0.01))
    ]
    return {
        "probability": answer(),
        "combination": {"settings": SETTINGS},
        "hindcasts_ai": {"scores": scores},
    }


def made(name: str, results: dict[str, Any]) -> Figure | Table:
    entry = exhibit(name)
    book = DataBook.load(None, entry.data) if entry.data else None
    return make(name, Inputs({need: results[need] for need in entry.needs}, book))


@pytest.mark.parametrize("name", EXHIBITS)
def test_notes_are_filled_and_say_that_telecom_is_a_hindcast(results: dict[str, Any], name: str) -> None:
    note = made(name, results).note
    assert HINDCAST in note and not re.search(r"\bnan\b|None|[{}]", note)


def test_the_bars_sum_to_the_headline(results: dict[str, Any]) -> None:
    figure = made("headline_terms", results)
    assert isinstance(figure, Figure)
    bars = where(figure.data, panel="A")
    low, high = floats(bars, "low"), floats(bars, "high")
    assert low[0] == 0.0 and np.allclose(low[1:], high[:-1])
    assert high[-1] == pytest.approx(results["probability"]["headline"]["probability"])
    assert np.allclose(high - low, floats(bars, "weight") * floats(bars, "probability"))
    assert "capital failed its checks" in figure.note
    assert [t.get_text() for t in figure.figure.axes[0].texts if "learnt (5.0)" in t.get_text()]
    with style.applied():
        figure.figure.draw_without_rendering()
        page = figure.figure.bbox
        for axes in figure.figure.axes:
            low_x, high_x = axes.get_xlim()
            drawn = [t for t in axes.get_xticklabels() if low_x <= t.get_position()[0] <= high_x]
            ticks = [*axes.get_yticklabels(), *drawn]
            boxes = [t.get_window_extent() for t in (*axes.texts, *ticks) if t.get_text()]
            assert all(page.x0 <= b.x0 + 1 and b.x1 - 1 <= page.x1 for b in boxes)
            assert not [1 for a, b in combinations(boxes, 2) if a.padded(-1.5).overlaps(b.padded(-1.5))]


def test_the_table_tells_learnt_from_set(results: dict[str, Any]) -> None:
    table = made("model_weights", results)
    assert isinstance(table, Table)
    rows = {r[0]: r for r in cells(table)}
    assert rows["Inside view"][1] == "set" and rows["Base rate"][1] == "learnt"
    assert rows["Unknown models"][2] == "0.10" and rows["Capital"][2] == "0.00"
    assert sum(table.frame["weight"]) == pytest.approx(1.0)
    assert "No target compares base rate with inside view" in table.note
    assert "which are not there" in table.note


def test_others_stand_beside_our_nearest_event_and_ours_is_explained_where_it_is_far_off(
    results: dict[str, Any],
) -> None:
    table = made("beside_others", results)
    assert isinstance(table, Table)
    rows = [dict(zip(table.frame.columns, r, strict=True)) for r in cells(table)]
    ours = {
        start: {r["near"] for r in rows if r["nearest"].startswith(start)} for start in ("O3", "O2", MISSING)
    }
    assert ours["O3"] == {number(results["probability"]["headline"]["probability"])}
    assert ours[MISSING] == {MISSING}, "no event of ours: nothing beside it"
    assert ours["O2"] == {MISSING}, "no usable model"
    assert "lies" not in table.note
    for p, way in ((0.05, "below"), (0.7, "above")):
        far = answer()
        far["headline"]["probability"] = p
        note = made("beside_others", results | {"probability": far}).note
        assert f"lies {way} the 0.1 to 0.6" in note


def test_numbers_are_the_answers(results: dict[str, Any]) -> None:
    found = numbers(results)
    headline = results["probability"]["headline"]["probability"]
    assert found["headline"]["value"] == headline and found["counted"]["value"] == 4
    assert found["learnt"]["value"] == 3 and found["prior_share"]["text"] == "44"
    assert sum(t["contribution"]["value"] for t in found["terms"].values()) == pytest.approx(headline)
    assert found["base_rate"]["headline"]["text"] == "0.19" and found["without"]["text"].startswith(
        "capital failed"
    )
    assert counted(results["probability"]) == {"by": "2028Q4", "probability": 0.19}
    assert found["origins"]["text"] == (
        "base rate learnt from 5.0, quarterly regimes learnt from 5.0, annual regimes learnt from 5.0 and "
        "inside view set"
    )
    json.dumps(found)


def test_what_ai_own_figures_do_to_weights_is_told(results: dict[str, Any]) -> None:
    found = numbers(results)
    assert found["ai_targets"]["text"] == "10 AI targets move a weight today"
    assert {k: found["quarterly"][k]["value"] for k in ("worse", "of", "told_apart")} == {
        "worse": 4, "of": 4, "told_apart": 2,
    }  # fmt: skip
    silent = answer()
    del silent["learnt"]["seen"]["by_panel"]["ai_capex"]
    told = numbers(results | {"probability": silent})["ai_targets"]["text"]
    assert told == "no AI target moves a weight today"


def test_directions_are_those_of_the_table_own_definition(results: dict[str, Any]) -> None:
    given = DataBook.load(None, exhibit("beside_others").data).external_forecasts
    of = dict(zip(given["forecast_id"], given["direction"], strict=True))
    unordered = ("polymarket_downturn_2026", "polymarket_downturn_2026_03", "runchey_cut_2026")
    assert {of[i] for i in (*unordered, "runchey_winter", "macroguru_glut")} == {"other"}


def test_the_section_quotes_only_numbers_that_there_are(results: dict[str, Any]) -> None:
    text = Path(paper_dir() / "sections" / "combination.typ").read_text(encoding="utf-8")
    found = numbers(results)

    def at(path: str) -> Any:
        here: Any = {"combination": found}
        for key in path.split("."):
            here = here[key]
        return here

    for path in re.findall(r'num\("([\w.]+)"\)', text):
        assert at(path)["text"]
    for path in re.findall(r'between\("([\w.]+)"\)', text):
        assert at(path)["low"]["text"] and at(path)["high"]["text"]
    assert not re.search(r"(?<![\w@_.])\d+\.\d", re.sub(r"@\w+", "", text))
