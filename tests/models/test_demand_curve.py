"""The growth curve in closed form, and how long what is built serves a demand that grows."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

from overbuild.models.demand_curve import gain, log_expm1, midpoint, slope, turning_headroom
from overbuild.models.demand_progress import (
    FIBRE_CAPACITY,
    FIBRE_PROGRESS,
    capacity_path,
    catch_up,
    stock_gain,
)

GROWTH, HEADROOM = np.array(0.9), np.array(2.3)


def richards(time: np.ndarray, nu: float) -> np.ndarray:
    """Return ln D(t) of Richards' curve as printed, with its ceiling at 0."""
    k = GROWTH * nu
    tau = midpoint(GROWTH, HEADROOM, np.array(nu))
    return -np.log(1 + np.exp(-k * (time - tau))) / nu


@pytest.mark.parametrize("nu", [0.3, 1.0, 2.5])
def test_the_curve_is_richards_in_other_quantities(nu: float) -> None:
    time = np.linspace(-4, 6, 41)
    made = gain(time, GROWTH, HEADROOM, np.array(nu))
    printed = richards(time, nu)
    np.testing.assert_allclose(made, printed - richards(np.array(0.0), nu), atol=1e-12)
    np.testing.assert_allclose(printed[-1] - made[-1], -HEADROOM, atol=1e-12)


@pytest.mark.parametrize("nu", [0.3, 1.0, 2.5])
def test_growth_is_the_slope_and_has_its_closed_form_now(nu: float) -> None:
    of = (GROWTH, HEADROOM, np.array(nu))
    time, step = np.linspace(-3, 3, 13), 1e-6
    numeric = (gain(time + step, *of) - gain(time - step, *of)) / (2 * step)
    np.testing.assert_allclose(slope(time, *of), numeric, rtol=1e-6)
    assert slope(np.array(0.0), *of) == pytest.approx(GROWTH * (1 - np.exp(-nu * HEADROOM)))


@pytest.mark.parametrize("nu", [0.3, 1.0, 2.5])
def test_levels_turn_where_the_second_difference_changes_its_sign(nu: float) -> None:
    of = (GROWTH, HEADROOM, np.array(nu))

    def bend(t: float) -> float:
        levels = np.exp(gain(np.array([t - 1e-3, t, t + 1e-3]), *of))
        return float(levels[0] - 2 * levels[1] + levels[2])

    found = brentq(bend, -5, 12)
    left = HEADROOM - gain(np.array(found), *of)
    assert left == pytest.approx(float(turning_headroom(np.array(nu))), abs=1e-3)


def test_the_logistic_curve_turns_at_half_its_ceiling() -> None:
    assert turning_headroom(np.array(1.0)) == pytest.approx(np.log(2))
    assert midpoint(GROWTH, np.log([2.0]), np.array(1.0)) == pytest.approx([0.0], abs=1e-12)


def test_far_below_the_ceiling_growth_is_constant() -> None:
    assert gain(np.array(3.0), GROWTH, np.array(60.0), np.array(1.0)) == pytest.approx(2.7)
    assert np.isfinite(log_expm1(np.array([1e-12, 1.0, 800.0]))).all()


def test_published_multiples_of_capacity() -> None:
    """Odlyzko (2003): strands times five, a strand's capacity times a hundred, five hundred in four years."""
    assert 5 * np.exp(4 * FIBRE_PROGRESS) == pytest.approx(np.exp(4 * FIBRE_CAPACITY))
    assert FIBRE_CAPACITY * 4 - np.log(4) == pytest.approx(4.83, abs=0.01)
    assert 365.25 / 100 * np.log(2) == pytest.approx(np.log(12.55), abs=0.01)


def test_with_all_progress_disembodied_everything_built_scales() -> None:
    invested = np.array([3.0, 0.0, 1.0, 0.0, 2.0])
    made = capacity_path(invested, 1.0, 0.4, np.inf)
    np.testing.assert_allclose(made, np.cumsum(invested) * np.exp(0.4 * np.arange(5)))


def test_with_all_progress_embodied_only_new_vintages_gain() -> None:
    invested = np.array([3.0, 0.0, 1.0, 0.0, 2.0])
    made = capacity_path(invested, 0.0, 0.4, np.inf)
    np.testing.assert_allclose(made, np.cumsum(invested * np.exp(0.4 * np.arange(5))))
    alone = capacity_path(np.array([3.0, 0.0, 0.0, 0.0]), 0.0, 0.4, np.inf)
    np.testing.assert_allclose(alone, 3.0)


def test_half_of_what_was_laid_is_left_at_the_median_life() -> None:
    made = capacity_path(np.array([1.0, 0.0, 0.0, 0.0, 0.0]), 0.3, 0.0, 4.0)
    assert made[4] == pytest.approx(0.5)


def test_demand_catches_up_when_its_lead_is_used_up() -> None:
    time = np.arange(0, 30, 0.01)
    one, never = np.array([0.0, 1.0]), np.array([1e9, 1e9])
    stock = stock_gain(time, one, np.array([0.5, 0.5]), 4.0, never)
    found = catch_up(time, np.tile(0.3 * time, (2, 1)), stock, 0.5)
    np.testing.assert_allclose(found, [np.log(2) / 0.3, (np.log(2) + 2.0) / 0.3], atol=0.011)
    assert np.isnan(catch_up(time, np.zeros((1, time.size)), stock[:1], 0.5)).all()
