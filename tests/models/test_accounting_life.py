"""Accounting lives: recovered on simulated firms, tighter than the prior, refused where little is known."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from overbuild.core.periods import span
from overbuild.episodes import DataBook
from overbuild.errors import InputError
from overbuild.models.accounting_life import LAGS, LIVES, AccountingLife, accounting_life, fit_grid
from overbuild.models.prior_file import read_priors
from overbuild.models.priors import Priors
from overbuild.models.reported import FIRMS, Reported, reported_by

QUARTERS = span("2023Q1", "2026Q2")
DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def priors() -> Priors:
    return read_priors().at(DAY)


def _firm(old: float, new: float, lag: float, noise: float, rng: np.random.Generator) -> Reported:
    """A firm whose capex doubles every three years and whose accounts follow the model."""
    growth = rng.normal(0.06, 0.05, 80)
    spent = 1000 * np.exp(np.cumsum(growth))
    blank = Reported("Simulated", "depreciation", QUARTERS, spent, np.ones(len(QUARTERS)))
    at = [int(np.argmin(np.abs(grid - x))) for grid, x in ((LIVES, old), (LIVES, new), (LAGS, lag))]
    fitted = fit_grid(blank)[at[0], at[1], at[2]]
    shocks = rng.normal(0, noise, fitted.size)
    error = np.array([sum(0.7 ** (t - s) * shocks[s] for s in range(t + 1)) for t in range(fitted.size)])
    return Reported("Simulated", "depreciation", QUARTERS, spent, fitted * np.exp(error))


def test_lives_are_recovered_on_simulated_firms(priors: Priors) -> None:
    rng = np.random.default_rng(7)
    inside, errors = [], []
    for _ in range(40):
        new = rng.choice([4.0, 6.0, 8.0, 10.0])
        found = accounting_life(_firm(new * 1.25, new, 1.5, 0.02, rng), priors).moments["new_life"]
        inside.append(found["q05"] - 0.25 <= new <= found["q95"] + 0.25)
        errors.append(np.log(found["q50"] / new))
    assert np.mean(inside) >= 0.75
    assert abs(np.mean(errors)) < 0.15


def test_weights_add_up_and_the_data_are_heard(priors: Priors) -> None:
    found = accounting_life(_firm(8, 6, 1.5, 0.01, np.random.default_rng(3)), priors)
    assert found.prior.sum() == pytest.approx(1)
    assert found.weight.sum() == pytest.approx(1)
    assert found.moments["new_life"]["learnt"] > 0.5
    assert found.correlation < 0


def test_a_longer_life_writes_off_less_while_a_firm_grows(priors: Priors) -> None:
    firm = _firm(8, 6, 1.5, 0.0, np.random.default_rng(3))
    fitted = fit_grid(firm)
    assert (np.diff(fitted[10, :, 4], axis=0) < 0).all()


@pytest.fixture(scope="module")
def lives(priors: Priors) -> dict[str, AccountingLife]:
    snapshot = DataBook.load().at(DAY, "ai")
    return {f: accounting_life(reported_by(snapshot, f, s), priors) for f, s in FIRMS.items()}


def test_reported_depreciation_is_predicted(lives: dict[str, AccountingLife]) -> None:
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


def test_amortisation_of_acquisitions_is_not_depreciation(priors: Priors) -> None:
    """Microsoft's figure with amortisation, which jumped with Activision, contradicts the prior."""
    snapshot = DataBook.load().at(DAY, "ai")
    found = accounting_life(reported_by(snapshot, "Microsoft", "depreciation_and_amortization"), priors)
    assert found.checks(np.random.default_rng(1))["prior_predictive"]["share_inside_90"] < 0.5


def test_too_few_quarters_are_refused() -> None:
    snapshot = DataBook.load().at(date(2024, 1, 31), "ai")
    with pytest.raises(InputError, match="needs 6"):
        reported_by(snapshot, "Alphabet", "depreciation")
