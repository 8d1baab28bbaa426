"""How the exhibits of contagion name holders and classes, and what all their notes say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HOLDERS: Mapping[str, str] = {
    "customers": "Customers (owners of laboratories)",
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
    "{priors} of what is due rests on a prior or an assumption, {assumed} on more than how firm it is: a "
    "scenario over one year, no forecast. Rows are of grades A to C."
)


def on_priors(found: Mapping[str, Any]) -> str:
    """Return the sentence on what the answer rests on, which every exhibit prints."""
    return PRIORS.format(priors=f"{found['share_on_priors']:.1%}", assumed=f"{found['share_assumed']:.1%}")
