r"""The test for prices with persistent stochastic volatility: a coefficient, and two lines to date with.

The test is that of Sarkar and Wells (2026, arXiv 2604.12062). We have read its abstract, an account of its
theorem and the notes and programs with which its tables were made, not the paper. **From the paper**: the
statistic :math:`\tau(\hat\delta_\tau - 1)` of windows from the first observation; the line
:math:`\log(\tau)/10`, above which an episode begins, found as an approximation to 90 % quantiles under a
unit root with stochastic volatility; the line :math:`\log(\tau)/2`, below which it ends, an approximation to
10 % quantiles at the end of simulated bubbles; the volatility of `VolatileWalks`. **Ours**: the largest
statistic over all windows that end at a date, critical values by simulation of the same statistic, and the
warning below, which follows from our own simulation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overbuild.explosive.episode import Boundaries
from overbuild.explosive.recursive import RecursiveADF
from overbuild.explosive.statistic import Array, Sequences
from overbuild.explosive.variant import Variant

BEGIN, END = 1 / 10, 1 / 2
"""Factors on the logarithm of the rows so far: an episode begins above one and ends below the other."""
FIXED = (
    "The published lines log(t)/10 and log(t)/2 do not know the sample's length or volatility: read the "
    "chance of a false episode that is printed beside the dates."
)


@dataclass(frozen=True)
class StochasticVolatilityADF(Variant):
    r"""Right-tailed tests by the normalised coefficient of the Dickey-Fuller regression with a constant.

    In every window of :math:`\tau \ge` ``min_window`` rows,

    .. math:: \tau(\hat\delta - 1), \qquad y_t = \mu + \delta\, y_{t-1} + e_t.

    The coefficient has no estimate of the variance in it: by the authors' theorem its limit under nearly
    nonstationary stochastic volatility is that under constant variance, once normalised. With the rule
    ``published`` episodes are dated by windows from the first observation against the published lines;
    with any other rule against critical values of the null at hand.

    Parameters
    ----------
    min_window
        Rows of the shortest regression; None: `default_window`.
    """

    min_window: int | None = None

    def __post_init__(self) -> None:
        _ = self.base

    @property
    def base(self) -> RecursiveADF:
        """The regression on a constant and the level."""
        return RecursiveADF(0, "constant", self.min_window)

    @property
    def title(self) -> str:
        """What is done, in a line."""
        window = f", windows of {self.min_window} rows or more" if self.min_window else ""
        return f"right-tailed recursive tests by the normalised coefficient, constant, 0 lags{window}"

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader should be told of this choice."""
        return (FIXED,)

    def boundaries(self, n: int) -> Boundaries:
        """Return the published lines at each date of a series of ``n`` observations."""
        logs = np.log(np.arange(self.first(n), n, dtype=float))
        return Boundaries(BEGIN * logs, END * logs)

    def sequences(self, paths: Array) -> Sequences:
        """Return the sequences of paths of shape (..., observation); -inf where a window stands still."""
        from overbuild.explosive.coefficient_kernel import all_coefficients

        flat = np.ascontiguousarray(paths, dtype=float).reshape(-1, paths.shape[-1])
        shape = (flat.shape[0], flat.shape[1] - self.first(flat.shape[1]))
        badf, bsadf = np.empty(shape), np.empty(shape)
        all_coefficients(flat, self.first(flat.shape[1]), badf, bsadf)
        back = (*paths.shape[:-1], -1)
        return Sequences(badf.reshape(back), bsadf.reshape(back))
