"""How a quoted number is filed: its value, and the text that the paper and the README print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from overbuild.errors import InputError

MINUS = "\N{MINUS SIGN}"


def quoted(value: Any, text: str) -> dict[str, Any]:
    """Return a number as it is filed."""
    return {"value": value, "text": text.replace("-", MINUS)}


def billion(value: float | None, what: str, decimals: int = 0) -> dict[str, Any]:
    """Return USD billion, written without the unit."""
    known = _known(value, what)
    return quoted(known, f"{known:,.{decimals}f}")


def percent(value: float | None, what: str, decimals: int = 0) -> dict[str, Any]:
    """Return a fraction, written in per cent without the sign."""
    known = _known(value, what)
    return quoted(known, f"{100 * known:.{decimals}f}")


def plain(value: float | None, what: str, decimals: int = 2) -> dict[str, Any]:
    """Return a number written with so many decimals."""
    known = _known(value, what)
    return quoted(known, f"{known:.{decimals}f}")


def count(value: int | None, what: str) -> dict[str, Any]:
    """Return a count, with thousands apart."""
    known = _known(value, what)
    return quoted(known, f"{known:,d}")


def label(text: str) -> dict[str, Any]:
    """Return a name or a period, which is written as it is."""
    return {"value": text, "text": text}


def quantile(values: Sequence[float], share: float) -> float:
    """Return a quantile by linear interpolation between ordered values."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _known(value: Any, what: str) -> Any:
    if value is None:
        raise InputError(f"The text quotes {what}, which is not known.")
    return value
