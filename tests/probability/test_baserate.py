"""The base rate: the number of the design on the real series, and what must and must not move it."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest

from overbuild.errors import InputError, UnknownNameError
from overbuild.locations import data_dir
from overbuild.probability.baserate import BaseRate, base_rate
from overbuild.probability.definitions import read_definitions
from overbuild.probability.panels import panel_of, series_from_table
from overbuild.probability.rule_alternatives import kaplan_meier
from overbuild.probability.rule_grid import Grid, grid_table
from overbuild.probability.runups import Rule
from overbuild.randomness import stream

SMALL = Grid(
    run_up=(1.5, 2.0),
    window_years=(4,),
    fall=(0.3,),
    horizon_years=(5,),
    floor_usd_million=(0.0,),
    measure=("nominal",),
)
SECTION = read_definitions()["baserate"]


@pytest.fixture(scope="module")
def infrastructure() -> tuple[dict[str, pd.Series], pd.Series]:
    files = ("history/infrastructure_annual.csv", "telecom/investment.csv", "macro/annual.csv")
    table = pd.concat([pd.read_csv(data_dir() / f, dtype={"period": str}) for f in files])
    table = table.sort_values("vintage").drop_duplicates(["series", "entity", "period"], keep="last")
    taken = series_from_table(table, [*SECTION["series"], SECTION["gdp_series"]])
    return {n: taken[n] for n in SECTION["series"]}, taken[SECTION["gdp_series"]]


@pytest.fixture(scope="module")
def primary(infrastructure: tuple[dict[str, pd.Series], pd.Series]) -> BaseRate:
    rng = stream("baserate/bootstrap")
    return base_rate(
        *infrastructure, Rule.of(SECTION), Grid.of(SECTION["grid"]), rng, telecom=SECTION["telecom_series"]
    )


def made(seed: int, series: int = 6, years: int = 50) -> dict[str, pd.Series]:
    rng = np.random.default_rng(seed)
    walks = 100 * np.exp(np.cumsum(rng.normal(0.06, 0.3, (series, years)), axis=1))
    return {f"s{i}": pd.Series(w, index=range(1950, 1950 + years)) for i, w in enumerate(walks)}


def counted(series: dict[str, pd.Series], rule: Rule, seed: int = 1) -> BaseRate:
    return base_rate(series, None, rule, SMALL, np.random.default_rng(seed), draws=300)


def test_the_primary_rule_finds_fourteen_falls_in_thirty_run_ups(primary: BaseRate):
    assert (primary.series, primary.first_year, primary.last_year) == (13, 1947, 2017)
    assert (primary.falls, primary.run_ups) == (14, 30)
    assert primary.rate == pytest.approx(0.47, abs=0.005)
    assert (primary.unresolved, primary.unresolved_fallen) == (3, 2)


def test_the_interval_is_about_that_of_the_design(primary: BaseRate):
    assert primary.interval == pytest.approx((0.24, 0.63), abs=0.05)
    assert 15 < primary.effective_run_ups < 30
    by_method = primary.intervals
    assert (primary.interval, primary.interval_method) == (by_method["beta_binomial"], "beta_binomial")
    assert by_method["bootstrap"] == pytest.approx((0.24, 0.63), abs=0.05)
    for wider in ("effective", "korn_graubard"):
        assert by_method[wider][0] < by_method["independent"][0]
        assert by_method["independent"][1] < by_method[wider][1]


def test_every_run_up_is_listed_once_with_its_end(primary: BaseRate):
    frame = primary.frame()
    assert len(frame) == 33 and not frame.duplicated(["series", "year"]).any()
    assert frame["label"].value_counts().to_dict() == {"no fall": 16, "fall": 14, "unresolved": 3}
    for case in primary.cases:
        assert case.ratio >= 2.0 * (1 - 1e-9) and case.level >= 20
        if case.label == "fall":
            assert case.fall is not None and case.fall >= 0.3 * (1 - 1e-9)
            assert case.fall_year is not None and 1 <= case.fall_year - case.year <= 5
        elif case.label == "no fall":
            assert case.fall is not None and case.fall < 0.3 and case.fall_year is None


def test_a_case_says_when_the_peak_was_and_when_the_fall_came():
    path = [120.0, 100, 100, 110, 130, 260, 300, 200, 150, 290, 290, 290]
    only = counted({"x": pd.Series(path, index=range(1950, 1962))}, Rule())
    (case,) = only.cases
    assert (case.series, case.year, case.level, case.label) == ("x", 1955, 260.0, "fall")
    assert (case.peak_year, case.fall_year, case.fall) == (1956, 1957, pytest.approx(0.5))
    assert (case.age, case.ratio, case.below_old_peak) == (3, pytest.approx(2.6), 0.0)
    assert case.acceleration == pytest.approx(math.log(2) - math.log(2.6) / 4)


def test_telecom_does_not_make_the_rate(primary: BaseRate):
    without = {a.id: a for a in primary.alternatives}["without_telecom"]
    assert (without.falls, without.run_ups) == (11, 20)


def test_what_the_definitions_are_worth(primary: BaseRate):
    by_id = {a.id: a for a in primary.alternatives}
    assert (by_id["peak_from_run_up"].falls, by_id["peak_from_run_up"].run_ups) == (12, 30)
    assert (by_id["within_three_years_of_peak"].falls, by_id["within_three_years_of_peak"].run_ups) == (9, 30)
    assert (by_id["unfinished_falls_counted"].falls, by_id["unfinished_falls_counted"].run_ups) == (16, 32)
    assert by_id["kaplan_meier"].rate == pytest.approx(0.487, abs=0.001)


def test_the_rule_does_not_see_telecom_as_a_run_up(infrastructure: tuple[dict[str, pd.Series], pd.Series]):
    series, _ = infrastructure
    narrow = series["bea_comm_equipment"] + series["bea_comm_structures"]
    ratio = (narrow / narrow.shift(4)).loc[1990:2003]
    assert ratio.idxmax() == 2000 and 1.8 < ratio.max() < 2.0


def test_the_grid_holds_every_rule_and_the_primary_among_them(primary: BaseRate):
    grid = primary.grid
    assert len(grid) == 4 * 3 * 3 * 3 * 5 * 2
    here = (
        (grid["run_up"] == 2)
        & (grid["window_years"] == 4)
        & (grid["fall"] == 0.3)
        & (grid["horizon_years"] == 5)
    )
    row = grid[here & (grid["floor_usd_million"] == 20) & (grid["measure"] == "nominal")]
    assert row["rate"].tolist() == [primary.rate]
    summary = primary.grid_summary.set_index("measure")
    nominal = grid.loc[grid["measure"] == "nominal", "rate"].dropna()
    assert summary.loc["nominal", "median"] == pytest.approx(nominal.median())
    assert summary.loc["nominal", ["minimum", "p05", "median", "p95", "maximum"]].is_monotonic_increasing


def test_a_deeper_fall_is_rarer(primary: BaseRate):
    grid = primary.grid
    axes = ["run_up", "window_years", "horizon_years", "floor_usd_million"]
    falls = grid.loc[grid["measure"] == "nominal"].pivot_table(index=axes, columns="fall", values="falls")
    assert falls.shape == (180, 3) and (np.diff(falls.to_numpy(), axis=1) <= 0).all()


def test_the_result_is_plain_json_with_the_promised_keys(primary: BaseRate):
    out = json.loads(json.dumps(primary.to_dict(), allow_nan=False))
    assert {"run_ups", "falls", "rate", "interval", "grid"} <= set(out)
    assert out["run_ups"] == 30 and len(out["interval"]) == 2 and len(out["grid"]) == 1080
    assert {"series", "year", "peak_year", "fall", "label"} <= set(out["cases"][0])
    assert out["rule"]["run_up"] == 2.0


def test_the_sentence_names_the_event_the_series_and_their_vintage(primary: BaseRate):
    said = primary.sentence()
    for part in (
        "30 run-ups",
        "13 US infrastructure series 1947-2017",
        "14 were",
        "30 %",
        "0.47",
        "revised data",
        "between 0.18 and 0.76",
    ):
        assert part in said


def test_one_seed_gives_one_answer_and_another_seed_another_interval():
    a, b, c = (counted(made(0), Rule(), seed) for seed in (1, 1, 2))
    assert a.to_dict() == b.to_dict()
    assert a.rate == c.rate and a.interval == c.interval
    assert a.intervals["bootstrap"] != c.intervals["bootstrap"]


def test_the_order_of_the_series_changes_nothing():
    series = made(3)
    turned = dict(reversed(series.items()))
    assert counted(series, Rule()).to_dict() == counted(turned, Rule()).to_dict()


def test_rates_of_the_grid_are_those_of_the_rule_alone():
    series = made(4)
    table = grid_table(series, None, Rule(), SMALL)
    alone = counted(series, Rule(run_up=1.5, floor_usd_million=0.0))
    row = table[table["run_up"] == 1.5]
    assert (row["run_ups"].item(), row["falls"].item()) == (alone.run_ups, alone.falls)


def test_kaplan_meier_by_hand():
    rule = Rule(window_years=1, horizon_years=2, floor_usd_million=0.0)
    rows = {
        "falls_first": [100, 200, 100, 100],
        "falls_second": [100, 200, 200, 100],
        "seen_one_year": [np.nan, 100, 200, 200],
        "holds": [100, 200, 200, 200],
    }
    panel = panel_of({k: pd.Series(v, index=range(1950, 1954), dtype=float) for k, v in rows.items()})
    assert kaplan_meier(panel, rule) == pytest.approx(1 - (3 / 4) * (1 / 2))


def test_no_run_up_is_an_error_that_says_what_to_do():
    flat = {"x": pd.Series(100.0, index=range(1950, 1980))}
    with pytest.raises(InputError, match="Lower run_up or the floor"):
        counted(flat, Rule())


def test_few_run_ups_leave_the_regression_out():
    series = {"x": pd.Series([100.0] * 5 + [250.0] * 8, index=range(1950, 1963))}
    only = counted(series, Rule())
    assert (only.run_ups, only.falls) == (1, 0) and only.regression == () and only.age_score is None
    json.dumps(only.to_dict(), allow_nan=False)


def test_unknown_names_are_refused():
    with pytest.raises(UnknownNameError, match="'telegraph'"):
        base_rate(made(5), None, Rule(), SMALL, np.random.default_rng(0), telecom=["telegraph"])
    with pytest.raises(UnknownNameError, match="'colour'"):
        Grid.of({"colour": [1]})
    with pytest.raises(InputError, match="needs GDP"):
        base_rate(made(5), None, Rule(measure="share_of_gdp"), SMALL, np.random.default_rng(0))


def test_the_definitions_hold_the_primary_rule_of_the_design():
    assert Rule.of(SECTION) == Rule(2.0, 4, 0.30, 5, 20, "nominal")
    assert len(SECTION["series"]) == 13 and set(SECTION["telecom_series"]) <= set(SECTION["series"])
    assert "base_rate_floor" not in SECTION
    combination = read_definitions()["combination"]
    assert (combination["base_rate_weight_floor"], combination["unknown_model_mass"]) == (0.25, 0.10)
