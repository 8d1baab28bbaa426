"""The likelihood of the regression on analogues against sums by hand, quadrature, statsmodels and PyMC."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
import scipy.stats
from scipy.integrate import quad
from scipy.special import expit, logit

from overbuild.models.analogue_data import AnalogueData, data_of, doublings, read
from overbuild.models.analogue_likelihood import (
    PARAMETERS,
    chances,
    label_chances,
    log_likelihood,
    predicted,
    truth_given_readings,
)

from .analogue_lists import parameters, table

stats: Any = scipy.stats
P = parameters()


def by_hand(data: AnalogueData, p: dict[str, np.ndarray], partly: float) -> float:
    """Return the log likelihood with integrals by adaptive quadrature and every sum written out."""
    one = {n: np.squeeze(v) for n, v in p.items()}
    main, critic = read(data.main, partly), read(data.critic, partly)

    def reading(i: int, truth: int) -> float:
        e, r, f = (
            one["label_error"][data.certainty[i]],
            one["repeats"][data.certainty[i]],
            one["critic_error"],
        )
        out = 1.0
        if np.isfinite(main[i]):
            out *= 1 - e if main[i] == truth else e
        if np.isfinite(critic[i]):
            own = 1 - f if critic[i] == truth else f
            out *= r * (critic[i] == main[i]) + (1 - r) * own if np.isfinite(main[i]) else own
        return float(out)

    def boom(i: int, eta: float) -> float:
        debts = {0.0: 1 - one["debt_share"], 1.0: one["debt_share"]}
        if np.isfinite(data.debt[i]):
            debts = {float(data.debt[i]): 1.0}

        def given(x: float) -> float:
            total = 0.0
            for d, share in debts.items():
                chance = expit(one["alpha"] + one["beta_life"] * x + one["beta_debt"] * (d - 0.5) + eta)
                total += share * (chance * reading(i, 1) + (1 - chance) * reading(i, 0))
            return float(total)

        if np.isfinite(data.life[i]):
            return given(float(data.life[i]))
        density = stats.norm(one["life_mean"], one["life_sd"]).pdf
        return quad(lambda x: given(x) * density(x), -12, 12)[0]

    density = stats.norm(0, one["tau"]).pdf

    def cluster(eta: float, rows: np.ndarray) -> float:
        return float(density(eta) * np.prod([boom(int(i), eta) for i in rows]))

    total = 0.0
    for c in range(data.count):
        total += np.log(quad(cluster, -5, 5, args=(np.flatnonzero(data.clusters == c),))[0])
    lives, debts = data.life[np.isfinite(data.life)], data.debt[np.isfinite(data.debt)]
    total += stats.norm(one["life_mean"], one["life_sd"]).logpdf(lives).sum()
    return float(total + stats.bernoulli(one["debt_share"]).logpmf(debts).sum())


@pytest.mark.parametrize("partly", [0.0, 0.5, 1.0])
def test_likelihood_equals_quadrature(partly: float) -> None:
    data = data_of(table())
    assert log_likelihood(P, data, partly)[0] == pytest.approx(by_hand(data, P, partly), abs=1e-5)


def test_readings_have_probability_one_in_all() -> None:
    data = data_of(table())
    for truth in (0, 1):
        total = np.zeros(data.booms)
        for m, a in product((0.0, 1.0), repeat=2):
            made = replace(data, main=np.full(data.booms, m), critic=np.full(data.booms, a))
            total += label_chances(P, made, 0.0)[1 - truth][0]
        np.testing.assert_allclose(total, 1.0)


def test_a_half_label_says_nothing() -> None:
    data = data_of(table())
    nothing = replace(data, main=np.full(data.booms, 0.5), critic=np.full(data.booms, 0.5))
    lives, debts = data.life[np.isfinite(data.life)], data.debt[np.isfinite(data.debt)]
    left = stats.norm(0.2, 1.1).logpdf(lives).sum() + stats.bernoulli(0.7).logpmf(debts).sum()
    assert log_likelihood(P, nothing, 0.5)[0] == pytest.approx(left)


def test_without_error_and_clusters_it_is_a_logit() -> None:
    """statsmodels' Logit at the same coefficients."""
    sm = pytest.importorskip("statsmodels.api")
    rows = [r for r in table().itertuples(index=False) if r[5] and r[6] in ("yes", "no") and r[2] != "open"]
    data = data_of(table([*rows] * 3))
    exact = parameters(tau=0.0, label_error=np.zeros(3), repeats=np.ones(3))
    exact["critic_error"][:] = 0.5
    alone = replace(data, critic=np.full(data.booms, np.nan))
    x = np.column_stack([np.ones(data.booms), data.life, data.debt - 0.5])
    logistic = sm.Logit(read(data.main, 0.0), x).loglike(np.array([0.3, 0.4, -0.5]))
    lives = stats.norm(0.2, 1.1).logpdf(data.life).sum() + stats.bernoulli(0.7).logpmf(data.debt).sum()
    assert log_likelihood(exact, alone, 0.0)[0] == pytest.approx(logistic + lives)


