"""A user's own file: what is wrong is named by row and column, what is right becomes tidy rows."""

from __future__ import annotations

import json
import string
import time
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overbuild.errors import DataError, InputError
from overbuild.sources.own import read_own
from overbuild.sources.reading import MOST_FAULTS

HEADER = "firm,period,capex,revenue,operating_cash_flow"
YEARS = range(2014, 2024)
LINES = [HEADER] + [f"{firm},{y},{50 + y - 2014},{200},{80}" for firm in ("Acme", "Bolt") for y in YEARS]
"""Acme is in lines 2 to 11, Bolt in lines 12 to 21."""


def write(path: Path, lines: list[str], units: str = "") -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if units:
        path.with_suffix(".toml").write_text(units)
    return path


def with_line(number: int, text: str) -> list[str]:
    return [*LINES[: number - 1], text, *LINES[number:]]


BAD = {
    "a missing column": (["firm,period,capex", "Acme,2020,5"], (1, "revenue"), "is missing"),
    "an unknown column": (
        [f"{HEADER},mood", *(f"{x},ok" for x in LINES[1:])],
        (1, "mood"),
        "is not expected",
    ),
    "a column twice": ([f"{HEADER},capex", *(f"{x},1" for x in LINES[1:])], (1, "capex"), "appears twice"),
    "a column without a name": ([f"{HEADER},", *(f"{x}," for x in LINES[1:])], (1, ""), "without a name"),
    "negative capex": (with_line(4, "Acme,2016,-52,200,80"), (4, "capex"), "is negative"),
    "negative revenue": (with_line(4, "Acme,2016,52,-200,80"), (4, "revenue"), "is negative"),
    "absurd capex": (with_line(4, "Acme,2016,5.2e16,200,80"), (4, "capex"), "is absurd in any currency"),
    "capex out of proportion": (with_line(4, "Acme,2016,52000,200,80"), (4, "capex"), "260 times revenue"),
    "capex in a wrong unit": (
        [LINES[0], *(f"Acme,{y},52000,200,80" for y in YEARS)],
        (2, "capex"),
        "over 20 times revenue throughout",
    ),
    "no capex": (with_line(4, "Acme,2016,,200,80"), (4, "capex"), "is empty"),
    "text in a number": (with_line(4, "Acme,2016,lots,200,80"), (4, "capex"), "'lots' is not a number"),
    "a currency in a number": (with_line(4, "Acme,2016,€52,200,80"), (4, "capex"), "state the currency in"),
    "infinity": (with_line(4, "Acme,2016,inf,200,80"), (4, "capex"), "is not a number"),
    "decimal commas": (with_line(4, 'Acme,2016,"52,5",200,80'), (4, "capex"), "is not a number"),
    "a duplicate year": (with_line(4, "Acme,2015,52,200,80"), (4, "period"), "'2015' of Acme appears twice"),
    "a gap": (with_line(4, "Acme,2030,52,200,80"), (5, "period"), "Acme has a gap before this row: 2016"),
    "a quarter among years": (
        with_line(4, "Acme,2016Q1,52,200,80"),
        (4, "period"),
        "is a quarter; the file has a year",
    ),
    "a month": (with_line(4, "Acme,2016-01,52,200,80"), (4, "period"), "is not a year (1999) or a quarter"),
    "a day": (with_line(4, "Acme,2016-12-31,52,200,80"), (4, "period"), "is not a year (1999) or a quarter"),
    "the year nought": (
        with_line(4, "Acme,0000,52,200,80"),
        (4, "period"),
        "is not a year (1999) or a quarter",
    ),
    "no firm": (with_line(4, ",2016,52,200,80"), (4, "firm"), "is empty"),
    "a short row": (with_line(4, "Acme,2016"), (4, ""), "has 2 fields; the header has 5"),
    "a line end in a cell": (with_line(4, '"Acme\nInc",2016,52,200,80'), (4, "firm"), "holds a line end"),
    "firms that never overlap": (
        ["firm,period,capex,revenue", "Acme,2010,1,2", "Bolt,2015,1,2"],
        (0, "period"),
        "no period that all firms share",
    ),
    "semicolons": ([x.replace(",", ";") for x in LINES], (1, ""), "is separated by semicolons"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_line_is_named_by_every_command(tmp_path, cli, what):
    lines, (row, column), problem = BAD[what]
    path = write(tmp_path / "mine.csv", lines)
    with pytest.raises(DataError) as refused:
        read_own(path)
    assert (row, column) in {(f.row, f.column) for f in refused.value.faults if problem in f.problem}
    place = "mine.csv" + (f", row {row}" if row else "") + (f", column {column}" if column else "") + ": "
    for command in (("measures", path), ("score", path, "--json")):
        outcome = cli(*command)
        assert (outcome.code, outcome.out) == (2, "")
        assert place in outcome.err and problem in outcome.err
    assert [p.name for p in tmp_path.iterdir()] == ["mine.csv"]


def test_all_faults_at_once(tmp_path):
    lines = [*LINES]
    lines[3], lines[4], lines[5] = "Acme,2016,x,-1,80", "Acme,2016,1,1,1", "Acme,2019Q1,1,1,1"
    with pytest.raises(DataError) as refused:
        read_own(write(tmp_path / "mine.csv", lines, '[units]\ncapex = "lots"\n'))
    found = {(f.file, f.row, f.column) for f in refused.value.faults}
    assert found == {
        ("mine.csv", 4, "capex"),
        ("mine.csv", 4, "revenue"),
        ("mine.csv", 5, "period"),
        ("mine.csv", 6, "period"),
        ("mine.csv", 7, "period"),
        ("mine.toml", 0, "capex"),
    }


RAW = {
    "empty": (b"", "is empty"),
    "a spreadsheet": (b"\xef\xbb\xbf" + "\n".join(LINES).replace(",", ";").encode(), "byte-order mark"),
    "a byte-order mark": (b"\xef\xbb\xbf" + "\n".join(LINES).encode(), "byte-order mark"),
    "NUL bytes": ("\n".join(LINES).encode() + b"\x00", "row 21: holds NUL bytes"),
    "latin-1": ("\n".join([*LINES, "Café,2020,1,1,1"]).encode("latin-1"), "row 22: is not UTF-8 text"),
    "UTF-16": ("\n".join(LINES).encode("utf-16"), "holds NUL bytes"),
    "only a header": (HEADER.encode(), "has a header and no rows"),
}


@pytest.mark.parametrize("what", RAW)
def test_bad_bytes(tmp_path, cli, what):
    content, problem = RAW[what]
    path = tmp_path / "mine.csv"
    path.write_bytes(content)
    for command in ("measures", "score"):
        outcome = cli(command, path)
        assert (outcome.code, outcome.out) == (2, "")
        assert problem in outcome.err


@pytest.mark.parametrize("kind", ["bytes", "printable", "rows"])
def test_ten_megabytes_of_noise(tmp_path, cli, kind):
    rng = np.random.default_rng(1)
    path = tmp_path / "mine.csv"
    if kind == "bytes":
        path.write_bytes(rng.bytes(10 * 2**20))
    else:
        letters = string.printable if kind == "printable" else "a,,,\n"
        characters = np.frombuffer(letters.encode(), dtype=np.uint8)
        path.write_bytes(HEADER.encode() + b"\n" + rng.choice(characters, 10 * 2**20).tobytes())
    started = time.monotonic()
    outcome = cli("measures", path)
    assert time.monotonic() - started < 5
    assert (outcome.code, outcome.out) == (2, "")
    assert 0 < len(outcome.err.splitlines()) <= MOST_FAULTS + 1
    assert all(line.isprintable() and len(line) < 400 for line in outcome.err.splitlines())


def test_no_file_and_a_folder(tmp_path, cli):
    (tmp_path / "folder.csv").mkdir()
    for name, problem in (
        ("none.csv", "There is no file '"),
        ("folder.csv", "folder.csv: is a folder; expected a file"),
        ("x" * 300 + ".csv", "There is no file '"),
    ):
        outcome = cli("measures", tmp_path / name)
        assert (outcome.code, outcome.out) == (2, "")
        assert problem in outcome.err


UNITS = {
    "no TOML": ("[units", "", "is not readable as TOML"),
    "no table": ("units = 3", "units", "is not a table"),
    "no such column": ('[units]\nprofit = "USD million"', "profit", "is not a column with a unit"),
    "no currency": ('[units]\ncapex = "million"', "capex", "is not a unit"),
    "no scale": ('[units]\ncapex = "EUR"', "capex", "is not a unit"),
    "a number": ("[units]\ncapex = 1000", "capex", "is not a unit"),
    "mixed currencies": (
        '[units]\ncapex = "EUR million"\nrevenue = "EUR million"',
        "",
        "mixes currencies: capex in EUR million, revenue in EUR million, "
        "operating_cash_flow in USD million (the default)",
    ),
}


@pytest.mark.parametrize("what", UNITS)
def test_bad_units(tmp_path, cli, what):
    content, column, problem = UNITS[what]
    path = write(tmp_path / "mine.csv", LINES, content)
    outcome = cli("measures", path)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("mine.toml" + (f", column {column}" if column else "") + ": ")
    assert problem in outcome.err


def test_units_are_of_the_columns_that_are_there(tmp_path):
    units = '[units]\ncapex = "EUR billion"\nrevenue = "EUR billion"\noperating_cash_flow = "EUR thousand"\n'
    table, currency = read_own(write(tmp_path / "mine.csv", LINES[:2], units))
    assert currency == "EUR"
    assert table["value"].tolist() == [50_000.0, 200_000.0, 0.08]
    assert set(table["unit"]) == {"EUR million"}


def test_availability_is_stated_or_follows_a_rule(tmp_path):
    lines = ["firm,period,capex,revenue,available_from", "Acme,2020Q3,1,2,2020-11-01"]
    table, _ = read_own(write(tmp_path / "a.csv", lines))
    assert set(table["available_from"]) == {date(2020, 11, 1)} and set(table["available_rule"]) == {"stated"}
    for period, day, rule in (
        ("2020Q3", date(2020, 11, 14), "45 days"),
        ("2020", date(2021, 3, 1), "60 days"),
    ):
        table, _ = read_own(write(tmp_path / "b.csv", ["firm,period,capex,revenue", f"Acme,{period},1,2"]))
        assert set(table["available_from"]) == {day} and set(table["available_rule"]) == {rule}
    for stated in ("", "soon", "2020-09-29"):
        with pytest.raises(DataError, match="row 2, column available_from"):
            read_own(write(tmp_path / "c.csv", [lines[0], f"Acme,2020Q3,1,2,{stated}"]))


def test_gdp_is_one_per_period(tmp_path):
    header = "firm,period,capex,revenue,gdp"
    table, _ = read_own(write(tmp_path / "a.csv", [header, "Acme,2020,1,2,900", "Bolt,2020,1,2,900"]))
    assert table["series"].tolist().count("gdp") == 1
    with pytest.raises(DataError, match="row 3, column gdp: 901 differs from 900 of the same period"):
        read_own(write(tmp_path / "b.csv", [header, "Acme,2020,1,2,900", "Bolt,2020,1,2,901"]))


def test_windows_line_ends_blank_lines_and_spaces_are_fine(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_bytes(b"firm, period ,capex,revenue\r\n Acme ,2020,1,2\r\n\r\nAcme,2021,1,2\r\n,,,\r\n")
    table, _ = read_own(path)
    assert table["entity"].tolist() == ["Acme"] * 4
    assert table["period"].tolist() == ["2020", "2020", "2021", "2021"]


def test_what_is_right_becomes_measures(tmp_path, cli):
    path = write(
        tmp_path / "mine.csv",
        LINES,
        "[units]\n" + "".join(f'{c} = "SEK billion"\n' for c in ("capex", "revenue", "operating_cash_flow")),
    )
    content = json.loads(cli("measures", path, "--json").out)
    assert content["unit"] == "SEK billion"
    last = content["annual"][-1]
    assert (last["period"], last["capex"], last["capex_to_revenue"]) == ("2023", 118.0, 0.295)
    assert last["concentration"] == 0.5
    assert last["sources"] == ["mine.csv"]
    assert content["latest"]["Bolt"]["capex_to_operating_cash_flow"] == 59 / 80
    assert "capex of SEK 118.0 billion in 2023" in cli("measures", path).out
    judged = json.loads(cli("score", path, "--json").out)["definitions"]
    assert judged["O3"]["primary"]["holds"] is False
    assert judged["O1"]["primary"]["holds"] is None


def test_a_bust_in_the_users_file_is_found(tmp_path, cli):
    spending = [10, 12, 20, 40, 30, 25, 24]
    lines = ["firm,period,capex,revenue", *(f"Acme,{2000 + i},{x},100" for i, x in enumerate(spending))]
    judged = json.loads(cli("score", write(tmp_path / "mine.csv", lines), "--json").out)["definitions"]["O3"]
    assert (judged["primary"]["holds"], judged["primary"]["value"]) == (True, 0.4)
    assert judged["primary"]["when"] == "2005"


ODD = {
    "one year": ["firm,period,capex,revenue", "Acme,2020,1,2"],
    "one quarter": ["firm,period,capex,revenue", "Acme,2020Q2,1,2"],
    "three quarters": ["firm,period,capex,revenue", *(f"Acme,2020Q{q},1,2" for q in (1, 2, 3))],
    "no revenue": ["firm,period,capex,revenue", *(f"Acme,{y},1," for y in range(2010, 2020))],
    "no spending": ["firm,period,capex,revenue,gdp", *(f"Acme,{y},0,0,0" for y in range(2010, 2020))],
    "a firm with the name of GDP": ["firm,period,capex,revenue,gdp", "economy,2010,1,2,3"],
    "cash flow that is negative or nought": [
        HEADER,
        *(f"Acme,{2000 + i},1,2,{x}" for i, x in enumerate((-3, 0, 2, -1, 0))),
    ],
}


@pytest.mark.parametrize("what", ODD)
def test_odd_but_right_files_are_measured_and_judged(tmp_path, cli, what):
    path = write(tmp_path / "mine.csv", ODD[what])
    for command in ("measures", "score"):
        assert cli(command, path).code == 0
        json.loads(cli(command, path, "--json").out)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_file_makes_a_traceback(tmp_path, data):
    """Whatever is in the cells: one of the project's errors, or measures and verdicts that are JSON."""
    from overbuild import load_episode, measures, score

    cell = st.one_of(
        st.sampled_from(
            ["Acme", "2019", "2020Q1", "1e300", "-1", "0", "", "1e-300", "2021-01-01", '"', "9999", "nan"]
        ),
        st.text(max_size=4),
        st.integers(-10, 3000).map(str),
    )
    header = data.draw(st.sampled_from([HEADER, "firm,period,capex,revenue,gdp", f"{HEADER},available_from"]))
    rows = data.draw(st.lists(st.lists(cell, min_size=4, max_size=6).map(",".join), max_size=4))
    good = data.draw(st.sampled_from([[], ["Acme,2019,1,2,3"], ["Acme,2019Q1,1,2,3", "Acme,2019Q2,1,2,3"]]))
    path = tmp_path / "mine.csv"
    path.write_bytes("\n".join([header, *good, *rows]).encode("utf-8", "surrogatepass"))
    try:
        json.dumps(measures(load_episode(str(path))).to_dict(), allow_nan=False)
        json.dumps(score(str(path)).to_dict(), allow_nan=False)
    except InputError as error:
        assert "mine" in str(error)
