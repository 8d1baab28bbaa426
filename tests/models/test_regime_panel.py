"""What the regime model conditions on: nothing from later, years that end with the last known quarter."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from overbuild.episodes import DataBook
from overbuild.errors import InputError
from overbuild.models.prior_file import read_priors
from overbuild.models.regime_panel import CENTRE, OWN, SCALE, TELECOM, panel_from, standardised
from overbuild.models.regimes import RegimeModel
from overbuild.probability.definitions import read_definitions


def specification(as_of: date) -> RegimeModel:
    return RegimeModel.of(read_definitions()["baserate"], read_priors().at(as_of))


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
    panel = panel_from(given, sizes)
    run_up, gap = panel.covariates[0].T * SCALE[:, None] + CENTRE[:, None]
    np.testing.assert_allclose(run_up[4:], 4 * np.log(1.2))
    assert (panel.covariates[0, :4, 0] == 0).all()
    np.testing.assert_allclose(gap[-1], np.log(1.2 / 1.05) * 5.5)
    shorter = panel_from(levels(a=list(100 * 1.2 ** years[:-1])), sizes)
    np.testing.assert_array_equal(shorter.covariates[0], panel.covariates[0, :-1])


def test_covariates_of_many_paths_are_those_of_each() -> None:
    rng = np.random.default_rng(1)
    level, share = rng.normal(size=(2, 3, 15)).cumsum(axis=2)
    together = standardised(level, share)
    for i in range(3):
        np.testing.assert_allclose(standardised(level[i], share[i]), together[i])


def test_a_year_of_the_sector_ends_with_its_last_known_quarter(project_data) -> None:
    as_of = date(2026, 11, 22)
    snapshot = DataBook.load(project_data).at(as_of, "ai")
    panel = specification(as_of).panel(snapshot)
    history = snapshot.history("capex")
    known = history.layer("capex")[0]
    last = np.flatnonzero(np.isfinite(known))[-1]
    row = panel.members.index(OWN)
    end = int(panel.stop[row])
    assert panel.years[end - 1] == int(history.time[last][:4])
    assert panel.levels[row, end] == pytest.approx(np.log(known[last - 3 : last + 1].sum()))
    assert panel.levels[row, end - 1] == pytest.approx(np.log(known[last - 7 : last - 3].sum()))


@pytest.mark.parametrize(("episode", "as_of"), [("telecom", date(1999, 12, 31)), ("ai", date(2024, 12, 31))])
def test_rows_of_later_change_nothing(project_data, episode: str, as_of: date) -> None:
    book = DataBook.load(project_data)
    later = np.array([day > as_of for day in book.table["available_from"]])
    assert later.any()
    value = book.table["value"].to_numpy(dtype=float)
    poisoned = replace(book, table=book.table.assign(value=np.where(later, 1e6 * value, value)))
    clean, other = (b.at(as_of, episode) for b in (book, poisoned))
    assert clean.digest == other.digest
    spec = specification(as_of)
    for name, values in spec.panel(clean).data().items():
        np.testing.assert_array_equal(values, spec.panel(other).data()[name])


def test_telecom_replaces_the_two_series_it_is_the_sum_of(project_data) -> None:
    as_of = date(1999, 12, 31)
    snapshot = DataBook.load(project_data).at(as_of, "telecom")
    panel = specification(as_of).panel(snapshot)
    assert not {"bea_comm_equipment", "bea_comm_structures"} & set(panel.members)
    row = panel.members.index(TELECOM)
    told = snapshot.history("capex").layer("capex")[0]
    assert np.exp(panel.levels[row, int(panel.stop[row])]) == pytest.approx(told[np.isfinite(told)][-1])
    assert panel.stop[panel.members.index(OWN)] == 0


def test_too_few_years_are_refused(project_data) -> None:
    as_of = date(2020, 12, 31)
    snapshot = DataBook.load(project_data).at(as_of, "ai")
    with pytest.raises(InputError, match="annual growth rates as of 2020-12-31; the regimes need 4"):
        specification(as_of).fit(snapshot, np.random.default_rng(1))


def test_priors_that_nobody_could_hold_are_refused() -> None:
    with pytest.raises(InputError, match="could not be held on 1990-01-01"):
        specification(date(1990, 1, 1))
