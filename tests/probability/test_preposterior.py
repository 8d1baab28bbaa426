"""Expected changes of a probability against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import betabinom, norm

from overbuild.probability.preposterior import KNOTS, _exchanged, _spline, preposterior

N = 10_000


def made(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_a_normal_mean_and_its_next_observation():
    """theta ~ N(0, 1), y = theta + N(0, 1), event: theta + N(0, 0.5^2) > 1."""
    rng = made()
    theta = rng.standard_normal(N)
    y = theta + rng.standard_normal(N)
    event = theta + 0.5 * rng.standard_normal(N) > 1
    found = preposterior(event, y, rng)
    sd = np.sqrt(0.5 + 0.25)

    def given(figure: np.ndarray) -> np.ndarray:
        return norm.sf((1 - figure / 2) / sd)

    grid = np.linspace(-8, 8, 4001) * np.sqrt(2)
    density = norm.pdf(grid, scale=np.sqrt(2)) * np.gradient(grid)
    p = norm.sf(1 / np.sqrt(1.25))
    change = float((np.abs(given(grid) - p) * density).sum())
    assert found.probability == pytest.approx(p, abs=0.01)
    assert found.expected_change == pytest.approx(change, abs=4 * found.error)
    assert found.probabilities == pytest.approx(given(np.array(found.figures)), abs=0.03)
    resolved = float(((given(grid) - p) ** 2 * density).sum()) / (p * (1 - p))
    assert found.resolved == pytest.approx(resolved, abs=0.02)
    rises = norm.sf(2 * (1 - sd * norm.isf(p)), scale=np.sqrt(2))
    assert found.rises == pytest.approx(rises, abs=0.03)
    assert 0 < found.error < 0.01 and found.noise < 0.01


def test_a_share_and_its_next_ten_cases():
    """theta ~ Beta(2, 3), y ~ Binomial(10, theta): P(next case | y) = (2 + y) / 15."""
    rng = made(1)
    theta = rng.beta(2, 3, N)
    y = rng.binomial(10, theta)
    found = preposterior(rng.random(N) < theta, y, rng)
    k = np.arange(11)
    weight = betabinom.pmf(k, 10, 2, 3)
    change = float((np.abs((2 + k) / 15 - 0.4) * weight).sum())
    assert found.expected_change == pytest.approx(change, abs=4 * found.error)
    assert found.probabilities == pytest.approx((2 + np.array(found.figures)) / 15, abs=0.03)


@pytest.mark.parametrize("seed", range(5))
def test_the_mean_of_the_probability_given_the_figure_is_the_probability(seed):
    rng = made(seed)
    x = rng.lognormal(0, 1, 4000)
    event = rng.random(4000) < np.minimum(x / 10, 1)
    found = preposterior(event, x, rng)
    assert found.mean == pytest.approx(found.probability, abs=1e-6)


def test_a_figure_that_tells_nothing_and_an_event_that_is_certain():
    rng = made(2)
    nothing = preposterior(rng.random(N) < 0.2, rng.standard_normal(N), rng)
    assert nothing.expected_change < 3 * max(nothing.noise, 0.002) and nothing.resolved < 0.002
    certain = preposterior(np.zeros(100), rng.standard_normal(100), rng)
    assert certain.expected_change == 0 and certain.probabilities == (0.0, 0.0, 0.0)


def test_paths_that_share_parameters_are_worth_less():
    rng = made(3)
    parameter = np.repeat(rng.standard_normal(100), 50)
    event = rng.random(5000) < norm.cdf(parameter - 1)
    figure = parameter + rng.standard_normal(5000)
    groups = np.repeat(np.arange(100), 50)
    alone, shared = (preposterior(event, figure, made(4), g) for g in (None, groups))
    assert shared.error > 2 * alone.error and shared.expected_change == alone.expected_change


def test_noise_is_what_a_figure_of_other_draws_finds():
    """Event and figure follow their draw's parameters; the figure's has nothing to do with the event's."""
    groups = np.repeat(np.arange(100), 50)
    found = []
    for seed in range(10):
        rng = made(seed)
        event = rng.random(5000) < norm.cdf(np.repeat(rng.standard_normal(100), 50) - 1)
        figure = np.repeat(rng.standard_normal(100), 50) + 0.1 * rng.standard_normal(5000)
        found.append(
            [
                (f.expected_change, f.noise)
                for f in (preposterior(event, figure, rng, g) for g in (groups, None))
            ]
        )
    change, noise = np.mean(found, axis=0)[0]
    assert noise == pytest.approx(change, rel=0.4)
    assert np.mean(found, axis=0)[1, 1] < 0.5 * change


def test_the_spline_is_cubic_between_the_knots_and_linear_beyond():
    x = np.random.default_rng(8).standard_normal(500)
    low, *_, high = np.quantile(x, KNOTS)
    for start in (low - 3.0, high):
        bends = np.diff(_spline(start + np.linspace(0, 3, 7), x), n=2, axis=0)
        assert np.abs(bends).max() < 1e-9
    inside = np.diff(_spline(np.linspace(low, high, 9), x), n=2, axis=0)
    assert np.abs(inside).max() > 1e-3 and np.linalg.matrix_rank(_spline(x, x)) == len(KNOTS)


def test_groups_change_places_whole():
    labels = made(5).permutation(np.repeat(np.arange(7), [3, 5, 2, 4, 4, 1, 6]))
    place = _exchanged(labels, made(6))
    pairs = {(int(a), int(b)) for a, b in zip(labels, labels[place], strict=True)}
    assert len(pairs) == 7 and {b for _, b in pairs} == set(range(7))
    alone = _exchanged(np.arange(50), made(7))
    assert sorted(alone) == list(range(50)) and (alone != np.arange(50)).any()


def test_a_figure_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match="known on every path"):
        preposterior([0, 1], [np.nan, 1.0], made())
