"""Each check passes on a right posterior and fails on a wrong one: too narrow, shifted, blind to clusters."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from overbuild.errors import InputError
from overbuild.probability import intervals
from overbuild.probability.beta_binomial import ClusterPosterior, cluster_posterior, clustered_hits
from overbuild.probability.calibration import BINS, LEVELS, Ranks, calibrated, ranked, uniformity
from overbuild.probability.checks import dispersion, dispersions, prior_predictive, recovery, two_sided
from overbuild.probability.choices import BaseRateChoices
from overbuild.probability.cluster_bootstrap import cluster_weights
from overbuild.probability.conditional_rates import at_horizon, followed, tallied
from overbuild.probability.definitions import read_definitions
from overbuild.probability.forecast_checks import Asked, forecast_recovery
from overbuild.probability.growth_panels import Growth, growth_panel
from overbuild.probability.intervals import Array, Means
from overbuild.probability.marks import Marks, Verdict, passed
from overbuild.probability.model_checks import Design, ForecastDesign, check_model
from overbuild.probability.runups import Rule
from overbuild.settings import SEED

JEFFREYS, UNIFORM = (0.5, 0.5), (1.0, 1.0)
CASES = np.array([4.0, 4, 4, 3, 3, 2, 2, 1, 1, 1])
MEANS = Means(weights=cluster_weights(10, 300, np.random.default_rng(0)), rates=100, correlations=10)
DEFINITIONS = read_definitions()
MARKS = replace(Marks.of(DEFINITIONS, "baserate"), simulations=400)
FEW = replace(MARKS, rates=(0.47,), correlation=(0.0, 0.3))
PROCESS = Growth.of(DEFINITIONS["checks"]["annual"])


@dataclass(frozen=True)
class Bent:
    """A right posterior, made narrower or moved."""

    right: ClusterPosterior
    scale: float = 1.0
    shift: float = 0.0

    def points(self, at: Any) -> Array:
        middle = self.right.points(0.5)
        return middle + self.shift + self.scale * (self.right.points(at) - middle)

    def below(self, rate: Any) -> Array:
        middle = self.right.points(0.5)[0]
        return self.right.below(np.clip(middle + (np.asarray(rate) - middle - self.shift) / self.scale, 0, 1))


@pytest.fixture
def bent(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(**how: float) -> Any:
        def method(y: Array, n: Array, means: Means) -> Bent:
            grid = means.rates, means.correlations
            return Bent(cluster_posterior(y, n, means.rate_prior, means.correlation_prior, *grid), **how)

        return method

    wrong = {"narrow": make(scale=0.5), "shifted": make(shift=0.1)}
    monkeypatch.setattr(intervals, "METHODS", {**intervals.METHODS, **wrong})


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def ranks(method: str, *, correlated: bool = True, simulations: int = 1000) -> Ranks:
    return calibrated("toy", method, CASES, MEANS, simulations, SEED, correlated=correlated)


def test_ranks_of_the_right_posterior_are_uniform():
    found = ranks("beta_binomial")
    assert min(found.chi_square, found.ecdf) > 0.01
    assert found.coverage == pytest.approx(0.9, abs=0.03)
    assert found.histogram.sum() == 1000 and found.histogram.size == BINS
    alike = ranks("independent", correlated=False)
    assert min(alike.chi_square, alike.ecdf) > 0.01


@pytest.mark.usefixtures("bent")
def test_ranks_of_a_wrong_posterior_are_not():
    narrow, shifted = ranks("narrow"), ranks("shifted")
    assert narrow.chi_square < 1e-4 and narrow.coverage < 0.8
    assert narrow.histogram[[0, -1]].min() > 1.5 * narrow.histogram[8:12].mean()
    assert shifted.ecdf < 1e-4 and shifted.histogram[:5].sum() > 1.3 * shifted.histogram[-5:].sum()


def test_a_posterior_blind_to_clusters_fails_where_they_differ():
    blind = ranks("independent")
    assert blind.chi_square < 1e-4 and blind.coverage < 0.85


def test_uniformity_of_ranks_that_are_uniform_and_of_ranks_that_are_not():
    even = rng(1).integers(0, LEVELS + 1, 2000)
    covered = np.ones(2000, dtype=bool)
    good, bad = uniformity(even, covered, rng(2)), uniformity(even // 2, covered, rng(2))
    assert min(good.chi_square, good.ecdf) > 0.01 > max(bad.chi_square, bad.ecdf)


def test_a_posterior_that_does_not_exist_covers_nothing_and_ranks_last():
    nothing = intervals.BetaShares(np.full(3, np.nan), np.full(3, np.nan))
    places, covered = ranked(np.array([0.1, 0.5, 0.9]), nothing, rng())
    assert places.tolist() == [LEVELS] * 3 and not covered.any()


def test_ranks_do_not_depend_on_the_number_of_processes():
    alone, shared = (calibrated("toy", "independent", CASES, MEANS, 600, 5, workers=w) for w in (1, 2))
    assert alone.ranks.tolist() == shared.ranks.tolist()
    assert (alone.chi_square, alone.ecdf) == (shared.chi_square, shared.ecdf)
    other = calibrated("toy", "independent", CASES, MEANS, 600, 6)
    assert other.ranks.tolist() != alone.ranks.tolist()
    with pytest.raises(InputError, match="--simulations 99 are too few; expected 100 or more"):
        calibrated("toy", "independent", CASES, MEANS, 99, 5)


@pytest.mark.usefixtures("bent")
def test_known_rates_are_found_again_and_wrong_intervals_are_found_out():
    methods = ("beta_binomial", "narrow", "shifted", "independent")
    found = recovery(methods, CASES, (0.3, 0.6), (0.0, 0.3), MEANS, 600, rng(3))
    assert len(found) == 16
    cover = {m: [r.coverage for r in found if r.method == m] for m in methods}
    assert min(cover["beta_binomial"]) > 0.85
    assert max(cover["narrow"]) < 0.75 and min(cover["shifted"]) < 0.85
    assert cover["independent"][0] > 0.85 > max(cover["independent"][2:])
    assert all(abs(r.bias) < 0.02 for r in found)
    tilted = recovery(("independent",), CASES, (0.3,), (0.0,), MEANS, 600, rng(3), point_prior=(20.0, 0.5))
    assert tilted[0].bias > 0.2


def test_the_observed_count_lies_where_the_prior_expects_it():
    vague = prior_predictive(12.0, CASES, JEFFREYS, UNIFORM, 4000, rng(4))
    assert vague.p_value > 0.5 and vague.low <= 12 <= vague.high
    assert vague.mean == pytest.approx(CASES.sum() / 2, abs=0.5)
    sure = prior_predictive(22.0, CASES, (20.0, 180.0), (1.0, 40.0), 4000, rng(4))
    assert sure.p_value < 0.01 and sure.high < 22
    assert two_sided(0.0, np.array([1.0, 2.0, 3.0])) == 0.0
    assert two_sided(2.0, np.array([1.0, 2.0, 3.0])) == 1.0


def test_unevenness_is_seen_by_the_model_that_denies_it():
    uneven = np.array([4.0, 0, 4, 0, 3, 0, 2, 0, 1, 0])
    spread = dispersions(uneven, CASES, MEANS, 4000, rng(5))
    assert spread["independent"] < 0.025 < spread["beta_binomial"] < 0.975
    even = np.array([2.0, 2, 2, 1, 2, 1, 1, 0, 1, 0])
    assert dispersion(even, CASES, np.full(4000, 0.5), 0.9, rng(5)) > 0.975


def test_simulated_growth_follows_its_regimes():
    booming = replace(PROCESS, boom_starts=1.0, boom_calms=0.0)
    panel = growth_panel(booming, 0.0, 0.0, 400, rng(6))
    steps = np.diff(np.log(panel.level), axis=1)
    assert panel.level.shape == (400, PROCESS.years)
    assert (steps.mean(), steps.std()) == pytest.approx((0.20, 0.12), abs=0.01)
    calm = growth_panel(replace(PROCESS, boom_starts=0.0), 0.2, 0.0, 400, rng(6))
    assert np.diff(np.log(calm.level), axis=1).mean() == pytest.approx(0.05, abs=0.01)
    with pytest.raises(InputError, match=r"checks\.annual: lacks bust_ends"):
        Growth.of({k: v for k, v in DEFINITIONS["checks"]["annual"].items() if k != "bust_ends"})


ASKED = Asked(Rule(floor_usd_million=0.0, peak_years=3), "in_force", 3, 2.5, 13)
ONE = replace(PROCESS, boom_busts=(0.1,), correlation=(0.1,))


def test_forecasts_are_held_against_the_true_chance():
    methods = ("korn_graubard", "independent", "bootstrap")
    found = {r.method: r for r in forecast_recovery(methods, ONE, ASKED, BaseRateChoices(), 300, 200, rng(7))}
    panel = growth_panel(ONE, 0.1, 0.1, 20_000, rng(8))
    counted = tallied(panel, ASKED.rule, followed(panel, ASKED.rule, 5), "in_force", 3)
    truth = at_horizon(counted.falls.sum(axis=0) / counted.cases.sum(), 2.5)
    assert found["korn_graubard"].rate == pytest.approx(float(truth), abs=0.01)
    assert found["korn_graubard"].coverage > 0.85 > found["independent"].coverage
    assert found["bootstrap"].width < found["korn_graubard"].width
    tilted = BaseRateChoices(conditional_rate=(10.0, 1.0))
    (moved,) = forecast_recovery(("korn_graubard",), ONE, ASKED, tilted, 100, 50, rng(7))
    assert moved.bias > 0.1


@pytest.mark.parametrize(("state", "left"), [("in_force", 0.5), ("quiet", 5.0), ("quiet", 1.0)])
def test_forecasts_at_other_horizons_and_states(state: Any, left: float):
    asked = replace(ASKED, state=state, left=left)
    (found,) = forecast_recovery(("korn_graubard",), ONE, asked, BaseRateChoices(), 100, 50, rng(9))
    assert 0 < found.rate < 0.5 and abs(found.bias) < 0.05 and 0.7 < found.coverage <= 1


def design(interval: str, hits: Array | None = None) -> Design:
    drawn = clustered_hits(0.5, 0.2, CASES, rng(10))[0] if hits is None else hits
    return Design("toy", drawn, CASES, interval, JEFFREYS, UNIFORM, (0.0, 0.0), "the level")


def test_a_model_with_the_right_interval_passes_every_check():
    found = check_model(design("beta_binomial"), MARKS, SEED)
    assert all(found.passed.values()), found.verdicts
    assert set(found.passed) == {
        "prior_predictive",
        "recovery",
        "coverage",
        "calibration",
        "posterior_predictive",
    }
    moved = {p["quantity"]: p for p in found.prior_to_posterior}
    assert moved["rate"]["evidence"] == "direct" and moved["rate"]["learnt"] > 0.8
    assert (found.clusters, found.cases, found.forecast) == (10, 25, ())


def test_a_model_with_a_wrong_interval_fails_by_name():
    blind = check_model(design("independent"), FEW, SEED).passed
    assert not blind["coverage"] and not blind["calibration"] and blind["recovery"]
    biased = replace(design("beta_binomial"), point_prior=(30.0, 1.0))
    assert not check_model(biased, FEW, SEED).passed["recovery"]
    uneven = design("independent", np.array([4.0, 0, 4, 0, 3, 0, 2, 0, 1, 0]))
    assert not check_model(uneven, FEW, SEED).passed["posterior_predictive"]
    sure = replace(design("beta_binomial", CASES), rate_prior=(20.0, 180.0), correlation_prior=(1.0, 40.0))
    assert not check_model(sure, FEW, SEED).passed["prior_predictive"]


def test_a_forecast_with_a_narrow_spread_fails_by_name():
    marks, process = replace(FEW, simulations=150), replace(ONE, boom_busts=(0.1, 0.25))
    for method, good in (("korn_graubard", True), ("independent", False)):
        forecast = ForecastDesign(process, ASKED, BaseRateChoices(forecast_interval=method))
        found = check_model(design("beta_binomial"), marks, SEED, forecast)
        assert found.forecast_interval == method and found.passed["forecast_coverage"] is good
        assert found.passed["forecast_recovery"]


def test_checks_are_the_same_twice_and_plain():
    one, two = (check_model(design("beta_binomial"), FEW, 4).to_dict() for _ in range(2))
    assert json.dumps(one, allow_nan=False) == json.dumps(two)
    assert one["recovery"] != check_model(design("beta_binomial"), FEW, 5).to_dict()["recovery"]


def test_a_number_that_is_not_there_reaches_no_mark():
    assert not Verdict("x", "nothing", float("nan")).passed
    assert not Verdict("x", "nothing", float("nan"), None, 1.0).passed
    assert Verdict("x", "at the end", 0.85, 0.85).passed and not Verdict("x", "below", 0.8499, 0.85).passed
    assert passed([Verdict("a", "", 1.0, 0.5), Verdict("a", "", 0.1, 0.5), Verdict("b", "", 1.0)]) == {
        "a": False,
        "b": True,
    }


def test_a_mark_that_is_missing_is_named():
    less = {k: v for k, v in DEFINITIONS["checks"].items() if k != "bias"}
    with pytest.raises(InputError, match="checks: lacks bias of the model 'baserate'"):
        Marks.of({"checks": less}, "baserate")
    with pytest.raises(InputError, match="lacks correlation of the model 'games'"):
        Marks.of(DEFINITIONS, "games")
    assert Marks.of(DEFINITIONS, "analogues").correlation == (0.0, 0.3, 0.6)
