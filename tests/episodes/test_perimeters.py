"""Who is the sector: episodes written out, booms in one entry each, and a bad file."""

from __future__ import annotations

import pytest

from overbuild.episodes.perimeters import read_perimeters
from overbuild.errors import DataError

FILE = """
[outside_view]
series = ["x", "y"]

[ai]
title = "AI"
series = ["capex_cash", "x"]

[[booms]]
episode = "canals"
title = "Canals"
series = "canal_miles"
entity = "United States"
unit = "miles"
meaning = "Miles built"

[[booms]]
episode = "highways"
title = "Highways"
series = "bea_highways"
entity = "United States"
unit = "USD million"
meaning = "Spending"
"""


def test_booms_and_common_series(tmp_path):
    path = tmp_path / "perimeter.toml"
    path.write_text(FILE)
    perimeters = read_perimeters(path)
    assert set(perimeters) == {"ai", "canals", "highways"}
    assert perimeters["ai"]["series"] == ["capex_cash", "x", "y"]
    canals, highways = perimeters["canals"], perimeters["highways"]
    assert [r["name"] for r in canals["layers"]] == ["capex"]
    assert canals["layers"][0]["grades"] == ["A", "B", "C"]
    assert [r["name"] for r in highways["layers"]] == ["capex", "gdp"]
    assert "gdp_annual" in highways["series"] and "gdp_annual" not in canals["series"]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('unit = "miles"\n', "", "is not laid out as perimeters are .'unit'."),
        ('title = "AI"\nseries = ["capex_cash", "x"]', 'title = "AI"', "is not laid out as perimeters are"),
        ("[ai]", "[ai", "is not readable as TOML"),
    ],
)
def test_a_bad_perimeter_is_named(tmp_path, old, new, problem):
    path = tmp_path / "perimeter.toml"
    assert old in FILE
    path.write_text(FILE.replace(old, new))
    with pytest.raises(DataError, match=problem):
        read_perimeters(path)


def test_no_file(tmp_path):
    with pytest.raises(DataError, match=r"perimeter\.toml: is missing"):
        read_perimeters(tmp_path / "perimeter.toml")
