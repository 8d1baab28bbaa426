"""How tables write what is not one number of a column: ranges, percentages, verdicts, minus signs in text."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from overbuild.exhibits.tables import MINUS, MISSING

EN_DASH = "–"
THIN = "\N{NARROW NO-BREAK SPACE}"
INTERVALS = {
    "bootstrap": "bootstrap by {cluster}",
    "independent": "Jeffreys’ prior, cases independent",
    "effective": "Jeffreys’ prior, effective number of cases",
    "korn_graubard": "Jeffreys’ prior, number of cases after Korn and Graubard",
    "beta_binomial": "beta-binomial by {cluster}",
}
"""How tables name an interval of a share; what the cases are grouped by is put in."""
VERDICTS = {True: "true", False: "false", None: "unknown"}

_MONTH = r"(?:0[1-9]|1[0-2])\b"
_RANGE = re.compile(rf"(?<=\d)(?<!\d{{4}}-\d{{2}})-(?=\d)(?!{_MONTH})")
"""A hyphen between numbers that is not part of a date."""
_NEGATIVE = re.compile(r"(?<![\w)])-(?=\d)")
_PERCENT = re.compile(r"(?<=\d) ?%")


def number(value: float | None, spec: str = ".2f") -> str:
    """Return a number as a table prints it; a dash where it is not known."""
    if value is None or math.isnan(value):
        return MISSING
    text = format(value, spec)
    text = text if text.strip("-0.,%") else text.removeprefix("-")
    return text.replace("-", MINUS).replace("%", f"{THIN}%")


def interval_name(name: str, cluster: str = "series") -> str:
    """Return how an interval of a share is named."""
    return INTERVALS[name].format(cluster=cluster)


def percent(value: float | None, decimals: int = 1) -> str:
    """Return a fraction in per cent, without the sign."""
    return MISSING if value is None else number(100 * value, f".{decimals}f")


def span(low: float | None, high: float | None, spec: str = ".2f") -> str:
    """Return ``low–high``, or ``low to high`` where an end is negative; a dash where one is not known."""
    ends = number(low, spec), number(high, spec)
    if MISSING in ends:
        return MISSING
    return (" to " if any(e.startswith(MINUS) for e in ends) else EN_DASH).join(ends)


def with_range(value: float | None, low: float | None, high: float | None, spec: str = ".2f") -> str:
    """Return ``value (low–high)``, or the value alone where it has no range."""
    inside = span(low, high, spec)
    return number(value, spec) if inside == MISSING else f"{number(value, spec)} ({inside})"


def years(first: float | None, last: float | None) -> str:
    """Return ``1996–2003``, ``to 2003`` or ``from 1996`` where an end is not known."""
    start, end = ("" if y is None or math.isnan(y) else f"{y:.0f}" for y in (first, last))
    if not start or not end:
        return f"from {start}" if start else f"to {end}" if end else MISSING
    return start if start == end else f"{start}{EN_DASH}{end}"


def typographic(text: str) -> str:
    """Return a text with minus signs, dashes between numbers and narrow spaces before per cent."""
    return _PERCENT.sub(f"{THIN}%", _NEGATIVE.sub(MINUS, _RANGE.sub(EN_DASH, text)))


def listed(names: Iterable[str]) -> str:
    """Return ``a, b and c``."""
    return " and ".join(", ".join(names).rsplit(", ", 1))


def capital(text: str) -> str:
    """Return a text with its first letter large."""
    return text[:1].upper() + text[1:]


def small(text: str) -> str:
    """Return a text with its first letter small."""
    return text[:1].lower() + text[1:]
