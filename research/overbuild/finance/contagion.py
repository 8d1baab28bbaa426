"""What a shortfall of AI cash does to the web: who fails, who loses, and what the answer rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.stats import rankdata

from overbuild.finance import recirculation
from overbuild.finance.contagion_draws import Drawn, Floats
from overbuild.finance.debtrank import debtrank
from overbuild.finance.network import FIRMNESS, Network
from overbuild.finance.shocks import (
    BASE,
    HOLDERS,
    Setting,
    Shocked,
    amounts,
    cleared,
    destroyed,
    falls,
    landed,
    losses,
    sunk,
)

QUANTILES = {"q05": 0.05, "q50": 0.5, "q95": 0.95}
CURVE = tuple(round(0.05 * k, 2) for k in range(21))
"""Shocks at which defaults are followed as it grows."""
SWING_DRAWS = 1000
CASH_FACTORS = (0.5, 1.0, 2.0)
ZERO = 3.0
"""Where an event is seen in none of n draws its chance is below 3 / n with 95 % confidence."""
DELIVERED = Setting(delivered=True)
SETTINGS: Mapping[str, Setting] = {
    "base": BASE,
    "markets_open": Setting(lending=1.0, refinancing=1.0),
    "no_funding": Setting(lending=0.0),
    "no_rollover": Setting(refinancing=0.0),
    "common": BASE,
    "all_cancelled": Setting(all_cancelled=True),
    "together": Setting(lending=0.0, refinancing=0.0),
    "full_pace": Setting(full_pace=True),
    "delivered": DELIVERED,
    "no_sponsors": Setting(delivered=True, backed=False),
}
"""Variants: each changes one thing of the base, ``together`` shuts both markets with the common factor."""
COMMON = ("common", "together")
"""Variants whose draws have the larger common factor."""


def summary(values: Floats) -> dict[str, float]:
    """Return mean and 5, 50 and 95 % points over draws."""
    found = {q: float(np.quantile(values, at)) for q, at in QUANTILES.items()}
    return {"mean": float(values.mean()), **found}


def at_shock(network: Network, drawn: Drawn, shock: float) -> dict[str, Any]:
    """Return what one shock does.

    Returns
    -------
    dict
        ``shock``; ``lost`` (AI cash); ``losses`` by holder, with ``landed`` (AI cash of its own) and
        ``transmitted`` (the rest); ``cancelled`` (orders) and ``margin`` (of them, after the costs saved),
        ``unpaid`` (dues, less those without a shock), ``called`` (cash that markets no longer give),
        ``destroyed`` by bankruptcy, ``sunk`` and ``total`` of losses, each as `summary` says, USD million;
        ``defaults`` (node to ``probability``, ``error`` of its simulation, ``direct``, ``cascade``,
        ``by_cancellation``, ``before``); ``any_default``, ``any_cascade``, ``any_cancellation``
        (probabilities) and ``cascade`` (mean number of nodes that fail because others do not pay);
        ``without_costs`` (as `variants`); ``debtrank`` (losses of value by holder beside those of
        ``clearing``, both without costs of bankruptcy).
    """
    before, after = cleared(network, drawn, 0.0), cleared(network, drawn, shock)
    plain = Setting(bankruptcy=False)
    free = [cleared(network, drawn, x, plain) for x in (0.0, shock)]
    fails, cascade = after.cleared.default, after.cascade
    made, own = losses(network, before, after), landed(network, drawn, shock)
    cancelled = after.cancelled.sum(axis=1)
    return {
        "shock": shock,
        "lost": summary(shock * drawn.cash["ai"].sum(axis=1)),
        "losses": {h: summary(v) for h, v in made.items()},
        "landed": {h: summary(v) for h, v in own.items()},
        "transmitted": {h: summary(made[h] - own[h]) for h in HOLDERS},
        "cancelled": summary(cancelled),
        "margin": summary(cancelled - after.saved.sum(axis=1)),
        "unpaid": summary(_unpaid(after) - _unpaid(before)),
        "called": summary((after.called - before.called).sum(axis=1)),
        "destroyed": summary(destroyed(before, after)),
        "sunk": summary(sunk(before, after)),
        "total": summary(sum(made.values(), np.zeros(drawn.count))),
        "defaults": {
            name: {
                "probability": float(p := fails[:, i].mean()),
                "error": simulation_error(float(p), drawn.count),
                "direct": float(after.direct[:, i].mean()),
                "cascade": float(cascade[:, i].mean()),
                "by_cancellation": float(after.by_cancellation[:, i].mean()),
                "before": float(before.cleared.default[:, i].mean()),
            }
            for i, name in enumerate(network.names)
        },
        "any_default": float(fails.any(axis=1).mean()),
        "any_cascade": float(cascade.any(axis=1).mean()),
        "any_cancellation": float(after.by_cancellation.any(axis=1).mean()),
        "cascade": float(cascade.sum(axis=1).mean()),
        "without_costs": _variant(network, *free),
        "debtrank": _debtrank(network, drawn, *free),
    }


def simulation_error(p: float, count: int) -> float:
    """Return the standard error of a simulated chance; where nothing or all was seen, 3 / n."""
    return float(np.sqrt(p * (1 - p) / count)) if 0 < p < 1 else min(ZERO / count, 1.0)


def variants(network: Network, drawn: Drawn, with_common: Drawn, shock: float) -> dict[str, dict[str, Any]]:
    """Return what a shock does under each of `SETTINGS`.

    Parameters
    ----------
    network, drawn
        Who owes whom, and the draws of the base.
    with_common
        Draws with the larger common factor, from the same random numbers.
    shock
        Share of AI cash that is lost.

    Returns
    -------
    dict
        Variant to ``losses`` by holder, ``destroyed``, ``cancelled``, ``unpaid``, ``others_fail`` (any node
        but a laboratory), ``any_cascade``, ``any_cascade_before`` (without a shock), ``error``, ``before``
        and ``defaults`` (node to probability, without a shock and with it).
    """
    made, calm = {}, {}
    for name, setting in SETTINGS.items():
        own = with_common if name in COMMON else drawn
        key = (name in COMMON, setting.delivered, setting.full_pace)
        if key not in calm:
            calm[key] = cleared(network, own, 0.0, setting)
        made[name] = _variant(network, calm[key], cleared(network, own, shock, setting))
    return made


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
    runs = [cleared(network, drawn, x) for x in (0.0, shock)]
    before, fall = runs[0].cleared.equity.mean(axis=0), falls(*runs).mean(axis=0)
    return {
        name: {
            "before": float(before[i]),
            "fall": float(fall[i]),
            "share": float(fall[i] / before[i]) if before[i] > 0 else 0.0,
        }
        for i, name in enumerate(network.names)
    }


def curve(
    network: Network, drawn: Drawn, with_common: Drawn, shocks: Sequence[float] = CURVE
) -> dict[str, Any]:
    """Return the probability of default of each node as the shock grows, and who fails first.

    Returns
    -------
    dict
        ``shocks``; ``base`` and ``alone`` (node to probabilities, the latter with sites delivered and no
        sponsors behind vehicles); ``cascade`` and ``cascade_together`` (probability that any node fails
        because others do not pay, in the base and with markets shut); ``first`` (node to share of draws in
        which no node fails at a smaller shock of the grid, and this one does) with ``none``.
    """
    ways = {"base": BASE, "alone": SETTINGS["no_sponsors"]}
    found = {b: [cleared(network, drawn, x, s) for x in shocks] for b, s in ways.items()}
    shut = [cleared(network, with_common, x, SETTINGS["together"]).cascade for x in shocks]
    fails = np.stack([s.cleared.default for s in found["base"]])
    at = np.where(fails.any(axis=0), fails.argmax(axis=0), len(shocks))
    earliest = at.min(axis=1, keepdims=True)
    first = (at == earliest) & (earliest < len(shocks))
    probability = {b: np.stack([s.cleared.default.mean(axis=0) for s in runs]) for b, runs in found.items()}
    return {
        "shocks": list(shocks),
        **{b: {n: p[:, i].tolist() for i, n in enumerate(network.names)} for b, p in probability.items()},
        "cascade": [float(s.cascade.any(axis=1).mean()) for s in found["base"]],
        "cascade_together": [float(c.any(axis=1).mean()) for c in shut],
        "first": {n: float(first[:, i].mean()) for i, n in enumerate(network.names)},
        "none": float((earliest == len(shocks)).mean()),
    }


def swings(network: Network, drawn: Drawn, shock: float) -> list[dict[str, Any]]:
    """Return how much each contract moves the loss of all but the laboratories' owners, the largest first.

    ``swing`` is the mean loss with nothing of that liability cancelled less the mean loss with all of it
    that a shock hits cancelled, USD million, all else as drawn: ``full`` less ``none``.
    """
    made = []
    for k, v in enumerate(network.liabilities):
        if v.firmness == FIRMNESS[-1]:
            continue
        row = {"debtor": v.debtor, "creditor": v.creditor, "rows": list(v.rows), "firmness": v.firmness}
        for name, firm in (("none", 0.0), ("full", 1.0)):
            f = drawn.firmness.copy()
            f[:, k] = firm
            other = replace(drawn, firmness=f)
            found = losses(network, cleared(network, other, 0.0), cleared(network, other, shock))
            row[name] = float(sum(found[h].mean() for h in HOLDERS if h != "laboratories"))
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
        mine = [v.debtor == name for v in network.liabilities]
        owed = amounts(network, drawn, shock).due[:, mine].sum(axis=1)
        cash = drawn.cash["liquidity"][:, i] + (1 - shock) * drawn.cash["ai"][:, i]
        left = cash + cleared(network, drawn, shock).due[:, :, i].sum(axis=1) - owed - drawn.costs[:, i]
        made[name] = {"by_cash": by_cash, "cash": _rank(left, cash), "firmness": _rank(left, owed)}
    return made


def recirculated(network: Network, drawn: Drawn) -> dict[str, Any]:
    """Return the external-revenue ratio over draws.

    Returns
    -------
    dict
        ``laboratories`` (of what laboratories buy, money that may come back through a third), ``all``
        (of all purchases) and ``direct`` (only from sellers of whom one buys), each as `summary` says;
        ``bought`` in the web, ``laboratories_bought`` and ``put_in`` by sellers, means, USD million;
        ``radius``, the largest spectral radius of a draw, and ``unspent``.
    """
    bought = recirculation.purchases(network, amounts(network, drawn, 0.0).scheduled)
    put_in = recirculation.financed(network, drawn)
    c, x = recirculation.shares(bought, put_in)
    labs = list(network.of_kind("laboratory"))
    spent = c * x[:, None, :]
    made: dict[str, Any] = {
        "all": summary(recirculation.external_ratio(c, x)),
        "direct": summary(recirculation.external_ratio(*recirculation.shares(bought, put_in, direct=True))),
        "bought": float(x.sum(axis=1).mean()),
        "laboratories_bought": float(x[:, labs].sum(axis=1).mean()),
        "put_in": float(spent.sum(axis=(1, 2)).mean()),
        "radius": float(np.abs(np.linalg.eigvals(c)).max(initial=0.0)),
        "unspent": recirculation.unspent(network),
    }
    if labs and (x[:, labs].sum(axis=1) > 0).all():
        own = spent[:, :, labs].sum(axis=(1, 2)) / x[:, labs].sum(axis=1)
        made["laboratories"] = summary(1 - own)
    return made


def handed_on(network: Network, drawn: Drawn, shock: float) -> dict[str, list[float]]:
    """Return draws that a simulation may use, rounded to four digits.

    Returns
    -------
    dict
        ``external_revenue_ratio`` of all purchases; ``passed_on``: what laboratories cancel and do not pay
        over the AI cash that they lose at ``shock``, which costs of bankruptcy can take above one.
    """
    bought = recirculation.purchases(network, amounts(network, drawn, 0.0).scheduled)
    c, x = recirculation.shares(bought, recirculation.financed(network, drawn))
    labs = list(network.of_kind("laboratory"))
    before, after = cleared(network, drawn, 0.0), cleared(network, drawn, shock)
    short = (after.unpaid - before.unpaid)[:, labs].sum(axis=(1, 2))
    short = short + network.owed_by(after.cancelled)[:, labs].sum(axis=1)
    lost = shock * drawn.cash["ai"][:, labs].sum(axis=1)
    found = {"external_revenue_ratio": recirculation.external_ratio(c, x), "passed_on": short / lost}
    return {n: np.round(v, 4).tolist() for n, v in found.items()}


def has_purchases(network: Network) -> bool:
    """Return whether anything is bought in the network, without which there is no ratio."""
    one = np.ones((1, len(network.liabilities)))
    due = one * np.array([v.due for v in network.liabilities])
    return bool(recirculation.purchases(network, due).sum() > 0)


def _unpaid(found: Shocked) -> Floats:
    return ((1 - found.cleared.share) * found.due.sum(axis=2)).sum(axis=1)


def _by_holder(network: Network, before: Shocked, after: Shocked) -> dict[str, dict[str, float]]:
    return {h: summary(v) for h, v in losses(network, before, after).items()}


def _variant(network: Network, before: Shocked, after: Shocked) -> dict[str, Any]:
    others = [i for i, n in enumerate(network.nodes) if n.kind != "laboratory"]
    fails = {x: s.cleared.default.mean(axis=0) for x, s in (("before", before), ("defaults", after))}
    return {
        "losses": _by_holder(network, before, after),
        "destroyed": summary(destroyed(before, after)),
        "cancelled": float(after.cancelled.sum(axis=1).mean()),
        "unpaid": float((_unpaid(after) - _unpaid(before)).mean()),
        "others_fail": float(after.cleared.default[:, others].any(axis=1).mean()),
        "any_cascade": (p := float(after.cascade.any(axis=1).mean())),
        "any_cascade_before": float(before.cascade.any(axis=1).mean()),
        "error": simulation_error(p, len(after.direct)),
        **{x: {n: float(p) for n, p in zip(network.names, v, strict=True)} for x, v in fails.items()},
    }


def _debtrank(network: Network, drawn: Drawn, before: Shocked, after: Shocked) -> dict[str, Any]:
    """Return losses of value beside those of clearing, means by holder, USD million."""
    equity = before.cleared.equity
    cut, kept = network.owed_to(after.cancelled), network.owed_by(after.cancelled)
    kept = kept - after.uninvested + after.saved
    first = np.maximum(after.shock * drawn.cash["ai"] + cut - kept, 0.0)
    value = debtrank(after.due.swapaxes(1, 2), equity, first) * equity
    paid = losses(network, before, after)
    made: dict[str, Any] = {"value": {}, "clearing": {h: float(v.mean()) for h, v in paid.items()}}
    for holder, kinds in HOLDERS.items():
        made["value"][holder] = float(value[:, list(network.of_kind(*kinds))].sum(axis=1).mean())
    return made


def _rank(one: Floats, other: Floats) -> float:
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    return float(np.corrcoef(rankdata(one), rankdata(other))[0, 1])
