"""Every fault of every file is found at once, by file, row and column, and nothing is written."""

from __future__ import annotations

import json
import string
import time
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overbuild.sources.check import check_data
from overbuild.sources.reading import MOST_FAULTS

FIRMS = "hyperscalers/financials_quarterly.csv"
MACRO = "macro/quarterly.csv"
BOOMS = "history/booms.csv"

CELLS = {
    "wrong unit": (FIRMS, 5, {"unit": "EUR million"}, "unit", "where codebook.csv says 'USD million'"),
    "another scale": (FIRMS, 5, {"unit": "USD billion"}, "unit", "where codebook.csv says 'USD million'"),
    "negative capex": (FIRMS, 5, {"value": "-12"}, "value", "outside 0 to 500000"),
    "absurd capex": (FIRMS, 5, {"value": "4e9"}, "value", "outside 0 to 500000"),
    "text in a number": (FIRMS, 5, {"value": "n/a"}, "value", "is not a number"),
    "thousands separator": (FIRMS, 5, {"value": "1,250"}, "value", "is not a number"),
    "a currency sign": (FIRMS, 5, {"value": "$125"}, "value", "is not a number"),
    "infinity": (FIRMS, 5, {"value": "inf"}, "value", "is not a number"),
    "no number": (FIRMS, 5, {"value": "nan"}, "value", "is not a number"),
    "an empty number": (FIRMS, 5, {"value": ""}, "value", "is not a number"),
    "a year in a quarter column": (FIRMS, 5, {"period": "2018"}, "period", "not a period of frequency Q"),
    "a fifth quarter": (FIRMS, 5, {"period": "2018Q5"}, "period", "not a period of frequency Q"),
    "the year nought": (FIRMS, 5, {"period": "0000Q1"}, "period", "not a period of frequency Q"),
    "another quarter's end": (
        FIRMS,
        5,
        {"period_end": "2017-09-30", "available_from": "2017-11-14"},
        "period_end",
        "does not end",
    ),
    "no available_from": (FIRMS, 5, {"available_from": ""}, "available_from", "refused, never assumed"),
    "available before the end": (
        FIRMS,
        5,
        {"available_from": "2018-01-01", "available_rule": "stated"},
        "available_from",
        "before the period ends",
    ),
    "available against the rule": (FIRMS, 5, {"available_from": "2019-11-30"}, "available_from", "the rule"),
    "an unknown rule": (FIRMS, 5, {"available_rule": "gut"}, "available_rule", "is not one of stated"),
    "a date by month": (FIRMS, 5, {"vintage": "2022-06"}, "vintage", "not a date"),
    "a date of the far future": (FIRMS, 5, {"vintage": "9999-12-31"}, "vintage", "not a date"),
    "an unknown status": (FIRMS, 5, {"status": "rumour"}, "status", "is not one of actual"),
    "an unknown grade": (FIRMS, 5, {"grade": "E"}, "grade", "is not one of A"),
    "an unknown frequency": (FIRMS, 5, {"frequency": "W"}, "frequency", "is not one of A"),
    "an unknown source": (FIRMS, 5, {"source_id": "s9"}, "source_id", "not in sources.csv"),
    "an unknown series": (FIRMS, 5, {"series": "kapex"}, "series", "not in codebook.csv"),
    "no entity": (FIRMS, 5, {"entity": ""}, "entity", "is empty"),
    "text in a wide number": (BOOMS, 3, {"peak_year": "late"}, "peak_year", "is not a number"),
    "a wide number out of range": (BOOMS, 3, {"peak_year": "19"}, "peak_year", "outside 1700 to 2100"),
    "a boom known too early": (BOOMS, 3, {"available_from": "1968-12-31"}, "available_from", "the rule"),
    "a boom twice": (BOOMS, 3, {"boom": "canals"}, "boom", "appears twice"),
}


def places(report):
    return {(f.file, f.row, f.column) for f in report.faults}


def test_a_good_folder_has_no_fault(folder, cli):
    outcome = cli("data", "check", "--data", folder.path)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == "3 files, 114 rows, 0 faults.\n"


