"""Every figure draws the project's results, says what it rests on, and is legible."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from overbuild.episodes import DataBook, load_episode
from overbuild.episodes.measures import measures
from overbuild.exhibits import firms, style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, records, where
from overbuild.exhibits.labels import apart, day_number, period_middle, period_number
from overbuild.exhibits.registry import HINDCAST, exhibit, make
from overbuild.probability import analogue_rate, base_rate, score

COLUMNS = {
    "analogue_sensitivity": "kind labels partly certainty votes psi mean low high",
    "base_rate_grid": "run_up window_years fall horizon_years floor_usd_million measure run_ups falls "
    "unresolved rate primary low high",
    "capex_to_cash_flow": "firm period ends ratio",
    "gpu_and_prices": "series entity period value grade place",
    "hyperscaler_capex": "firm period ends capex share_of_gdp drawdown",
    "run_ups": "series label year end outcome fall reached from_below crowded",
    "supplier_timing": "measure period ends value turn",
    "telecom_aftermath": "panel name period place value low high bound",
}


@pytest.fixture(scope="session")
def results() -> dict[str, Any]:
    found: Mapping[str, Any] = {
        "measures_ai": measures(load_episode("ai")),
        "measures_telecom": measures(load_episode("telecom")),
        "score_telecom": score("telecom"),
        "baserate": base_rate(draws=500),
        "analogue_rate": analogue_rate(subset_draws=10),
    }
    return {name: json.loads(json.dumps(result.to_dict())) for name, result in found.items()}


@pytest.fixture(scope="session")
def figures(results: dict[str, Any]) -> dict[str, Figure]:
    return {identity: _made(identity, results) for identity in COLUMNS}


def _made(identity: str, results: Mapping[str, Any]) -> Figure:
    entry = exhibit(identity)
    book = DataBook.load(None, entry.data) if entry.data else None
    made = make(identity, Inputs({name: results[name] for name in entry.needs}, book))
    assert isinstance(made, Figure)
    return made


def _only(frame: pd.DataFrame, **values: Any) -> dict[str, Any]:
    found = records(where(frame, **values))
    assert len(found) == 1, f"{len(found)} rows for {values}"
    return found[0]


@pytest.mark.parametrize("identity", COLUMNS)
def test_the_frame_holds_what_is_drawn(figures: dict[str, Figure], identity: str) -> None:
    data = figures[identity].data
    assert list(data.columns) == COLUMNS[identity].split()
    assert len(data) > 0


@pytest.mark.parametrize("identity", COLUMNS)
def test_the_note_names_grades_and_says_when_it_is_a_hindcast(
    figures: dict[str, Figure], identity: str
) -> None:
    note = figures[identity].note
    assert "grade" in note.lower()
    entry = exhibit(identity)
    if any("telecom" in name for name in (*entry.needs, *entry.data)):
        assert HINDCAST in note


@pytest.mark.parametrize("identity", COLUMNS)
def test_the_same_results_give_the_same_bytes(
    results: dict[str, Any], figures: dict[str, Figure], identity: str, tmp_path: Path
) -> None:
    first = style.save(figures[identity].figure, tmp_path / "first")
    again = style.save(_made(identity, results).figure, tmp_path / "again")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]


@pytest.mark.parametrize("identity", COLUMNS)
def test_every_label_is_on_the_page_and_none_covers_another(
    figures: dict[str, Figure], identity: str
) -> None:
    drawing = figures[identity].figure
    with style.applied():
        drawing.draw_without_rendering()
        page = drawing.bbox
        for axes in drawing.axes:
            ticks = [*axes.get_xticklabels(), *axes.get_yticklabels()]
            heads = [axes.title, axes._left_title, axes.xaxis.label, axes.yaxis.label]  # pyright: ignore[reportAttributeAccessIssue]
            texts = [t for t in (*axes.texts, *ticks, *heads) if t.get_text() and t.get_visible()]
            boxes = {t: t.get_window_extent() for t in texts if _shown(t, axes)}
            for text, box in boxes.items():
                inside = (
                    page.x0 <= box.x0 + 1
                    and box.x1 - 1 <= page.x1
                    and page.y0 <= box.y0 + 1
                    and box.y1 - 1 <= page.y1
                )
                assert inside, f"'{text.get_text()}' runs off the page"
            for one, other in combinations(boxes, 2):
                both = _shrunk(boxes[one]), _shrunk(boxes[other])
                assert not both[0].overlaps(both[1]), f"'{one.get_text()}' covers '{other.get_text()}'"


def _shown(text: Any, axes: Any) -> bool:
    """Ticks beyond the limits are made but not drawn."""
    if text in axes.get_xticklabels():
        low, high = sorted(axes.get_xlim())
        return low <= text.get_position()[0] <= high
    if text in axes.get_yticklabels():
        low, high = sorted(axes.get_ylim())
        return low <= text.get_position()[1] <= high
    return True


def _shrunk(box: Any) -> Any:
    return box.padded(-1.5)


def test_amazon_and_oracle_spend_more_than_they_earn(figures: dict[str, Figure]) -> None:
    data = figures["capex_to_cash_flow"].data
    expected = {
        "Amazon": 1.072,
        "Oracle": 1.741,
        "Alphabet": 0.713,
        "Meta": 0.686,
        "Microsoft": 0.634,
        firms.SECTOR: 0.818,
    }
    for firm, ratio in expected.items():
        assert _only(data, firm=firm, period="2026Q2")["ratio"] == pytest.approx(ratio, abs=5e-4)
    assert _only(data, firm="Oracle", period="2026Q2")["ends"] == pytest.approx(2026 + 5 / 12, abs=0.01)
    assert _only(data, firm="Amazon", period="2022Q2")["ratio"] == pytest.approx(1.837, abs=5e-4)


def test_no_line_bridges_a_gap(figures: dict[str, Figure]) -> None:
    for identity in ("capex_to_cash_flow", "hyperscaler_capex"):
        data = figures[identity].data
        for firm in set(data["firm"]):
            assert np.diff(floats(where(data, firm=firm), "ends")).max() < 0.3, f"{firm} in {identity}"


def test_the_firms_sum_to_the_sector(figures: dict[str, Figure]) -> None:
    data = figures["hyperscaler_capex"].data
    last = {row["firm"]: row["capex"] for row in records(where(data, period="2026Q2"))}
    sector = last.pop(firms.SECTOR)
    assert sector == pytest.approx(566.366, abs=1e-3)
    assert sum(last.values()) == pytest.approx(sector)
    assert np.nanmax(floats(data, "drawdown")) == pytest.approx(0.0375, abs=5e-5)
    assert _only(data, firm=firms.SECTOR, period="2026Q2")["share_of_gdp"] == pytest.approx(1.786, abs=5e-4)


def test_telecom_investment_is_that_of_the_national_accounts(figures: dict[str, Figure]) -> None:
    data = figures["telecom_aftermath"].data
    assert _only(data, name="narrow", period="2000")["value"] == pytest.approx(92.5, abs=0.05)
    assert _only(data, name="narrow", period="2003")["value"] == pytest.approx(54.3, abs=0.05)
    assert _only(data, name="broad", period="2000")["value"] == pytest.approx(129.6, abs=0.05)


def test_shares_in_use_stay_apart_by_meaning(figures: dict[str, Figure]) -> None:
    drawing, data = figures["telecom_aftermath"].figure, figures["telecom_aftermath"].data
    shares = where(data, panel="B")
    assert _only(shares, name="traffic / potential capacity", period="2001-06")["value"] == 2.6
    assert _only(shares, name="strands used / all strands")["value"] == 15
    assert all(len(np.asarray(line.get_xdata())) == 1 for line in drawing.axes[1].lines)


def test_the_claim_on_traffic_outruns_what_was_measured(figures: dict[str, Figure]) -> None:
    data = figures["telecom_aftermath"].data
    claim, seen, doubling = (
        _only(data, name=name, period="2002-12")
        for name in ("doubling every 100 days", "backbone traffic", "growing 100 % a year")
    )
    start = np.sqrt(2500 * 4000)
    assert claim["value"] == pytest.approx(start * 2 ** (1826 / 100))
    assert seen["low"] == pytest.approx(30 * 2629.8)
    assert seen["low"] < doubling["value"] < seen["high"] < claim["value"] / 5000


def test_the_supply_side_turns_in_order(figures: dict[str, Figure]) -> None:
    data = figures["supplier_timing"].data
    peaks = {row["measure"]: row["period"] for row in records(where(data, turn="peak"))}
    assert peaks == {"new orders": "2000Q3", "shipments": "2001Q1", "utilisation": "2000Q2"}
    low = _only(data, measure="utilisation", turn="low")
    levels = list(floats(where(data, period=""), "value"))
    assert low["value"] == pytest.approx(40.4, abs=0.05)
    assert levels == pytest.approx([80.7, 40.3], abs=0.05)
    assert _only(data, measure="new orders", turn="peak")["value"] == pytest.approx(124.1, abs=0.05)


def test_every_run_up_is_drawn_once(figures: dict[str, Figure], results: dict[str, Any]) -> None:
    data, result = figures["run_ups"].data, results["baserate"]
    fell, not_fell, unresolved = (where(data, outcome=o) for o in ("fall", "no fall", "unresolved"))
    assert (len(fell), len(not_fell), len(unresolved)) == (14, 16, 3)
    assert len(data) == len(result["cases"])
    assert floats(fell, "fall").min() >= result["rule"]["fall"] > floats(not_fell, "fall").max()
    assert set(floats(not_fell, "end") - floats(not_fell, "year")) == {result["rule"]["horizon_years"]}


def test_the_grid_marks_one_primary_rule_with_its_interval(
    figures: dict[str, Figure], results: dict[str, Any]
) -> None:
    data, result = figures["base_rate_grid"].data, results["baserate"]
    primary = _only(data, primary=True)
    assert primary["rate"] == pytest.approx(result["rate"]) == pytest.approx(14 / 30)
    assert [primary["low"], primary["high"]] == result["interval"]
    assert len(data) == len(result["grid"]) == 1080


def test_the_analogues_show_prior_posterior_and_every_reading(figures: dict[str, Figure]) -> None:
    figure = figures["analogue_sensitivity"]
    data = figure.data
    readings = where(data, kind="sensitivity")
    assert len(readings) == len(data) - 2 == 72
    assert _only(data, kind="prior")["mean"] == 0.5
    assert _only(data, kind="posterior")["mean"] == pytest.approx(20.5 / 35)
    means = [floats(where(readings, psi=psi), "mean").mean() for psi in (0.2, 0.5, 1.0)]
    assert means == sorted(means)
    assert "physical overbuild within five years of the peak" in figure.note


def test_prices_of_gpus_are_called_weak(figures: dict[str, Figure]) -> None:
    figure = figures["gpu_and_prices"]
    assert set(figure.data["grade"]) == {"C"}
    assert "grade C" in figure.note
    index = where(figure.data, series="gpu_rental_matched_provider_index")
    for gpu in set(index["entity"]):
        assert floats(where(index, entity=gpu), "value")[0] == 100


def test_labels_are_kept_apart_with_the_least_movement() -> None:
    assert apart([0.0, 1.0], 0.5) == [0.0, 1.0]
    assert apart([0.5, 0.5], 0.2) == pytest.approx([0.4, 0.6])
    moved = apart([0.9, 0.1, 0.12, 0.13], 0.1)
    assert moved == pytest.approx([0.9, 0.0167, 0.1167, 0.2167], abs=1e-4)


def test_dates_become_numbers() -> None:
    from datetime import date

    assert day_number(date(2000, 1, 1)) == 2000
    assert period_number("2000Q2") == 2000.5
    assert period_middle("2000") == 2000.5
