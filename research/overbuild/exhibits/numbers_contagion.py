"""The quoted numbers of contagion: who fails, who loses, what circulates, and how much of it is assumed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from overbuild.exhibits.contagion_wording import HOLDERS
from overbuild.exhibits.quoting import billion, count, label, percent, plain

LABORATORIES = ("OpenAI", "Anthropic")
SHOCKS = ("20", "40", "60")


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers below ``contagion``.

    Parameters
    ----------
    results
        Name to content of ``contagion_losses``.
    """
    found = results["contagion_losses"]
    tied = {n for v in found["liabilities"] for n in (v["debtor"], v["creditor"])}
    due = [v["due"] for v in found["liabilities"]]
    return {
        "draws": count(found["draws"], "contagion.draws"),
        "nodes": count(len(tied), "contagion.nodes"),
        "liabilities": count(len(due), "contagion.liabilities"),
        "due": billion(sum(due) / 1e3, "contagion.due"),
        "share_on_priors": percent(found["share_on_priors"], "contagion.share_on_priors", 1),
        "share_assumed": percent(found["share_assumed"], "contagion.share_assumed", 1),
        "cash_assumed": percent(found["cash_assumed"], "contagion.cash_assumed", 1),
        "firmness": {
            c: plain(_mean(found["priors"][f"firmness_{c}"]), f"contagion.firmness.{c}", 1)
            for c in ("take_or_pay", "framework", "memorandum")
        },
        "left": plain(_mean(found["priors"]["outside_left"]), "contagion.left", 1),
        "cash": {
            n: plain(found["priors"][f"cash_{n}"], f"contagion.cash.{n}")
            for n in ("filed", "assumed", "common")
        },
        "amount": plain(found["priors"]["amount_assumed"], "contagion.amount", 1),
        "common": plain(found["priors"]["common"], "contagion.common", 1),
        "common_high": plain(found["priors"]["common_high"], "contagion.common_high", 1),
        "closing": plain(_mean(found["priors"]["closing"]), "contagion.closing", 1),
        "committed": plain(_mean(found["priors"]["capex_committed"]), "contagion.committed", 1),
        **{f"at_{x}": _shock(found["shocks"][x]) for x in SHOCKS},
        "first": {
            _key(n): percent(found["curve"]["first"][n], "contagion.first", 1)
            for n in (*LABORATORIES, "Oracle", "CoreWeave", "IREN")
        },
        "unshocked": {
            _key(n): percent(found["curve"]["base"][n][0], "contagion.unshocked", 1)
            for n in (*LABORATORIES, "Oracle", "CoreWeave")
        },
        "laboratories": {_key(n): _laboratory(found["laboratories"][n]) for n in LABORATORIES},
        "largest": _largest(found["swings"]),
        "recirculation": _circular(found["recirculation"]),
    }


def _shock(s: Mapping[str, Any]) -> dict[str, Any]:
    """Return one shock: USD billion, and chances in per cent."""
    alone = s["variants"]["no_sponsors"]
    vehicles = [p for n, p in alone["defaults"].items() if n.endswith("vehicle")]
    full = s["variants"]["full_pace"]
    return {
        "lost": billion(s["lost"]["mean"] / 1e3, "contagion.lost"),
        **{h: _ends(s["losses"][h]) for h in HOLDERS},
        "passed": {h: _ends(s["transmitted"][h]) for h in HOLDERS},
        **{n: _ends(s[n]) for n in ("destroyed", "cancelled", "margin", "unpaid", "called")},
        "vehicles_alone": {
            "low": percent(min(vehicles), "contagion.vehicles"),
            "high": percent(max(vehicles), "contagion.vehicles"),
        },
        "fails": {_key(n): percent(d["probability"], "contagion.fails", 1) for n, d in s["defaults"].items()},
        "full_pace": {
            "before": percent(full["before"]["OpenAI"], "contagion.full_pace"),
            "after": percent(full["defaults"]["OpenAI"], "contagion.full_pace"),
        },
        "variants": {n: _variant(v) for n, v in s["variants"].items()},
        "cascade": percent(s["any_cascade"], "contagion.cascade", 1),
        "by_cancellation": percent(s["any_cancellation"], "contagion.cascade", 1),
        "value": {h: billion(v / 1e3, "contagion.value", 1) for h, v in s["debtrank"]["value"].items()},
        "paid": {h: billion(v / 1e3, "contagion.paid", 1) for h, v in s["debtrank"]["clearing"].items()},
    }


def _variant(v: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "cascade": percent(v["any_cascade"], "contagion.variant", 1),
        "before": percent(v["any_cascade_before"], "contagion.variant", 1),
        "others": percent(v["others_fail"], "contagion.variant", 1),
        "oracle": percent(v["defaults"]["Oracle"], "contagion.variant"),
        "coreweave": percent(v["defaults"]["CoreWeave"], "contagion.variant"),
        "lenders": billion(round(v["losses"]["lenders"]["mean"] / 1e3, 1) + 0.0, "contagion.variant", 1),
        "suppliers": billion(v["losses"]["suppliers"]["mean"] / 1e3, "contagion.variant", 1),
        "unpaid": billion(round(v["unpaid"] / 1e3, 1) + 0.0, "contagion.variant", 1),
    }


def _ends(given: Mapping[str, float]) -> dict[str, Any]:
    names = {"mean": "mean", "low": "q05", "high": "q95"}
    return {n: billion(round(given[q] / 1e3, 1) + 0.0, "contagion.loss", 1) for n, q in names.items()}


def _laboratory(given: Mapping[str, Any]) -> dict[str, Any]:
    by_cash = {"half": "0.5", "one": "1", "double": "2"}
    return {n: percent(given["by_cash"][f], "contagion.by_cash", 1) for n, f in by_cash.items()} | {
        "cash": plain(given["cash"], "contagion.cash"),
        "owed": plain(given["firmness"], "contagion.owed"),
    }


def _largest(swings: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the liabilities that move the result most: the largest, and the next."""
    return {
        place: {
            "debtor": label(s["debtor"]),
            "creditor": label(s["creditor"]),
            "none": billion(s["none"] / 1e3, "contagion.swing", 1),
            "full": billion(s["full"] / 1e3, "contagion.swing", 1),
            "swing": billion(s["swing"] / 1e3, "contagion.swing", 1),
        }
        for place, s in zip(("first", "second"), swings, strict=False)
    }


def _circular(found: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        n: billion(found[n] / 1e3, f"contagion.{n}") for n in ("bought", "laboratories_bought", "put_in")
    }
    for name in ("all", "direct", "laboratories"):
        ends = {"mean": "mean", "low": "q05", "high": "q95"}
        made[name] = {n: percent(found[name][q], "contagion.ratio") for n, q in ends.items()}
    return made


def _mean(beta: list[float]) -> float:
    return beta[0] / sum(beta)


def _key(name: str) -> str:
    return name.lower().replace(" ", "_")