@pytest.mark.parametrize("what", CELLS)
def test_a_bad_cell_is_named(folder, cli, what):
    file, row, cells, column, problem = CELLS[what]
    folder.change(file, row, **cells)
    folder.settle()
    before = folder.state()
    outcome = cli("data", "check", "--data", folder.path, "--json")
    assert outcome.code == 2
    faults = json.loads(outcome.out)["faults"]
    assert (file, row, column) in {(f["file"], f["row"], f["column"]) for f in faults}
    assert {f["row"] for f in faults if f["file"] == file} == {row}
    named = next(f for f in faults if f["column"] == column and f["row"] == row)
    assert problem in named["problem"]
    assert f"{file}, row {row}, column {column}: {named['problem']}\n" in outcome.err
    assert folder.state() == before


def test_all_faults_of_all_files_are_told_at_once(folder):
    rows = folder.read(FIRMS)
    expected = set()
    line = 20
    for file, row, cells, column, _ in CELLS.values():
        if file == FIRMS:
            rows[line - 2].update(cells)
            expected.add((FIRMS, line, column))
            line += 1
        else:
            expected.add((file, row, column))
    folder.write(FIRMS, rows)
    booms = folder.read(BOOMS)
    booms[1].update(boom="canals", peak_year="late", available_from="1968-12-31")
    folder.write(BOOMS, booms)
    folder.change(MACRO, 4, value="x")
    expected.add((MACRO, 4, "value"))
    report = check_data(folder.path)
    assert expected <= places(report)
    assert {f.file for f in report.faults if "checksum" in f.problem} == {FIRMS, BOOMS, MACRO}


def test_a_missing_column(folder, cli):
    rows = [{k: v for k, v in r.items() if k != "available_from"} for r in folder.read(FIRMS)]
    folder.write(FIRMS, rows)
    folder.settle()
    outcome = cli("data", "check", "--data", folder.path)
    assert outcome.code == 2
    assert f"{FIRMS}, row 1, column available_from: is missing; the header is 'series,entity," in outcome.err


def test_an_unknown_column_and_one_that_appears_twice(folder):
    text = (folder.path / FIRMS).read_text().replace(",note\n", ",note,mood\n", 1).replace(",\n", ",,\n")
    folder.set_bytes(FIRMS, text.encode())
    again = (folder.path / MACRO).read_text().replace("series,entity", "series,series,entity", 1)
    folder.set_bytes(MACRO, again.encode())
    assert {(FIRMS, 1, "mood"), (MACRO, 1, "series")} <= places(check_data(folder.path))


def test_a_duplicate_quarter_names_both_rows(folder):
    rows = folder.read(FIRMS)
    folder.write(FIRMS, [*rows, dict(rows[3], value="999")])
    folder.settle()
    (fault,) = check_data(folder.path).faults
    assert (fault.file, fault.row, fault.column) == (FIRMS, len(rows) + 2, "period")
    assert "'2018Q4' of Alpha capex_cash (vintage 2022-06-30) appears twice" in fault.problem
    assert fault.problem.endswith(f"first in {FIRMS}, row 5")


def test_a_quarter_that_another_file_has_too(folder):
    rows = folder.read(MACRO)
    folder.write(MACRO, [*rows, folder.read(FIRMS)[3]])
    folder.settle()
    (fault,) = check_data(folder.path).faults
    assert (fault.file, fault.row, fault.column) == (MACRO, len(rows) + 2, "period")


def test_a_wrong_checksum(folder, cli):
    folder.change(FIRMS, 5, value="131")
    before = folder.state()
    outcome = cli("data", "check", "--data", folder.path)
    assert outcome.code == 2
    assert f"{FIRMS}: differs from its checksum in catalogue.csv" in outcome.err
    assert folder.state() == before
    for command in ("measures", "score"):
        assert f"{FIRMS}: differs from its checksum" in cli(command, "ai", "--data", folder.path).err


