"""The result ``contract_draws``: the shipped contracts when things may go wrong.

Keys of the result
------------------
``as_of, draws, left_out``
    Day, number of draws, contracts whose sources were not known.
``contracts``
    Name to:

    ``title, covenant, required, required_equity, equipment, price_per_gpu_hour``
        Of the contract.
    ``quantiles``
        ``irr, irr_equity, npv, npv_equity, min_dscr, renewal_price`` (relative to the contract's) to ``q05,
        q25, q50, q75, q95, mean``. A draw without a rate of return, nearly always a loss of most or all,
        ranks below all others (a quantile among them is None) and is left out of the mean; ``without_irr,
        without_irr_equity`` are their shares.
    ``base``
        ``irr, irr_equity, npv, npv_equity, min_dscr`` with every risk off.
    ``probability``
        ``loss`` (unlevered value at the required return below 0), ``loss_equity``, ``below_zero_return``
        (cash put in is not returned, unlevered), ``wiped`` (owners get nothing after the last tranche is
        due), ``lenders_short``,
        ``covenant`` (cover of a year below the covenant), ``default`` (of the buyer within the term),
        ``ended`` (a tranche ended by the buyer), ``unbuilt``; ``error`` holds the Monte Carlo standard error
        of each.
    ``fan``
        ``year`` and ``q05`` to ``q95, mean``: what the owners' remaining flows are worth at the end of each
        year.
    ``variance``
        ``npv`` and ``npv_equity``: a row a risk with ``risk, shapley`` (adds up to 1), ``alone`` (variance
        with this risk only, over that with all) and ``removed`` (part of the variance that goes when it is
        switched off).
    ``wrong_way``
        Rows ``rho, loss_equity, mean_npv_equity, tail`` (mean of the worst twentieth) at fixed correlations
        of the market price with the buyer's failure; the residual's stays as it is.
    ``price_now``
        Rows ``price_now, ended, mean_npv, mean_npv_equity, termination`` at the market price of the start in
        the file and at the ends of its range.
    ``renewal``
        ``least_price`` as in ``contract_values`` and ``below``, the chance that the market price is lower.
    ``buyer``
        ``advantage`` of renting in the base case; expected ``paid`` (present value); ``option``
        (`buyer.Option`) and
        ``hypothetical`` (whether its strike is ours); ``termination``, the worth of the right to end late
        tranches.
``handed_on``
    Name to ``price_per_gpu_hour`` (USD; the count of accelerators triangular over its range),
    ``renewal_price`` (USD) and ``npv_per_equipment`` (owners' value per dollar of equipment), up to
    `HANDED_ON` draws each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.core.draws import Draws
from overbuild.finance.buyer import option, rent_or_own, termination
from overbuild.finance.cash_flow import Course, ended
from overbuild.finance.contract import Contract
from overbuild.finance.contract_draws import RISKS, Priors, draw
from overbuild.finance.contract_results import known_contracts
from overbuild.finance.contract_simulation import NOTHING, Simulated, simulate
from overbuild.finance.contract_value import least_renewal_price, summary
from overbuild.games.asked import Asked
from overbuild.models.prior_file import FILE, read_priors
from overbuild.randomness import stream

MODEL = "contracts"
DRAWS, QUICK_DRAWS = 20_000, 2_000
OF_VARIANCE, QUICK_OF_VARIANCE = 2_000, 300
HANDED_ON = 400
QUANTILES = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}
CORRELATIONS = (0.0, 0.3, 0.5, 0.7)
TAIL = 0.05
VALUED = ("npv", "npv_equity")
RATES = ("irr", "irr_equity")
RETURNS = (*RATES, "npv", "npv_equity", "min_dscr")


def result(asked: Asked) -> dict[str, Any]:
    """Return everything that exhibits read of the draws, in plain types."""
    priors = Priors.of(read_priors(asked.data / FILE).at(asked.as_of).values(MODEL))
    contracts, left_out = known_contracts(asked)
    draws = QUICK_DRAWS if asked.quick else DRAWS
    of_variance = QUICK_OF_VARIANCE if asked.quick else OF_VARIANCE
    found = {n: run(c, priors, draws, asked.seed) for n, c in contracts.items()}
    return {
        "as_of": asked.as_of.isoformat(),
        "draws": draws,
        "left_out": left_out,
        "contracts": {
            n: summarise(c, priors, *found[n])
            | {
                "variance": variance(c, priors, of_variance, asked.seed),
                "wrong_way": wrong_way(c, priors, draws // 4, asked.seed),
                "price_now": price_now(c, priors, draws // 4, asked.seed),
            }
            for n, c in contracts.items()
        },
        "handed_on": {n: _handed_on(c, *found[n], asked.seed) for n, c in contracts.items()},
    }


def draws_of(found: Mapping[str, Any], name: str = "iren") -> tuple[Draws, ...]:
    """Return what is handed on to the simulation: prices of an accelerator hour and the owners' value.

    Parameters
    ----------
    found
        The result ``contract_draws``.
    name
        Of a contract.
    """
    said = {
        "price_per_gpu_hour": ("USD", "Payments per accelerator hour; the count of accelerators is weak"),
        "renewal_price": ("USD", "Market price of an accelerator hour at the end of the term"),
        "npv_per_equipment": ("ratio", "Present value to the owners per dollar of equipment"),
    }
    day = date.fromisoformat(found["as_of"])
    return tuple(
        Draws(f"contract_{n}_{name}", unit, np.array(values), f"{meaning}.", day)
        for n, (unit, meaning) in said.items()
        if (values := found["handed_on"][name][n])
    )


def run(contract: Contract, priors: Priors, draws: int, seed: int) -> tuple[Course, Simulated]:
    """Return courses of a contract and what it is worth in each."""
    course = draw(contract, priors, draws, stream(f"contract/{contract.name}", seed=seed))
    return course, simulate(contract, course)


def summarise(contract: Contract, priors: Priors, course: Course, found: Simulated) -> dict[str, Any]:
    """Return quantiles, chances, the fan of the owners' value and the buyer's side; keys as above."""
    base = summary(contract)
    least = least_renewal_price(contract)["unlevered"]
    chances = _chances(contract, course, found)
    return {
        "title": contract.title,
        "covenant": contract.min_dscr,
        "required": contract.required,
        "required_equity": contract.required_equity,
        "equipment": contract.equipment.cost,
        "price_per_gpu_hour": contract.price,
        "quantiles": {n: _quantiles(getattr(found, n), lowest=n in RATES) for n in RETURNS}
        | {"renewal_price": _quantiles(course.price_end)},
        "without_irr": float(np.isnan(found.irr).mean()),
        "without_irr_equity": float(np.isnan(found.irr_equity).mean()),
        "base": {n: base[n] for n in RETURNS},
        "probability": {n: float(v.mean()) for n, v in chances.items()}
        | {"error": {n: float(v.std() / np.sqrt(len(v))) for n, v in chances.items()}},
        "fan": _fan(found.value),
        "renewal": {
            "least_price": least,
            "below": None if least is None else float((course.price_end < least).mean()),
        },
        "buyer": {
            "advantage": rent_or_own(contract).advantage,
            "paid": float(found.paid.mean()),
            "option": asdict(option(contract, course.price_end, priors.price_sd)),
            "hypothetical": contract.renewal.strike is None,
            "termination": float(termination(contract, course).mean()),
        },
    }


def variance(contract: Contract, priors: Priors, draws: int, seed: int) -> dict[str, list[dict[str, Any]]]:
    r"""Return how much of the variance of the value each risk carries.

    With :math:`v(S)` the variance when only the risks in :math:`S` are let loose, on common random numbers,
    the Shapley share of risk :math:`i` among :math:`n` is

    .. math:: \frac{1}{v(N)} \sum_{S \not\ni i} \frac{|S|!\,(n - |S| - 1)!}{n!} \,[v(S \cup i) - v(S)] .

    The shares add up to 1. One may be below 0 where a risk cushions others.
    """
    spread: dict[tuple[str, ...], dict[str, float]] = {}
    for size in range(len(RISKS) + 1):
        for on in combinations(RISKS, size):
            rng = stream(f"contract/variance/{contract.name}", seed=seed)
            found = simulate(contract, draw(contract, priors, draws, rng, on), rates=False)
            spread[on] = {n: float(getattr(found, n).var()) for n in VALUED}
    return {n: [_share(r, {on: v[n] for on, v in spread.items()}) for r in RISKS] for n in VALUED}


def wrong_way(contract: Contract, priors: Priors, draws: int, seed: int) -> list[dict[str, float]]:
    """Return the owners' chance of loss and mean value at fixed correlations of price and buyer's failure."""
    rows = []
    for rho in CORRELATIONS:
        rng = stream(f"contract/wrong way/{contract.name}", seed=seed)
        found = simulate(
            contract, draw(contract, replace(priors, wrong_way=(rho, rho)), draws, rng), rates=False
        )
        value = np.sort(found.npv_equity)
        rows.append(
            {
                "rho": rho,
                "loss_equity": float((value < 0).mean()),
                "mean_npv_equity": float(value.mean()),
                "tail": float(value[: max(int(TAIL * draws), 1)].mean()),
            }
        )
    return rows


def price_now(contract: Contract, priors: Priors, draws: int, seed: int) -> list[dict[str, float]]:
    """Return what the market price at the start moves, over its range in the file."""
    told = next((f for f in contract.figures if f.key == "renewal.price_now"), None)
    now = contract.renewal.price_now
    ends = (told.low, told.high) if told else (None, None)
    rows = []
    for price in sorted({now, *(p for p in ends if p is not None)}):
        other = replace(contract, renewal=replace(contract.renewal, price_now=price))
        course = draw(other, priors, draws, stream(f"contract/price now/{contract.name}", seed=seed))
        found = simulate(other, course, rates=False)
        rows.append(
            {
                "price_now": price,
                "ended": float(ended(other, course).any(axis=1).mean()),
                "mean_npv": float(found.npv.mean()),
                "mean_npv_equity": float(found.npv_equity.mean()),
                "termination": float(termination(other, course).mean()),
            }
        )
    return rows


def _share(risk: str, spread: Mapping[tuple[str, ...], float]) -> dict[str, Any]:
    n, whole = len(RISKS), spread[RISKS]
    if whole == 0:
        return {"risk": risk, "shapley": 0.0, "alone": 0.0, "removed": 0.0}
    total = 0.0
    for without, value in spread.items():
        if risk not in without:
            joined = tuple(r for r in RISKS if r in (*without, risk))
            weight = factorial(len(without)) * factorial(n - len(without) - 1) / factorial(n)
            total += weight * (spread[joined] - value)
    others = tuple(r for r in RISKS if r != risk)
    return {
        "risk": risk,
        "shapley": total / whole,
        "alone": spread[(risk,)] / whole,
        "removed": 1 - spread[others] / whole,
    }


def _chances(contract: Contract, course: Course, found: Simulated) -> dict[str, NDArray[np.float64]]:
    made = {
        "loss": found.npv < 0,
        "loss_equity": found.npv_equity < 0,
        "below_zero_return": found.total < 0,
        "wiped": found.wiped,
        "lenders_short": found.arrears > NOTHING,
        "covenant": found.min_dscr < contract.min_dscr,
        "default": course.default < contract.last_due + contract.term,
        "ended": ended(contract, course).any(axis=1),
        "unbuilt": course.built < len(contract.tranches),
    }
    return {n: v.astype(float) for n, v in made.items()}


def _fan(value: NDArray[np.float64]) -> dict[str, list[float]]:
    used = int(np.flatnonzero(np.abs(value).max(axis=0) > NOTHING)[-1]) + 2 if value.any() else 1
    kept = value[:, :used]
    return {
        "year": list(range(kept.shape[1])),
        **{n: np.quantile(kept, q, axis=0).tolist() for n, q in QUANTILES.items()},
        "mean": kept.mean(axis=0).tolist(),
    }


def _quantiles(values: NDArray[np.float64], *, lowest: bool = False) -> dict[str, float | None]:
    usable = values[np.isfinite(values)]
    ranked = np.where(np.isnan(values), -np.inf, values) if lowest or not usable.size else usable
    found = {n: float(np.quantile(ranked, q, method="lower")) for n, q in QUANTILES.items()}
    found["mean"] = float(usable.mean()) if usable.size else -np.inf
    return {n: v if np.isfinite(v) else None for n, v in found.items()}


def _handed_on(contract: Contract, course: Course, found: Simulated, seed: int) -> dict[str, list[float]]:
    count = min(HANDED_ON, course.draws)
    value = found.npv_equity[:count] / contract.equipment.cost
    held = {"npv_per_equipment": [round(float(v), 5) for v in value]}
    if contract.gpus is None:
        return held | {"price_per_gpu_hour": [], "renewal_price": []}
    told = next((f for f in contract.figures if f.key == "contract.gpus"), None)
    low, high = (told.low or contract.gpus, told.high or contract.gpus) if told else (contract.gpus,) * 2
    rng = stream(f"contract/count/{contract.name}", seed=seed)
    gpus = rng.triangular(low, contract.gpus, high, count) if low < high else np.full(count, contract.gpus)
    price = contract.a_year * 1e9 / (gpus * 8760)
    return held | {
        "price_per_gpu_hour": [round(float(v), 5) for v in price],
        "renewal_price": [round(float(v), 5) for v in price * course.price_end[:count]],
    }
