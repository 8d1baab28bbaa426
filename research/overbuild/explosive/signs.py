"""The sign-based test, whose null distribution no pattern of the variance can change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from overbuild.errors import InputError
from overbuild.explosive.recursive import RecursiveADF
from overbuild.explosive.statistic import Array, Sequences
from overbuild.explosive.variant import Variant

if TYPE_CHECKING:
    from overbuild.explosive.series import Series

MOST_TIES = 0.05
"""Share of changes that may be zero: under the null a sign is +1 or -1."""
DRIFT = (
    "The sign test takes rises and falls as equally likely under the null: a series with a drift is rejected "
    "for its drift. Take the signs of the changes less their median (centred) where there is one."
)


@dataclass(frozen=True)
class SignADF(Variant):
    r"""Right-tailed Dickey-Fuller tests of cumulated signs (Harvey, Leybourne and Zu, 2020).

    .. math:: C_t = \sum_{i=2}^{t} \operatorname{sign}(\Delta y_i), \qquad C_1 = 0,

    replaces the series, and in every window :math:`\Delta C_t` is regressed on :math:`C_{t-1}` without a
    constant. Where changes are independent and have median zero, the signs are a fair coin's whatever the
    variance, its jumps or its randomness: the null distribution is exact in every sample. Serial
    correlation is not allowed for: there are no lags.

    The paper itself could not be read beyond its abstract. The statistic is as two public programs state it;
    that :math:`C` is not begun anew in each window was settled by the critical values others print (see the
    tests). ``centred`` is ours.

    Parameters
    ----------
    min_window
        Rows of the shortest regression; None: `default_window`.
    centred
        Whether signs are those of the changes less their median over the sample, so that a constant drift
        does not matter. Under the null every order of as many rises as falls is then equally likely, so the
        distribution is exact again.
    """

    min_window: int | None = None
    centred: bool = False

    def __post_init__(self) -> None:
        _ = self.base

    @property
    def base(self) -> RecursiveADF:
        """The regression without a constant."""
        return RecursiveADF(0, "none", self.min_window)

    @property
    def constant(self) -> bool:
        """True: the level of a series does not matter, since only its changes are used."""
        return True

    @property
    def title(self) -> str:
        """What is done, in a line."""
        changes = "changes less their median" if self.centred else "changes"
        window = f", windows of {self.min_window} rows or more" if self.min_window else ""
        return f"right-tailed recursive tests of the cumulated signs of {changes}{window}"

    @property
    def null(self) -> str:
        """The null hypothesis."""
        middle = "one median" if self.centred else "median zero"
        return f"Changes are independent with {middle} and any variance: the process was never explosive."

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader should be told of this choice."""
        return () if self.centred else (DRIFT,)

    def check(self, series: Series) -> None:
        """Raise `InputError` for a series that is too short, or has too many changes of zero."""
        super().check(series)
        ties = float(np.mean(np.diff(series.values) == 0))
        if ties > MOST_TIES:
            raise InputError(
                f"{series.name}: {ties:.0%} of its changes are zero and have no sign; expected at most "
                f"{MOST_TIES:.0%}. Take the plain test with a wild bootstrap."
            )

    def sequences(self, paths: Array) -> Sequences:
        """Return the sequences of paths of shape (..., observation)."""
        return self.base.sequences(cumulated_signs(paths, centred=self.centred))


def cumulated_signs(paths: Array, *, centred: bool = False) -> Array:
    """Return the sums of signs of changes, begun at zero; of the shape of the paths (..., observation)."""
    changes = np.diff(paths)
    if centred:
        changes = changes - np.median(changes, axis=-1, keepdims=True)
    sums = np.zeros(np.shape(paths))
    np.cumsum(np.sign(changes), axis=-1, out=sums[..., 1:])
    return sums
