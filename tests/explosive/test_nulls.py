"""Bootstraps under the null: what they keep of the data, and defects of others that do not occur here."""

from __future__ import annotations

import numpy as np
import pytest

from overbuild.errors import InputError
from overbuild.explosive import (
    FamilyWiseBootstrap,
    RecursiveADF,
    SieveBootstrap,
    WildBootstrap,
    critical_values,
)
from overbuild.explosive.autoregression import Autoregression


def walks(series: int, n: int, seed: int = 1) -> np.ndarray:
    return np.cumsum(np.random.default_rng(seed).normal(size=(series, n)), axis=1)


def test_a_panels_critical_values_rest_on_every_series():
    """exuber's loop keeps the last series only, so replacing the others changed nothing."""
    null = SieveBootstrap(replications=99)
    values = walks(5, 60)
    found = critical_values(RecursiveADF(1), null, values)
    for i in range(5):
        other = values.copy()
        other[i] = np.cumsum(np.random.default_rng(9).standard_t(3, size=60))
        changed = critical_values(RecursiveADF(1), null, other)
        assert changed.value("gsadf").value != found.value("gsadf").value
    turned = critical_values(RecursiveADF(1), null, values[::-1])
    np.testing.assert_allclose(turned.draws["gsadf"], found.draws["gsadf"], atol=1e-12)


def test_a_panel_of_copies_is_its_series():
    one = walks(1, 60)
    single = critical_values(RecursiveADF(), SieveBootstrap(replications=99), one)
    copies = critical_values(RecursiveADF(), SieveBootstrap(replications=99), np.tile(one, (4, 1)))
    np.testing.assert_allclose(copies.draws["gsadf"], single.draws["gsadf"], atol=1e-12)


@pytest.mark.parametrize("lags", [0, 1, 3])
@pytest.mark.parametrize("null", [SieveBootstrap(), FamilyWiseBootstrap()], ids=["sieve", "familywise"])
def test_paths_begin_as_the_data_and_lose_no_observation(null, lags):
    """exuber's sieve dropped an initial value with lags; its last Phillips-Shi change was always zero."""
    values = walks(2, 50)
    paths = null.paths(values, RecursiveADF(lags), 40, np.random.default_rng(0))
    assert paths.shape == (40, 2, 50)
    np.testing.assert_allclose(paths[..., : lags + 1], np.tile(values[:, : lags + 1], (40, 1, 1)), atol=1e-12)
    changes = np.diff(paths)
    assert np.all(changes[..., lags:].std(axis=0) > 0)


@pytest.mark.parametrize("lags", [1, 2])
def test_the_sieve_with_the_residuals_in_their_own_order_gives_back_the_data(lags):
    """Exact: the autoregression's filter undoes the regression, but for the drift the null leaves out."""
    values = walks(3, 60)
    values -= np.linspace(0, 1, 60) * (values[:, -1:] - values[:, :1])
    model = Autoregression.fitted(values, lags, constant=False)
    back = model.paths(values, model.residuals[None])
    np.testing.assert_allclose(back[0], values, atol=1e-9)


def test_dependence_across_series_is_kept():
    common = np.random.default_rng(2).normal(size=300)
    noise = np.random.default_rng(3).normal(size=(2, 300))
    values = np.cumsum(common + 0.3 * noise, axis=1)
    data = np.corrcoef(*np.diff(values)).item(1)
    for null in (SieveBootstrap(), WildBootstrap(), WildBootstrap("rademacher"), FamilyWiseBootstrap()):
        paths = null.paths(values, RecursiveADF(), 200, np.random.default_rng(0))
        changes = np.diff(paths)
        drawn = np.corrcoef(changes[:, 0].ravel(), changes[:, 1].ravel()).item(1)
        assert drawn == pytest.approx(data, abs=0.03)


@pytest.mark.parametrize("kind", ["normal", "rademacher"])
def test_wild_multipliers_differ_at_every_date_and_keep_the_variance(kind):
    """psymonitor copies one draw to every date, which is no wild bootstrap."""
    values = walks(1, 41)
    centred = np.diff(values[0]) - np.diff(values[0]).mean()
    paths = WildBootstrap(kind).paths(values, RecursiveADF(), 20_000, np.random.default_rng(0))
    weights = np.diff(paths[:, 0]) / centred
    assert np.allclose(weights.mean(axis=0), 0, atol=0.04)
    assert np.allclose((weights**2).mean(axis=0), 1, atol=0.06)
    between = np.corrcoef(weights.T) - np.eye(40)
    assert np.abs(between).max() < 0.05
    if kind == "rademacher":
        np.testing.assert_allclose(np.abs(weights), 1, atol=1e-9)


def test_family_wise_multipliers_differ_at_every_date():
    values = walks(1, 41)
    paths = FamilyWiseBootstrap().paths(values, RecursiveADF(), 4000, np.random.default_rng(0))
    changes = np.diff(paths[:, 0])
    assert np.abs(np.corrcoef(np.sign(changes).T) - np.eye(40)).max() < 0.09


def test_the_wild_bootstrap_keeps_the_pattern_of_the_variance():
    rng = np.random.default_rng(4)
    scale = np.where(np.arange(200) < 100, 1.0, 4.0)
    values = np.cumsum(rng.normal(size=200) * scale)[None]
    changes = np.diff(WildBootstrap().paths(values, RecursiveADF(), 500, rng)[:, 0])
    assert changes[:, 120:].std() / changes[:, :80].std() == pytest.approx(4, rel=0.25)


def test_without_a_constant_no_mean_is_taken():
    values = np.arange(30.0)[None] + walks(1, 30)
    paths = WildBootstrap("rademacher").paths(values, RecursiveADF(trend="none"), 3, np.random.default_rng(0))
    np.testing.assert_allclose(np.abs(np.diff(paths)), np.tile(np.abs(np.diff(values)), (3, 1, 1)), atol=1e-9)


def test_length_of_a_family_of_dates():
    """Phillips and Shi: as many observations as give so many statistics."""
    values, statistic = walks(1, 200), RecursiveADF(1, min_window=30)
    null = FamilyWiseBootstrap(24)
    assert null.observations(statistic, 200) == 30 + 1 + 24
    paths = null.paths(values, statistic, 2, np.random.default_rng(0))
    assert statistic.sequences(paths).bsadf.shape == (2, 1, 24)


def test_an_explosive_autoregression_of_changes_is_refused_by_name():
    y = np.exp(0.3 * np.arange(40.0)) + np.random.default_rng(0).normal(size=40)
    with pytest.raises(
        InputError, match="Series 1: the autoregression of its changes with 1 lags is explosive"
    ):
        SieveBootstrap().paths(y[None], RecursiveADF(1), 2, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: WildBootstrap("uniform"), "No multiplier 'uniform'. Available: normal, rademacher."),
        (lambda: WildBootstrap(replications=9), "9 replications give no 5 % critical value"),
        (lambda: FamilyWiseBootstrap(0), "dates 0: expected 1 or more"),
        (lambda: SieveBootstrap(-1), "order -1: expected 0 or more"),
    ],
)
def test_impossible_nulls_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()