def test_a_row_that_was_taken_out(folder):
    rows = folder.read(MACRO)
    folder.write(MACRO, rows[:5] + rows[6:])
    catalogue = folder.read("catalogue.csv")
    folder.settle()
    settled = folder.read("catalogue.csv")
    assert catalogue[2]["rows"] == "16" and settled[2]["rows"] == "15"
    settled[2]["rows"] = "16"
    folder.write("catalogue.csv", settled)
    assert any("says '16' rows and it has 15" in f.problem for f in check_data(folder.path).faults)


def test_update_writes_checksums_only_where_nothing_else_is_wrong(folder, cli):
    folder.change(FIRMS, 5, value="131")
    assert cli("data", "check", "--data", folder.path, "--update").code == 0
    assert cli("data", "check", "--data", folder.path).code == 0
    folder.change(FIRMS, 5, value="-131")
    before = folder.state()
    assert cli("data", "check", "--data", folder.path, "--update").code == 2
    assert folder.state() == before


FORMS: dict[str, tuple[Callable[[bytes], bytes], tuple[int, str], str]] = {
    "empty": (lambda _: b"", (0, ""), "is empty"),
    "blank": (lambda _: b"\n \n\n", (0, ""), "is empty"),
    "only a header": (lambda b: b.split(b"\n")[0] + b"\n", (0, ""), "has a header and no rows"),
    "a byte-order mark": (lambda b: b"\xef\xbb\xbf" + b, (1, ""), "byte-order mark"),
    "semicolons": (lambda b: b.replace(b",", b";"), (1, ""), "separated by semicolons"),
    "a spreadsheet": (lambda b: b"\xef\xbb\xbf" + b.replace(b",", b";"), (1, ""), "separated by semicolons"),
    "tabs": (lambda b: b.replace(b",", b"\t"), (1, ""), "separated by tabs"),
    "NUL bytes": (lambda b: b[:-1] + b"\x00\n", (17, ""), "holds NUL bytes"),
    "UTF-16": (lambda b: b.decode().encode("utf-16"), (1, ""), "holds NUL bytes"),
    "latin-1": (lambda b: b[:-1] + b"\xfc\n", (17, ""), "is not UTF-8"),
    "a long row": (lambda b: b[:-1] + b",\n", (17, ""), "has 15 fields; the header has 14"),
    "a short row": (lambda b: b + b"gdp,United States\n", (18, ""), "has 2 fields; the header has 14"),
    "a line end in a cell": (lambda b: b[:-1] + b'"a\nb"\n', (17, "note"), "holds a line end"),
    "an open quotation": (lambda b: b[:-1] + b'"never closed\n', (17, ""), "is not readable as CSV"),
    "text after a quotation": (lambda b: b[:-1] + b'"a"b\n', (17, ""), "is not readable as CSV"),
}


@pytest.mark.parametrize("what", FORMS)
def test_a_bad_form_is_named(folder, cli, what):
    change, (row, column), problem = FORMS[what]
    folder.set_bytes(MACRO, change((folder.path / MACRO).read_bytes()))
    folder.settle()
    before = folder.state()
    outcome = cli("data", "check", "--data", folder.path, "--json")
    assert outcome.code == 2
    found = [f for f in json.loads(outcome.out)["faults"] if problem in f["problem"]]
    assert [(f["file"], f["row"], f["column"]) for f in found] == [(MACRO, row, column)]
    assert folder.state() == before
    refused = cli("measures", "ai", "--data", folder.path)
    assert (refused.code, refused.out) == (2, "")
    assert MACRO in refused.err and problem in refused.err


def test_windows_line_ends_are_fine(folder, cli):
    for name in (FIRMS, MACRO, BOOMS, "codebook.csv", "sources.csv"):
        folder.set_bytes(name, (folder.path / name).read_bytes().replace(b"\n", b"\r\n"))
    folder.settle()
    folder.set_bytes("catalogue.csv", (folder.path / "catalogue.csv").read_bytes().replace(b"\n", b"\r\n"))
    assert cli("data", "check", "--data", folder.path).code == 0
    assert cli("measures", "ai", "--data", folder.path).code == 0


