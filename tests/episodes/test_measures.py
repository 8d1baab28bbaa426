"""The measures of a boom: a table whose answers are known, and the two eras as published."""

from __future__ import annotations

import json
import math
from datetime import date

import pandas as pd
import pytest

from overbuild import load_episode, measures
from overbuild.episodes.flows import amount, by_year, drawdown, growth, ratio, told_in, trailing_sum
from overbuild.errors import InputError


def annual(measured, perimeter):
    rows = measured.annual[measured.annual["perimeter"] == perimeter]
    return rows.set_index("period")


@pytest.fixture(scope="module")
def ai(project_data):
    return measures(load_episode("ai", data=project_data))


@pytest.fixture(scope="module")
def telecom(project_data):
    return measures(load_episode("telecom", data=project_data))


def test_two_firms(folder):
    """Alpha spends 100, 110, ... a quarter, Beta 50; GDP is 20,000 a year; see tests/conftest.py."""
    measured = measures(load_episode("ai", data=folder.path))
    assert measured.unit == "USD million"
    both, alpha = annual(measured, "two_firms"), annual(measured, "alpha")
    assert both["capex"].tolist() == pytest.approx([660, 820, 980, 1140])
    assert both["share_of_gdp"].tolist() == pytest.approx([3.3, 4.1, 4.9, 5.7])
    assert both["growth"].tolist()[1:] == pytest.approx([82 / 66 - 1, 98 / 82 - 1, 114 / 98 - 1])
    assert math.isnan(both["growth"].iloc[0])
    assert both["drawdown"].tolist() == [0.0] * 4
    assert both["capex_to_revenue"].tolist() == pytest.approx([0.11, 0.82 / 6, 0.98 / 6, 0.19])
    assert both["capex_to_operating_cash_flow"].tolist() == pytest.approx([0.33, 0.41, 0.49, 0.57])
    assert both["concentration"].iloc[0] == pytest.approx((0.46**2 + 0.2**2) / 0.66**2)
    assert both["grade"].tolist() == ["B"] * 4 and both["sources"].tolist() == [["s1"]] * 4
    assert alpha["capex"].iloc[0] == pytest.approx(460)
    assert set(alpha["concentration"].isna()) == {True}
    assert len(measured.trailing) == 13
    assert measured.trailing["period"].iloc[0] == "2018Q4"
    assert measured.trailing["share_of_gdp"].iloc[-1] == pytest.approx(5.7)
    beta = measured.latest["Beta"]
    assert (beta["capex"], beta["capex_to_revenue"], beta["grade"]) == (200, 0.1, "A")
    assert beta["capex_to_operating_cash_flow_quarter"] == 0.5
    assert measured.sentence() == (
        "Two firms: capex of USD 1,140.0 million in 2021, 5.70 % of GDP (real-time vintage; grade B)."
    )


def test_a_year_is_whole_or_left_out(folder):
    early = measures(load_episode("ai", date(2020, 11, 20), folder.path))
    assert annual(early, "two_firms").index.tolist() == ["2018", "2019"]
    assert early.trailing["period"].iloc[-1] == "2020Q3"
    none = measures(load_episode("ai", date(2018, 6, 1), folder.path))
    assert none.annual.empty and none.trailing.empty and none.take_off is None
    assert none.sentence() == "Two firms: no whole year of capex was known on 2018-06-01."
    json.dumps(none.to_dict(), allow_nan=False)
    with pytest.raises(InputError, match="No spending of 'ai' was known on 2018-01-01"):
        measures(load_episode("ai", date(2018, 1, 1), folder.path))


def test_the_main_perimeter_is_never_replaced_by_another(folder):
    """Where the sum of both is not known, the sentence does not tell Alpha's spending as the sector's."""
    rows = folder.read("hyperscalers/financials_quarterly.csv")
    kept = [r for r in rows if (r["entity"], r["series"]) != ("Beta", "capex_cash")]
    folder.write("hyperscalers/financials_quarterly.csv", kept)
    folder.settle()
    measured = measures(load_episode("ai", data=folder.path))
    assert set(measured.annual["perimeter"]) == {"alpha"}
    assert measured.take_off is None and measured.trailing.empty
    assert "no whole year of capex was known" in measured.sentence()
    assert "Beta has no whole year of figures yet" in measured.ragged


def series(values, first="2000"):
    return pd.Series(values, index=[str(int(first) + i) for i in range(len(values))], dtype=float)


def quarters(values):
    return pd.Series(values, index=[f"{2000 + i // 4}Q{i % 4 + 1}" for i in range(len(values))], dtype=float)


