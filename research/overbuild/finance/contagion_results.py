"""The result ``contagion_losses``: the shipped network under shocks of 20, 40 and 60 % of AI cash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from overbuild.core.draws import Draws
from overbuild.finance import contagion
from overbuild.finance.contagion_draws import Drawn, draw, fewer
from overbuild.finance.network import PARTS, Network
from overbuild.finance.network_file import FILE, read_network
from overbuild.games.asked import Asked
from overbuild.models.prior_file import FILE as PRIORS
from overbuild.models.prior_file import read_priors
from overbuild.randomness import stream

if TYPE_CHECKING:
    import pandas as pd

DRAWS, QUICK_DRAWS = 10_000, 1_000
SHOCKS = (0.2, 0.4, 0.6)
CURVE_DRAWS = 2000
MIDDLE = 0.4
"""The shock of the drawing, of the swings and of what is said of laboratories."""


def result(asked: Asked) -> dict[str, Any]:
    """Return everything that exhibits read, in plain types.

    Returns
    -------
    dict
        ``as_of, draws, quick``, ``shocks`` (by per cent, as `overbuild.finance.contagion.at_shock`, with
        ``variants``), ``middle``, ``nodes, liabilities, financing, left_out``, ``share_on_priors,
        share_assumed, cash_assumed, nodes_assumed``, ``node_losses``, ``curve``, ``swings``,
        ``laboratories``, ``recirculation``, ``handed_on``, ``priors``.
    """
    network = read_network(asked.data / FILE, asked.data, asked.as_of)
    priors = read_priors(asked.data / PRIORS).at(asked.as_of).values("contagion")
    count = QUICK_DRAWS if asked.quick else DRAWS
    drawn = draw(network, priors, count, stream("contagion/draws", seed=asked.seed))
    high = with_common(network, priors, count, asked.seed)
    some = fewer(drawn, contagion.SWING_DRAWS)
    return {
        "as_of": asked.as_of.isoformat(),
        "draws": count,
        **described(network),
        "priors": {n: list(v) if isinstance(v, tuple) else v for n, v in priors.items()},
        "shocks": {
            f"{100 * x:.0f}": contagion.at_shock(network, drawn, x)
            | {"variants": contagion.variants(network, drawn, high, x)}
            for x in SHOCKS
        },
        "middle": MIDDLE,
        "node_losses": contagion.node_losses(network, drawn, MIDDLE),
        "curve": contagion.curve(network, fewer(drawn, CURVE_DRAWS), fewer(high, CURVE_DRAWS)),
        "curve_draws": min(count, CURVE_DRAWS),
        "swings": contagion.swings(network, some, MIDDLE)[:10],
        "laboratories": contagion.laboratories(network, drawn, MIDDLE),
        "recirculation": contagion.recirculated(network, drawn),
        "handed_on": contagion.handed_on(network, some, MIDDLE),
    }


def with_common(network: Network, priors: Mapping[str, Any], count: int, seed: int) -> Drawn:
    """Return draws with the larger common factor, from the random numbers of the base."""
    rng = stream("contagion/draws", seed=seed)
    return draw(network, priors, count, rng, common=priors["common_high"])


def draws_of(found: Mapping[str, Any]) -> tuple[Draws, ...]:
    """Return what is handed on to the simulation, from the result ``contagion_losses``."""
    said = {
        "external_revenue_ratio": "Share of purchases in the web that is paid with money no seller put in",
        "passed_on": f"What laboratories cancel or do not pay over AI cash lost at {found['middle']:.0%}",
    }
    day = date.fromisoformat(found["as_of"])
    return tuple(
        Draws(f"contagion_{n}", "ratio", np.array(found["handed_on"][n]), f"{meaning}; set, not fitted.", day)
        for n, meaning in said.items()
    )


def answer(
    network: Network, priors: Mapping[str, Any], shock: float, count: int, seed: int
) -> dict[str, Any]:
    """Return what the command says: one shock, in plain types.

    Parameters
    ----------
    network, priors
        Who owes whom; the priors of ``contagion`` by short name.
    shock
        Share of AI cash that is lost, between 0 and 1.
    count, seed
        Draws, and the master seed.
    """
    drawn: Drawn = draw(network, priors, count, stream("contagion/draws", seed=seed))
    found = contagion.at_shock(network, drawn, shock)
    circular: Mapping[str, Any] = {}
    if contagion.has_purchases(network):
        circular = contagion.recirculated(network, drawn)
    return {
        "shock": shock,
        "draws": count,
        "clearing": contagion.clearing(network, drawn, shock),
        **{k: v for k, v in found.items() if k != "shock"},
        "variants": contagion.variants(network, drawn, with_common(network, priors, count, seed), shock),
        "external_revenue_ratio": circular.get("laboratories", circular.get("all")),
        "external_revenue_of": "laboratories buy" if "laboratories" in circular else "is bought",
        "external_revenue_ratio_all": circular.get("all"),
        "unspent": circular.get("unspent", []),
        "share_on_priors": network.share_on_priors,
        "share_assumed": network.share_assumed,
        "cash_assumed": network.cash_assumed,
        "left_out": list(network.left_out),
    }


def described(network: Network) -> dict[str, Any]:
    """Return a network in plain types, with what its amounts rest on."""
    return {
        "nodes": [
            {"name": n.name, "kind": n.kind} | {p: asdict(getattr(n, p)) for p in PARTS}
            for n in network.nodes
        ],
        "liabilities": [
            asdict(v) | {"rows": list(v.rows), "on_prior": v.on_prior} for v in network.liabilities
        ],
        "financing": [asdict(f) | {"rows": list(f.rows)} for f in network.financing],
        "left_out": list(network.left_out),
        "share_on_priors": network.share_on_priors,
        "share_assumed": network.share_assumed,
        "cash_assumed": network.cash_assumed,
        "nodes_assumed": list(network.nodes_assumed),
    }


def loss_table(found: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row a holder of what the command found, USD billion."""
    import pandas as pd

    said = {
        "all": "total",
        "of it destroyed in bankruptcy": "destroyed",
        "orders cancelled": "cancelled",
        "dues unpaid": "unpaid",
        "cash no longer lent": "called",
    }
    rows = {**found["losses"], **{n: found[k] for n, k in said.items()}}
    return pd.DataFrame([{"holder": h} | {q: v / 1e3 for q, v in s.items()} for h, s in rows.items()])


