"""The explosive model: what it sees, that prior, simulation and likelihood agree, and what it may claim."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta, halfnorm, lognorm, norm, t

from overbuild.core import Snapshot
from overbuild.core.events import Event
from overbuild.episodes import DataBook, load_episode
from overbuild.episodes.model_series import model_series
from overbuild.errors import InputError, UnknownNameError
from overbuild.models.explosive import (
    AGES,
    KNOTS,
    RANKED,
    ExplosiveModel,
    between,
    build,
    given,
    simulated_with_regimes,
)
from overbuild.models.explosive_checks import template
from overbuild.models.explosive_data import BEFORE, BLOCKS, PER_BLOCK, WINDOW, gaps, price_data
from overbuild.models.explosive_episodes import episodes_of, long_spells
from overbuild.models.explosive_kernel import COLLAPSE, EXPLOSIVE, forward
from overbuild.models.explosive_posterior import (
    ABSTAINS,
    ExplosivePosterior,
    dating_of,
    prior_any_long,
    regimes_of,
    short_ratios,
)
from overbuild.models.explosive_published import published_of
from overbuild.models.prior_file import read_priors
from overbuild.models.sampler import Sampled, Sampling

LATE, BOOM = date(2026, 11, 22), date(1999, 12, 31)


@cache
def model(day: date = BOOM) -> ExplosiveModel:
    return ExplosiveModel.of(read_priors(None).at(day), {})


@cache
def snapshot(episode: str, day: date) -> Snapshot:
    return load_episode(episode, day, also=model_series("explosive", episode)).snapshot


def drawn(seed: int = 0) -> tuple[dict[str, Any], Any]:
    rng = np.random.default_rng(seed)
    truth = model().prior_draw(template(), rng)
    return truth, model().simulated(truth, template(), rng)


def test_the_window_is_fifteen_years_in_both_eras() -> None:
    telecom = model().observed(snapshot("telecom", BOOM))
    assert telecom.series == "nasdaq"
    assert (telecom.months[-1], len(telecom.months)) == ("1999-11", WINDOW)
    whole = model(LATE).observed(snapshot("telecom", LATE))
    assert (whole.months[0], whole.months[-1]) == ("1992-01", "2006-12")
    ai = model(LATE).observed(snapshot("ai", LATE))
    assert ai.series == "ai_hardware"
    assert ai.first == WINDOW - len(ai.months) > 0
    assert ai.months[0] == "2015-06"
    assert ai.level[0] == 0.0


def test_returns_cumulate_and_ratios_are_ratios() -> None:
    ai = price_data(snapshot("ai", LATE), "ai_hardware")
    rows = snapshot("ai", LATE).table.query("series == 'basket_return_equal_weighted'")
    last = rows.loc[rows["entity"].str.startswith("AI hardware")].sort_values("period")["value"].iloc[-1]
    assert np.diff(ai.level)[-1] == pytest.approx(np.log1p(last / 100))
    ratio = price_data(snapshot("ai", LATE), "price_dividend")
    assert ratio.ratio
    assert ratio.months[-1] == "2026-03"


def test_rows_that_become_available_later_change_nothing() -> None:
    book = DataBook.load()
    also = model_series("explosive", "telecom")
    table = book.table.copy()
    later = pd.to_datetime(table["available_from"]) > pd.Timestamp(BOOM)
    table.loc[later, "value"] = table.loc[later, "value"] * 1e6
    poisoned = replace(book, table=table).at(BOOM, "telecom", also)
    clean = book.at(BOOM, "telecom", also)
    assert poisoned.digest == clean.digest
    for name in ("nasdaq", "price_dividend", "telecom_shares"):
        a, b = price_data(clean, name), price_data(poisoned, name)
        assert a.months == b.months
        np.testing.assert_array_equal(a.level, b.level)


def test_too_few_or_no_prices_are_refused_in_one_sentence() -> None:
    early = load_episode("ai", BOOM, also=model_series("explosive", "ai")).snapshot
    with pytest.raises(InputError, match=r"0 months are known as of 1999-12-31; dating needs 72"):
        model().observed(early)
    short = snapshot("telecom", date(1994, 12, 31))
    with pytest.raises(InputError, match="dating needs 72"):
        price_data(short, "telecom_shares")
    with pytest.raises(UnknownNameError, match="nasdaq"):
        price_data(short, "tulips")


def test_gaps_are_measured_from_the_year_before_the_quarter_and_not_below_it() -> None:
    level = np.cumsum(np.random.default_rng(2).normal(0.01, 0.05, BEFORE + WINDOW))
    found = gaps(level, 0)
    assert found.shape == (WINDOW, BLOCKS)
    b, at = 20, 100
    before = level[b * PER_BLOCK : b * PER_BLOCK + BEFORE].mean()
    assert found[at, b] == pytest.approx(max(level[BEFORE + at - 1] - before, 0))
    assert found.min() == 0.0
    assert not found[: b * PER_BLOCK, b].any()


def test_prior_draws_have_the_names_and_shapes_of_the_posterior() -> None:
    truth, data = drawn()
    assert set(truth) == {*RANKED, "log_scale"}
    assert truth["log_scale"].shape == (WINDOW,)
    assert all(np.isfinite(v) for v in model().statistics(data).values())
    free = build(model().priors)
    named = {v.name for v in [*free.free_RVs, *free.deterministics]}
    assert set(truth) <= named


def test_simulated_prices_are_those_of_the_likelihood() -> None:
    """The noise that made them is recovered with the gaps and regimes that the likelihood sees."""
    rng = np.random.default_rng(5)
    truth = model().prior_draw(template(), rng) | {"explosive_root": np.asarray(0.03)}
    regimes = np.zeros(WINDOW, dtype=int)
    regimes[40:80], regimes[80:95] = EXPLOSIVE, COLLAPSE
    data, path = simulated_with_regimes(truth, template(), model().priors, np.random.default_rng(6), regimes)
    np.testing.assert_array_equal(path, regimes)
    again = np.random.default_rng(6)
    again.random(1 + WINDOW)
    noise = np.exp(truth["log_scale"]) * again.standard_t(model().priors["degrees"], WINDOW)
    slope = np.array([0.0, truth["explosive_root"], -truth["collapse_root"]])[regimes]
    made = data.change - truth["drift"] - slope * data.gap[:, 40 // PER_BLOCK]
    np.testing.assert_allclose(made, noise, atol=1e-10)


def test_simulated_regimes_move_in_order_and_as_often_as_the_prior_says() -> None:
    rng = np.random.default_rng(1)
    truth, _ = drawn(3)
    paths = [simulated_with_regimes(truth, template(), model().priors, rng)[1] for _ in range(200)]
    moves = {(int(a), int(b)) for p in paths for a, b in pairwise(p)}
    assert moves <= {(0, 0), (0, 1), (1, 1), (1, 2), (2, 2), (2, 0)}
    never = np.mean([not p.any() for p in paths])
    assert 0.35 < never < 0.65
    assert 0.3 < prior_any_long(model().priors, WINDOW, rng) < model().priors["exists"]


def test_the_log_posterior_is_priors_and_recursion() -> None:
    """PyMC's log density equals prior densities from scipy, Jacobians and the recursion."""
    import pymc as pm

    _, data = drawn(4)
    p = model().priors
    with build(p) as made:
        pm.set_data(given(data, p))
    point = made.initial_point()
    rng = np.random.default_rng(9)
    point = {k: np.asarray(v) + 0.3 * rng.standard_normal(np.shape(v)) for k, v in point.items()}
    found = float(made.compile_logp(mode="FAST_COMPILE")(point))

    positive = {
        n: np.exp(point[f"{n}_log__"])
        for n in ("explosive_root", "collapse_root", "volatility", "volatility_spread")
    }
    shares = {n: 1 / (1 + np.exp(-point[f"{n}_logodds__"])) for n in RANKED if n.startswith("stay")}
    phi = 1 / (1 + np.exp(-point["volatility_persistence_logodds__"]))
    z = point["z_volatility"].copy()
    expected = norm.logpdf(point["z_drift"]) + norm.logpdf(z).sum()
    for n in ("explosive_root", "collapse_root", "volatility_spread"):
        expected += halfnorm.logpdf(positive[n], scale=p[n]) + np.log(positive[n])
    v = positive["volatility"]
    expected += lognorm.logpdf(v, p["volatility"][1], scale=p["volatility"][0]) + np.log(v)
    for n, x in {**shares, "volatility_persistence": phi}.items():
        expected += beta.logpdf(x, *p[n]) + np.log(x) + np.log1p(-x)
    z[1:] *= np.sqrt(1 - phi**2)
    knots = np.where(AGES >= 0, phi ** np.maximum(AGES, 0), 0.0) @ z
    assert knots.shape == (KNOTS,)
    scale = np.log(v) + positive["volatility_spread"] * (between() @ knots)
    drift = p["drift"][0] + p["drift"][1] * point["z_drift"]
    stay = np.array([shares[n] for n in RANKED if n.startswith("stay")])
    roots = float(positive["explosive_root"]), float(positive["collapse_root"])
    recursion = forward(
        data.change, data.gap, 0, float(drift), *roots, scale, stay, p["exists"], float(p["degrees"])
    )[0]
    assert found == pytest.approx(float(expected) + recursion, abs=2e-5)


