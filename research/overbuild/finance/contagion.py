"""What a shortfall of AI cash does to the web: who fails, who loses, and what the answer rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.stats import rankdata

from overbuild.finance import recirculation
from overbuild.finance.debtrank import debtrank
from overbuild.finance.network import Network
from overbuild.finance.shocks import (
    HOLDERS,
    Drawn,
    Floats,
    Shocked,
    amounts,
    cleared,
    destroyed,
    losses,
)

QUANTILES = {"q05": 0.05, "q50": 0.5, "q95": 0.95}
CURVE = tuple(round(0.05 * k, 2) for k in range(21))
"""Shocks at which defaults are followed as it grows."""
SWING_DRAWS = 1000
CASH_FACTORS = (0.5, 1.0, 2.0)


def summary(values: Floats) -> dict[str, float]:
    """Return mean and 5, 50 and 95 % points over draws."""
    found = {q: float(np.quantile(values, at)) for q, at in QUANTILES.items()}
    return {"mean": float(values.mean()), **found}


def at_shock(network: Network, drawn: Drawn, shock: float) -> dict[str, Any]:
    """Return what one shock does.

    Returns
    -------
    dict
        ``shock``; ``lost`` (AI cash); ``losses`` by holder, ``destroyed`` by bankruptcy and ``total`` of the
        two, each as `summary` says, USD million; ``defaults`` (node to ``probability``, ``error`` of its
        simulation, ``direct``, ``cascade``); ``any_default``, ``any_cascade`` (probabilities) and ``cascade``
        (mean number of nodes that fail because others do); ``without_costs``, ``without_sponsors`` and
        ``full_pace`` (``losses``, ``destroyed``, ``any_cascade``, ``defaults`` and ``before``: probabilities
        with the shock and without one); ``debtrank`` (losses of value by holder beside those of ``clearing``,
        both without costs of bankruptcy).
    """
    before, after = cleared(network, drawn, 0.0), cleared(network, drawn, shock)
    free = [cleared(network, drawn, x, bankruptcy=False) for x in (0.0, shock)]
    alone = cleared(network, drawn, shock, backed=False)
    full = [cleared(network, drawn, x, full_pace=True) for x in (0.0, shock)]
    fails, cascade = after.cleared.default, after.cascade
    return {
        "shock": shock,
        "lost": summary(shock * drawn.cash["ai"].sum(axis=1)),
        "losses": _by_holder(network, before, after),
        "destroyed": summary(destroyed(before, after)),
        "total": summary(sum(losses(network, before, after).values(), np.zeros(drawn.count))),
        "defaults": {
            name: {
                "probability": float(p := fails[:, i].mean()),
                "error": float(np.sqrt(p * (1 - p) / drawn.count)),
                "direct": float(after.direct[:, i].mean()),
                "cascade": float(cascade[:, i].mean()),
            }
            for i, name in enumerate(network.names)
        },
        "any_default": float(fails.any(axis=1).mean()),
        "any_cascade": float(cascade.any(axis=1).mean()),
        "cascade": float(cascade.sum(axis=1).mean()),
        "without_costs": _variant(network, *free),
        "without_sponsors": _variant(network, before, alone),
        "full_pace": _variant(network, *full),
        "debtrank": _debtrank(network, drawn, *free),
    }


def clearing(network: Network, drawn: Drawn, shock: float) -> list[dict[str, Any]]:
    """Return due and paid of every pair of nodes, means over draws, USD million."""
    found = cleared(network, drawn, shock)
    due, unpaid = found.due.mean(axis=0), found.unpaid.mean(axis=0)
    names = network.names
    return [
        {
            "debtor": names[i],
            "creditor": names[j],
            "due": float(due[i, j]),
            "paid": float(due[i, j] - unpaid[i, j]),
        }
        for i, j in zip(*np.nonzero(due), strict=True)
    ]


def node_losses(network: Network, drawn: Drawn, shock: float) -> dict[str, dict[str, float]]:
    """Return what each node is left with without a shock, how much that falls, and the ratio, in means."""
    before, after = (cleared(network, drawn, x).cleared.equity.mean(axis=0) for x in (0.0, shock))
    return {
        name: {
            "before": float(before[i]),
            "fall": float(before[i] - after[i]),
            "share": float((before[i] - after[i]) / before[i]) if before[i] > 0 else 0.0,
        }
        for i, name in enumerate(network.names)
    }


def curve(network: Network, drawn: Drawn, shocks: Sequence[float] = CURVE) -> dict[str, Any]:
    """Return the probability of default of each node as the shock grows, and who fails first.

    Returns
    -------
    dict
        ``shocks``; ``backed`` and ``alone`` (node to probabilities, with and without sponsors behind
        vehicles); ``cascade`` (probability that any node fails because others do); ``first`` (node to share
        of draws in which no node fails at a smaller shock of the grid, and this one does) with ``none``.
    """
    found = {b: [cleared(network, drawn, x, backed=b) for x in shocks] for b in (True, False)}
    fails = np.stack([s.cleared.default for s in found[True]])
    at = np.where(fails.any(axis=0), fails.argmax(axis=0), len(shocks))
    earliest = at.min(axis=1, keepdims=True)
    first = (at == earliest) & (earliest < len(shocks))
    probability = {b: np.stack([s.cleared.default.mean(axis=0) for s in runs]) for b, runs in found.items()}
    return {
        "shocks": list(shocks),
        "backed": {n: probability[True][:, i].tolist() for i, n in enumerate(network.names)},
        "alone": {n: probability[False][:, i].tolist() for i, n in enumerate(network.names)},
        "cascade": [float(s.cascade.any(axis=1).mean()) for s in found[True]],
        "first": {n: float(first[:, i].mean()) for i, n in enumerate(network.names)},
        "none": float((earliest == len(shocks)).mean()),
    }


def swings(network: Network, drawn: Drawn, shock: float) -> list[dict[str, Any]]:
    """Return how much each liability moves the loss of all but the laboratories' owners, the largest first.

    ``swing`` is the mean loss with that liability owed in full less the mean loss with nothing of it owed,
    USD million, all else as drawn: ``full`` less ``none``.
    """
    made = []
    for k, v in enumerate(network.liabilities):
        row = {"debtor": v.debtor, "creditor": v.creditor, "rows": list(v.rows), "firmness": v.firmness}
        for name, firm in (("none", 0.0), ("full", 1.0)):
            f = drawn.firmness.copy()
            f[:, k] = firm
            other = replace(drawn, firmness=f)
            found = losses(network, cleared(network, other, 0.0), cleared(network, other, shock))
            row[name] = float(sum(found[h].mean() for h in HOLDERS if h != "customers"))
        made.append(row | {"swing": row["full"] - row["none"]})
    return sorted(made, key=lambda r: -abs(r["swing"]))


def laboratories(network: Network, drawn: Drawn, shock: float) -> dict[str, Any]:
    """Return how far laboratories' defaults follow from what is set of their cash.

    Returns
    -------
    dict
        Laboratory to ``by_cash`` (factor on its AI cash to probability of default), ``cash`` and
        ``firmness``: rank correlations, over draws, of what it has left over after all is due
        with its cash and with what it owes.
    """
    made = {}
    for i in network.of_kind("laboratory"):
        name, by_cash = network.names[i], {}
        for factor in CASH_FACTORS:
            ai = drawn.cash["ai"].copy()
            ai[:, i] *= factor
            other = replace(drawn, cash={**drawn.cash, "ai": ai})
            by_cash[f"{factor:g}"] = float(cleared(network, other, shock).cleared.default[:, i].mean())
        owed = amounts(network, drawn, shock)[:, [v.debtor == name for v in network.liabilities]].sum(axis=1)
        cash = drawn.cash["liquidity"][:, i] + (1 - shock) * drawn.cash["ai"][:, i]
        left = cash + cleared(network, drawn, shock).due[:, :, i].sum(axis=1) - owed
        made[name] = {"by_cash": by_cash, "cash": _rank(left, cash), "firmness": _rank(left, owed)}
    return made


def recirculated(
    network: Network, drawn: Drawn, priors: Mapping[str, Any], rng: np.random.Generator
) -> dict[str, Any]:
    """Return the external-revenue ratio over draws.

    Returns
    -------
    dict
        ``all`` (money may come back through a third), ``direct`` (only from sellers of whom one buys) and
        ``laboratories`` (of what laboratories buy, money that may come back through a third), each as
        `summary` says; ``bought`` in the web and ``put_in`` by sellers, means, USD million.
    """
    bought = recirculation.purchases(network, amounts(network, drawn, 0.0))
    put_in = recirculation.financed(network, priors, drawn.count, rng)
    c, x = recirculation.shares(bought, put_in)
    labs = list(network.of_kind("laboratory"))
    spent = c * x[:, None, :]
    made = {
        "all": summary(recirculation.external_ratio(c, x)),
        "direct": summary(recirculation.external_ratio(*recirculation.shares(bought, put_in, direct=True))),
        "bought": float(x.sum(axis=1).mean()),
        "put_in": float(spent.sum(axis=(1, 2)).mean()),
    }
    if labs and (x[:, labs].sum(axis=1) > 0).all():
        own = spent[:, :, labs].sum(axis=(1, 2)) / x[:, labs].sum(axis=1)
        made["laboratories"] = summary(1 - own)
    return made


def handed_on(
    network: Network, drawn: Drawn, shock: float, priors: Mapping[str, Any], rng: np.random.Generator
) -> dict[str, list[float]]:
    """Return draws that a simulation may use, rounded to four digits.

    Returns
    -------
    dict
        ``external_revenue_ratio``; ``passed_on``: unpaid claims on laboratories over the AI cash that they
        lose at ``shock``, which costs of bankruptcy can take above one.
    """
    bought = recirculation.purchases(network, amounts(network, drawn, 0.0))
    c, x = recirculation.shares(bought, recirculation.financed(network, priors, drawn.count, rng))
    labs = list(network.of_kind("laboratory"))
    before, after = cleared(network, drawn, 0.0), cleared(network, drawn, shock)
    unpaid = (after.unpaid - before.unpaid)[:, labs].sum(axis=(1, 2))
    lost = shock * drawn.cash["ai"][:, labs].sum(axis=1)
    found = {"external_revenue_ratio": recirculation.external_ratio(c, x), "passed_on": unpaid / lost}
    return {n: np.round(v, 4).tolist() for n, v in found.items()}


def has_purchases(network: Network) -> bool:
    """Return whether anything is bought in the network, without which there is no ratio."""
    one = np.ones((1, len(network.liabilities)))
    due = one * np.array([v.due for v in network.liabilities])
    return bool(recirculation.purchases(network, due).sum() > 0)


def fewer(drawn: Drawn, count: int) -> Drawn:
    """Return the first draws."""
    cash = {p: v[:count] for p, v in drawn.cash.items()}
    return replace(
        drawn, firmness=drawn.firmness[:count], cash=cash, alpha=drawn.alpha[:count], beta=drawn.beta[:count]
    )


def _by_holder(network: Network, before: Shocked, after: Shocked) -> dict[str, dict[str, float]]:
    return {h: summary(v) for h, v in losses(network, before, after).items()}


def _variant(network: Network, before: Shocked, after: Shocked) -> dict[str, Any]:
    fails = {x: s.cleared.default.mean(axis=0) for x, s in (("before", before), ("defaults", after))}
    return {
        "losses": _by_holder(network, before, after),
        "destroyed": summary(destroyed(before, after)),
        "any_cascade": float(after.cascade.any(axis=1).mean()),
        **{x: {n: float(p) for n, p in zip(network.names, v, strict=True)} for x, v in fails.items()},
    }


def _debtrank(network: Network, drawn: Drawn, before: Shocked, after: Shocked) -> dict[str, Any]:
    """Return losses of value beside those of clearing, means by holder, USD million."""
    equity, first = before.cleared.equity, after.shock * drawn.cash["ai"]
    value = debtrank(before.due.swapaxes(1, 2), equity, first) * equity
    fall = equity - after.cleared.equity
    made: dict[str, Any] = {"value": {}, "clearing": {}}
    for holder, kinds in HOLDERS.items():
        own = list(network.of_kind(*kinds))
        made["value"][holder] = float(value[:, own].sum(axis=1).mean())
        made["clearing"][holder] = float(fall[:, own].sum(axis=1).mean())
    return made


def _rank(one: Floats, other: Floats) -> float:
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    return float(np.corrcoef(rankdata(one), rankdata(other))[0, 1])
