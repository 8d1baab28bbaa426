r"""The test of what observed technology leaves unexplained.

A fundamental that a technology lifts and lets fall again bends upwards as a bubble does, and the plain test
rejects too often (Chen, Chen, Huang, Li and Zhang, 2026, arXiv 2604.25826). **From the paper**, of which we
have read the abstract and accounts by others: project the price on observed technology proxies (total factor
productivity, real investment in information technology, patents) and test the residual. **Ours**:

- Critical values. Where :math:`y_t = \mu + \gamma' x_t + w_t` with a random walk :math:`w`, the residual of
  :math:`y` is that of :math:`w` alone, whatever :math:`\gamma`, so paths of a random walk that are projected
  on the same proxies have exactly the distribution of the test given the proxies. Those of the plain test
  do not apply: projecting takes the trend out of any random walk.
- What a bootstrap takes as shocks: the residuals of the regression of :math:`\Delta y` on :math:`\Delta x`,
  which does not regress one random walk on another.
- No proxy may hold the tested series' own spending: a boom in it would explain itself away.

The projection uses the whole sample: dates are read in hindsight, and for a view as of a day the sample must
end there. A bubble that moves with a proxy is projected away; the test cannot tell it from technology.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from overbuild.errors import InputError, UnknownNameError
from overbuild.explosive.recursive import RecursiveADF
from overbuild.explosive.statistic import Array, Sequences
from overbuild.explosive.variant import Variant

if TYPE_CHECKING:
    from overbuild.explosive.series import Series

KINDS = {
    "productivity": "total factor productivity and the like",
    "adoption": "users, traffic or units in use",
    "price": "prices of computing",
    "patents": "patents granted",
    "investment": "real investment in information technology",
}
"""What a proxy may measure."""
OWN_SPENDING = ("investment",)
"""Kinds that hold the spending of those whose spending may be tested."""
FEWEST_PER_PROXY = 10
"""Observations for each coefficient of the projection."""
COLLINEAR = 1e-10
"""A proxy of which less than this share of its variance is left by the others counts as collinear."""
HINDSIGHT = (
    "The projection uses the whole sample: its dates are hindsight. A bubble that moves with a proxy is "
    "projected away."
)


@dataclass(frozen=True)
class Proxy:
    """An observed measure of technology, on the dates of the series that is tested.

    Parameters
    ----------
    name
        In messages.
    kind
        One of `KINDS`.
    values
        One for each observation.
    calendar
        Its dates, which must be those of the series; empty: not compared.

    Raises
    ------
    UnknownNameError
        For another kind.
    """

    name: str
    kind: str
    values: tuple[float, ...]
    calendar: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UnknownNameError("kind of proxy", self.kind, tuple(KINDS))

    @classmethod
    def of(cls, series: Series, kind: str) -> Self:
        """Return a checked series as a proxy."""
        return cls(series.name, kind, tuple(series.values.tolist()), series.calendar)


@dataclass(frozen=True)
class TechnologyAdjusted(Variant):
    """A recursive ADF test of the residual of a series after a projection on a constant and proxies.

    Parameters
    ----------
    proxies
        One or more.
    spending
        Whether the series is itself spending (capex, or a ratio of it); False: a price.
    test
        What is run on the residual.

    Raises
    ------
    InputError
        For no proxies, proxies of different lengths or collinear ones, too many for the sample, and one that
        holds the series' own spending.
    """

    proxies: tuple[Proxy, ...]
    spending: bool
    test: RecursiveADF = field(default_factory=RecursiveADF)

    def __post_init__(self) -> None:
        if not self.proxies:
            raise InputError("The technology-adjusted test needs one proxy or more.")
        own = [p.name for p in self.proxies if p.kind in OWN_SPENDING and self.spending]
        if own:
            raise InputError(
                f"{own[0]}: investment holds the spending that is tested, so a boom would explain itself; "
                "take productivity, adoption or prices of computing as proxies of a series of spending."
            )
        if not self.test.constant:
            raise InputError("The residual of a projection has a constant in it; take trend constant.")
        lengths = {p.name: len(p.values) for p in self.proxies}
        if len(set(lengths.values())) > 1:
            listed = ", ".join(f"{name} {n}" for name, n in lengths.items())
            raise InputError(f"The proxies have different numbers of observations: {listed}.")
        table = self._table
        if table.shape[0] < FEWEST_PER_PROXY * table.shape[1]:
            raise InputError(
                f"{table.shape[0]} observations are too few for {len(self.proxies)} proxies; expected "
                f"{FEWEST_PER_PROXY * table.shape[1]} or more. Take fewer proxies."
            )
        spread = table[:, 1:] - table[:, 1:].mean(axis=0)
        left = np.abs(np.diag(np.linalg.qr(spread, mode="r")))
        for proxy, rest, whole in zip(self.proxies, left, np.linalg.norm(spread, axis=0), strict=True):
            if not rest**2 > COLLINEAR * whole**2:
                raise InputError(
                    f"{proxy.name} is a constant, or follows from the proxies before it; leave it out."
                )

    @property
    def base(self) -> RecursiveADF:
        """The test of the residual."""
        return self.test

    @property
    def title(self) -> str:
        """What is done, in a line."""
        names = ", ".join(p.name for p in self.proxies)
        return f"{self.test.title}, of the residual of a projection on {names}"

    @property
    def null(self) -> str:
        """The null hypothesis."""
        return "What the proxies leave of the process contains a unit root and was never explosive."

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader should be told of this choice."""
        return (*self.test.warnings, HINDSIGHT)

    def at(self, n: int) -> Self:
        """Return the test with its window set for ``n`` observations."""
        return replace(self, test=self.test.at(n))

    def check(self, series: Series) -> None:
        """Raise `InputError` if the proxies have other dates, or what they leave cannot be tested."""
        for proxy in self.proxies:
            if len(proxy.values) != len(series) or (proxy.calendar and proxy.calendar != series.calendar):
                raise InputError(
                    f"{series.name} has {len(series)} observations from {series.label(0)} to "
                    f"{series.label(-1)}, the proxy {proxy.name} has {len(proxy.values)}. Cut both to the "
                    "dates that both have."
                )
        left = self.residual(series.values)
        if not np.ptp(left) > 1e-9 * np.ptp(series.values):
            raise InputError(f"{series.name}: the proxies explain it without error; nothing is left to test.")
        self.base.check(replace(series, values=left))

    def lags_of(self, values: Array) -> int:
        """Return the lags of the regression on the whole residual."""
        return self.base.lags_of(self.residual(values))

    def sequences(self, paths: Array) -> Sequences:
        """Return the sequences of what the proxies leave of paths of shape (..., observation)."""
        return self.base.sequences(self.residual(paths))

    def residual(self, paths: Array) -> Array:
        """Return what a projection on a constant and the proxies leaves; shape (..., observation)."""
        q = np.linalg.qr(self._table)[0]
        return paths - (paths @ q) @ q.T

    def under_null(self, values: Array) -> Array:
        """Return the series without the proxies' part, estimated in changes; shape (..., observation)."""
        table = np.diff(self._table, axis=0)
        table[:, 0] = 1.0
        solved = np.linalg.lstsq(table, np.diff(values).T, rcond=None)[0]
        return values - (self._table[:, 1:] @ solved[1:]).T

    @property
    def _table(self) -> Array:
        """A constant and the proxies, each measured from its mean and in units of its spread."""
        columns = np.array([p.values for p in self.proxies], dtype=float).T
        spread = columns.std(axis=0)
        columns = (columns - columns.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
        return np.column_stack([np.ones(columns.shape[0]), columns])