def test_a_folder_in_place_of_a_file_and_a_missing_file(folder):
    (folder.path / MACRO).unlink()
    (folder.path / MACRO).mkdir()
    (folder.path / BOOMS).unlink()
    report = check_data(folder.path)
    told = {f.file: f.problem for f in report.faults if f.row == 0}
    assert told[MACRO] == "is a folder; expected a file"
    assert told[BOOMS] == "is missing"


def test_a_file_that_nobody_catalogued(folder):
    folder.write("macro/extra.csv", folder.read(MACRO))
    told = [f for f in check_data(folder.path).faults if f.file == "macro/extra.csv"]
    assert [f.problem for f in told] == ["is not in catalogue.csv"]


@cache
def noise(kind: str) -> bytes:
    rng = np.random.default_rng(1)
    size = 10 * 2**20
    if kind == "bytes":
        return rng.bytes(size)
    letters = {"printable": string.printable, "lines": "ab,\n", "newlines": "\n\n\na"}[kind]
    return rng.choice(np.frombuffer(letters.encode(), dtype=np.uint8), size).tobytes()


@pytest.mark.parametrize("kind", ["bytes", "printable", "lines", "newlines"])
@pytest.mark.parametrize("headed", [False, True])
def test_ten_megabytes_of_noise_are_refused_quickly_and_briefly(folder, cli, kind, headed):
    header = (folder.path / MACRO).read_bytes().split(b"\n")[0] + b"\n"
    folder.set_bytes(MACRO, (header if headed else b"") + noise(kind))
    started = time.monotonic()
    outcome = cli("data", "check", "--data", folder.path)
    assert time.monotonic() - started < 5
    assert outcome.code == 2
    assert f"{MACRO}" in outcome.err
    assert len(outcome.err.splitlines()) <= MOST_FAULTS + 10
    assert all(len(line) < 500 and line.isprintable() for line in outcome.err.splitlines())


@pytest.mark.parametrize(
    "name", [BOOMS, "catalogue.csv", "codebook.csv", "sources.csv", "release_lags.toml", "perimeter.toml"]
)
@pytest.mark.parametrize("kind", ["bytes", "lines"])
def test_noise_in_any_other_file(folder, cli, name, kind):
    header = (folder.path / name).read_bytes().split(b"\n")[0] + b"\n"
    folder.set_bytes(name, (header if kind == "lines" else b"") + noise(kind))
    started = time.monotonic()
    outcome = cli("data", "check", "--data", folder.path)
    assert time.monotonic() - started < 5
    assert outcome.code == 2 and name in outcome.err
    assert len(outcome.err.splitlines()) <= 2 * MOST_FAULTS


def test_a_file_full_of_bad_rows_is_cut_short_and_counted(folder):
    rows = folder.read(MACRO)
    folder.write(MACRO, [dict(rows[0], value="x", unit="y", grade="z") for _ in range(2000)])
    folder.settle()
    told = [f for f in check_data(folder.path).faults if f.file == MACRO]
    assert len(told) == MOST_FAULTS + 1
    assert told[0].problem == f"has 7,999 faults; the first {MOST_FAULTS:,} are listed"


REGISTERS = {
    "no catalogue": ("catalogue.csv", None, 0, "", "is missing"),
    "an empty catalogue": ("catalogue.csv", b"", 0, "", "is empty"),
    "no codebook": ("codebook.csv", None, 0, "", "is missing"),
    "a latin-1 codebook": ("codebook.csv", b"series\n\xfc\n", 2, "", "is not UTF-8"),
    "sources without a column": ("sources.csv", b"source_id\ns1\n", 1, "reference", "is missing"),
    "no release lags": ("release_lags.toml", None, 0, "", "is missing"),
    "release lags that are no TOML": ("release_lags.toml", b"[nipa\n", 0, "", "is not readable as TOML"),
    "a rule that is none": ("release_lags.toml", b"[nipa]\ndays = 'soon'\n", 0, "nipa", "is not a rule"),
    "a rule that is no table": ("release_lags.toml", b"nipa = 30\n", 0, "nipa", "is not a rule"),
    "a rule without a year": ("release_lags.toml", b"[x]\nmonth_day = '12-31'\n", 0, "x", "is not a rule"),
    "no perimeter": ("perimeter.toml", None, 0, "", "is missing"),
    "a perimeter that is no TOML": ("perimeter.toml", b"\xff", 0, "", "is not UTF-8"),
}


