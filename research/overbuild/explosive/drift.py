r"""A null with the drift of the data: a steady rise is no explosion, yet a test with a constant may say so.

Phillips, Shi and Yu (2015) let the drift vanish, :math:`1/n` a period. Shares carry a premium, and a share of
GDP may rise steadily; under a unit root with a drift :math:`\mu` that does not vanish the t ratio of a long
window is nearly standard normal, whose 95 % quantile lies far to the right of that without a drift. The mean
change of the sample, explosive spans and all, overstates the drift where there was a bubble: p-values under
it err towards not rejecting.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overbuild.explosive.nulls import Null
from overbuild.explosive.statistic import Array, Statistic


@dataclass(frozen=True)
class WithDrift:
    r"""The paths of another null, plus :math:`\hat\mu t`, the mean change of each series.

    Parameters
    ----------
    null
        Whose paths have no drift of their own and the scale of the data: a bootstrap.
    """

    null: Null

    @property
    def replications(self) -> int:
        """Paths."""
        return self.null.replications

    @property
    def kind(self) -> str:
        """Name of the method."""
        return f"{self.null.kind} with drift"

    @property
    def title(self) -> str:
        """What is done, in a line."""
        return f"{self.null.title}, with the mean change of the sample"

    @property
    def pointwise(self) -> bool:
        """Whether there are critical values for each date."""
        return self.null.pointwise

    def content(self, values: Array) -> tuple[object, ...]:
        """Return the data."""
        return (self.null.content(values), values)

    def observations(self, statistic: Statistic, n: int) -> int:
        """Return the length of a path."""
        return self.null.observations(statistic, n)

    def paths(self, values: Array, statistic: Statistic, count: int, rng: np.random.Generator) -> Array:
        """Return paths of shape (count, series, observation)."""
        made = self.null.paths(values, statistic, count, rng)
        drift = np.diff(values).mean(axis=1)
        return made + drift[:, None] * np.arange(made.shape[-1])
