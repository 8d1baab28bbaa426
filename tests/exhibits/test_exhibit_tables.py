"""Each table of the paper is composed from the real data and says what the data say."""

from __future__ import annotations

import math
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typst

from overbuild.episodes import DataBook, load_episode
from overbuild.episodes.measures import measures
from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.registry import HINDCAST, exhibit, make
from overbuild.exhibits.tables import MISSING, cells, headings, to_csv, to_latex, to_typst
from overbuild.exhibits.wording import number, percent, span, typographic, years
from overbuild.locations import data_dir
from overbuild.probability import analogue_rate, base_rate, filing
from overbuild.probability.answers import MODELS, answer
from overbuild.probability.headline import checks_on_file, probability_of_overbuild
from overbuild.probability.judgement import score

AS_OF = date(2026, 11, 22)
WITH_TELECOM = (
    "two_eras",
    "events_judged",
    "events_evidence",
    "truth_table",
    "threshold_grid",
    "cost_declines",
    "run_ups_table",
    "base_rate",
    "run_up_regression",
    "conditional_rates",
    "first_probability",
    "model_checks",
    "booms",
    "data_overview",
)
TABLES = (*WITH_TELECOM, "contracts", "contract_arithmetic")
THIN = "\N{NARROW NO-BREAK SPACE}"
FULL_PAGE_WIDTH = "6.3in"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("ai", "telecom"):
        found[f"measures_{name}"] = measures(load_episode(name, AS_OF)).to_dict()
        found[f"score_{name}"] = score(name, AS_OF).to_dict()
    found["baserate"] = base_rate(draws=500).to_dict()
    found["analogue_rate"] = analogue_rate(subset_draws=50).to_dict()
    folder: Path = tmp_path_factory.mktemp("filed")
    for model in MODELS:
        said = answer(model, "ai", AS_OF, draws=500)
        details: dict[str, Any] = {"settings": {}, "seed": 0, "versions": {}, "seconds": 0.0}
        record = filing.Record(
            model=model,
            episode="ai",
            as_of=AS_OF,
            data="",
            priors="",
            code="",
            checks=said.checks,
            forecasts=said.forecasts,
            result=said.result,
            **details,
        )
        filing.save(folder, record)
    found["probability"] = probability_of_overbuild("ai", filed=folder).to_dict()
    found["checks"] = checks_on_file(filed=folder)
    return found


@pytest.fixture(scope="module")
def tables(results: dict[str, Any]) -> dict[str, Table]:
    made: dict[str, Table] = {}
    for name in TABLES:
        entry = exhibit(name)
        book = DataBook.load(None, entry.data) if entry.data else None
        table = make(name, Inputs({need: results[need] for need in entry.needs}, book))
        assert isinstance(table, Table)
        made[name] = table
    return made


def rows(table: Table, column: str) -> dict[str, dict[str, str]]:
    """Return the printed rows by the text of a column, each by the frame's column names."""
    names = [str(c) for c in table.frame.columns]
    printed = [dict(zip(names, row, strict=True)) for row in cells(table)]
    return {row[column]: row for row in printed}


@pytest.mark.parametrize("name", TABLES)
def test_every_cell_is_known_or_a_dash(tables: dict[str, Table], name: str) -> None:
    table = tables[name]
    printed = [c for row in cells(table) for c in row]
    assert len(cells(table)) > 0
    assert not [c for c in printed if re.search(r"\bnan\b|<NA>|\bNone\b|NaT|\binf\b", c)]
    assert not re.search(r"\bnan\b|None|[{}]", table.note)
    assert not [row for row in cells(table) if set(row) <= {"", MISSING}]


@pytest.mark.parametrize("name", WITH_TELECOM)
def test_a_table_that_touches_telecom_says_that_it_is_a_hindcast(tables: dict[str, Table], name: str) -> None:
    assert HINDCAST in tables[name].note


@pytest.mark.parametrize("name", TABLES)
def test_every_note_names_grades_and_sources(tables: dict[str, Table], name: str) -> None:
    assert re.search(r"[Gg]rade", tables[name].note)
    assert re.search(r"[Ss]ource", tables[name].note)


