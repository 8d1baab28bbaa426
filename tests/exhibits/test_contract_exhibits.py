"""The exhibits and numbers of the contracts draw what finance filed; made-up results, nothing is valued."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs, Table
from overbuild.exhibits.contract_cash_flow import STACK
from overbuild.exhibits.contract_fan import RISKS
from overbuild.exhibits.contract_returns import CLAIM
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.numbers_contract import CHANCES, numbers, shell_at
from overbuild.exhibits.registry import make
from overbuild.exhibits.tables import save
from overbuild.finance.cash_flow import COMPONENTS
from overbuild.finance.contract_file import BUILT_IN
from overbuild.locations import paper_dir

YEARS = 6
FIGURES = ("contract_cash_flow", "contract_returns", "contract_fan")
SHELLS, RESIDUALS = [0.0, 1.5, 3.0, 4.5], [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]


def figure(key: str, value: Any, source: str = "", **more: Any) -> dict[str, Any]:
    basis = {"source": source, "assumed": "" if source else "set"}
    return {"key": key, "value": value, "low": None, "high": None, "weak": False, **basis, **more}


def flows() -> dict[str, list[float]]:
    """Pay 9 at the start, 6 of them equipment; get 1.9 a year less 0.3 and sell for 2 at the end."""
    months = 12 * YEARS + 1
    made = {n: [0.0] * months for n in (*COMPONENTS, "draws", "interest", "principal", "unlevered", "equity")}
    made["equipment"][3], made["shell"][0], made["draws"][3] = -6.0, -3.0, 4.0
    made["prepayment"][1], made["credit"][40] = 1.0, -1.0
    for t in range(7, months):
        made["revenue"][t], made["opex"][t] = 0.15, -0.025
        made["interest"][t], made["principal"][t] = -0.01, -4.0 / (months - 7)
    made["residual"][-1], made["shell_recovered"][-1] = 1.2, 0.8
    made["unlevered"] = np.sum([made[n] for n in COMPONENTS], axis=0).tolist()
    made["equity"] = np.sum(
        [made[n] for n in ("unlevered", "draws", "interest", "principal")], axis=0
    ).tolist()
    return made


def surface() -> dict[str, Any]:
    rates = [[0.30 - 0.075 * x + 0.2 * r + (0.02 if r > 0.15 else 0.0) for r in RESIDUALS] for x in SHELLS]
    doubled: list[list[float | None]] = [[2 * v for v in row] for row in rates]
    doubled[0][0] = None
    return {"shell": SHELLS, "residual": RESIDUALS, "unlevered": rates, "equity": doubled}


def values(seller: str, gpus: float | None = 76000) -> dict[str, Any]:
    stream = flows()
    steps = {"monthly": 0.02, "ramp": -1e-15, "shell": -0.004, "prepayment": 0.001, "availability": -0.01}
    price = None if gpus is None else 2.91
    return {
        "buyer_name": "Microsoft",
        "seller_name": seller,
        "start": "2026-01-01",
        "value": 9.7,
        "term": 60,
        "a_year": 1.94,
        "gpus": gpus,
        "price_per_gpu_hour": price,
        "figures": [
            figure("contract.value", 9.7, "row"),
            figure("contract.term", 60, "row"),
            figure("contract.availability", 0.97),
            *([] if gpus is None else [figure("contract.gpus", gpus, weak=True)]),
            figure("prepayment.share", 0.2, "row"),
            figure("prepayment.lead", 2),
            figure("equipment.cost", 6.0, "row"),
            figure("equipment.residual", 0.2, low=0.0, high=0.3),
            figure("shell.cost", 3.0, low=2.0, high=3.2),
            figure("shell.lead", 3),
            figure("shell.recovered", 0.5),
            figure("renewal.price_now", 1.25, low=1.0, high=1.8),
            figure("opex.amount", 0.291),
            figure("termination.grace", 6),
            figure("covenants.min_dscr", 1.05, "row"),
            figure("buyer.cost_of_capital", 0.08),
            figure("buyer.hazard", 0.06),
            figure("required.unlevered", 0.10),
            figure("tranches 1: share", 0.5),
            figure("tranches 2: share", 0.5),
        ],
        "counts": {"source": 5, "assumed": 15, "weak": 1},
        "annual": [
            {
                "shell": s, "prepayment": p, "residual": r, "annual": 0.1 + r, "monthly": 0.107 + r,
                "change": 0.007, "steps": steps,
            }
            for s in (False, True)
            for p in (False, True)
            for r in (0.0, 0.2, 0.3)
        ],
        "annual_break_even": [
            {"residual": r, "opex": o, "factor": 1.2, "price": price and 3.5, "monthly": price and 3.6}
            for o in ("fixed", "share")
            for r in (0.0, 0.2)
        ],
        "bridge": [{"step": "annual", "irr": 0.1, "change": None}]
        + [{"step": n, "irr": 0.1, "change": v} for n, v in steps.items()],
        "base": {
            "irr": 0.081, "irr_equity": 0.09, "npv": -0.3, "npv_equity": -0.5, "required": 0.1,
            "required_equity": 0.15, "break_even_price": price and 3.04, "min_dscr": 1.3,
            "payback_months": 66, "payback_equity_months": 69,
        },
        "flows": stream,
        "totals": {n: float(np.sum(v)) for n, v in stream.items()},
        "surface": surface(),
        "least_renewal_price": {"unlevered": 0.73, "unlevered_price": price and 2.1},
        "cost_of_finance": {"loans": 3.65},
        "buyer": {
            "base": {"cost_of_capital": 0.08, "advantage": -0.02},
            "rents_as_debt": [{"rate_of_rent": r, "advantage": 10 * r - 1} for r in (0.04, 0.05, 0.06)],
            "range": {"price_at_fewest": price and 3.7, "price_at_most": price and 2.5},
        },
    }  # fmt: skip


def quantiles(middle: float) -> dict[str, float]:
    return {f"q{q:02d}": middle + (q - 50) / 100 for q in (5, 25, 50, 75, 95)} | {"mean": middle}


def draws() -> dict[str, Any]:
    last = YEARS + 3
    fan: dict[str, Any] = {"year": list(range(last))}
    for name, share in quantiles(0.5).items():
        fan[name] = [share * max(YEARS - y, 0) for y in range(last)]
    return {
        "required_equity": 0.15,
        "quantiles": {n: quantiles(0.1) for n in ("irr", "irr_equity", "npv", "npv_equity", "min_dscr")},
        "base": {"npv_equity": -0.5},
        "probability": dict.fromkeys(CHANCES, 0.25),
        "fan": fan,
        "variance": {
            "npv_equity": [
                {"risk": r, "shapley": s} for r, s in zip(RISKS, (0.4, 0.1, 0.2, -0.1, 0.3, 0.1), strict=True)
            ]
        },
        "wrong_way": [{"rho": r, "mean_npv_equity": -r, "tail": -3.0} for r in (0.0, 0.3, 0.7)],
        "price_now": [{"price_now": p, "ended": 0.2 / p, "mean_npv_equity": p - 3} for p in (1.0, 1.25, 1.8)],
        "renewal": {"least_price": 0.73, "below": 0.85},
        "buyer": {
            "termination": 0.13,
            "option": {"extend": 0.29, "extend_exact": 0.28, "walk_exact": 0.3, "exercised": 0.35},
        },
    }


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    sellers = dict(zip(BUILT_IN, ("IREN", "Nebius", "CoreWeave", "Oracle"), strict=True))
    drawn = {n: draws() for n in BUILT_IN}
    drawn["coreweave-openai"]["quantiles"]["irr"]["q05"] = None
    return {
        "contract_values": {
            "contracts": {n: values(s) for n, s in sellers.items()},
            "reported_cost_of_finance": {
                "reported": 0.0331,
                "computed": {"blended": 0.06, "with_prepayment": 0.0392, "over_outlay": 0.0377},
                "zero_coupon_share": 0.45,
                "prepayment_share": 0.35,
            },
        },
        "contract_draws": {"draws": 20000, "contracts": drawn},
    }


@pytest.fixture(scope="module")
def made(results: dict[str, Any]) -> dict[str, Any]:
    return {i: make(i, Inputs(results)) for i in (*FIGURES, "contract_targets", "contract_values_table")}


def test_the_waterfall_ends_at_what_the_owners_get(made: dict[str, Any], results: dict[str, Any]) -> None:
    totals = results["contract_values"]["contracts"]["iren"]["totals"]
    steps = where(made["contract_cash_flow"].data, panel="A")
    ends = dict(zip(steps["name"], floats(steps, "to"), strict=True))
    assert ends["before debt"] == pytest.approx(totals["unlevered"])
    assert ends["shell recovered"] == pytest.approx(totals["unlevered"])
    assert ends["interest"] == pytest.approx(ends["to the owners"]) == pytest.approx(totals["equity"])
    assert "renewal" not in ends


def test_the_bars_of_the_years_add_up_to_the_lines(made: dict[str, Any], results: dict[str, Any]) -> None:
    totals = results["contract_values"]["contracts"]["iren"]["totals"]
    data = where(made["contract_cash_flow"].data, panel="B")
    bars = data.loc[data["name"].isin(list(STACK))]
    assert floats(bars, "value").sum() == pytest.approx(totals["equity"])
    assert floats(where(data, name="owners"), "value")[-1] == pytest.approx(totals["equity"])
    assert floats(where(data, name="before debt"), "value")[0] == pytest.approx(-9 + 1 + 6 * 0.125)
    assert len(where(data, name="owners")) == YEARS


def test_the_returns_are_those_of_the_surface(made: dict[str, Any]) -> None:
    exhibit = made["contract_returns"]
    data = where(exhibit.data, measure="unlevered")
    assert len(data) == len(SHELLS) * len(RESIDUALS)
    assert floats(where(data, shell=3.0, residual=0.0), "irr")[0] == pytest.approx(0.075)
    assert "said to have quoted" in exhibit.note and "below 10\N{NARROW NO-BREAK SPACE}%–20" in exhibit.note


def test_the_shell_that_gives_a_return_is_read_off_the_surface() -> None:
    assert shell_at(surface(), 0.0, 0.15) == pytest.approx(2.0)
    assert shell_at(surface(), 0.0, CLAIM[1]) == pytest.approx(2.4)
    assert shell_at(surface(), 0.0, 0.5) is None and shell_at(surface(), 0.0, -0.2) is None


def test_the_fan_has_the_course_without_mishaps(made: dict[str, Any], results: dict[str, Any]) -> None:
    data = where(made["contract_fan"].data, panel="A")
    sure = floats(where(data, name="sure"), "value")
    equity = results["contract_values"]["contracts"]["iren"]["flows"]["equity"]
    later = sum(v / 1.15 ** (t / 12) for t, v in enumerate(equity) if t > 0)
    assert sure[0] == pytest.approx(later) and sure[YEARS] == 0
    assert floats(data, "x").max() == YEARS
    shares = where(made["contract_fan"].data, panel="B", contract="iren")
    assert floats(shares, "value").sum() == pytest.approx(1.0)
    assert "none is estimated" in made["contract_fan"].note


def test_rates_in_annual_arithmetic_stand_beside_ours_with_the_steps_between(
    made: dict[str, Any], tmp_path: Any
) -> None:
    table = made["contract_targets"]
    assert isinstance(table, Table) and "is unexplained" in table.note
    assert len(table.frame) == 12 + 4 + 2
    first = table.frame.iloc[0].tolist()
    assert first[0] == "Without shell, without prepayment"
    assert first[2:] == ["10.0", "+2.0", "−0.4", "+0.1", "−1.0", "10.7"]
    assert table.frame["annual"].tolist()[-1] == "3.31" and table.frame["ours"].tolist()[-1] == "3.92"
    save(table, tmp_path)


def test_the_table_marks_what_is_assumed(made: dict[str, Any], tmp_path: Any) -> None:
    table = made["contract_values_table"]
    assert isinstance(table, Table)
    cells = dict(zip(table.frame["what"], table.frame["iren"], strict=True))
    assert cells["Value"] == "9.7" and cells["Shell"] == "3.0*" and cells["Term, years"] == "5"
    assert cells["Break-even price, USD"] == "3.04†" and cells["Figures assumed"] == "15 of 20"
    assert cells["Market price at the start"] == "1.25*" and cells["– gain with rent as debt"] == "−0.50"
    assert cells["– mean, market low to high at the start"].startswith("−2.0")
    assert "owed whatever happens, at 5" in table.note
    ranges = table.frame.loc[table.frame["what"] == "– from 5 % to 95 %", "coreweave-openai"].tolist()
    assert ranges[0].startswith("none to") and ranges[1].startswith("−0.3 to")
    assert table.headings["nebius"] == "Microsoft – Nebius"
    save(table, tmp_path)


def test_a_contract_without_a_count_has_no_price(results: dict[str, Any]) -> None:
    found = results["contract_values"]["contracts"] | {"nebius": values("Nebius", None)}
    inputs = Inputs(results | {"contract_values": results["contract_values"] | {"contracts": found}})
    table = make("contract_values_table", inputs)
    assert isinstance(table, Table)
    cells = dict(zip(table.frame["what"], table.frame["nebius"], strict=True))
    assert cells["Price per accelerator hour, USD"] == "–" == cells["Break-even price, USD"]


@pytest.mark.parametrize("identity", FIGURES)
def test_no_label_covers_another(made: dict[str, Any], identity: str) -> None:
    exhibit = made[identity]
    assert isinstance(exhibit, Figure)
    with style.applied():
        exhibit.figure.draw_without_rendering()
        page = exhibit.figure.bbox
        for axes in exhibit.figure.axes:
            ticks = [
                t
                for axis, (low, high), at in (
                    (axes.xaxis, sorted(axes.get_xlim()), 0),
                    (axes.yaxis, sorted(axes.get_ylim()), 1),
                )
                for t in axis.get_ticklabels()
                if low <= t.get_position()[at] <= high
            ]
            texts = [t for t in (*axes.texts, *ticks, axes.xaxis.label, axes.yaxis.label) if t.get_text()]
            boxes = {t: t.get_window_extent().padded(-1.5) for t in texts}
            for text, box in boxes.items():
                assert page.x0 <= box.x0 and box.x1 <= page.x1, f"'{text.get_text()}' runs off the page"
            for one, other in combinations(boxes, 2):
                assert not boxes[one].overlaps(boxes[other]), (
                    f"'{one.get_text()}' covers '{other.get_text()}'"
                )


def test_every_number_of_the_section_is_defined(results: dict[str, Any]) -> None:
    found: Any = {"contract": numbers(results)}
    text = (paper_dir() / "sections" / "contract.typ").read_text(encoding="utf-8")
    names = re.findall(r'#num\("([^"]+)"\)', text)
    assert len(names) > 50
    for name in names:
        held = found
        for part in name.split("."):
            assert part in held, name
            held = held[part]
        assert set(held) == {"value", "text"}, name


def test_numbers_say_what_they_rest_on(results: dict[str, Any]) -> None:
    found = numbers(results)
    iren = found["iren"]
    assert iren["read"]["value"]["text"] == "9.7" and "shell" not in iren["read"]
    assert iren["assumed"]["shell"]["text"] == "3.0" and iren["weak"]["gpus"]["text"] == "76,000"
    assert found["claimed"]["margin"]["text"] == "85" and found["claimed"]["low"]["text"] == "10"
    assert iren["steps"]["ramp"]["text"] == "0.0" and iren["steps"]["shell"]["text"] == "−0.4"
    assert iren["drawn"]["irr"]["low"]["text"] == "−35.0" and iren["share"]["default"]["text"] == "−10"
    assert iren["wrong_way"]["strong"]["mean"]["text"] == "−0.70"
    assert (
        iren["price_now"]["low"]["mean"]["text"] == "−2.00"
        and iren["price_now"]["low"]["ended"]["text"] == "20"
    )
    assert (
        iren["assumed"]["price_now"]["text"] == "1.25" and iren["implied"]["gain_as_debt"]["text"] == "−0.50"
    )
    assert iren["steps_prepaid"]["monthly"]["text"] == "2.0"
    assert found["coreweave"]["drawn"]["irr"]["low"] == {"value": None, "text": "none"}
    assert set(found) >= {"iren", "nebius", "coreweave", "oracle"}
