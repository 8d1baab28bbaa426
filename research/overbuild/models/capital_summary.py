"""What the capital model files: its record, its checks, and what it says, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from overbuild.errors import InputError
from overbuild.models import draws_of
from overbuild.models.accounting_life import AccountingLife, accounting_life
from overbuild.models.capital import CapitalModel, CapitalPosterior
from overbuild.models.inventory import discrepancy
from overbuild.models.must_be_true import Scenario, must_be_true
from overbuild.models.reported import FIRMS, reported_by
from overbuild.models.required_revenue import required_when_completed

if TYPE_CHECKING:
    from overbuild.core.snapshot import Snapshot

type Array = NDArray[np.float64]

BALANCED = 1e-9
SCENARIOS = (
    Scenario("2028Q4", 0.0, 0.4),
    Scenario("2028Q4", 0.3, 0.4),
    Scenario("2030Q4", 0.0, 0.4),
    Scenario("2030Q4", 0.15, 0.4),
)
"""Dates and growth of capex at which the levers are asked; none is a forecast."""


@dataclass(frozen=True, eq=False)
class CapitalEstimate:
    """The capital of one era, with accounting lives and checks.

    Attributes
    ----------
    posterior
        Capital on draws.
    lives
        Accounting lives of the firms that report enough.
    record, diagnostics, summary
        Plain values: what it was made from, whether its books balance and its predictions hold, what it says.
    """

    posterior: CapitalPosterior
    lives: tuple[AccountingLife, ...]
    record: Mapping[str, Any]
    diagnostics: Mapping[str, Any]
    summary: Mapping[str, Any]

    @property
    def passed(self) -> bool:
        """Whether the checks hold."""
        return bool(self.diagnostics["passed"])

    def to_dict(self) -> dict[str, Any]:
        """Return ``record``, ``diagnostics`` and ``summary``."""
        return {
            "record": dict(self.record),
            "diagnostics": dict(self.diagnostics),
            "summary": dict(self.summary),
        }

    def sentence(self) -> str:
        """Say what it finds."""
        s = self.summary
        charge = s["charge_over_capital"]
        said = (
            f"Capital in use of '{self.record['episode']}' in {s['period']}: USD {_bn(s['capital_in_use'])} "
            f"bn, in progress {_bn(s['in_progress'])}. Before running cost it must earn "
            f"{100 * charge['q50']:.0f} % of its cost a year ({100 * charge['q05']:.0f}-"
            f"{100 * charge['q95']:.0f})."
        )
        if "cover" not in s:
            return f"{said} Bands are those of the priors; {self.record['label']}."
        low, high = s["cover"]["low"]["q50"], s["cover"]["high"]["q50"]
        revenue = s["revenue"]
        return (
            f"{said} With running cost: {_bn(s['required'])}, and {_bn(s['required_when_completed'])} once "
            f"what is in progress is in use. AI revenue lies between {revenue['low'] / 1e3:.0f} and "
            f"{revenue['high'] / 1e3:.0f}: cover {low:.2f} to {high:.2f}. Bands are those of the priors."
        )


def estimate_capital(model: CapitalModel, snapshot: Snapshot, rng: np.random.Generator) -> CapitalEstimate:
    """Fit the model and gather what is filed."""
    posterior = model.fit(snapshot, rng)
    lives = tuple(_lives(model, snapshot)) if posterior.revenue is not None else ()
    priors = model.priors.at(snapshot.as_of).of("capital")
    record = {
        "model": "capital",
        "episode": snapshot.episode,
        "as_of": snapshot.as_of.isoformat(),
        "label": snapshot.label,
        "data": snapshot.digest,
        "priors": priors.digest,
        "draws": model.draws,
        "record_from": posterior.record,
        "record_to": posterior.periods[-1],
        "evidence": "prior-driven",
    }
    gap = discrepancy(posterior.inventory)
    checks = {life.reported.firm: life.checks(rng) for life in lives}
    predicted = all(c["posterior_predictive"]["share_inside_90"] >= 0.5 for c in checks.values())
    diagnostics = {
        "identities": gap,
        "accounting_lives": checks,
        "passed": gap < BALANCED and predicted,
    }
    return CapitalEstimate(posterior, lives, record, diagnostics, _summary(posterior, lives, model, rng))


def _lives(model: CapitalModel, snapshot: Snapshot) -> list[AccountingLife]:
    """Return the accounting lives of the firms that report enough; the others are left out."""
    priors, found = model.priors.at(snapshot.as_of), []
    for firm, series in FIRMS.items():
        try:
            found.append(accounting_life(reported_by(snapshot, firm, series), priors))
        except InputError:
            continue
    return found


def _summary(
    posterior: CapitalPosterior,
    lives: tuple[AccountingLife, ...],
    model: CapitalModel,
    rng: np.random.Generator,
) -> dict[str, Any]:
    made, needed = posterior.inventory, posterior.required()
    capital = made.capital[:, -1]
    total = capital.sum(axis=1)
    rent = needed.charge / np.where(capital > 0, capital, np.nan)
    found: dict[str, Any] = {
        "period": posterior.periods[-1],
        "capital_in_use": points(total),
        "in_progress": points(made.in_progress[:, -1].sum(axis=1)),
        "charge": points(needed.charge.sum(axis=1)),
        "charge_over_capital": points(needed.charge.sum(axis=1) / total),
        "required": points(needed.total),
        "required_at_constant_price": points(needed.at_constant_price),
        "by_asset": {
            name: {
                "capital": points(capital[:, j]),
                "median_life": points(posterior.parameters.terms.median_life[:, j]),
                "charge_over_capital": points(rent[:, j]),
            }
            for j, name in enumerate(posterior.assets)
        },
        "history": _history(posterior),
        "vintages": _vintages(posterior),
        "left_by_year": _left_by_year(posterior),
        "accounting_lives": [life.to_dict() | {"sentence": life.sentence()} for life in lives],
        "not_identified": "asset shares, economic lives, price falls and the share of capex that serves AI: "
        "their bands are those of the priors",
    }
    cover = posterior.cover()
    if posterior.revenue is None or cover is None:
        return found
    use = draws_of.beta(model.priors.at(posterior.as_of).value("capital.utilisation"), total.size, rng)
    completed = required_when_completed(made, posterior.parameters.terms)
    return found | {
        "required_when_completed": points(completed.total),
        "revenue": posterior.revenue.to_dict(),
        "cover": {"low": points(cover[0]), "high": points(cover[1])},
        "cover_when_completed": {
            "low": points(completed.cover(posterior.revenue.low)),
            "high": points(completed.cover(posterior.revenue.high)),
        },
        "cover_below_one": [float(np.mean(c < 1)) for c in cover[::-1]],
        "must_be_true": [_scenario(posterior, s, use) for s in SCENARIOS],
    }


def _scenario(posterior: CapitalPosterior, scenario: Scenario, use: Array) -> dict[str, Any]:
    later = posterior.project(scenario.by, scenario.capex_growth)
    return {
        "by": scenario.by,
        "capex_growth": scenario.capex_growth,
        "revenue_growth": scenario.revenue_growth,
        "required": points(later.required().total),
        "levers": [lever.to_dict() for lever in must_be_true(posterior, scenario, use)],
    }


def _history(posterior: CapitalPosterior) -> list[dict[str, Any]]:
    """Return capital in use by class at the end of each year on record, and of the last period."""
    periods, each = posterior.periods, posterior.per_year
    first = periods.index(posterior.record)
    chosen = [t for t in range(first, len(periods)) if periods[t].endswith("Q4") or each == 1]
    chosen = sorted({*chosen, len(periods) - 1})
    return [
        {"period": periods[t], "asset": name} | points(posterior.inventory.capital[:, t, j])
        for t in chosen
        for j, name in enumerate(posterior.assets)
    ]


def _vintages(posterior: CapitalPosterior) -> list[dict[str, Any]]:
    """Return what is left of each year's completions at the end of the record."""
    left = posterior.inventory.survivors()
    years = np.array([int(p[:4]) for p in posterior.periods])
    return [
        {"year": int(year), "asset": name} | points(left[:, years == year, j].sum(axis=1))
        for year in np.unique(years)
        for j, name in enumerate(posterior.assets)
    ]


def _left_by_year(posterior: CapitalPosterior) -> list[dict[str, Any]]:
    """Return the same of all assets together."""
    left = posterior.inventory.survivors().sum(axis=2)
    years = np.array([int(p[:4]) for p in posterior.periods])
    return [{"year": int(year)} | points(left[:, years == year].sum(axis=1)) for year in np.unique(years)]


def points(values: Array) -> dict[str, float]:
    """Return the 5, 50 and 95 % points of draws."""
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    return {"q05": float(low), "q50": float(middle), "q95": float(high)}


def _bn(band: Mapping[str, float]) -> str:
    return f"{band['q50'] / 1e3:,.0f} ({band['q05'] / 1e3:,.0f}-{band['q95'] / 1e3:,.0f})"
