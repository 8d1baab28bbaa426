"""The blocks of the README are filled, and filling twice is filling once."""

from __future__ import annotations

import pytest

from overbuild.errors import InputError
from overbuild.exhibits.readme import exhibit_table, filled

TEXT = "head\n<!-- numbers:begin -->\nold\n<!-- numbers:end -->\ntail\n"


def test_a_block_is_written_between_its_marks_and_nothing_else_changes() -> None:
    once = filled(TEXT, {"numbers": "new\nlines", "absent": "x"})
    assert once == "head\n<!-- numbers:begin -->\nnew\nlines\n<!-- numbers:end -->\ntail\n"
    assert filled(once, {"numbers": "new\nlines"}) == once
    assert filled(once, {"numbers": "old"}) == TEXT


def test_an_empty_block_is_filled() -> None:
    text = "<!-- numbers:begin -->\n<!-- numbers:end -->"
    assert filled(text, {"numbers": "n"}) == "<!-- numbers:begin -->\nn\n<!-- numbers:end -->"


def test_a_block_without_an_end_is_refused() -> None:
    with pytest.raises(InputError, match="without '<!-- numbers:end -->'"):
        filled("<!-- numbers:begin -->\ntext", {"numbers": "n"})


def test_every_exhibit_is_listed_with_its_program() -> None:
    table = exhibit_table({"two_eras": {"kind": "table", "title": "A | B", "note": ""}})
    assert (
        r"| A \| B | `research/overbuild/exhibits/two_eras.py` | `paper/tables/two_eras.{csv,typ,tex}` |"
        in table
    )
