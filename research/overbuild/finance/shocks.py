"""A shortfall of AI cash: draws of what is not known, cleared with any share of it lost, and who bears it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.finance.clearing import Cleared, clear
from overbuild.finance.network import FIRMNESS, Network

type Floats = NDArray[np.float64]

CASH = ("liquidity", "other", "ai")
HOLDERS: Mapping[str, tuple[str, ...]] = {
    "customers": ("laboratory",),
    "shareholders": ("cloud", "neocloud", "vehicle"),
    "suppliers": ("supplier",),
    "lenders": ("lender",),
}
"""Who bears a loss, by kind of node. Unpaid running costs are the suppliers' too."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """What is not known, drawn once and used at every shock.

    Attributes
    ----------
    firmness
        Shape (draw, liability): share of what is announced that is owed.
    cash
        Part of a node's money to shape (draw, node), USD million.
    costs
        Shape (node,): running costs.
    alpha, beta
        Shape (draw,): what bankruptcy leaves of outside assets and of claims.
    """

    firmness: Floats
    cash: Mapping[str, Floats]
    costs: Floats
    alpha: Floats
    beta: Floats

    @property
    def count(self) -> int:
        """Number of draws."""
        return len(self.alpha)


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
        Shape (draw, node, node).
    direct
        Shape (draw, node): fails even if all others pay.
    """

    shock: float
    cleared: Cleared
    due: Floats
    direct: NDArray[np.bool_]

    @property
    def cascade(self) -> NDArray[np.bool_]:
        """Shape (draw, node): fails because others do."""
        return self.cleared.default & ~self.direct

    @property
    def unpaid(self) -> Floats:
        """Shape (draw, node, node): claims that are not paid, row owes column."""
        return self.due * (1 - self.cleared.share)[:, :, None]


def draw(network: Network, priors: Mapping[str, Any], count: int, rng: np.random.Generator) -> Drawn:
    """Draw firmness, cash and what bankruptcy leaves.

    Cash is lognormal with its stated value as the median, wider where an assumption enters. AI cash of the
    nodes has a common part, with ``cash_common`` its share of the variance; all else is independent. Firmness
    of debt is 1. ``priors`` are those of ``contagion`` by short name.
    """
    alpha, beta = (rng.beta(*priors[n], size=count) for n in ("outside_left", "claims_left"))
    firmness = np.ones((count, len(network.liabilities)))
    for k, v in enumerate(network.liabilities):
        if v.firmness != FIRMNESS[-1]:
            firmness[:, k] = rng.beta(*priors[f"firmness_{v.firmness}"], size=count)
    cash = {}
    for part in CASH:
        assumed = [getattr(n, part).assumed for n in network.nodes]
        spread = np.where(assumed, priors["cash_assumed"], priors["cash_filed"])
        common = priors["cash_common"] if part == "ai" else 0.0
        z = np.sqrt(common) * rng.standard_normal((count, 1))
        z = z + np.sqrt(1 - common) * rng.standard_normal((count, len(network.nodes)))
        cash[part] = network.money(part) * np.exp(spread * z)
    return Drawn(firmness, cash, network.money("costs"), alpha, beta)


def amounts(
    network: Network, drawn: Drawn, shock: float, *, backed: bool = True, full_pace: bool = False
) -> Floats:
    """Return what is owed on each liability, shape (draw, liability); see `cleared`."""
    lease = np.array([v.backed for v in network.liabilities], bool)
    due = np.array([v.full_pace if full_pace else v.due for v in network.liabilities])
    return drawn.firmness * due * np.where(lease & (not backed), 1 - shock, 1.0)


def cleared(
    network: Network,
    drawn: Drawn,
    shock: float,
    *,
    bankruptcy: bool = True,
    backed: bool = True,
    full_pace: bool = False,
) -> Shocked:
    """Clear the network with a share of AI cash lost.

    Parameters
    ----------
    network, drawn
        Who owes whom, and the draws.
    shock
        Share of every node's AI cash that does not come in, between 0 and 1.
    bankruptcy
        Whether bankruptcy costs anything; otherwise alpha = beta = 1.
    backed
        Whether sponsors stand behind their vehicles; otherwise one pays its lease only for the part of AI
        cash that is left.
    full_pace
        Whether every contract has begun in full, with the cash of this year.
    """
    assets = drawn.cash["liquidity"] + drawn.cash["other"] + (1 - shock) * drawn.cash["ai"]
    due = network.matrix(amounts(network, drawn, shock, backed=backed, full_pace=full_pace))
    left = (drawn.alpha, drawn.beta) if bankruptcy else (1.0, 1.0)
    made = clear(assets, due, drawn.costs, *left)
    full = assets + due.sum(axis=1) - drawn.costs
    direct = made.default & (full < due.sum(axis=2))
    return Shocked(shock, made, due, direct)


def losses(network: Network, before: Shocked, after: Shocked) -> dict[str, Floats]:
    r"""Return who bears what a shock takes, USD million, shape (draw,) each.

    A holder loses what its nodes are left with less: equity of owners, receipts of lenders, receipts and
    running costs of suppliers. Claims between nodes cancel, so that the losses add up to what is lost,

    .. math:: \sum_h \text{loss}_h = x \sum_i \text{ai}_i + \Delta \text{ destroyed by bankruptcy}.
    """
    fall = before.cleared.equity - after.cleared.equity
    made = {h: fall[:, list(network.of_kind(*kinds))].sum(axis=1) for h, kinds in HOLDERS.items()}
    made["suppliers"] = made["suppliers"] + (before.cleared.costs_paid - after.cleared.costs_paid).sum(axis=1)
    return made


def destroyed(before: Shocked, after: Shocked) -> Floats:
    """Return what more is lost in bankruptcies than without a shock, shape (draw,)."""
    return (after.cleared.destroyed - before.cleared.destroyed).sum(axis=1)
