"""Simulators: their recursions without noise, their conditional means, their variances."""

from __future__ import annotations

import numpy as np
import pytest

from overbuild.errors import InputError
from overbuild.explosive import (
    BlanchardWatson,
    CollapsingBubbles,
    Evans,
    RandomWalk,
    RecursiveADF,
    Shocks,
    TechnologyHump,
)

QUIET = Shocks(scale=0.0)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_the_drift_of_a_random_walk_vanishes_with_the_sample():
    for n in (50, 200):
        path = RandomWalk(shocks=QUIET).paths(1, n, rng())[0]
        np.testing.assert_allclose(np.diff(path), 1 / n, atol=1e-12)
    kept = RandomWalk(drift=0.02, decay=0.0, shocks=QUIET).paths(1, 50, rng())[0]
    np.testing.assert_allclose(np.diff(kept), 0.02, atol=1e-12)


def test_a_bubble_grows_at_its_root_and_falls_back_to_where_it_began():
    process = CollapsingBubbles(((0.2, 0.4), (0.6, 0.7)), shocks=QUIET)
    y, root = process.paths(1, 100, rng())[0], 1 + 100**-0.6
    assert process.places(100) == ((20, 40), (60, 70))
    np.testing.assert_allclose(y[:20], 100)
    np.testing.assert_allclose(y[20:41], 100 * root ** np.arange(1, 22))
    np.testing.assert_allclose(y[41:60], y[20])
    np.testing.assert_allclose(y[60:71], y[20] * root ** np.arange(1, 12))
    np.testing.assert_allclose(y[71:], y[60])


@pytest.mark.parametrize("rate", [0.02, 0.05])
def test_rational_bubbles_grow_at_the_rate_of_interest_on_average(rate):
    """E[B(t+1) | B(t)] = (1 + r) B(t), whichever regime the bubble is in."""
    for process, least in ((Evans(rate), 0.0), (BlanchardWatson(rate, shocks=Shocks(scale=0.01)), 0.05)):
        paths = process.paths(200_000, 4, rng())
        before, after = paths[:, -2], paths[:, -1]
        chosen = before > least
        ratio = after[chosen].mean() / before[chosen].mean()
        error = after[chosen].std() / before[chosen].mean() / np.sqrt(chosen.sum())
        assert abs(ratio - (1 + rate)) < 4 * error
        assert error < 0.02


def test_an_evans_bubble_bursts_but_stays_positive():
    paths = Evans().paths(200, 200, rng())
    assert paths.min() > 0
    above = paths[:, :-1] > 1.0
    bursts = above & (paths[:, 1:] < 0.7)
    assert bursts.sum() / above.sum() == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize(
    "shocks",
    [Shocks(2.0), Shocks(2.0, degrees=5.0)],
    ids=["normal", "Student"],
)
def test_shocks_have_the_standard_deviation_they_say(shocks):
    drawn = shocks.draw(400, 500, rng())
    assert drawn.std() == pytest.approx(2.0, rel=0.02)
    assert drawn.mean() == pytest.approx(0.0, abs=0.02)


def test_student_shocks_have_fatter_tails():
    kurtosis = [np.mean(s**4) / np.mean(s**2) ** 2 for s in (
        Shocks().draw(200, 500, rng()), Shocks(degrees=5.0).draw(200, 500, rng()))]  # fmt: skip
    assert kurtosis[0] == pytest.approx(3, abs=0.1)
    assert kurtosis[1] > 5


def test_stochastic_volatility_is_stationary_and_persistent():
    shocks = Shocks(persistence=0.95, volatility=0.3).draw(4000, 60, rng())
    logs = np.log(shocks**2)
    # Var(log z^2) = pi^2 / 2 for a normal z; the rest is the variance of h.
    variance = 0.3**2 / (1 - 0.95**2)
    for t in (0, 59):
        assert logs[:, t].var() - np.pi**2 / 2 == pytest.approx(variance, rel=0.35)
    assert np.cov(logs[:, 20], logs[:, 30])[0, 1] == pytest.approx(variance * 0.95**10, rel=0.35)


def test_a_break_of_the_variance():
    drawn = Shocks(break_at=0.5, break_ratio=3.0).draw(500, 100, rng())
    assert drawn[:, 50:].std() / drawn[:, :50].std() == pytest.approx(3, rel=0.03)


def test_a_hump_comes_and_goes():
    hump = TechnologyHump(height=2.0, walk=RandomWalk(drift=0.0))
    with_it, without = hump.paths(3, 200, rng()), RandomWalk(drift=0.0).paths(3, 200, rng())
    added = with_it - without
    assert added[:, 120] == pytest.approx(2 * np.sqrt(200))
    assert np.abs(added[:, 0]).max() < 1e-5 and np.abs(added[:, -1]).max() < 0.02


def test_bubbles_are_found_more_often_than_in_random_walks():
    """Phillips, Shi and Yu (2015) report a power of GSADF above 0.5 with 100 observations."""
    test = RecursiveADF()
    null = np.quantile(test.sequences(RandomWalk().paths(2000, 100, rng())).gsadf, 0.95)
    for process in (CollapsingBubbles(), CollapsingBubbles(((0.2, 0.4), (0.6, 0.7)))):
        found = test.sequences(process.paths(300, 100, rng(1))).gsadf
        assert np.mean(found > null) > 0.5


@pytest.mark.parametrize(
    "make",
    [
        lambda: Shocks(degrees=2.0),
        lambda: Shocks(persistence=1.0),
        lambda: CollapsingBubbles(((0.6, 0.4),)),
        lambda: CollapsingBubbles(((0.2, 0.5), (0.4, 0.7))),
    ],
)
def test_impossible_processes_are_refused(make):
    with pytest.raises(InputError, match="expected"):
        make()
