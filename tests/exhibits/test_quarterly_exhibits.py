"""The exhibits and the quoted numbers of the quarterly regimes, from a small made-up result."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from overbuild.core.periods import label, ordinal
from overbuild.errors import InputError
from overbuild.exhibits import numbers_quarterly, quarterly_regimes, utilisation_hazard
from overbuild.exhibits.base import Inputs
from overbuild.exhibits.frames import floats, records, where

HINDCAST = "hindcast on revised data; one event"
BAND = ("q05", "q50", "q95")


def quarter(time: str, level: list[float], use: float | None, bust: float) -> dict[str, Any]:
    year = None if time.endswith("Q1") else [0.1] * len(level)
    return {
        "quarter": time,
        "level": level,
        "growth_year": year,
        "utilisation": use,
        "boom": 1 - bust,
        "bust": bust,
        "bust_q05": bust / 2,
        "bust_q95": (1 + bust) / 2,
        "boom_then": 0.5,
        "bust_then": bust,
    }


def estimate(as_of: str, layers: list[str], first: str, busts: list[float]) -> dict[str, Any]:
    telecom = layers[0] != "capex"
    numbers = range(ordinal(first), ordinal(first) + len(busts))
    levels = [100.0 if b < 0.5 else 40.0 for b in busts]
    window = {"least": 0.1, "mean": 0.5, "largest": 0.8, "largest_then": 0.9, "quarters": 8, "above_90": 6}
    stems = [f"{s}{n}" for s in ("", "prior_") for n in ("ends", "busts")]
    bands = {f"{s}_{q}": v for s in stems for q, v in zip(BAND, (0.1, 0.2, 0.5), strict=True)}
    hazard = [{"utilisation": u} | bands for u in (0.5, 1.0)]
    uses = [(1.1 if b < 0.5 else 0.9) if telecom else None for b in busts]
    gap = {"mean": 0.2, "q05": 0.1, "q95": 0.3}
    slope = {"mean": 0.0, "q05": -0.5, "q95": 0.5, "above_zero": 0.5, "learnt": -0.01, "prior_sd": 0.3}
    names = ("bust_2001_02", "recession_2008_09") if telecom else ("pause_2018_19", "pause_2022_23")
    return {
        "as_of": as_of,
        "parameters": [{"parameter": n, **gap} for n in ("bust_gap", "boom_gap")],
        "findings": {
            "layers": layers,
            "drawdown": {"fall": 0.3, "window_years": 3.0},
            "quarters": [
                quarter(label(n, "Q"), [x] * len(layers), u, b)
                for n, x, u, b in zip(numbers, levels, uses, busts, strict=True)
            ],
            "now": {"normal": 0.1, "boom": 0.8, "bust": 0.1},
            "windows": dict.fromkeys(names, window),
            "slopes": dict.fromkeys(("slack_exit", "slack_bust"), slope),
            "hazard": hazard,
            "learnt": {"chance": -0.02, "depth": 0.3},
            "ahead": [
                {"layer": name, "years": n, "by": f"{int(as_of[:4]) + n}Q4", "probability": n / 100}
                for name in layers
                for n in (2, 3, 4)
            ],
        },
    }


@pytest.fixture
def results() -> dict[str, Any]:
    suppliers = ["supplier_orders", "supplier_shipments"]
    return {
        "estimate_quarterly_ai": estimate("2026-11-22", ["capex"], "2025Q1", [0.0] * 6),
        "estimate_quarterly_telecom": estimate("1999-12-31", suppliers, "1998Q1", [0.0] * 7),
        "estimate_quarterly_telecom_full": estimate("2026-11-22", suppliers, "2000Q1", [0.0] * 5 + [1.0] * 7),
        "hindcasts_quarterly": [
            estimate(f"{y}-12-31", suppliers, f"{y - 1}Q1", [0.0] * 7) for y in range(1997, 2002)
        ],
    }


def inputs(module: Any, results: dict[str, Any]) -> Inputs:
    return Inputs({name: results[name] for name in module.NEEDS})


def test_regimes_are_drawn_with_use_as_a_distance_from_normal(results: dict[str, Any]) -> None:
    made = quarterly_regimes.build(inputs(quarterly_regimes, results))
    telecom = where(made.data, era="telecom")
    np.testing.assert_allclose(floats(telecom, "utilisation"), [0.1] * 5 + [-0.1] * 7)
    assert np.isnan(floats(where(made.data, era="ai"), "utilisation")).all()
    assert (floats(made.data, "bust_q05") <= floats(made.data, "bust")).all()
    assert HINDCAST in made.note and len(made.figure.axes) == 4


def test_forecasts_are_held_against_what_came_true(results: dict[str, Any]) -> None:
    made = utilisation_hazard.build(inputs(utilisation_hazard, results))
    forecasts = where(made.data, panel="forecast")
    assert set(forecasts["first_quarter_down"]) == {"2001Q3"}
    true = {(r["as_of"], r["years"]) for r in records(forecasts) if r["came_true"]}
    assert true == {(y, n) for y in range(1997, 2002) for n in (2, 3, 4) if y + n >= 2001}
    assert len(where(made.data, panel="hazard")) == 2 and HINDCAST in made.note


def test_a_forecast_that_was_not_made_is_left_out(results: dict[str, Any]) -> None:
    results["hindcasts_quarterly"][0]["findings"]["ahead"][0]["probability"] = None
    made = utilisation_hazard.build(inputs(utilisation_hazard, results))
    assert len(where(made.data, panel="forecast")) == 14


def test_every_quoted_number_has_a_value_and_a_text(results: dict[str, Any]) -> None:
    made = numbers_quarterly.numbers(results)
    assert made["ai"]["ahead"]["years_2"]["year"]["text"] == "2028"
    assert made["telecom"]["ahead"]["years_3"]["probability"]["text"] == "0.03"
    assert made["hindcasts"]["2000"]["years_4"]["by"]["text"] == "2004Q4"
    assert made["slack"]["turn"] == {
        "quarter": {"value": "2001Q2", "text": "2001Q2"},
        "percent_before": {"value": pytest.approx(0.1), "text": "10"},
    }
    assert made["ai"]["learnt"]["chance"]["text"] == "0"

    def leaves(node: Any) -> int:
        if set(node) == {"value", "text"}:
            return 1
        return sum(leaves(v) for v in node.values())

    assert leaves(made) > 60


def test_an_estimate_without_a_bust_is_refused(results: dict[str, Any]) -> None:
    for q in results["estimate_quarterly_telecom_full"]["findings"]["quarters"]:
        q["bust"] = 0.1
    with pytest.raises(InputError, match="first quarter of bust"):
        numbers_quarterly.numbers(results)


def test_the_section_quotes_only_numbers_that_there_are(results: dict[str, Any], request: Any) -> None:
    import re

    text = (request.config.rootpath / "paper" / "sections" / "quarterly.typ").read_text()
    made = {"quarterly": numbers_quarterly.numbers(results)}
    names = re.findall(r'#num\("([^"]+)"\)', text)
    names += [f"{n}.{end}" for n in re.findall(r'#between\("([^"]+)"\)', text) for end in ("low", "high")]
    assert len(names) > 30
    for name in names:
        found: Any = made
        for part in name.split("."):
            assert part in found, name
            found = found[part]
        assert set(found) == {"value", "text"}, name
