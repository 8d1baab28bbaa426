"""Nulls of sums and of drifts, adjusted p-values, and the row of a series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from overbuild.core.periods import label, ordinal
from overbuild.errors import InputError
from overbuild.explosive import (
    CollapsingBubbles,
    MonteCarlo,
    RandomWalk,
    RecursiveADF,
    Series,
    WildBootstrap,
    critical_values,
)
from overbuild.explosive.drift import WithDrift
from overbuild.explosive.evidence import Subject, adjusted_p, row_of
from overbuild.explosive.overlap import Overlapping, summed
from overbuild.explosive.register import Listed
from overbuild.explosive.rejection_rates import Design, gsadf, rejection_rates

TEST = RecursiveADF()


@dataclass(frozen=True)
class Same:
    """Paths that are the data they are given."""

    replications = 99
    kind = title = "same"
    pointwise = True

    def content(self, values):
        return (values,)

    def observations(self, statistic, n):
        return n

    def paths(self, values, statistic, count, rng):
        return np.tile(values, (count, 1, 1))


def test_sums_by_hand():
    path = np.array([[1.0, 2.0, 4.0, 8.0]])
    np.testing.assert_array_equal(summed(path, 2), [[3, 6, 12]])
    np.testing.assert_array_equal(summed(path, 4), [[15]])
    np.testing.assert_array_equal(summed(path, 1), path)


def test_paths_begin_with_the_first_changes_mirrored_and_are_summed():
    y = np.array([[10.0, 11.0, 13.0, 16.0, 20.0]])
    made = Overlapping(Same(), 3).paths(y, TEST, 2, np.random.default_rng(0))
    # mirrored about the first value: 10 - (13 - 10), 10 - (11 - 10)
    np.testing.assert_allclose(made[0, 0], summed(np.array([7.0, 9, 10, 11, 13, 16, 20]), 3) / np.sqrt(3))
    assert made.shape == (2, 1, 5)
    with pytest.raises(InputError, match="periods 1"):
        Overlapping(Same(), 1)


@pytest.mark.parametrize("null", [MonteCarlo(), WildBootstrap()])
def test_changes_of_overlapping_sums_have_the_autocorrelation_of_sums(null):
    """3/4, 1/2 and 1/4 at lags one to three, nothing at four; averaged over paths of equal variance."""
    y = np.cumsum(np.tile([1.0, -1.0], 60))[None]
    changes = np.diff(Overlapping(null, 4).paths(y, TEST, 4000, np.random.default_rng(1))[:, 0])
    variance = np.mean(changes**2)
    for lag, expected in ((1, 0.75), (2, 0.5), (3, 0.25), (4, 0.0)):
        found = np.mean(changes[:, lag:] * changes[:, :-lag]) / variance
        assert found == pytest.approx(expected, abs=0.02)


def test_the_wild_bootstrap_of_sums_keeps_the_variance_of_changes():
    rng = np.random.default_rng(2)
    y = summed(np.cumsum(rng.normal(size=(1, 403)), axis=1), 4)
    made = np.diff(Overlapping(WildBootstrap(), 4).paths(y, TEST, 2000, rng)[:, 0])
    assert np.mean(made**2) == pytest.approx(np.var(np.diff(y)), rel=0.05)


def test_sums_are_tested_at_their_size_where_lags_do_not_help():
    """Random walks summed over four: 5 % by paths that are summed alike, far more by lags."""
    rng = np.random.default_rng(3)
    paths = summed(RandomWalk().paths(1500, 83, rng), 4)
    for null, lags, low, high in (
        (Overlapping(MonteCarlo(replications=1500), 4), 0, 0.03, 0.07),
        (MonteCarlo(replications=1500), 4, 0.15, 0.5),
    ):
        test = RecursiveADF(lags).at(80)
        cut = critical_values(test, null, np.zeros(80)).value("gsadf").value
        assert low < np.mean(gsadf(test, paths) > cut) < high


def test_the_drift_of_the_data_is_added_to_each_path():
    y = np.array([[0.0, 1.0, 5.0, 3.0, 8.0]])
    plain = WildBootstrap().paths(y, TEST, 3, np.random.default_rng(4))
    drifting = WithDrift(WildBootstrap()).paths(y, TEST, 3, np.random.default_rng(4))
    np.testing.assert_allclose(drifting - plain, np.broadcast_to(2.0 * np.arange(5), (3, 1, 5)), atol=1e-12)


def test_the_drift_null_rejects_walks_with_a_drift_less_often():
    rng = np.random.default_rng(5)
    test, walk = RecursiveADF().at(100), RandomWalk(drift=4.0, decay=0.5)
    paths = walk.paths(300, 100, rng)
    base = WildBootstrap(replications=99)
    rates = []
    for null in (base, WithDrift(base)):
        drawn = np.concatenate([null.paths(path[None], test, 1, rng) for path in paths])[:, 0]
        rates.append(np.mean(gsadf(test, paths) > np.quantile(gsadf(test, drawn), 0.95)))
    assert rates[0] > 0.1 > rates[1]


def test_adjusted_p_values_by_hand():
    """Benjamini and Hochberg: min over larger of p m / rank. Holm: max over smaller of p (m - rank + 1)."""
    found = adjusted_p([0.04, 0.01, 0.03, 0.5])
    assert [f["benjamini_hochberg"] for f in found] == pytest.approx([0.16 / 3, 0.04, 0.16 / 3, 0.5])
    assert [f["holm"] for f in found] == pytest.approx([0.09, 0.04, 0.09, 0.5])
    assert adjusted_p([]) == []


def subject(values: np.ndarray, **given: object) -> Subject:
    calendar = tuple(label(ordinal("1990-01") + i, "M") for i in range(values.size))
    entry = Listed("a", "A", "G", "ai", "level", "M", ("x",), ("E",), "R", figure=True, **given)  # type: ignore[arg-type]
    return Subject(entry, Series("A", values, calendar), "vintage")


def test_a_bubble_is_found_dated_and_confirmed_only_when_it_has_lasted():
    y = CollapsingBubbles(((0.7, 1.0),)).paths(1, 120, np.random.default_rng(1))[0]
    row = row_of(subject(y), 199)
    assert row["claims"] and row["p"]["monte_carlo"]["value"] == pytest.approx(1 / 200)
    last = row["episodes"][-1]
    assert last["ongoing"] and last["last"] == row["last"]
    assert ordinal(last["confirmed"]) - ordinal(last["start"]) == row["shortest"] - 1
    assert len(row["drawn"]["bsadf"]) == 120 - row["window"]
    assert max(row["drawn"]["bsadf"]) == pytest.approx(row["gsadf"], abs=1e-3)


def test_a_short_series_claims_nothing_and_sums_have_no_spread_of_dates():
    y = CollapsingBubbles(((0.6, 1.0),)).paths(1, 45, np.random.default_rng(1))[0]
    row = row_of(subject(y, trailing=4), 99)
    assert not row["claims"] and row["adjusted"] == {}
    assert {e["start_low"] for e in row["episodes"]} <= {None}


def test_rejection_rates_of_a_short_series():
    found = rejection_rates(Design(40, 0, 1), 400, 1)["rates"]
    assert 0.02 < found["walk"]["monte_carlo"] < 0.09
    assert found["walk"]["bootstrap"] < 0.09
    assert found["late_bubble"]["bootstrap"] > 0.7
    assert rejection_rates(Design(40, 0, 1), 400, 1)["rates"] == found
