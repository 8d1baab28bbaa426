"""Exhibits and numbers of sensitivity draw what was filed; made-up results, nothing is simulated."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs, Table
from overbuild.exhibits.numbers_sensitivity import numbers
from overbuild.exhibits.registry import HINDCAST, exhibit, make
from overbuild.exhibits.tables import save
from overbuild.exhibits.watch_moves import headline_moves
from overbuild.locations import paper_dir
from overbuild.probability.components_on_file import agreement
from overbuild.probability.definitions import read_definitions
from overbuild.probability.plain import plain
from overbuild.probability.specification_curve import summary
from overbuild.probability.specification_views import pair_lines
from overbuild.probability.specifications import Specification, axes_of, singles, specifications


def row(s: Specification) -> dict[str, float | None]:
    inside = min(0.08 * (1 + s.levels["feedback"]) / s.levels["ceiling"], 0.9)
    return {
        "baserate": min(0.06 / s.levels["fall"] + 0.05 * (s.levels["series"] != "all"), 1.0),
        "regimes": 0.1,
        "quarterly": 0.04,
        "simulation": inside,
        "simulation_error": 0.007,
        "composite": inside / 2,
        "composite_error": 0.005,
    }


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    section = read_definitions()["specification"]
    axes, ranges = axes_of(section["axes"]), section["ranges"]
    design = specifications(axes, 120, np.random.default_rng(0))
    alone = singles(axes, ranges)
    rows = {s.name: row(s) for s in (*design, *alone)}
    lines = pair_lines(axes, design, rows, ranges["steps"])
    rows |= {s.name: row(s) for s in lines}
    weights = {"baserate": 0.4, "regimes": 0.3, "quarterly": 0.1, "simulation": 0.2}
    found = summary(axes, design, rows, weights, ranges, (*alone, *lines))
    on_file = agreement(rows["primary"], {"regimes": {"probability": 0.104, "mc_error": 0.002}})
    stated = {"event": "O3", "by": "2028Q4", "composite_by": "2030Q4", "paths": 2000, "filed": on_file}
    cases = {"cases": 36, "series": 6, "falls": 7}
    stated["behind"] = {s.name: {"probability": rows[s.name]["baserate"], **cases} for s in design[:60]}
    stated["behind"]["telecom"] = {"cases": 20, "series": 2, "falls": 0}
    stated["telecom_series"] = 4
    return {"specification": plain(stated | found), "watch": watched()}


def watched() -> dict[str, Any]:
    def figure(name: str, change: float) -> dict[str, Any]:
        return {
            "figure": name, "probability": 0.1, "mean": 0.1, "expected_change": change, "error": 0.002,
            "noise": 0.001, "resolved": 0.05, "rises": 0.3, "figures": [300.0, 400.0, 500.0],
            "probabilities": [0.2, 0.1, 0.05], "errors": [0.01, 0.01, 0.01], "draws": 1000,
        }  # fmt: skip

    model = {"probability": 0.1, "mc_error": 0.003, "paths": 1000}
    capex = [figure("capex_next", 0.03), figure("capex_first", 0.01)]
    case = {"state": "in_force", "years": 3, "last": "2026Q4", "ratio": 4.0}
    quarters = ("2026Q3", "2026Q4", "2027Q2")
    return {
        "as_of": "2026-11-22",
        "event": "O3",
        "by": "2028Q4",
        "next": ["2026Q3", "2026Q4"],
        "models": {
            "simulation": {**model, "figures": [*capex, figure("ai_revenue", 0.01), figure("price", 0.02)]},
            "quarterly": {**model, "figures": capex},
            "regimes": {**model, "figures": []},
        },
        "spread": {
            "last": 1.7, "years": 64, "probability": 0.11, "mean": 0.11, "expected_change": 0.01,
            "points": [
                {"at": q, "change": c, "probability": 0.1 + c / 20}
                for q, c in ((0.1, -0.5), (0.5, 0.0), (0.9, 0.7))
            ],
        },
        "baserate": [
            {"case": c, "probability": p, **case}
            for c, p in (("now", 0.19), ("10%", 0.2), ("50%", 0.2), ("90%", 0.2))
        ],
        "capex_points": [300.0, 400.0, 500.0],
        "triggers": [
            {"quarter": q, "peak": 566e3, "level": 396e3, "known": 0.0, "possible": k > 0, "counts": True}
            for k, q in enumerate(("2026Q4", "2027Q2", "2028Q4"))
        ],
        "due": {
            q: dict.fromkeys(("quarterly_reports", "annual_reports", "national_accounts"), "2027-03-01")
            for q in (*quarters, "2028Q4")
        },
    }  # fmt: skip


def made(identity: str, results: dict[str, Any]) -> Figure | Table:
    return make(identity, Inputs({name: results[name] for name in exhibit(identity).needs}))


EXHIBITS = ("specification_curve", "what_to_believe", "what_to_watch", "what_decides")


@pytest.mark.parametrize("identity", EXHIBITS)
def test_notes_are_filled_and_name_the_hindcast(identity, results):
    found = made(identity, results)
    assert "{" not in found.note and (HINDCAST in found.note or identity == "what_decides")


@pytest.mark.parametrize("identity", EXHIBITS[1:])
def test_tables_can_be_written(identity, results, tmp_path):
    found = made(identity, results)
    assert isinstance(found, Table) and len(found.frame)
    save(found, tmp_path / identity)


def test_the_curve_is_sorted_and_every_run_is_there(results):
    found = made("specification_curve", results)
    assert isinstance(found, Figure)
    p = found.data["probability"].to_numpy()
    spoken = [s for s in results["specification"]["specifications"] if s["headline"] is not None]
    assert (np.diff(p) >= 0).all() and len(p) == len(spoken)
    assert found.data["kind"].tolist().count("primary") == 1


def test_no_label_of_the_curve_covers_another(results):
    found = made("specification_curve", results)
    assert isinstance(found, Figure)
    with style.applied():
        canvas = FigureCanvasAgg(found.figure)
        canvas.draw()
    boxes = [t.get_window_extent(canvas.get_renderer()) for t in found.figure.axes[1].get_yticklabels()]
    tops = sorted(boxes, key=lambda b: b.y0)
    assert all(a.y1 <= b.y0 + 1.5 for a, b in pairwise(tops))


def test_what_is_not_reached_is_a_dash(results):
    found = made("what_to_believe", results)
    assert isinstance(found, Table)
    frame = found.frame
    assert (frame.iloc[:, -1] == "–").any() and set(frame["of"]) == {"Headline", "Inside view"}


def test_the_headline_moves_through_components_with_a_law_of_the_figure(results):
    moves = headline_moves(results["watch"], results["specification"])
    assert set(moves) == {"quarterly", "simulation"}  # the annual regimes have weight and no law of a quarter
    assert moves["quarterly"]["capex_next"] == pytest.approx(0.9 * 0.1 * 0.03)
    assert moves["simulation"]["price"] == pytest.approx(0.9 * 0.2 * 0.02)
    without = results["specification"] | {"weights": {"regimes": 1.0, "simulation": 0.0}}
    assert headline_moves(results["watch"], without) == {}


def test_what_has_no_law_of_a_quarter_has_a_row_of_dashes(results):
    found = made("what_to_watch", results)
    assert isinstance(found, Table)
    frame = found.frame
    own = frame.loc[frame["model"] == "Regimes, annual"]
    row = own.loc[own["figure"].str.startswith("Capex")].iloc[0].tolist()
    assert row[3] == "0.10" and set(row[4:]) == {"–"}
    assert "Headline through quarterly regimes" in set(frame["model"])


def test_the_summary_is_of_the_combinations(results):
    found = results["specification"]
    together = [s["headline"] for s in found["specifications"] if s["kind"] == "together"]
    assert found["curve"]["headline"]["runs"] == len(together) < len(found["specifications"])
    quoted = numbers(results)
    assert quoted["headline"]["median"]["value"] == pytest.approx(np.median(together))
    own = found["primary"]["composite"]
    assert quoted["composite"]["own"]["value"] == own
    assert quoted["composite"]["primary"]["value"] == pytest.approx(0.9 * own + 0.05)


def test_names_with_a_comma_stay_whole_in_the_text(results):
    quoted = numbers(results)["weights"]["text"]
    assert quoted == "base rate 0.40, annual regimes 0.30, quarterly regimes 0.10 and inside view 0.20"


def test_the_highest_single_choices_are_of_all_axes_and_within_the_levels(results):
    told = numbers(results)["believe"]["headline"]["within"]["text"].split("; ")
    reached = [p for each in results["specification"]["alone"]["headline"] for p in each["probability"]]
    assert len(told) == 3 and f"to {max(reached):.2f}" in told[0]
    fall = next(text for text in told if text.startswith("fall that counts"))
    assert fall.startswith("fall that counts, 20") and "36 cases in 6 series" in fall


def test_the_section_quotes_numbers_that_exist(results):
    quoted = re.findall(
        r'#(?:num|between)\("sensitivity\.([\w.]+)"\)', (paper_dir() / "sections/sensitivity.typ").read_text()
    )
    found = numbers(results)
    for name in quoted:
        place: Any = found
        for key in name.split("."):
            assert key in place, name
            place = place[key]
        assert "text" in place or {"low", "high"} <= set(place), name
