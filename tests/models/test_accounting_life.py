"""Accounting lives: recovered on simulated firms, tighter than the prior, refused where little is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy.stats import invgamma, kstest, multivariate_normal

from overbuild.core.frozen import Frozen
from overbuild.core.periods import span
from overbuild.episodes import DataBook
from overbuild.errors import InputError
from overbuild.models.accounting_life import (
    LAGS,
    NAMES,
    PARAMETERS,
    RHOS,
    AccountingLife,
    Held,
    accounting_life,
    axes,
    fit_grid,
    log_likelihood,
    prior_draws,
    simulate,
)
from overbuild.models.capital import CapitalModel
from overbuild.models.inventory import straight_line
from overbuild.models.prior_file import read_priors
from overbuild.models.reported import ACCOUNTS, Reported, reported_by, reported_in

QUARTERS = span("2023Q1", "2026Q2")
DAY = date(2026, 11, 22)
LIVES = np.arange(2.0, 20.01, 0.5)


@pytest.fixture(scope="module")
def priors() -> Held:
    return CapitalModel.of(read_priors().at(DAY)).prior


def _firm(old: float, new: float, lag: float, noise: float, rng: np.random.Generator) -> Reported:
    """A firm whose capex doubles every three years and whose accounts follow the model."""
    growth = rng.normal(0.06, 0.05, 80)
    spent = 1000 * np.exp(np.cumsum(growth))
    blank = Reported("Simulated", ACCOUNTS["ai"], QUARTERS, spent, np.ones(len(QUARTERS)))
    at = [int(np.argmin(np.abs(grid - x))) for grid, x in ((LIVES, old), (LIVES, new), (LAGS, lag))]
    fitted = fit_grid(blank)[at[0], at[1], at[2]]
    shocks = rng.normal(0, noise, fitted.size)
    error = np.array([sum(0.7 ** (t - s) * shocks[s] for s in range(t + 1)) for t in range(fitted.size)])
    return replace(blank, written_off=fitted * np.exp(error))


def test_lives_are_recovered_on_simulated_firms(priors: Held) -> None:
    rng = np.random.default_rng(7)
    inside, errors = [], []
    for _ in range(40):
        new = rng.choice([4.0, 6.0, 8.0, 10.0])
        found = accounting_life(_firm(new * 1.25, new, 1.5, 0.02, rng), priors).moments["new_life"]
        inside.append(found["q05"] - 0.25 <= new <= found["q95"] + 0.25)
        errors.append(np.log(found["q50"] / new))
    assert np.mean(inside) >= 0.75
    assert abs(np.mean(errors)) < 0.15


def test_weights_add_up_and_the_data_are_heard(priors: Held) -> None:
    found = accounting_life(_firm(8, 6, 1.5, 0.01, np.random.default_rng(3)), priors)
    assert found.prior.sum() == pytest.approx(1)
    assert found.weight.sum() == pytest.approx(1)
    assert found.moments["new_life"]["learnt"] > 0.5
    assert found.correlation < 0


def test_a_longer_life_writes_off_less_while_a_firm_grows(priors: Held) -> None:
    firm = _firm(8, 6, 1.5, 0.0, np.random.default_rng(3))
    fitted = fit_grid(firm)
    assert (np.diff(fitted[10, :, 4], axis=0) < 0).all()


@pytest.fixture(scope="module")
def lives(priors: Held) -> dict[str, AccountingLife]:
    snapshot = DataBook.load().at(DAY, "ai")
    return {r.firm: accounting_life(r, priors) for r in reported_in(snapshot)}


def test_reported_depreciation_is_predicted(lives: dict[str, AccountingLife]) -> None:
    assert set(lives) == {"Microsoft", "Alphabet", "Meta"}
    for found in lives.values():
        checks = found.checks(np.random.default_rng(1))
        assert checks["prior_predictive"]["share_inside_90"] > 0.5
        assert checks["posterior_predictive"]["share_inside_90"] > 0.8
        assert 0.02 < checks["posterior_predictive"]["p_growth"] < 0.98
        assert found.moments["new_life"]["learnt"] > 0.5
        assert found.moments["lag"]["learnt"] < 0.5
        assert "Not identified" in found.sentence()


def test_lives_lie_in_the_range_of_the_filings(lives: dict[str, AccountingLife]) -> None:
    for found in lives.values():
        assert 3.5 < found.moments["new_life"]["q50"] < 10


def test_amortisation_of_acquisitions_is_not_depreciation(priors: Held) -> None:
    """Microsoft's figure with amortisation, which jumped with Activision, contradicts the prior."""
    snapshot = DataBook.load().at(DAY, "ai")
    wider = replace(ACCOUNTS["ai"], reports=Frozen({"Microsoft": "depreciation_and_amortization"}))
    found = accounting_life(reported_by(snapshot, wider, "Microsoft"), priors)
    assert found.checks(np.random.default_rng(1))["prior_predictive"]["share_inside_90"] < 0.5


def test_too_few_quarters_are_refused() -> None:
    snapshot = DataBook.load().at(date(2024, 1, 31), "ai")
    with pytest.raises(InputError, match="needs 6"):
        reported_by(snapshot, ACCOUNTS["ai"], "Alphabet")


