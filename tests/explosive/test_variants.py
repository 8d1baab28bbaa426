"""Robust variants: against least squares, others' critical values, their invariances, and their own null."""

from __future__ import annotations

from math import log
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest

from overbuild.errors import InputError, UnknownNameError
from overbuild.explosive import (
    CollapsingBubbles,
    MonteCarlo,
    Proxy,
    RandomWalk,
    RecursiveADF,
    Rule,
    Series,
    Shocks,
    SignADF,
    Statistic,
    StochasticVolatilityADF,
    TechnologyAdjusted,
    TechnologyHump,
    VolatileWalks,
    WildBootstrap,
    critical_values,
    episodes_of,
    psy,
    volatile_shocks,
)
from overbuild.explosive.signs import cumulated_signs
from overbuild.explosive.technology import HINDSIGHT

N = 80
SHARE = np.arange(N) / N
ADOPTION = Proxy("users", "adoption", tuple(np.exp(-(((SHARE - 0.6) / 0.1) ** 2) / 2).tolist()))
TREND = Proxy("cost", "price", tuple((-np.sqrt(SHARE + 0.1)).tolist()))
ADJUSTED = TechnologyAdjusted((ADOPTION, TREND), spending=True)
VARIANTS = (SignADF(), SignADF(centred=True), StochasticVolatilityADF(), ADJUSTED)


def walk(n: int = N, seed: int = 1, count: int = 1) -> np.ndarray:
    paths = np.cumsum(np.random.default_rng(seed).normal(size=(count, n)), axis=1)
    return paths[0] if count == 1 else paths


def fitted(x: np.ndarray, d: np.ndarray, constant: bool) -> tuple[float, float]:
    """Return the coefficient and its t ratio by least squares."""
    table = np.column_stack([x, np.ones(x.size)]) if constant else x[:, None]
    solved = np.linalg.lstsq(table, d, rcond=None)[0]
    residuals = d - table @ solved
    variance = residuals @ residuals / (x.size - table.shape[1])
    return solved[0], solved[0] / np.sqrt(variance * np.linalg.inv(table.T @ table)[0, 0])


def by_window(y: np.ndarray, window: int, statistic) -> tuple[np.ndarray, np.ndarray]:
    """Return BADF and BSADF, every window fitted by itself."""
    x, d = y[:-1], np.diff(y)
    found = [
        [statistic(x[first:stop], d[first:stop]) for first in range(stop - window + 1)]
        for stop in range(window, d.size + 1)
    ]
    return np.array([f[0] for f in found]), np.array([max(f) for f in found])


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: type(v).__name__)
def test_every_variant_is_a_statistic_with_critical_values_and_dates(variant):
    assert isinstance(variant, Statistic)
    y = CollapsingBubbles().paths(1, N, np.random.default_rng(3))[0]
    found = psy(y, variant, WildBootstrap(replications=39), Rule(replications=19))[0]
    assert found.to_dict()["test"] == variant.at(N).title
    assert found.critical.statistic == variant.at(N)
    assert "nan" not in found.summary().lower()
    assert set(variant.warnings) <= set(found.warnings)


def test_signs_are_regressed_on_their_sums_without_a_constant():
    y = walk(50, seed=2)
    signs = np.sign(np.diff(y))
    sums = np.concatenate([[0.0], np.cumsum(signs)])
    np.testing.assert_array_equal(cumulated_signs(y), sums)
    badf, bsadf = by_window(sums, 14, lambda x, d: fitted(x, d, constant=False)[1])
    found = SignADF(14).sequences(y)
    np.testing.assert_allclose(found.badf, badf, atol=1e-9)
    np.testing.assert_allclose(found.bsadf, bsadf, atol=1e-9)


def test_signs_do_not_see_the_variance():
    """Exact: any positive scale of each change leaves the statistic as it is."""
    y = walk(seed=4)
    scale = np.exp(np.random.default_rng(5).normal(size=N - 1))
    wild = np.concatenate([[7.0], 7.0 + np.cumsum(np.diff(y) * scale)])
    np.testing.assert_array_equal(SignADF().sequences(y).bsadf, SignADF().sequences(wild).bsadf)


