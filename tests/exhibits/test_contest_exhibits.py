"""The exhibits and numbers of the contest draw what was found; made-up results, no fit."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from overbuild.exhibits.base import Figure, Inputs, Table
from overbuild.exhibits.contest_readings import ALSO_SAME, SAME_DATA
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.numbers_contest import numbers
from overbuild.exhibits.registry import HINDCAST, exhibit, make
from overbuild.exhibits.tables import save
from overbuild.games.contest import Contest, symmetric
from overbuild.locations import paper_dir


def quantiles(mid: float) -> dict[str, float]:
    return {"q05": mid / 2, "q50": mid, "q95": 2 * mid, "above": 0.3}


def both(mid: float, **more: float) -> dict[str, Any]:
    return {"posterior": quantiles(mid), "prior": quantiles(2 * mid), "learnt": -0.1, **more}


def reading(what: str, mid: float) -> dict[str, Any]:
    return {
        "what": what, "q05": mid / 2, "q50": mid, "q95": 1.5 * mid, "prior_q05": 0.2, "prior_q50": 0.7,
        "prior_q95": 1.1, "learnt": 0.3, "log_evidence": 100 * mid, "more_than_joint_profit": 0.5,
        "more_than_planner": mid, "overbuild_ratio": 0.5,
    }  # fmt: skip


def estimate(*firms: str) -> dict[str, Any]:
    whats = (*SAME_DATA, *ALSO_SAME, "without Amazon")
    return {
        "parameters": [{"parameter": p, "q50": 0.4} for p in ("elasticity", "transfer_share")],
        "findings": {
            "firms": list(firms), "contenders": 5, "first": "2020Q1", "today": "2026Q2", "periods": 26,
            "decisiveness": {k: v for k, v in reading("", 0.5).items() if k != "what"},
            "rivalry_ratio": both(1.2), "break_even_ratio": both(0.3), "overbuild_ratio": both(0.6),
            "dissipation": both(0.5), "reaction_slope": both(-0.2),
            "overbuild_by_transfer_share": [both(0.3 + s, transfer_share=s) for s in (0.0, 0.25, 0.5, 0.75)],
            "by_elasticity": [
                {"elasticity": e, "transfer_share": s, **quantiles(e)} for e in (0.2, 0.5, 0.8)
                for s in (0.0, 0.5)
            ],
            "substitutes": {"posterior": 0.8, "prior": 0.9},
            "what_decides": {"posterior": {"decisiveness": 0.4, "elasticity": 0.0, "transfer_share": 0.3}},
            "spent": {"implied_q05": 0.4, "implied_q95": 0.7},
            "readings": [reading(w, 0.9 - 0.1 * k) for k, w in enumerate(whats)],
        },
    }  # fmt: skip


RESULTS: dict[str, Any] = {
    "estimate_contest_ai": estimate("Amazon", "Microsoft", "Alphabet"),
    "estimate_contest_telecom_full": estimate("Verizon", "SBC Communications"),
    "newsvendor": {
        "firms": 5, "spread": 0.45, "market": 0.5, "draws": 100000,
        "rows": [
            {
                "fractile": q, "ratio": 1 + q / 10, "error": 1e-4, "pooled": 1 + q, "idle_unpooled": 0.4,
                "idle_pooled": 0.3,
            }
            for q in (0.67, 0.9)
        ],
    },
    "contest_values": {
        "example": symmetric(Contest(5, 1.0, 0.5)).to_dict(),
        "equal": symmetric(Contest(5, 0.5, 0.5)).to_dict(),
        "undamped": {"start": 0.01, "end": 0.5, "rounds": 8, "newton": 0.0},
        "regret": {
            "linear": 0.1, "low": 0.81, "high": 1.0, "slope": 0.2, "reactions": {"up": 0.2, "down": -1.6},
        },
        "financing": {"limit": 0.6, "shadow_price": 0.05, "others": 0.07, "industry": -0.02},
        "near_one": {"safe": 0.9, "elasticity": 0.95, "low": 0.1, "high": 0.75},
    },
}  # fmt: skip


def made(name: str) -> Figure | Table:
    return make(name, Inputs({n: RESULTS[n] for n in exhibit(name).needs}))


class TestRatios:
    def test_panels_hold_the_closed_forms_where_firms_take_part(self):
        found = made("contest_ratios")
        assert isinstance(found, Figure)
        a, b, c = (where(found.data, panel=p) for p in "ABC")
        assert len(a) == len(b) == len(c)
        r, eta = floats(a, "decisiveness"), floats(a, "elasticity")
        assert (r <= (5 - eta) / 4 + 1e-9).all()
        assert ((floats(a, "ratio") > 1) == (r > eta))[np.abs(r - eta) > 1e-9].all()
        assert floats(b, "ratio").max() <= 1 + 1e-9
        assert floats(c, "ratio") == pytest.approx(floats(b, "ratio") * 0.5 ** (-1 / (1 - eta)))

    def test_bars_are_the_posterior_and_the_prior(self):
        found = made("contest_ratios")
        assert isinstance(found, Figure)
        bars = floats(where(found.data, panel="bars"), "decisiveness")
        assert bars == pytest.approx([0.25, 0.5, 0.75, 0.2, 0.7, 1.1])


class TestTables:
    def test_prior_stands_beside_posterior_for_both_eras(self):
        found = made("contest_posterior")
        assert isinstance(found, Table) and HINDCAST in found.note
        first = found.frame.iloc[0]
        assert first["what"] == "Decisiveness" and first["ai"] == "0.50 (0.25–0.75)"
        assert first["ai_prior"] == "0.70 (0.20–1.10)"
        titles = list(found.frame["what"])
        assert titles.count("above 1, %") == 2 and sum("transfer" in t for t in titles) == 4

    def test_evidence_is_shown_for_the_same_data_only(self):
        found = made("contest_readings")
        assert isinstance(found, Table)
        by = dict(zip(found.frame["what"], found.frame["evidence"], strict=True))
        assert by["As set"] == "90.0" and by["Without Amazon"] == ""

    @pytest.mark.parametrize("name", ["contest_posterior", "contest_readings", "newsvendor_shares"])
    def test_they_can_be_written(self, name, tmp_path):
        found = made(name)
        assert isinstance(found, Table)
        assert all(p.stat().st_size > 60 for p in save(found, tmp_path))


class TestNumbers:
    def test_every_number_that_the_text_quotes_is_there(self):
        text = (paper_dir() / "sections" / "contest.typ").read_text(encoding="utf-8")
        found = {"contest": numbers(RESULTS)}
        quoted = re.findall(r'#num\("([^"]+)"\)', text)
        ends = re.findall(r'#between\("([^"]+)"(?:, low: "(\w+)", high: "(\w+)")?\)', text)
        names = [*quoted, *(f"{n}.{e}" for n, a, b in ends for e in (a or "low", b or "high"))]
        assert len(names) > 40
        for name in names:
            at: Any = found
            for part in name.split("."):
                at = at[part]
            assert set(at) == {"value", "text"}, name

    def test_the_example_is_that_of_the_closed_form(self):
        example = numbers(RESULTS)["example"]
        assert example["rivalry"]["text"] == "3.24" and example["slope"]["text"] == "−1.65"
        assert example["tax"]["text"] == "80" and example["spent"]["text"] == "0.90"
