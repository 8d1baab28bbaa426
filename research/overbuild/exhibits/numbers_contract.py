"""The quoted numbers of the contracts, filed by what they rest on.

``read`` was read in a filing or the press, ``claimed`` was said by somebody with an interest or in a forum, ``assumed``
is ours. What is ``implied``, ``annual`` or ``monthly`` follows from all of these if nothing goes wrong; what is
``drawn``, from the priors too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from overbuild.exhibits.contract_returns import CLAIM
from overbuild.exhibits.quoting import billion, count, percent, plain

CASES = {"bare": (False, False), "shell": (True, False), "prepaid": (False, True), "both": (True, True)}
"""Name to whether shell and prepayment are counted."""


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers below ``contract``.

    Parameters
    ----------
    results
        Name to content of ``contract_values`` and ``contract_draws``.
    """
    values, drawn = results["contract_values"], results["contract_draws"]
    made: dict[str, Any] = {
        "draws": count(drawn["draws"], "contract.draws"),
        "contracts": count(len(values["contracts"]), "contract.contracts"),
        "finance": _finance(values["reported_cost_of_finance"]),
    }
    for name, found in values["contracts"].items():
        made[name.partition("-")[0]] = _contract(found, drawn["contracts"][name])
    return made


def _contract(found: Mapping[str, Any], drawn: Mapping[str, Any]) -> dict[str, Any]:
    figures = {f["key"]: f for f in found["figures"]}
    rows = {(r["shell"], r["prepayment"], round(r["residual"], 2)): r for r in found["annual"]}
    return {
        "read": _read(found, figures),
        "claimed": _claimed(found, figures),
        "assumed": _assumed(found, figures),
        **{kind: {n: _residuals(rows, *parts, kind) for n, parts in CASES.items()} for kind in ("annual", "monthly")},
        "steps": {
            r["step"]: percent(r["change"], f"contract.steps.{r['step']}", 1) for r in found["bridge"] if r["change"] is not None
        },
        "break_even": {
            f"{r['opex']}_r{round(100 * r['residual'])}": {
                n: plain(r[key], "contract.break_even") for n, key in (("annual", "price"), ("monthly", "monthly"))
            }
            for r in found["annual_break_even"]
        },
        "implied": _implied(found, drawn, figures["equipment.residual"]["value"]),
        "drawn": _drawn(drawn),
        "share": {r["risk"]: percent(r["shapley"], "contract.share") for r in drawn["variance"]["npv_equity"]},
        "wrong_way": _wrong_way(drawn["wrong_way"]),
    }


def _read(found: Mapping[str, Any], figures: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    finance = found["cost_of_finance"]
    return {
        "figures": count(found["counts"]["source"], "contract.read.figures"),
        "value": billion(found["value"], "contract.read.value", 1),
        "years": plain(found["term"] / 12, "contract.read.years", 0),
        "a_year": billion(found["a_year"], "contract.read.a_year", 2),
        "prepaid": percent(figures["prepayment.share"]["value"], "contract.read.prepaid") if _is_read(figures, "prepayment.share") else None,
        "equipment": billion(figures["equipment.cost"]["value"], "contract.read.equipment", 1) if _is_read(figures, "equipment.cost") else None,
    }


def _is_read(figures: Mapping[str, Mapping[str, Any]], key: str) -> bool:
    return key in figures and bool(figures[key]["source"])
