r"""Own or rent before demand is known: two sources of different length, then the spot market.

A firm commits today to K_o units of its own at c_o a unit-year for L years and to K_r rented units at p_r
(take or pay) for T <= L years. Then demand D_t shows itself. With Q_t = K_o + K_r 1{t <= T}, of what is
short a part h is found on the spot market, which is thin for a firm of that size, and bought there unless
leaving it unserved costs less; the rest is unserved at the penalty u: b_t = h min(spot_t, u) + (1 - h) u a
unit. What is idle is let at a_t:

    loss = sum_t d_t [c_o K_o + p_r K_r 1{t <= T} + b_t (D_t - Q_t)^+ - a_t (Q_t - D_t)^+ - m D_t],

d_t = (1 + w)^-t, m = min(c_o, p_r), a_t = v min(spot_t, m). m D_t is what demand would cost if as much as
is needed could be had each year at the cheaper price: a yardstick, not what a firm with foresight would pay,
which is bound for years too but may also find the spot market cheaper; a loss can be negative. Taking it off
leaves the portfolio of least mean cost as it is. It says what counts as risk: demand brings revenue of at
least its cost, so that to serve much of it as cheaply as little is no loss. Demand is lognormal with drift
and a bust that, once it comes, takes a share of demand for good; the spot price moves with it, spot_t =
s p_r (1 - f)^t (D_t / its mean without a bust)^e: dear when demand is high (wrong-way), cheap for those who
must let idle machines.

As a_t <= m and a_t <= b_t, loss is convex in (K_o, K_r) and piecewise linear. In (K_o, Q = K_o + K_r) the
mean separates, so that the optimum is two critical fractiles: with A_T = sum_{t<=T} d_t, A_L likewise,

    sum_{t<=T} d_t E[(b_t - a_t) 1{D_t <= Q}]  =  sum_{t<=T} d_t E b_t - A_T p_r,
    sum_{t>T}  d_t E[(b_t - a_t) 1{D_t <= K_o}] =  sum_{t>T} d_t E b_t + A_T p_r - A_L c_o,

and where the second gives K_o > Q only owning is done, at the fractile of both sums together. With one
year and fixed prices this is the newsvendor's (b - c)/(b - a). After T the renter is free and the owner is
not: this is the whole value of renting beside its price. T = L leaves the cheaper source only.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.games.contest import require

type Array = NDArray[np.float64]

MOST_YEARS = 50
MOST_SCENARIOS = 1_000_000


@dataclass(frozen=True)
class OwnOrRent:
    """What a firm decides under. Prices are USD per GPU-hour, capacity in units of today's demand.

    Attributes
    ----------
    own_cost, rent_price
        c_o and p_r, above 0.
    own_years, rent_years
        L and T, whole years, 1 <= T <= L.
    spot
        Spot price today over the cost of renting, above 0.
    spot_found
        h in [0, 1], part of what is short that is found on the spot market.
    spot_fall
        f, fall of the spot price a year for given demand, at least 0 and below 1.
    spot_elasticity
        e, from 0 to 10.
    penalty
        Margin lost on a unit unserved, over the cost of renting; at least that of the cheaper source.
    sublet
        v in [0, 1].
    discount
        w a year, from -0.5 to 10.
    growth, volatility
        Of demand: log of its mean's growth without a bust, from -1 to 1, and standard deviation of its log,
        from 0 to 2, a year.
    bust, depth
        Chance of a bust in a year, in [0, 1], and the share of demand that it takes, in [0, 1).

    Raises
    ------
    InputError
        If numbers are outside their ranges; every fault is told.
    """

    own_cost: float
    rent_price: float
    own_years: int = 6
    rent_years: int = 4
    spot: float = 1.25
    spot_found: float = 0.5
    spot_fall: float = 0.1
    spot_elasticity: float = 1.0
    penalty: float = 3.0
    sublet: float = 0.4
    discount: float = 0.08
    growth: float = 0.05
    volatility: float = 0.3
    bust: float = 0.075
    depth: float = 0.5

    def __post_init__(self) -> None:
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        odd = [f"{n} = {v!r}: expected a number" for n, v in values.items() if not _is_number(v)]
        require(not odd, "own or rent", "; ".join(odd))
        faults = [
            f"{name} = {values[name]:g}: expected {expected}"
            for name, fits, expected in self._ranges()
            if not fits
        ]
        require(not faults, "own or rent", "; ".join(faults))
        for name in ("own_years", "rent_years"):
            object.__setattr__(self, name, int(values[name]))

    def _ranges(self) -> list[tuple[str, bool, str]]:
        above = ("own_cost", "rent_price", "spot")
        shares = ("spot_found", "sublet", "bust")
        whole = {n: float(getattr(self, n)).is_integer() for n in ("own_years", "rent_years")}
        priced = self.own_cost > 0 and self.rent_price > 0
        dearest = min(self.own_cost / self.rent_price, 1.0) if priced else 0.0
        return [
            *((n, bool(0 < getattr(self, n) < np.inf), "a number above 0") for n in above),
            *((n, bool(0 <= getattr(self, n) <= 1), "a share from 0 to 1") for n in shares),
            ("depth", bool(0 <= self.depth < 1), "a share from 0 to below 1"),
            (
                "own_years",
                whole["own_years"] and 1 <= self.own_years <= MOST_YEARS,
                f"whole years from 1 to {MOST_YEARS}",
            ),
            (
                "rent_years",
                whole["rent_years"] and 1 <= self.rent_years <= self.own_years,
                "whole years from 1 to those owned",
            ),
            ("spot_fall", bool(0 <= self.spot_fall < 1), "0 or more and below 1"),
            ("spot_elasticity", bool(0 <= self.spot_elasticity <= 10), "a number from 0 to 10"),
            ("penalty", bool(dearest <= self.penalty < np.inf), "at least the cheaper source over the rent"),
            ("discount", bool(-0.5 <= self.discount <= 10), "a rate from -0.5 to 10, such as 0.08"),
            ("growth", bool(abs(self.growth) <= 1), "a number from -1 to 1"),
            ("volatility", bool(0 <= self.volatility <= 2), "a number from 0 to 2"),
        ]

    @property
    def premium(self) -> float:
        """Cost of owning over that of renting."""
        return self.own_cost / self.rent_price

    @property
    def cheaper(self) -> float:
        """Return m."""
        return min(self.own_cost, self.rent_price)


@dataclass(frozen=True, eq=False)
class Shocks:
    """Common random numbers: ``normal`` and ``uniform``, shape (scenario, year)."""

    normal: Array
    uniform: Array

    @classmethod
    def drawn(cls, scenarios: int, years: int, rng: np.random.Generator) -> Shocks:
        """Return antithetic pairs for so many scenarios, an even number, and years."""
        fits = isinstance(scenarios, int | np.integer) and 2 <= scenarios <= MOST_SCENARIOS
        require(
            fits and scenarios % 2 == 0,
            f"scenarios = {scenarios!r}",
            f"expected an even whole number from 2 to {MOST_SCENARIOS:,d}",
        )
        half = rng.standard_normal((scenarios // 2, years))
        chance = rng.random((scenarios // 2, years))
        return cls(np.concatenate([half, -half]), np.concatenate([chance, 1 - chance]))


@dataclass(frozen=True, eq=False)
class Scenarios:
    """Demand, price of a unit short, value of one idle, (scenario, year); discount factors, (year,)."""

    demand: Array
    short: Array
    idle: Array
    discount: Array


def scenarios(spec: OwnOrRent, shocks: Shocks) -> Scenarios:
    """Return what may happen; raises InputError where the shocks are too few years."""
    years = spec.own_years
    require(shocks.normal.shape[1] >= years, f"years = {shocks.normal.shape[1]}", f"expected {years} or more")
    t = np.arange(1, years + 1)
    walk = spec.volatility * np.cumsum(shocks.normal[:, :years], axis=1) - spec.volatility**2 / 2 * t
    bust = np.cumsum(shocks.uniform[:, :years] < spec.bust, axis=1) > 0
    relative = np.exp(walk) * np.where(bust, 1 - spec.depth, 1.0)
    price = spec.spot * spec.rent_price * (1 - spec.spot_fall) ** t * relative**spec.spot_elasticity
    unserved = spec.penalty * spec.rent_price
    return Scenarios(
        demand=relative * np.exp(spec.growth * t),
        short=spec.spot_found * np.minimum(price, unserved) + (1 - spec.spot_found) * unserved,
        idle=spec.sublet * np.minimum(price, spec.cheaper),
        discount=(1 + spec.discount) ** -t.astype(float),
    )


@dataclass(frozen=True)
class Portfolio:
    """Units owned and rented; ``case`` is ``both``, ``own only``, ``rent only`` or ``neither``."""

    owned: float
    rented: float

    @property
    def rented_share(self) -> float:
        """Rented over all that is committed; 0 where nothing is."""
        return self.rented / self.total if self.total > 0 else 0.0

    @property
    def total(self) -> float:
        """Units committed in the first year."""
        return self.owned + self.rented

    @property
    def case(self) -> str:
        """Return which corner it is, if one."""
        if self.total <= 0:
            return "neither"
        return "own only" if self.rented <= 0 else "rent only" if self.owned <= 0 else "both"


def cheapest(spec: OwnOrRent, seen: Scenarios) -> Portfolio:
    """Return the portfolio of least mean cost, exact for the scenarios."""
    early = np.arange(seen.discount.size) < spec.rent_years
    to_rent, to_own = seen.discount[early].sum(), seen.discount.sum()
    total = _fractile(seen, early, to_rent * spec.rent_price)
    if early.all():
        owned = np.inf if spec.own_cost <= spec.rent_price else 0.0
    else:
        owned = _fractile(seen, ~early, to_own * spec.own_cost - to_rent * spec.rent_price)
    if owned >= total:
        return only_owning(spec, seen)
    return Portfolio(owned, total - owned)


def only_owning(spec: OwnOrRent, seen: Scenarios) -> Portfolio:
    """Return the best portfolio without contracts."""
    every = np.ones(seen.discount.size, dtype=bool)
    return Portfolio(_fractile(seen, every, seen.discount.sum() * spec.own_cost), 0.0)


def losses(spec: OwnOrRent, seen: Scenarios, portfolio: Portfolio) -> tuple[Array, Array]:
    """Return each scenario's loss, (scenario,), and a subgradient in (K_o, K_r), (scenario, 2)."""
    early = np.arange(seen.discount.size) < spec.rent_years
    gap = seen.demand - portfolio.owned - portfolio.rented * early
    is_short = gap > 0
    value = np.where(is_short, seen.short, seen.idle)
    to_rent, to_own = seen.discount[early].sum(), seen.discount.sum()
    varying = (value * gap - spec.cheaper * seen.demand) @ seen.discount
    fixed = to_own * spec.own_cost * portfolio.owned + to_rent * spec.rent_price * portfolio.rented
    slope_own = to_own * spec.own_cost - value @ seen.discount
    slope_rent = to_rent * spec.rent_price - value[:, early] @ seen.discount[early]
    return fixed + varying, np.column_stack([slope_own, slope_rent])


