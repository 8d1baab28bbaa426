"""How the exhibits of contagion name holders and classes, and what all their notes say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HOLDERS: Mapping[str, str] = {
    "laboratories": "Owners of laboratories",
    "shareholders": "Shareholders of clouds, neoclouds",
    "suppliers": "Suppliers",
    "lenders": "Lenders",
}
CLASSES: Mapping[str, str] = {
    "take_or_pay": "take-or-pay",
    "framework": "framework, orders",
    "memorandum": "memorandum",
    "debt": "debt",
}
PRIORS = (
    "{priors} of what is due rests on a prior or an assumption, {assumed} on more than how firm it is, and "
    "{cash} of the nodes’ cash on an assumption: a scenario over one year, no forecast. Rows are of grades "
    "A to C."
)
VARIANTS: Mapping[str, str] = {
    "base": "Base",
    "markets_open": "Markets stay open",
    "no_funding": "No new funding",
    "no_rollover": "No refinancing",
    "common": "Common factor in all",
    "together": "These three together",
    "all_cancelled": "All that is not firm cancelled",
    "full_pace": "Full pace",
    "delivered": "Sites delivered, sponsors pay",
    "no_sponsors": "Sites delivered, no sponsors",
}


def on_priors(found: Mapping[str, Any]) -> str:
    """Return the sentence on what the answer rests on, which every exhibit prints."""
    shares = {"priors": "share_on_priors", "assumed": "share_assumed", "cash": "cash_assumed"}
    return PRIORS.format(**{n: f"{found[k]:.1%}" for n, k in shares.items()})
