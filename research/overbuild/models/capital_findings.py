"""What the model of capital finds, as plain values: stocks, charges, cover, levers, what is only believed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.models.accounting_life import AccountingLife
from overbuild.models.capital_stock import CapitalStock
from overbuild.models.installed import compare
from overbuild.models.inventory import discrepancy
from overbuild.models.must_be_true import Scenario, must_be_true
from overbuild.models.revenue_bounds import RevenueBounds

type Array = NDArray[np.float64]

SCENARIOS = (
    Scenario("2028Q4", 0.0, 0.4),
    Scenario("2028Q4", 0.3, 0.4),
    Scenario("2030Q4", 0.0, 0.4),
    Scenario("2030Q4", 0.15, 0.4),
)
"""Dates and growth of capex at which the levers are asked; none is a forecast."""
O1_PROXY = (
    "Share of draws in which AI revenue, at a bound, is below what capital must earn this year. A proxy of "
    "O1 and not O1: that asks for the value of a cohort's cash over its life, which takes paths of use and "
    "price."
)


def findings_of(
    held: CapitalStock, lives: tuple[AccountingLife, ...], rng: np.random.Generator
) -> dict[str, Any]:
    """Return everything that is found, as plain values."""
    made, needed = held.inventory, held.required()
    capital = made.capital[:, -1]
    total = capital.sum(axis=1)
    rent = needed.charge / np.where(capital > 0, capital, np.nan)
    found: dict[str, Any] = {
        "period": held.periods[-1],
        "capital_in_use": points(total),
        "in_progress": points(made.in_progress[:, -1].sum(axis=1)),
        "charge": points(needed.charge.sum(axis=1)),
        "charge_over_capital": points(needed.charge.sum(axis=1) / total),
        "required": points(needed.total),
        "required_at_constant_price": points(needed.at_constant_price),
        "by_asset": {
            name: {
                "capital": points(capital[:, j]),
                "median_life": points(held.parameters.terms.median_life[:, j]),
                "charge_over_capital": points(rent[:, j]),
            }
            for j, name in enumerate(held.assets)
        },
        "history": _history(held),
        "vintages": _vintages(held),
        "left_by_year": _left_by_year(held),
        "accounting_lives": [
            life.to_dict() | {"sentence": life.sentence(), "checks": life.checks(rng)} for life in lives
        ],
        "identities": discrepancy(made),
        "prior_driven": _unseen(held),
        "installed_compute": compare(held, rng),
        "not_identified": "asset shares, economic lives, price falls and the share of capex that serves AI: "
        "their bands are those of the priors",
    }
    return found if held.revenue is None else found | _against_revenue(held, held.revenue)


def _against_revenue(held: CapitalStock, revenue: RevenueBounds) -> dict[str, Any]:
    """Return what revenue covers, and what must be true for it to cover all."""
    needed, completed = held.required(), held.required_when_completed()
    ends = {"low": revenue.low, "high": revenue.high}
    cover = {end: needed.cover(value) for end, value in ends.items()}
    later = {end: completed.cover(value) for end, value in ends.items()}
    use = held.parameters.utilisation
    if use is None:
        raise ValueError("An era whose revenue is compared draws the share of capacity in use.")
    return {
        "required_when_completed": points(completed.total),
        "revenue": revenue.to_dict(),
        "cover": {end: points(c) for end, c in cover.items()},
        "cover_when_completed": {end: points(c) for end, c in later.items()},
        "cover_below_one": [float(np.mean(cover[end] < 1)) for end in ("high", "low")],
        "o1_proxy": {
            "meaning": O1_PROXY,
            "in_use": {end: float(np.mean(c < 1)) for end, c in cover.items()},
            "when_completed": {end: float(np.mean(c < 1)) for end, c in later.items()},
        },
        "must_be_true": [_scenario(held, s, use) for s in SCENARIOS],
    }


def _unseen(held: CapitalStock) -> list[dict[str, Any]]:
    """Return the priors on which everything rests and of which the data teach nothing."""
    p, rows = held.parameters, []
    for j, asset in enumerate(held.assets):
        rows.append(_row(f"median life of {asset}", "years", p.terms.median_life[:, j]))
        rows.append(_row(f"price fall of {asset}", "log a year", p.terms.price_fall[:, j]))
    for f, flow in enumerate(held.data.era.flows):
        shares = [(a, p.split[:, f, j]) for j, a in enumerate(held.assets)]
        rows += [_row(f"share of {a} in '{flow.name}'", "share", s) for a, s in shares if np.ptp(s) > 0]
    rows.append(_row("cost of capital", "a year", p.terms.cost_of_capital))
    rows.append(_row("completion lag", "years", p.lag[:, 0]))
    if p.ai_share is not None:
        names = "before the ramp", "after the ramp"
        rows += [
            _row(f"share of spending for AI {n}", "share", p.ai_share[0][:, k]) for k, n in enumerate(names)
        ]
    if p.utilisation is not None:
        rows.append(_row("running cost over cost", "a year", p.terms.opex))
        rows.append(_row("share of capacity in use", "share", p.utilisation))
    return rows


def _row(name: str, unit: str, values: Array) -> dict[str, Any]:
    return {"parameter": name, "unit": unit, "learnt": 0.0} | points(values)


def _scenario(held: CapitalStock, scenario: Scenario, use: Array) -> dict[str, Any]:
    later = held.project(scenario.by, scenario.capex_growth)
    return {
        "by": scenario.by,
        "capex_growth": scenario.capex_growth,
        "revenue_growth": scenario.revenue_growth,
        "required": points(later.required().total),
        "levers": [lever.to_dict() for lever in must_be_true(held, scenario, use)],
    }


def _history(held: CapitalStock) -> list[dict[str, Any]]:
    """Return capital in use by class at the end of each year on record, and of the last period."""
    periods, each = held.periods, held.per_year
    first = periods.index(held.record)
    chosen = [t for t in range(first, len(periods)) if periods[t].endswith("Q4") or each == 1]
    chosen = sorted({*chosen, len(periods) - 1})
    return [
        {"period": periods[t], "asset": name} | points(held.inventory.capital[:, t, j])
        for t in chosen
        for j, name in enumerate(held.assets)
    ]


def _vintages(held: CapitalStock) -> list[dict[str, Any]]:
    """Return what is left of each year's completions at the end of the record."""
    left = held.inventory.survivors()
    years = np.array([int(p[:4]) for p in held.periods])
    return [
        {"year": int(year), "asset": name} | points(left[:, years == year, j].sum(axis=1))
        for year in np.unique(years)
        for j, name in enumerate(held.assets)
    ]


def _left_by_year(held: CapitalStock) -> list[dict[str, Any]]:
    """Return the same of all assets together."""
    left = held.inventory.survivors().sum(axis=2)
    years = np.array([int(p[:4]) for p in held.periods])
    return [{"year": int(year)} | points(left[:, years == year].sum(axis=1)) for year in np.unique(years)]


def points(values: Array) -> dict[str, float]:
    """Return the 5, 50 and 95 % points of draws."""
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    return {"q05": float(low), "q50": float(middle), "q95": float(high)}


def billion(band: Mapping[str, float]) -> str:
    """Return median and ends in USD billion, as a sentence has them."""
    return f"{band['q50'] / 1e3:,.0f} ({band['q05'] / 1e3:,.0f}-{band['q95'] / 1e3:,.0f})"