def test_centred_signs_do_not_see_a_drift():
    y, drift = walk(seed=6), np.linspace(0.0, 0.7 * (N - 1), N)
    centred, signs = SignADF(centred=True), SignADF()
    np.testing.assert_array_equal(centred.sequences(y).bsadf, centred.sequences(y + drift).bsadf)
    assert signs.sequences(y + drift).gsadf > signs.sequences(y).gsadf + 3


@pytest.mark.parametrize(
    ("name", "level", "published"),
    [
        ("sadf", 0.90, 2.405),
        ("sadf", 0.95, 2.735),
        ("sadf", 0.99, 3.434),
        ("gsadf", 0.90, 3.469),
        ("gsadf", 0.95, 3.901),
        ("gsadf", 0.99, 4.957),
    ],
)
def test_critical_values_of_the_sign_test_as_others_print_them(sign_draws, name, level, published):
    """Harvey, Leybourne and Zu (2020), 200 observations, windows of a tenth, as carried by others' code.

    Sums begun anew in each window would put the last one at 4.6: a tail of 0.4 %, not 1 %.
    """
    draws = sign_draws.named(name)
    tail = np.mean(draws > published)
    # The published values are simulated as well, from at least 5000 draws we suppose: twice the variance.
    assert abs(tail - (1 - level)) < 4 * np.sqrt(2 * level * (1 - level) / draws.size)


@pytest.fixture(scope="module")
def sign_draws():
    return SignADF(20).sequences(RandomWalk(drift=0).paths(5000, 200, np.random.default_rng(7)))


def test_the_coefficient_is_that_of_least_squares_also_far_from_zero():
    y = walk(50, seed=8) + 1e6
    badf, bsadf = by_window(
        y, 14, lambda x, d: x.size * fitted(x - x.mean(), d - d.mean(), constant=False)[0]
    )
    found = StochasticVolatilityADF(14).sequences(y)
    np.testing.assert_allclose(found.badf, badf, atol=1e-8)
    np.testing.assert_allclose(found.bsadf, bsadf, atol=1e-8)


def test_the_coefficient_sees_neither_level_nor_unit():
    y = walk(seed=9)
    statistic = StochasticVolatilityADF()
    np.testing.assert_allclose(statistic.sequences(3 * y - 20).bsadf, statistic.sequences(y).bsadf, atol=1e-9)


def test_the_published_lines_grow_with_the_rows_so_far():
    lines = StochasticVolatilityADF(20).boundaries(100)
    assert lines.begin.size == lines.end.size == 80
    assert (lines.begin[0], lines.end[-1]) == (pytest.approx(log(20) / 10), pytest.approx(log(99) / 2))


def test_an_episode_ends_below_a_line_of_its_own():
    """By hand: up at 1, held for two dates, and over at the first date after them that is below 3."""
    sequence = np.array([0, 2, 4, 4, 2.5, 2, 0, 2, 5, 5, 0.0])
    begin, end = np.ones(11), np.full(11, 3.0)
    spans = [(e.start, e.end) for e in episodes_of(sequence, begin, 2, end)]
    assert spans == [(1, 4), (7, 10)]
    low = [(e.start, e.end) for e in episodes_of(sequence, np.full(11, 3.0), 1, np.ones(11))]
    assert low == [(2, 6), (8, 10)]
    both = episodes_of(sequence, begin, 2, begin)
    assert both == episodes_of(sequence, begin, 2)


def test_dates_by_published_lines_need_a_test_that_has_them():
    with pytest.raises(InputError, match="no published lines"):
        psy(walk(), RecursiveADF(), MonteCarlo(replications=39), Rule(cut="published"))
    y = CollapsingBubbles().paths(1, 100, np.random.default_rng(2))[0]
    found = psy(y, StochasticVolatilityADF(), MonteCarlo(replications=39), Rule(cut="published"))[0]
    assert found.to_dict()["dated_by"] == "badf"
    first = found.episodes[0]
    assert np.all(found.dated[first.start : first.start + 4] > found.cut[first.start : first.start + 4])
    assert "BADF against the published lines" in found.summary()


