"""The likelihood of explosive regimes: a sum over all paths, statsmodels where nested, exact gradient."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm, t
from statsmodels.tsa.regime_switching.markov_regression import MarkovRegression

from overbuild.models import explosive_kernel as ek

forward: Any = ek.forward
gradient: Any = ek.value_and_gradient
regime_path: Any = ek.regime_path
STAY = np.array([0.9, 0.85, 0.7])


def inputs(months: int, blocks: int, first: int = 0, seed: int = 1) -> list[Any]:
    rng = np.random.default_rng(seed)
    change = 0.05 * rng.standard_t(5, months) + 0.006
    per = months // blocks
    gap = rng.uniform(0, 0.8, (months, blocks))
    for b in range(blocks):
        gap[: b * per, b] = 0.0
    scale = np.log(0.05) + 0.2 * rng.standard_normal(months)
    return [change, gap, first, 0.006, 0.05, 0.1, scale, STAY, 0.6]


def log_density(z: Any, degrees: float) -> Any:
    return t.logpdf(z, degrees) if np.isfinite(degrees) else norm.logpdf(z)


def by_enumeration(given: list[Any], degrees: float) -> tuple[float, np.ndarray]:
    """Return likelihood and P(regime) by month from every path of regimes."""
    change, gap, first, mu, c, d, scale, stay, exists = given
    months, blocks = gap.shape
    per = months // blocks
    total, marginal = 0.0, np.zeros((months, 3))
    slope = (0.0, c, -d)
    paths: list[tuple[float, tuple[int, ...]]] = [(1 - exists, (0,) * months)]
    for path in product(range(3), repeat=months - first):
        chance, before = exists, 0
        for now in path:
            chance *= stay[before] if now == before else 1 - stay[before] if now == (before + 1) % 3 else 0
            before = now
        if chance > 0:
            paths.append((chance, (0,) * first + path))
    for chance, path in paths:
        log_f, block, before = 0.0, 0, 0
        for at in range(first, months):
            if path[at] == 1 and before != 1:
                block = at // per
            z = (change[at] - mu - slope[path[at]] * gap[at, block]) / np.exp(scale[at])
            log_f += log_density(z, degrees) - scale[at]
            before = path[at]
        weight = chance * np.exp(log_f)
        total += weight
        marginal[np.arange(months), list(path)] += weight
    return float(np.log(total)), marginal / total


@pytest.mark.parametrize("degrees", [np.inf, 5.0, 6.5])
def test_it_is_the_sum_over_all_paths_of_the_regimes(degrees: float) -> None:
    given = inputs(8, 4, first=1)
    expected, _ = by_enumeration(given, degrees)
    assert forward(*given, degrees)[0] == pytest.approx(expected, abs=1e-10)
    assert gradient(*given, degrees)[0] == pytest.approx(expected, abs=1e-10)


def test_paths_are_drawn_with_the_probabilities_of_the_regimes() -> None:
    given = inputs(8, 4, first=1)
    _, expected = by_enumeration(given, 5.0)
    _, filtered, _, _ = forward(*given, 5.0)
    rng = np.random.default_rng(3)
    drawn = np.zeros((20_000, 8), dtype=np.int8)
    left = sum(regime_path(filtered, STAY, 1, 2, 4, rng.random(8), row) for row in drawn)
    found = np.stack([(drawn == r).mean(axis=0) for r in range(3)], axis=1)
    np.testing.assert_allclose(found[1:], expected[1:], atol=0.015)
    assert 0 < left < len(drawn)


def test_with_one_level_it_is_the_markov_switching_regression() -> None:
    """The reference moves twice before its first month: ours is given one month more, without a gap."""
    change, gap, first, mu, c, d, scale, stay, _ = inputs(70, 1)
    model = MarkovRegression(
        change, k_regimes=3, trend="c", exog=gap, switching_trend=False, switching_exog=True
    )
    model.initialize_known(np.array([1.0, 0.0, 0.0]))
    chain = np.array([[stay[0], 1 - stay[0], 0], [0, stay[1], 1 - stay[1]], [1 - stay[2], 0, stay[2]]])
    given = np.zeros(len(model.param_names))
    given[model.parameters["regime_transition"]] = chain[:, :2].T.ravel()
    for regime, slope in enumerate((0.0, c, -d)):
        given[model.parameters[regime, "exog"]] = [mu, slope]
    given[model.parameters["variance"]] = np.exp(2 * scale[0])
    longer = np.append(mu, change), np.append(np.zeros((1, 1)), gap, axis=0)
    ours = forward(*longer, first, mu, c, d, np.full(71, scale[0]), stay, 1.0, np.inf)[0]
    extra = norm.logpdf(0.0) - scale[0]
    assert ours - extra == pytest.approx(model.loglike(given), abs=1e-8)


@pytest.mark.parametrize("degrees", [np.inf, 5.0, 6.5])
def test_the_gradient_is_that_of_finite_differences(degrees: float) -> None:
    given = inputs(30, 10, first=4)
    exact = gradient(*given, degrees)
    for place, found in ((3, 1), (4, 2), (5, 3), (6, 4), (7, 5)):
        x = np.asarray(given[place], dtype=float)
        numeric = np.zeros(x.shape)
        for at in np.ndindex(x.shape):
            sides = []
            for step in (1e-6, -1e-6):
                moved = x.copy()
                moved[at] += step
                sides.append(forward(*given[:place], moved[()], *given[place + 1 :], degrees)[0])
            numeric[at] = (sides[0] - sides[1]) / 2e-6
        np.testing.assert_allclose(exact[found], numeric, rtol=1e-5, atol=1e-5)


def test_prices_out_of_all_proportion_neither_underflow_nor_stop() -> None:
    given = inputs(30, 10)
    given[0] = given[0] + 1e6
    found = gradient(*given, 5.0)
    assert np.isfinite(found[0])
    assert all(np.isfinite(np.asarray(f)).all() for f in found)
