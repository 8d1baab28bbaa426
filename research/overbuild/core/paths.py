"""Paths: history is one, a model produces many; the same event judges both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from overbuild.core.digest import digest_of
from overbuild.core.frozen import Frozen
from overbuild.core.periods import PER_YEAR, frequency_of, horizon, ordinal
from overbuild.errors import UnknownNameError


@dataclass(frozen=True, eq=False)
class Paths:
    """Draws of one or more layers over time.

    Attributes
    ----------
    time
        Labels of consecutive periods of one frequency (``1999`` or ``1999Q2``).
    values
        Layer name to array of shape (draw, time), at least one draw; nan where nothing is known, never
        infinite.
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
            if copy.ndim != 2 or copy.shape[0] == 0 or copy.shape[1] != len(self.time):
                raise ValueError(f"Layer '{name}' has shape {copy.shape}; expected (draw, {len(self.time)}).")
            if np.isinf(copy).any():
                raise ValueError(f"Layer '{name}' is infinite somewhere; what is not known is nan.")
            copy.setflags(write=False)
            frozen[name] = copy
        if len({a.shape[0] for a in frozen.values()}) > 1:
            raise ValueError("All layers must have the same number of draws.")
        if set(frozen) != set(self.units):
            raise ValueError("values and units must name the same layers.")
        object.__setattr__(self, "values", Frozen(frozen))
        object.__setattr__(self, "units", Frozen(self.units))

    @property
    def frequency(self) -> str:
        """``"A"``, ``"Q"`` or ``"M"``."""
        return frequency_of(self.time[0])

    @property
    def per_year(self) -> int:
        """Periods in a year."""
        return PER_YEAR[self.frequency]

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers."""
        return tuple(self.values)

    @property
    def draws(self) -> int:
        """Number of draws; one where there is no layer, and nothing is known on it."""
        return next(iter(self.values.values())).shape[0] if self.values else 1

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
        """Return the paths up to a period of any frequency; nothing that ends later is kept."""
        keep = ordinal(horizon(period, self.frequency)) - ordinal(self.time[0]) + 1
        if keep <= 0:
            raise ValueError(f"The paths start in {self.time[0]}, after {period}.")
        values = {name: array[:, :keep] for name, array in self.values.items()}
        return Paths(self.time[:keep], values, self.units, self.kind, self.as_of)

    def after(self, history: Paths) -> Paths:
        """Return these paths with a history of the same frequency in front, its first draw before every draw.

        Where both speak of a period these paths do. A layer that the history lacks is unknown before they
        start.

        Raises
        ------
        ValueError
            If the history has another frequency or ends before the period before these paths start.
        """
        if history.frequency != self.frequency or ordinal(history.time[-1]) < ordinal(self.time[0]) - 1:
            raise ValueError(
                f"Paths from {self.time[0]} cannot follow a history that ends in {history.time[-1]}."
            )
        before = max(ordinal(self.time[0]) - ordinal(history.time[0]), 0)
        time = (*history.time[:before], *self.time)
        nothing = np.full((1, before), np.nan)
        values = {}
        for name, array in self.values.items():
            past = history.values[name][:1, :before] if name in history.values else nothing
            values[name] = np.concatenate([np.repeat(past, self.draws, axis=0), array], axis=1)
        return Paths(time, values, self.units, self.kind, self.as_of)
