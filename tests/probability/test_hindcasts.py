"""Hindcasts: labels as in the truth table, no look-ahead, what is left out is left out, scores by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from itertools import product
from typing import cast

import numpy as np
import pandas as pd
import pytest
from scipy.stats import permutation_test

from overbuild.core import Snapshot
from overbuild.models.regimes import NARROW
from overbuild.probability import hindcast_film, hindcast_run_ups
from overbuild.probability.hindcast_cases import FALL, RUN_UP, TELECOM, Hindcast, falls
from overbuild.probability.hindcast_counts import Counts, ages_of, boom_age, constant
from overbuild.probability.hindcast_data import HindcastData, hindcast_data
from overbuild.probability.hindcast_quarterly import horizons, quarters, year_end_before
from overbuild.probability.hindcast_rows import Target, row, spoken
from overbuild.probability.hindcast_scores import ONE_CLUSTER, compared, scores
from overbuild.probability.hindcast_swing import left_out, swing_of
from overbuild.probability.judgement import score
from overbuild.probability.panels import panel_of
from overbuild.probability.sign_flips import MOST, sign_flip_p_value

MILLION = 1e6


@cache
def real() -> HindcastData:
    return hindcast_data()


def changed(data: HindcastData, name: str, after: int) -> HindcastData:
    """Return the data with the years of a series after one multiplied by a million."""
    level = data.series[name]
    poisoned = level.where(level.index <= after, level * MILLION)
    series = {**data.series, name: poisoned}
    return replace(data, series=series, panel=panel_of({n: series[n] for n in data.panel.names}))


def test_labels_are_those_of_the_truth_table() -> None:
    table = score(TELECOM).truth_table
    table = table.loc[(table["layer"] == "capex") & (table["fall"] == 0.30)]
    judged = {(int(r.vintage), int(r.horizon)): r.holds for r in table.itertuples()}
    ours = {(c.vintage, c.by - c.vintage): real().happened(c) for c in real().telecom}
    assert {k: ours[k] for k in judged} == judged
    assert not any(ours[v, h] for v in (1995, 1996) for h in (2, 3, 4))


def test_labels_of_run_ups_are_the_rules() -> None:
    by_rule = {(c.series, c.year): c.label == "fall" for c in real().cases if c.label != "unresolved"}
    assert {(c.series, c.known): real().happened(c) for c in real().run_ups} == by_rule


def test_series_that_stood_low_are_known_and_not_scored() -> None:
    cases = real().by_member()
    said = {
        m: {"passed": True, "chances": [0.5] * len(of), "abstains": [""] * len(of)} for m, of in cases.items()
    }
    found = hindcast_run_ups.run_ups(real(), said)
    low = {r["target"] for r in found["known"]["rows"]}
    assert low == {"bea_petroleum_pipelines 1991", "bea_wind_solar 2001"} and found["known"]["targets"] == 2
    for part in ("rows", "real_time"):
        targets = {r["target"] for r in found[part]}
        assert not low & targets and len(targets) + len(low) == len(real().run_ups)
    assert {r["probability"] for r in found["rows"] if r["model"] == "coin"} == {0.5}


def test_run_ups_are_dated_when_their_last_year_is_published() -> None:
    for case in real().run_ups:
        target = hindcast_run_ups.target_of(real(), case)
        assert target.as_of == f"{case.known + 1}-12-31" and target.by == f"{case.known + 5}Q4"


def test_a_case_whose_years_are_not_known_has_no_label() -> None:
    assert real().happened(Hindcast("bea_turbines", 2015, 2020, RUN_UP)) is None


def test_quiet_booms_are_other_series_that_did_not_fall() -> None:
    labels = {f"{c.series} {c.year}": c.label for c in real().cases}
    for case in real().quiet:
        assert labels[case.boom] == "no fall" and case.series not in NARROW


@pytest.mark.parametrize("place", range(0, 30, 4))
def test_later_years_change_nothing_in_real_time(place: int) -> None:
    case = real().run_ups[place]
    before = hindcast_run_ups.counted(real(), case, real_time=True)
    for name in real().panel.names:
        poisoned = changed(real(), name, case.known)
        assert hindcast_run_ups.counted(poisoned, case, real_time=True) == before


@pytest.mark.parametrize("place", [0, 5, 14, 29])
def test_what_is_left_out_changes_nothing(place: int) -> None:
    case = real().run_ups[place]
    before = hindcast_run_ups.counted(real(), case)
    cluster = NARROW if case.series in NARROW else (case.series,)
    for name in cluster:
        assert hindcast_run_ups.counted(changed(real(), name, case.known), case) == before
    other = next(n for n in real().panel.names if n not in cluster and n != "bea_wind_solar")
    assert hindcast_run_ups.counted(changed(real(), other, 1960), case) != before


def test_the_film_asks_telecom_and_quiet_booms_alike() -> None:
    for case in (real().telecom[0], real().quiet[40]):
        before = hindcast_film.asked(real(), case)
        assert hindcast_film.asked(changed(real(), case.series, case.known), case) == before


def test_falls_count_after_the_known_years_only() -> None:
    x = np.array([[100.0, 60.0, 110.0, 120.0, 80.0, 130.0], [100.0, 60.0, 110.0, 120.0, 121.0, 130.0]])
    years = np.arange(2000, 2006)
    case = Hindcast("s", 2003, 2005, FALL)
    assert falls(x, years, case, 0.30, 3).tolist() == [True, False]
    assert falls(x, years, replace(case, known=2004), 0.30, 3).tolist() == [False, False]


def test_the_three_year_limit_is_of_the_event_and_not_of_the_rule() -> None:
    x = np.array([[100.0, 80.0, 79.0, 78.0, 77.0, 65.0]])
    years = np.arange(2000, 2006)
    assert not falls(x, years, Hindcast("s", 2004, 2005, FALL), 0.30, 3)[0]
    assert falls(x, years, Hindcast("s", 2004, 2005, RUN_UP), 0.30, 3)[0]


def test_ages_count_from_the_lowest_of_ten_years() -> None:
    x = np.array([[5.0, 4.0, 6.0, 7.0, np.nan, 8.0]])
    assert ages_of(x)[0, [0, 1, 2, 3, 5]].tolist() == [1.0, 1.0, 1.0, 2.0, 4.0]
    assert np.isnan(ages_of(x)[0, 4])


def test_the_constant_rate_is_a_share_with_the_prior_added() -> None:
    data = real()
    counts = hindcast_run_ups.counts_without(data, TELECOM)
    resolved = [c for c in data.run_ups if c.series not in NARROW]
    fell = sum(bool(data.happened(c)) for c in resolved)
    a, b = data.choices.conditional_rate
    assert constant(counts, data.run_ups[5]) == pytest.approx((fell + a) / (len(resolved) + a + b))


def test_between_whole_years_the_rivals_have_a_constant_hazard() -> None:
    counts = hindcast_run_ups.counts_without(real(), TELECOM)
    case = Hindcast(TELECOM, 1998, 2001, FALL)
    for ask in (lambda y: constant(counts, case, y), lambda y: boom_age(counts, 8, case, y)):
        three, middle, four = (1 - float(ask(y)) for y in (3.0, 3.5, 4.0))
        assert middle == pytest.approx(np.sqrt(three * four))


def test_too_few_cases_are_silence() -> None:
    panel = panel_of({"a": pd.Series(np.arange(1.0, 9.0), index=range(1950, 1958))})
    counts = Counts(panel, real().rule, real().choices, 3)
    assert isinstance(boom_age(counts, 3, Hindcast("x", 1960, 1965, RUN_UP)), str)
    assert isinstance(constant(counts, Hindcast("x", 1960, 1965, RUN_UP)), str)


def test_quarters_and_the_panel_of_the_last_year_end() -> None:
    assert len(quarters()) == 28
    assert year_end_before("1999Q3") == date(1998, 12, 31) and year_end_before("1999Q4") == date(1999, 12, 31)
    assert horizons("1999Q2") == ("2001Q2", "2002Q2", "2003Q2")


def rows(said: dict[str, list[float | str]], clusters: list[str], came: list[bool]) -> list[dict]:
    made = []
    for i, (cluster, happened) in enumerate(zip(clusters, came, strict=True)):
        target = Target("run_ups", f"t{i}", cluster, f"{1950 + i}-12-31", f"{1955 + i}Q4", RUN_UP, happened)
        made += [row(target, model, p[i]) for model, p in said.items()]
    return made


def test_scores_by_hand() -> None:
    came = [True, False, True, False, True, False]
    given: dict[str, list[float | str]] = {"baserate": [0.9, 0.2, "silent", 0.1, 0.9, 0.1]}
    given |= {m: [0.5] * 6 for m in ("constant", "coin", "boom_age")}
    made = rows(given, ["a", "b", "c", "d", "e", "f"], came)
    assert len(spoken(made, "run_ups", "baserate")) == 5
    assert made[8]["probability"] is None and made[8]["abstains"] == "silent"
    found = {s["model"]: s for s in scores(made, 1)}
    base = found["baserate"]
    assert base["brier"] == pytest.approx((4 * 0.01 + 0.04) / 5)
    assert base["cases"] == 5 and base["targets"] == 6
    against = {a["rival"]: a for a in base["against"]}["constant"]
    assert against["brier"] == pytest.approx(0.016 - 0.25)
    assert (against["verdict"], against["p_value"], against["clusters"]) == ("won", 2 / 32, 5)
    assert "diebold_mariano" not in against
    assert found["constant"]["against"][0]["verdict"] == "the same forecasts"
    lost = {a["rival"]: a["verdict"] for a in found["constant"]["against"]}
    assert lost == dict.fromkeys(("coin", "boom_age"), "the same forecasts")


def test_one_cluster_tells_nobody_apart() -> None:
    made = rows({"baserate": [0.9, 0.8, 0.7], "constant": [0.1] * 3}, ["telecom"] * 3, [True] * 3)
    found = compared(made, "run_ups", "baserate", "constant", 1)
    assert found["verdict"] == ONE_CLUSTER and "p_value" not in found and found["brier"] < 0
    assert found["diebold_mariano"]["origins"] == 3
    uneven = [r for r in made if r["target"] != "t1"]
    uneven += rows({"baserate": [0.5] * 5, "constant": [0.4] * 5}, ["telecom"] * 5, [True] * 5)[6:8]
    assert compared(uneven, "run_ups", "baserate", "constant", 1)["diebold_mariano"] is None


@pytest.mark.parametrize("size", [1, 4, 9])
def test_flips_are_exact_as_counted_one_by_one(size: int) -> None:
    rng = np.random.default_rng(size)
    cluster = np.concatenate([np.arange(size), rng.integers(0, size, 12)])
    d = rng.normal(0.5, 1.0, cluster.size)
    sums = [d[cluster == c].sum() for c in range(size)]
    every = [abs(np.dot(s, sums)) for s in product((-1, 1), repeat=size)]
    expected = np.mean([v >= abs(sum(sums)) - 1e-9 for v in every])
    assert sign_flip_p_value(d, cluster, rng) == pytest.approx(expected)


def test_flips_agree_with_the_library_and_are_drawn_beyond_enumeration() -> None:
    rng = np.random.default_rng(5)
    d = rng.normal(0.3, 1.0, 12)
    oracle = permutation_test((d,), np.sum, permutation_type="samples", n_resamples=2**13)
    assert sign_flip_p_value(d, np.arange(12), rng) == pytest.approx(oracle.pvalue)
    many = np.ones(2 * MOST)
    drawn = sign_flip_p_value(many, np.arange(many.size), rng)
    assert 0 < drawn < 0.001
    assert sign_flip_p_value(many, np.arange(many.size) // MOST, rng) == 0.5


def test_the_test_keeps_its_level_where_cases_of_a_cluster_move_together() -> None:
    rng = np.random.default_rng(8)
    cluster = np.repeat(np.arange(8), 5)
    draws = rng.normal(size=(600, 8))[:, cluster] + 0.2 * rng.normal(size=(600, 40))
    rejected = np.mean([sign_flip_p_value(d, cluster, rng) <= 0.10 for d in draws])
    assert abs(rejected - 0.10) < 0.04


def test_the_statement_is_found_true_and_false() -> None:
    film = [
        {"boom": TELECOM, "series": TELECOM, "years": 4, "model": "regimes", "age": [7, 8, 9]}
        | {"probability": [0.1, 0.2, 0.3]},
        {
            "boom": "a",
            "series": "a",
            "years": 4,
            "model": "regimes",
            "age": [8, 9],
            "probability": [0.4, 0.1],
        },
        {
            "boom": "b",
            "series": "b",
            "years": 4,
            "model": "regimes",
            "age": [7, 9],
            "probability": [0.1, 0.2],
        },
    ]
    found = {(f["model"], f["years"]): f for f in hindcast_film.findings(film, [])}
    mine = found["regimes", 4]
    assert mine["rises"] and (mine["below"], mine["quiet"]) == (2, 2)
    assert (mine["ever_below"], mine["booms"]) == (1, 2)
    assert found["baserate", 4]["rises"] is None
    film[0]["probability"] = [0.1, 0.3, 0.2]
    assert not {(f["model"], f["years"]): f for f in hindcast_film.findings(film, [])}["regimes", 4]["rises"]


def test_the_swing_counts_years_above_the_floor_and_leaves_clusters_out() -> None:
    past = pd.Series([5.0, 30.0, 60.0, 30.0, 60.0], index=range(2000, 2005))
    assert swing_of(past, 20.0) == pytest.approx(np.std([np.log(2), -np.log(2), np.log(2)], ddof=1))
    assert np.isnan(swing_of(past.iloc[:3], 20.0))
    rng = np.random.default_rng(3)
    x, cluster = rng.normal(size=24), np.repeat(np.arange(6), 4)
    fell = (rng.random(24) < 0.5).astype(float)
    mine = cluster == 2
    before = left_out(x, fell, cluster)
    np.testing.assert_array_equal(left_out(x, np.where(mine, 1 - fell, fell), cluster)[mine], before[mine])


def test_the_fit_that_reads_a_series_has_it_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from overbuild.models.regimes import RegimeModel
    from overbuild.probability.hindcast_regimes import LeftOut
    from overbuild.probability.hindcast_regimes import left_out as fitted_without

    class FittedError(Exception):
        pass

    def fit(self: RegimeModel, snapshot: Snapshot, rng: np.random.Generator) -> None:
        panel = self.panel(snapshot)
        learnt_from = {m for m, stop in zip(panel.members, panel.data()["stop"], strict=True) if stop > 0}
        raise FittedError(sorted(learnt_from))

    monkeypatch.setattr(RegimeModel, "fit", fit)
    with pytest.raises(FittedError) as told:
        fitted_without(LeftOut("bea_turbines", (), date(2026, 11, 22), None, 1))
    assert "bea_turbines" not in told.value.args[0] and "bea_rail_structures" in told.value.args[0]


@pytest.mark.slow
def test_a_series_left_out_of_the_regimes_is_read_to_its_case_alone() -> None:
    from overbuild.models.regime_series import annual, yearly_spread
    from overbuild.models.regimes import RegimeModel
    from overbuild.probability.hindcast_regimes import chance, paths_of
    from overbuild.probability.inside import question

    asked = question("regimes", TELECOM, as_of=date(2026, 11, 22), draws=20, chains=2)
    snapshot, spec = (
        asked.snapshot(),
        replace(cast(RegimeModel, asked.specification()), without=("bea_turbines",)),
    )
    posterior = spec.fit(snapshot, np.random.default_rng(1))
    gdp, spread = annual(snapshot, spec.gdp), yearly_spread(snapshot)
    case = Hindcast("bea_turbines", 1999, 2003, FALL)
    level = annual(snapshot, "bea_turbines")

    def asked_of(change: float) -> float:
        own, gross, yields = (s.where(s.index <= case.known, s * change) for s in (level, gdp, spread))
        made = paths_of(posterior, own, gross, yields, case, case.by, np.random.default_rng(2))
        assert not isinstance(made, str)
        return chance(made, case, spec.fall)

    assert asked_of(MILLION) == asked_of(1.0)
    panel = spec.panel(snapshot)
    row_of = panel.row("bea_turbines")
    growth = panel.growth.copy()
    growth[row_of] *= MILLION
    assert panel.data()["stop"][row_of] == 0
    again = spec.fit_data(replace(panel, growth=growth), np.random.default_rng(1))
    np.testing.assert_array_equal(again.draws("exit"), posterior.sampled.draws("exit"))
