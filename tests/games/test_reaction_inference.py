"""Tests of what is permuted and resampled."""

from __future__ import annotations

import numpy as np
import pytest

from overbuild.games.reaction_design import made as many
from overbuild.games.reaction_estimators import ols, two_way
from overbuild.games.reaction_inference import (
    p_relabelled,
    p_relabelled_by,
    p_shifted,
    p_wild,
    relabellings,
    t_statistics,
)
from overbuild.games.reaction_panel import ReactionPanel, equal_weights, overlap_weights
from overbuild.games.reaction_simulation import World, simulate
from overbuild.games.reaction_sweeps import firm_effects, interval_cr1, two_way_effects

EXPOSURE = np.array(
    [[0.7, 0.05, 0.25], [0.3, 0.45, 0.25], [0.75, 0.15, 0.1], [0.01, 0.74, 0.25], [0.9, 0.01, 0.09]]
)
WEIGHTS = overlap_weights(EXPOSURE)


def made(seed: int, **told: float) -> ReactionPanel:
    return simulate(World(**told), 34, WEIGHTS, EXPOSURE, np.random.default_rng(seed))


def test_there_are_as_many_relabellings_as_orders_and_the_true_one_is_first() -> None:
    every = relabellings(WEIGHTS)
    assert every.shape == (120, 5, 5)
    np.testing.assert_array_equal(every[0], WEIGHTS)
    assert relabellings(equal_weights(5)).shape[0] == 1
    np.testing.assert_allclose(every.sum(axis=2), 1.0)


def test_statistics_are_those_of_the_regression() -> None:
    panel = made(1, reaction=0.3)
    r = two_way(panel)
    i = interval_cr1(r)
    others = np.stack([panel.before, panel.surprise])
    found = t_statistics(panel.growth, panel.rivals[None], others, two_way_effects(panel.season, 5))
    assert found[0] == pytest.approx(i.b / i.se)


def test_relabelling_by_statistic_is_relabelling_by_sweep() -> None:
    panel = made(2)
    sweep = two_way_effects(panel.season, 5)

    def statistic(p: ReactionPanel) -> float:
        i = interval_cr1(two_way(p))
        return i.b / i.se

    assert p_relabelled(panel, sweep) == pytest.approx(p_relabelled_by(panel, statistic))


def test_a_strong_reaction_is_told_by_relabelling_and_by_shifts() -> None:
    panel = made(3, reaction=0.6)
    strong = simulate(World(0.9), 400, WEIGHTS, EXPOSURE, np.random.default_rng(3))
    assert p_relabelled(strong, two_way_effects(strong.season, 5)) <= 0.05
    assert 1 / 34 <= p_shifted(panel, firm_effects(panel.season, 5)) <= 0.1


def test_the_wild_bootstrap_depends_on_its_stream_alone() -> None:
    panel = made(4, reaction=0.6)
    for by in ("time", "firm"):
        found = [p_wild(ols(panel), np.random.default_rng(5), by=by, draws=199) for _ in range(2)]
        assert found[0] == found[1]
        assert 1 / 200 <= found[0] <= 1
    assert p_wild(ols(panel), np.random.default_rng(5), draws=199) < 0.1


@pytest.mark.slow
def test_sizes_without_common_shocks_and_of_relabelling_with_them() -> None:
    """At 10 %, 300 panels: a right test rejects in 0.1, within 0.045 with error of 0.017."""
    weights = overlap_weights(EXPOSURE)
    for world in ("none", "common"):
        panels = many(world, 0.0, 34, 300, weights, EXPOSURE)
        sweeps = [two_way_effects(p.season, 5) for p in panels]
        found = np.mean([p_relabelled(p, s) <= 0.1 for p, s in zip(panels, sweeps, strict=True)])
        assert found == pytest.approx(0.1, abs=0.045)
    wild = np.mean(
        [
            p_wild(ols(p), np.random.default_rng(i), draws=199) <= 0.1
            for i, p in enumerate(many("none", 0.0, 34, 300, weights, EXPOSURE))
        ]
    )
    assert wild == pytest.approx(0.1, abs=0.055)
