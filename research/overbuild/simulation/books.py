"""The books of a simulation, made again outside the recursion from spending, demand and the parameters.

With K and RR the capital in use and what it must earn, of spending s quarters ago by the kernels of spending
(the recursion goes by completion), Y what demand spends at long-run cost, c the unit cost and k, b the
average price and the size of contracts:

    x = min((Y / RR)^(1 / (1 + gamma epsilon)), 1 / u*),  q = x RR / c,  b = theta q,
    p = c max(x^gamma, (Y / (c q))^(1 / epsilon)) if the price clears at full use, else c x^gamma,
    revenue = k b + p (q - b),  cash + owners' = cash before + M revenue / 4 - paid.

Every violation is relative to the level, but that of cash and debt, which is relative to what is paid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from overbuild.simulation.run import Simulated

type Array = NDArray[np.float64]


def violations(made: Simulated) -> dict[str, float]:
    """Return the largest difference of each layer from what its definition gives, on any path."""
    from overbuild.simulation.kernel import AT

    has = made.layers
    p = {n: made.prepared.params[made.draw, i] for n, i in AT.items()}
    wanted = _capital(made, p["opex"], p["share"])
    ahead = np.arange(1, has["capex"].shape[1] + 1) / 4
    fall, elastic = np.exp(-p["fall"][:, None] * ahead), 1 + p["gamma"] * p["epsilon"]
    y, required = np.exp(has["demand"]), wanted["required"]
    x = np.minimum((y / required) ** (1 / elastic)[:, None], 1 / p["normal_use"][:, None])
    served = x * required / fall
    markup = x ** p["gamma"][:, None]
    if made.view.clearing:
        markup = np.maximum(markup, (y / (served * fall)) ** (1 / p["epsilon"])[:, None])
    spot = fall * markup
    wanted |= {"use": x, "markup": markup, "served": served}
    wanted["price"] = spot * np.exp(-p["gain"][:, None] * ahead)
    wanted["value_served"] = _revenue(made, p, served, spot)
    gone = np.exp(-p["monetising"][:, None] * ahead)
    money = p["monetised"][:, None] + (p["monetised_now"] - p["monetised"])[:, None] * gone
    wanted["cover"] = money * wanted["value_served"] / required
    found = {n: float(np.max(np.abs(has[n] / v - 1))) for n, v in wanted.items()}
    return found | _cash(made, p, money * wanted["value_served"] / 4, wanted["capital"])


def _capital(made: Simulated, opex: Array, share: Array) -> dict[str, Array]:
    """Return stocks and what they must earn, of spending by quarter."""
    capex, draw = made.layers["capex"], made.draw
    kept = capex.shape[1]
    old = made.prepared.past[:, :, :, 1 : kept + 1].sum(axis=1)
    charge, book, waiting = (old[draw, k] for k in (0, 1, 4))
    by_charge, by_book, by_waiting = (made.prepared.kernels[draw, k, :kept] for k in (4, 5, 1))
    for t in range(kept):
        since = slice(t, None, -1)
        charge[:, t] += np.sum(capex[:, : t + 1] * by_charge[:, since], axis=1)
        book[:, t] += np.sum(capex[:, : t + 1] * by_book[:, since], axis=1)
        waiting[:, t] += share * np.sum(capex[:, : t + 1] * by_waiting[:, since], axis=1)
    return {"capital": book, "in_progress": waiting, "required": charge + opex[:, None] * book}


def _revenue(made: Simulated, p: dict[str, Array], served: Array, spot: Array) -> Array:
    """Return revenue a year: contracts keep their price until they end, the rest is sold at the day's."""
    old = made.prepared.past[:, :, :2, 0].sum(axis=1)[made.draw]
    size = p["under_contract"] * p["use_now"] * (old[:, 0] + p["opex"] * old[:, 1])
    worth = size * p["use_now"] ** p["gamma"] * p["contract_premium"]
    revenue = np.empty_like(served)
    for t in range(served.shape[1]):
        next_size = p["under_contract"] * served[:, t]
        left = np.minimum(size * (1 - p["renewed"] / 4), next_size)
        kept = np.divide(left, size, out=np.zeros_like(size), where=size > 0)
        worth = worth * kept + (next_size - left) * spot[:, t] * p["fixed_price"]
        size = next_size
        revenue[:, t] = worth + spot[:, t] * (served[:, t] - size)
    return revenue


def _cash(made: Simulated, p: dict[str, Array], income: Array, book: Array) -> dict[str, float]:
    """Return how far cash and debt are from income less what is paid, the rest borrowed or put in."""
    has = made.layers
    cash, debt = np.zeros(len(income)), np.zeros(len(income))
    worst = {"cash": 0.0, "debt": 0.0}
    for t in range(income.shape[1]):
        paid = p["opex"] * book[:, t] / 4 + p["share"] * has["capex"][:, t] + p["interest"] * debt / 4
        left = cash + income[:, t] - paid
        borrowed = p["debt_share"] * np.maximum(-left, 0)
        repaid = np.minimum(np.maximum(left, 0), debt)
        cash, debt = np.maximum(left, 0) - repaid, debt + borrowed - repaid
        scale = paid + income[:, t]
        for name, value in (("cash", cash), ("debt", debt)):
            worst[name] = max(worst[name], float(np.max(np.abs(has[name][:, t] - value) / scale)))
    return worst