def test_flows():
    assert trailing_sum(quarters([1, 2, 3, 4, 5])).tolist()[3:] == [10.0, 14.0]
    assert trailing_sum(quarters([1, 2, 3])).isna().all()
    assert trailing_sum(series([1, 2])).tolist() == [1.0, 2.0]
    assert drawdown(series([2, 4, 3, 1, 5])).tolist() == [0.0, 0.0, 0.25, 0.75, 0.0]
    assert growth(series([2, 3])).tolist()[1] == 0.5
    assert growth(quarters([1, 1, 1, 1, 2])).tolist()[4] == 1.0
    assert ratio(series([1, 2, 3]), series([2, 0])).tolist()[0] == 0.5
    assert ratio(series([1, 2, 3]), series([2, 0])).isna().tolist() == [False, True, True]


def test_a_gap_is_no_growth():
    with_gap = quarters([1, 1, 1, 1, math.nan, 1, 1, 1, 3, 3, 3, 3])
    years = by_year(with_gap)
    assert years.isna().to_dict() == {"2000": False, "2001": True, "2002": False}
    assert set(growth(years).isna()) == {True}
    assert drawdown(years).to_dict()["2002"] == 0.0
    assert by_year(quarters([4, 8, 6, 6]), "mean").to_dict() == {"2000": 6.0}
    assert by_year(quarters([4, 8])).empty


def test_amounts_and_units():
    assert told_in("USD million", 1e5) == ("USD billion", 1e-3)
    assert told_in("GBP million", 44) == ("GBP million", 1.0)
    assert told_in("miles", 7437) == ("miles", 1.0)
    assert amount(376.051, "USD billion") == "USD 376.1 billion"
    assert amount(7437, "miles") == "7,437.0 miles"


def test_four_firms_spent_376_billion_in_2025(ai, cli):
    content = json.loads(cli("measures", "ai", "--json").out)
    rows = {r["period"]: r for r in content["annual"] if r["perimeter"] == "four_firms"}
    assert rows["2025"]["capex"] == pytest.approx(376, abs=0.5)
    assert rows["2024"]["capex"] == pytest.approx(228, abs=0.5)
    assert all(rows[y]["grade"] in ("A", "B") and rows[y]["sources"] for y in ("2024", "2025"))
    assert content["unit"] == "USD billion" and content["label"] == "real-time vintage"
    five = annual(ai, "big_five")
    assert five.index.tolist() == [str(y) for y in range(2018, 2026)]
    assert (five["capex"] > annual(ai, "four_firms")["capex"].reindex(five.index)).all()
    assert set(ai.latest) == {"Microsoft", "Alphabet", "Amazon", "Meta", "Oracle"}
    for firm in ai.latest.values():
        assert firm["grade"] in ("A", "B") and firm["sources"]
        assert 0.1 < firm["capex_to_revenue"] < 1 < 3 * firm["capex_to_operating_cash_flow"] < 6


def test_telecom_broad_was_1_26_percent_of_gdp_and_fell_by_40_percent(telecom, cli):
    content = json.loads(cli("measures", "telecom", "--json").out)
    rows = {r["period"]: r for r in content["annual"] if r["perimeter"] == "broad"}
    assert rows["2000"]["capex"] == pytest.approx(129.6, abs=0.05)
    assert rows["2000"]["share_of_gdp"] == pytest.approx(1.26, abs=0.005)
    assert rows["2003"]["drawdown"] == pytest.approx(0.40, abs=0.005)
    assert rows["2000"]["grade"] in ("A", "B") and rows["2000"]["sources"]
    assert content["label"] == "hindcast on revised data; one event"
    narrow = annual(telecom, "narrow")
    assert narrow.loc["2000", "share_of_gdp"] == pytest.approx(0.90, abs=0.005)
    assert narrow.loc["2003", "drawdown"] == pytest.approx(0.413, abs=0.0005)
    assert narrow.loc["2001", "capex_hedonic"] > 0


def test_every_boom_of_the_project_can_be_measured(project_data):
    from overbuild import DataBook
    from overbuild.episodes import Episode

    book = DataBook.load(project_data)
    for name in book.perimeter:
        measured = measures(Episode(name, book, book.newest))
        content = measured.to_dict()
        json.dumps(content, allow_nan=False)
        assert content["annual"], name
        assert all(r["grade"] and r["sources"] for r in content["annual"]), name
        assert all(s in book.sources for r in content["annual"] for s in r["sources"]), name
