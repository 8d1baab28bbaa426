"""What a recursive right-tailed test is: the sequences that it makes of paths, and what it tests.

Any test that satisfies `Statistic` gets critical values, p-values, dates and a report from the rest of the
package: a robust variant is one more class with these members.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, sqrt
from typing import TYPE_CHECKING, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from overbuild.explosive.episode import Boundaries
    from overbuild.explosive.series import Series

type Array = NDArray[np.float64]

NAMES = ("adf", "sadf", "gsadf")


@dataclass(frozen=True, eq=False)
class Sequences:
    """Statistics by date of the window's end.

    Attributes
    ----------
    badf
        Windows from the first observation; shape (..., date).
    bsadf
        The largest over all windows that end at the date; shape (..., date).
    """

    badf: Array
    bsadf: Array

    @property
    def adf(self) -> Array:
        """The statistic of the whole sample, shape (...)."""
        return self.badf[..., -1]

    @property
    def sadf(self) -> Array:
        """The largest of windows from the first observation (Phillips, Wu and Yu, 2011), shape (...)."""
        return self.badf.max(axis=-1)

    @property
    def gsadf(self) -> Array:
        """The largest of all windows (Phillips, Shi and Yu, 2015), shape (...)."""
        return self.bsadf.max(axis=-1)

    def named(self, name: str) -> Array:
        """Return ``adf``, ``sadf`` or ``gsadf``."""
        return {"adf": self.adf, "sadf": self.sadf, "gsadf": self.gsadf}[name]

    def panel(self) -> Sequences:
        """Return the mean over series, the last axis but one (panel GSADF: Pavlidis et al., 2016)."""
        return Sequences(self.badf.mean(axis=-2), self.bsadf.mean(axis=-2))


@runtime_checkable
class Statistic(Protocol):
    """A recursive right-tailed test of a unit root: a frozen specification of plain values.

    Attributes
    ----------
    lags
        Lagged changes in its regression; bootstraps use the same.
    """

    @property
    def lags(self) -> int: ...  # noqa: D102
    @property
    def constant(self) -> bool:
        """Whether the level of a series does not matter, since the regression has a constant."""
        ...

    @property
    def title(self) -> str:
        """What is done, in a line."""
        ...

    @property
    def null(self) -> str:
        """The null hypothesis, a sentence."""
        ...

    @property
    def alternative(self) -> str:
        """The alternative hypothesis, a sentence."""
        ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader should be told of the choice of this test."""
        ...

    def at(self, n: int) -> Self:
        """Return the test with every choice made for a series of ``n`` observations."""
        ...

    def first(self, n: int) -> int:
        """Return the place (from 0) of the observation to which the first statistic belongs."""
        ...

    def check(self, series: Series) -> None:
        """Raise `InputError` if the test cannot be run on the series."""
        ...

    def lags_of(self, values: Array) -> int:
        """Return the lags of the regression on the whole sample of one series."""
        ...

    def sequences(self, paths: Array) -> Sequences:
        """Return the sequences of paths of shape (..., observation)."""
        ...

    def under_null(self, values: Array) -> Array:
        """Return the series whose changes are shocks where the null holds; shape (series, observation)."""
        ...

    def boundaries(self, n: int) -> Boundaries | None:
        """Return the test's own lines for dating ``n`` observations; None: it has none."""
        ...


def default_window(n: int) -> int:
    r"""Return :math:`\lfloor (0.01 + 1.8/\sqrt n)\, n \rfloor`, the rule of Phillips, Shi and Yu (2015).

    It is taken as a number of rows of the regression, as exuber does; psymonitor takes it as a number of
    observations, one more than rows without lags.
    """
    return floor((0.01 + 1.8 / sqrt(n)) * n)
