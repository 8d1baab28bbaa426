"""The exhibits and numbers of breaks, regimes, trend and responses, from small made-up results."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from overbuild.core.periods import span
from overbuild.exhibits.base import Figure, Inputs, Table
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.numbers_breaks import numbers
from overbuild.exhibits.registry import HINDCAST, make
from overbuild.exhibits.tables import save

from .prose import check_defined

ERAS = ("ai", "telecom")
SERIES = {
    "ai": ("capex_to_revenue", "capex_to_gdp", "information_processing_to_gdp"),
    "telecom": ("capex_to_gdp", "orders_to_gdp"),
}
VINTAGE = {"ai": "2026-05-15", "telecom": "2018-06-30 to 2021-08-10"}


def a_break(date: str, after: float) -> dict[str, Any]:
    return {
        "date": date, "low": "2022Q1", "high": "2023Q4", "bai": None, "jump": 0.1,
        "slope_before": 0.1, "slope_after": after,
    }  # fmt: skip


def breaks_row(era: str, series: str, model: str, window: str = "whole") -> dict[str, Any]:
    trend = model != "level" and window == "whole" and (era, series) != ("telecom", "capex_to_gdp")
    return {
        "era": era, "series": series, "model": model, "window": window, "main": series == SERIES[era][0],
        "first": "2018Q1", "last": "2026Q2", "periods": 34, "number": 2 * trend,
        "dates": ["2022Q3 (2022Q1 to 2023Q4)", "2024Q1 (2022Q1 to 2023Q4)"] if trend else [],
        "one_break_at": "2022Q3", "sup_f": 9.0, "p_sup_f": 0.02, "p_ud_max": 0.02, "cusum": 1.1,
        "p_cusum": 0.3, "p_cusum_asymptotic": None, "correlation": 0.9, "by_bic": 3, "by_lwz": 2,
    }  # fmt: skip


def breaks_detail(found: bool) -> dict[str, Any]:
    periods = span("2018Q1", "2026Q2")
    values = np.linspace(-5, -3, len(periods))
    return {
        "meaning": "made up", "periods": list(periods), "values": values.tolist(), "fit": values.tolist(),
        "breaks": [a_break("2022Q3", -0.2), a_break("2024Q1", 0.4)] if found else [],
        "detectors": [
            {"name": "penalised", "dates": ["2020Q1"], "agrees": False, "note": ""},
            {"name": "kernel", "dates": [], "agrees": False, "note": ""},
        ],
    }  # fmt: skip


def spending_breaks() -> dict[str, Any]:
    rows = [breaks_row(e, s, m) for e in ERAS for s in SERIES[e] for m in ("level", "level and trend")]
    rows += [breaks_row(e, "capex_to_gdp", "level", "quiet years") for e in ERAS]
    detail: dict[str, Any] = {
        f"{r['era']}.{r['series']}.{r['model']}": breaks_detail(r["number"] > 0)
        for r in rows
        if r["window"] == "whole"
    }
    window = {"own_sup_f": 9.0, "own_p": 0.1, "windows": 51, "rejected": 0.02, "below": 1.0}
    for era in ERAS:
        detail[f"{era}.placebo"] = {
            "quarters": 34, "series": "x", "level": window, "level and trend": window,
        }  # fmt: skip
    design = [
        {
            "periods": n, "correlation": r, "trend": t, "size": 0.03, "asymptotic": r, "power": 0.2,
            "repetitions": 400,
        }
        for n in (40, 80) for r in (0.0, 0.5, 0.8) for t in (False, True)
    ]  # fmt: skip
    seen = [
        {
            "era": e, "series": "x", "as_of": f"{y}-12-31", "last": f"{y}Q3", "number": int(y > 2000),
            "dates": ["2000Q4"] if y > 2000 else [], "p": 0.5 if y <= 2000 else 0.01,
        }
        for e in ERAS for y in (1999, 2000, 2001)
    ]  # fmt: skip
    return {
        "as_of": dict.fromkeys(ERAS, "2026-11-22"),
        "labels": {"ai": "real-time vintage", "telecom": HINDCAST},
        "vintage": VINTAGE, "result": rows, "detail": detail, "design": design, "seen": seen,
    }  # fmt: skip


def spending_regimes() -> dict[str, Any]:
    rows, detail = [], {}
    for era, periods, ahead in (
        ("ai", span("2018Q2", "2026Q2"), span("2026Q3", "2028Q2")),
        ("telecom", span("1948", "2017"), span("2018", "2019")),
    ):
        n, h = len(periods), len(ahead)
        fan = {q: [0.01 * i] * h for i, q in enumerate(("q05", "q25", "q50", "q75", "q95"))}
        detail[f"{era}.capex"] = {
            "periods": list(periods), "growth": [0.05] * n, "filtered": [0.4] * n, "smoothed": [0.5] * n,
            "ahead": {
                "periods": list(ahead), "quantiles": fan, "high": [0.6] * h,
                "year": {q: v[0] for q, v in fan.items()}, "falls": 0.1,
            },
        }  # fmt: skip
        rows.append(
            {
                "era": era, "series": "capex", "main": True, "growth_low": 0.04, "growth_high": 0.14,
                "growth_low_error": 0.01, "growth_high_error": 0.02, "sd_low": 0.08, "sd_high": 0.04,
                "now_filtered": 0.98, "p_linear": 0.11, "gain_over_linear": 9.0, "optima": 1.0,
            }
        )  # fmt: skip
    return {"result": rows, "detail": detail, "vintage": VINTAGE}


def spending_trend() -> dict[str, Any]:
    rows, detail = [], {}
    for era, last in (("ai", "2026Q2"), ("telecom", "2000Q4")):
        for series in ("information_processing_to_gdp", "capex_to_gdp"):
            for i, rule in enumerate(("components", "trend before", "regression", "hodrick-prescott")):
                bare = rule == "hodrick-prescott"
                rows.append(
                    {
                        "era": era, "series": series, "at": last, "rule": rule, "percent_of_gdp": 4.5,
                        "above_trend": 0.1 * i, "low": None if bare else -0.2, "high": None if bare else 9.0,
                    }
                )  # fmt: skip
            if era == "telecom":
                rows.append(
                    rows[-4]
                    | {"rule": "components, hindsight", "above_trend": 0.23, "low": None, "high": None}
                )
            periods = span("1990Q1", last)
            detail[f"{era}.{series}"] = {
                "periods": list(periods), "percent": [4.0] * len(periods),
                "components": [3.9] * len(periods),
                "trend_before": [None] * (len(periods) - 4) + [4.2] * 4,
            }  # fmt: skip
    return {"result": rows, "detail": detail, "vintage": VINTAGE}


def spending_response() -> dict[str, Any]:
    rows, detail = [], {}
    for era in ERAS:
        for i, driver in enumerate(("cash flow", "credit spread", "policy rate", "rivals' spending")):
            known = (era, driver) != ("telecom", "rivals' spending")
            rows.append(
                {
                    "era": era, "driver": driver, "response": -0.1 if known else None, "low": -0.2,
                    "high": 0.0, "p_holm": (0.0001 if i == 1 else 0.4) if known else None,
                    "periods": 23 + i if known else 0,
                }
            )  # fmt: skip
            if known:
                detail[f"{era}.{driver}"] = {
                    "horizons": [0, 1, 2], "response": [0.0, -0.1, -0.1], "low": [-0.1, -0.2, -0.2],
                    "high": [0.1, 0.0, 0.0],
                }  # fmt: skip
    return {"result": rows, "detail": detail, "vintage": VINTAGE}


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    return {
        "spending_breaks": spending_breaks(),
        "spending_regimes": spending_regimes(),
        "spending_trend": spending_trend(),
        "spending_response": spending_response(),
    }


def figure(name: str, results: dict[str, Any]) -> Figure:
    made = make(name, Inputs(results))
    assert isinstance(made, Figure) and HINDCAST in made.note
    return made


def test_breaks_are_drawn_where_they_are(results: dict[str, Any]) -> None:
    data = figure("spending_breaks", results).data
    part = where(data, panel="ai.capex_to_revenue")
    assert where(part, **{"break": True})["period"].tolist() == ["2022Q3", "2024Q1"]
    assert floats(part, "percent")[0] == pytest.approx(100 * np.exp(-5))
    drawn = where(data, panel="telecom.capex_to_gdp")["break"].tolist()
    assert drawn and not any(drawn)


def test_regimes_are_drawn_past_the_sample(results: dict[str, Any]) -> None:
    made = figure("spending_regimes", results)
    ai = where(made.data, era="ai")
    assert ai["period"].tolist()[-1] == "2028Q2" and floats(ai, "q50")[-1] == pytest.approx(0.02)
    assert "p = 0.11" in made.note


def test_trend_shows_both_eras_and_says_what_is_cut(results: dict[str, Any]) -> None:
    made = figure("spending_trend", results)
    gaps = where(made.data, era="telecom", rule="components, hindsight")
    assert floats(gaps, "above_trend") == pytest.approx([1.23, 1.23])
    assert "beyond a ratio of 4 are cut" in made.note


def test_responses_name_what_is_not_known(results: dict[str, Any]) -> None:
    made = figure("spending_responses", results)
    assert made.note.startswith("Descriptive") and "credit spread (under 0.001)" in made.note
    assert where(made.data, era="telecom", driver="rivals' spending").empty
    assert any(text.get_text() == "not known" for axes in made.figure.axes for text in axes.texts)


def test_table_of_breaks_shows_quiet_years_and_detectors(results: dict[str, Any], tmp_path: Any) -> None:
    made = make("spending_break_tests", Inputs(results))
    assert isinstance(made, Table) and HINDCAST in made.note
    assert len(made.frame) == len(results["spending_breaks"]["result"])
    assert [e for e in made.frame["era"] if e][:2] == ["AI", "Telecom"]
    assert made.frame["window"].tolist()[-1] == "quiet, to 2026"
    assert made.frame["others"].tolist()[0] == "1, 0" and "50 % to 80 %" in made.note.replace("\u202f", " ")
    save(made, tmp_path)


def test_every_number_of_the_section_is_defined(results: dict[str, Any]) -> None:
    made = {"breaks": numbers(results)}
    check_defined("breaks", made, more_than=60)


def test_numbers_say_when_a_break_could_be_seen(results: dict[str, Any]) -> None:
    made = numbers(results)
    seen = made["telecom"]["seen"]
    assert (seen["first"]["text"], seen["before"]["text"], seen["date"]["text"]) == (
        "2001-12-31", "2000-12-31", "2000Q4",
    )  # fmt: skip
    assert made["design"]["low"]["text"] == "50" and made["design"]["power"]["text"] == "20"
    assert made["regimes"]["y2000"]["text"] == "0.40"
    assert made["trend"]["telecom_it"]["hindsight"]["gap"]["text"] == "23"
    assert made["response"]["telecom_spread"]["response"]["text"] == "\N{MINUS SIGN}10"
