"""Published totals against their parts, shares against their whole, and what is said of a broken cell."""

from __future__ import annotations

import pandas as pd
import pytest

from overbuild.errors import Fault
from overbuild.locations import data_dir
from overbuild.sources.national_accounts import (
    DIGITAL_TOTAL,
    INFORMATION_PROCESSING,
    NIPA_ROUNDING,
    check_digital_total,
    check_information_processing,
    check_national_accounts,
    check_shares,
    differences,
)

TOTAL, EQUIPMENT, SOFTWARE = INFORMATION_PROCESSING

QUARTERS = {
    "1958Q4": (4213.0, 4213.0, None),
    "1959Q1": (4547.0, 4540.0, 7.0),
    "2000Q4": (465500.0, 303800.0, 161700.0),
    "2026Q2": (1611520.0, 794890.0, 816630.0),
}
"""Total, equipment, software; USD million at annual rates."""

YEAR_2000 = (129559.0, 18799.0, 73704.0, 25340.0, 11716.0)
"""Digital total, structures, equipment, software, computers; USD million."""

ENDS = {"1": "03-31", "2": "06-30", "3": "09-30", "4": "12-31"}


def tidy(records, unit="USD million", file="macro/quarterly.csv"):
    frame = pd.DataFrame(records, columns=["series", "period", "value", "vintage"])
    ends = [f"{p[:4]}-{ENDS[p[-1]]}" if "Q" in p else f"{p}-12-31" for p in frame["period"]]
    return frame.assign(
        entity="United States", unit=unit, period_end=ends, file=file, row=range(2, len(frame) + 2)
    )


def information_processing(vintage="2026-09-28"):
    return tidy(
        [
            (series, quarter, value, vintage)
            for quarter, values in QUARTERS.items()
            for series, value in zip(INFORMATION_PROCESSING, values, strict=True)
            if value is not None
        ]
    )


def digital(values=YEAR_2000):
    return tidy(
        [(s, "2000", v, "2021-08-10") for s, v in zip(DIGITAL_TOTAL, values, strict=True)],
        file="telecom/investment.csv",
    )


def broken(frame, series, period, value):
    out = frame.copy()
    out.loc[(out["series"] == series) & (out["period"] == period), "value"] = value
    return out


def test_published_figures_add_up():
    both = pd.concat([information_processing(), digital()], ignore_index=True)
    assert check_national_accounts(both) == []


def test_software_is_nothing_before_its_first_quarter():
    apart = differences(information_processing(), TOTAL, (EQUIPMENT, SOFTWARE)).set_index("period")
    assert apart["summed"].to_dict()["1958Q4"] == 4213.0
    assert not apart["difference"].to_numpy().any()


@pytest.mark.parametrize("series", INFORMATION_PROCESSING)
def test_a_broken_cell_of_any_part_is_found_at_the_line_of_the_total(series):
    frame = information_processing()
    value = QUARTERS["2000Q4"][INFORMATION_PROCESSING.index(series)]
    assert value is not None
    faults = check_information_processing(broken(frame, series, "2000Q4", value + 2.0))
    line = int(frame.loc[(frame["series"] == TOTAL) & (frame["period"] == "2000Q4"), "row"].iloc[0])
    assert [(f.file, f.row, f.column) for f in faults] == [("macro/quarterly.csv", line, "value")]
    assert "2000Q4" in faults[0].problem


def test_rounding_is_allowed_and_no_more():
    frame = information_processing()
    assert check_information_processing(broken(frame, TOTAL, "2026Q2", 1611520.0 + NIPA_ROUNDING)) == []
    assert (
        len(check_information_processing(broken(frame, TOTAL, "2026Q2", 1611520.0 + NIPA_ROUNDING + 0.1)))
        == 1
    )


def test_vintages_are_not_mixed():
    old, new = information_processing("2026-05-15"), information_processing("2026-09-28")
    revised = broken(new, EQUIPMENT, "2000Q4", 300000.0)
    revised = broken(revised, TOTAL, "2000Q4", 461700.0)
    assert check_information_processing(pd.concat([old, revised], ignore_index=True)) == []
    only_total = new.loc[new["series"] == TOTAL]
    assert (
        check_information_processing(
            pd.concat([old, broken(only_total, TOTAL, "2000Q4", 1.0)], ignore_index=True)
        )
        == []
    )


def test_the_digital_total_is_its_four_parts():
    assert check_digital_total(digital()) == []
    faults = check_digital_total(digital((129559.0, 18799.0, 73704.0, 25340.0, 11706.0)))
    assert [f.row for f in faults] == [2]


@pytest.mark.parametrize(
    ("series", "unit", "value", "wrong"),
    [
        ("share_of_fibre_lit", "percent", 5.0, False),
        ("share_of_fibre_lit", "percent", 100.0, False),
        ("share_of_fibre_lit", "percent", 100.1, True),
        ("share_of_fibre_lit", "percent", -0.1, True),
        ("telecom_share_of_default_volume", "fraction", 1.2, True),
        ("telecom_share_of_default_volume", "fraction", 0.55, False),
        ("share_price_fall", "percent", -98.5, False),
        ("capex_growth", "percent", 250.0, False),
    ],
)
def test_a_share_lies_between_nothing_and_the_whole(series, unit, value, wrong):
    faults = check_shares(tidy([(series, "2001", value, "2021-08-10")], unit=unit, file="telecom/fibre.csv"))
    assert bool(faults) is wrong
    assert all(isinstance(f, Fault) and f.row == 2 for f in faults)


def test_the_shipped_data_satisfy_the_identities():
    files = [data_dir() / "macro/quarterly.csv", data_dir() / "telecom/investment.csv"]
    frames = [
        pd.read_csv(f, dtype={"period": str}).assign(file=f.name, row=lambda t: t.index + 2) for f in files
    ]
    frame = pd.concat(frames, ignore_index=True)
    assert len(differences(frame, TOTAL, (EQUIPMENT, SOFTWARE))) > 300
    assert len(differences(frame, DIGITAL_TOTAL[0], DIGITAL_TOTAL[1:])) == 71
    assert check_national_accounts(frame) == []
