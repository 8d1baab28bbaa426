"""The table of size and power, and its quoted numbers, from a small made-up result."""

from __future__ import annotations

import re
from typing import Any

import pytest

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.numbers_psy_size import numbers
from overbuild.exhibits.psy_size import ROWS
from overbuild.exhibits.psy_size_shares import PROCESSES, SIZES, shares
from overbuild.exhibits.registry import exhibit, make
from overbuild.exhibits.tables import save, to_typst
from overbuild.explosive.size_design import ADJUSTED, ADJUSTED_ON
from overbuild.locations import paper_dir


def counted(process: str, test: str, values: str) -> int:
    """Return a rule that each number can be checked against by hand."""
    if process not in SIZES:
        return 400
    if values in ("montecarlo", "published"):
        return 310 if process == "volatile" else 50
    return 20 if process == "break_down" else 60


@pytest.fixture(scope="module")
def result() -> dict[str, Any]:
    rows = [
        [n, p, test, values, 1000, counted(p, test, values) // 2, counted(p, test, values)]
        for n in (60, 120)
        for p in PROCESSES
        for test, values in (*ROWS, ("proxy", "wild"))
        if test not in ADJUSTED or p in ADJUSTED_ON
    ]
    rows = [[*r[:5], r[6], None] if r[3] == "published" else r for r in rows]
    return {
        "key": "0", "size": 0.05, "bootstraps": 99, "draws": 10000, "late": 0.05, "rows": rows,
        "columns": ["n", "process", "test", "critical_values", "paths", "sadf", "gsadf"],
        "critical_columns": [], "critical": [],
    }  # fmt: skip


def test_the_table_has_a_row_a_test_and_length(result, tmp_path):
    made = make("psy_size", Inputs({"psy_size": result}))
    assert isinstance(made, Table) and exhibit("psy_size").needs == ("psy_size",)
    assert len(made.frame) == 2 * len(ROWS)
    first = made.frame.iloc[0]
    assert (first["n"], first["test"], first["null"], first["volatile"]) == (60, "plain, MC", "5.0", "31.0")
    adjusted = made.frame[made.frame["test"] == "proxy, MC"].iloc[0]
    assert adjusted["t3"] == "–" and adjusted["hump"] == "40.0"
    assert "0.7 (n = 60), 0.7 (n = 120)" in made.note
    save(made, tmp_path)
    assert "nan" not in to_typst(made).lower()


def test_published_lines_are_in_the_table_of_either_supremum(result):
    key = (60, "volatile", "coefficient", "published")
    assert shares(result)[key] == shares(result, "sadf")[key] == pytest.approx(0.31)
    assert shares(result, "sadf")[(60, "null", "plain0", "montecarlo")] == pytest.approx(0.025)


def test_numbers_by_hand(result):
    found = numbers({"psy_size": result})
    assert found["plain"]["volatile"]["high"]["text"] == "31.0"
    assert found["wild"]["sizes"]["low"]["text"] == "2.0"
    outside = found["outside"]
    # Two lengths and two lags in five processes; the plain test is wrong under stochastic volatility only.
    assert [outside[k]["value"] for k in ("cells", "wrong", "above")] == [20, 4, 4]
    assert [outside["wild"][k]["value"] for k in ("cells", "wrong", "above")] == [16, 4, 4]


def test_the_section_quotes_numbers_that_there_are(result):
    text = (paper_dir() / "sections" / "psy_size.typ").read_text(encoding="utf-8")
    found = {"psy_size": numbers({"psy_size": result}) | {"paths": {"n60": 0, "n120": 0, "n400": 0}}}
    found["psy_size"]["lengths"] = found["psy_size"]["paths"]
    quoted = re.findall(r'num\("([^"]+)"\)', text)
    assert quoted
    for name in quoted:
        place: Any = found
        for part in name.split("."):
            assert part in place, name
            place = place[part]
    body = re.sub(r"#?(num|exhibit|cite)\([^)]*\)|@[\w:]+|\$[^$]*\$|<[\w:]+>", "", text)
    assert not re.search(r"\d", body)