@pytest.mark.parametrize("name", TABLES)
def test_every_table_can_be_set_in_typst(tables: dict[str, Table], name: str) -> None:
    content = to_typst(tables[name])
    page = f"#set page(width: {FULL_PAGE_WIDTH}, height: auto, margin: 0pt)\n#set text(9pt)\n{content}"
    assert typst.compile(page.encode(), format="svg", ignore_system_fonts=True)


@pytest.mark.parametrize("name", TABLES)
def test_latex_has_no_character_that_it_would_read_as_a_command(tables: dict[str, Table], name: str) -> None:
    text = to_latex(tables[name])
    body = text[text.index(r"\midrule") : text.index(r"\bottomrule")]
    assert not re.search(r"(?<!\\)[%#_^~]", body.replace("~", ""))
    assert body.count(r" \\") == len(tables[name].frame)
    unknown = {c for c in text if ord(c) > 127 and not c.isalpha()}
    assert not unknown


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_the_same_twice(tables: dict[str, Table], results: dict[str, Any], name: str) -> None:
    entry = exhibit(name)
    book = DataBook.load(None, entry.data) if entry.data else None
    again = make(name, Inputs({need: results[need] for need in entry.needs}, book))
    assert isinstance(again, Table)
    assert to_csv(again.frame) == to_csv(tables[name].frame)
    assert again.note == tables[name].note


def test_the_eras_stand_side_by_side(tables: dict[str, Table]) -> None:
    found = rows(tables["two_eras"], "measure")
    assert found["Year, or year to"]["telecom_narrow"] == found["Year, or year to"]["telecom_broad"] == "2000"
    assert found["Capex, USD billion"]["telecom_broad"] == "129.6"
    assert found["Capex, USD billion"]["telecom_narrow"] == "92.5"
    assert found["Share of GDP, %"]["telecom_broad"] == "1.26"
    assert found["Fall within 3 years, to date, %"]["telecom_broad"] == "40.2"
    assert found["Fall within 3 years, to date, %"]["telecom_narrow"] == "41.3"
    assert found["Year of take-off"]["telecom_narrow"] == "1996"
    assert found["Year of take-off"]["ai_big_five"].startswith("≤")
    assert found["Growth over 4 years, %"]["telecom_narrow"] == "86.0"
    cash = found["Capex over operating cash flow"]
    assert cash["telecom_narrow"] == cash["telecom_broad"] == MISSING
    assert float(cash["ai_latest"]) == pytest.approx(0.82, abs=0.005)


def test_the_latest_trailing_year_is_that_of_the_measures(
    tables: dict[str, Table], results: dict[str, Any]
) -> None:
    found, last = rows(tables["two_eras"], "measure"), results["measures_ai"]["trailing"][-1]
    assert found["Year, or year to"]["ai_latest"] == last["period"]
    assert found["Growth over 1 year, %"]["ai_latest"] == f"{100 * last['growth']:.1f}"
    shares = [f["capex"] / last["capex"] for f in results["measures_ai"]["latest"].values()]
    assert sum(shares) == pytest.approx(1)
    assert found["Concentration (Herfindahl)"]["ai_latest"] == f"{sum(s**2 for s in shares):.2f}"


def test_the_events_are_judged_as_the_definitions_say(tables: dict[str, Table]) -> None:
    found = rows(tables["events_judged"], "event")
    spending = next(row for text, row in found.items() if text.startswith("O3 Spending"))
    assert (spending["telecom"], spending["value"], spending["held"]) == ("true", f"41.3{THIN}%", "2002")
    assert spending["ai"] == "false"
    assert found["O2 plants of communications equipment makers"]["telecom"] == "false"
    assert found["O2 plants of communications equipment makers"]["ai"] == MISSING
    assert found["O1 long-haul carriers only"]["value"] == "0.05 (0.03–0.05)"
    assert found["O4 in potential capacity"]["value"] == "125 (32–125)"
    assert found["Core overbuild: O1 and (O2 or O3)"]["telecom"] == "unknown"


