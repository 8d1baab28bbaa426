"""What the value of a prior may be: each kind in words, and as a test of what stands in the file."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import isfinite
from typing import Any

type Kind = tuple[str, Callable[[Any], bool]]
"""What is expected, in words, and whether a value is that."""

PLAIN = (bool, int, float, str)
ASSETS = ("accelerator", "server", "network", "shell", "power", "fibre", "optics", "switching")


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _share(value: Any) -> bool:
    return _number(value) and 0 <= value <= 1


def _beta(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_number(v) and v > 0 for v in value)


def share(value: Any) -> bool:
    """Return whether a value is a share."""
    return _share(value)


def shares(value: Any) -> bool:
    """Return whether a value is a list of shares."""
    return isinstance(value, list) and bool(value) and all(_share(v) for v in value)


def positive_shares(value: Any) -> bool:
    """Return whether a value is a list of shares above 0."""
    return shares(value) and all(v > 0 for v in value)


def weights(value: Any) -> bool:
    """Return whether a value is a share for each certainty."""
    return (
        isinstance(value, dict)
        and set(value) == {"high", "medium", "low"}
        and all(map(_share, value.values()))
    )


def betas(value: Any) -> bool:
    """Return whether a value is the two parameters of a Beta distribution for each certainty."""
    return (
        isinstance(value, dict)
        and set(value) == {"high", "medium", "low"}
        and all(map(_beta, value.values()))
    )


def worths(value: Any) -> bool:
    """Return whether a value is a list of 0, 0.5 or 1, what ``partly`` may count for."""
    return shares(value) and set(value) <= {0.0, 0.5, 1.0}


def one_reading(value: Any) -> bool:
    """Return whether a value says what ``partly`` counts for and with which chance good ends are listed."""
    return (
        isinstance(value, dict)
        and set(value) == {"partly", "psi"}
        and worths([value["partly"]])
        and positive_shares([value["psi"]])
    )


def years(value: Any) -> bool:
    """Return whether a value is a list of years above 0."""
    return isinstance(value, list) and bool(value) and all(map(_positive, value))


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _positive(value: Any) -> bool:
    return _number(value) and value > 0


def _normal(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and _number(value[0]) and _positive(value[1])


def _three(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 3 and all(map(_positive, value))


def scales(*names: str) -> Callable[[Any], bool]:
    """Return the test that a value holds a number above 0 for each name."""
    return lambda v: isinstance(v, dict) and set(v) == set(names) and all(map(_positive, v.values()))


def choices(value: Any) -> bool:
    """Return whether a value is a table of plain values."""
    return isinstance(value, dict) and bool(value) and all(isinstance(v, PLAIN) for v in value.values())


def _bounded_normal(value: Any) -> bool:
    if not (isinstance(value, list) and len(value) == 4 and all(map(_number, value))):
        return False
    middle, spread, low, high = value
    return spread > 0 and low < high and low <= middle <= high


def _lognormal(value: Any) -> bool:
    return _bounded_normal(value) and all(v > 0 for v in value)


def _split(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) <= set(ASSETS)
        and all(map(_share, value.values()))
        and abs(sum(value.values()) - 1) < 1e-9
    )


def ramp(value: Any) -> bool:
    """Return whether a value is a first and a later last quarter."""
    return (
        isinstance(value, dict)
        and set(value) == {"first", "last"}
        and all(isinstance(v, str) and re.fullmatch(r"[0-9]{4}Q[1-4]", v) for v in value.values())
        and value["first"] < value["last"]
    )


BETA = ("the two parameters of a Beta distribution, above 0, such as [0.5, 0.5]", _beta)
NORMAL = ("a mean and a standard deviation above 0, such as [0.0, 0.5]", _normal)
MEDIAN = ("a median and a log standard deviation, both above 0, such as [0.15, 0.4]", _beta)
POSITIVE = ("a number above 0", _positive)
THREE = ("three weights above 0, for normal, boom and bust", _three)
LOGNORMAL = ("median, log s.d., lowest, highest, all above 0 and the median between the two", _lognormal)
BOUNDED_NORMAL = ("mean, s.d. above 0, lowest, highest, the mean between the two", _bounded_normal)
SPLIT = ("a share of each asset, adding up to 1", _split)
SHARE = ("a share between 0 and 1", _share)
COUNT = ("a whole number, 1 or more", _count)
PROPER_SHARE = ("a share above 0 and below 1", lambda v: _share(v) and 0 < v < 1)
