"""Draws: what games, contracts and the network hand on to the simulation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from overbuild.core.digest import digest_of


@dataclass(frozen=True, eq=False)
class Draws:
    """Draws of one scalar: a ratio, a price, a share.

    Attributes
    ----------
    name, unit, meaning
        What it is, in which unit, and one sentence that says what it stands for.
    values
        Shape (draw,), finite.
    as_of
        The day whose knowledge they rest on.
    """

    name: str
    unit: str
    values: NDArray[np.float64]
    meaning: str
    as_of: date

    def __post_init__(self) -> None:
        values = np.array(self.values, dtype=float)
        if values.ndim != 1 or values.size == 0 or not np.isfinite(values).all():
            raise ValueError(f"Draws '{self.name}' must be one-dimensional, non-empty and finite.")
        values.setflags(write=False)
        object.__setattr__(self, "values", values)

    @property
    def digest(self) -> str:
        """Digest of everything the draws hold."""
        return digest_of(self.name, self.unit, self.values, self.meaning, self.as_of)
