"""Switching models against Hamilton (1989), statsmodels, closed forms and what they must refuse."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from overbuild.errors import InputError
from overbuild.timeseries.markov import MarkovSpec, Switching, fit_switching, parts_of
from overbuild.timeseries.markov_ahead import draw_ahead, mean_ahead, regimes_ahead
from overbuild.timeseries.markov_linear import against_linear, two_regimes

REFERENCE = Path(__file__).parents[1] / "reference"
RNG = np.random.default_rng


def growth() -> np.ndarray:
    table = pd.read_csv(REFERENCE / "hamilton_1989_growth.csv", comment="#")
    return table["rgnp_growth"].to_numpy(dtype=float)


@lru_cache
def hamilton() -> Switching:
    return fit_switching(growth(), MarkovSpec(order=4, switching_variance=False, starts=3), RNG(1))


def switching(n: int, rng: np.random.Generator) -> np.ndarray:
    regime, y = 0, np.empty(n)
    for t in range(n):
        regime = regime if rng.random() < 0.9 else 1 - regime
        y[t] = rng.normal((-1.0, 2.0)[regime], (0.5, 1.0)[regime])
    return y


def test_hamilton_1989_is_reproduced() -> None:
    found = hamilton()
    assert found.log_likelihood == pytest.approx(-181.2634, abs=5e-5)
    expected = pd.read_csv(REFERENCE / "hamilton_1989_probabilities.csv", comment="#")
    assert len(expected) == 131
    np.testing.assert_allclose(found.smoothed[:, 1], expected["smoothed"], atol=1e-4)
    np.testing.assert_allclose(found.filtered[:, 1], expected["filtered"], atol=1e-4)
    assert found.means == pytest.approx([-0.3588, 1.1635], abs=1e-4)
    assert found.optima > 0.5 and found.refused == 0


def test_standard_errors_exist_and_are_those_of_other_software() -> None:
    found = hamilton()
    # EViews; its error of the variance is of the log standard deviation and is left out.
    eviews = [0.0965189, 0.0377362, 0.2645396, 0.0745187, None, 0.1199942, 0.137663, 0.1069103, 0.1105311]
    for error, other in zip(found.errors, eviews, strict=True):
        assert error is not None and (other is None or error == pytest.approx(other, abs=1e-4))
    assert found.errors_from == "hessian"


def test_errors_are_none_only_at_a_bound() -> None:
    y = RNG(2).normal(0, 1, 120)
    y[5::9] += 12  # never twice in a row
    found = fit_switching(y, MarkovSpec(switching_variance=False, starts=3), RNG(4))
    errors = dict(zip(found.names, found.errors, strict=True))
    assert found.transition[1, 1] < 1e-3
    missing = [name for name in found.names if errors[name] is None]
    assert len(missing) == 1 and missing[0].startswith("p[")
    ahead = draw_ahead(found, y, 3, 1000, RNG(5), parameters=20)
    assert np.isfinite(ahead.growth).all()


def test_scale_changes_nothing_but_units() -> None:
    y = switching(150, RNG(5))
    one, hundred = (fit_switching(s * y, MarkovSpec(starts=3), RNG(6)) for s in (1, 100))
    assert hundred.means == pytest.approx(100 * one.means, rel=1e-3)
    assert hundred.variances == pytest.approx(1e4 * one.variances, rel=1e-3)
    assert hundred.log_likelihood == pytest.approx(one.log_likelihood - 150 * np.log(100), abs=1e-3)
    np.testing.assert_allclose(hundred.smoothed, one.smoothed, atol=1e-3)


def test_a_known_process_is_recovered() -> None:
    found = fit_switching(switching(1500, RNG(7)), MarkovSpec(starts=3), RNG(8))
    assert found.means == pytest.approx([-1, 2], abs=0.15)
    assert np.sqrt(found.variances) == pytest.approx([0.5, 1.0], abs=0.1)
    assert np.diag(found.transition) == pytest.approx([0.9, 0.9], abs=0.05)
    assert found.durations == pytest.approx(1 / (1 - np.diag(found.transition)))


@pytest.mark.parametrize("order", [0, 1])
def test_forecasts_past_the_sample_are_those_of_the_closed_form(order: int) -> None:
    y = switching(200, RNG(9))
    found = fit_switching(y, MarkovSpec(order=order, starts=3), RNG(10))
    ahead = draw_ahead(found, y, 6, 60_000, RNG(11), parameters=0)
    np.testing.assert_allclose(ahead.regimes, regimes_ahead(found, 6), atol=0.01)
    np.testing.assert_allclose(ahead.growth.mean(axis=0), mean_ahead(found, 6), atol=0.03)
    if not order:
        chances = regimes_ahead(found, 1)[0]
        mean = chances @ found.means
        variance = chances @ (found.variances + found.means**2) - mean**2
        assert ahead.growth[:, 0].var() == pytest.approx(variance, rel=0.03)
        far = regimes_ahead(found, 500)[-1]
        assert far @ found.transition == pytest.approx(far)


def test_four_lags_are_carried_into_the_forecast() -> None:
    found = hamilton()
    ahead = draw_ahead(found, growth(), 8, 40_000, RNG(12), parameters=0)
    # One step: E y = sum over regimes now and before, from the joint filtered probabilities.
    transition, means, _, lags = parts_of(found.estimates, found.spec)
    joint = np.asarray(found.fitted.filtered_joint_probabilities)[..., -1].sum(axis=-1)
    expected = joint.sum(axis=(1, 2, 3)) @ transition @ means
    for j in range(4):
        held = joint.sum(axis=tuple(i for i in range(4) if i != j))
        expected += lags[j] * (growth()[-1 - j] - held @ means)
    assert ahead.growth[:, 0].mean() == pytest.approx(expected, abs=0.02)


def test_parameters_widen_the_forecast() -> None:
    y = switching(60, RNG(13))
    found = fit_switching(y, MarkovSpec(starts=3), RNG(14))
    known, drawn = (draw_ahead(found, y, 4, 20_000, RNG(15), parameters=n) for n in (0, 100))
    assert np.ptp(np.quantile(drawn.growth[:, 3], [0.05, 0.95])) > 0.97 * np.ptp(
        np.quantile(known.growth[:, 3], [0.05, 0.95])
    )
    assert drawn.regimes.sum(axis=1) == pytest.approx(np.ones(4))


def test_compiled_maximisation_reaches_the_optimum_of_statsmodels() -> None:
    y = switching(150, RNG(16))
    found = fit_switching(y, MarkovSpec(starts=3), RNG(17))
    value, place = two_regimes(y)
    assert value == pytest.approx(found.log_likelihood, abs=0.2)
    assert np.sort(place[:2]) == pytest.approx(found.means, abs=0.05)


def test_regimes_are_told_from_a_linear_series() -> None:
    assert against_linear(switching(150, RNG(18)), 99, RNG(19))[1] <= 0.02
    p = [against_linear(RNG(i).standard_normal(60), 39, RNG(100 + i))[1] for i in range(40)]
    assert 0.3 < np.mean(p) < 0.7 and np.mean(np.array(p) <= 0.05) <= 0.15


def test_what_holds_no_regimes_is_refused() -> None:
    with pytest.raises(InputError, match=r"x has 10 growth rates; 2 regimes .* need 18"):
        fit_switching(np.arange(10.0), MarkovSpec(), RNG(1), "x")
    with pytest.raises(InputError, match="x is constant or has a gap"):
        fit_switching(np.full(40, 0.1), MarkovSpec(), RNG(1), "x")
    with pytest.raises(InputError, match="expected at least 2 regimes"):
        MarkovSpec(regimes=1)
    spike = np.concatenate([RNG(20).normal(0, 1, 40), [60.0]])
    try:
        found = fit_switching(spike, MarkovSpec(starts=3), RNG(21), "x")
    except InputError as refused:
        assert "fewer than 3 periods" in str(refused)
    else:
        assert found.smoothed.sum(axis=0).min() >= 3
