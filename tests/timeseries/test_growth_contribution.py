"""Contributions to growth against exact sums of a chained economy, and against published ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from overbuild.episodes import DataBook
from overbuild.errors import InputError, UnknownNameError
from overbuild.timeseries.contribution import contribution, contribution_of
from overbuild.timeseries.contribution_series import SERIES
from overbuild.timeseries.growth_contribution import annual_growth, fisher, tornqvist
from overbuild.timeseries.vintages import JOINED, refuse_mixed, revisions


def economy(periods: int = 12) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return prices, quantities of two goods, Fisher quantity index and Paasche relatives."""
    rng = np.random.default_rng(1)
    p = np.exp(np.cumsum(rng.normal([0.0, -0.05], 0.03, (periods, 2)), axis=0))
    q = np.exp(np.cumsum(rng.normal([0.01, 0.08], 0.03, (periods, 2)), axis=0)) * [10.0, 1.0]
    laspeyres = (p[:-1] * q[1:]).sum(1) / (p[:-1] * q[:-1]).sum(1)
    paasche = (p[1:] * q[1:]).sum(1) / (p[1:] * q[:-1]).sum(1)
    index = np.concatenate([[1.0], np.cumprod(np.sqrt(laspeyres * paasche))])
    return p, q, index, paasche


@pytest.mark.parametrize("per_year", [1, 4])
def test_fisher_contributions_add_up_to_growth(per_year: int) -> None:
    p, q, index, paasche = economy()
    total = (p * q).sum(1)
    parts = [fisher(p[:, i] * q[:, i], q[:, i], total, index, per_year, paasche) for i in range(2)]
    assert parts[0] + parts[1] == pytest.approx(annual_growth(index, per_year), rel=1e-12)


def test_tornqvist_contributions_add_up_to_its_own_index() -> None:
    p, q, _, _ = economy()
    total = (p * q).sum(1)
    share = p * q / total[:, None]
    log_growth = ((share[1:] + share[:-1]) / 2 * np.diff(np.log(q), axis=0)).sum(1)
    index = np.exp(np.concatenate([[0.0], np.cumsum(log_growth)]))
    parts = [tornqvist(p[:, i] * q[:, i], q[:, i], total, index, 4) for i in range(2)]
    assert parts[0] + parts[1] == pytest.approx(annual_growth(index, 4), rel=1e-12)


def test_still_growth_has_a_limit() -> None:
    flat = np.ones(3)
    part = np.array([1.0, 1.1, 1.1])
    assert tornqvist(part, part, 10 * flat, flat, 4)[0] == pytest.approx(
        4 * 100 * 0.105 * np.log(1.1), rel=1e-9
    )
    assert np.isfinite(fisher(part, part, 10 * flat, flat, 4)).all()


def test_our_sums_are_the_published_ones() -> None:
    found = contribution("ai")
    row = next(r for r in found.compared if r["component"] == "nonresidential_investment")
    assert row["periods"] >= 64 and row["mean_absolute"] < 0.02
    latest = {r["component"]: r for r in found.latest}
    equipment = latest["information_processing_equipment"]
    assert equipment["period"] == "2026Q1"
    assert equipment["published"] == 0.77 and equipment["published_grade"] == "D"
    assert latest["software"]["published"] == 0.52
    assert latest["software"]["tornqvist"] == pytest.approx(0.52, abs=0.03)
    # Ours rests on the second estimate of real equipment, the published figure on the third.
    assert equipment["tornqvist"] - 0.77 == pytest.approx(
        -4 * equipment["closing_revision"] * 2.381, abs=0.002
    )


def test_the_bulletin_is_compared_over_windows_it_can_have_seen() -> None:
    rows = [s for s in contribution("ai").statements if s["statement"] == "bis"]
    assert {s["perimeter"] for s in rows} == {
        "information_technology",
        "with_datacentre_construction",
        "with_research",
    }
    assert all(s["could_be_seen"] == (s["since_to"] <= "2025Q3") for s in rows)
    assert not any(s["holds"] and not s["could_be_seen"] for s in rows)


def test_years_before_2010_rest_on_industry_prices_and_say_how_far_off_they_are() -> None:
    found = contribution("telecom")
    frame = found.frame()
    assert set(frame["grade"]) == {"C"} and set(frame["period"]) == {str(y) for y in range(1995, 2002)}
    assert found.compared[0]["periods"] == 7 and found.compared[0]["mean_absolute"] < 0.06
    total = frame.pivot(index="period", columns="component", values="tornqvist")
    parts = total[["computers", "other_equipment", "software"]].sum(axis=1)
    assert total["information_technology"].to_numpy() == pytest.approx(parts.to_numpy())


def test_a_join_of_vintages_that_is_called_clean_is_clean() -> None:
    book = DataBook.load()
    gdp = book.series("gdp").set_index("period")["value"]
    of_may = book.series("gdp_real").set_index("period")["value"] * (
        book.series("gdp_deflator").set_index("period")["value"] / 100
    )
    both = (gdp / of_may - 1).dropna().loc[:"2025Q4"]
    assert len(both) > 300 and both.abs().max() < 1e-5
    assert "gdp" in JOINED


def test_growth_never_crosses_a_revision() -> None:
    found = contribution("ai", date(2026, 6, 1))
    refused = {r["component"]: r["why"] for r in found.refused}
    assert "mixes vintages" in refused["datacentre_construction"]
    assert "with_datacentre_construction" not in set(found.frame()["component"])
    rows = DataBook.load().series("gdp_real")
    rows.loc[rows.index[-1], "vintage"] = date(2026, 9, 28)
    with pytest.raises(InputError, match="gdp_real mixes vintages"):
        refuse_mixed(rows, "United States")


def test_construction_was_revised_by_a_sixth_to_a_quarter() -> None:
    rows = [
        r for r in revisions(DataBook.load(), date(2026, 11, 20)) if r["series"] == "datacentre_construction"
    ]
    assert len(rows) == 5 and all(0.17 <= r["ratio"] <= 0.27 for r in rows)
    assert not [r for r in revisions(DataBook.load(), date(2026, 6, 1)) if r["series"] == rows[0]["series"]]


def test_later_rows_do_not_matter() -> None:
    book, day = DataBook.load(), date(2026, 2, 15)
    later = (book.table["available_from"] > day).to_numpy(bool)
    table = book.table.copy()
    table.loc[later, "value"] *= 1000
    poisoned = replace(book, table=table)
    found = [contribution_of(b.at(day, "ai", SERIES)).to_dict() for b in (book, poisoned)]
    assert found[0] == found[1] and later.sum() > 100


def test_what_cannot_be_added_up_is_named() -> None:
    with pytest.raises(UnknownNameError, match="Available: ai, telecom"):
        contribution("shale")
    with pytest.raises(
        InputError, match="2026Q2 is not known: real investment is known for 2010Q2 to 2026Q1"
    ):
        contribution("ai", until="2026Q2")
