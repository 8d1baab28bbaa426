"""Draws of what is not known of the web: firmness by deal, amounts, cash, costs, what markets lend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr
from scipy.stats import beta as beta_distribution

from overbuild.finance.network import FIRMNESS, Network

type Floats = NDArray[np.float64]

CASH = ("liquidity", "other", "ai")


@dataclass(frozen=True, eq=False)
class Drawn:
    """What is not known, drawn once and used at every shock.

    Attributes
    ----------
    firmness
        Shape (draw, liability): share of an order that cannot be cancelled.
    scale
        Shape (draw, liability): factor of mean 1 on an amount that holds an assumption.
    invested
        Shape (draw, financing): share of what a seller said it would put in that it does.
    cash
        Part of a node's money to shape (draw, node), USD million.
    costs, unit_cost
        Shape (draw, node): running costs that do not move, and costs of what is delivered over its price.
    committed
        Shape (draw,): share of capital expenditure beyond orders that cannot be stopped.
    closing
        Shape (draw,): fall of new loans and of refinancing over the fall of AI cash.
    alpha, beta
        Shape (draw,): what bankruptcy leaves of outside assets and of claims.
    """

    firmness: Floats
    scale: Floats
    invested: Floats
    cash: Mapping[str, Floats]
    costs: Floats
    unit_cost: Floats
    committed: Floats
    closing: Floats
    alpha: Floats
    beta: Floats

    @property
    def count(self) -> int:
        """Number of draws."""
        return len(self.alpha)


def draw(
    network: Network,
    priors: Mapping[str, Any],
    count: int,
    rng: np.random.Generator,
    *,
    common: float | None = None,
) -> Drawn:
    r"""Draw everything that is not known.

    With z common to all and e one's own, each standard normal, a sum m is
    :math:`m \exp(s y - s^2 / 2)`, :math:`y = \sqrt\rho z + \sqrt{1 - \rho} e`, whose mean is m, and firmness
    is the quantile of its Beta at :math:`\Phi(y)`. The share :math:`\rho` is ``cash_common`` for AI cash and
    ``common`` for firmness and all other cash: in a bad state contracts bend as cash falls. There is
    one draw of firmness a deal: liabilities and investments that name the same first row stand or fall
    together.

    Parameters
    ----------
    network, priors
        Who owes whom; the priors of ``contagion`` by short name.
    count, rng
        Draws, and the source of random numbers.
    common
        Instead of the prior ``common``: for AI cash too, where it is larger than ``cash_common``.
    """
    shared = priors["common"] if common is None else common
    alpha, left = (rng.beta(*priors[n], size=count) for n in ("outside_left", "claims_left"))
    committed, closing = (rng.beta(*priors[n], size=count) for n in ("capex_committed", "closing"))
    z, nodes = rng.standard_normal((count, 1)), len(network.nodes)

    def state(rho: float, shape: int) -> Floats:
        return np.sqrt(rho) * z + np.sqrt(1 - rho) * rng.standard_normal((count, shape))

    deals = [v.deal for v in (*network.liabilities, *network.financing)]
    place = {d: k for k, d in enumerate(dict.fromkeys(deals))}
    u = ndtr(state(shared, len(place)))
    classes = [v.firmness for v in (*network.liabilities, *network.financing)]
    firm = np.ones((count, len(deals)))
    for k, (deal, name) in enumerate(zip(deals, classes, strict=True)):
        if name != FIRMNESS[-1]:
            firm[:, k] = beta_distribution.ppf(u[:, place[deal]], *priors[f"firmness_{name}"])
    cash = {}
    for part in CASH:
        assumed = [getattr(n, part).assumed for n in network.nodes]
        spread = np.where(assumed, priors["cash_assumed"], priors["cash_filed"])
        rho = max(priors["cash_common"], shared) if part == "ai" else shared
        cash[part] = network.money(part) * _around_one(spread, state(rho, nodes))
    own = rng.standard_normal((2, count, nodes))
    costs, unit = (
        network.money(p) * _around_one(priors["cost_spread"], e)
        for p, e in zip(("costs", "unit_cost"), own, strict=True)
    )
    drawn = [v.assumed and v.firmness != FIRMNESS[-1] for v in network.liabilities]
    spread = np.where(drawn, priors["amount_assumed"], 0.0)
    scale = _around_one(spread, rng.standard_normal((count, len(drawn))))
    many = len(network.liabilities)
    return Drawn(
        firm[:, :many], scale, firm[:, many:], cash, costs, np.minimum(unit, 1.0), committed, closing, alpha,
        left,
    )  # fmt: skip


def fewer(drawn: Drawn, count: int) -> Drawn:
    """Return the first draws."""
    arrays = {n: getattr(drawn, n)[:count] for n in Drawn.__dataclass_fields__ if n != "cash"}
    return replace(drawn, **arrays, cash={p: v[:count] for p, v in drawn.cash.items()})


def _around_one(spread: Any, normal: Floats) -> Floats:
    """Return a lognormal of mean 1."""
    return np.exp(spread * normal - np.square(spread) / 2)
