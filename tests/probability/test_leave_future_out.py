"""Leave-future-out: weights against a closed form, and the carried posterior against a fit of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from overbuild.models.prior_file import read_priors
from overbuild.models.quarterly import QuarterlyModel
from overbuild.models.quarterly_data import QuarterlyData
from overbuild.models.quarterly_posterior import QuarterlyPosterior
from overbuild.models.sampler import Sampling
from overbuild.probability.definitions import read_definitions
from overbuild.probability.leave_future_out import carried, log_likelihood, resampled, smoothed

COMPARED = ("normal_growth", "boom_gap", "exit", "after_boom")


def test_weights_move_a_normal_posterior_to_the_next_observation() -> None:
    """Of a normal mean known to N(0, 1), an observation y with variance 4 leaves N(y / 5, 4 / 5)."""
    draws = np.random.default_rng(1).standard_normal(20_000)
    weights, k = smoothed(-0.5 * (1.5 - draws) ** 2 / 4)
    assert k < 0.5 and weights.sum() == pytest.approx(1)
    mean = float(weights @ draws)
    assert mean == pytest.approx(0.3, abs=0.03)
    assert float(weights @ (draws - mean) ** 2) == pytest.approx(0.8, abs=0.03)
    taken = draws[resampled(weights, np.random.default_rng(2))]
    assert taken.mean() == pytest.approx(mean, abs=0.01)


def test_weights_that_cannot_be_relied_on_say_so() -> None:
    """An observation far out with variance 0.05 against a prior of variance 1: the ratio has a heavy tail."""
    draws = np.random.default_rng(3).standard_normal(4000)
    assert smoothed(-0.5 * (4.0 - draws) ** 2 / 0.05)[1] > 0.7


def test_resampling_takes_each_draw_about_its_weight() -> None:
    weights = np.array([0.5, 0.25, 0.125, 0.125, 0.0, 0.0, 0.0, 0.0])
    counts = np.bincount(resampled(weights, np.random.default_rng(4)), minlength=8)
    assert counts.tolist() == [4, 2, 1, 1, 0, 0, 0, 0]


@pytest.mark.slow
def test_the_carried_posterior_is_that_of_its_own_fit() -> None:
    rng = np.random.default_rng(5)
    priors = read_priors().at(date(2026, 11, 22))
    model = QuarterlyModel.of(priors, read_definitions(), Sampling(chains=4, draws=1000))
    time = tuple(f"{1990 + i // 4}Q{i % 4 + 1}" for i in range(26))
    empty = QuarterlyData(("capex",), time, np.zeros((26, 1)), np.zeros(1), np.zeros(27), False)
    data = model.simulated(model.prior_draw(empty, rng), empty, rng)

    def to(quarters: int) -> QuarterlyData:
        kept = slice(0, quarters)
        slack = data.slack[: quarters + 1]
        return replace(data, time=data.time[kept], growth=data.growth[kept], slack=slack)

    fits = {n: QuarterlyPosterior(model, to(n), model.fit_data(to(n), rng), None, 0.0) for n in (24, 26)}
    before = log_likelihood(fits[24], to(24))
    moved, k, effective = carried(fits[24], to(26), before, rng)
    assert k < 0.7
    for name in COMPARED:
        a, b = moved.parameters[name], fits[26].parameters[name]
        error = a.std() / np.sqrt(effective / 2) + b.std() / np.sqrt(500)
        assert abs(a.mean() - b.mean()) < 4 * error, name
        assert a.std() == pytest.approx(b.std(), rel=0.2), name
    two_steps = carried(fits[24], to(25), before, rng)[1]
    assert two_steps < 0.7