def variant_table(found: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row a variant of what the command found: chances, and lenders' loss in USD billion."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "variant": name.replace("_", " "),
                "cascade": v["any_cascade"],
                "without shock": v["any_cascade_before"],
                "lenders lose": v["losses"]["lenders"]["mean"] / 1e3,
            }
            for name, v in found["variants"].items()
        ]
    )


def sentence(found: Mapping[str, Any]) -> str:
    """Say what the command found."""
    fails = sorted(found["defaults"].items(), key=lambda d: -d[1]["probability"])
    listed = ", ".join(f"{n} {d['probability']:.1%}" for n, d in fails if d["probability"] > 0) or "nobody"
    ratio, every = found["external_revenue_ratio"], found["external_revenue_ratio_all"]
    outside = (
        "Nothing is bought in this network."
        if ratio is None
        else f"Of what {found['external_revenue_of']} in it, {ratio['mean']:.0%} "
        f"({ratio['q05']:.0%} to {ratio['q95']:.0%}) is paid with money that no seller put in "
        "(of all purchases, assumed orders of chips with them, "
        f"{every['mean']:.0%})."
    )
    worst = max(v["any_cascade"] for v in found["variants"].values())
    return (
        f"With {found['shock']:.0%} of AI cash lost ({found['lost']['mean'] / 1e3:.0f} billion in a year, "
        f"{found['draws']:,d} draws), those that cannot pay all: {listed}; a failure because others do not "
        f"pay: {found['any_cascade']:.1%} in the base, up to {worst:.1%} in the variants below. {outside} "
        f"{found['share_on_priors']:.1%} of what is due rests on a prior or an assumption "
        f"({found['share_assumed']:.1%} on more than how firm it is), and {found['cash_assumed']:.1%} of the "
        "nodes' cash: a scenario, no forecast. "
        "Losses in USD billion beside no shortfall, mean and 5, 50 and 95 % points:"
    )
