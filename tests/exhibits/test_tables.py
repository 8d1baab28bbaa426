"""One frame gives the same table in CSV, typst and LaTeX, whatever characters it holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import typst

from overbuild.errors import UnknownNameError
from overbuild.exhibits.base import Table
from overbuild.exhibits.tables import (
    alignment,
    cells,
    latex_text,
    save,
    to_csv,
    to_latex,
    to_typst,
    typst_string,
)

NASTY = [
    "#let x = 1",
    "$5 & 10%",
    "a_b^c",
    "*bold* _it_",
    "<label> @cite",
    'quote " and \\ slash',
    "// no comment",
    "[x] {y} ~ |",
    "= head\n- item",
    "Müller’s “x” – 5 ≥ 4",
]


def table_of(frame: pd.DataFrame, **options: object) -> Table:
    return Table("toy", "A toy", "Source: none.", frame, **options)  # pyright: ignore[reportArgumentType]


def test_numbers_are_written_by_their_format() -> None:
    frame = pd.DataFrame({"a": [1.2345, -1234.5], "b": [0.125, -0.5], "c": [1, -2], "d": [1999.0, 2000.0]})
    written = cells(table_of(frame, formats={"a": ",.1f", "b": ".1%", "d": ".0f"}))
    assert written == [["1.2", "12.5\u202f%", "1", "1999"], ["−1,234.5", "−50.0\u202f%", "−2", "2000"]]


def test_a_number_that_rounds_to_nothing_has_no_sign() -> None:
    assert cells(table_of(pd.DataFrame({"a": [-0.001, -0.0]}), formats={"a": ".1f"})) == [["0.0"], ["0.0"]]


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT])
def test_a_missing_value_is_a_dash(missing: object) -> None:
    frame = pd.DataFrame({"a": pd.Series([1.5, missing], dtype=object)})
    assert cells(table_of(frame)) == [["1.50"], ["–"]]


def test_truth_is_written_in_words() -> None:
    frame = pd.DataFrame({"a": pd.Series([True, np.bool_(False), None], dtype=object)})
    assert cells(table_of(frame)) == [["yes"], ["no"], ["–"]]


def test_numbers_stand_right_and_text_left_unless_the_table_says() -> None:
    frame = pd.DataFrame({"a": ["x", "y"], "b": [1, None], "c": [True, False]})
    assert alignment(table_of(frame)) == "lrl"
    assert alignment(table_of(frame, align="rcp")) == "rcp"


def test_csv_keeps_raw_values() -> None:
    frame = pd.DataFrame({"a": [1 / 3, None], "b": ['x "y", z', "−"]})
    assert to_csv(frame) == 'a,b\n0.333333333333,"x ""y"", z"\n,−\n'


@pytest.mark.parametrize("text", NASTY)
def test_typst_shows_every_character_as_it_is(text: str) -> None:
    source = f"#let cell = {typst_string(text)}\n#metadata(cell) <cell>"
    assert typst.query(source.encode(), "<cell>", field="value", one=True) == _json(text)


def _json(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False)


def test_typst_compiles_a_table_of_nasty_cells() -> None:
    frame = pd.DataFrame({"text #": NASTY, "number": range(len(NASTY))})
    source = to_typst(table_of(frame, align="pr"))
    assert typst.compile(source.encode(), format="svg", ignore_system_fonts=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50% of $5 & more_", r"50\% of \$5 \& more\_"),
        (r"a\b{c}", r"a\textbackslash{}b\{c\}"),
        ("x^2 ~ y <z>", r"x\textasciicircum{}2 \textasciitilde{} y \textless{}z\textgreater{}"),
        ("1996–2002 − 5\u202f%", r"1996--2002 $-$ 5\,\%"),
        ("Müller", "Müller"),
    ],
)
def test_latex_characters_are_written_out(text: str, expected: str) -> None:
    assert latex_text(text) == expected


def test_latex_has_rules_a_caption_and_the_note() -> None:
    frame = pd.DataFrame({"firm": ["[A]", "B & C"], "share": [0.5, None]})
    text = to_latex(table_of(frame, formats={"share": ".0%"}, headings={"share": "Share (%)"}))
    assert [line for line in text.splitlines() if "rule" in line] == [
        r"\toprule",
        r"\midrule",
        r"\bottomrule",
    ]
    assert r"\caption{A toy}\label{tab:toy}" in text
    assert r"firm & Share (\%) \\" in text
    assert r"{}[A] & 50\,\% \\" in text
    assert r"B \& C & -- \\" in text
    assert "Source: none." in text


def test_saving_gives_three_files_with_the_same_bytes_twice(tmp_path: Path) -> None:
    table = table_of(pd.DataFrame({"a": [1.0]}))
    files = save(table, tmp_path)
    first = [f.read_bytes() for f in files]
    assert [f.name for f in save(table, tmp_path)] == ["toy.csv", "toy.typ", "toy.tex"]
    assert [f.read_bytes() for f in files] == first


def test_what_the_table_says_must_fit_its_columns() -> None:
    frame = pd.DataFrame({"a": [1.0]})
    with pytest.raises(ValueError, match="expected one of l, r, c, p for each of 1 columns"):
        table_of(frame, align="lr")
    with pytest.raises(UnknownNameError, match=r"No column named in formats 'b'\. Available: a"):
        table_of(frame, formats={"b": ".1f"})
    with pytest.raises(ValueError, match="needs a note"):
        Table("toy", "A toy", " ", frame)
    with pytest.raises(ValueError, match="without a full stop"):
        Table("toy", "A toy.", "note", frame)