def test_agreement_of_a_critic_never_counts_against_a_label() -> None:
    rng = np.random.default_rng(3)
    draws = parameters(200, critic_error=0.3, repeats=np.array([0.2, 0.2, 0.2]))
    draws["critic_error"] = 0.5 * rng.random(200)
    data = data_of(table())
    said = [replace(data, main=np.ones(data.booms), critic=np.full(data.booms, a)) for a in (0.0, 1.0)]
    against, agreed = (truth_given_readings(draws, d, 0.0) for d in said)
    assert (agreed >= against - 1e-12).all()


def test_a_missing_covariate_is_averaged_and_not_replaced() -> None:
    found = chances(P, np.array([np.nan]), np.array([1.0]), np.zeros((1, 1)))[0, 0, 0]
    density = stats.norm(0.2, 1.1).pdf
    exact = quad(lambda x: density(x) * expit(0.3 + 0.4 * x - 0.25), -10, 10)[0]
    assert found == pytest.approx(exact, abs=1e-6)


def test_a_boom_of_a_known_cluster_moves_with_its_labels() -> None:
    data = data_of(table())
    life, debt = doublings(np.array([20.0, 20.0])), np.array([1.0, 1.0])
    places = np.array([data.clusters[data.names.index("a")], -1])
    known, new = predicted(P, life, debt, (data, 0.0), places)[0]
    assert known > new
    without = quad(lambda z: stats.norm.pdf(z) * expit(0.3 - 0.25 + 0.6 * z), -9, 9)[0]
    assert new == pytest.approx(without, abs=1e-6)


def test_the_sampler_sees_the_same_likelihood_and_gradient() -> None:
    """PyMC's potentials at random parameters, and their derivatives by finite differences."""
    import pymc as pm
    from pytensor.compile.maker import function as compiled
    from pytensor.gradient import grad

    from overbuild.models.analogue_graph import build
    from overbuild.models.analogue_regression import AnalogueRegression
    from overbuild.models.prior_file import read_priors

    from .test_analogue_regression import AS_OF

    spec = AnalogueRegression.of(read_priors().at(AS_OF), {})
    data = data_of(table())
    graph = build(spec.priors)
    with graph:
        pm.set_data(data.arrays(0.5))
    total: Any = sum(graph.potentials[1:], graph.potentials[0])
    values = [graph.rvs_to_values[v] for v in graph.free_RVs]
    replaced: Any = graph.replace_rvs_by_values([total])[0]
    gradients: Any = grad(replaced, values)
    function: Any = compiled(values, [replaced, *gradients], mode="FAST_COMPILE", on_unused_input="ignore")
    rng = np.random.default_rng(5)
    names = [v.name for v in graph.free_RVs]
    for _ in range(3):
        drawn = spec.prior_draw(data, rng)
        point = unconstrained(names, drawn)
        value, *gradient = function(*point)
        assert value == pytest.approx(numpy_value(names, point, data), abs=1e-9)
        for k in range(len(names)):
            for j in range(np.size(point[k])):
                step = 1e-5
                ends = []
                for sign in (1, -1):
                    moved = [np.array(p, dtype=float) for p in point]
                    moved[k].reshape(-1)[j] += sign * step
                    ends.append(numpy_value(names, moved, data))
                slope = (ends[0] - ends[1]) / (2 * step)
                assert np.reshape(gradient[k], -1)[j] == pytest.approx(slope, rel=1e-4, abs=1e-5)


def unconstrained(names: list[str], drawn: dict[str, np.ndarray]) -> list[np.ndarray]:
    """Return the point of the sampler: logs of scales, logits of shares."""
    out = []
    for name in names:
        if name in ("tau", "life_sd"):
            out.append(np.log(drawn[name]))
        elif name.startswith("twice_"):
            out.append(logit(2 * drawn[name.removeprefix("twice_")]))
        elif name in ("debt_share", "repeats"):
            out.append(logit(drawn[name]))
        else:
            out.append(drawn[name])
    return [np.asarray(v, dtype=float) for v in out]


def numpy_value(names: list[str], point: list[np.ndarray], data: AnalogueData) -> float:
    """Return the log likelihood of this package's arrays at a point of the sampler."""
    values = {}
    for name, v in zip(names, point, strict=True):
        if name in ("tau", "life_sd"):
            values[name] = np.exp(v)
        elif name.startswith("twice_"):
            values[name.removeprefix("twice_")] = 0.5 * expit(v)
        elif name in ("debt_share", "repeats"):
            values[name] = expit(v)
        else:
            values[name] = v
    return float(log_likelihood({n: np.asarray(values[n])[None] for n in PARAMETERS}, data, 0.5)[0])
