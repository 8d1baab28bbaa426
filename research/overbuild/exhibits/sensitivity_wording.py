"""How exhibits of sensitivity name choices, their levels, components and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from overbuild.exhibits.wording import THIN, number
from overbuild.probability.variance_shares import told_apart

COMPONENTS = {
    "baserate": "Base rate",
    "regimes": "Regimes, annual",
    "quarterly": "Regimes, quarterly",
    "simulation": "Inside view",
}
SPOKEN = {
    "baserate": "base rate",
    "regimes": "annual regimes",
    "quarterly": "quarterly regimes",
    "simulation": "inside view",
}
"""Components within a sentence, where a comma would part their names."""
LEVELS = {
    "nominal": "nominal",
    "real": "real",
    "share_of_gdp": "share of GDP",
    "five_firms": "five",
    "four_firms": "without Oracle",
    "age": "as long in force",
    "any": "in force",
    "first_date": "so long after its date",
    "all": "all",
    "without_telecom": "without telecom",
    "mean": "mean",
    "beta_binomial": "median, beta-binomial",
    "bootstrap": "median, bootstrap",
    "clears": "rises until demand is met",
    "stays": "stays",
    "growth": "growth alone",
    "on": "on",
    "off": "off",
    "headline": "headline’s weights",
    "baserate": "base rate alone",
    "with_regimes": "base rate, annual regimes",
    "with_simulation": "base rate, inside view",
    "equal": "all four, equal",
}
PERCENT = ("fall", "capital_cost", "unknown")
"""Choices whose levels are fractions."""
FIGURES = {
    "capex_first": ("Capex, {first}", ",.0f"),
    "capex_next": ("Capex, {first} and {quarter}", ",.0f"),
    "ai_revenue": ("AI revenue, {last}", ",.0f"),
    "price": ("GPU price, {last}", ".0f"),
}
"""Figure to its name and format."""


def axis_title(axis: Mapping[str, Any]) -> str:
    """Return what a choice is called."""
    return str(axis["title"])


def moves(line: Mapping[str, Any]) -> bool:
    """Return whether an assumption moves a probability by more than twice its Monte Carlo error."""
    return line["highest"] - line["lowest"] > 2 * max(line["error"]) + 1e-9


def rest_apart(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return whether any share below those that stand out is told apart from the one after it."""
    later = any(row["apart"] for row in rows[len(told_apart(rows)) :])
    return "of the others not all are told apart" if later else "no other is told apart from the next"


def short_title(title: str) -> str:
    """Return what a choice is called where its level is not a factor beside it."""
    return title.removesuffix(", times")


def level_title(name: str, level: Any) -> str:
    """Return what a level is called."""
    if isinstance(level, str):
        return LEVELS.get(level, level)
    if name in PERCENT:
        return f"{number(100 * level, '.0f')}{THIN}%"
    return f"{level:g}"
