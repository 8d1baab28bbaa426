"""What every robust variant takes over from the recursive ADF test that it changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from overbuild.explosive.episode import Boundaries
from overbuild.explosive.recursive import RecursiveADF
from overbuild.explosive.statistic import Array

if TYPE_CHECKING:
    from overbuild.explosive.series import Series


class Variant:
    """A test whose windows are those of a `RecursiveADF`; a frozen dataclass with a field ``min_window``.

    A subclass gives ``base``, ``title`` and ``sequences``, and what else it changes.
    """

    @property
    def base(self) -> RecursiveADF:
        """The test whose windows, lags and checks it has."""
        raise NotImplementedError

    @property
    def lags(self) -> int:
        """Lagged changes in the regression."""
        return self.base.lags

    @property
    def constant(self) -> bool:
        """Whether the level of a series does not matter."""
        return self.base.constant

    @property
    def null(self) -> str:
        """The null hypothesis."""
        return self.base.null

    @property
    def alternative(self) -> str:
        """The alternative hypothesis."""
        return self.base.alternative

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader should be told of this choice."""
        return self.base.warnings

    def at(self, n: int) -> Self:
        """Return the test with its window set for ``n`` observations."""
        this: Any = self
        return replace(this, min_window=self.base.at(n).min_window)

    def first(self, n: int) -> int:
        """Return the place (from 0) of the observation to which the first statistic belongs."""
        return self.base.first(n)

    def check(self, series: Series) -> None:
        """Raise `InputError` if the test cannot be run on the series."""
        self.base.check(series)

    def lags_of(self, values: Array) -> int:
        """Return the lags of the regression on the whole sample."""
        return self.base.lags_of(values)

    def under_null(self, values: Array) -> Array:
        """Return the series itself: all its changes are shocks under the null."""
        return values

    def boundaries(self, n: int) -> Boundaries | None:
        """Return None: dates are read off simulated critical values."""
        del n
        return None