def test_without_any_gap_all_regimes_are_the_random_walk() -> None:
    truth, data = drawn(7)
    scale = truth["log_scale"]
    stay = np.array([truth[n] for n in RANKED if n.startswith("stay")])
    found = forward(data.change, 0 * data.gap, 0, 0.006, 0.03, 0.1, scale, stay, 0.5, 5.0)[0]
    expected = (t.logpdf((data.change - 0.006) / np.exp(scale), 5) - scale).sum()
    assert found == pytest.approx(expected, abs=1e-8)


def fake(data: Any, root: float, draws: int = 200) -> Sampled:
    """Return draws that lie close to known parameters, so that dates can be tested without a sampler."""
    import xarray as xr

    rng = np.random.default_rng(11)
    flat = {
        "drift": 0.006,
        "explosive_root": root,
        "collapse_root": 0.15,
        "stay_random_walk": 0.97,
        "stay_explosive": 0.97,
        "stay_collapse": 0.92,
    }
    made: dict[str, Any] = {
        k: (("chain", "draw"), v * (1 + 0.02 * rng.standard_normal((1, draws)))) for k, v in flat.items()
    }
    for name in ("stay_random_walk", "stay_explosive", "stay_collapse"):
        made[name] = (("chain", "draw"), np.clip(made[name][1], 0.5, 0.99))
    made["log_scale"] = (("chain", "draw", "month"), np.full((1, draws, WINDOW), np.log(0.03)))
    stats = xr.Dataset({"diverging": (("chain", "draw"), np.zeros((1, draws), dtype=bool))})
    tree = xr.DataTree.from_dict({"posterior": xr.Dataset(made), "sample_stats": stats})
    return Sampled(tree, 0.0)


