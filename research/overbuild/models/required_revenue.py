"""Required revenue: what a stock of capital must earn a year, and how much of it revenue covers.

    RR_t = sum_j (w + delta_j + d_j) V_jt + O_t,      cover_t = R_t / RR_t,

V_jt what the surviving capital of class j would cost new, its rent as in `user_cost.rental_rate`, and O_t the
cash cost of running it. Beside it the constant-price bar, sum_j CRF(w, L_j) K_j + O_t, with K at what was
paid: the form in which the published bars are stated. Work in progress earns nothing yet and is not charged.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overbuild.models.inventory import Inventory, replacement_value
from overbuild.models.user_cost import rental_rate

type Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Terms:
    """What turns capital into a yearly charge; arrays of draws.

    Attributes
    ----------
    cost_of_capital
        Shape (draw,).
    price_fall, median_life, shape
        Shape (draw, class).
    opex
        Cash cost a year over what the capital in use cost, shape (draw,).
    """

    cost_of_capital: Array
    price_fall: Array
    median_life: Array
    shape: Array
    opex: Array


@dataclass(frozen=True, eq=False)
class Required:
    """Revenue a year that capital must earn, in the money of the inventory.

    Attributes
    ----------
    charge
        Capital charge by class, shape (draw, class).
    opex
        Cash cost, shape (draw,).
    at_constant_price
        The bar with capital recovery factors, cash cost included, shape (draw,).
    """

    charge: Array
    opex: Array
    at_constant_price: Array

    @property
    def total(self) -> Array:
        """All of it, shape (draw,)."""
        return self.charge.sum(axis=1) + self.opex

    def cover(self, revenue: Array | float) -> Array:
        """Return revenue over what is required, shape (draw,)."""
        return np.asarray(revenue) / self.total


def required_when_completed(made: Inventory, terms: Terms) -> Required:
    """Return the same once what is in progress is in use too, at what was paid for it."""
    now, waiting = required_revenue(made, terms), made.in_progress[:, -1]
    w = terms.cost_of_capital[:, None]
    rent = rental_rate(w, terms.price_fall, terms.median_life, terms.shape)
    opex = terms.opex * waiting.sum(axis=1)
    factor = w / -np.expm1(-terms.median_life * np.log1p(w))
    constant = np.sum(factor * waiting, axis=1) + opex
    return Required(now.charge + rent * waiting, now.opex + opex, now.at_constant_price + constant)


def required_revenue(made: Inventory, terms: Terms, at: int = -1) -> Required:
    """Return what the capital in use at the end of a period must earn a year."""
    w = terms.cost_of_capital[:, None]
    value = replacement_value(made, terms.price_fall, at)
    rent = rental_rate(w, terms.price_fall, terms.median_life, terms.shape)
    kept = made.capital[:, at]
    opex = terms.opex * kept.sum(axis=1)
    factor = w / -np.expm1(-terms.median_life * np.log1p(w))
    return Required(rent * value, opex, np.sum(factor * kept, axis=1) + opex)


def chips_to_revenue(chips: float, cost_multiple: float = 2.0, margin: float = 0.5) -> float:
    """Return Sequoia's bar: sales of chips, times all cost over chips, over one less the users' margin."""
    return chips * cost_multiple / (1 - margin)


def capex_to_revenue(capex: float, intensity: float = 0.25) -> float:
    """Return Bain's bar: the revenue at which capex is a given share of it."""
    return capex / intensity
