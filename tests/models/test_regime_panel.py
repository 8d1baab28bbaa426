"""What the regime model conditions on: nothing from later, no dollar twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from overbuild.core import Snapshot
from overbuild.episodes import DataBook
from overbuild.episodes.model_series import model_series
from overbuild.episodes.own import beside, own_book
from overbuild.errors import InputError
from overbuild.models.prior_file import read_priors
from overbuild.models.regime_panel import CENTRE, SCALE, covariates_of, panel_from
from overbuild.models.regime_paths import covariate_effect
from overbuild.models.regime_series import (
    BIG_FIVE,
    CARRIERS,
    FIRMS,
    TELECOM,
    longest_run,
    read_series,
    yearly_spread,
)
from overbuild.models.regimes import RegimeModel
from overbuild.probability.definitions import read_definitions

NOW = date(2026, 11, 22)


def specification(as_of: date) -> RegimeModel:
    return RegimeModel.of(read_priors().at(as_of), read_definitions())


def snapshot_of(book: DataBook, as_of: date, episode: str = "ai") -> Snapshot:
    return book.at(as_of, episode, model_series("regimes", episode))


@pytest.fixture(scope="module")
def book(project_data: Path) -> DataBook:
    return DataBook.load(project_data)


def levels(**series: list[float]) -> dict[str, pd.Series]:
    return {n: pd.Series(v, index=range(2000, 2000 + len(v)), dtype=float) for n, v in series.items()}


def test_growth_starts_after_the_last_year_below_the_floor() -> None:
    given = levels(a=[30, 10, 40, 80, 160], b=[25, 50, 50, 50, 50])
    panel = panel_from(given, dict.fromkeys(given, levels(g=[1000] * 5)["g"]), floor=20)
    assert list(panel.first) == [2, 0]
    assert list(panel.stop) == [4, 4]
    np.testing.assert_allclose(panel.growth[0, 2:], np.log(2))
    assert np.isnan(panel.growth[0, :2]).all()


def test_covariates_are_those_of_the_year_before() -> None:
    years = np.arange(12)
    given = levels(a=list(100 * 1.2**years))
    sizes = levels(a=list(1000 * 1.05**years))
    spreads = levels(a=list(1.0 + 0.1 * years))
    panel = panel_from(given, sizes, spreads=spreads)
    run_up, gap, spread = panel.covariates[0].T * SCALE[:, None] + CENTRE[:, None]
    np.testing.assert_allclose(run_up[4:], 4 * np.log(1.2))
    assert (panel.covariates[0, :4, 0] == 0).all()
    np.testing.assert_allclose(gap[-1], np.log(1.2 / 1.05) * 5.5)
    np.testing.assert_allclose(spread, 1.0 + 0.1 * years[:-1])
    shorter = panel_from(levels(a=list(100 * 1.2 ** years[:-1])), sizes, spreads=levels(a=list(spreads["a"])))
    np.testing.assert_array_equal(shorter.covariates[0], panel.covariates[0])


def test_what_is_not_known_is_the_mean() -> None:
    given = levels(a=[1.0] * 4)
    panel = panel_from(given, given)
    assert (panel.covariates == 0).all()


def test_covariates_of_many_paths_are_those_of_each_and_of_the_paths_ahead() -> None:
    """The recursion ahead computes them one year at a time."""
    rng = np.random.default_rng(1)
    level, share = rng.normal(size=(2, 3, 15)).cumsum(axis=2)
    share[1, :7] = np.nan
    spread = rng.normal(size=(3, 15))
    together = covariates_of(level, share, spread)
    slopes = np.array([0.3, -0.2, 0.5])
    for i in range(3):
        np.testing.assert_allclose(covariates_of(level[i], share[i], spread[i]), together[i])
        for now in range(10, 15):
            effect = covariate_effect(level[i], share[i], spread[i, now], now, slopes / SCALE)
            assert effect == pytest.approx(together[i, now] @ slopes)


def test_the_longest_run_without_a_gap_counts_and_six_years_are_needed() -> None:
    level = pd.Series(1.0, index=[*range(1990, 1996), *range(2000, 2007)])
    assert list(longest_run(level).index) == list(range(2000, 2007))
    assert not len(longest_run(level.loc[:1994]))


def test_a_year_of_the_sector_ends_with_its_last_known_quarter(book: DataBook) -> None:
    snapshot = snapshot_of(book, NOW)
    panel = specification(NOW).panel(snapshot)
    history = snapshot.history("capex")
    known = history.layer("capex")[0]
    last = np.flatnonzero(np.isfinite(known))[-1]
    row = panel.row(BIG_FIVE)
    end = int(panel.stop[row])
    assert panel.years[end - 1] == int(history.time[last][:4])
    assert panel.levels[row, end] == pytest.approx(np.log(known[last - 3 : last + 1].sum()))
    assert panel.levels[row, end - 1] == pytest.approx(np.log(known[last - 7 : last - 3].sum()))


def test_a_firm_counts_until_its_sum_is_known_and_carriers_only_on_request(book: DataBook) -> None:
    snapshot = snapshot_of(book, NOW)
    panel = specification(NOW).panel(snapshot)
    row = panel.row(BIG_FIVE)
    start = panel.years[int(panel.first[row])] - 1
    for firm in FIRMS:
        assert panel.known(firm) >= 5
        assert panel.years[int(panel.stop[panel.row(firm)]) - 1] < start
    assert not set(CARRIERS) & set(panel.members)
    every = replace(specification(NOW), overlap=True).panel(snapshot)
    assert every.known("cable") == 23 and every.known("sbc") == 5
    assert every.known("microsoft") > panel.known("microsoft")
    assert set(CARRIERS) | {"mobile", "cloud"} == set(read_series(snapshot, "gdp_annual").levels)


def test_telecoms_panel_has_the_same_members_as_ais(book: DataBook) -> None:
    one, other = (specification(NOW).panel(snapshot_of(book, NOW, e)) for e in ("ai", "telecom"))
    assert one.members == other.members
    np.testing.assert_allclose(one.growth, other.growth)
    np.testing.assert_allclose(one.covariates, other.covariates)


def test_the_spread_is_that_of_the_series_on_file(book: DataBook) -> None:
    """Baa less ten-year Treasuries in 2009, by the calendar: the widest year on record."""
    spread = yearly_spread(snapshot_of(book, NOW))
    assert spread.idxmax() == 2009 and spread.loc[2009] == pytest.approx(4.04, abs=0.02)
    assert spread.index[0] == 1962


@pytest.mark.parametrize(("episode", "as_of"), [("telecom", date(1999, 12, 31)), ("ai", date(2024, 12, 31))])
def test_rows_of_later_change_nothing(book: DataBook, episode: str, as_of: date) -> None:
    later = np.array([day > as_of for day in book.table["available_from"]])
    assert later.any()
    value = book.table["value"].to_numpy(dtype=float)
    poisoned = replace(book, table=book.table.assign(value=np.where(later, 1e6 * value, value)))
    clean, other = (snapshot_of(b, as_of, episode) for b in (book, poisoned))
    assert clean.digest == other.digest
    spec = specification(as_of)
    for name, values in spec.panel(clean).data().items():
        np.testing.assert_array_equal(values, spec.panel(other).data()[name])
    for name, level in read_series(clean, spec.gdp).levels.items():
        pd.testing.assert_series_equal(level, read_series(other, spec.gdp).levels[name])


def test_telecom_replaces_the_two_series_it_is_the_sum_of(book: DataBook) -> None:
    as_of = date(1999, 12, 31)
    snapshot = snapshot_of(book, as_of, "telecom")
    panel = specification(as_of).panel(snapshot)
    assert not {"bea_comm_equipment", "bea_comm_structures"} & set(panel.members)
    row = panel.row(TELECOM)
    told = snapshot.history("capex").layer("capex")[0]
    assert np.exp(panel.levels[row, int(panel.stop[row])]) == pytest.approx(told[np.isfinite(told)][-1])
    assert panel.known(BIG_FIVE) == 0


def test_a_boom_that_is_a_long_series_is_not_counted_twice(book: DataBook) -> None:
    as_of = date(1965, 12, 31)
    snapshot = book.at(as_of, "us_interstate_highways")
    spec = specification(NOW)
    assert spec.sector(snapshot) == "bea_highways"
    assert "own" not in spec.panel(snapshot).members


def test_a_users_file_is_the_sector_beside_the_long_series(book: DataBook, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    rows = [f"mine,{y},{3 * 1.2 ** (y - 2014):.4f},{100 + y}" for y in range(2014, 2024)]
    path.write_text("\n".join(["firm,period,capex,revenue", *rows]) + "\n")
    also = model_series("regimes", "own")
    snapshot = beside(own_book(path), book, also).at(NOW, "own", also)
    spec = specification(NOW)
    panel = spec.observed(snapshot)
    row = panel.row(spec.sector(snapshot))
    assert panel.known("own") == 9 and not set(FIRMS) & set(panel.members)
    np.testing.assert_allclose(panel.growth[row][np.isfinite(panel.growth[row])], np.log(1.2), atol=1e-3)
    assert panel.known(TELECOM) == 70 and (panel.covariates[row, :, 2] != 0).any()
    assert not read_series(snapshot, spec.gdp).levels


@pytest.mark.parametrize(("as_of", "known"), [(date(2020, 12, 31), 1), (date(1999, 12, 31), 0)])
def test_too_few_years_are_refused(book: DataBook, as_of: date, known: int) -> None:
    with pytest.raises(
        InputError,
        match=f"{known} annual growth rates as of {as_of}; the regimes need 4. Ask for a later day",
    ):
        specification(as_of).fit(snapshot_of(book, as_of), np.random.default_rng(1))


def test_without_any_long_series_it_refuses(book: DataBook) -> None:
    snapshot = snapshot_of(book, NOW)
    table = snapshot.table.loc[~snapshot.table["series"].str.startswith("bea_")]
    with pytest.raises(InputError, match="No long series"):
        specification(NOW).panel(replace(snapshot, table=table))


def test_priors_that_nobody_could_hold_are_refused() -> None:
    with pytest.raises(InputError, match="could not be held"):
        specification(date(1990, 1, 1))
