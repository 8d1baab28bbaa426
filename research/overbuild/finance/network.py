"""Who owes whom within a year: nodes, liabilities and how firm they are, what sellers put into buyers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from overbuild.errors import InputError

FIRMNESS = ("take_or_pay", "framework", "memorandum", "debt")
"""Classes of a liability, the firmest of contracts first; debt is owed in full."""
KINDS = ("laboratory", "cloud", "neocloud", "supplier", "vehicle", "lender")
PARTS = ("liquidity", "other", "ai", "costs", "capex", "unit_cost")
"""Money of a node: at hand; from outside the network and not from AI; from outside for AI; running costs that
do not move with sales; investment beyond the orders in the network; costs of what it sells over its price."""
LENT = ("", "open", "committed")
"""How an order is paid: with cash, by loans that markets give on delivery, by loans committed before."""


@dataclass(frozen=True)
class Amount:
    """A sum, USD million, whether an assumption enters it, and where it comes from."""

    value: float = 0.0
    assumed: bool = False
    origin: str = ""


@dataclass(frozen=True)
class Node:
    """A firm, a vehicle or a group of lenders.

    Attributes
    ----------
    name, kind
        ``kind`` is one of `KINDS`.
    liquidity, other, ai, costs, capex, unit_cost
        As `PARTS` says, over the year; costs are paid before every liability.
    """

    name: str
    kind: str
    liquidity: Amount = Amount()
    other: Amount = Amount()
    ai: Amount = Amount()
    costs: Amount = Amount()
    capex: Amount = Amount()
    unit_cost: Amount = Amount()


@dataclass(frozen=True)
class Liability:
    """What one node owes another within the year.

    Attributes
    ----------
    debtor, creditor
        Names of nodes.
    firmness
        One of `FIRMNESS`.
    headline, due
        USD million: as announced, and the part that is scheduled for the year.
    begun
        Share of the contract's yearly mean that this year brings; ``due / begun`` is its full pace.
    principal
        The part of ``due`` that is repayment, and refinanced as long as markets do.
    lent
        One of `LENT`.
    investment
        Whether it buys an asset that outlives the year, and no service.
    capitalised
        Whether it serves a site that is being built, and interest is drawn from the loan until delivery.
    rows
        Rows of the contract table, or ``series of entity``, that make it.
    assumed
        Whether the amount due holds an assumption (a term, a share begun, a rate, a value).
    grade
        The weakest grade of its rows; empty without one.
    reason
        Of the assumptions.
    backed
        Whether it is the lease by which a sponsor stands behind the debt of its vehicle.
    """

    debtor: str
    creditor: str
    firmness: str
    headline: float
    due: float
    rows: tuple[str, ...] = ()
    assumed: bool = True
    grade: str = ""
    reason: str = ""
    backed: bool = False
    begun: float = 1.0
    principal: float = 0.0
    lent: str = ""
    capitalised: bool = False
    investment: bool = False

    @property
    def deal(self) -> str:
        """Name of the deal that it stands or falls with: its first row."""
        return self.rows[0] if self.rows else f"{self.debtor} to {self.creditor}"

    @property
    def full_pace(self) -> float:
        """What a year of the whole contract brings, USD million."""
        return self.due / self.begun if self.begun > 0 else self.due

    @property
    def on_prior(self) -> bool:
        """Whether anything but filed or announced figures (grades A and B) decides what is paid."""
        return self.assumed or self.firmness != "debt" or self.grade not in ("A", "B")


@dataclass(frozen=True)
class Financing:
    """What a seller says that it puts into a buyer within the year: USD million."""

    provider: str
    user: str
    firmness: str
    amount: float
    rows: tuple[str, ...] = ()
    assumed: bool = True
    reason: str = ""

    @property
    def deal(self) -> str:
        """Name of the deal that it stands or falls with: its first row."""
        return self.rows[0] if self.rows else f"{self.provider} into {self.user}"


@dataclass(frozen=True)
class Network:
    """Nodes and what they owe one another.

    Attributes
    ----------
    nodes, liabilities, financing
        Several liabilities may stand between two nodes.
    left_out
        ``debtor to creditor: why`` of liabilities that are in the file and not used.

    Raises
    ------
    InputError
        With every fault: a name twice, an unknown node, class or kind, a liability to oneself, a negative or
        infinite amount.
    """

    nodes: tuple[Node, ...]
    liabilities: tuple[Liability, ...]
    financing: tuple[Financing, ...] = ()
    left_out: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        found = faults(self.nodes, self.liabilities, self.financing)
        if found:
            raise InputError("\n".join(found))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the nodes, in order."""
        return tuple(n.name for n in self.nodes)

    def index(self, name: str) -> int:
        """Return the place of a node."""
        return self.names.index(name)

    def of_kind(self, *kinds: str) -> tuple[int, ...]:
        """Return the places of the nodes of some kinds."""
        return tuple(i for i, n in enumerate(self.nodes) if n.kind in kinds)

    def money(self, part: str) -> NDArray[np.float64]:
        """Return one of `PARTS` of every node, shape (node,)."""
        return np.array([getattr(n, part).value for n in self.nodes])

    def matrix(self, amounts: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """Return the liabilities as a matrix, row owes column.

        Parameters
        ----------
        amounts
            Shape (draw, liability); None: what is scheduled.

        Returns
        -------
        numpy.ndarray
            Shape (draw, node, node), or (node, node).
        """
        given = np.array([[v.due for v in self.liabilities]]) if amounts is None else amounts
        made = np.zeros((len(given), len(self.nodes), len(self.nodes)))
        place = {n: i for i, n in enumerate(self.names)}
        ends = [(place[v.debtor], place[v.creditor]) for v in self.liabilities]
        _fill(np.ascontiguousarray(given), np.array(ends, dtype=np.int64).reshape(-1, 2), made)
        return made[0] if amounts is None else made

    def owed_by(self, amounts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sum over each node's liabilities of amounts (draw, liability): shape (draw, node)."""
        return self._sum(amounts, [v.debtor for v in self.liabilities])

    def owed_to(self, amounts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sum over each node's claims of amounts (draw, liability): shape (draw, node)."""
        return self._sum(amounts, [v.creditor for v in self.liabilities])

    def _sum(self, amounts: NDArray[np.float64], ends: list[str]) -> NDArray[np.float64]:
        place = {n: i for i, n in enumerate(self.names)}
        made = np.zeros((len(amounts), len(self.nodes)))
        _gather(np.ascontiguousarray(amounts), np.array([place[e] for e in ends], dtype=np.int64), made)
        return made

    @property
    def share_on_priors(self) -> float:
        r"""Return the share of liabilities that rests on a prior or an assumption.

        :math:`1 - \sum_{l \in F} d_l / \sum_l d_l`, with :math:`d_l` what is scheduled and F the
        liabilities that no prior on firmness scales, whose amount holds no assumption, and whose rows are
        all of grade A or B.
        """
        return _share([v.due for v in self.liabilities], [v.on_prior for v in self.liabilities])

    @property
    def share_assumed(self) -> float:
        """Return the share whose amount due holds an assumption or a grade below B, firmness apart."""
        weak = [v.assumed or v.grade not in ("A", "B") for v in self.liabilities]
        return _share([v.due for v in self.liabilities], weak)

    @property
    def cash_assumed(self) -> float:
        """Return the share of the nodes' money, costs included, that an assumption enters."""
        every = [getattr(n, p) for n in self.nodes for p in PARTS[:-1]]
        return _share([a.value for a in every], [a.assumed for a in every])

    @property
    def nodes_assumed(self) -> tuple[str, ...]:
        """Return the nodes whose money an assumption enters."""
        return tuple(n.name for n in self.nodes if any(getattr(n, p).assumed for p in PARTS))


@njit(cache=True)
def _fill(given: Any, ends: Any, made: Any) -> None:
    for d in range(given.shape[0]):
        for k in range(given.shape[1]):
            made[d, ends[k, 0], ends[k, 1]] += given[d, k]


@njit(cache=True)
def _gather(given: Any, ends: Any, made: Any) -> None:
    for d in range(given.shape[0]):
        for k in range(given.shape[1]):
            made[d, ends[k]] += given[d, k]


def faults(
    nodes: tuple[Node, ...], liabilities: tuple[Liability, ...], financing: tuple[Financing, ...]
) -> list[str]:
    """Return what is wrong with a network, a sentence a fault."""
    found, names = [], [n.name for n in nodes]
    listed = ", ".join(names) or "none"
    found += [f"The node '{n}' is named twice." for n in sorted({n for n in names if names.count(n) > 1})]
    for n in nodes:
        if n.kind not in KINDS:
            found.append(f"Node '{n.name}' is of kind '{n.kind}'; expected one of {', '.join(KINDS)}.")
        for part in PARTS:
            value = getattr(n, part).value
            if not (np.isfinite(value) and value >= 0):
                found.append(f"Node '{n.name}': {part} is {value:g}; expected USD million, 0 or more.")
        if n.unit_cost.value > 1:
            found.append(f"Node '{n.name}': unit_cost is {n.unit_cost.value:g}; expected a share, at most 1.")
    ties = [(v.debtor, v.creditor, v.firmness, v.due) for v in liabilities]
    ties += [(v.provider, v.user, v.firmness, v.amount) for v in financing]
    for one, other, firmness, amount in ties:
        what = f"'{one}' to '{other}'"
        found += [f"{what}: there is no node '{n}'. Nodes: {listed}." for n in (one, other) if n not in names]
        if one == other:
            found.append(f"{what}: a node cannot owe itself; take the line out.")
        if firmness not in FIRMNESS:
            found.append(f"{what}: class '{firmness}' is not known; expected one of {', '.join(FIRMNESS)}.")
        if not (np.isfinite(amount) and amount >= 0):
            found.append(f"{what}: {amount:g} is due; expected USD million, 0 or more.")
    return found


def _share(due: list[float], counted: list[bool]) -> float:
    total = sum(due)
    return sum(d for d, c in zip(due, counted, strict=True) if c) / total if total else 0.0
