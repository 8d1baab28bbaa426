"""Intervals of a clustered share against closed forms, another implementation, and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from overbuild.errors import UnknownNameError
from overbuild.probability.beta_binomial import cluster_posterior, clustered_hits, nodes
from overbuild.probability.cluster_bootstrap import cluster_weights
from overbuild.probability.effective_number import effective_number
from overbuild.probability.intervals import METHODS, Means, interval_points, share_distribution
from overbuild.probability.learning import LEVELS, evidence_of, learnt, learnt_from

HITS = np.array([2.0, 0, 3, 1, 0, 1])
CASES = np.array([5.0, 4, 3, 3, 1, 1])
JEFFREYS = (0.5, 0.5)
MEANS = Means(weights=cluster_weights(6, 2000, np.random.default_rng(0)))


def test_the_grid_agrees_with_integration_of_the_beta_binomial():
    def joint(rho: float, mu: float) -> float:
        a, b = mu * (1 - rho) / rho, (1 - mu) * (1 - rho) / rho
        return float(np.prod(stats.betabinom.pmf(HITS, CASES, a, b)) * stats.beta.pdf(mu, *JEFFREYS))

    def mass(low: float, high: float) -> float:
        return integrate.dblquad(joint, low, high, 1e-4, 1 - 1e-4, epsabs=1e-9, epsrel=1e-5)[0]

    found = cluster_posterior(HITS, CASES, JEFFREYS)
    total = mass(1e-6, 1 - 1e-6)
    for level, point in zip((0.05, 0.5, 0.95), found.points((0.05, 0.5, 0.95))[:, 0], strict=True):
        assert mass(1e-6, float(point)) / total == pytest.approx(level, abs=0.003)
        assert found.below([float(point)])[0] == pytest.approx(level, abs=1e-9)


def test_clusters_of_one_case_are_independent():
    hits = np.array([1.0] * 7 + [0.0] * 5)
    found = cluster_posterior(hits, np.ones(12), JEFFREYS)
    exact = stats.beta(7.5, 5.5)
    assert found.points((0.05, 0.5, 0.95))[:, 0] == pytest.approx(exact.ppf([0.05, 0.5, 0.95]), abs=0.002)
    assert found.mean[0] == pytest.approx(exact.mean(), abs=0.001)
    assert found.variance[0] == pytest.approx(exact.var(), rel=0.01)


def test_without_data_the_posterior_is_the_prior():
    empty = cluster_posterior(np.zeros(3), np.zeros(3), (2.0, 3.0), (1.0, 4.0))
    assert empty.points((0.1, 0.5, 0.9))[:, 0] == pytest.approx(stats.beta(2, 3).ppf([0.1, 0.5, 0.9]))
    assert empty.correlation_points(0.5)[0, 0] == pytest.approx(stats.beta(1, 4).ppf(0.5))
    rate, correlation = empty.draws(20_000, np.random.default_rng(1))
    assert (rate.mean(), correlation.mean()) == pytest.approx((0.4, 0.2), abs=0.01)


def test_clusters_that_hang_together_widen_the_interval_and_raise_the_correlation():
    together = cluster_posterior([5.0, 0, 5, 0, 5, 0], [5.0] * 6, JEFFREYS)
    apart = cluster_posterior([3.0, 2, 3, 2, 3, 2], [5.0] * 6, JEFFREYS)
    assert np.ptp(together.points((0.05, 0.95))) > 1.5 * np.ptp(apart.points((0.05, 0.95)))
    assert together.correlation_points(0.5) > 0.5 > 0.2 > apart.correlation_points(0.5)


def test_many_data_sets_at_once_are_the_same_as_one_by_one():
    sets = np.stack([HITS, CASES - HITS, np.zeros(6)])
    for method in METHODS:
        at_once = interval_points(method, sets, CASES, (0.05, 0.95), MEANS)
        alone = [interval_points(method, s, CASES, (0.05, 0.95), MEANS)[:, 0] for s in sets]
        assert at_once == pytest.approx(np.stack(alone, axis=1), nan_ok=True)


def test_weighted_votes_need_not_be_whole():
    half = cluster_posterior(HITS / 2, CASES / 2, JEFFREYS).points((0.05, 0.95))
    whole = cluster_posterior(HITS, CASES, JEFFREYS).points((0.05, 0.95))
    assert half[0] < whole[0] and whole[1] < half[1]


def test_the_effective_number_by_hand():
    share = HITS.sum() / CASES.sum()
    variance = 6 / 5 * ((HITS - CASES * share) ** 2).sum() / CASES.sum() ** 2
    few = (stats.t.ppf(0.95, CASES.sum() - 1) / stats.t.ppf(0.95, 5)) ** 2
    expected = share * (1 - share) / variance * few
    assert effective_number(HITS, CASES)[0] == pytest.approx(expected) and expected < CASES.sum()


@pytest.mark.parametrize(
    ("hits", "cases", "expected"),
    [
        ([0.0, 0.0], [4.0, 4.0], 8 * (stats.t.ppf(0.95, 7) / stats.t.ppf(0.95, 1)) ** 2),
        ([2.0, 0.0], [4.0, 0.0], 1.0),
        ([0.0, 0.0], [0.0, 0.0], np.nan),
    ],
)
def test_the_effective_number_at_its_edges(hits: list[float], cases: list[float], expected: float):
    assert effective_number(hits, cases)[0] == pytest.approx(expected, nan_ok=True)


def test_the_effective_number_is_never_above_the_cases():
    spread = np.array([1.0, 1, 1, 1, 1, 0, 0, 0, 0, 0])
    assert effective_number(np.full(10, 2.0), np.full(10, 4.0))[0] <= 40
    assert effective_number(spread * 4, np.full(10, 4.0))[0] < 10


def test_independent_cases_have_the_interval_of_the_design():
    for hits, cases, expected in ((21.0, 40.0, (0.40, 0.65)), (3.0, 4.0, (0.35, 0.95))):
        points = interval_points("independent", [hits], [cases], (0.05, 0.95), MEANS)[:, 0]
        assert points == pytest.approx(expected, abs=0.01)


def test_no_case_has_no_interval_and_an_unknown_method_is_refused():
    for method in METHODS:
        assert np.isnan(interval_points(method, np.zeros(6), np.zeros(6), (0.05, 0.95), MEANS)).all()
    with pytest.raises(UnknownNameError, match="'wild'"):
        interval_points("wild", HITS, CASES, 0.5, MEANS)
    with pytest.raises(ValueError, match="weights of the shape"):
        interval_points("bootstrap", HITS, CASES, 0.5, Means())


@pytest.mark.parametrize("method", sorted(METHODS))
def test_mass_below_a_quantile_is_its_level(method: str):
    found = share_distribution(method, HITS, CASES, MEANS)
    (point,) = found.points(0.3)
    assert found.below(point)[0] == pytest.approx(0.3, abs=0.02)


def test_simulated_clusters_have_the_rate_and_the_correlation_that_were_asked_for():
    rng = np.random.default_rng(3)
    for correlation in (0.0, 0.3, 1.0):
        hits = clustered_hits(np.full(4000, 0.4), correlation, np.full(5, 2.0), rng)
        both = (hits == 2).mean()
        expected = 0.4**2 + correlation * 0.4 * 0.6 if correlation < 1 else 0.4
        assert hits.mean() / 2 == pytest.approx(0.4, abs=0.01)
        assert both == pytest.approx(expected, abs=0.015)


def test_nodes_have_equal_prior_mass():
    assert stats.beta.cdf(nodes(JEFFREYS, 4), *JEFFREYS) == pytest.approx([0.125, 0.375, 0.625, 0.875])


def test_what_a_probability_learnt():
    assert learnt(0.125, 0.025) == pytest.approx(0.8)
    assert evidence_of(0.19, 0.2, "rule") == "prior-driven" and evidence_of(0.2, 0.2, "rule") == "rule"
    prior = stats.beta.ppf(LEVELS, *JEFFREYS)
    assert learnt_from(JEFFREYS, prior, 2.0, 0.2) == "prior-driven"
    assert learnt_from(JEFFREYS, 0.3 + 0.1 * prior, 2.0, 0.2) == "rule"
    assert learnt_from(JEFFREYS, 1 - (1 - prior) ** 0.5, 0.5, 0.2) == "prior-driven"
    assert learnt_from(JEFFREYS, np.zeros(LEVELS.size), 0.0, 0.2) == "rule"
