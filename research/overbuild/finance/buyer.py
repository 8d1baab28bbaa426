r"""The buyer's side: to rent under the contract, or to own the same capacity; and what his options are worth.

Owning costs him what the seller is assumed to pay for equipment, shell and operation, at his own cost of
capital, less what both bring at the end of the term. A renter holds neither at the end: he may walk away. A
right to extend at strike :math:`K` is worth, each month of the extension, the discounted :math:`E[\max(P - K,
0)]`, and to be free rather than bound to extend at :math:`K` the discounted :math:`E[\max(K - P, 0)]`, where
:math:`P` is the market price at the end of the term. With a lognormal :math:`P` of mean :math:`F` both have
the closed form of Black (1976), Journal of Financial Economics 3, 167-179. Here :math:`F` is an expectation
and the discount rate his cost of capital, and not the forward price and the riskless rate of Black: the worth
is an expected saving discounted, and no price that arbitrage enforces.

Rent that is owed whatever happens displaces debt, and is then to be discounted at the cost of debt; what
owning costs and brings later is as risky as the business. `rent_or_own` takes a rate for each. Taxes are left
out: the shield of interest and the early write-off of what is owned speak for owning.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from math import log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from overbuild.finance.cash_flow import Course, base_course, components, ended
from overbuild.finance.contract import DELIVERY, Contract
from overbuild.finance.contract_kernel import RENEWAL
from overbuild.finance.equity import flows
from overbuild.finance.returns import present_values


@dataclass(frozen=True)
class RentOrOwn:
    """What renting and owning cost over the term, present values in USD billion at the start.

    Attributes
    ----------
    cost_of_capital
        Rate a year.
    rate_of_rent
        Rate a year at which payments are discounted.
    rent, own
        Cost of either; prices per accelerator hour in USD where the count is known.
    advantage
        Cost of owning less that of renting: what the buyer gains by renting.
    """

    cost_of_capital: float
    rate_of_rent: float
    rent: float
    own: float
    advantage: float
    rent_per_hour: float | None
    own_per_hour: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain types."""
        return asdict(self)


def rent_or_own(
    contract: Contract, cost_of_capital: float | None = None, rate_of_rent: float | None = None
) -> RentOrOwn:
    """Compare renting with owning in the course in which nothing goes wrong.

    Parameters
    ----------
    contract
        The contract; what follows its term is left out.
    cost_of_capital
        The buyer's; None: that of the file.
    rate_of_rent
        At which what is paid under the contract is discounted; None: at the cost of capital too. Outlays,
        running cost and residual are always at the cost of capital.
    """
    rate = contract.terms_of_buyer.cost_of_capital if cost_of_capital is None else cost_of_capital
    of_rent = rate if rate_of_rent is None else rate_of_rent
    found = flows(contract.without("renewal", "loans"))
    v = {k: float(present_values(p, [rate])[0]) for k, p in found.parts.items()}
    paid = found.parts["prepayment"] + found.parts["revenue"] + found.parts["credit"]
    rent = float(present_values(paid, [of_rent])[0])
    own = -(v["equipment"] + v["shell"] + v["opex"] + v["residual"] + v["shell_recovered"])
    hours = hours_of(contract, found.parts["revenue"], rate)
    return RentOrOwn(
        rate,
        of_rent,
        rent,
        own,
        own - rent,
        None if hours is None else rent / hours,
        None if hours is None else own / hours,
    )


def hours_of(contract: Contract, revenue: NDArray[np.float64], rate: float) -> float | None:
    """Return the discounted accelerator hours, in billions, that payments stand for; None without a count."""
    if contract.price is None:
        return None
    return float(present_values(revenue, [rate])[0]) / contract.price


@dataclass(frozen=True)
class Option:
    """A right to extend, USD billion today.

    Attributes
    ----------
    strike, forward
        Relative to the contract's price.
    extend
        Worth of the right to extend at the strike.
    walk
        Worth of not being bound to extend at it.
    extend_exact, walk_exact
        The same in closed form.
    exercised
        Chance that it is used.
    """

    strike: float
    forward: float
    extend: float
    walk: float
    extend_exact: float
    walk_exact: float
    exercised: float


def black(forward: float, strike: float, spread: float) -> tuple[float, float]:
    r"""Return the undiscounted call and put on a lognormal price.

    .. math:: F\Phi(d_1) - K\Phi(d_2), \quad d_{1,2} = \frac{\ln(F/K) \pm s^2/2}{s}

    Parameters
    ----------
    forward
        Mean of the price.
    strike
        Price at which it may be had.
    spread
        Standard deviation of its logarithm; 0: it is known.
    """
    if spread == 0 or strike == 0:
        return max(forward - strike, 0.0), max(strike - forward, 0.0)
    d1 = log(forward / strike) / spread + spread / 2
    d2 = d1 - spread
    call = forward * norm.cdf(d1) - strike * norm.cdf(d2)
    return float(call), float(call - forward + strike)


def option(contract: Contract, prices: NDArray[np.float64], sd: float) -> Option:
    """Return what a right to extend is worth, on draws and in closed form.

    Parameters
    ----------
    contract
        The contract. Where it has no strike, one at the price expected then is taken: the right is
        hypothetical.
    prices
        Market price at the end of the term relative to the contract's, shape (draw,).
    sd
        Standard deviation of the logarithm of the market price over a year.
    """
    strike = contract.renewal.price if contract.renewal.strike is None else contract.renewal.strike
    bound = replace(contract, renewal=replace(contract.renewal, price=1.0, probability=1.0, strike=None))
    sure = replace(base_course(bound), forced=True)
    a_unit = components(bound, sure)[:, 0][RENEWAL]
    unit = float(present_values(a_unit, [contract.terms_of_buyer.cost_of_capital])[0])
    spread = sd * sqrt((contract.last_due + contract.term) / 12)
    call, put = black(contract.renewal.price, strike, spread)
    return Option(
        strike,
        contract.renewal.price,
        unit * float(np.maximum(prices - strike, 0).mean()),
        unit * float(np.maximum(strike - prices, 0).mean()),
        unit * call,
        unit * put,
        float((prices > strike).mean()),
    )


def termination(contract: Contract, course: Course) -> NDArray[np.float64]:
    """Return what the right to end a late tranche saves the buyer, USD billion today, shape (draw,).

    He ends it where he can rent the same for less than the contract's price, and does so for the same term.
    """
    saved = np.zeros(course.draws)
    left_for = ended(contract, course)
    factor = (1 + contract.terms_of_buyer.cost_of_capital) ** (-1 / 12)
    for k, tranche in enumerate(contract.tranches):
        length = contract.term if contract.runs_from == DELIVERY else contract.term - tranche.month
        begin = tranche.month + course.delay[:, k]
        left = length if contract.runs_from == DELIVERY else np.maximum(contract.term - begin, 0)
        annuity = factor ** (begin + 1) * (1 - factor**left) / (1 - factor) if factor < 1 else left
        saved += (
            left_for[:, k]
            * (course.price - course.price_early)
            * course.availability
            * contract.value
            * tranche.share
            / length
            * annuity
        )
    return saved