def test_the_residual_is_that_of_least_squares_and_sees_no_proxy():
    y = walk(seed=10)
    table = np.column_stack([np.ones(N), ADOPTION.values, TREND.values])
    residual = y - table @ np.linalg.lstsq(table, y, rcond=None)[0]
    adjusted = ADJUSTED.at(N)
    np.testing.assert_allclose(adjusted.residual(y), residual, atol=1e-10)
    expected = RecursiveADF().sequences(residual).bsadf
    for moved in (y, y + 30 * table[:, 1] - 200 * table[:, 2] + 5):
        np.testing.assert_allclose(adjusted.sequences(moved).bsadf, expected, atol=1e-9)
    assert RecursiveADF().sequences(y + 30 * table[:, 1]).gsadf > RecursiveADF().sequences(y).gsadf + 1


def test_what_a_bootstrap_takes_as_shocks_sees_no_proxy():
    """The regression in changes, by hand; and the same whatever the proxy's part."""
    y, x = walk(seed=11), np.array(ADOPTION.values)
    adjusted = TechnologyAdjusted((ADOPTION,), spending=True)
    table = np.column_stack([np.ones(N - 1), np.diff(x)])
    slope = np.linalg.lstsq(table, np.diff(y), rcond=None)[0][1]
    for part in (0.0, 25.0):
        found = np.diff(adjusted.under_null((y + part * x)[None])[0])
        np.testing.assert_allclose(found, np.diff(y) - slope * np.diff(x), atol=1e-10)


def test_the_plain_critical_values_do_not_fit_a_residual():
    """Projecting a walk on a trend takes its own trend out; only paths that are projected alike match."""
    null = MonteCarlo(replications=999)
    plain = critical_values(RecursiveADF(), null, np.zeros(N)).value("adf")
    projected = critical_values(TechnologyAdjusted((TREND,), True), null, np.zeros(N)).value("adf")
    assert projected.high < plain.low


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: type(v).__name__)
@pytest.mark.parametrize("null", [MonteCarlo(replications=1999), VolatileWalks(replications=1999)])
def test_size_under_its_own_null(variant, null):
    """Paths that the critical values have not seen; 1 in 10000 of correct tests fails."""
    cut = critical_values(variant, null, np.zeros(N)).value("gsadf").value
    paths = null.paths(np.zeros((1, N)), variant.at(N), 1000, np.random.default_rng(12))[:, 0]
    rejected = int(np.sum(variant.at(N).sequences(paths).gsadf > cut))
    low, high = binomtest(rejected, 1000).proportion_ci(0.9999)
    assert low - 0.01 < 0.05 < high + 0.01


@pytest.mark.parametrize(
    "shocks",
    [Shocks(degrees=3), Shocks(break_at=0.5, break_ratio=5.0), volatile_shocks(N, volatility=1.0)],
    ids=["t3", "break", "volatile"],
)
def test_one_critical_value_of_the_sign_test_fits_every_variance(shocks):
    cut = critical_values(SignADF(), MonteCarlo("none", 3999), np.zeros(N)).value("gsadf").value
    paths = RandomWalk(drift=0, shocks=shocks).paths(1500, N, np.random.default_rng(13))
    rejected = int(np.sum(SignADF().at(N).sequences(paths).gsadf > cut))
    low, high = binomtest(rejected, 1500).proportion_ci(0.9999)
    assert low - 0.01 < 0.05 < high + 0.01


def test_a_technology_hump_alarms_the_plain_test_and_not_the_adjusted():
    rng = np.random.default_rng(14)
    paths = TechnologyHump(height=3).paths(400, N, rng)
    exact = TechnologyAdjusted((ADOPTION,), spending=True).at(N)
    shares = []
    for test in (RecursiveADF(), exact):
        cut = critical_values(test, MonteCarlo(), np.zeros(N)).value("gsadf").value
        shares.append(np.mean(test.sequences(paths).gsadf > cut))
    assert shares[0] > 0.5
    assert shares[1] < 0.09


