r"""Cash flows of a contract: month by month, and in the annual convention of simple valuations.

Month :math:`t` ends :math:`t` months after the start. Tranche :math:`k` is due in month :math:`m_k` and
accepted in :math:`b_k = m_k + \text{delay}_k`. Equipment and shell are paid before :math:`m_k`, whether or
not the tranche is late; its payments run from :math:`b_k + 1` for the term:

.. math:: C_t = R_t A - \text{credit}_t - \text{opex}_t,
   \qquad U_t = C_t + \text{prepayment}_t - G_t - X_t + \text{residual}_t .

If the buyer fails, he prepays nothing more, and a tranche earns nothing for a void and then the market's
price; the rest of its payments, net of credits not yet given, is a claim of which a share is recovered. The
seller goes on building what he has contracted for: whether he would stop is not modelled. If the buyer ends a
late tranche, its prepayment goes back and it is let, after the void, at the market's price of that day. Idle
equipment has no running cost. If the seller fails to build, tranches from some number on are not delivered,
their prepayment is not received and their equipment is sold at once. At the end of the term a buyer who has a
right to extend uses it where the market is dearer than the strike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.finance.contract import DELIVERY, FIXED, Contract
from overbuild.finance.contract_kernel import (
    COMPONENTS,
    CREDIT,
    MARKET_RENT,
    OPEX,
    RENEWAL,
    RESIDUAL,
    REVENUE,
    SHELL_RECOVERED,
    fill,
)

NEVER = 1e9
"""Month of a failure that does not happen."""
MOST_DELAY = 24
"""Months by which a tranche can be later in draws than in the file."""


@dataclass(frozen=True, eq=False)
class Course:
    """What happens, draw by draw; every array has shape (draw,) unless stated.

    Attributes
    ----------
    delay
        Months by which each tranche is late, shape (draw, tranche), whole numbers.
    availability, residual, opex
        Share of hours delivered; share of the equipment's cost at the end of the term; factor on running
        cost.
    price_early, price_end
        Market price relative to the contract's when the last tranche is due, and at the end of the term.
    default
        Month in which the buyer fails; `NEVER` if he does not.
    recovery
        Share of a claim on a failed buyer that is paid.
    built
        Number of tranches that are delivered.
    renewed
        Chance, or outcome, of a renewal that the seller may accept: he does where it is worth more to him, at
        his required return, than to sell at the end of the term.
    void
        Months until equipment that lost its buyer is let again.
    resale
        Share of cost for which equipment that is not installed is sold.
    switching
        Part by which the market must be below the contract's price for the buyer to end a late tranche.
    price
        Factor on the contract's price.
    forced
        Whether the seller must accept, and the buyer has no right to extend.
    """

    delay: NDArray[np.int64]
    availability: NDArray[np.float64]
    residual: NDArray[np.float64]
    opex: NDArray[np.float64]
    price_early: NDArray[np.float64]
    price_end: NDArray[np.float64]
    default: NDArray[np.float64]
    recovery: NDArray[np.float64]
    built: NDArray[np.int64]
    renewed: NDArray[np.float64]
    void: int = 6
    resale: float = 0.65
    switching: float = 0.1
    price: float = 1.0
    forced: bool = False

    @property
    def draws(self) -> int:
        """Number of draws."""
        return len(self.availability)

    @property
    def for_all(self) -> tuple[float, ...]:
        """What is the same in every draw, as the compiled functions take it."""
        return (float(self.void), self.resale, self.switching, self.price, float(self.forced))


def base_course(contract: Contract, draws: int = 1) -> Course:
    """Return the course in which nothing goes wrong: every figure is that of the file."""
    one = np.ones(draws)
    return Course(
        delay=np.tile([t.delay for t in contract.tranches], (draws, 1)),
        availability=one * contract.availability,
        residual=one * contract.equipment.residual,
        opex=one,
        price_early=one * expected_early(contract),
        price_end=one * contract.renewal.price,
        default=one * NEVER,
        recovery=one * contract.terms_of_buyer.recovery,
        built=np.full(draws, len(contract.tranches)),
        renewed=one * contract.renewal.probability,
    )


def expected_early(contract: Contract) -> float:
    """Return the market price, relative to the contract's, that is expected when the last tranche is due."""
    last = contract.last_due
    part = last / (last + contract.term)
    return contract.renewal.price_now ** (1 - part) * contract.renewal.price**part


def ended(contract: Contract, course: Course) -> NDArray[np.bool_]:
    """Return which tranches the buyer ends for lateness, shape (draw, tranche)."""
    if contract.grace is None:
        return np.zeros(course.delay.shape, dtype=bool)
    accepted = np.array([t.month for t in contract.tranches]) + course.delay
    cheaper = course.price_early < (1 - course.switching) * course.price
    built = np.arange(len(contract.tranches)) < course.built[:, None]
    kept = course.default[:, None] >= accepted
    return (course.delay > contract.grace) & built & kept & cheaper[:, None]


