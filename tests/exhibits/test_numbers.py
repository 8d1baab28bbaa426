"""Quoted numbers carry their value and their text, and a number that is not known is not quoted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from overbuild.errors import InputError
from overbuild.exhibits.numbers_outside import basis, readings
from overbuild.exhibits.quoting import billion, count, percent, plain, quantile, quoted
from overbuild.locations import require_root


def leaves(found: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(found, dict) and "text" not in found:
        for key, value in found.items():
            yield from leaves(value, f"{name}.{key}".strip("."))
    else:
        yield name, found


def test_numbers_are_written_as_the_text_prints_them() -> None:
    assert billion(1234.56, "x") == {"value": 1234.56, "text": "1,235"}
    assert percent(0.4125, "x", 1) == {"value": 0.4125, "text": "41.2"}
    assert plain(-0.5, "x") == {"value": -0.5, "text": "−0.50"}
    assert count(30595, "x")["text"] == "30,595"
    assert quoted("2000", "2000") == {"value": "2000", "text": "2000"}


def test_a_number_that_is_not_known_is_not_quoted() -> None:
    with pytest.raises(InputError, match="The text quotes the peak, which is not known"):
        billion(None, "the peak")


def test_quantiles_interpolate() -> None:
    assert quantile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert quantile([0.0, 1.0], 0.05) == pytest.approx(0.05)
    assert quantile([7.0], 0.95) == 7.0


def test_every_number_on_file_has_a_value_and_a_text() -> None:
    path = require_root() / "paper" / "numbers.json"
    for name, leaf in leaves(json.loads(path.read_text())):
        assert set(leaf) == {"value", "text"}, name
        assert leaf["text"] != "", name
        assert "nan" not in leaf["text"], name


def test_the_series_years_behind_the_headline_are_found_by_what_they_lead_to() -> None:
    rows = [
        {"peak_years": 3, "state": "in_force", "k": k, "h": h, "mean": m, "cases": 9, "series": 4, "falls": f}
        for k, h, m, f in ((0, 2, 0.1, 1), (0, 3, 0.3, 3), (1, 2, 0.36, 4), (1, 3, 0.51, 5))
    ]
    found = basis({"probability": 0.44}, {"conditional": rows}, 3)
    assert {name: leaf["value"] for name, leaf in found.items()} == {
        "age": 1,
        "cases": 9,
        "series": 4,
        "falls_2": 4,
        "falls_3": 5,
    }
    with pytest.raises(InputError, match=r"0 ages lead to 0\.4500"):
        basis({"probability": 0.45}, {"conditional": rows}, 3)


def test_readings_are_those_of_the_date_of_the_headline() -> None:
    said = [{"by": by, "probability": p} for by, p in (("2028Q4", 0.1), ("2028Q4", 0.3), ("2030Q4", 0.9))]
    found = readings({"by": "2028Q4", "probability": 0.2}, {"readings": said})
    assert [found[name]["value"] for name in ("rules", "median", "lower")] == [2, 0.2, 1]
