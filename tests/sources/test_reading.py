"""From bytes to strings: line numbers, cells, and what is said of what cannot be read."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overbuild.errors import Fault
from overbuild.sources import reading
from overbuild.sources.reading import listed, read_strings, read_toml, shown


def read(tmp_path, content: bytes, columns=("a", "b"), optional=()):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    return read_strings(path, "x.csv", columns, optional)


def test_rows_are_numbered_by_the_line_they_start_on(tmp_path):
    table, faults = read(tmp_path, b'a,b\n1,2\n\n"3\n3",4\n5,6\n')
    assert table["row"].tolist() == [2, 4, 6]
    assert [str(f) for f in faults] == ["x.csv, row 4, column a: holds a line end; expected one line a row"]


def test_columns_come_in_the_order_asked_for(tmp_path):
    table, faults = read(tmp_path, b"c, b ,a\n3, 2 ,1\n", ("a", "b"), ("c", "d"))
    assert faults == []
    assert list(table.columns) == ["a", "b", "c", "row"]
    assert table.iloc[0].tolist() == ["1", "2", "3", 2]


def test_a_bad_line_does_not_hide_the_next(tmp_path):
    table, faults = read(tmp_path, b'a,b\n"x"y,2\n3\n4,5\n6,7,8\n')
    assert table["row"].tolist() == [4]
    assert [f.row for f in faults] == [2, 3, 5]


def test_a_column_that_is_called_row_is_not_mistaken_for_the_number(tmp_path):
    table, faults = read(tmp_path, b"a,b,row\n1,2,99\n")
    assert [(f.column, f.row) for f in faults] == [("row", 1)]
    assert table["row"].tolist() == [2]


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "LARGEST_FILE", 10)
    table, faults = read(tmp_path, b"a,b\n1,2\n3,4\n")
    assert table.empty and "is larger than" in faults[0].problem


def test_a_file_with_too_many_rows_is_read_to_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MOST_ROWS", 3)
    whole, none = read(tmp_path, b"a,b\n1,2\n3,4\n5,6\n")
    assert (len(whole), none) == (3, [])
    table, faults = read(tmp_path, b"a,b\n1,2\n3,4\n5,6\n7,8\n9,9\n")
    assert len(table) == 3
    assert [str(f) for f in faults] == [
        "x.csv, row 5: and all below are beyond the 3 rows that a file may have"
    ]


def test_a_file_that_the_system_will_not_read(tmp_path, monkeypatch):
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")

    def refuse(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "read_bytes", refuse)
    _, faults = read_strings(path, "x.csv", ("a",))
    assert faults == [Fault("x.csv", 0, "", "cannot be read (Permission denied)")]


@pytest.mark.parametrize(
    ("text", "line"),
    [("ok", "ok"), ("a\x1b[31mb\tc", "a [31mb c"), ("x" * 80, "x" * 60 + "..."), ("é", "é")],
)
def test_cells_are_shown_on_one_short_line(text, line):
    assert shown(text) == line


def test_faults_are_listed_once_in_order_and_not_without_end(monkeypatch):
    monkeypatch.setattr(reading, "MOST_FAULTS", 2)
    faults = [Fault("b", 3, "", "z"), Fault("a", 9, "", "z"), Fault("b", 1, "", "z"), Fault("b", 2, "", "z")]
    assert [str(f) for f in listed([*faults, *faults])] == [
        "a, row 9: z",
        "b: has 3 faults; the first 2 are listed",
        "b, row 1: z",
        "b, row 2: z",
    ]


def test_toml_faults_are_told_not_raised(tmp_path):
    path = tmp_path / "x.toml"
    assert read_toml(path, "x.toml")[1] == [Fault("x.toml", 0, "", "is missing")]
    for content, problem in ((b"\xff", "is not UTF-8"), (b"a =", "is not readable as TOML")):
        path.write_bytes(content)
        assert problem in read_toml(path, "x.toml")[1][0].problem
    path.write_bytes(b"a = 1")
    assert read_toml(path, "x.toml") == ({"a": 1}, [])


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60), st.booleans())
def test_no_bytes_make_an_exception(tmp_path, content, headed):
    table, faults = read(tmp_path, (b"a,b\n" if headed else b"") + content)
    assert len(table) or faults
    assert all("\n" not in str(f) for f in faults)
