"""The quoted numbers of the contracts, filed by what they rest on.

``read`` was read in a filing or the press, ``claimed`` said by one with an interest, ``weak`` is hearsay,
``assumed`` is ours. What is ``implied``, ``annual`` or ``monthly`` follows from all of these if nothing goes
wrong; what is ``drawn``, from priors too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from overbuild.exhibits.contract_returns import CLAIM, NAME
from overbuild.exhibits.quoting import billion, count, percent, plain, quoted

type Write = Callable[[Any, str], dict[str, Any]]


def _places(write: Callable[..., dict[str, Any]], decimals: int) -> Write:
    return lambda value, what: write(value, what, decimals)


FIGURES: dict[str, tuple[str, Write]] = {
    "contract.value": ("value", _places(billion, 1)),
    "contract.availability": ("availability", percent),
    "contract.gpus": ("gpus", lambda value, what: count(round(value), what)),
    "prepayment.share": ("prepaid", percent),
    "equipment.cost": ("equipment", _places(billion, 1)),
    "equipment.residual": ("residual", percent),
    "shell.cost": ("shell", _places(billion, 1)),
    "shell.recovered": ("recovered", percent),
    "renewal.price": ("renewal_price", percent),
    "renewal.price_now": ("price_now", plain),
    "renewal.months": ("renewal_months", count),
    "termination.grace": ("grace", count),
    "covenants.min_dscr": ("covenant", plain),
    "buyer.cost_of_capital": ("cost_of_capital", percent),
    "buyer.hazard": ("hazard", _places(percent, 1)),
    "required.unlevered": ("required", percent),
    "required.equity": ("required_equity", percent),
}
"""Figures of a file that are quoted: key to name and how it is written; the group says what it rests on."""
CASES = {"bare": (False, False), "shell": (True, False), "prepaid": (False, True), "both": (True, True)}
"""Name to whether shell and prepayment are counted."""
CHANCES = (
    "loss",
    "loss_equity",
    "below_zero_return",
    "wiped",
    "lenders_short",
    "covenant",
    "default",
    "ended",
    "unbuilt",
)


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers below ``contract``.

    Parameters
    ----------
    results
        Name to content of ``contract_values`` and ``contract_draws``.
    """
    values, drawn = results["contract_values"], results["contract_draws"]
    return {
        "draws": count(drawn["draws"], "contract.draws"),
        "contracts": count(len(values["contracts"]), "contract.contracts"),
        "claimed": {
            "low": percent(CLAIM[0], "contract.claimed"),
            "high": percent(CLAIM[1], "contract.claimed"),
            **_margin(values["contracts"]),
        },
        "finance": _finance(values["reported_cost_of_finance"]),
        **{n.partition("-")[0]: _contract(c, drawn["contracts"][n]) for n, c in values["contracts"].items()},
    }


