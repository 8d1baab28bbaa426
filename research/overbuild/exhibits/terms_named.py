"""How exhibits name the terms of a combined probability."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from overbuild.core.frozen import Frozen
from overbuild.exhibits.models_named import MODELS
from overbuild.exhibits.wording import listed, small

FORECASTERS = Frozen(
    {
        "baserate": "Base rate",
        "analogues": "Past booms",
        **MODELS,
        "simulation": "Inside view",
        "unknown_models": "Unknown models",
    }
)
"""Name to title, also of what stands for models that nobody has thought of."""
INLINE = Frozen(
    {
        "regimes": "annual regimes",
        "quarterly": "quarterly regimes",
        "analogue_regression": "the regression on past booms",
    }
)
"""Name to what it is called within a sentence, where that is not its title with a small letter."""
PANELS = Frozen(
    {
        "telecom_spending": "telecom’s spending",
        "telecom_suppliers": "telecom’s suppliers",
        "run_ups": "run-ups",
        "booms": "past booms",
        "ai_capex": "AI capex",
        "ai_free_cash_flow": "AI free cash flow",
    }
)


def named(model: str) -> str:
    """Return the title of a term."""
    return FORECASTERS.get(model, model)


def inline(model: str) -> str:
    """Return what a term is called within a sentence."""
    return INLINE.get(model, small(named(model)))


def behind(seen: Mapping[str, Any]) -> str:
    """Return what stands behind the weights, as a sentence."""
    if not seen["targets"]:
        return "No target on file tells the models apart: every weight is set."
    of = listed(PANELS.get(p, p) for p, n in seen["by_panel"].items() if n["targets"])
    return (
        f"Learnt from {seen['targets']} targets on which several models spoke, worth {seen['worth']:.1f} "
        f"independent ones: {of}."
    )
