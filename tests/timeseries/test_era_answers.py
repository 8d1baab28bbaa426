"""Both eras through one call, as known on a day and not later; what is refused, and how."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from overbuild.core.snapshot import Snapshot
from overbuild.episodes.databook import DataBook
from overbuild.episodes.model_series import model_series
from overbuild.errors import InputError, UnknownNameError
from overbuild.exhibits.registry import HINDCAST
from overbuild.timeseries.breaks import BreakSpec
from overbuild.timeseries.era_breaks import BreaksAsked, breaks_of
from overbuild.timeseries.era_regimes import RegimesAsked, regimes_of
from overbuild.timeseries.era_responses import responses_of
from overbuild.timeseries.era_series import era_series, known_series
from overbuild.timeseries.era_snapshots import SECTION
from overbuild.timeseries.era_trend import TrendAsked, trends_of
from overbuild.timeseries.markov import MarkovSpec
from overbuild.timeseries.observed import Observed, vintages_of, whole, without_season
from overbuild.timeseries.reported import Reported

QUICK: dict[str, Callable[[list[Snapshot]], Reported]] = {
    "breaks": lambda s: breaks_of(
        s, BreaksAsked(BreakSpec(draws=39), BreakSpec(trend=True, draws=39), placebo_draws=19)
    ),
    "regimes": lambda s: regimes_of(s, RegimesAsked(MarkovSpec(starts=2), draws=200, bootstrap=19)),
    "trend": lambda s: trends_of(s, TrendAsked(draws=5)),
    "response": responses_of,
}
TODAY, BOOM = date(2026, 11, 22), date(1999, 12, 31)


@lru_cache
def book() -> DataBook:
    return DataBook.load(None)


def at(day: date, episode: str, of: DataBook | None = None) -> Snapshot:
    return (of or book()).at(day, episode, model_series(SECTION, episode))


@pytest.mark.parametrize("question", QUICK)
def test_both_eras_through_one_call(question: str) -> None:
    found = QUICK[question]([at(TODAY, "ai"), at(TODAY, "telecom")])
    content = found.to_dict()
    assert {"result", "sentence", "vintage"} <= set(content)
    assert {row["era"] for row in content["result"]} == {"ai", "telecom"}
    assert content["labels"]["telecom"] == HINDCAST
    assert (
        all(content["vintage"].values()) and "ai" in content["sentence"] and "telecom" in content["sentence"]
    )
    json.dumps(content, allow_nan=False)
    assert len(found.frame()) == len(content["result"])


@pytest.mark.parametrize("question", QUICK)
@pytest.mark.parametrize(("episode", "day"), [("telecom", BOOM), ("ai", date(2025, 12, 31))])
def test_nothing_known_later_is_used(question: str, episode: str, day: date) -> None:
    table = book().table
    later = np.array([known > day for known in table["available_from"]])
    value = np.where(later, 1e6 * table["value"].to_numpy(dtype=float), table["value"])
    poisoned = replace(book(), table=table.assign(value=value))
    assert later.any()
    clean, other = (QUICK[question]([at(day, episode, of)]).to_dict() for of in (book(), poisoned))
    assert clean == other
    last = max(
        str(row.get("last") or row.get("at") or row.get("span", "").split(" to ")[-1])
        for row in clean["result"]
    )
    assert last[:4] <= str(day.year)


def test_series_of_the_eras() -> None:
    assert known_series(at(TODAY, "ai"))[:4] == (
        "capex",
        "operating_cash_flow",
        "capex_to_revenue",
        "capex_to_gdp",
    )
    capex = era_series(at(TODAY, "ai"), "capex")
    assert (capex.periods[0], capex.grade) == ("2018Q1", "B") and np.isfinite(capex.values).all()
    share = era_series(at(TODAY, "telecom"), "capex_to_gdp")
    peak = share.values[share.periods.index("2000")]
    assert peak == pytest.approx(0.0090, abs=1e-4)
    whole_it = era_series(at(TODAY, "ai"), "information_processing_to_gdp")
    assert whole_it.values[whole_it.periods.index("2000Q4")] == pytest.approx(0.0446, abs=1e-4)
    with pytest.raises(UnknownNameError, match="No series 'tulips'"):
        era_series(at(TODAY, "ai"), "tulips")
    with pytest.raises(InputError, match=r"'telecom' does not hold .* 'capex_to_revenue' .* It holds: capex"):
        era_series(at(TODAY, "telecom"), "capex_to_revenue")


def test_other_models_are_not_called_tested() -> None:
    found = regimes_of([at(TODAY, "ai")], RegimesAsked(MarkovSpec(order=1, starts=1), draws=200))
    assert found.rows[0]["p_linear"] is None and "not tested" in found.sentence


def test_telecom_has_no_rivals_and_says_so() -> None:
    rows = responses_of([at(TODAY, "telecom")]).rows
    (rivals,) = [r for r in rows if r["driver"] == "rivals' spending"]
    assert rivals["response"] is None and "no quarterly spending" in rivals["how"]
    (flow,) = [r for r in rows if r["driver"] == "cash flow"]
    assert "stand-in" in flow["how"]


def test_trend_before_a_boom_may_not_end_in_it() -> None:
    with pytest.raises(InputError, match=r"up to 1999, but the boom begins in 1995: the windows overlap"):
        trends_of([at(TODAY, "telecom")], TrendAsked("1999"))


def quarters(values: list[float], first: int = 2000) -> pd.Series:
    return pd.Series(values, index=[f"{first + i // 4}Q{i % 4 + 1}" for i in range(len(values))])


def test_gaps_are_named_with_the_run_that_would_do() -> None:
    values = quarters([1.0, 2.0, float("nan"), 4.0, 5.0, 6.0])
    with pytest.raises(InputError, match=r"x lacks 2000Q3 .* run from 2000Q4 to 2001Q2 has no gap"):
        whole("x", "X", "USD million", values, "A", ("a", "b"))
    found = whole("x", "X", "USD million", values, "A", ("a", "b"), first="2000Q4")
    assert found.periods == ("2000Q4", "2001Q1", "2001Q2")
    with pytest.raises(InputError, match="Nothing of x from 2005Q1 on was known"):
        whole("x", "X", "USD million", values, "A", ("a", "b"), first="2005Q1")


def test_mixed_vintages_are_refused_unless_never_revised() -> None:
    rows = pd.DataFrame(
        {
            "series": ["gdp", "gdp"],
            "unit": ["USD million", "USD million"],
            "vintage": [date(2024, 1, 31), date(2026, 9, 28)],
            "available_from": [date(2020, 1, 30), date(2020, 4, 30)],
        }
    )
    with pytest.raises(InputError, match=r"x mixes vintages of gdp from 2024-01-31 and 2026-09-28"):
        vintages_of(rows, "x")
    assert vintages_of(rows.assign(unit="percent"), "x") == ("2024-01-31", "2026-09-28")
    first_prints = rows.assign(available_from=rows["vintage"])
    assert vintages_of(first_prints, "x") == ("2024-01-31", "2026-09-28")


def test_a_fixed_season_is_taken_out_whole() -> None:
    season = np.array([0.2, -0.1, 0.0, -0.1])
    logs = 0.03 * np.arange(24) + np.tile(season, 6)
    periods = tuple(f"{2000 + i // 4}Q{i % 4 + 1}" for i in range(24))
    made = Observed("x", "X", "USD million", periods, np.exp(logs), "A", ("a", "b"))
    assert np.diff(without_season(made).values) == pytest.approx(np.full(23, 0.03), abs=2e-3)
    with pytest.raises(InputError, match="x is not above 0 in 2000Q1"):
        without_season(made.with_values(np.zeros(24)))
    with pytest.raises(InputError, match="nothing of it lies between"):
        made.between("2010", "2011")
    assert made.between("2001", "2002").periods[0] == "2001Q1"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["breaks", "--trimming", "0.7"], "a trimming between 0 and 0.5"),
        (["breaks", "--episode", "ai", "--as-of", "2020-06-30"], "needs 8"),
        (["regimes", "--episode", "ai", "--as-of", "2020-06-30"], "need 18"),
        (["trend", "--before", "1999", "--episode", "telecom"], "the windows overlap"),
        (["response", "--episode", "ai", "--lags", "9"], "9 lags and 8 periods ahead need"),
        (["trend", "--episode", "nowhere"], "No episode 'nowhere'"),
        (["response", "--episode", "us_gas_turbines"], "holds none of what spending is projected on"),
        (["trend", "--as-of", "tomorrow"], "is not a date"),
    ],
)
def test_bad_input_ends_with_one_message(cli: Any, arguments: list[str], told: str) -> None:
    result = cli("timeseries", *arguments)
    assert result.code == 2 and told in result.err and "Traceback" not in result.err and not result.out


def test_commands_print_one_json_object_and_nothing_else(cli: Any) -> None:
    result = cli("timeseries", "response", "--json")
    assert result.code == 0 and set(json.loads(result.out)) >= {"result", "sentence", "vintage"}
    shown = cli("timeseries", "response", "--episode", "telecom", "--as-of", "1999-12-31")
    assert shown.code == 0 and HINDCAST in shown.out and "Descriptive" in shown.out
