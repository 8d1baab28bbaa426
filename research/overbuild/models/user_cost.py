"""User cost of capital: what a machine must earn a year so that buying it neither gains nor loses.

    c = (w + delta + d) p,

with p the price of the machine, w the cost of capital, d the yearly fall of the price of a machine of the
same quality (minus the pi of Hall and Jorgenson 1967) and delta its wear. With a known life L and sudden
death at its end, delta is what makes rents that fall at d recover exactly p over L years. At a constant
price c / p is then the capital recovery factor, CRF = w / (1 - (1 + w)^-L): the special case shown beside it.
Calculators are by the year with rents at the year's end; `rental_rate`, used on draws, is in continuous time.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.errors import InputError

type Array = NDArray[np.float64]
NODES = 120


@dataclass(frozen=True)
class UserCost:
    """What one machine must earn.

    Attributes
    ----------
    user_cost
        In the first year, in the money of the price, with ``opex``.
    crf
        Capital recovery factor: the charge a year on a price of 1 where prices are constant.
    depreciation
        Wear a year as a share of the price, delta: zero-profit rent less cost of capital less price fall.
    charge_at_constant_price
        ``crf`` times the price, with ``opex``.
    straight_line
        (w + 1/L + d) p with ``opex``: the rule of thumb that takes 1/L for wear.
    """

    user_cost: float
    crf: float
    depreciation: float
    charge_at_constant_price: float
    straight_line: float

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return asdict(self)

    def sentence(self) -> str:
        """Say it."""
        return (
            f"It must earn {self.user_cost:,.4g} in the first year; at a constant price, "
            f"{self.charge_at_constant_price:,.4g} in each (capital recovery factor {self.crf:.4f}). "
            f"Wear is {100 * self.depreciation:.1f} % of the price a year; taking one over the life for it "
            f"would give {self.straight_line:,.4g}."
        )


def user_cost(
    price: float, cost_of_capital: float, life: float, *, price_decline: float = 0.0, opex: float = 0.0
) -> UserCost:
    """Return what a machine must earn a year.

    Parameters
    ----------
    price
        What it costs.
    cost_of_capital
        A year, as a fraction.
    life
        Years until it is worth nothing.
    price_decline
        Fall a year of the price of a machine of the same quality, as a fraction; its rent falls as fast.
        Negative: a rise.
    opex
        Cash cost a year of running it, in the money of the price.

    Raises
    ------
    InputError
        If a value cannot be used; every fault is told.
    """
    faults = [
        *_fault("price", price, price > 0, "above 0"),
        *_fault("cost of capital", cost_of_capital, 0 <= cost_of_capital <= 10, "a fraction from 0 to 10"),
        *_fault("life", life, life > 0, "years above 0"),
        *_fault("price decline", price_decline, -1 <= price_decline < 1, "a fraction from -1 to below 1"),
        *_fault("opex", opex, opex >= 0, "0 or more"),
    ]
    if faults:
        raise InputError("\n".join(faults))
    crf = capital_recovery_factor(cost_of_capital, life)
    rent = first_rent(cost_of_capital, life, price_decline)
    thumb = cost_of_capital + 1 / life + price_decline
    wear = rent - cost_of_capital - price_decline
    return UserCost(price * rent + opex, crf, wear, price * crf + opex, price * thumb + opex)


def capital_recovery_factor(cost_of_capital: float, life: float) -> float:
    """Return the yearly charge on 1 that repays it with interest over a life."""
    return first_rent(cost_of_capital, life, 0.0)


def first_rent(cost_of_capital: float, life: float, price_decline: float) -> float:
    """Return the first of the yearly rents, falling at a constant rate, whose present value is 1."""
    rate = math.log1p(cost_of_capital) - math.log1p(-price_decline)
    grown = math.expm1(rate)
    number = life if abs(rate) < 1e-12 else -math.expm1(-rate * life) / grown
    return (1 - price_decline) / number


def life_recovered(charge: float, cost_of_capital: float) -> float:
    """Return the life at which a charge a year on 1 is the capital recovery factor.

    Raises
    ------
    InputError
        If the charge does not even pay the interest.
    """
    if charge <= cost_of_capital:
        raise InputError(
            f"A charge of {charge:g} never repays at a cost of capital of {cost_of_capital:g}; "
            "it must be larger."
        )
    if cost_of_capital < 1e-12 * charge:
        return 1 / charge
    return -math.log1p(-cost_of_capital / charge) / math.log1p(cost_of_capital)


def stack_charge(
    capital: float, cost_of_capital: float, shares_by_life: tuple[tuple[float, float], ...]
) -> float:
    """Return the yearly charge on capital made of shares with different lives, ``(share, life), ...``."""
    return capital * sum(s * capital_recovery_factor(cost_of_capital, life) for s, life in shares_by_life)


def resale_rates(at_ages: tuple[float, ...], factors: tuple[float, ...]) -> tuple[float, ...]:
    """Return the log rates a year at which resale value falls between ages.

    Parameters
    ----------
    at_ages
        Ages in years, ascending; age 0 with factor 1 is implied.
    factors
        Resale value over the price new.
    """
    ages, logs = (0.0, *at_ages), (0.0, *(math.log(f) for f in factors))
    return tuple((logs[i] - logs[i + 1]) / (ages[i + 1] - ages[i]) for i in range(len(factors)))


def rental_rate(cost_of_capital: Array, price_fall: Array, median_life: Array, shape: Array) -> Array:
    """Return the zero-profit rent a year on 1 of replacement value, for lives that are random.

    c = 1 / E[(1 - exp(-rho T)) / rho], T Weibull and rho = ln(1 + w) + d: rents are paid all year and fall at
    the log rate d. With a constant scrapping rate delta it is exactly w + delta + d; with sudden death and a
    constant price, the capital recovery factor in continuous time.

    Parameters
    ----------
    cost_of_capital
        Fraction a year; shapes broadcast.
    price_fall
        Log fall a year of the price of the same quality.
    median_life, shape
        Weibull life of the asset.
    """
    nodes, weights = _quantile_nodes()
    scale = (nodes[:, *(None,) * np.ndim(median_life)] / np.log(2)) ** (1 / shape)
    life = median_life * scale
    rho = np.log1p(cost_of_capital) + price_fall
    safe = np.where(np.abs(rho) < 1e-9, 1e-9, rho)
    worth = -np.expm1(-safe * life) / safe
    return 1 / np.einsum("n,n...->...", weights, worth)


@lru_cache(maxsize=1)
def _quantile_nodes() -> tuple[Array, Array]:
    """Return nodes and weights of the mean of a function of a standard exponential time."""
    x, w = np.polynomial.legendre.leggauss(NODES)
    cut = 40.0
    nodes = (0.5 * (x + 1)) ** 3 * cut
    jacobian = 1.5 * (0.5 * (x + 1)) ** 2 * cut
    weights = w * jacobian * np.exp(-nodes)
    return nodes, weights / weights.sum()


def _fault(name: str, value: float, fits: bool, expected: str) -> list[str]:
    return [] if fits and math.isfinite(value) else [f"{name} {value:g} cannot be used; expected {expected}."]