def _margin(contracts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the margin that IREN claims, from which its running cost is taken."""
    if NAME not in contracts:
        return {}
    found = contracts[NAME]
    running = next(f["value"] for f in found["figures"] if f["key"] == "opex.amount")
    return {"margin": percent(1 - running / found["a_year"], "contract.claimed")}


def _contract(found: Mapping[str, Any], drawn: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "years": plain(found["term"] / 12, "contract.years", 0),
        "read": {"figures": count(found["counts"]["source"], "contract.read")},
        "assumed": {"figures": count(found["counts"]["assumed"], "contract.assumed")},
        "weak": {},
        "of": count(found["counts"]["source"] + found["counts"]["assumed"], "contract.of"),
    }
    figures = {f["key"]: f for f in found["figures"]}
    for key, (name, write) in FIGURES.items():
        if key in figures:
            figure = figures[key]
            group = "weak" if figure["weak"] else "read" if figure["source"] else "assumed"
            made[group][name] = write(figure["value"], f"contract.{group}.{name}")
    return made | {
        **_cases(found["annual"]),
        "steps": {
            r["step"]: percent(round(r["change"], 4) + 0.0, "contract.steps", 1) for r in found["bridge"][1:]
        },
        "steps_prepaid": _steps_prepaid(found["annual"], figures["equipment.residual"]["value"]),
        "break_even": _break_even(found["annual_break_even"]),
        "implied": _implied(found, figures["equipment.residual"]["value"]),
        "option": _option(drawn["buyer"]),
        "drawn": _drawn(drawn),
        "share": {
            r["risk"]: percent(r["shapley"], "contract.share") for r in drawn["variance"]["npv_equity"]
        },
        "wrong_way": _wrong_way(drawn["wrong_way"]),
        "price_now": _price_now(drawn["price_now"]),
    }


def _cases(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return rates of return in annual arithmetic and month by month, by case and residual."""
    made: dict[str, Any] = {"annual": {}, "monthly": {}}
    for kind, held in made.items():
        for name, parts in CASES.items():
            own = [r for r in rows if (r["shell"], r["prepayment"]) == parts]
            held[name] = {f"r{100 * r['residual']:.0f}": percent(r[kind], f"contract.{kind}", 1) for r in own}
    return made


def _break_even(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    ways = {"annual": "price", "monthly": "monthly"}
    return {
        f"{r['opex']}_r{100 * r['residual']:.0f}": {
            n: plain(r[k], "contract.break_even") for n, k in ways.items()
        }
        for r in rows
    }


def _implied(found: Mapping[str, Any], residual: float) -> dict[str, Any]:
    base, buyer, least = found["base"], found["buyer"], found["least_renewal_price"]
    made = {
        "a_year": billion(found["a_year"], "contract.implied.a_year", 2),
        "price": plain(found["price_per_gpu_hour"], "contract.implied.price"),
        "price_high": plain(buyer["range"]["price_at_fewest"], "contract.implied.price"),
        "price_low": plain(buyer["range"]["price_at_most"], "contract.implied.price"),
        "break_even": plain(base["break_even_price"], "contract.implied.break_even"),
        "irr": percent(base["irr"], "contract.implied.irr", 1),
        "irr_equity": percent(base["irr_equity"], "contract.implied.irr_equity", 1),
        "npv": billion(base["npv"], "contract.implied.npv", 2),
        "npv_equity": billion(base["npv_equity"], "contract.implied.npv_equity", 2),
        "cover": plain(base["min_dscr"], "contract.implied.cover"),
        "payback": count(base["payback_months"], "contract.implied.payback"),
        "gain": billion(buyer["base"]["advantage"], "contract.implied.gain", 2),
        **_as_debt(buyer["rents_as_debt"]),
        "least_renewal": percent(least["unlevered"], "contract.implied.least_renewal"),
        "least_renewal_price": plain(least["unlevered_price"], "contract.implied.least_renewal"),
    }
    wanted = {"required": base["required"], "claim_low": CLAIM[0], "claim_high": CLAIM[1]}
    shells = {n: shell_at(found["surface"], residual, rate) for n, rate in wanted.items()}
    return made | {
        f"shell_at_{n}": billion(v, "contract.implied.shell", 1) for n, v in shells.items() if v is not None
    }


def shell_at(surface: Mapping[str, Any], residual: float, rate: float) -> float | None:
    """Return the shell cost at which the rate of return before debt is ``rate``, by linear interpolation.

    None where the surface does not reach it.
    """
    row = [
        float(np.interp(residual, surface["residual"], [np.nan if v is None else v for v in rates]))
        for rates in surface["unlevered"]
    ]
    if not row[0] >= rate >= row[-1]:
        return None
    return float(np.interp(-rate, [-v for v in row], surface["shell"]))


def _as_debt(rows: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """Return the gain by renting with rent at the middle one of the rates of debt, and that rate."""
    row = rows[len(rows) // 2]
    return {
        "gain_as_debt": billion(row["advantage"], "contract.implied.gain", 2),
        "rate_of_debt": percent(row["rate_of_rent"], "contract.assumed.rate_of_debt"),
    }


def _steps_prepaid(rows: Sequence[Mapping[str, Any]], residual: float) -> dict[str, Any]:
    """Return the steps from annual arithmetic to the months without shell, with prepayment."""
    steps = next(
        (r["steps"] for r in rows if r["prepayment"] and not r["shell"] and r["residual"] == residual), {}
    )
    return {n: percent(round(v, 4) + 0.0, "contract.steps", 1) for n, v in steps.items() if v is not None}


def _price_now(rows: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """Return what the market price at the start moves, at the ends of its range."""
    return {
        name: {
            "price": plain(row["price_now"], "contract.assumed.price_now", 1),
            "ended": percent(row["ended"], "contract.drawn"),
            "mean": billion(row["mean_npv_equity"], "contract.price_now", 2),
        }
        for name, row in (("low", rows[0]), ("high", rows[-1]))
    }


def _option(buyer: Mapping[str, Any]) -> dict[str, Any]:
    held = buyer["option"]
    return {
        "extend": billion(held["extend_exact"], "contract.option.extend", 2),
        "extend_drawn": billion(held["extend"], "contract.option.extend", 2),
        "walk": billion(held["walk_exact"], "contract.option.walk", 2),
        "exercised": percent(held["exercised"], "contract.option.exercised"),
        "termination": billion(buyer["termination"], "contract.option.termination", 2),
    }


def _drawn(drawn: Mapping[str, Any]) -> dict[str, Any]:
    """Return quantiles and chances; where draws have no rate of return, a quantile among them is ``none``."""
    ways: dict[str, Write] = {
        "irr": _places(percent, 1),
        "irr_equity": _places(percent, 1),
        "npv": _places(billion, 2),
        "npv_equity": _places(billion, 2),
    }
    ends = {"median": "q50", "low": "q05", "high": "q95", "mean": "mean"}
    made: dict[str, Any] = {
        n: {e: _or_none(drawn["quantiles"][n][q], write) for e, q in ends.items()}
        for n, write in ways.items()
    }
    made |= {n: percent(drawn["probability"][n], "contract.drawn") for n in CHANCES}
    below = drawn["renewal"]["below"]
    return made if below is None else made | {"renewal_below": percent(below, "contract.drawn")}


def _or_none(value: float | None, write: Write) -> dict[str, Any]:
    return quoted(None, "none") if value is None else write(value, "contract.drawn")


def _wrong_way(rows: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """Return the owners' mean value and its tail without correlation and at the strongest."""
    first, last = rows[0], rows[-1]
    return {
        name: {
            "rho": plain(row["rho"], "contract.wrong_way", 1),
            "mean": billion(row["mean_npv_equity"], "contract.wrong_way", 2),
            "tail": billion(row["tail"], "contract.wrong_way", 1),
        }
        for name, row in (("none", first), ("strong", last))
    }


def _finance(found: Mapping[str, Any] | None) -> dict[str, Any]:
    if found is None:
        return {}
    made = {
        n: percent(found["computed"][n], "contract.finance", 2)
        for n in ("blended", "with_prepayment", "over_outlay")
    }
    return made | {
        "reported": percent(found["reported"], "contract.finance", 2),
        "free_needed": percent(found["zero_coupon_share"], "contract.finance"),
        "free": percent(found["prepayment_share"], "contract.finance"),
    }
