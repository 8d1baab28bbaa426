"""A panel of firms' answers, 1 rose and 0 fell, with what was known before each quarter."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from overbuild.games.quantal_kernel import Array, Marks

LAG = 4
UNKNOWN = np.int8(-1)


@dataclass(frozen=True, eq=False)
class QuantalData:
    """What the likelihood conditions on.

    Attributes
    ----------
    periods, firms
        Labels.
    y
        Shape (period, firm): 1 rose, 0 fell, -1 unknown.
    covariates
        Shape (period, firm, K) in the order of ``names``: index, surprise, and the own lag, if any, last.
    names
        Names of the covariates.
    before
        Own answers of the year before the first quarter, the oldest first, shape (4, firm), as in ``y``; of
        no rows where there is no lag.
    """

    periods: tuple[str, ...]
    firms: tuple[str, ...]
    y: Marks
    covariates: Array
    names: tuple[str, ...]
    before: Marks

    @property
    def cells(self) -> int:
        """Answers that are known."""
        return int((self.y >= 0).sum())

    @property
    def lagged(self) -> bool:
        """Whether the own lag is among the covariates."""
        return len(self.before) > 0

    def with_answers(self, y: Marks) -> QuantalData:
        """Return the same panel with other answers, the own lag among the covariates included."""
        made = replace(self, y=y)
        if not self.lagged:
            return made
        covariates = self.covariates.copy()
        covariates[:, :, -1] = own_lag(self.before, y)
        return replace(made, covariates=covariates)

    def first(self, periods: int) -> QuantalData:
        """Return the first so many periods."""
        return replace(
            self, periods=self.periods[:periods], y=self.y[:periods], covariates=self.covariates[:periods]
        )


def own_lag(before: Marks, y: Marks) -> Array:
    """Return the answer of a year ago of every cell: -1, 1, or 0 where unknown."""
    then = np.concatenate([before, y])[: len(y)]
    return np.where(then < 0, 0.0, 2.0 * then - 1.0)