def planted(root: float = 0.06) -> Any:
    truth, _ = drawn(8)
    truth |= {
        "explosive_root": np.asarray(root),
        "collapse_root": np.asarray(0.15),
        "drift": np.asarray(0.006),
        "log_scale": np.full(WINDOW, np.log(0.03)),
    }
    regimes = np.zeros(WINDOW, dtype=int)
    regimes[90:140], regimes[140:155] = EXPLOSIVE, COLLAPSE
    return simulated_with_regimes(truth, template(), model().priors, np.random.default_rng(0), regimes)[0]


def test_a_plain_explosion_is_dated_and_events_are_abstained_from() -> None:
    data = planted()
    posterior = ExplosivePosterior(data, fake(data, 0.06), 0.0, model().priors, BOOM)
    assert posterior.regimes.any_long > 0.95
    episodes = episodes_of(posterior.regimes.path, data.level[BEFORE - 1 :])
    main = max(episodes, key=lambda e: e.rise)
    assert main.claimed
    assert 80 <= main.start[1] <= 112
    assert abs(main.peak[1] - 139) <= 6
    assert 140 <= main.end[1] <= 165
    assert main.ongoing == 0
    table = posterior.dating().table
    assert table["start_median"].iloc[-1][:4] in ("1997", "1998", "1999")
    assert "began in" in posterior.sentence()
    found = posterior.findings(np.random.default_rng(0))
    assert len(found["explosive"]) == len(found["months"]) == WINDOW
    assert found["ratios"] == []
    view = snapshot("telecom", BOOM)
    event = Event("O3", "primary", "capex", "drawdown", "2002")
    (said,) = posterior.forecasts(view, [event], np.random.default_rng(0))
    assert said.probability is None
    assert said.abstains == ABSTAINS


def test_an_explosion_that_goes_on_has_no_end() -> None:
    path = np.zeros((10, 40), dtype=np.int8)
    path[:, 30:] = EXPLOSIVE
    level = np.concatenate([np.zeros(31), np.linspace(0.1, 1, 10)])
    (episode,) = episodes_of(path, level)
    assert episode.start == (30, 30, 30)
    assert not np.isfinite([*episode.peak, *episode.end]).any()
    assert episode.ongoing == 1
    assert episode.rise == pytest.approx(1.0)
    data = planted()
    table = dating_of(replace(data, months=data.months[:40]), [episode]).table
    assert table["end_median"].iloc[0] is None


def test_spells_of_less_than_half_a_year_are_no_episodes() -> None:
    path = np.zeros((1, 30), dtype=np.int8)
    path[0, 3:8] = EXPLOSIVE
    path[0, 15:21] = EXPLOSIVE
    assert np.flatnonzero(long_spells(path)[0]).tolist() == list(range(15, 21))
    assert episodes_of(np.zeros((5, 30), dtype=np.int8), np.zeros(31)) == []


def test_ratios_of_capex_are_too_short_to_claim_anything() -> None:
    for row in short_ratios(snapshot("ai", LATE)):
        assert 0 < row["quarters"] < row["needed"]
        assert row["claim"] is None


def test_published_dates_are_told_whatever_is_found() -> None:
    found = {p["series"]: p for p in published_of("telecom")}
    assert found["nasdaq"]["start"] == "1995-06"
    assert found["price_dividend"]["end"] == "2001-08"


@pytest.mark.slow
def test_a_planted_explosion_is_recovered_and_a_random_walk_is_not_called() -> None:
    from overbuild.models.explosive_checks import power, size

    quiet = size(model(), 6, 1)
    assert quiet["called"] <= 0.35
    strong = power(model(), 4, 1)[-1]
    assert strong["mean_probability"] > quiet["mean_probability"]


@pytest.mark.slow
def test_a_fit_of_a_planted_explosion_passes_its_checks() -> None:
    data = planted()
    sampling = Sampling(target_accept=0.9, cores=2)
    sampled = model().fit_data(data, np.random.default_rng(1), sampling)
    assert sampled.diagnostics.passed
    regimes = regimes_of(data, sampled, model().priors, np.random.default_rng(2))
    assert regimes.any_long > 0.9
    assert np.quantile(sampled.draws("explosive_root"), 0.05) > 0.01
