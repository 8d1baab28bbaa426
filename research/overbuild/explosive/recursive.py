"""The augmented Dickey-Fuller regression in every window: ADF, SADF, GSADF and their sequences by date."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from overbuild.errors import InputError, UnknownNameError
from overbuild.explosive.statistic import Array, Sequences, default_window

if TYPE_CHECKING:
    from overbuild.explosive.series import Series

TRENDS = {"none": "none", "constant": "constant", "trend": "constant and linear trend"}
CRITERIA = ("aic", "bic")
MOST_LAGS = 24
SELECTED = (
    "Lags are chosen in every window by {}. Phillips, Shi and Yu (2015) advise a small fixed number: with "
    "chosen lags the tests reject too often where there is no bubble."
)


@dataclass(frozen=True)
class RecursiveADF:
    r"""Right-tailed ADF tests in expanding and moving windows.

    In every window of at least ``min_window`` rows,

    .. math::

        \Delta y_t = \mu + \delta t + \beta y_{t-1} + \sum_{k=1}^{K} \psi_k \Delta y_{t-k} + e_t,

    and the statistic is the t ratio of :math:`\beta`. BADF at a date is that of all observations up to it,
    BSADF the largest over all windows that end there; ADF, SADF and GSADF are the last BADF, the largest
    BADF and the largest BSADF (Phillips, Wu and Yu, 2011; Phillips, Shi and Yu, 2015).

    Parameters
    ----------
    lags
        :math:`K`; with ``criterion`` the most that compete.
    trend
        ``"constant"``, ``"trend"`` (with a constant) or ``"none"``.
    min_window
        Rows of the shortest regression, as exuber's ``minw``: it uses ``min_window + lags + 1`` observations.
        None: `default_window`.
    criterion
        None: ``lags`` are fixed, as PSY advise. ``"aic"`` or ``"bic"``: chosen in every window among 0 to
        ``lags``, all on the same rows (those that ``lags`` leaves).

    Raises
    ------
    InputError
        For an impossible choice.
    """

    lags: int = 0
    trend: str = "constant"
    min_window: int | None = None
    criterion: str | None = None

    def __post_init__(self) -> None:
        if self.trend not in TRENDS:
            raise UnknownNameError("trend", self.trend, tuple(TRENDS))
        if self.criterion is not None and self.criterion not in CRITERIA:
            raise UnknownNameError("criterion", self.criterion, CRITERIA)
        if not 0 <= self.lags <= MOST_LAGS:
            raise InputError(f"lags {self.lags}: expected a whole number from 0 to {MOST_LAGS}.")
        if self.min_window is not None and self.min_window <= self.parameters:
            raise InputError(
                f"A window of {self.min_window} rows leaves no degrees of freedom for the {self.parameters} "
                f"coefficients of a regression with {self.lags} lags ({TRENDS[self.trend]}). "
                f"Take a min_window of {self.parameters + 1} or more, or fewer lags."
            )

    @property
    def constant(self) -> bool:
        """Whether the regression has a constant."""
        return self.trend != "none"

    @property
    def parameters(self) -> int:
        """Coefficients of the longest regression."""
        return list(TRENDS).index(self.trend) + 1 + self.lags

    @property
    def title(self) -> str:
        """What is done, in a line."""
        lags = (
            f"{self.lags} lags"
            if self.criterion is None
            else f"lags by {self.criterion.upper()}, at most {self.lags}"
        )
        window = f", windows of {self.min_window} rows or more" if self.min_window else ""
        return f"right-tailed recursive ADF tests, {TRENDS[self.trend]}, {lags}{window}"

    @property
    def null(self) -> str:
        """The null hypothesis."""
        return "The process contains a unit root and was never explosive."

    @property
    def alternative(self) -> str:
        """The alternative hypothesis."""
        return (
            "The process was explosive in the whole sample (ADF), in a span from its start (SADF) or in any "
            "span (GSADF)."
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader should be told of this choice."""
        return () if self.criterion is None else (SELECTED.format(self.criterion.upper()),)

    def at(self, n: int) -> Self:
        """Return the test with its window set for ``n`` observations."""
        return self if self.min_window is not None else replace(self, min_window=default_window(n))

    def first(self, n: int) -> int:
        """Return the place (from 0) of the observation to which the first statistic belongs."""
        return self._window(n) + self.lags

    def check(self, series: Series) -> None:
        """Raise `InputError` if the series is too short for the window, or a window is collinear."""
        n, window = len(series), self._window(len(series))
        if n < window + self.lags + 1:
            raise InputError(
                f"{series.name}: {n} observations are too few for a window of {window} rows with {self.lags} "
                f"lags, which uses {window + self.lags + 1}. Take a shorter min_window, fewer lags or more "
                "data."
            )
        if window <= self.parameters:
            raise InputError(
                f"{series.name}: with {n} observations the window has {window} rows, which leaves no "
                f"degrees of freedom for {self.parameters} coefficients. Give a longer min_window or fewer "
                "lags."
            )
        self._check_windows(series)

    def sequences(self, paths: Array) -> Sequences:
        """Return the sequences of paths of shape (..., observation); -inf where a window is collinear."""
        badf, bsadf, _, _ = self._windows(paths)
        return Sequences(badf, bsadf)

    def under_null(self, values: Array) -> Array:
        """Return the series itself: all its changes are shocks under the null."""
        return values

    def boundaries(self, n: int) -> None:
        """Return None: dates are read off simulated critical values."""
        del n

    def lags_of(self, values: Array) -> int:
        """Return the lags of the regression on the whole sample."""
        return self.lags if self.criterion is None else int(self._windows(values)[3][-1])

    def _windows(self, paths: Array) -> tuple[Array, Array, Array, np.ndarray]:
        from overbuild.explosive.kernel import all_windows

        flat = np.ascontiguousarray(paths, dtype=float).reshape(-1, paths.shape[-1])
        n = flat.shape[1]
        window = self._window(n)
        shape = (flat.shape[0], n - window - self.lags)
        badf, bsadf, rolling, chosen = (np.empty(shape) for _ in range(4))
        lowest = self.lags if self.criterion is None else 0
        penalty = penalties(self.criterion, n - 1 - self.lags, self.lags + (self.trend == "trend"))
        all_windows(
            flat, window, self.lags, self.constant, self.trend == "trend", lowest, penalty, badf, bsadf,
            rolling, chosen,
        )  # fmt: skip
        back = paths.shape[:-1]
        return (
            badf.reshape(*back, -1), bsadf.reshape(*back, -1), rolling.reshape(*back, -1),
            chosen.reshape(*back, -1)
        )  # fmt: skip

    def _window(self, n: int) -> int:
        return default_window(n) if self.min_window is None else self.min_window

    def _check_windows(self, series: Series) -> None:
        """Raise `InputError` for a window of the shortest length in which no regression can be run."""
        window = self._window(len(series))
        run = longest_run(np.diff(series.values) == 0)
        if run.length >= window:
            span = f"{series.label(run.start)} to {series.label(run.start + run.length)}"
            raise InputError(
                f"{series.name}: the series does not move from {span}, longer than a window of {window} "
                "rows. Take a longer min_window, or leave the stretch out."
            )
        _, _, rolling, _ = self._windows(series.values)
        wrong = ~np.isfinite(rolling)
        if wrong.any():
            last = self.first(len(series)) + int(np.argmax(wrong))
            span = f"{series.label(last - window - self.lags)} to {series.label(last)}"
            raise InputError(
                f"{series.name}: no regression can be run on {span}: the series follows its own past without "
                "error there, or its lags are collinear. Take a longer min_window or fewer lags, or a "
                "series that is observed and not computed."
            )


@dataclass(frozen=True)
class Run:
    """A stretch of consecutive places."""

    start: int
    length: int


def longest_run(held: np.ndarray) -> Run:
    """Return the longest stretch in which a condition holds."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], held.astype(int), [0]])))
    starts, lengths = edges[::2], np.diff(edges)[::2]
    if not lengths.size:
        return Run(0, 0)
    longest = int(np.argmax(lengths))
    return Run(int(starts[longest]), int(lengths[longest]))


def penalties(criterion: str | None, rows: int, most: int) -> Array:
    r"""Return the factors by which a criterion multiplies squared residuals, shape (rows + 1, most + 1).

    To minimise :math:`N \log(SSR/N) + c_N k` is to minimise :math:`SSR \exp(c_N k/N)`, with :math:`c_N = 2`
    (AIC) or :math:`\log N` (BIC), :math:`k` the number of regressors.
    """
    if criterion is None:
        return np.ones((rows + 1, most + 1))
    n = np.maximum(np.arange(rows + 1.0), 1.0)[:, None]
    each = 2.0 if criterion == "aic" else np.log(n)
    return np.exp(each * np.arange(most + 1.0) / n)
