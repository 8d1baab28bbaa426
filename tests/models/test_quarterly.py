"""The quarterly model: what it sees, its prior and its likelihood run forward, and what it finds."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pytest

from overbuild.core import Snapshot
from overbuild.episodes.databook import DataBook
from overbuild.errors import InputError, UnknownNameError
from overbuild.models.prior_file import read_priors
from overbuild.models.quarterly import QuarterlyModel, build
from overbuild.models.quarterly_chain import exit_hazard, log_density, quarterly_moves
from overbuild.models.quarterly_data import QuarterlyData, own_history, quarterly_data
from overbuild.models.quarterly_draws import correlated, simulate
from overbuild.models.quarterly_panel import panel_of, with_panel
from overbuild.models.quarterly_posterior import QuarterlyPosterior, ends_in_bust
from overbuild.models.sampler import Sampling
from overbuild.models.switching import BUST
from overbuild.models.switching_joint import joint_forward, joint_smoothed
from overbuild.probability.definitions import event_named, events_for, read_definitions
from overbuild.randomness import stream

PLAIN = "FAST_COMPILE"
"""PyTensor without machine code: slower a call, and no half minute of compilation."""
AS_OF = date(2026, 11, 22)
THEN = date(1999, 12, 31)


@lru_cache
def snapshot(episode: str, as_of: date) -> Snapshot:
    return book().at(as_of, episode)


@lru_cache
def book() -> DataBook:
    return DataBook.load(None)


def model(as_of: date = AS_OF, **sampling: Any) -> QuarterlyModel:
    return QuarterlyModel.of(read_priors().at(as_of), read_definitions(), Sampling(**sampling))


def made_up(quarters: int, series: int = 2, slack: float = 0.0) -> QuarterlyData:
    time = tuple(f"{1980 + i // 4}Q{i % 4 + 1}" for i in range(quarters))
    names = ("supplier_orders", "supplier_shipments")[:series] if series > 1 else ("capex",)
    growth = np.zeros((quarters, series))
    return QuarterlyData(names, time, growth, np.zeros(series), np.full(quarters + 1, slack), series > 1)


def test_it_sees_the_last_run_of_quarters_that_are_known() -> None:
    ai = quarterly_data(snapshot("ai", AS_OF))
    assert (ai.time[0], ai.time[-1], ai.growth.shape) == ("2018Q2", "2026Q2", (33, 1))
    told = snapshot("ai", AS_OF).history("capex").layer("capex")[0]
    np.testing.assert_allclose(ai.levels[:, 0], told[-34:])
    assert not ai.slack.any() and not ai.has_slack
    telecom = quarterly_data(snapshot("telecom", THEN))
    assert (telecom.time[0], telecom.time[-1]) == ("1992Q3", "1999Q3")
    use = snapshot("telecom", THEN).history("supplier_utilisation").layer("supplier_utilisation")[0]
    np.testing.assert_allclose(np.exp(-0.1 * telecom.slack), use[-telecom.slack.size :])


def test_a_slack_is_that_of_the_quarter_before() -> None:
    data = quarterly_data(snapshot("telecom", THEN))
    history = snapshot("telecom", THEN).history("supplier_utilisation").until("1996Q1")
    given = data.data()["slack"][data.time.index("1996Q2")]
    assert np.exp(-0.1 * given) == pytest.approx(history.layer("supplier_utilisation")[0, -1])


@pytest.mark.parametrize("episode", ["ai", "telecom"])
@pytest.mark.parametrize("as_of", [THEN, date(2023, 12, 31)])
def test_nothing_known_later_is_seen(episode: str, as_of: date) -> None:
    if episode == "ai" and as_of == THEN:
        return
    later = np.array([day > as_of for day in book().table["available_from"]])
    value = book().table["value"].to_numpy(dtype=float)
    poisoned = replace(book(), table=book().table.assign(value=np.where(later, 1e6 * value, value)))
    clean, other = (quarterly_data(b.at(as_of, episode)).data() for b in (book(), poisoned))
    assert later.any()
    for name, values in clean.items():
        np.testing.assert_array_equal(values, other[name])


def test_too_few_quarters_are_refused_in_one_sentence() -> None:
    with pytest.raises(
        InputError, match=r"'capex' of ai give 0 quarterly .* 1999-12-31; .* need 12 in a row"
    ):
        model(THEN).fit(snapshot("ai", THEN), stream("x"))
    early = date(1994, 12, 31)
    with pytest.raises(InputError, match=r"'supplier_utilisation' of telecom give \d+ quarterly growth"):
        model(early).observed(snapshot("telecom", early))
    other = replace(snapshot("ai", AS_OF), histories=(), episode="own")
    with pytest.raises(InputError, match="of own give 0 quarterly growth rates"):
        quarterly_data(other)


def test_a_telecom_without_utilisation_is_refused() -> None:
    table = snapshot("telecom", THEN).table
    kept = table.loc[table["series"] != "g17_utilisation_comm_equipment"]
    whole = book().table
    without = replace(book(), table=whole.loc[whole["series"] != "g17_utilisation_comm_equipment"])
    assert len(kept) < len(table)
    with pytest.raises(InputError, match="give 0 quarterly growth rates"):
        quarterly_data(without.at(THEN, "telecom"))


@pytest.mark.parametrize("series", [1, 2])
def test_prior_draws_have_the_names_and_shapes_of_the_model(series: int) -> None:
    spec = model()
    drawn = spec.prior_draw(made_up(8, series), np.random.default_rng(1))
    built = build(spec.effective, series, spec.ages)
    named = {v.name: v for v in [*built.free_RVs, *built.deterministics]}
    assert set(drawn) == set(named)
    for name, value in drawn.items():
        assert value.shape == tuple(named[name].shape.eval()), name
    assert set(spec.ranked) <= set(drawn)


def test_the_prior_is_that_of_the_model() -> None:
    import pymc as pm

    spec = model()
    built = build(spec.effective, 2, spec.ages)
    names = [*spec.ranked, "seasonal", "coupling"]
    theirs = dict(
        zip(names, pm.draw([built[n] for n in names], draws=3000, random_seed=5, mode=PLAIN), strict=True)
    )
    rng = np.random.default_rng(6)
    own = [spec.prior_draw(made_up(4), rng) for _ in range(3000)]
    for name in names:
        mine = np.array([d[name] for d in own])
        error = theirs[name].std(axis=0) * np.sqrt(2 / 3000)
        assert (np.abs(mine.mean(axis=0) - theirs[name].mean(axis=0)) <= 5 * error).all(), name
        np.testing.assert_allclose(mine.std(axis=0), theirs[name].std(axis=0), rtol=0.15, err_msg=name)


def parts(spec: QuarterlyModel, p: Any, data: QuarterlyData) -> tuple[Any, Any, Any]:
    given = data.data()
    density = log_density(
        np,
        given,
        p["normal_growth"] + np.array([0, p["boom_gap"], -p["bust_gap"]]),
        np.log(p["deviation"]),
        np.log([1, *p["deviation_ratio"]]),
        p["persistence"],
        p["seasonal"],
        np.tanh(p.get("coupling", 0.0)),
        float(spec.priors["degrees"]),
        len(data.layers),
    )
    hazard = exit_hazard(np, p["exit"], p["exit_age"], p["slack_exit"], given["slack"], spec.ages)
    moves = quarterly_moves(
        np, p["from_normal"], p["after_boom"], p["from_bust"], p["slack_bust"], given["slack"]
    )
    return density, hazard, moves


@pytest.mark.parametrize("series", [1, 2])
def test_the_models_density_is_that_of_the_kernel(series: int) -> None:
    """The joint density of the PyMC graph less that of its priors, at draws from the prior."""
    import pymc as pm

    spec, rng = model(), np.random.default_rng(7)
    built = build(spec.effective, series, spec.ages)
    data = made_up(24, series, 0.7)
    free = {v.name: v for v in built.free_RVs}
    with built:
        pm.set_data({**data.data()})
        likelihood = built.compile_fn(
            built.potentials[0], inputs=list(free.values()), on_unused_input="ignore", mode=PLAIN
        )
    for _ in range(3):
        truth = spec.prior_draw(data, rng)
        drawn = spec.simulated(truth, data, rng)
        with built:
            pm.set_data({**drawn.data()})
        value = likelihood({n: truth[n] for n in free})
        density, hazard, moves = parts(spec, truth, drawn)
        assert float(value) == pytest.approx(joint_forward(density, hazard, moves, spec.initial)[0], abs=1e-8)


def test_the_models_gradient_is_that_of_finite_differences() -> None:
    import pymc as pm

    spec, rng = model(), np.random.default_rng(15)
    built = build(spec.effective, 2, spec.ages)
    drawn = made_up(20, 2, 0.7)
    drawn = spec.simulated(spec.prior_draw(drawn, rng), drawn, rng)
    with built:
        pm.set_data({**drawn.data()})
        value = built.compile_logp(mode=PLAIN)
        slope = built.compile_dlogp(mode=PLAIN)
    start = built.initial_point(random_seed=3)
    exact, at = slope(start), 0
    for variable in built.value_vars:
        x = np.asarray(start[variable.name], dtype=float)
        for place in np.ndindex(x.shape):
            ends = []
            for step in (1e-5, -1e-5):
                moved = x.copy()
                moved[place] += step
                ends.append(float(value(start | {variable.name: moved})))
            assert exact[at] == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=1e-5, rel=1e-5), variable.name
            at += 1
    assert at == exact.size


def test_data_drawn_from_known_parameters_show_their_regimes() -> None:
    spec, rng = model(), np.random.default_rng(8)
    data = made_up(400)
    truth = spec.prior_draw(data, rng) | {
        "normal_growth": np.array(0.05),
        "boom_gap": np.array(0.5),
        "bust_gap": np.array(0.7),
        "deviation": np.array([0.02, 0.02]),
        "persistence": np.array([-0.3, 0.1]),
    }
    drawn = spec.simulated(truth, data, rng)
    density, hazard, moves = parts(spec, truth, drawn)
    run = joint_forward(density, hazard, moves, spec.initial)
    regimes = joint_smoothed(run[1], run[2], run[3], hazard, moves)
    assert (regimes.max(axis=1) > 0.9).mean() > 0.9
    season = truth["seasonal"].T[drawn.quarter]
    low = (drawn.growth - season).mean(axis=1) < -0.11
    assert low.any() and (regimes[low].argmax(axis=1) == BUST).mean() > 0.8


def test_paths_without_noise_grow_at_the_mean_of_their_regime() -> None:
    spec, rng = model(), np.random.default_rng(9)
    draws = {n: np.repeat(v[None], 3, axis=0) for n, v in spec.prior_draw(made_up(4), rng).items()}
    ones = np.ones(3)
    draws |= {"normal_growth": 0.04 * ones, "boom_gap": 0.16 * ones, "bust_gap": 0.24 * ones}
    draws |= {"deviation": np.full((3, 2), 1e-9), "exit": -50 * ones, "persistence": np.zeros((3, 2))}
    stay = np.eye(3) * (1 - 1e-12) + 1e-13
    draws |= {"from_normal": stay[[0] * 3], "from_bust": stay[[2] * 3]}
    made = simulate(
        draws,
        np.array([0, 32, 33]),
        np.full((3, 2), np.nan),
        np.arange(8) % 4,
        np.zeros(8),
        5.0,
        32,
        rng,
    )
    for i, rate in enumerate([0.04, 0.2, -0.2]):
        np.testing.assert_allclose(made[i].sum(axis=0), 2 * rate, atol=1e-6)
        season = draws["seasonal"][0].T
        np.testing.assert_allclose(made[i, :4], rate / 4 + season, atol=1e-6)


def test_noise_of_two_series_has_the_correlation_asked_for() -> None:
    noise = correlated(np.full(40000, 0.6), 2, 50.0, np.random.default_rng(10))
    assert np.mean(noise[:, 0] * noise[:, 1]) / noise.var() == pytest.approx(0.6, abs=0.02)
    assert noise.var() == pytest.approx(50 / 48, rel=0.03)


def test_statistics_are_finite_for_any_draw_from_the_prior() -> None:
    spec, rng = model(), np.random.default_rng(11)
    for series in (1, 2):
        for _ in range(50):
            data = made_up(21, series)
            found = spec.statistics(spec.simulated(spec.prior_draw(data, rng), data, rng))
            assert np.isfinite(list(found.values())).all()


def test_what_the_panel_taught_takes_the_place_of_the_priors() -> None:
    rows = [
        {"parameter": "bust_gap", "mean": 0.3, "sd": 0.04},
        {"parameter": "spread_of_means[2]", "mean": 0.2, "sd": 0.1},
        {"parameter": "after_boom", "mean": 0.6, "sd": 0.1},
        {"parameter": "deviation", "mean": 0.1, "sd": 0.1},
        *({"parameter": f"from_bust[{r}]", "mean": m, "sd": 0.1} for r, m in
          (("normal", 0.5), ("boom", 0.1), ("bust", 0.4))),
    ]  # fmt: skip
    panel = panel_of(rows)
    assert set(panel) == {"bust_gap", "after_boom", *(f"from_bust[{r}]" for r in ("normal", "boom", "bust"))}
    assert panel["bust_gap"][1] == pytest.approx(np.hypot(0.04, 0.06))
    spec = replace(model(), panel=panel)
    rng = np.random.default_rng(12)
    drawn = [spec.prior_draw(made_up(4), rng) for _ in range(4000)]
    gap, after = (np.array([d[n] for d in drawn]) for n in ("bust_gap", "after_boom"))
    assert [gap.mean(), gap.std()] == pytest.approx([0.3, panel["bust_gap"][1]], rel=0.06)
    assert [after.mean(), after.std()] == pytest.approx([0.6, 0.1], rel=0.06)
    assert np.mean([d["from_bust"] for d in drawn], axis=0) == pytest.approx([0.5, 0.1, 0.4], abs=0.01)
    assert spec.effective["exit"] == model().priors["exit"]


@pytest.mark.parametrize(
    ("panel", "error"),
    [
        ({"deviation": (0.1, 0.1)}, UnknownNameError),
        ({"bust_gap": (-0.1, 0.1)}, ValueError),
        ({"after_boom": (0.5, 0.9)}, ValueError),
        ({"exit": (0.0, 0.0)}, ValueError),
        ({"from_bust[normal]": (0.5, 0.1)}, ValueError),
    ],
)
def test_a_panel_that_cannot_be_is_refused(panel: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        with_panel(model().priors, panel)


def test_slack_raises_what_its_slopes_say() -> None:
    values = {"exit": -1.7, "exit_age": 0.0, "slack_exit": 0.3, "slack_bust": 0.2, "after_boom": 0.5}
    draws = {n: np.array([v]) for n, v in values.items()}
    ends, busts = ends_in_bust(draws, 16, np.array([0.0, 3.0]))
    assert ends[0] == pytest.approx(1 / (1 + np.exp([1.7, 0.8])))
    assert busts[0] / ends[0] == pytest.approx([0.5, 1 / (1 + np.exp(-0.6))])


class StandIn:
    """Draws from the prior in the place of a posterior, so that paths and findings need no sampler."""

    def __init__(self, spec: QuarterlyModel, data: QuarterlyData, count: int) -> None:
        rng = np.random.default_rng(13)
        made = [spec.prior_draw(data, rng) for _ in range(count)]
        self.kept = {n: np.array([d[n] for d in made]) for n in made[0]}
        self.diagnostics = type("D", (), {"passed": True})()

    def draws(self, name: str) -> np.ndarray:
        return self.kept[name]


def stand_in(episode: str, as_of: date) -> QuarterlyPosterior:
    spec, seen = model(as_of), snapshot(episode, as_of)
    data = spec.observed(seen)
    sampled: Any = StandIn(spec, data, 300)
    return QuarterlyPosterior(spec, data, sampled, own_history(seen, data.time[-1]), 0.0)


def test_forecasts_speak_of_the_suppliers_and_abstain_from_the_rest() -> None:
    found = stand_in("telecom", THEN)
    events = [e for es in events_for("telecom", by="2002Q4").values() for e in es]
    made = found.forecasts(snapshot("telecom", THEN), events, stream("x"))
    sooner = [event_named("O2/suppliers", "telecom", by="2001Q2"), event_named("O3", "telecom", by="2001Q2")]
    first, second = found.forecasts(snapshot("telecom", THEN), sooner, stream("x"))
    assert (first.probability, first.evidence) == (0.0, "paths")
    assert second.abstains
    assert [f.event for f in made] == [e.definition for e in events]
    spoken = {f.event: f for f in made if not f.abstains}
    assert set(spoken) == {"O3/supplier_orders", "O3/supplier_shipments"}
    for f in spoken.values():
        assert f.evidence == "prior-driven" and f.status == "hindcast" and 0 < (f.probability or 0) < 1
    assert all("paths of 'supplier_orders', 'supplier_shipments'" in f.abstains for f in made if f.abstains)


def test_paths_of_ai_hold_the_history_and_go_to_the_horizon() -> None:
    found = stand_in("ai", AS_OF)
    paths = found.paths("2028", {}, stream("x"))
    assert (paths.time[0], paths.time[-1]) == ("2017Q3", "2028Q4")
    np.testing.assert_allclose(paths.layer("capex")[:, -11], found.data.levels[-1, 0])
    with pytest.raises(InputError, match="ends before what is known, which is 2026Q2"):
        found.paths("2026Q2", {}, stream("x"))
    event = event_named("O3", by="2028Q4")
    made = found.forecasts(snapshot("ai", AS_OF), [event], stream("x"))
    assert made[0].probability is not None and made[0].spread is not None
    again = found.forecasts(snapshot("ai", AS_OF), [event], stream("x"))
    assert again == made


def test_findings_are_plain_and_small() -> None:
    found = stand_in("telecom", THEN)
    text = json.dumps(found.findings(stream("x")), allow_nan=False)
    assert len(text) < 200_000
    known = json.loads(text)
    assert known["quarters"][-1]["quarter"] == "1999Q3" and not known["windows"]
    assert all(r["ends_q05"] <= r["ends_q50"] <= r["ends_q95"] for r in known["hazard"])
    assert "no utilisation series" not in found.sentence()


@pytest.mark.slow
def test_the_telecom_bust_is_seen_and_so_are_its_edges() -> None:
    found = model(draws=500, tune=500, chains=2).fit(snapshot("telecom", AS_OF), stream("telecom"))
    bust, quarters = found.regimes()["bust"].to_numpy(), found.data.time
    assert bust[quarters.index("2001Q2") : quarters.index("2002Q2") + 1].min() > 0.9
    assert found.findings(stream("x"))["windows"]["bust_2001_02"]["above_90"] >= 5
    assert bust[: quarters.index("2000Q3") + 1].max() < 0.5


@pytest.mark.slow
def test_pauses_of_the_cloud_are_no_busts() -> None:
    found = model(draws=500, tune=500, chains=2).fit(snapshot("ai", AS_OF), stream("ai"))
    assert found.regimes()["bust"].to_numpy().max() < 0.5
    windows = found.findings(stream("x"))["windows"]
    assert set(windows) == {"pause_2018_19", "pause_2022_23"}
    assert max(w["largest"] for w in windows.values()) < 0.5


@pytest.mark.slow
def test_parameters_of_a_long_record_are_found_again() -> None:
    spec = model(draws=400, tune=500, chains=2)
    rng = np.random.default_rng(14)
    data = replace(made_up(600), slack=rng.normal(0, 3, 601))
    truth = spec.prior_draw(data, rng) | {
        "normal_growth": np.array(0.05),
        "boom_gap": np.array(0.25),
        "bust_gap": np.array(0.45),
        "deviation": np.array([0.05, 0.04]),
        "exit": np.array(-1.0),
        "exit_age": np.array(0.2),
        "slack_exit": np.array(0.4),
        "slack_bust": np.array(0.3),
        "from_normal": np.array([0.7, 0.2, 0.1]),
        "after_boom": np.array(0.6),
    }
    fit = spec.fit_data(spec.simulated(truth, data, rng), rng)
    assert fit.diagnostics.r_hat < 1.05
    for name in ("normal_growth", "boom_gap", "bust_gap", "slack_exit", "slack_bust", "after_boom"):
        low, high = np.quantile(fit.draws(name), [0.005, 0.995])
        assert low <= truth[name] <= high, name
    assert fit.draws("slack_exit").mean() > 0.1
