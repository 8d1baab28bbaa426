"""Four quarters against the filed year: what is lifted, what is not, and what the check says of a break."""

from __future__ import annotations

import pandas as pd
import pytest

from overbuild.locations import data_dir
from overbuild.sources.identities import PROMOTED, TOLERANCE, check_promotions, promote, year_sums

MICROSOFT_FY2018 = (
    ("2017Q3", "2017-09-30", 2132),
    ("2017Q4", "2017-12-31", 2586),
    ("2018Q1", "2018-03-31", 2934),
    ("2018Q2", "2018-06-30", 3980),
)
"""Additions to property and equipment, USD million; the 10-K for fiscal 2018 says 11,632."""

NVIDIA_FY2022 = (
    ("2021Q1", "2021-05-02", 298),
    ("2021Q2", "2021-08-01", 183),
    ("2021Q3", "2021-10-31", 222),
    ("2021Q4", "2022-01-30", 273),
)


def rows(entity, quarters, grade="C", series="capex_cash", vintage="2026-11-20"):
    return pd.DataFrame(
        {
            "series": series,
            "entity": entity,
            "frequency": "Q",
            "period": [q[0] for q in quarters],
            "period_end": [q[1] for q in quarters],
            "value": [float(q[2]) for q in quarters],
            "grade": grade,
            "vintage": vintage,
            "note": "vendor quarter",
        }
    )


def year(entity, label, end, value, grade="B", series="capex_cash_fy", vintage="2026-11-20"):
    return pd.DataFrame(
        {
            "series": [series],
            "entity": [entity],
            "frequency": ["A"],
            "period": [label],
            "period_end": [end],
            "value": [float(value)],
            "grade": [grade],
            "vintage": [vintage],
            "note": [""],
        }
    )


def file_of(*frames):
    table = pd.concat(frames, ignore_index=True).assign(file="x.csv")
    return table.assign(row=range(2, len(table) + 2))


def test_a_fiscal_year_that_ends_in_june_lifts_its_own_quarters_only():
    neighbour = rows("Microsoft", (("2018Q3", "2018-09-30", 3602),)).set_index(pd.Index([99]))
    quarters = pd.concat([rows("Microsoft", MICROSOFT_FY2018), neighbour])
    lifted = promote(quarters, year("Microsoft", "2018", "2018-06-30", 11632))
    assert lifted["grade"].tolist() == ["B", "B", "B", "B", "C"]
    assert lifted.loc[0, "note"] == f"vendor quarter; {PROMOTED}"
    assert lifted.loc[99, "note"] == "vendor quarter"
    assert set(quarters["grade"]) == {"C"}, "the argument is left as it was"


def test_a_year_of_52_or_53_weeks_takes_the_four_quarters_that_end_in_it():
    before = rows("NVIDIA", (("2020Q4", "2021-01-31", 283),)).set_index(pd.Index([99]))
    quarters = pd.concat([rows("NVIDIA", NVIDIA_FY2022), before])
    sums = year_sums(quarters, year("NVIDIA", "2022", "2022-01-30", 976))
    assert sums.loc[0, "quarters"] == 4
    assert sums.loc[0, "summed"] == pytest.approx(976)
    assert sums.loc[0, "gap"] == pytest.approx(0)
    assert sums.loc[0, "members"] == (0, 1, 2, 3)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [(11632 / (1 + 0.99 * TOLERANCE), "B"), (11632 / (1 + 1.01 * TOLERANCE), "C"), (0, "C")],
)
def test_the_tolerance_is_half_a_percent_of_the_filed_year(stated, expected):
    lifted = promote(rows("Microsoft", MICROSOFT_FY2018), year("Microsoft", "2018", "2018-06-30", stated))
    assert set(lifted["grade"]) == {expected}


@pytest.mark.parametrize("grade", ["A", "B", "D"])
def test_only_grade_c_moves(grade):
    quarters = rows("Microsoft", MICROSOFT_FY2018, grade=grade)
    lifted = promote(quarters, year("Microsoft", "2018", "2018-06-30", 11632))
    assert set(lifted["grade"]) == {grade}


def test_three_quarters_or_a_secondary_year_support_nothing():
    quarters = rows("Microsoft", MICROSOFT_FY2018)
    assert set(promote(quarters.iloc[1:], year("Microsoft", "2018", "2018-06-30", 9500))["grade"]) == {"C"}
    assert set(promote(quarters, year("Microsoft", "2018", "2018-06-30", 11632, grade="C"))["grade"]) == {"C"}
    assert set(promote(quarters, year("Oracle", "2018", "2018-05-31", 11632))["grade"]) == {"C"}


def test_one_of_several_vintages_of_the_year_is_enough():
    years = pd.concat(
        [
            year("Microsoft", "2018", "2018-06-30", 9000, vintage="2018-08-29"),
            year("Microsoft", "2018", "2018-06-30", 11632, vintage="2019-08-29"),
        ],
        ignore_index=True,
    )
    assert set(promote(rows("Microsoft", MICROSOFT_FY2018), years)["grade"]) == {"B"}


def test_the_newest_vintage_of_a_quarter_counts():
    first = rows("Microsoft", (("2018Q2", "2018-06-30", 1),), vintage="2018-08-14").set_index(pd.Index([99]))
    quarters = pd.concat([first, rows("Microsoft", MICROSOFT_FY2018)])
    lifted = promote(quarters, year("Microsoft", "2018", "2018-06-30", 11632))
    assert lifted["grade"].tolist() == ["C", "B", "B", "B", "B"]


def test_the_check_is_quiet_while_the_year_sums_and_names_each_row_when_it_does_not():
    filed = year("Microsoft", "2018", "2018-06-30", 11632)
    table = file_of(promote(rows("Microsoft", MICROSOFT_FY2018), filed), filed)
    assert check_promotions(table) == []
    table.loc[3, "value"] = 4980.0
    faults = check_promotions(table)
    assert [(f.file, f.row, f.column) for f in faults] == [("x.csv", line, "grade") for line in (2, 3, 4, 5)]
    assert "the quarters sum to 12632 and the filed year is 11632" in faults[0].problem


def test_the_check_says_when_a_quarter_or_the_year_is_gone():
    filed = year("Microsoft", "2018", "2018-06-30", 11632)
    lifted = promote(rows("Microsoft", MICROSOFT_FY2018), filed)
    assert "3 quarters of that year are there" in check_promotions(file_of(lifted.iloc[1:], filed))[0].problem
    assert "no filed year of grade A or B holds it" in check_promotions(file_of(lifted))[0].problem


def test_every_promoted_quarter_that_is_shipped_still_sums():
    folder = data_dir() / "hyperscalers"
    files = [folder / "financials_quarterly.csv", folder / "financials_annual.csv"]
    table = file_of(*(pd.read_csv(f, dtype={"period": str}, keep_default_na=False) for f in files))
    assert table["note"].str.contains(PROMOTED, regex=False).sum() > 100
    assert check_promotions(table) == []
