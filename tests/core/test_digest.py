"""Digests: equal for equal content, different for anything else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overbuild.core import Event, digest_of, digest_table
from overbuild.core.digest import digest_file

TABLE = pd.DataFrame(
    {
        "series": ["capex", "capex", "revenue"],
        "period": ["1999", "2000", "2000"],
        "value": [1.5, np.nan, 3.0],
        "count": [1, 2, 3],
        "available_from": [date(2000, 3, 1), date(2001, 3, 1), date(2001, 3, 1)],
        "note": ["", "revised, twice", "a|b"],
    }
)


@dataclass(frozen=True)
class Prior:
    mean: float
    reason: str


@dataclass(frozen=True)
class Dial:
    mean: float
    reason: str


@dataclass(frozen=True)
class Pair:
    first: Any


def test_the_digest_is_the_same_on_every_machine() -> None:
    assert digest_of("a", 1, 2.5, None, date(2026, 11, 22)) == (
        "f0674672cf442dc98a8cdb819065baf33b326a161cf9575becc7238e1d1d83fe"
    )


@given(st.permutations(range(3)), st.permutations(list(TABLE.columns)))
@settings(max_examples=30)
def test_order_of_rows_and_columns_does_not_matter(rows: list[int], columns: list[str]) -> None:
    shuffled = TABLE.iloc[rows][columns]
    assert digest_table(shuffled) == digest_table(TABLE)
    assert digest_table(shuffled.reset_index(drop=True)) == digest_table(TABLE)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("series", "capex2"),
        ("period", "1998"),
        ("value", np.nextafter(1.5, 2)),
        ("value", np.nan),
        ("count", 7),
        ("available_from", date(2000, 3, 2)),
        ("note", " "),
    ],
)
def test_any_cell_counts(column: str, value: object) -> None:
    changed = TABLE.astype(object)
    changed.loc[0, column] = value
    assert digest_table(TABLE.astype(object)) == digest_table(TABLE)
    assert digest_table(changed) != digest_table(TABLE)


def test_columns_and_multiplicity_count() -> None:
    assert digest_table(TABLE.rename(columns={"note": "notes"})) != digest_table(TABLE)
    assert digest_table(TABLE.drop(columns="note")) != digest_table(TABLE)
    assert digest_table(pd.concat([TABLE, TABLE.iloc[:1]])) != digest_table(TABLE)
    assert digest_table(TABLE.iloc[:0]) != digest_table(TABLE.iloc[:0].drop(columns="note"))


def test_cells_do_not_run_into_each_other() -> None:
    one = pd.DataFrame({"a": ["x\x1fy"], "b": ["z"]})
    other = pd.DataFrame({"a": ["x"], "b": ["y\x1fz"]})
    assert digest_table(one) != digest_table(other)
    assert digest_table(pd.DataFrame({"a": ["x\x1ey"]})) != digest_table(pd.DataFrame({"a": ["x", "y"]}))


def test_missing_is_empty_and_nothing_else() -> None:
    empty = digest_table(pd.DataFrame({"a": [""]}))
    for missing in (None, np.nan, pd.NaT, pd.NA):
        assert digest_table(pd.DataFrame({"a": pd.Series([missing], dtype=object)})) == empty
    for text in ("NaT", "nan", "None", "<NA>", "0"):
        assert digest_table(pd.DataFrame({"a": [text]})) != empty


def test_text_and_numbers_and_dates_differ_in_tables() -> None:
    cells = [1, 1.0, "1", "1.0", True, date(2000, 1, 1), "2000-01-01"]
    digests = [digest_table(pd.DataFrame({"a": pd.Series([c], dtype=object)})) for c in cells]
    assert len(set(digests)) == len(cells)


def test_types_count() -> None:
    values = [
        1,
        1.0,
        "1",
        True,
        None,
        "",
        [],
        {},
        [1],
        [[1]],
        {"a": 1},
        {"a": "1"},
        {1: "a"},
        {"1": "a"},
        date(2000, 1, 1),
        "2000-01-01",
        np.array([1.0]),
        np.array([1]),
        np.array(["1"]),
        np.array(["a", None], dtype=object),
        np.array(["a", 1], dtype=object),
        np.array([[1.0]]),
        np.array(1.0),
        Prior(1.0, "x"),
        Dial(1.0, "x"),
        Pair(Prior(1.0, "x")),
        Pair(Dial(1.0, "x")),
        Pair({"mean": 1.0, "reason": "x"}),
        {"mean": 1.0, "reason": "x"},
    ]
    assert len({digest_of(v) for v in values}) == len(values)
    assert digest_of("a", "b") != digest_of("ab") != digest_of(["a", "b"])


def test_what_is_the_same() -> None:
    assert digest_of({"a": 1, "b": {"c": 2, "d": 3}}) == digest_of({"b": {"d": 3, "c": 2}, "a": 1})
    assert digest_of((1, 2)) == digest_of([1, 2])
    assert digest_of(np.float64(0.1), np.int64(3), np.bool_(True)) == digest_of(0.1, 3, True)
    grid = np.arange(6.0).reshape(2, 3)
    assert digest_of(np.asfortranarray(grid)) == digest_of(grid)
    assert digest_of(np.nan) == digest_of(float("nan"))


@given(st.dictionaries(st.text(), st.integers() | st.floats(allow_nan=False) | st.text(), max_size=5))
def test_insertion_order_of_mappings(content: dict[str, Any]) -> None:
    assert digest_of(content) == digest_of(dict(reversed(content.items())))


def test_events_have_digests() -> None:
    event = Event("O3", "primary", "capex", "drawdown", "2028", {"fall": 0.3, "window_years": 3})
    again = Event("O3", "primary", "capex", "drawdown", "2028", {"window_years": 3, "fall": 0.3})
    assert digest_of(event) == digest_of(again)
    assert digest_of(event) != digest_of(event.with_thresholds(fall=0.4))


@pytest.mark.parametrize("value", [{1, 2}, object(), Path("x"), b"x", TABLE])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="canonical form"):
        digest_of(value)


def test_files(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(b"abc")
    assert digest_file(file) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
