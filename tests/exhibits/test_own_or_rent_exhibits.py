"""The exhibits and numbers of own or rent draw what finance filed; a made-up result, nothing is solved."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from typing import Any

import pytest

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs, Table
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.numbers_own_or_rent import numbers
from overbuild.exhibits.registry import make
from overbuild.locations import paper_dir

FIGURES, TABLES = ("own_or_rent_frontier",), ("rented_share_grid", "rental_market_channels")


def point(owned: float, rented: float, cost: float, cvar: float) -> dict[str, Any]:
    return {
        "weight": 0.0, "owned": owned, "rented": rented, "rented_share": rented / (owned + rented),
        "case": "both", "cost": cost, "cvar": cvar, "gap": 0.0,
    }  # fmt: skip


def ends(middle: float) -> dict[str, float]:
    return {"q05": middle - 0.1, "q50": middle, "q95": middle + 0.2, "above": 0.3}


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    channels = ("level", "fully_pooled", "pool", "entry", "without", "with", "change", "in_all")
    return {
        "rented_shares": {
            "contract": {"gpus": 76_000, "price": 2.91, "prepayment": 0.2},
            "as_filed": {"own_years": 7, "premium": 0.9, "rented_share": 0.0},
            "least_risk": {"draws": 100, "no_more_rented": 0.9, "more_committed": 1.0},
            "all_cost_counts": point(3.1, 0.0, 7.0, 9.0),
            "draws": 1000,
            "central": {
                "spec": {"own_cost": 2.9, "rent_price": 2.91, "own_years": 6, "rent_years": 4},
                "level": 0.95,
                "draws": 4000,
                "cheapest": point(0.9, 0.2, 4.3, 7.5),
                "only_owning": point(1.0, 0.0, 4.31, 7.45),
                "frontier": [
                    point(0.9, 0.2, 4.3, 7.5),
                    point(1.1, 0.1, 4.33, 7.0),
                    point(1.3, 0.0, 4.45, 6.3),
                    point(1.9, 0.0, 5.1, 5.4),
                ],
            },
            "grid": [
                {"volatility": v, "premium": p, "rented_share": min(v * p, 1.0), "total": 1.0, "case": "both"}
                for v in (0.1, 0.3, 0.6)
                for p in (0.8, 1.0, 1.2)
            ],
            "premium": ends(1.0),
            "share": ends(0.2) | {"mean": 0.3},
            "cases": {"both": 0.5, "own only": 0.3, "rent only": 0.15, "neither": 0.05},
            "all_on_spot": {"cases": {"neither": 0.6}, "frontier": [point(0.0, 1.0, 3.0, 7.0)]},
            "drivers": {"premium": 0.6, "own_years": -0.4, "volatility": 0.1},
            "cost_ratio": {"q05": 0.9, "q50": 0.99, "q95": 1.0},
            "handed": {"cost_of_idle_saved": ends(0.0)},
            "market": {"firms": 5, "needs_more": 0.4} | {n: ends(1.0) for n in channels},
            "context": {
                "commitments": {
                    "microsoft_neoclouds_tally_2025": {"value": 60_000.0, "grade": "C"},
                    "microsoft_leases_2026": {"value": 329_100.0, "grade": "B"},
                },
                "prices": [],
            },
        }
    }


@pytest.mark.parametrize("identity", [*FIGURES, *TABLES])
def test_every_exhibit_is_made_and_says_that_nothing_identifies_it(
    results: dict[str, Any], identity: str
) -> None:
    made = make(identity, Inputs(results))
    assert isinstance(made, Figure if identity in FIGURES else Table)
    assert "grade" in made.note
    assert "prior" in made.note


def test_the_figure_draws_the_frontier_and_the_grid(results: dict[str, Any]) -> None:
    made = make("own_or_rent_frontier", Inputs(results))
    assert isinstance(made, Figure)
    assert list(floats(where(made.data, what="frontier"), "cvar")) == [7.5, 7.0, 6.3, 5.4]
    assert len(where(made.data, what="share")) == len(results["rented_shares"]["grid"])


def test_no_label_covers_another(results: dict[str, Any]) -> None:
    made = make("own_or_rent_frontier", Inputs(results))
    assert isinstance(made, Figure)
    with style.applied():
        made.figure.draw_without_rendering()
        for axes in made.figure.axes:
            boxes = [t.get_window_extent() for t in axes.texts]
            assert all(made.figure.bbox.x1 >= b.x1 for b in boxes)
            assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))


def test_the_grid_is_in_per_cent(results: dict[str, Any]) -> None:
    made = make("rented_share_grid", Inputs(results))
    assert isinstance(made, Table)
    assert made.frame["at_1.2"].tolist() == pytest.approx([12, 36, 72])


def test_every_number_of_the_section_is_there(results: dict[str, Any]) -> None:
    found: Any = {"own_or_rent": numbers(results)}
    text = (paper_dir() / "sections" / "own_or_rent.typ").read_text()
    asked = re.findall(r'num\("([a-z0-9_.]+)"\)', text)
    asked += [
        f"{n}.{end}" for n in re.findall(r'between\("([a-z0-9_.]+)"\)', text) for end in ("low", "high")
    ]
    assert asked
    for name in asked:
        at = found
        for part in name.split("."):
            assert part in at, name
            at = at[part]
        assert "text" in at, name
    assert numbers(results)["saved"]["text"] == "0.2"


def test_the_section_types_no_number(results: dict[str, Any]) -> None:
    del results
    text = (paper_dir() / "sections" / "own_or_rent.typ").read_text()
    prose = re.sub(r'\$[^$]*\$|#\w+\("[^"]*"\)|#import.*|@\w+(:\w+)?', "", text, flags=re.DOTALL)
    left = [w for w in re.findall(r"\d+", prose) if w not in {"5", "95"}]
    assert not left
    assert all(a != b for a, b in pairwise(prose.split("\n\n")))
