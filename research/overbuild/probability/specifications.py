"""The specifications of the curve: which choices there are, and the stated design that goes through them.

Every choice is an axis with a few levels, the primary one first. The full product has too many cells to
run, so the design has three parts: the primary specification; each axis alone, one level at a time, all
else primary; and a Latin hypercube over all axes together, in which every level of an axis comes up equally
often (up to one) and the columns are drawn independently, so that main effects can be estimated. Nothing in
it depends on results. Sources: Simonsohn, Simmons and Nelson (2020), Nature Human Behaviour 4, 1208-1214
(the curve); McKay, Beckman and Conover (1979), Technometrics 21(2), 239-245 (the hypercube).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from overbuild.core.frozen import Frozen
from overbuild.errors import InputError

Kind = Literal["primary", "alone", "together", "single", "pair"]
PARTS = ("event", "baserate", "regimes", "simulation", "combination")
"""What an axis belongs to: a change in one part leaves the answers of the parts before it as they were."""


@dataclass(frozen=True)
class Axis:
    """One choice.

    Attributes
    ----------
    name, title
        Its name, and what it is called in exhibits.
    part
        One of `PARTS`.
    levels
        Values, the primary one first; at least two, all different.
    """

    name: str
    title: str
    part: str
    levels: tuple[Any, ...]

    def __post_init__(self) -> None:
        if self.part not in PARTS:
            raise InputError(
                f"definitions.toml, specification.axes.{self.name}: part '{self.part}' is not one of "
                f"{', '.join(PARTS)}."
            )
        if len(self.levels) < 2 or len(set(self.levels)) < len(self.levels):
            raise InputError(
                f"definitions.toml, specification.axes.{self.name}: expected two or more different levels, "
                f"the primary one first; found {list(self.levels)}."
            )

    @property
    def primary(self) -> Any:
        """The primary level."""
        return self.levels[0]


@dataclass(frozen=True)
class Specification:
    """One combination of levels.

    Attributes
    ----------
    name
        ``primary``, ``<axis>-<place>`` or ``together-<number>``; beyond the design, what moves and how far.
    kind
        Which part of the design it belongs to; ``single`` and ``pair`` ask what must be believed.
    levels
        Axis to level.
    """

    name: str
    kind: Kind
    levels: Mapping[str, Any]

    def of(self, names: Sequence[str]) -> Mapping[str, Any]:
        """Return the levels of some axes."""
        return Frozen({name: self.levels[name] for name in names})


def axes_of(section: Mapping[str, Any]) -> tuple[Axis, ...]:
    """Return the axes of ``[specification.axes]`` of ``definitions.toml``, in its order.

    Raises
    ------
    InputError
        For an axis without title, part or levels, or with levels that cannot be used.
    """
    made = []
    for name, given in section.items():
        missing = [key for key in ("title", "part", "levels") if key not in given]
        if missing:
            raise InputError(f"definitions.toml, specification.axes.{name}: lacks '{missing[0]}'.")
        made.append(Axis(name, given["title"], given["part"], tuple(given["levels"])))
    return tuple(made)


def specifications(
    axes: Sequence[Axis], together: int, rng: np.random.Generator
) -> tuple[Specification, ...]:
    """Return the design: the primary specification, each axis alone, and all axes together.

    Parameters
    ----------
    axes
        The axes.
    together
        Rows of the Latin hypercube; a row that was there before is left out.
    rng
        Generator of the hypercube.
    """
    primary = {axis.name: axis.primary for axis in axes}
    made = [Specification("primary", "primary", Frozen(primary))]
    for axis in axes:
        made += [
            Specification(f"{axis.name}-{k}", "alone", Frozen({**primary, axis.name: level}))
            for k, level in enumerate(axis.levels[1:], start=1)
        ]
    seen = {tuple(s.levels.values()) for s in made}
    for i, row in enumerate(hypercube([len(axis.levels) for axis in axes], together, rng)):
        levels = {axis.name: axis.levels[k] for axis, k in zip(axes, row, strict=True)}
        if tuple(levels.values()) not in seen:
            seen.add(tuple(levels.values()))
            made.append(Specification(f"together-{i:03d}", "together", Frozen(levels)))
    return tuple(made)


def singles(axes: Sequence[Axis], ranges: Mapping[str, Sequence[float]]) -> tuple[Specification, ...]:
    """Return the primary specification with one assumption at each value of its range that is no level."""
    primary = {axis.name: axis.primary for axis in axes}
    return tuple(
        Specification(f"{axis.name}={value:g}", "single", Frozen({**primary, axis.name: value}))
        for axis in axes
        for value in ranges.get(axis.name, ())
        if value not in axis.levels
    )


def pair_line(
    name: str, axes: Sequence[Axis], ends: Mapping[str, float], steps: Sequence[float]
) -> tuple[Specification, ...]:
    """Return the primary specification with some assumptions moved together towards their ends."""
    primary = {axis.name: axis.primary for axis in axes}
    made = []
    for step in steps:
        moved = {n: primary[n] + step * (end - primary[n]) for n, end in ends.items()}
        made.append(Specification(f"{name}-{step:g}", "pair", Frozen({**primary, **moved})))
    return tuple(made)


def hypercube(levels: Sequence[int], rows: int, rng: np.random.Generator) -> NDArray[np.int_]:
    """Return places of levels, shape (row, axis): each level of an axis equally often, up to one.

    A Latin hypercube cuts [0, 1) into as many strata as there are rows and puts one row in each; cut into
    ``levels`` equal parts, every level gets ``rows / levels`` of them.
    """
    from scipy.stats.qmc import LatinHypercube

    if rows == 0:
        return np.empty((0, len(levels)), dtype=int)
    points = LatinHypercube(len(levels), rng=rng).random(rows)
    return np.floor(points * np.asarray(levels)).astype(int)


def places(made: Sequence[Specification], axes: Sequence[Axis]) -> NDArray[np.int_]:
    """Return the place of each level, shape (specification, axis); 0 is the primary one."""
    return np.array([[axis.levels.index(s.levels[axis.name]) for axis in axes] for s in made], dtype=int)
