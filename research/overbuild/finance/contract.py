"""A contract for computing capacity: who pays whom what and when, as a frozen specification.

Money is in USD billion, time in months from the start, rates are per year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from overbuild.core.frozen import Frozen

FIXED, SHARE = "fixed", "share"
DELIVERY, START = "delivery", "start"
LEVEL, SCULPTED, BULLET = "level", "sculpted", "bullet"


@dataclass(frozen=True)
class Figure:
    """One figure of a contract and what it rests on.

    Attributes
    ----------
    key
        Where it stands in the file: ``equipment.cost``.
    value
        As in the file.
    source
        Id of a row of ``contracts.csv``; empty if assumed.
    assumed
        Why it is assumed; empty if it was read.
    low, high
        Range of an assumption, where one is given.
    weak
        Whether the figure is no more than hearsay.
    """

    key: str
    value: object
    source: str = ""
    assumed: str = ""
    low: float | None = None
    high: float | None = None
    weak: bool = False


@dataclass(frozen=True)
class Tranche:
    """A share of the value, accepted ``delay`` months after the month in which it is due."""

    share: float
    month: int
    delay: int = 0


@dataclass(frozen=True)
class Prepayment:
    """A share of the value, paid ``lead`` months before a tranche is due.

    ``credit`` weighs the years of a tranche in which it is set off against payments, evenly within each year.
    """

    share: float = 0.0
    lead: int = 0
    credit: tuple[float, ...] = (1.0,)


@dataclass(frozen=True)
class Equipment:
    """Accelerators and what comes with them; paid ``lead`` months before a tranche is due.

    ``life`` is the useful life in months, ``residual`` the share of cost for which it sells at the end of the
    term.
    """

    cost: float
    lead: int = 0
    life: int = 60
    residual: float = 0.0


@dataclass(frozen=True)
class Shell:
    """Building and power; paid ``lead`` months before a tranche is due, ``recovered`` at the end."""

    cost: float = 0.0
    lead: int = 0
    recovered: float = 0.0


@dataclass(frozen=True)
class Opex:
    """Running cost: ``fixed`` USD billion a year, or a ``share`` of what the equipment earns."""

    basis: str
    amount: float


@dataclass(frozen=True)
class Loan:
    """A loan: drawn in month ``draw``, repaid until month ``maturity``, interest alone for some months.

    ``amortisation`` is ``level`` (equal debt service), ``sculpted`` (debt service a constant share of the
    cash available in the base case) or ``bullet``; ``day_count`` a name of `pyxirr.DayCount`.
    """

    lender: str
    amount: float
    rate: float
    draw: int
    maturity: int
    interest_only: int = 0
    amortisation: str = LEVEL
    day_count: str = "THIRTY_E_360"


@dataclass(frozen=True)
class Renewal:
    """What follows the term: for ``months`` with ``probability``, at the market price of then.

    ``price`` is that price, as expected, relative to the contract's, and ``price_now`` the market price at
    the start; both also count where the buyer fails or ends the contract. ``strike`` is the price at which
    the buyer may extend, whatever the seller wants; None: he has no such right.
    """

    months: int = 0
    price: float = 1.0
    probability: float = 0.0
    strike: float | None = None
    price_now: float = 1.0


@dataclass(frozen=True)
class Buyer:
    """The buyer: cost of capital, hazard of default a year, and the share of a claim that is recovered."""

    cost_of_capital: float
    hazard: float = 0.0
    recovery: float = 0.0


@dataclass(frozen=True)
class Contract:
    """A contract.

    Attributes
    ----------
    name, title
        Of the file.
    parties
        Id to name; `buyer`, `seller`, `supplier` and the lenders are ids.
    value
        What the buyer pays over the term, USD billion.
    start
        Day of month 0.
    term
        Months; ``runs_from`` says whether from each tranche's ``delivery`` or from the ``start``.
    availability
        Share of hours that are delivered and paid.
    gpus
        Accelerators; None if nobody says.
    min_dscr
        Least ratio of cash available to debt service that lenders allow; 0: none.
    grace
        Months by which a tranche may be late before the buyer may end it; None: he may not.
    required, required_equity
        Returns a year at which the seller's flows are discounted, before and after debt.
    leans_on
        Rows of ``contracts.csv`` from which assumptions are taken over.
    figures
        Every figure with what it rests on.
    """

    name: str
    title: str
    parties: Mapping[str, str]
    buyer: str
    seller: str
    supplier: str
    value: float
    start: date
    term: int
    tranches: tuple[Tranche, ...]
    equipment: Equipment
    opex: Opex
    terms_of_buyer: Buyer
    prepayment: Prepayment = Prepayment()
    shell: Shell = Shell()
    loans: tuple[Loan, ...] = ()
    renewal: Renewal = Renewal()
    runs_from: str = DELIVERY
    availability: float = 1.0
    gpus: float | None = None
    min_dscr: float = 0.0
    grace: int | None = None
    required: float = 0.10
    required_equity: float = 0.15
    leans_on: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parties", Frozen(self.parties))

    @property
    def a_year(self) -> float:
        """Payments of a full year, USD billion."""
        return 12 * self.value / self.term

    @property
    def years(self) -> int:
        """Whole years of the term, a begun one counted."""
        return -(-self.term // 12)

    @property
    def hours(self) -> float | None:
        """Accelerator hours of a year, in billions; None without a count."""
        return None if self.gpus is None else self.gpus * 8760 / 1e9

    @property
    def price(self) -> float | None:
        """Payments per accelerator hour, USD; None without a count."""
        return None if self.hours is None else self.a_year / self.hours

    @property
    def last_due(self) -> int:
        """Month in which the last tranche is due."""
        return max(t.month for t in self.tranches)

    @property
    def sources(self) -> tuple[str, ...]:
        """Rows of ``contracts.csv`` that it rests on, by a figure or an assumption."""
        return tuple(sorted({f.source for f in self.figures if f.source} | set(self.leans_on)))

    def without(self, *parts: str) -> Contract:
        """Return the contract without ``prepayment``, ``shell``, ``loans`` or ``renewal``."""
        ended = replace(self.renewal, months=0, probability=0.0)
        empty = {"prepayment": Prepayment(), "shell": Shell(), "loans": (), "renewal": ended}
        return replace(self, **{p: empty[p] for p in parts})