@pytest.mark.parametrize("what", REGISTERS)
def test_an_unreadable_register(folder, cli, what):
    name, content, row, column, problem = REGISTERS[what]
    (folder.path / name).unlink()
    if content is not None:
        folder.set_bytes(name, content)
    before = folder.state()
    outcome = cli("data", "check", "--data", folder.path, "--json")
    assert outcome.code == 2
    found = [f for f in json.loads(outcome.out)["faults"] if problem in f["problem"]]
    assert (name, row, column) in [(f["file"], f["row"], f["column"]) for f in found]
    assert cli("data", "check", "--data", folder.path, "--update").code == 2
    assert folder.state() == before
    refused = cli("measures", "ai", "--data", folder.path)
    assert (refused.code, refused.out) == (2, "")
    assert problem in refused.err


def test_one_bad_line_of_a_register_does_not_hide_the_faults_of_the_files(folder):
    folder.change("codebook.csv", 3, minimum="low")
    rows = folder.read("codebook.csv")
    folder.write("codebook.csv", [*rows, rows[0]])
    folder.change(FIRMS, 5, value="-12")
    assert {("codebook.csv", 3, "minimum"), ("codebook.csv", 9, "series"), (FIRMS, 5, "value")} <= places(
        check_data(folder.path)
    )


def test_a_catalogue_cannot_name_files_outside_the_folder(folder):
    for name in ("/etc/passwd.csv", "../other.csv", "macro\\x.csv", "notes.txt"):
        rows = folder.read("catalogue.csv")
        folder.write("catalogue.csv", [*rows, rows[0] | {"file": name}])
    told = {f.row for f in check_data(folder.path).faults if f.column == "file"}
    assert told == {5, 6, 7, 8}


def test_variables_that_no_file_holds(folder):
    rows = folder.read("codebook.csv")
    folder.write(
        "codebook.csv",
        [*rows, rows[0] | {"series": "ghost"}, rows[0] | {"series": "lost", "file": "macro/none.csv"}],
    )
    told = [str(f) for f in check_data(folder.path).faults]
    assert told == [
        "codebook.csv, column file: of 'lost' is not in catalogue.csv",
        "codebook.csv, column series: 'ghost' is in no data file",
    ]


def test_there_is_no_such_folder(cli, tmp_path):
    for command in (("data", "check"), ("measures", "ai"), ("data", "show", "gdp")):
        outcome = cli(*command, "--data", tmp_path / "none")
        assert outcome.code == 2
        assert "There is no data folder" in outcome.err


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_cell_makes_an_exception(new_folder, data):
    """Any cells in any file: the check reports; the book reads, or refuses with an error of the project."""
    from overbuild import load_episode, measures, score
    from overbuild.errors import OverbuildError

    folder = new_folder()
    for _ in range(data.draw(st.integers(1, 4))):
        name = data.draw(
            st.sampled_from([FIRMS, MACRO, BOOMS, "codebook.csv", "catalogue.csv", "sources.csv"])
        )
        line = data.draw(st.integers(2, 3))
        column = data.draw(st.sampled_from(sorted(folder.read(name)[0])))
        words = [
            "",
            "x",
            "0",
            "-1",
            "1e300",
            "2019",
            "2018Q2",
            "2022-06-30",
            "1700-01-01",
            "D",
            "Q",
            "A",
            "nan",
        ]
        folder.change(name, line, **{column: data.draw(st.sampled_from(words) | st.text(max_size=3))})
    folder.settle()
    report = check_data(folder.path)
    json.dumps(report.to_dict())
    try:
        json.dumps(measures(load_episode("ai", data=folder.path)).to_dict(), allow_nan=False)
        json.dumps(score("ai", data=folder.path).to_dict(), allow_nan=False)
    except OverbuildError:
        assert report.faults
