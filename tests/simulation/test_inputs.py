"""Inputs from what was known on a day: later rows change nothing, and refusals are plain."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.stats import truncnorm

from overbuild.episodes import DataBook
from overbuild.errors import InputError, UnknownNameError
from overbuild.models.demand import DemandModel
from overbuild.pipeline.inside_view import asked
from overbuild.simulation.inputs import DEMAND, DEVIATION, SLOPES
from overbuild.simulation.sources import Known, level_on_record, prior_demand, prior_regimes
from overbuild.simulation.telecom import telecom_inputs

DAY = date(1999, 12, 31)


def _draws(known: Known, size: int) -> tuple[dict, dict]:
    rng = np.random.default_rng(0)
    return prior_regimes(known, 2, size, rng), prior_demand(known, size, rng)


def test_rows_from_later_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Known("telecom", DAY)
    clean = telecom_inputs(known, *_draws(known, 20), 20)
    book = DataBook.load()
    table = book.table.copy()
    later = pd.Series(table["available_from"] > DAY)
    assert bool(later.any())
    table.loc[later, "value"] *= 1e6
    poisoned = replace(book, table=table)
    monkeypatch.setattr(DataBook, "load", staticmethod(lambda *_, **__: poisoned))
    again = telecom_inputs(known, *_draws(known, 20), 20)
    for name, values in clean.draws.items():
        assert (values == again.draws[name]).all(), name
    assert clean.last == again.last == "1999Q3"
    assert clean.nowcast == again.nowcast


def test_telecom_s_quarters_add_up_to_its_years() -> None:
    known = Known("telecom", DAY)
    made = telecom_inputs(known, *_draws(known, 5), 5)
    years = made.history.layer("capex")[0]
    quarters = made.draws["spent"].sum(axis=2)
    ahead = len(made.nowcast)
    of_years = quarters[:, : quarters.shape[1] - ahead]
    last = of_years[:, -4:].sum(axis=1)
    assert last == pytest.approx(np.full(5, years[-1]))
    assert quarters[0, -ahead:] == pytest.approx(made.nowcast)
    assert made.draws["split_ahead"].sum(axis=1) == pytest.approx(np.ones(5))


def test_a_day_before_the_data_a_past_horizon_and_an_unknown_era_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="era of the inside view"):
        asked("railways")
    with pytest.raises(InputError, match="does not lie after"):
        asked("ai", by="2020")
    known = Known("ai", date(2019, 6, 30))
    with pytest.raises(InputError):
        known.priors.values("simulation")["pace"]


def test_prior_draws_have_every_parameter() -> None:
    known = Known("telecom", DAY)
    regimes, demand = _draws(known, 3)
    assert set(demand) == {*DEMAND, DEVIATION}
    assert all((regimes[n] >= 0).all() for n in SLOPES)
    assert regimes["state"].sum(axis=1) == pytest.approx(np.ones(3))
    assert all(np.isfinite(v).all() for v in (*regimes.values(), *demand.values()))


def test_knowing_today_s_level_is_not_learning_the_ceiling() -> None:
    known = Known("ai", date(2026, 11, 22))
    model = DemandModel.of(known.priors, {})
    data = model.observed(known.snapshot("demand"))
    level = level_on_record(data)
    assert level is not None and np.exp(level) == pytest.approx(72_000)
    mean, spread = model.setting(data.index, "ceiling")
    held = prior_demand(known, 4000, np.random.default_rng(0))["headroom"]
    exact = truncnorm((level - mean) / spread, np.inf, mean - level, spread)
    assert held.min() > 0
    assert held.mean() == pytest.approx(exact.mean(), abs=0.06)
    assert held.var() == pytest.approx(exact.var(), rel=0.1)
    early = Known("telecom", date(1997, 12, 31))
    none = DemandModel.of(early.priors, {}).observed(early.snapshot("demand"))
    assert level_on_record(none) is None