def test_computed_depreciation_is_the_inventory_s_straight_line(priors: Held) -> None:
    firm = _firm(8, 6, 1.5, 0.0, np.random.default_rng(3))
    age = (np.arange(firm.spent.size) + 0.5) / 4
    lag = 4
    # A Gamma of shape 2: its distribution function in closed form.
    x = age * 2 / LAGS[lag]
    share = np.diff(1 - np.exp(-x) * (1 + x), prepend=0.0)
    completed = np.convolve(firm.spent, share)[: firm.spent.size]
    new = np.arange(firm.spent.size) >= firm.spent.size - len(QUARTERS)
    expected = sum(
        straight_line(np.where(mask, completed, 0.0)[None, :, None], np.array([[LIVES[i]]]), 4)[0, -14:, 0]
        for mask, i in ((~new, 12), (new, 8))
    )
    assert fit_grid(firm)[12, 8, lag] == pytest.approx(expected)


def test_likelihood_is_that_of_an_autoregression_with_the_variance_integrated_out() -> None:
    error = np.random.default_rng(5).normal(0, 0.05, 6)
    found, _ = log_likelihood(error, 2.0, 0.0018)
    variances = np.exp(np.linspace(np.log(1e-6), np.log(10), 4000))
    lags = np.abs(np.subtract.outer(np.arange(6), np.arange(6)))
    for k in (0, 5, 9):
        shape = RHOS[k] ** lags / (1 - RHOS[k] ** 2)
        density = np.array(
            [
                multivariate_normal.pdf(error, cov=v * shape) * invgamma.pdf(v, 2.0, scale=0.0018) * v
                for v in variances
            ]
        )
        expected = np.log(np.trapezoid(density, np.log(variances)))
        assert found[k] == pytest.approx(expected, abs=1e-4)


def test_share_written_off_is_half_where_spending_is_level(priors: Held) -> None:
    """A stationary stock written off in equal parts is written off by half, whatever its life."""
    years = span("1988", "1997")
    firm = Reported("Carriers", ACCOUNTS["telecom"], years, np.full(120, 10.0), np.full(10, 0.5))
    fitted = fit_grid(firm)
    lives = axes(firm)[0]
    same = fitted[np.arange(lives.size), np.arange(lives.size)]
    assert same == pytest.approx(np.full(same.shape, 0.5), abs=0.01)
    grown = replace(firm, spent=10.0 * 1.08 ** np.arange(120))
    at = int(np.flatnonzero(lives == 20)[0])
    k = np.log(1.08) * 20
    closed = 1 / k - 1 / (np.exp(k) - 1)
    assert fit_grid(grown)[at, at] == pytest.approx(np.full((LAGS.size, 10), closed), abs=0.02)


def test_carriers_of_1997_and_1999_give_lives_within_those_of_the_regulator() -> None:
    for year, periods in ((1997, 9), (1999, 10)):
        day = date(year, 12, 31)
        snapshot = DataBook.load().at(day, "telecom", also=("carrier_gross_ppe", "carrier_net_ppe"))
        (reported,) = reported_in(snapshot)
        assert len(reported.periods) == periods
        found = accounting_life(reported, CapitalModel.of(read_priors().at(day)).prior)
        assert found.moments["new_life"]["q50"] < found.moments["old_life"]["q50"]
        assert 10 < found.moments["new_life"]["q50"] < 25
        checks = found.checks(np.random.default_rng(1))
        assert checks["posterior_predictive"]["share_inside_90"] > 0.8
        assert 0.02 < checks["posterior_predictive"]["p_growth"] < 0.98


def test_truth_is_ranked_evenly_among_the_draws(priors: Held) -> None:
    """Simulation-based calibration: the posterior is exact, so ranks are uniform."""
    rng = np.random.default_rng(17)
    firm = _firm(8, 6, 1.5, 0.0, rng)
    fitted, ranks = fit_grid(firm), []
    for _ in range(150):
        truth = prior_draws(firm, priors, rng)
        again = replace(firm, written_off=simulate(firm, fitted, truth, rng)[0])
        drawn = accounting_life(again, priors).draws(99, rng)
        ranks.append([float(np.mean(drawn[n] < truth[n])) for n in PARAMETERS])
    for place, name in enumerate(PARAMETERS):
        found = np.array(ranks)[:, place] + rng.uniform(0, 0.01, 150)
        assert kstest(found / 1.01, "uniform").pvalue > 0.005, name


def test_draws_lie_in_the_cells_of_their_weights(priors: Held) -> None:
    found = accounting_life(_firm(8, 6, 1.5, 0.01, np.random.default_rng(3)), priors)
    drawn = found.draws(20000, np.random.default_rng(4))
    for name, axis in zip(NAMES[:3], range(3), strict=True):
        moments = found.moments[name]
        assert drawn[name].mean() == pytest.approx(moments["mean"], abs=0.05 * moments["sd"])
        assert drawn[name].std() == pytest.approx(moments["sd"], rel=0.05)
        assert axes(found.reported)[axis].size == found.weight.shape[axis]


def test_older_life_has_the_prior_that_the_file_states(priors: Held) -> None:
    found = accounting_life(_firm(8, 6, 1.5, 0.01, np.random.default_rng(3)), priors)
    median, spread, low, high = priors("accounting_life")
    cells = np.arange(low, high + 0.1, 0.5)
    density = np.exp(-0.5 * (np.log(cells / median) / spread) ** 2) / cells
    expected = float(density @ cells / density.sum())
    assert found.moments["old_life"]["prior_mean"] == pytest.approx(expected, rel=1e-6)
    assert found.moments["new_life"]["prior_q50"] == pytest.approx(median, rel=0.06)
