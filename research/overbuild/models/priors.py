"""The priors of the models, from ``data/priors.toml``: each with its reason, source and first day.

A forecast as of a day may use only what could have been held on that day, so a value is handed out by
``priors.at(as_of)`` alone. Priors that nobody could have held by then are refused by name, not replaced.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import isfinite
from pathlib import Path
from typing import Any

from overbuild.core.digest import digest_of
from overbuild.core.frozen import Frozen
from overbuild.errors import InputError, UnknownNameError
from overbuild.locations import data_dir

Beta = tuple[float, float]
"""The two parameters of a Beta distribution."""

JEFFREYS: Beta = (0.5, 0.5)
UNIFORM: Beta = (1.0, 1.0)

FILE = "priors.toml"
FIELDS = ("value", "reason", "known_from", "source")
PLAIN = (bool, int, float, str)


@dataclass(frozen=True)
class Prior:
    """One prior, or one choice that is set and not learnt.

    Attributes
    ----------
    name
        ``model.name``.
    value
        As its kind has it: two parameters, a number, a tuple of shares, a mapping.
    reason, source
        Why this value; who proposed it (``set``: nobody, it was chosen).
    known_from
        First day on which it could have been held.
    """

    name: str
    value: Any
    reason: str
    known_from: date
    source: str


@dataclass(frozen=True)
class Priors:
    """The priors, or those of some models, or those that could be held on a day.

    Attributes
    ----------
    entries
        Name to prior.
    later
        Name to prior of those that could not be held yet on ``as_of``.
    as_of
        The day; None before ``at``.
    """

    entries: Mapping[str, Prior]
    later: Mapping[str, Prior]
    as_of: date | None = None

    def at(self, as_of: date) -> Priors:
        """Return the priors that could be held on a day; asking for another raises `InputError`."""
        every = {**self.entries, **self.later}
        known = {name: p for name, p in every.items() if p.known_from <= as_of}
        later = {name: p for name, p in every.items() if name not in known}
        return Priors(Frozen(known), Frozen(later), as_of)

    def of(self, model: str) -> Priors:
        """Return the priors of one model.

        Raises
        ------
        UnknownNameError
            If no prior is named for it; the message lists the models.
        """
        models = {name.partition(".")[0] for name in (*self.entries, *self.later)}
        if model not in models:
            raise UnknownNameError("model in priors.toml", model, tuple(models))
        own = [
            Frozen({name: p for name, p in every.items() if name.startswith(f"{model}.")})
            for every in (self.entries, self.later)
        ]
        return replace(self, entries=own[0], later=own[1])

    def value(self, name: str) -> Any:
        """Return the value of a prior.

        Raises
        ------
        InputError
            If it could not be held yet on the day.
        UnknownNameError
            If there is no such prior; the message lists what there is.
        ValueError
            If no day was given with ``at``.
        """
        if self.as_of is None:
            raise ValueError(f"The prior '{name}' is asked for without a day: take priors.at(as_of) first.")
        if name in self.later:
            first = self.later[name].known_from
            raise InputError(
                f"The prior '{name}' could not be held on {self.as_of}: it is known from {first}. "
                "Ask for that day or a later one, or for a reading that does without it."
            )
        if name not in self.entries:
            raise UnknownNameError("prior", name, tuple(self.entries))
        return self.entries[name].value

    @property
    def digest(self) -> str:
        """Digest of what decides a result: names, values and days, not reasons and sources."""
        return digest_of(self.plain())

    def plain(self) -> dict[str, Any]:
        """Return name to value and first day as plain values, in the order of names."""
        every = sorted({**self.entries, **self.later}.items())
        return {name: {"value": _thawed(p.value), "known_from": p.known_from} for name, p in every}

    def __iter__(self) -> Iterator[Prior]:
        """Iterate over the priors known, in the order of the file."""
        return iter(self.entries.values())


def read_priors(path: Path | None = None) -> Priors:
    """Read every prior.

    Parameters
    ----------
    path
        A file of priors; None: the project's own.

    Raises
    ------
    InputError
        If the file is missing, is not TOML, lacks a prior, holds one that no model has, or one is not as it
        should be. Every fault is told.
    """
    file = path or data_dir() / FILE
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(
            f"{file.name} is missing from {file.parent}; restore it from the repository."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{file} is not readable as TOML ({error}).") from None
    given = {
        f"{model}.{name}".rstrip("."): entry
        for model, section in content.items()
        for name, entry in (section.items() if isinstance(section, dict) else [("", section)])
    }
    known = ", ".join(TEMPLATE)
    faults = [
        *(f"{n}: no model has such a prior; known are {known}." for n in given if n not in TEMPLATE),
        *(f"{n}: missing; give it with {', '.join(FIELDS)}." for n in TEMPLATE if n not in given),
        *(f for n, entry in given.items() if n in TEMPLATE for f in _faults(n, entry)),
    ]
    if faults:
        raise InputError("\n".join(f"{file.name}: {fault}" for fault in faults))
    made = {n: Prior(n, **{**given[n], "value": _frozen(given[n]["value"])}) for n in TEMPLATE}
    return Priors(Frozen(made), Frozen({}))


def _faults(name: str, entry: Any) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield f"{name} = {entry!r}; expected a table with {', '.join(FIELDS)}."
        return
    for missing in (f for f in FIELDS if f not in entry):
        yield f"{name}: lacks '{missing}'."
    for other in (f for f in entry if f not in FIELDS):
        yield f"{name}: has '{other}'; expected {', '.join(FIELDS)}."
    for text in (f for f in ("reason", "source") if f in entry):
        if not isinstance(entry[text], str) or not entry[text].strip():
            yield f"{name}: {text} = {entry[text]!r}; expected words."
    day = entry.get("known_from", date.min)
    if not isinstance(day, date) or isinstance(day, datetime):
        yield f"{name}: known_from = {day!r}; expected a day without quotes, such as 1946-12-31."
    expected, fits = TEMPLATE[name]
    if "value" in entry and not fits(entry["value"]):
        yield f"{name}: value = {entry['value']!r}; expected {expected}."


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _share(value: Any) -> bool:
    return _number(value) and 0 <= value <= 1


def _beta(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_number(v) and v > 0 for v in value)


def _shares(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_share(v) for v in value)


def _positive_shares(value: Any) -> bool:
    return _shares(value) and all(v > 0 for v in value)


def _weights(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == {"high", "medium", "low"}
        and all(map(_share, value.values()))
    )


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _positive(value: Any) -> bool:
    return _number(value) and value > 0


def _normal(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and _number(value[0]) and _positive(value[1])


def _three(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 3 and all(map(_positive, value))


def _scales(*names: str) -> Callable[[Any], bool]:
    return lambda v: isinstance(v, dict) and set(v) == set(names) and all(map(_positive, v.values()))


def _choices(value: Any) -> bool:
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
        and set(value) <= set(_ASSETS)
        and all(map(_share, value.values()))
        and abs(sum(value.values()) - 1) < 1e-9
    )


def _ramp(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == {"first", "last"}
        and all(isinstance(v, str) and re.fullmatch(r"[0-9]{4}Q[1-4]", v) for v in value.values())
        and value["first"] < value["last"]
    )


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(float(v) for v in value)
    return Frozen(value) if isinstance(value, dict) else value


def _thawed(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else list(value) if isinstance(value, tuple) else value


_BETA = ("the two parameters of a Beta distribution, above 0, such as [0.5, 0.5]", _beta)
_NORMAL = ("a mean and a standard deviation above 0, such as [0.0, 0.5]", _normal)
_MEDIAN = ("a median and a log standard deviation, both above 0, such as [0.15, 0.4]", _beta)
_POSITIVE = ("a number above 0", _positive)
_THREE = ("three weights above 0, for normal, boom and bust", _three)
_ASSETS = ("accelerator", "server", "network", "shell", "power", "fibre", "optics", "switching")
_LOGNORMAL = ("median, log s.d., lowest, highest, all above 0 and the median between the two", _lognormal)
_BOUNDED_NORMAL = ("mean, s.d. above 0, lowest, highest, the mean between the two", _bounded_normal)
_SPLIT = ("a share of each asset, adding up to 1", _split)
_COUNT = ("a whole number, 1 or more", _count)

TEMPLATE: Mapping[str, tuple[str, Callable[[Any], bool]]] = Frozen(
    {
        "baserate.rate": _BETA,
        "baserate.conditional_rate": _BETA,
        "baserate.correlation": _BETA,
        "baserate.fewest_cases": _COUNT,
        "baserate.fewest_series": _COUNT,
        "analogues.rate": _BETA,
        "analogues.correlation": _BETA,
        "analogues.reading": ("a table of labels, partly, certainty, votes and psi", _choices),
        "analogues.certainty": ("a share for each of high, medium and low", _weights),
        "analogues.partly": ("shares between 0 and 1, such as [0.0, 0.5, 1.0]", _shares),
        "analogues.psi": ("shares above 0 and at most 1, such as [0.2, 1.0]", _positive_shares),
        "regimes.normal_growth": _NORMAL,
        "regimes.boom_gap": _MEDIAN,
        "regimes.bust_gap": _MEDIAN,
        "regimes.spread_of_means": (
            "scales above 0 for normal, boom and bust",
            _scales("normal", "boom", "bust"),
        ),
        "regimes.deviation": (
            "numbers above 0 for normal, boom, bust and log_sd",
            _scales("normal", "boom", "bust", "log_sd"),
        ),
        "regimes.spread_of_deviations": _POSITIVE,
        "regimes.persistence": _NORMAL,
        "regimes.degrees": _POSITIVE,
        "regimes.exit": _NORMAL,
        "regimes.exit_age": _NORMAL,
        "regimes.exit_covariates": _POSITIVE,
        "regimes.from_normal": _THREE,
        "regimes.after_boom": _BETA,
        "regimes.from_bust": _THREE,
        "regimes.initial": _THREE,
        **{f"capital.life_{c}": _LOGNORMAL for c in _ASSETS},
        **{f"capital.price_fall_{c}": _BOUNDED_NORMAL for c in _ASSETS},
        "capital.weibull_shape": _LOGNORMAL,
        "capital.completion_lag": _LOGNORMAL,
        "capital.lag_shape": _POSITIVE,
        "capital.cost_of_capital": _LOGNORMAL,
        **{f"capital.split_{s}": _SPLIT for s in ("ai", "general", "structures", "equipment")},
        "capital.split_certainty": _POSITIVE,
        "capital.ai_share_before": _BETA,
        "capital.ai_share_after": _BETA,
        "capital.ai_share_ramp": ("first and last quarter, as text", _ramp),
        "capital.opex": _LOGNORMAL,
        "capital.utilisation": _BETA,
        "capital.growth_before": _BOUNDED_NORMAL,
        "capital.accounting_life": _LOGNORMAL,
        "capital.accounting_life_change": _POSITIVE,
        "capital.accounting_error": ("shape and scale, above 0", _beta),
    }
)
"""Every prior that a model has: name to what its value must be, in words and as a test."""