def test_volatile_walks_have_the_volatility_that_they_say():
    """The log variance begins in its stationary distribution: its spread is that of an AR(1) throughout."""
    shocks = volatile_shocks(100, distance=0.2, volatility=0.5)
    phi = 1 - 0.2 / log(log(100))
    assert shocks.persistence == pytest.approx(phi)
    drawn = np.log(shocks.draw(4000, 100, np.random.default_rng(15)) ** 2)
    spread = drawn.var(axis=0)  # of log variance, and pi^2 / 2 of the log of a squared normal
    np.testing.assert_allclose(spread.mean(), 0.25 / (1 - phi**2) + np.pi**2 / 2, rtol=0.03)
    lagged = np.mean([np.cov(drawn[:, t], drawn[:, t + 5])[0, 1] for t in range(0, 90, 10)])
    np.testing.assert_allclose(lagged, phi**5 * 0.25 / (1 - phi**2), rtol=0.15)


def test_the_distribution_is_kept_by_content(tmp_path):
    one = critical_values(ADJUSTED, MonteCarlo(replications=39), np.zeros(N), folder=tmp_path)
    other = TechnologyAdjusted((ADOPTION,), spending=True)
    critical_values(other, MonteCarlo(replications=39), np.zeros(N), folder=tmp_path)
    again = critical_values(ADJUSTED, MonteCarlo(replications=39), np.zeros(N), folder=tmp_path)
    assert len(list(Path(tmp_path).iterdir())) == 2
    np.testing.assert_array_equal(one.draws["gsadf"], again.draws["gsadf"])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: TechnologyAdjusted((), True), "needs one proxy"),
        (lambda: TechnologyAdjusted((Proxy("it", "investment", ADOPTION.values),), True), "explain itself"),
        (lambda: TechnologyAdjusted((ADOPTION, Proxy("x", "price", (1.0,) * 5)), True), "different numbers"),
        (lambda: TechnologyAdjusted((Proxy("x", "price", (1.0,) * N),), True), "x is a constant"),
        (lambda: TechnologyAdjusted((ADOPTION, ADOPTION), True), "follows from the proxies before"),
        (lambda: TechnologyAdjusted((Proxy("x", "price", (1.0, 2.0, 4.0)),), True), "too few for 1 proxies"),
        (lambda: TechnologyAdjusted((ADOPTION,), True, RecursiveADF(trend="none")), "take trend constant"),
        (lambda: SignADF(1), "no degrees of freedom"),
        (lambda: StochasticVolatilityADF(2), "no degrees of freedom"),
        (lambda: VolatileWalks(distance=0), "above 0"),
        (lambda: volatile_shocks(10), "needs 16 or more"),
        (lambda: SignADF().check(Series("s", np.repeat(walk(40), 2))), "are zero and have no sign"),
        (lambda: ADJUSTED.check(Series("s", walk(70))), "Cut both to the dates"),
        (lambda: ADJUSTED.check(Series("s", np.array(ADOPTION.values))), "nothing is left to test"),
        (lambda: ADJUSTED.check(Series("s", walk(N)[:-1])), "the proxy users has 80"),
    ],
)
def test_plain_refusals(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_kinds_of_proxies():
    with pytest.raises(UnknownNameError, match="kind of proxy"):
        Proxy("x", "hype", (1.0,))
    price = TechnologyAdjusted((Proxy("it", "investment", ADOPTION.values),), spending=False)
    assert HINDSIGHT in price.warnings
    months = tuple(f"20{i // 12:02d}-{i % 12 + 1:02d}" for i in range(N + 1))
    proxy = Proxy.of(Series("users", np.array(ADOPTION.values), months[1:]), "adoption")
    with pytest.raises(InputError, match="Cut both"):
        TechnologyAdjusted((proxy,), True).check(Series("s", walk(), months[:-1]))
