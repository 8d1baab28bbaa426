"""Kleene's three-valued logic, and the judgement of an event on each draw of a path."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

UNKNOWN = np.nan


def _truth(values: ArrayLike) -> NDArray[np.float64]:
    truth = np.atleast_1d(np.asarray(values, dtype=float))
    if not np.all(np.isnan(truth) | (truth == 0) | (truth == 1)):
        raise ValueError("A truth value is 0 (false), 1 (true) or nan (unknown).")
    return truth


def both(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """Kleene's conjunction: false if either is false, else unknown if either is unknown, else true.

    Source: Kleene (1952), Introduction to Metamathematics, section 64.
    """
    x, y = np.broadcast_arrays(_truth(a), _truth(b))
    return np.where((x == 0) | (y == 0), 0.0, np.where(np.isnan(x) | np.isnan(y), UNKNOWN, 1.0))


def negation(a: ArrayLike) -> NDArray[np.float64]:
    """Kleene's negation: the unknown stays unknown."""
    return 1.0 - _truth(a)


def either(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """Kleene's disjunction: true if either is true, else unknown if either is unknown, else false."""
    return negation(both(negation(a), negation(b)))


@dataclass(frozen=True, eq=False)
class Verdicts:
    """What an event came to on each draw.

    Attributes
    ----------
    holds
        Shape (draw,): 1 true, 0 false, nan unknown.
    value
        Shape (draw,): the quantity that was held against the threshold; nan where there is none.
    when
        Shape (draw,): label of the period in which the event first held; empty where it did not.
    why_unknown
        Reason, empty when nothing is unknown.
    """

    holds: NDArray[np.float64]
    value: NDArray[np.float64]
    when: NDArray[np.str_]
    why_unknown: str = ""

    def __post_init__(self) -> None:
        copies = {
            "holds": _truth(self.holds).copy(),
            "value": np.array(self.value, dtype=float),
            "when": np.array(self.when, dtype=str),
        }
        if len({a.shape for a in copies.values()}) != 1 or copies["holds"].ndim != 1:
            raise ValueError("holds, value and when must be one-dimensional and of the same length.")
        if np.isnan(copies["holds"]).any() and not self.why_unknown:
            raise ValueError("An unknown verdict needs a reason.")
        for name, array in copies.items():
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    def one(self) -> bool | None:
        """Return the verdict of a single draw as true, false or None.

        Raises
        ------
        ValueError
            If there is more than one draw.
        """
        if self.holds.size != 1:
            raise ValueError(f"There are {self.holds.size} draws; one verdict needs one.")
        return None if np.isnan(self.holds[0]) else bool(self.holds[0])

    def consensus(self, why_unknown: str) -> Verdicts:
        """Return one verdict: that of all draws where they agree, unknown where they do not.

        The first draw gives the value, and the date where they agree. Draws that are all unknown keep their
        own reason. Used where the evidence is a range: its ends are draws.
        """
        agreed = bool(np.all(self.holds == self.holds[0]))
        undecided = bool(np.isnan(self.holds).all())
        return Verdicts(
            holds=self.holds[:1] if agreed else np.array([UNKNOWN]),
            value=self.value[:1],
            when=self.when[:1] if agreed else np.array([""]),
            why_unknown=self.why_unknown if agreed or undecided else why_unknown,
        )