def horizon(contract: Contract, delay: int = MOST_DELAY, void: int = 6) -> int:
    """Return the number of months, month 0 included, that cover every course with delays up to ``delay``."""
    latest = contract.last_due + max(delay, *(t.delay for t in contract.tranches))
    ends = latest + contract.term + void + contract.renewal.months
    return max(ends, *(m.maturity for m in contract.loans), 0) + 1


def packed(contract: Contract) -> tuple[Any, ...]:
    """Return the contract as the arrays and numbers that the compiled functions take."""
    tranches = contract.tranches
    due = np.array([t.month for t in tranches])
    length = np.full(len(due), contract.term)
    if contract.runs_from != DELIVERY:
        length = contract.term - due
    weights = np.array(contract.prepayment.credit, dtype=float)
    months = np.clip(length.min() - 12 * np.arange(len(weights)), 0, 12)
    credit = np.repeat(weights / weights.sum() / np.maximum(months, 1), months)
    life_left = contract.equipment.life - contract.term
    after = max(life_left - contract.renewal.months, 0) / life_left if life_left > 0 else 0.0
    return (
        np.array([t.share for t in tranches]),
        due,
        length,
        credit,
        np.array(
            [
                contract.value,
                contract.prepayment.share,
                contract.equipment.cost,
                contract.shell.cost,
                contract.shell.recovered,
                contract.opex.amount,
                after,
                (1 + contract.required) ** (-1 / 12),
                np.inf if contract.renewal.strike is None else contract.renewal.strike,
            ]
        ),
        np.array(
            [
                contract.prepayment.lead,
                contract.equipment.lead,
                contract.shell.lead,
                contract.renewal.months,
                contract.runs_from == DELIVERY,
                contract.opex.basis == FIXED,
                -1 if contract.grace is None else contract.grace,
                contract.last_due,
            ]
        ),
    )


def available(made: NDArray[np.float64], *, sold: bool = True) -> NDArray[np.float64]:
    """Return the cash available for debt service, of parts (component, ..., month), without the first axis.

    With ``sold``, what equipment and shell bring at the end counts.
    """
    operating = made[REVENUE] + made[MARKET_RENT] + made[CREDIT] + made[OPEX] + made[RENEWAL]
    return operating + made[RESIDUAL] + made[SHELL_RECOVERED] if sold else operating


def built_share(contract: Contract, course: Course) -> NDArray[np.float64]:
    """Return the share of the contract that is delivered, shape (draw,)."""
    total = np.concatenate([[0.0], np.cumsum([t.share for t in contract.tranches])])
    return total[course.built]


def annual(
    contract: Contract,
    *,
    shell: bool = True,
    prepayment: bool = True,
    residual: float | None = None,
) -> NDArray[np.float64]:
    r"""Return the flow in the annual convention, USD billion, shape (year + 1,).

    .. math:: F_0 = -(G + X) + \pi V, \quad F_t = R - O_t - w_t \pi V, \quad F_n \mathrel{+}= \rho G + \xi X

    All is paid at once and payments come at the ends of years, in full: no tranches, delays or hours lost.
    The price is multiplied by changing ``contract.value``.

    Parameters
    ----------
    contract
        The contract; its term must be whole years.
    shell, prepayment
        Whether they are counted.
    residual
        Share of the equipment's cost at the end; None: that of the contract.
    """
    years = contract.years
    weights = np.zeros(years)
    given = np.array(contract.prepayment.credit, dtype=float)
    weights[: len(given)] = given / given.sum()
    advance = contract.prepayment.share * contract.value if prepayment else 0.0
    building = contract.shell.cost if shell else 0.0
    amount = contract.opex.amount
    running = amount if contract.opex.basis == FIXED else amount * contract.a_year
    flow = np.zeros(years + 1)
    flow[0] = advance - contract.equipment.cost - building
    flow[1:] = contract.a_year - running - advance * weights
    left = contract.equipment.residual if residual is None else residual
    flow[-1] += left * contract.equipment.cost + contract.shell.recovered * building
    return flow


def components(contract: Contract, course: Course, months: int | None = None) -> NDArray[np.float64]:
    """Return the parts of the unlevered flow, shape (component, draw, month), USD billion."""
    months = months or horizon(contract, int(course.delay.max()), course.void)
    out = np.zeros((course.draws, len(COMPONENTS), months))
    pack = packed(contract)
    for i in range(course.draws):
        fill(out[i], *pack, *course_row(course, i))
    return out.transpose(1, 0, 2)


def course_row(course: Course, i: int) -> tuple[Any, ...]:
    """Return one draw as the compiled function takes it."""
    return (
        course.delay[i],
        course.availability[i],
        course.residual[i],
        course.opex[i],
        course.price_early[i],
        course.price_end[i],
        course.default[i],
        course.recovery[i],
        course.built[i],
        course.renewed[i],
        course.for_all,
    )
