"""The fundamentals gap: no look-ahead, one form for both eras, a known gap found, bad input refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from overbuild.episodes import DataBook
from overbuild.episodes.episode import load_episode
from overbuild.episodes.measures import measures
from overbuild.errors import InputError
from overbuild.timeseries.fundamentals import SERIES, user_cost
from overbuild.timeseries.gap import ERAS, GapSpecification, gap, gap_of
from overbuild.timeseries.gap_paths import trailing, years_since

QUICK = GapSpecification(draws=400, bootstrap=99)
ALSO = tuple(sorted({s for names in SERIES.values() for s in names}))
DAY = date(1999, 12, 31)


def test_later_rows_do_not_matter() -> None:
    book = DataBook.load()
    later = (book.table["available_from"] > DAY).to_numpy(bool)
    table = book.table.copy()
    table.loc[later, "value"] = -1e9
    poisoned = replace(book, table=table)
    found = [gap_of(b.at(DAY, "telecom", ALSO), QUICK).to_dict() for b in (book, poisoned)]
    assert found[0] == found[1] and later.sum() > 1000
    assert max(r["period"][:4] for r in found[0]["result"]) <= "1999"
    assert found[0]["vintage"]["latest_known_from"] <= "1999-12-31"
    assert found[0]["headline"]["period"] == "1998"


@pytest.fixture(scope="module")
def eras() -> dict[str, dict]:
    return {e: gap(e, specification=QUICK).to_dict() for e in ("ai", "telecom")}


def test_both_eras_have_one_form_and_one_clock(eras: dict[str, dict]) -> None:
    ai, telecom = eras["ai"], eras["telecom"]
    assert set(ai) == set(telecom)
    assert {tuple(sorted(r)) for r in ai["result"]} == {tuple(sorted(r)) for r in telecom["result"]}
    for era in eras.values():
        shared = [r for r in era["result"] if r["perimeter"] == "information_processing"]
        assert shared and {r["equation"] for r in shared} == {"error_correction", "accelerator"}
        assert all(r["gap_low"] <= r["gap"] <= r["gap_high"] for r in era["result"])
    assert "one event" in telecom["sentence"]
    assert years_since("2000", 1996) == 4 and years_since("2026Q2", 2023) == 2.5


@pytest.mark.parametrize("episode", ["ai", "telecom"])
def test_year_zero_is_that_of_the_clock(episode: str) -> None:
    assert str(ERAS[episode].take_off) == measures(load_episode(episode)).take_off


def test_the_trailing_year_is_the_sum_of_four_quarters(eras: dict[str, dict]) -> None:
    row = next(
        r
        for r in eras["ai"]["result"]
        if r["unit"] == "Microsoft" and r["period"] == "2025Q4" and r["equation"] == "pooled"
    )
    capex = DataBook.load().series("capex_cash", "Microsoft").set_index("period")["value"]
    assert row["actual"] == pytest.approx(capex.loc["2025Q1":"2025Q4"].sum())
    assert trailing(np.arange(1.0, 7.0)[None], 4)[0] == pytest.approx([10, 14, 18])


def test_uncertain_parameters_alone_are_a_narrower_band(eras: dict[str, dict]) -> None:
    rows = [r for r in eras["telecom"]["result"] if r["equation"] == "error_correction"]
    inner = np.mean([r["gap_high_parameters"] - r["gap_low_parameters"] for r in rows])
    assert inner < np.mean([r["gap_high"] - r["gap_low"] for r in rows])


def own_file(folder, years: range, boom: float) -> str:
    rng = np.random.default_rng(1)
    rows = ["firm,period,capex,revenue"]
    for firm in ("Acme", "Beta"):
        revenue, error = 1000.0, 0.0
        for year in years:
            revenue *= np.exp(0.05 + 0.05 * rng.normal())
            error = 0.4 * error + 0.03 * rng.normal()
            rows.append(
                f"{firm},{year},{0.2 * revenue * np.exp(error + boom * (year > 2015)):.3f},{revenue:.3f}"
            )
    path = folder / "own.csv"
    path.write_text("\n".join(rows) + "\n")
    return str(path)


def test_a_known_gap_of_an_own_file_is_found(tmp_path) -> None:
    path = own_file(tmp_path, range(1960, 2020), boom=0.4)
    found = gap(path, specification=replace(QUICK, until="2015"))
    row = [r for r in found.result if r["unit"] == "sector" and r["equation"] == "pooled"][-1]
    assert row["gap_low"] < 0.4 < row["gap_high"] and row["gap_low"] > 0.1
    with pytest.raises(InputError, match="until"):
        gap(path, specification=QUICK)


def test_an_own_file_with_a_constant_series_is_refused(tmp_path) -> None:
    rows = ["firm,period,capex,revenue", *(f"Acme,{y},5,{10 + y % 7}" for y in range(1980, 2020))]
    (tmp_path / "flat.csv").write_text("\n".join(rows) + "\n")
    with pytest.raises(InputError, match="constant"):
        gap(str(tmp_path / "flat.csv"), specification=replace(QUICK, until="2010"))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--episode", "ai", "--until", "2022", "--boom-from", "2020"), "overlaps the boom"),
        (("--episode", "ai", "--boom-from", "2020"), "overlaps the boom"),
        (("--episode", "ai", "--since", "2004Q1"), "start in 2014Q4 or later"),
        (("--episode", "telecom", "--lags", "30"), "Ask for fewer lags"),
        (("--episode", "ai", "--as-of", "2010-01-01"), "ask for a later day"),
        (("--episode", "telecom", "--as-of", "1990-01-01"), "1996 is not known on that day"),
        (("--until", "soon"), "expected a year"),
        (("--draws", "5"), "at least 100"),
    ],
)
def test_bad_input_is_named_and_refused(cli, options: tuple[str, ...], says: str) -> None:
    outcome = cli("timeseries", "gap", *options)
    assert outcome.code == 2 and says in outcome.err and outcome.out == ""


def test_the_command_prints_one_object(cli) -> None:
    quick = ("--draws", 400, "--bootstrap", 99)
    outcome = cli("timeseries", "gap", "--episode", "telecom", "--as-of", "1999-12-31", *quick, "--json")
    made = json.loads(outcome.out)
    assert outcome.code == 0 and {"result", "sentence", "vintage"} <= set(made)
    assert made["vintage"]["telecom"]["as_of"] == "1999-12-31"
    table = cli("timeseries", "gap", "--episode", "telecom", *quick)
    assert table.code == 0 and "one event" in table.out
    both = json.loads(cli("timeseries", "contribution", "--json").out)
    assert set(both["eras"]) == {"ai", "telecom"}
    assert cli("timeseries", "contribution").code == 0


def test_the_user_cost_falls_with_the_price_of_equipment() -> None:
    cost = user_cost(DataBook.load().at(date(2018, 12, 31), "telecom", ALSO))
    assert cost.index[0] == "1962" and (cost > 0).all()
    assert cost.loc["2000"] < cost.loc["1985"]
