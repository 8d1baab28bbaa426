"""The paper quotes only numbers that were built, and cites only works that it lists."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
import typst

from overbuild.locations import data_dir, require_root

PAPER = require_root() / "paper"


def _compiled(folder: Path, text: str) -> bytes:
    (folder / "template.typ").write_text((PAPER / "template.typ").read_text())
    (folder / "numbers.json").write_text(json.dumps({"ai": {"capex": {"value": 1, "text": "566"}}}))
    (folder / "exhibits.json").write_text(
        json.dumps({"one": {"kind": "table", "title": "One", "note": "$5 #x *y*"}})
    )
    (folder / "tables").mkdir()
    (folder / "tables" / "one.typ").write_text('#table("a")\n')
    (folder / "main.typ").write_text(f'#import "template.typ": *\n{text}\n')
    pdf = typst.compile(folder / "main.typ", format="pdf", ignore_system_fonts=True)
    assert isinstance(pdf, bytes)
    return pdf


def test_numbers_and_exhibits_are_shown(tmp_path: Path) -> None:
    assert _compiled(tmp_path, '#num("ai.capex") #exhibit("one") @tab:one').startswith(b"%PDF")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('#num("ai.revenue")', "numbers.json has no number 'ai.revenue'"),
        ('#num("ai")', "'ai' in numbers.json is not a number"),
        ('#num("ai.capex.deep")', "numbers.json has no number 'ai.capex.deep'"),
        ('#exhibit("two")', "no exhibit 'two' was built"),
    ],
)
def test_what_is_missing_stops_the_paper(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(typst.TypstError, match=re.escape(message)):
        _compiled(tmp_path, text)


def test_the_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    text = '#show: paper.with(title: "T", authors: "A", jel: ("C11",), keywords: ("k",))\n#exhibit("one")'
    assert _compiled(tmp_path / "a", text) == _compiled(tmp_path / "b", text)


def test_every_data_file_is_in_the_references() -> None:
    keys = set(re.findall(r"^@\w+\{(\w+),", (PAPER / "references.bib").read_text(), re.MULTILINE))
    with (data_dir() / "catalogue.csv").open(encoding="utf-8", newline="") as lines:
        cited = {row["citation_key"] for row in csv.DictReader(lines)}
    assert cited <= keys
    assert cited <= set(re.findall(r"@(\w+)", (PAPER / "main.typ").read_text()))


def test_no_package_is_fetched() -> None:
    for name in ("main.typ", "template.typ"):
        assert "@preview" not in (PAPER / name).read_text()


def test_results_are_not_typed_into_the_text() -> None:
    """No decimals and no figures in billions but those read from numbers.json."""
    text = (PAPER / "main.typ").read_text()
    prose = re.sub(r"#(?:num|between|cite)\([^)]*\)|<[^>]*>", "", text.partition("= Introduction")[2])
    assert re.findall(r"\d+\.\d+|USD \d+|\d+ billion|\d+ %", prose) == []
