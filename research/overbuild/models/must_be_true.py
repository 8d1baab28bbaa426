"""What must be true: how far one thing must move for revenue to cover what capital must earn by a date.

One lever at a time, the others as drawn; a draw in which a lever cannot do it by itself says so (nan), and
the share of such draws is part of the answer. Revenue growth and use have closed forms; the life and the
price fall of accelerators are solved by bisection, for all draws at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from overbuild.core.periods import ordinal
from overbuild.errors import InputError
from overbuild.models.user_cost import rental_rate

if TYPE_CHECKING:
    from overbuild.models.capital_stock import CapitalStock

type Array = NDArray[np.float64]
STEPS = 30


@dataclass(frozen=True, eq=False)
class Lever:
    """What one lever must do.

    Attributes
    ----------
    name, unit, meaning
        What it is.
    values
        Shape (draw,); nan where it cannot make cover equal to one, minus infinity where it need not move:
        cover is above one whatever its value.
    """

    name: str
    unit: str
    meaning: str
    values: Array

    def to_dict(self) -> dict[str, Any]:
        """Return 5, 50 and 95 % points over the draws that it decides, and the shares of the others."""
        can = self.values[np.isfinite(self.values)]
        points = np.quantile(can, [0.05, 0.5, 0.95]) if can.size else np.full(3, np.nan)
        low, middle, high = (float(p) if np.isfinite(p) else None for p in points)
        shares = {
            "cannot": float(np.mean(np.isnan(self.values))),
            "need_not": float(np.mean(np.isneginf(self.values))),
        }
        about = {"lever": self.name, "unit": self.unit, "meaning": self.meaning}
        return about | {"q05": low, "q50": middle, "q95": high} | shares


def revenue_growth(revenue: Array, required: Array, years: float) -> Array:
    """Return the growth a year, as a fraction, that takes revenue to what is required in some years."""
    if years <= 0:
        raise ValueError("The date must lie after the day on which revenue is known.")
    return (required / revenue) ** (1 / years) - 1


def utilisation(now: Array, revenue: Array, required: Array) -> Array:
    """Return the share of capacity that must be in use, at the price of today; nan above one."""
    needed = now * required / revenue
    return np.where(needed <= 1, needed, np.nan)


def solve(gap: Callable[[Array], Array], low: Array, high: Array) -> Array:
    """Return the root of a function of draws between two ends by bisection.

    Where both ends are above zero there is none (nan), where both are below none is needed (minus infinity).

    Parameters
    ----------
    gap
        Array of shape (draw,) to array of the same shape, continuous in each draw.
    low, high
        The ends, shape (draw,).
    """
    left, right = low.astype(float).copy(), high.astype(float).copy()
    at_left = gap(left)
    at_right = gap(right)
    found = np.sign(at_left) * np.sign(at_right) <= 0
    for _ in range(STEPS):
        middle = (left + right) / 2
        same = np.sign(gap(middle)) == np.sign(at_left)
        left, right = np.where(same, middle, left), np.where(same, right, middle)
    return np.where(found, (left + right) / 2, np.where(at_right > 0, np.nan, -np.inf))


@dataclass(frozen=True)
class Scenario:
    """What is assumed of the levers that do not move.

    Attributes
    ----------
    by
        Last quarter.
    capex_growth, revenue_growth
        Growth a year until then, as fractions.
    """

    by: str
    capex_growth: float
    revenue_growth: float


def must_be_true(held: CapitalStock, scenario: Scenario, use_now: Array) -> tuple[Lever, ...]:
    """Return what each lever must do for cover to be one at the end of the scenario.

    Parameters
    ----------
    held
        Capital of an era whose revenue is compared.
    scenario
        Date, and growth of capex and of revenue where another lever moves.
    use_now
        Share of capacity in use today, shape (draw,).

    Raises
    ------
    InputError
        If the era has no revenue, or the date is not after the last quarter on record.
    """
    if held.revenue is None:
        raise InputError(f"No revenue is compared in '{held.episode}'; what must be true has no answer.")
    if ordinal(scenario.by) <= ordinal(held.periods[-1]):
        raise InputError(f"{scenario.by} is not after {held.periods[-1]}, the last quarter on record.")
    later = held.project(scenario.by, scenario.capex_growth)
    years = (ordinal(scenario.by) - ordinal(held.periods[-1])) / held.per_year
    needed = later.required().total
    low, high = held.revenue.low, held.revenue.high
    # The bounds are an interval and not a distribution: the levers that take one revenue take its middle.
    now = np.sqrt(low * high) * np.ones_like(needed)
    then = now * (1 + scenario.revenue_growth) ** years
    return (
        Lever(
            "revenue_growth_from_low",
            "a year",
            "growth of AI revenue from its lower bound",
            revenue_growth(low * np.ones_like(needed), needed, years),
        ),
        Lever(
            "revenue_growth_from_high",
            "a year",
            "growth of AI revenue from its upper bound",
            revenue_growth(high * np.ones_like(needed), needed, years),
        ),
        Lever(
            "accelerator_life",
            "years",
            "median life of accelerators",
            _solve_asset(later, then, "life"),
        ),
        Lever(
            "accelerator_price_fall",
            "log a year",
            "fall of the price of computing of one quality",
            _solve_asset(later, then, "fall"),
        ),
        Lever(
            "utilisation",
            "share",
            "share of capacity in use, if revenue rose by fuller use alone",
            utilisation(use_now, now, needed),
        ),
    )


ENDS = {"life": (0.5, 15.0), "fall": (-0.2, 0.9)}


def _solve_asset(later: CapitalStock, revenue: Array, lever: str) -> Array:
    """Return the life or price fall of the first asset at which what is required is the revenue."""
    made, terms = later.inventory, later.parameters.terms
    rest = later.required()
    others = rest.charge[:, 1:].sum(axis=1) + terms.opex * made.capital[:, -1, 1:].sum(axis=1)
    first = slice(0, 1)
    periods = made.completed.shape[1]
    age = (np.arange(periods)[::-1][None] + 0.5) / later.per_year

    def gap(x: Array) -> Array:
        life = x if lever == "life" else terms.median_life[:, 0]
        fall = x if lever == "fall" else terms.price_fall[:, 0]
        alive = np.exp(-np.log(2) * (age / life[:, None]) ** terms.shape[:, first])
        kept = made.completed[:, :, 0] * alive
        value = np.sum(kept * np.exp(-fall[:, None] * age), axis=1)
        rent = rental_rate(terms.cost_of_capital, fall, life, terms.shape[:, 0])
        return others + rent * value + terms.opex * kept.sum(axis=1) - revenue

    low, high = (end * np.ones_like(revenue) for end in ENDS[lever])
    return solve(gap, low, high)
