"""The exhibits of the annual regimes draw what the model found, and the text quotes it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from overbuild.errors import InputError
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.numbers_regimes import numbers
from overbuild.exhibits.registry import HINDCAST, make

MEMBERS = ("telecom", "bea_highways", "bea_electric_structures", "big_five", "cloud")


def regimes(first: int, last: int) -> list[dict[str, float]]:
    return [
        {"year": y, "normal": 0.5, "boom": 0.3 + 0.001 * (y - first), "bust": 0.2}
        for y in range(first, last + 1)
    ]


def spell(boom: str, largest: float) -> dict[str, Any]:
    return {"boom": boom, "mean_bust": 0.01, "largest_bust": largest, "year": 2002}


def findings() -> dict[str, Any]:
    fall = [
        {"by": f"{y}Q4", "probability": 0.1, "q05": 0.0, "q50": 0.1, "q95": 0.3} for y in range(2027, 2031)
    ]
    fan = [
        {"period": f"{y}Q{q}", "q05": 3e5, "q25": 4e5, "q50": 6e5, "q75": 8e5, "q95": 9e5}
        for y in range(2027, 2030)
        for q in range(1, 5)
    ]
    return {
        "members": [{"member": m, "first": 2000, "last": 2009, "fitted": m != "cloud"} for m in MEMBERS],
        "regimes": {
            "telecom": regimes(1948, 2017),
            "bea_highways": regimes(1948, 2017),
            "bea_electric_structures": regimes(1948, 2017),
            "big_five": regimes(2020, 2026),
            "cloud": regimes(2014, 2024),
        },
        "quiet": [
            spell(n, 0.05)
            for n in ("interstates", "postwar power", "mobile", "cloud", "cloud, five firms' sum")
        ],
        "loud": [spell("telecom", 0.8), spell("turbines 2000s", 0.3)],
        "now": {"normal": 0.3, "boom": 0.6, "bust": 0.1},
        "next_year": {"mean": 0.09, "q05": 0.01, "q95": 0.25},
        "past": [{"period": f"{y}Q4", "value": 1e5 * (y - 2018)} for y in range(2019, 2027)],
        "fan": fan,
        "falls": fall,
        "threshold": 5.6e5,
        "without_telecom": {
            "regimes": regimes(1990, 2017),
            "loud": [spell("telecom", 0.7)],
            "falls": fall,
        },
    }


def forecast(by: str, happened: bool | None = None) -> dict[str, Any]:
    made = {"event": "O3", "by": by, "probability": 0.12, "spread": [0.01, 0.1, 0.3]}
    return made if happened is None else made | {"happened": happened}


@pytest.fixture
def results() -> dict[str, Any]:
    names = ("after_boom", "boom_gap", "bust_gap", "firm_growth")
    row = {"mean": 0.5, "q05": 0.2, "q95": 0.9, "learnt": 0.3}
    return {
        "estimate_regimes_ai": {
            "findings": findings(),
            "forecasts": [forecast("2028Q4"), {"event": "O2", "by": "2028Q4", "probability": None}],
            "parameters": [row | {"parameter": n} for n in names],
        },
        "hindcasts_regimes": [
            {
                "as_of": f"{y}-12-31",
                "forecasts": [forecast(f"{y + h}Q4", y + h >= 2002) for h in (2, 3, 4)],
            }
            for y in range(1997, 2002)
        ],
    }


def test_regimes_are_drawn_by_year_and_telecom_also_left_out(results: dict[str, Any]) -> None:
    made = make("regime_probabilities", Inputs({"estimate_regimes_ai": results["estimate_regimes_ai"]}))
    assert isinstance(made, Figure) and HINDCAST in made.note
    telecom = where(made.data, series="telecom")
    assert np.isfinite(floats(telecom, "left_out")).sum() == 28
    joined = where(made.data, series="hyperscalers")
    assert list(joined["year"]) == list(range(2014, 2027))
    assert ((floats(made.data, "boom") >= 0) & (floats(made.data, "boom") <= 1)).all()


def test_the_fan_has_its_bands_and_the_hindcasts_what_happened(results: dict[str, Any]) -> None:
    made = make("regime_fan", Inputs(results))
    assert isinstance(made, Figure) and HINDCAST in made.note
    fan = where(made.data, panel="fan")
    assert (floats(fan, "q05") <= floats(fan, "q95")).all()
    hindcasts = where(made.data, panel="hindcasts")
    assert len(hindcasts) == 15 and set(hindcasts["ahead"]) == {2, 3, 4}
    assert hindcasts["happened"].tolist().count(True) == 9


def test_numbers_are_those_of_the_findings(results: dict[str, Any]) -> None:
    found = numbers(results)
    assert found["members"]["value"] == 4 and found["rates"]["value"] == 40
    assert found["ai"]["probability"]["text"] == "0.12"
    assert found["telecom"]["left_out"]["value"] == 0.7
    assert found["hindcasts"]["true"]["value"] == 9 and set(found["hindcasts"]["four"]) == {
        f"y{y}" for y in range(1997, 2002)
    }


def test_what_the_text_quotes_must_be_there(results: dict[str, Any]) -> None:
    results["estimate_regimes_ai"]["findings"]["loud"] = []
    with pytest.raises(InputError, match="boom telecom"):
        numbers(results)
