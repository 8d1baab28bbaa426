"""A shortfall of AI cash: what buyers cancel, what markets no longer lend, what is then paid, who loses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overbuild.finance.clearing import Cleared, clear
from overbuild.finance.contagion_draws import Drawn, Floats
from overbuild.finance.network import FIRMNESS, Network

HOLDERS: Mapping[str, tuple[str, ...]] = {
    "laboratories": ("laboratory",),
    "shareholders": ("cloud", "neocloud", "vehicle"),
    "suppliers": ("supplier",),
    "lenders": ("lender",),
}
"""Who bears a loss, by kind of node: owners, and of lenders what they are repaid. Unpaid running costs are
the suppliers' too."""


@dataclass(frozen=True)
class Setting:
    """What is taken to hold while a shock is cleared; the defaults are the base.

    Attributes
    ----------
    bankruptcy
        Whether bankruptcy costs anything; otherwise alpha = beta = 1.
    delivered
        Whether sites that are being built are delivered, so that their vehicles and sponsors pay.
    backed
        Whether sponsors stand behind their vehicles; otherwise one pays its lease only for the part of AI
        cash that is left.
    full_pace
        Whether every contract has begun in full, with the cash of this year.
    lending, refinancing
        Share of new loans, and of maturing debt, that markets still give once there is a shock; None: as
        drawn, falling with it.
    all_cancelled
        Whether a shock of any size cancels all that is not firm.
    """

    bankruptcy: bool = True
    delivered: bool = False
    backed: bool = True
    full_pace: bool = False
    lending: float | None = None
    refinancing: float | None = None
    all_cancelled: bool = False


BASE = Setting()


@dataclass(frozen=True, eq=False)
class Shocked:
    """One shock, cleared.

    Attributes
    ----------
    shock
        Share of AI cash that is lost.
    cleared
        Payments and what follows.
    due
        Shape (draw, node, node): what is owed after cancellations.
    cancelled
        Shape (draw, liability): what buyers cancelled.
    costs
        Shape (draw, node): running costs, of what is delivered and others, with investment not lent for.
    called
        Shape (draw, node): cash that markets no longer give; against it stands an asset or a repaid debt.
    repaid
        Shape (draw, node): principal that a creditor is owed because it is not refinanced.
    saved
        Shape (draw, node): costs of what was cancelled.
    uninvested
        Shape (draw, node): investment that the node cancelled; it keeps the cash and has no asset.
    direct
        Shape (draw, node): fails even if all others pay what they owe.
    alone
        Shape (draw, node): fails even if all others pay, and cancel nothing.
    """

    shock: float
    cleared: Cleared
    due: Floats
    cancelled: Floats
    costs: Floats
    called: Floats
    repaid: Floats
    saved: Floats
    uninvested: Floats
    direct: NDArray[np.bool_]
    alone: NDArray[np.bool_]

    @property
    def cascade(self) -> NDArray[np.bool_]:
        """Shape (draw, node): fails because others do not pay."""
        return self.cleared.default & ~self.direct

    @property
    def by_cancellation(self) -> NDArray[np.bool_]:
        """Shape (draw, node): fails because others cancel, though all pay what they then owe."""
        return self.direct & ~self.alone

    @property
    def unpaid(self) -> Floats:
        """Shape (draw, node, node): claims that are not paid, row owes column."""
        return self.due * (1 - self.cleared.share)[:, :, None]


@dataclass(frozen=True, eq=False)
class Owed:
    """What is scheduled and what of it is cancelled, shape (draw, liability), USD million."""

    scheduled: Floats
    cancelled: Floats

    @property
    def due(self) -> Floats:
        """What is owed."""
        return self.scheduled - self.cancelled


def amounts(network: Network, drawn: Drawn, shock: float, setting: Setting = BASE) -> Owed:
    r"""Return what falls due on each liability, before what is refinanced.

    Without a shock the whole schedule :math:`D` is owed. A shock takes a share x of the demand that orders
    were placed for; it falls on firm orders and others alike, and those of the orders hit that are not firm
    are cancelled,

    .. math:: \text{cancelled} = (1 - f) x D,

    which is nothing without a shock, all that is not firm when all demand goes, and less than a buyer who
    cancels whatever it may (``all_cancelled``: :math:`(1 - f) D`). Debt is not cancelled.
    """
    listed = network.liabilities
    due = np.array([v.full_pace if setting.full_pace else v.due for v in listed])
    scheduled = due * drawn.scale
    for k, v in enumerate(listed):
        if v.capitalised and not setting.delivered:
            scheduled[:, k] = 0.0
        elif v.backed and not setting.backed:
            scheduled[:, k] *= 1 - shock
    lost = float(shock > 0) if setting.all_cancelled else shock
    order = np.array([v.firmness != FIRMNESS[-1] for v in listed])
    return Owed(scheduled, np.where(order, (1 - drawn.firmness) * lost * scheduled, 0.0))


