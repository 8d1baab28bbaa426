r"""A null for sums of several periods that are observed every period: their changes overlap.

If flows or ratios follow a random walk by quarter, the change of their four-quarter sum is the sum of four
shocks, with autocorrelation 3/4, 1/2 and 1/4. A few lags do not take it up, since the sum has roots on the
unit circle: with four lags a nominal test of 5 % rejects a random walk in a fifth to a third of samples. Here
the paths of another null are summed as the data were. With its wild bootstrap a shock is the change of the
data at the same date times a random number,

.. math:: \Delta y^*_t = k^{-1/2} \sum_{j<k} (\Delta y_{t-j} - \overline{\Delta y})\, w_{t-j},

which has the variance of the data nearby and the autocorrelation of overlapping sums.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overbuild.errors import InputError
from overbuild.explosive.nulls import Null
from overbuild.explosive.statistic import Array, Statistic


@dataclass(frozen=True)
class Overlapping:
    """The paths of another null, summed over so many periods.

    Parameters
    ----------
    null
        Whose paths are summed; they begin as many periods earlier as are summed, less one, with the first
        changes of the data mirrored.
    periods
        That an observation sums.

    Raises
    ------
    InputError
        For fewer than two periods.
    """

    null: Null
    periods: int

    def __post_init__(self) -> None:
        if self.periods < 2:
            raise InputError(f"periods {self.periods}: expected 2 or more.")

    @property
    def replications(self) -> int:
        """Paths."""
        return self.null.replications

    @property
    def kind(self) -> str:
        """Name of the method."""
        return f"{self.null.kind} of sums"

    @property
    def title(self) -> str:
        """What is done, in a line."""
        return f"{self.null.title}, summed over {self.periods} periods"

    @property
    def pointwise(self) -> bool:
        """Whether there are critical values for each date."""
        return self.null.pointwise

    def content(self, values: Array) -> tuple[object, ...]:
        """Return what of the data the paths depend on."""
        return (*self.null.content(values), self.periods)

    def observations(self, statistic: Statistic, n: int) -> int:
        """Return ``n``."""
        return self.null.observations(statistic, n)

    def paths(self, values: Array, statistic: Statistic, count: int, rng: np.random.Generator) -> Array:
        """Return paths of shape (count, series, observation)."""
        more = self.periods - 1
        mirrored = 2 * values[:, :1] - values[:, more:0:-1]
        made = self.null.paths(np.concatenate([mirrored, values], axis=1), statistic, count, rng)
        return summed(made, self.periods) / np.sqrt(self.periods)


def summed(paths: Array, periods: int) -> Array:
    """Return sums over so many periods, of shape (..., observation - periods + 1)."""
    if periods == 1:
        return paths
    windows = np.lib.stride_tricks.sliding_window_view(paths, periods, axis=-1)
    return windows.sum(axis=-1)
