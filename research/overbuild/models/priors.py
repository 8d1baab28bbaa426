"""The priors of the models: each with its reason, its source and the first day on which it could be held.

A forecast as of a day may use only what could have been held on that day, so a value is handed out by
``priors.at(as_of)`` alone. Priors that nobody could have held by then are refused by name, not replaced.
They are read by `overbuild.models.prior_file`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from overbuild.core.digest import digest_of
from overbuild.core.frozen import Frozen
from overbuild.errors import InputError, UnknownNameError

Beta = tuple[float, float]
"""The two parameters of a Beta distribution."""

JEFFREYS: Beta = (0.5, 0.5)
UNIFORM: Beta = (1.0, 1.0)


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

    def values(self, model: str) -> Held:
        """Return name, without the model, to value of every prior of one model that could be held.

        Asking the mapping for one that could not be held yet raises `InputError`.
        """
        own = self.of(model)
        names = {n.partition(".")[2]: n for n in own.entries}
        later = {n.partition(".")[2]: p.known_from for n, p in own.later.items()}
        return Held(
            {short: self.value(n) for short, n in names.items()}, later, f"{model}.{{}} on {self.as_of}"
        )


class Held(Frozen[str, Any]):
    """The priors of one model that could be held on a day, by short name.

    Parameters
    ----------
    content
        Name to value.
    later
        Name to first day of those that could not be held yet.
    where
        Model and day, for the message.
    """

    __slots__ = ("_later", "_where")

    def __init__(self, content: Mapping[str, Any], later: Mapping[str, date], where: str) -> None:
        super().__init__(content)
        self._later = dict(later)
        self._where = where

    def __contains__(self, key: object) -> bool:
        return key in self._content

    def __getitem__(self, key: str) -> Any:
        if key in self._later:
            raise InputError(
                f"The prior '{self._where.format(key)}' could not be held: it is known from "
                f"{self._later[key]}. Ask for that day or a later one."
            )
        return super().__getitem__(key)


def _thawed(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else list(value) if isinstance(value, tuple) else value