def cleared(network: Network, drawn: Drawn, shock: float, setting: Setting = BASE) -> Shocked:
    r"""Clear the network with a share of AI cash lost.

    Of new loans, and of debt that matures, markets give the share :math:`o = 1 - w x` with w drawn between 0
    and 1: lending follows the cash that it is lent against, at most in proportion. A node then needs cash for
    committed investment and for deliveries that were to be lent for, and for principal that was to be
    refinanced (``called``). Running costs are :math:`c_i + u_i \sum_k d_k`, with d what it delivers.

    Parameters
    ----------
    network, drawn
        Who owes whom, and the draws.
    shock
        Share of every node's AI cash that does not come in, between 0 and 1.
    setting
        What is taken to hold.
    """
    given = amounts(network, drawn, shock, setting)
    lending, refinancing = (
        (1 - drawn.closing * shock) if s is None or shock == 0 else np.full(drawn.count, s)
        for s in (setting.lending, setting.refinancing)
    )
    listed = network.liabilities
    lent = given.due * np.array([bool(v.lent) for v in listed])
    loans = lent * np.where([v.lent == "committed" for v in listed], 1.0, lending[:, None])
    loans_before = given.scheduled * np.array([bool(v.lent) for v in listed])
    principal = np.array([v.principal for v in listed])
    rolled = principal * refinancing[:, None]
    due = network.matrix(given.due - rolled)
    to_seller = network.owed_to(given.cancelled)
    sold = network.owed_to(given.scheduled * np.array([v.firmness != FIRMNESS[-1] for v in listed]))
    saved = drawn.unit_cost * to_seller
    investment = drawn.committed[:, None] * network.money("capex") * (1 - lending[:, None])
    costs = drawn.costs + drawn.unit_cost * sold - saved + investment
    assets = drawn.cash["liquidity"] + drawn.cash["other"] + (1 - shock) * drawn.cash["ai"]
    assets = assets + network.owed_by(loans)
    left = (drawn.alpha, drawn.beta) if setting.bankruptcy else (1.0, 1.0)
    made = clear(assets, due, costs, *left)
    owed = network.owed_by(given.due - rolled)
    full = assets + network.owed_to(given.due - rolled) - costs
    direct = made.default & (full < owed)
    alone = direct & (full + to_seller - saved < owed)
    not_rolled = principal - rolled
    called = investment + network.owed_by(loans_before - loans + not_rolled)
    uninvested = network.owed_by(given.cancelled * np.array([v.investment for v in listed]))
    return Shocked(
        shock, made, due, given.cancelled, costs, called, network.owed_to(not_rolled), saved, uninvested,
        direct, alone,
    )  # fmt: skip


def losses(network: Network, before: Shocked, after: Shocked) -> dict[str, Floats]:
    r"""Return who bears what a shock takes, USD million, shape (draw,) each.

    A holder loses what its nodes are left with less: cash of owners, receipts of lenders, receipts after the
    costs of what is sold of suppliers, and running costs unpaid. Cash that markets no longer give is no loss
    to the owners of a node that pays all, since it has an asset or less debt for it; investment that it
    cancels is no gain, since it has cash and not the asset; principal that is repaid is no gain to a lender.
    Claims between nodes cancel, so that the losses add up,

    .. math::
        \sum_h \text{loss}_h = x \sum_i \text{ai}_i - \text{saved} + \Delta \text{ destroyed}
        + \sum_{i \text{ fails}} \text{called}_i + \sum_{i \text{ pays}} \text{uninvested}_i .
    """
    fall = falls(before, after)
    made = {h: fall[:, list(network.of_kind(*kinds))].sum(axis=1) for h, kinds in HOLDERS.items()}
    unpaid = [(s.costs - s.cleared.costs_paid).sum(axis=1) for s in (before, after)]
    made["suppliers"] = made["suppliers"] + unpaid[1] - unpaid[0]
    return made


def falls(before: Shocked, after: Shocked) -> Floats:
    """Return what each node is left with less, shape (draw, node), USD million; see `losses`."""
    fall = before.cleared.equity - after.cleared.equity
    exchanged = after.called - before.called - after.uninvested
    fall = fall - np.where(after.cleared.default, 0.0, exchanged)
    return fall + after.repaid - before.repaid


def landed(network: Network, drawn: Drawn, shock: float) -> dict[str, Floats]:
    """Return the AI cash that each holder's own nodes lose, shape (draw,): the shock before any claim."""
    lost = shock * drawn.cash["ai"]
    return {h: lost[:, list(network.of_kind(*kinds))].sum(axis=1) for h, kinds in HOLDERS.items()}


def destroyed(before: Shocked, after: Shocked) -> Floats:
    """Return what more is lost in bankruptcies than without a shock, shape (draw,)."""
    return (after.cleared.destroyed - before.cleared.destroyed).sum(axis=1)


def sunk(before: Shocked, after: Shocked) -> Floats:
    """Return what nodes that fail could not fund, shape (draw,): lost beyond the cash of the year."""
    return np.where(after.cleared.default, after.called - before.called, 0.0).sum(axis=1)
