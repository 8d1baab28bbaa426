"""The exhibits and numbers of contagion draw what was filed; a made-up result, nothing is cleared."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs, Table
from overbuild.exhibits.contagion_wording import HOLDERS, VARIANTS
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.numbers_contagion import numbers
from overbuild.exhibits.registry import make
from overbuild.exhibits.tables import save
from overbuild.finance.contagion import SETTINGS

from .prose import check_defined

EXHIBITS = (
    "contagion_network", "contagion_holders", "contagion_defaults", "contagion_liabilities",
    "contagion_variants",
)  # fmt: skip
FIGURES = ("contagion_network", "contagion_defaults")
NODES = {
    "OpenAI": "laboratory", "Anthropic": "laboratory", "Microsoft": "cloud", "Oracle": "cloud",
    "CoreWeave": "neocloud", "IREN": "neocloud", "Vantage vehicle": "vehicle", "NVIDIA": "supplier",
    "Banks": "lender",
}  # fmt: skip
TIES = (
    ("OpenAI", "Oracle", "take_or_pay", 18000.0), ("OpenAI", "Microsoft", "take_or_pay", 9000.0),
    ("Anthropic", "Microsoft", "framework", 3000.0), ("Oracle", "NVIDIA", "framework", 26000.0),
    ("Oracle", "Vantage vehicle", "debt", 2600.0), ("Vantage vehicle", "Banks", "debt", 2400.0),
    ("NVIDIA", "OpenAI", "memorandum", 10000.0), ("Microsoft", "CoreWeave", "take_or_pay", 1400.0),
    ("Microsoft", "IREN", "take_or_pay", 1700.0), ("IREN", "Banks", "debt", 800.0),
)  # fmt: skip


def spread(mean: float) -> dict[str, float]:
    return {"mean": mean, "q05": 0.5 * mean, "q50": mean, "q95": 2 * mean}


def variant(scale: float) -> dict[str, Any]:
    return {
        "losses": {h: spread(scale * 1000 * (k + 1)) for k, h in enumerate(HOLDERS)},
        "destroyed": spread(scale * 100),
        "cancelled": 3000.0 * scale,
        "unpaid": 500.0 * scale,
        "any_cascade": 0.01,
        "any_cascade_before": 0.002,
        "others_fail": 0.25,
        "before": dict.fromkeys(NODES, 0.1),
        "defaults": dict.fromkeys(NODES, 0.2),
    }


def shock(size: float) -> dict[str, Any]:
    fails = {"probability": size / 4, "error": 0.001, "direct": size / 4, "cascade": 0.0}
    worth = dict.fromkeys(HOLDERS, 2000.0)
    held = {h: spread(1000.0) for h in HOLDERS}
    return {
        **variant(size),
        "shock": size,
        "lost": spread(160_000 * size),
        "landed": held,
        "transmitted": held,
        "total": spread(10_000 * size),
        **{n: spread(1000 * size) for n in ("cancelled", "margin", "unpaid", "called", "sunk")},
        "defaults": dict.fromkeys(NODES, fails),
        "any_default": 0.1,
        "any_cascade": 0.002,
        "any_cancellation": 0.003,
        "cascade": 0.002,
        "without_costs": variant(size),
        "variants": {n: variant(size) for n in VARIANTS},
        "debtrank": {"value": worth, "clearing": worth},
    }


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    amount = {"value": 1.0, "assumed": True, "origin": "made up"}
    rises = [0.0, 0.05, 0.2, 0.5]
    lab = {"by_cash": {"0.5": 0.38, "1": 0.12, "2": 0.01}, "cash": 0.99, "firmness": -0.1}
    return {
        "contagion_losses": {
            "as_of": "2026-11-20",
            "draws": 1000,
            "middle": 0.4,
            "nodes": [{"name": n, "kind": k, "ai": amount} for n, k in NODES.items()],
            "liabilities": [
                {
                    "debtor": a, "creditor": b, "firmness": f, "headline": 5 * due, "due": due,
                    "rows": ["some_row_2025"] if b != "Vantage vehicle" else [], "assumed": b != "Banks",
                    "grade": "B", "reason": "made up", "backed": b == "Vantage vehicle", "on_prior": True,
                }
                for a, b, f, due in TIES
            ],
            "financing": [],
            "left_out": ["'Anthropic' to 'Amazon': the headline is of grade D (aws_anthropic_2026)"],
            "share_on_priors": 0.987,
            "share_assumed": 0.901,
            "cash_assumed": 0.88,
            "curve_draws": 500,
            "priors": {
                "firmness_take_or_pay": [9.0, 1.0], "firmness_framework": [3.0, 3.0],
                "firmness_memorandum": [1.0, 4.0], "outside_left": [8.0, 2.0], "claims_left": [8.0, 2.0],
                "cash_filed": 0.1, "cash_assumed": 0.4, "cash_common": 0.5,
                "amount_assumed": 0.4, "cost_spread": 0.2, "common": 0.2, "common_high": 0.5,
                "closing": [3.0, 3.0], "capex_committed": [3.0, 3.0],
            },
            "shocks": {f"{100 * s:.0f}": shock(s) for s in (0.2, 0.4, 0.6)},
            "node_losses": {
                n: {"before": 10.0, "fall": k, "share": k / 20} for k, n in enumerate(NODES)
            },
            "curve": {
                "shocks": [0.0, 0.3, 0.6, 1.0],
                "base": {n: rises if k == "laboratory" else [0.0] * 4 for n, k in NODES.items()},
                "alone": {n: rises if k != "lender" else [0.0] * 4 for n, k in NODES.items()},
                "cascade": [0.0, 0.0, 0.001, 0.01],
                "first": dict.fromkeys(NODES, 0.1),
                "none": 0.5,
            },
            "swings": [
                {"debtor": "OpenAI", "creditor": c, "none": 20_000.0, "full": 22_000.0, "swing": 2000.0}
                for c in ("Microsoft", "Oracle")
            ],
            "laboratories": {"OpenAI": lab, "Anthropic": lab},
            "recirculation": {
                "all": spread(0.45), "direct": spread(0.48), "laboratories": spread(0.4), "bought": 138_000.0,
                "laboratories_bought": 60_000.0, "radius": 0.0,
                "put_in": 7000.0,
            },
        }
    }  # fmt: skip


@pytest.mark.parametrize("identity", EXHIBITS)
def test_every_exhibit_prints_what_share_rests_on_priors(results: dict[str, Any], identity: str) -> None:
    note = make(identity, Inputs(results)).note.replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert "98.7 % of what is due rests on a prior or an assumption, 90.1 %" in note
    assert "88.0 % of the nodes’ cash" in note
    assert "no forecast" in note and "grades A to C" in note


@pytest.mark.parametrize("identity", FIGURES)
def test_labels_are_on_the_page_and_apart(results: dict[str, Any], identity: str) -> None:
    made = make(identity, Inputs(results))
    assert isinstance(made, Figure)
    with style.applied():
        made.figure.draw_without_rendering()
        page = made.figure.bbox
        for axes in made.figure.axes:
            boxes = {t: t.get_window_extent() for t in axes.texts if t.get_text()}
            for text, box in boxes.items():
                assert page.x0 <= box.x0 + 1 and box.x1 - 1 <= page.x1, text.get_text()
                assert page.y0 <= box.y0 + 1 and box.y1 - 1 <= page.y1, text.get_text()
            for one, other in combinations(boxes, 2):
                apart = not boxes[one].padded(-1.5).overlaps(boxes[other].padded(-1.5))
                assert apart, f"'{one.get_text()}' covers '{other.get_text()}'"


def test_the_drawing_has_every_tie_and_every_node_that_has_one(results: dict[str, Any]) -> None:
    made = make("contagion_network", Inputs(results))
    assert isinstance(made, Figure)
    assert set(where(made.data, what="node")["name"]) == set(NODES)
    ties = where(made.data, what="tie")
    assert len(ties) == len(TIES) and floats(ties, "due").sum() == pytest.approx(
        sum(t[3] for t in TIES) / 1e3
    )
    assert len(made.figure.axes[0].patches) == len(TIES)


def test_the_curves_show_vehicles_without_sponsors(results: dict[str, Any]) -> None:
    made = make("contagion_defaults", Inputs(results))
    assert isinstance(made, Figure)
    assert set(where(made.data, panel="A")["node"]) == {"OpenAI", "Anthropic", "any cascade"}
    assert set(where(made.data, panel="B")["node"]) == {"Vantage vehicle"}
    assert "38" in made.note


def test_the_tables_hold_each_shock_and_each_liability(results: dict[str, Any], tmp_path: Any) -> None:
    holders, ties = (make(i, Inputs(results)) for i in ("contagion_holders", "contagion_liabilities"))
    assert isinstance(holders, Table) and isinstance(ties, Table)
    assert len(holders.frame) == 3 * (len(HOLDERS) + 5) and len(ties.frame) == len(TIES)
    assert holders.frame["loss"].tolist()[0] == "0.2 (0.1–0.4)"
    assert [s[:2] for s in holders.frame["shock"].tolist() if s] == ["20", "40", "60"]
    assert set(ties.frame["basis"]) == {"rows", "assumed"}
    assert "lease: debt of the vehicle times a cover" in ties.frame["rows"].tolist()
    assert "aws_anthropic_2026" in ties.note
    variants = make("contagion_variants", Inputs(results))
    assert isinstance(variants, Table) and variants.frame["c40"].tolist() == [1.0] * len(VARIANTS)
    assert variants.frame["oracle"].tolist()[0] == 20.0 and "0.5 of the variance" in variants.note
    for made in (holders, ties, variants):
        save(made, tmp_path)


def test_every_variant_has_a_title_and_the_other_way_round() -> None:
    assert set(VARIANTS) == set(SETTINGS)


def test_every_number_of_the_section_is_defined(results: dict[str, Any]) -> None:
    made = {"contagion": numbers(results)}
    check_defined("contagion", made, more_than=40)
    assert made["contagion"]["nodes"]["value"] == len(NODES)
    assert made["contagion"]["share_on_priors"]["text"] == "98.7"
