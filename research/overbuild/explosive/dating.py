"""When a sequence lies above its critical values: start, peak, end and duration of each episode."""

from __future__ import annotations

from dataclasses import dataclass

from overbuild.errors import InputError, UnknownNameError
from overbuild.explosive.episode import default_duration
from overbuild.explosive.statistic import Array, Sequences

LEVELS = (0.90, 0.95, 0.99)
RULES = {
    "pointwise": "the quantile at each date of its BSADF",
    "sadf": "the quantile at each date of the largest BADF so far",
    "familywise": "the quantile of the largest BSADF",
    "published": "the published lines of the test itself",
}
"""Critical values by date, with which a BSADF sequence is dated.

``pointwise``: the quantile of the backward sup ADF statistic of the date itself, as psymonitor documents its
sequence and bootstraps date. It is the reading of Phillips, Shi and Yu (2015) under which their dates of the
S&P 500 price-dividend ratio come out; by ``sadf`` the episodes of 1917, 1928, 1955, 1986 and 2009 are all but
lost. Being exact for each date alone, it gives many false alarms in a long sample: in a random walk of 200
observations an episode in one sample of three, against one of 17 by ``sadf``; so a date is of use where the
GSADF rejects.
``sadf``: the SADF of the observations so far, as exuber's Monte Carlo does. ``familywise``: one value,
exceeded anywhere with the nominal probability. ``published``: not simulated, and only for a test that has
lines of its own, for which the sequence is that of windows from the first observation; an episode then ends
below another line than it begins above.
"""


@dataclass(frozen=True)
class Rule:
    """How a BSADF sequence is dated.

    Parameters
    ----------
    level
        Of the critical values, one of `LEVELS`.
    cut
        Which critical values by date, one of `RULES`.
    min_duration
        Dates of the shortest episode; None: `default_duration`. Phillips, Shi and Yu (2015) leave the factor
        of the logarithm open; the shortest episode that they report has 3 dates where log n is 7.
    replications
        Bootstrap paths from which the spread of each date is taken; 0: none.

    Raises
    ------
    InputError
        For an impossible choice.
    """

    level: float = 0.95
    cut: str = "pointwise"
    min_duration: int | None = None
    replications: int = 399

    def __post_init__(self) -> None:
        if self.cut not in RULES:
            raise UnknownNameError("rule for critical values by date", self.cut, tuple(RULES))
        if self.level not in LEVELS:
            raise InputError(
                f"level {self.level:g}: expected one of {', '.join(f'{at:g}' for at in LEVELS)}."
            )
        if self.min_duration is not None and self.min_duration < 1:
            raise InputError(f"min_duration {self.min_duration}: expected 1 date or more.")

    @property
    def sequence(self) -> str:
        """Which sequence is dated: ``badf`` or ``bsadf``."""
        return "badf" if self.cut == "published" else "bsadf"

    def dated(self, sequences: Sequences) -> Array:
        """Return the sequence that is dated; shape (..., date)."""
        return getattr(sequences, self.sequence)

    def shortest(self, n: int) -> int:
        """Return the dates of the shortest episode among ``n`` observations."""
        return default_duration(n) if self.min_duration is None else self.min_duration