def test_the_evidence_tells_a_near_miss_and_names_no_layer(tables: dict[str, Table]) -> None:
    found = rows(tables["events_evidence"], "event")
    assert "a near miss" in found["O2 plants of communications equipment makers"]["telecom"]
    assert "−41.3" in found[f"O3 primary; severe: falls 40{THIN}%"]["telecom"]
    assert not [row for row in found.values() if re.search(r"\w_\w|O\d/", row["telecom"] + row["ai"])]


def test_the_labels_are_those_of_the_definition(tables: dict[str, Table]) -> None:
    labels = {tuple(row[:3]): "".join(row[3:]) for row in cells(tables["truth_table"])}
    assert labels["Narrow", f"30{THIN}%", "2"] == "00011"
    assert labels["Narrow", f"30{THIN}%", "3"] == "00111"
    assert labels["Narrow", f"30{THIN}%", "4"] == "01111"
    assert [labels["Narrow", f"40{THIN}%", h] for h in "234"] == ["00001", "00011", "00111"]
    assert [labels["Broad", f"30{THIN}%", h] for h in "234"] == ["00011", "00111", "01111"]


def test_the_grid_and_the_dial_turn_where_their_thresholds_are(tables: dict[str, Table]) -> None:
    grid = {(row[0], row[1]): row[3] for row in cells(tables["threshold_grid"])}
    assert grid[f"40{THIN}%", "2"] == "false"
    assert [v for k, v in grid.items() if k != (f"40{THIN}%", "2")] == ["true"] * 8
    dial = {row[0]: row[3] for row in cells(tables["cost_declines"])}
    assert dial[f"40{THIN}%"] == "true"
    assert dial[f"50{THIN}%"] == "false"


def test_fourteen_of_thirty_run_ups_fell(tables: dict[str, Table]) -> None:
    primary = cells(tables["base_rate"])[0]
    assert primary[1:4] == ["30", "14", "0.47"]
    outcomes = list(tables["run_ups_table"].frame["label"])
    assert [outcomes.count(x) for x in ("fall", "no fall", "unresolved")] == [14, 16, 3]
    assert len([c for c in cells(tables["base_rate"]) if c[0].startswith("Grid")]) == 2


def test_the_regression_has_one_column_a_specification(tables: dict[str, Table]) -> None:
    table = tables["run_up_regression"]
    found = rows(table, "quantity")
    assert headings(table) == ["", "(1)", "(2)", "(3)", "(4)"]
    assert found["Maximum likelihood: log run-up"]["specification_1"] == "3.03 (1.79)"
    assert found["Maximum likelihood: log run-up"]["specification_2"] == ""
    assert found[f"Fitted: run-up of 100{THIN}%"]["specification_1"] == "0.37"
    assert found["Brier: age alone"]["specification_2"] == "0.269"


def test_probabilities_never_fall_with_the_horizon(tables: dict[str, Table]) -> None:
    table = tables["conditional_rates"]
    shown = [c for c in table.frame.columns if re.fullmatch(r"h\d", str(c))]
    values = table.frame[shown].to_numpy(dtype=float)
    assert len(shown) == 5
    assert (values[:, 1:] >= values[:, :-1]).all()
    assert list(table.frame["state"].unique()) == ["First date", "In force", "Quiet"]


def test_each_forecast_names_its_event_and_each_silence_its_reason(
    tables: dict[str, Table], results: dict[str, Any]
) -> None:
    table, headline = tables["first_probability"], results["probability"]["headline"]
    told = table.frame.to_dict("records")
    spoken = [r for r in told if not math.isnan(r["probability"])]
    silent = [r for r in told if math.isnan(r["probability"])]
    assert silent
    assert all(r["evidence"].startswith("abstains: ") for r in silent)
    chosen = [
        r["probability"] for r in spoken if (r["event"], r["by"]) == (headline["event"], headline["by"])
    ]
    assert chosen == pytest.approx([headline["probability"]])
    assert number(headline["probability"]) in table.note
    rate = results["analogue_rate"]
    physical = [r["probability"] for r in spoken if r["event"].startswith("Physically")]
    assert physical == [rate["prior"]["mean"], rate["posterior"]["mean"]]


