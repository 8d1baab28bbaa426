"""The exhibits and numbers of the inside view show what was filed; a made-up result, nothing is simulated."""

from __future__ import annotations

import re
from typing import Any

import pytest

from overbuild.exhibits.base import Figure, Inputs, Table
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.inside_variants import VARIANTS
from overbuild.exhibits.numbers_inside_view import HORIZONS, NAMES, numbers
from overbuild.exhibits.registry import make
from overbuild.exhibits.style import applied
from overbuild.exhibits.tables import save
from overbuild.locations import paper_dir

LEVELS = ("q05", "q25", "q50", "q75", "q95")
QUARTERS = [f"{y}Q{q}" for y in (2027, 2028) for q in (1, 2, 3, 4)]
EVENTS = tuple(NAMES)


def fan(middle: float, count: int) -> dict[str, list[float]]:
    return {q: [middle * (0.5 + 0.25 * k) + 0.01 * t for t in range(count)] for k, q in enumerate(LEVELS)}


def joint(spending: float) -> dict[str, Any]:
    return {
        "probability": [0.3, 0.05, spending],
        "composite": 0.09,
        "composite_error": 0.01,
        "independent": 0.08,
        "pairs": [
            {"pair": list(p), "phi": 0.2, "phi_error": 0.02, "within": 0.1}
            for p in (("O1", "O2"), ("O1", "O3"), ("O2", "O3"))
        ],
    }


def chances(p: float) -> list[dict[str, Any]]:
    return [{"event": e, "by": h, "probability": p} for h in HORIZONS for e in EVENTS]


def inside() -> dict[str, Any]:
    return {
        "inputs": {"draws": 600, "paths": 24000, "last": "2026Q2", "takeoff": "2022Q4"},
        "forecasts": [
            {
                "event": e,
                "by": h,
                "probability": 0.2,
                "mc_error": 0.01,
                "spread": [0.0, 0.1, 0.6],
                "evidence": "paths",
                "status": "ok",
                "abstains": "",
            }
            for h in HORIZONS
            for e in EVENTS
        ],
        "learnt": [
            {"event": e, "by": h, "learnt": 0.4, "low": None if e == "composite" else 0.3, "high": 0.5}
            for h in HORIZONS
            for e in EVENTS
        ],
        "dependence": [{"by": h, "feedback": joint(0.2), "one_way": joint(0.1)} for h in HORIZONS],
        "prior": chances(0.4),
        "one_way": chances(0.15),
        "rates": [
            {"rate": r, "by": h, "O1": r, "composite": r / 2} for h in HORIZONS for r in (0.08, 0.1, 0.12)
        ],
        "fans": {
            "quarters": QUARTERS,
            "capex_year": fan(900e3, 8),
            "use": fan(1.0, 8),
            "price_over_cost": fan(1.2, 8),
            "value_over_cost": {"quarters": list(HORIZONS), **fan(1.5, 3)},
            "past": {"quarters": ["2020Q4", "2026Q4"], "capex_year": [100e3, 600e3]},
        },
        "checks": {
            "identities": {"capital": 1e-15, "cash": 3e-14, "passed": True},
            "nested": {"worst_difference": 0.01, "horizons": [{"states": 400}]},
        },
        "variants": [
            {"variant": v, "by": h, "O1": 0.3, "O2": 0.05, "O3": 0.2, "composite": 0.1}
            for v in VARIANTS
            for h in HORIZONS
        ],
        "not_simulated": {
            "rows": [
                {"firm": f, "quarters": n, "first": "2024Q1", "last": "2026Q2", "capex": 1234.5}
                for f, n in (("CoreWeave", 8), ("Nebius", 1))
            ]
        },
        "later": [
            {"run": r, "years": y, "use": 0.7, "price_over_cost": 0.8}
            for r in ("feedback", "one_way")
            for y in (5, 10, 15)
        ],
        "contracts": {
            "years": 6.0,
            "simulated_years": 4.5,
            "premium": {"q50": 0.8},
            "renewal": {"q50": 0.27},
            "simulated": {"q50": 0.45},
        },
    }


def telecom() -> list[dict[str, Any]]:
    return [
        {
            "as_of": f"{y}-12-31",
            "checks_passed": {"nested": True, "prior_predictive": y != 1997},
            "forecasts": [{"event": "O3", "by": f"{y + h}Q4", "probability": 0.01 * h} for h in (2, 3, 4)],
        }
        for y in range(1997, 2002)
    ]


def made(identity: str) -> Figure | Table:
    with applied():
        return make(identity, Inputs({"inside_view": inside()}))


def test_the_fans_are_those_of_the_result() -> None:
    figure = made("inside_fans")
    assert isinstance(figure, Figure)
    spending = where(where(figure.data, panel="A"), kind="fan")
    assert floats(spending, "q50")[0] == pytest.approx(900.0)
    assert len(where(figure.data, panel="D")) == len(HORIZONS)
    assert "24,000" in figure.note


@pytest.mark.parametrize("identity", ["joint_events", "inside_learnt", "inside_variants", "neoclouds"])
def test_tables_can_be_saved(identity: str, tmp_path: Any) -> None:
    table = made(identity)
    assert isinstance(table, Table)
    assert all(p.is_file() for p in save(table, tmp_path))


def test_the_joint_table_has_both_runs_of_each_horizon() -> None:
    table = made("joint_events")
    assert isinstance(table, Table)
    assert table.frame["run"].tolist() == ["Feedback", "One-way"] * 3
    assert table.frame["O3"].tolist() == pytest.approx([20, 10] * 3)


def test_the_table_of_learnt_shares_shows_prior_and_one_way() -> None:
    table = made("inside_learnt")
    assert isinstance(table, Table)
    row = table.frame.iloc[0]
    assert (row["prior"], row["one_way"], row["probability"]) == pytest.approx((40, 15, 20))


def test_every_number_of_the_section_is_given() -> None:
    given = numbers({"inside_view": inside(), "inside_view_telecom": telecom()})
    text = (paper_dir() / "sections" / "inside_view.typ").read_text(encoding="utf-8")
    quoted = re.findall(r'#num\("inside_view\.([a-z0-9_.]+)"\)', text)
    quoted += [
        f"{n}.{end}"
        for n in re.findall(r'#between\("inside_view\.([a-z0-9_.]+)"\)', text)
        for end in ("low", "high")
    ]
    assert quoted
    for name in quoted:
        found: Any = given
        for key in name.split("."):
            found = found[key]
        assert "text" in found, name