def idle_cost(spec: OwnOrRent, seen: Scenarios, portfolio: Portfolio) -> float:
    """Return the mean discounted cost of what stands idle, at the cheaper price less what it earns."""
    early = np.arange(seen.discount.size) < spec.rent_years
    idle = np.maximum(portfolio.owned + portfolio.rented * early - seen.demand, 0.0)
    return float(((spec.cheaper - seen.idle) * idle @ seen.discount).mean())


def benchmark(spec: OwnOrRent, seen: Scenarios) -> float:
    """Return the mean cost of demand if all of it could be had each year at the cheaper price."""
    return float(spec.cheaper * (seen.demand @ seen.discount).mean())


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _fractile(seen: Scenarios, years: NDArray[np.bool_], cost: float) -> float:
    """Return the least k at which sum E[(b - a) 1{D <= k}] reaches sum E b - cost, inf if nowhere."""
    d = seen.discount[years]
    count = seen.demand.shape[0]
    target = float((seen.short[:, years] @ d).sum()) - cost * count
    if target <= 0:
        return 0.0
    demand = seen.demand[:, years].ravel()
    order = np.argsort(demand)
    weight = np.cumsum((((seen.short - seen.idle)[:, years]) * d).ravel()[order])
    if target > weight[-1] * (1 + 1e-12):
        return float("inf")
    return float(demand[order[min(np.searchsorted(weight, target * (1 - 1e-12)), demand.size - 1)]])