def test_every_boom_is_listed_with_both_readings(tables: dict[str, Table], results: dict[str, Any]) -> None:
    frame = tables["booms"].frame
    assert len(frame) == 36
    for column, reading in (("overbuilt", "main"), ("critic", "critic")):
        said = list(frame[column])
        assert {x: said.count(x) for x in ("yes", "partly", "no")} == results["analogue_rate"]["counts"][
            reading
        ]
    telecom = frame[frame["boom"] == "US, telecom"].iloc[0]
    assert telecom["fall"] == "45.9, nominal communications equipment"
    assert (telecom["years"], telecom["life"]) == ("1996–2000", 15)


def test_the_grade_of_a_boom_is_that_of_its_certainty() -> None:
    booms = DataBook.load(None, ("history/booms.csv",)).booms
    for boom in booms.to_dict("records"):
        assert boom["grade"] == ("B" if boom["certainty"] == "high" else "C")


def test_contracts_are_told_with_what_they_overlap(tables: dict[str, Table]) -> None:
    found = rows(tables["contracts"], "called")
    iren = found["Microsoft – IREN"]
    assert [iren[c] for c in ("value", "term_years", "prepayment_share", "capacity_mw")] == [
        "9,700",
        "5.0",
        f"20{THIN}%",
        "200",
    ]
    assert found["IREN – Dell: hardware purchase"]["value"] == "5,800"
    assert "19,400" in found["Microsoft – Nebius"]["value_overlaps"]
    assert "never be summed" in tables["contracts"].note
    assert not [c for row in cells(tables["contracts"]) for c in row if re.search(r"[a-z]_20\d\d", c)]


def test_arithmetic_of_contracts_comes_from_their_terms(tables: dict[str, Table]) -> None:
    iren = rows(tables["contract_arithmetic"], "called")["Microsoft – IREN, 2025"]
    assert (iren["prepayment"], iren["a_year"], iren["a_mw"]) == ("1,940", "1,940", "48.5")
    assert f"200 of the 750 MW of its campus (26.7{THIN}%)" in tables["contract_arithmetic"].note
    assert "D" not in set(tables["contract_arithmetic"].frame["grade"])


def test_the_overview_names_every_file_of_the_catalogue(tables: dict[str, Table]) -> None:
    frame = tables["data_overview"].frame
    catalogue = (data_dir() / "catalogue.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert list(frame["file"]) == [*sorted(line.split(",")[0] for line in catalogue), "Total"]
    graded = frame[["A", "B", "C", "D"]].sum(axis=1)
    assert (graded == frame["rows"]).all()
    assert frame["rows"].iloc[-1] == frame["rows"].iloc[:-1].sum()
    assert set(frame["shipped"].iloc[:-1]) <= {"yes", "derived only"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fell -9.2 % (2001)", f"fell −9.2{THIN}% (2001)"),
        ("1998-2002 and 1985-94", "1998–2002 and 1985–94"),
        ("on 2026-11-22, in 2025-11", "on 2026-11-22, in 2025-11"),
        ("run-ups of 90%", f"run-ups of 90{THIN}%"),
    ],
)
def test_text_gets_its_dashes_and_dates_keep_their_hyphens(text: str, expected: str) -> None:
    assert typographic(text) == expected


def test_numbers_in_text_are_written_as_in_columns() -> None:
    assert number(-0.0049) == "0.00"
    assert number(-1234.5, ",.1f") == "−1,234.5"
    assert number(None) == number(math.nan) == percent(None) == MISSING
    assert span(0.1, 0.25) == "0.10–0.25"
    assert span(-0.1, 0.25) == "−0.10 to 0.25"
    assert years(1996, 2003) == "1996–2003"
    assert (years(None, 2007), years(2023, None), years(1999, 1999)) == ("to 2007", "from 2023", "1999")
