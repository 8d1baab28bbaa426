"""The base rate as a forecaster: what it answers, what it refuses, and what it does not look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd
import pytest

from overbuild.core import Event, Forecast, Forecaster, Paths, Snapshot
from overbuild.core.periods import span
from overbuild.probability.baserate_forecaster import BaseRateForecaster
from overbuild.probability.choices import BaseRateChoices
from overbuild.probability.conditional_rates import State, Tally, at_horizon, tally
from overbuild.probability.intervals import METHODS
from overbuild.probability.panels import panel_of
from overbuild.probability.runups import Rule
from overbuild.probability.standing import standing_of

AS_OF = date(2026, 11, 22)
O3 = Event(
    "O3", "primary", "capex", "drawdown", thresholds={"fall": 0.30, "window_years": 3.0}, needs=("capex",)
)
NAMES = tuple(f"s{i}" for i in range(8))
MODEL = BaseRateForecaster(NAMES, Rule(floor_usd_million=0.0), draws=400)
BOOM = 100 * 1.22 ** np.arange(9)
CALM = 100 * 1.03 ** np.arange(9)


def long_series(seed: int = 0) -> dict[str, pd.Series]:
    rng = np.random.default_rng(seed)
    walks = 100 * np.exp(np.cumsum(rng.normal(0.1, 0.4, (len(NAMES), 60)), axis=1))
    return {n: pd.Series(w, index=range(1950, 2010)) for n, w in zip(NAMES, walks, strict=True)}


def table(series: dict[str, pd.Series]) -> pd.DataFrame:
    frames = []
    for name, values in series.items():
        years = range(1950, 1950 + len(values))
        frame = pd.DataFrame({"period": [str(y) for y in years], "value": values.to_numpy(dtype=float)})
        frames.append(frame.assign(series=name, available_from=[date(y + 1, 10, 31) for y in years]))
    return pd.concat(frames, ignore_index=True).assign(frequency="A", entity="United States")


def snapshot(
    capex: np.ndarray,
    first: str = "2017",
    last: str = "2025",
    realtime: Literal["vintage", "lagged_revised"] = "vintage",
    series: dict[str, pd.Series] | None = None,
) -> Snapshot:
    values = {"capex": np.asarray(capex, dtype=float)[None]}
    history = Paths(span(first, last), values, {"capex": "USD million"}, "history", AS_OF)
    return Snapshot(AS_OF, realtime, table(series or long_series()), histories=(history,))


def ask(snap: Snapshot, event: Event, model: BaseRateForecaster = MODEL, seed: int = 1) -> Forecast:
    (answer,) = model.forecast(snap, [event], np.random.default_rng(seed))
    return answer


def chance(answer: Forecast) -> float:
    assert answer.probability is not None
    return answer.probability


def counted(state: State, years: int) -> Tally:
    return tally(panel_of(long_series()), Rule(floor_usd_million=0.0, peak_years=3), state, years, 5)


def test_it_is_a_forecaster():
    assert isinstance(MODEL, Forecaster)
    assert MODEL.needs == NAMES


def test_in_a_run_up_it_answers_with_the_years_in_which_one_was_in_force():
    answer = ask(snapshot(BOOM), O3.dated("2027"))
    standing = counted("in_force", 4)
    assert standing.cases.sum() >= 10
    assert chance(answer) == pytest.approx(at_horizon(standing.rates, 2.0))
    assert (answer.evidence, answer.status, answer.mc_error) == ("rule", "ok", 0.0)


def test_outside_a_run_up_it_answers_with_the_quiet_years():
    answer = ask(snapshot(CALM), O3.dated("2027"))
    assert chance(answer) == pytest.approx(at_horizon(counted("quiet", 0).rates, 2.0))
    assert chance(answer) != pytest.approx(chance(ask(snapshot(BOOM), O3.dated("2027"))))


def test_the_fall_is_the_events_own():
    deeper = O3.dated("2028").with_thresholds(fall=0.6)
    assert chance(ask(snapshot(BOOM), deeper)) < chance(ask(snapshot(BOOM), O3.dated("2028")))


def test_a_later_date_is_never_less_likely_and_the_spread_is_in_order():
    answers = [ask(snapshot(BOOM), O3.dated(str(y))) for y in (2026, 2027, 2028, 2030)]
    chances = [chance(a) for a in answers]
    assert chances == sorted(chances) and chances[0] < chances[-1]
    for a in answers:
        assert a.spread is not None and a.spread[0] < a.spread[1] < a.spread[2]


def test_quarters_are_judged_on_trailing_years_that_end_with_the_last_one():
    quarterly = np.repeat(100 * 1.22 ** np.arange(9), 4)[:34]
    snap = snapshot(quarterly, "2018Q1", "2026Q2")
    standing = standing_of(snap.history("capex"), "capex", MODEL.rule)
    assert (standing.last, standing.state, standing.years) == ("2026Q2", "in_force", 3)
    assert (standing.since, standing.since_or_before) == ("2023Q2", True)
    assert chance(ask(snap, O3.dated("2028Q4"))) == pytest.approx(
        at_horizon(counted("in_force", 3).rates, 2.5)
    )


def test_a_run_up_that_began_in_sight_is_dated():
    flat_then_boom = np.r_[np.full(6, 100.0), 150.0, 210.0, 300.0]
    standing = standing_of(snapshot(flat_then_boom).history("capex"), "capex", MODEL.rule)
    assert (standing.since, standing.years, standing.since_or_before) == ("2024", 1, False)
    assert standing.ratio == pytest.approx(3.0)


def test_what_has_happened_is_certain_and_what_cannot_happen_has_no_chance():
    fallen = np.r_[BOOM[:7], BOOM[6] * 0.6, BOOM[6] * 0.6]
    happened = ask(snapshot(fallen), O3.dated("2028"))
    assert happened.probability == 1.0 and happened.spread == (1.0, 1.0, 1.0)
    excluded = ask(snapshot(np.repeat(BOOM, 4), "2017Q1", "2025Q4"), O3.dated("2026Q1"))
    assert excluded.probability == 0.0 and excluded.spread == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (
            Event("O1", "primary", "value", "below_level", by="2028", thresholds={"level": 1.0}),
            "falls of investment",
        ),
        (
            Event(
                "O3", "severe", "capex", "drawdown", by="2028", thresholds={"fall": 0.4, "window_years": 3.0}
            ),
            "primary variant",
        ),
        (O3.dated("2031"), "6 years off"),
        (O3, "no date"),
        (
            Event(
                "O3",
                "primary",
                "capex_broad",
                "drawdown",
                by="2028",
                thresholds={"fall": 0.3, "window_years": 3.0},
            ),
            "capex_broad",
        ),
    ],
)
def test_it_abstains_with_its_reason(event: Event, said: str):
    answer = ask(snapshot(BOOM), event)
    assert answer.probability is None and said in answer.abstains
    assert answer.event == event.name.split(" by ")[0]


def test_it_abstains_where_the_sector_or_the_long_series_say_too_little():
    assert "too few years" in ask(snapshot(BOOM[:4], "2022", "2025"), O3.dated("2028")).abstains
    few = {n: s for n, s in long_series().items() if n in ("s0", "s1")}
    assert "fewer than 3" in ask(snapshot(BOOM, series=few), O3.dated("2028")).abstains
    other = {"else": long_series()["s0"]}
    assert "fewer than 3" in ask(snapshot(BOOM, series=other), O3.dated("2028")).abstains
    sinking = 100 * 0.9 ** np.arange(9)
    assert "stands low" in ask(snapshot(sinking), O3.dated("2028")).abstains


def test_answers_come_in_the_order_asked_and_do_not_depend_on_company():
    events = [
        O3.dated("2030"),
        Event("O5", "primary", "p", "faster_fall", by="2028", thresholds={"excess": 0.2, "years": 2.0}),
        O3.dated("2027"),
    ]
    three = MODEL.forecast(snapshot(BOOM), events, np.random.default_rng(1))
    assert [f.by for f in three] == ["2030", "2028", "2027"]
    assert three[2] == ask(snapshot(BOOM), O3.dated("2027"))


def test_one_seed_one_spread():
    drawn = replace(MODEL, choices=BaseRateChoices(forecast_interval="bootstrap"))
    a, b, c = (ask(snapshot(BOOM), O3.dated("2028"), drawn, seed=s) for s in (1, 1, 2))
    assert a == b and a.probability == c.probability and a.spread != c.spread
    assert ask(snapshot(BOOM), O3.dated("2028"), seed=1) == ask(snapshot(BOOM), O3.dated("2028"), seed=2)


def test_every_method_gives_a_spread_and_the_printed_one_is_among_them():
    spreads = MODEL.spreads(snapshot(BOOM), O3.dated("2028"), np.random.default_rng(1))
    assert set(spreads) == set(METHODS)
    assert spreads["korn_graubard"] == ask(snapshot(BOOM), O3.dated("2028")).spread
    assert MODEL.spreads(snapshot(BOOM), O3.dated("2031"), np.random.default_rng(1)) == {}


def test_a_forecast_that_learnt_nothing_says_so():
    strict = replace(MODEL, choices=BaseRateChoices(least_learnt=0.9999))
    assert ask(snapshot(BOOM), O3.dated("2028"), strict).evidence == "prior-driven"
    assert ask(snapshot(BOOM), O3.dated("2028")).evidence == "rule"


def test_the_prior_and_the_fewest_cases_are_the_choices():
    shifted = replace(MODEL, choices=BaseRateChoices(conditional_rate=(30.0, 1.0)))
    assert chance(ask(snapshot(BOOM), O3.dated("2028"), shifted)) > chance(
        ask(snapshot(BOOM), O3.dated("2028"))
    )
    few = replace(MODEL, choices=BaseRateChoices(fewest_series=len(NAMES) + 1))
    assert "fewer than 9" in ask(snapshot(BOOM), O3.dated("2028"), few).abstains


def test_other_rows_of_the_table_and_their_order_change_nothing():
    series = long_series()
    more = dict(
        reversed((series | {"noise": pd.Series(np.linspace(1, 9, 60) ** 3, index=range(1950, 2010))}).items())
    )
    assert ask(snapshot(BOOM, series=more), O3.dated("2028")) == ask(
        snapshot(BOOM, series=series), O3.dated("2028")
    )


def test_revised_data_make_a_hindcast():
    assert ask(snapshot(BOOM, realtime="lagged_revised"), O3.dated("2028")).status == "hindcast"
    assert ask(snapshot(BOOM[:4], "2022", "2025", "lagged_revised"), O3.dated("2028")).status == "hindcast"


def test_a_rare_age_is_lowered_until_enough_years_stand_behind_it():
    long_boom = 100 * 1.22 ** np.arange(24)
    snap = snapshot(long_boom, "2002", "2025")
    readings = MODEL.readings(snap, O3.dated("2028"))
    (used,) = readings.loc[readings["used"]].to_dict("records")
    known = standing_of(snap.history("capex"), "capex", MODEL.rule).years
    assert used["state"] == "in_force" and 0 < used["k"] < known
    enough = {
        r["k"]: r["cases"] >= 10 and r["series"] >= 3
        for r in readings.to_dict("records")
        if r["state"] == "in_force"
    }
    assert enough[used["k"]] and not any(enough[k] for k in range(used["k"] + 1, known + 1))
    assert used["probability"] == pytest.approx(chance(ask(snap, O3.dated("2028"))))


def test_series_alone_are_not_enough_years():
    hump = pd.Series([100.0] * 5 + [210.0] * 3 + [230.0] * 10, index=range(1950, 1968))
    snap = snapshot(BOOM, series=dict.fromkeys(NAMES[:4], hump))
    readings = MODEL.readings(snap, O3.dated("2028"))
    in_force = {r["k"]: (r["cases"], r["series"], r["used"]) for r in readings.to_dict("records")[:5]}
    assert in_force[3] == (4, 4, False) and in_force[2] == (8, 4, False) and in_force[1] == (12, 4, True)


def test_readings_show_every_way_to_read_the_standing():
    readings = MODEL.readings(snapshot(BOOM), O3.dated("2028"))
    assert set(readings["state"]) == {"in_force", "first_date", "quiet"}
    assert all(0 <= p <= 1 for p in readings["probability"]) and readings["used"].tolist().count(True) == 1


def test_made_from_the_definitions():
    model = BaseRateForecaster.of({"series": ["a", "b"], "run_up": 3.0, "telecom_series": ["a"]})
    assert model.series == ("a", "b") and model.rule.run_up == 3.0
