"""Paths: history is one, a model produces many; the same event judges both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from overbuild.core.digest import digest_of
from overbuild.core.periods import PER_YEAR, frequency_of, ordinal
from overbuild.errors import UnknownNameError


@dataclass(frozen=True)
class Paths:
    """Draws of one or more layers over time.

    Attributes
    ----------
    time
        Labels of consecutive periods of one frequency (``1999`` or ``1999Q2``).
    values
        Layer name to array of shape (draw, time); nan where nothing is known.
    units
        Layer name to unit.
    kind
        ``"history"`` (what happened; one draw, or the ends of a range of evidence) or ``"simulated"``.
    as_of
        The day on which all of it was known.
    """

    time: tuple[str, ...]
    values: Mapping[str, NDArray[np.float64]]
    units: Mapping[str, str]
    kind: Literal["history", "simulated"]
    as_of: date

    def __post_init__(self) -> None:
        numbers = [ordinal(t) for t in self.time]
        if not numbers or len({frequency_of(t) for t in self.time}) != 1 or np.any(np.diff(numbers) != 1):
            raise ValueError("time must hold consecutive periods of one frequency.")
        frozen = {}
        for name, array in self.values.items():
            copy = np.array(array, dtype=float)
            if copy.ndim != 2 or copy.shape[1] != len(self.time):
                raise ValueError(f"Layer '{name}' has shape {copy.shape}; expected (draw, {len(self.time)}).")
            copy.setflags(write=False)
            frozen[name] = copy
        if len({a.shape[0] for a in frozen.values()}) > 1:
            raise ValueError("All layers must have the same number of draws.")
        if set(frozen) != set(self.units):
            raise ValueError("values and units must name the same layers.")
        object.__setattr__(self, "values", MappingProxyType(frozen))
        object.__setattr__(self, "units", MappingProxyType(dict(self.units)))

    @property
    def frequency(self) -> str:
        """``"A"``, ``"Q"`` or ``"M"``."""
        return frequency_of(self.time[0])

    @property
    def per_year(self) -> int:
        """Periods in a year."""
        return PER_YEAR[self.frequency]

    @property
    def draws(self) -> int:
        """Number of draws."""
        return next(iter(self.values.values())).shape[0] if self.values else 0

    @cached_property
    def digest(self) -> str:
        """Digest of everything the paths hold."""
        return digest_of(list(self.time), dict(self.values), dict(self.units), self.kind, self.as_of)

    def layer(self, name: str) -> NDArray[np.float64]:
        """Return a layer, shape (draw, time).

        Raises
        ------
        UnknownNameError
            If there is none of that name; the message lists what there is.
        """
        if name not in self.values:
            raise UnknownNameError("layer", name, tuple(self.values))
        return self.values[name]

    def until(self, period: str) -> Paths:
        """Return the paths up to and including a period."""
        keep = sum(ordinal(t) <= ordinal(period) for t in self.time)
        if keep == 0:
            raise ValueError(f"The paths start in {self.time[0]}, after {period}.")
        values = {name: array[:, :keep] for name, array in self.values.items()}
        return Paths(self.time[:keep], values, self.units, self.kind, self.as_of)
