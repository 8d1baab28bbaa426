"""What an exhibit needs is read from its source; one that is not declared as it should be is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from overbuild.errors import InputError, UnknownNameError
from overbuild.exhibits.base import Inputs
from overbuild.exhibits.registry import exhibit, exhibits, make

GOOD = """
from overbuild.exhibits.base import Figure
ID = "good"
NEEDS = ("measures_ai",)
DATA: tuple[str, ...] = ("telecom/fibre.csv",)
def build(inputs) -> Figure: ...
"""


def test_declarations_are_read_without_running_the_module(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text(GOOD + "raise SystemExit\n")
    (tmp_path / "helper.py").write_text("def build(): ...\n")
    (found,) = exhibits(tmp_path)
    assert (found.id, found.kind) == ("good", "figure")
    assert (found.needs, found.data) == (("measures_ai",), ("telecom/fibre.csv",))
    assert found.files(tmp_path)["svg"] == tmp_path / "figures" / "good.svg"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('ID = "good"', 'ID = "other"', "it must be the module's name, 'good'"),
        ("-> Figure", "", "annotated '-> Figure' or '-> Table'"),
        ('("measures_ai",)', 'tuple("a")', "NEEDS must be a tuple of strings written out"),
        ('("telecom/fibre.csv",)', '["telecom/fibre.csv"]', "DATA must be a tuple of strings written out"),
    ],
)
def test_a_wrong_declaration_is_told(tmp_path: Path, old: str, new: str, message: str) -> None:
    (tmp_path / "good.py").write_text(GOOD.replace(old, new))
    with pytest.raises(InputError, match=message):
        exhibits(tmp_path)


def test_every_exhibit_of_the_paper_is_declared() -> None:
    assert "share_of_gdp" in {e.id for e in exhibits()}
    with pytest.raises(UnknownNameError, match="No exhibit 'nothing'"):
        exhibit("nothing")


def test_both_build_outs_are_drawn_from_the_measures() -> None:
    rows = [
        {"period": str(y), "perimeter": p, "share_of_gdp": s}
        for p in ("big_five", "narrow", "broad")
        for y, s in ((2000, 0.5), (2001, 0.9), (2002, None))
    ]
    trailing = [{"period": "2002Q2", "share_of_gdp": 1.1}]
    measures = {"take_off": "2000", "annual": rows, "trailing": trailing}
    made = make(
        "share_of_gdp", Inputs({"measures_ai": measures, "measures_telecom": {**measures, "trailing": []}})
    )
    data = made.data  # pyright: ignore[reportAttributeAccessIssue]
    assert list(data["boom"].value_counts()[["ai", "telecom", "telecom_broad"]]) == [3, 2, 2]
    assert list(data.query("kind == 'trailing year'")["years_since_take_off"]) == [1.5]
    assert "hindcast on revised data; one event" in made.note
