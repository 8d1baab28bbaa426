r"""Paths on which the null of a unit root holds: simulated, or made of the data's own shocks.

Every null draws paths of the series' own length (`FamilyWiseBootstrap`: of the horizon's), for all series of
a panel at once; the statistic that is run on them is the one of the data, so its lags, window and trend are
the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from overbuild.errors import InputError, UnknownNameError
from overbuild.explosive.autoregression import Autoregression, levels_of
from overbuild.explosive.simulators import RandomWalk
from overbuild.explosive.statistic import Array, Statistic

REPLICATIONS = 1999
DRIFTS = ("vanishing", "none")
MULTIPLIERS = ("normal", "rademacher")


@runtime_checkable
class Null(Protocol):
    """How paths under the null are drawn: a frozen specification of plain values."""

    @property
    def replications(self) -> int:
        """Paths (of all series at once)."""
        ...

    @property
    def kind(self) -> str:
        """Name of the method; part of the name of its random stream."""
        ...

    @property
    def title(self) -> str:
        """What is done, in a line."""
        ...

    @property
    def pointwise(self) -> bool:
        """Whether the sequence of critical values is that of each date, or one value for all."""
        ...

    def content(self, values: Array) -> tuple[object, ...]:
        """Return what of the data the paths depend on."""
        ...

    def observations(self, statistic: Statistic, n: int) -> int:
        """Return the length of a path for a series of ``n`` observations."""
        ...

    def paths(self, values: Array, statistic: Statistic, count: int, rng: np.random.Generator) -> Array:
        """Return paths of shape (count, series, observation) for data of shape (series, observation)."""
        ...


@dataclass(frozen=True)
class MonteCarlo:
    """Gaussian random walks, independent across series.

    Parameters
    ----------
    drift
        ``"vanishing"``: :math:`1/n` a period, as in Phillips, Shi and Yu (2015); ``"none"``: as in exuber.
    replications
        Paths.
    """

    drift: str = "vanishing"
    replications: int = REPLICATIONS

    kind = "montecarlo"
    pointwise = True

    def __post_init__(self) -> None:
        if self.drift not in DRIFTS:
            raise UnknownNameError("drift", self.drift, DRIFTS)
        check_replications(self.replications)

    @property
    def title(self) -> str:
        """What is done, in a line."""
        drift = "drift 1/n" if self.drift == "vanishing" else "no drift"
        return f"Monte Carlo, {self.replications} Gaussian random walks with {drift}"

    def content(self, values: Array) -> tuple[object, ...]:
        """Return the shape of the data: nothing else matters."""
        return (values.shape,)

    def observations(self, statistic: Statistic, n: int) -> int:
        """Return ``n``."""
        del statistic
        return n

    def paths(self, values: Array, statistic: Statistic, count: int, rng: np.random.Generator) -> Array:
        """Return random walks of shape (count, series, observation)."""
        del statistic
        series, n = values.shape
        walk = RandomWalk(drift=float(self.drift == "vanishing"))
        return walk.paths(count * series, n, rng).reshape(count, series, n)


@dataclass(frozen=True)
class WildBootstrap:
    r"""Random walks of the data's own changes with random signs (Harvey, Leybourne, Sollis and Taylor, 2016).

    :math:`\Delta y^*_t = w_t e_t`, with :math:`e_t` the change less its mean (no mean is taken where the
    test has no constant) and :math:`w_t` independent over time, one for all series of a panel. It keeps the
    pattern of the variance over time; serial correlation is not kept, which the lags of the test take care
    of in the data.

    Parameters
    ----------
    multiplier
        ``"normal"`` or ``"rademacher"`` (a sign).
    replications
        Paths.
    """

    multiplier: str = "normal"
    replications: int = REPLICATIONS

    kind = "wild"
    pointwise = True

    def __post_init__(self) -> None:
        if self.multiplier not in MULTIPLIERS:
            raise UnknownNameError("multiplier", self.multiplier, MULTIPLIERS)
        check_replications(self.replications)

    @property
    def title(self) -> str:
        """What is done, in a line."""
        return f"wild bootstrap, {self.multiplier} multipliers, {self.replications} replications"

    def content(self, values: Array) -> tuple[object, ...]:
        """Return the data."""
        return (values,)

    def observations(self, statistic: Statistic, n: int) -> int:
        """Return ``n``."""
        del statistic
        return n

    def paths(self, values: Array, statistic: Statistic, count: int, rng: np.random.Generator) -> Array:
        """Return paths of shape (count, series, observation)."""
        changes = np.diff(values)
        if statistic.constant:
            changes = changes - changes.mean(axis=1, keepdims=True)
        weights = multipliers(self.multiplier, (count, 1, changes.shape[1]), rng)
        return levels_of(values[:, 0], changes * weights)


@dataclass(frozen=True)
class FamilyWiseBootstrap:
    r"""Wild bootstrap of Phillips and Shi (2020) that controls size over a number of dates together.

    :math:`\Delta y^*_t = \sum_k \hat\varphi_k \Delta y^*_{t-k} + w_t \hat e_{l_t}`: the autoregression of
    changes under the null, with as many lags as the test, with normal :math:`w_t` and residuals drawn with
    replacement. A path has as many observations as give ``dates`` statistics; the critical value, one for
    all dates, is the quantile of their largest, so the chance of any false alarm within so many dates is the
    nominal size.

    Parameters
    ----------
    dates
        Dates over which size is controlled; None: all of the sample.
    replications
        Paths.
    """

    dates: int | None = None
    replications: int = REPLICATIONS

    kind = "familywise"
    pointwise = False

    def __post_init__(self) -> None:
        check_replications(self.replications)
        if self.dates is not None and self.dates < 1:
            raise InputError(f"dates {self.dates}: expected 1 or more.")

    @property
    def title(self) -> str:
        """What is done, in a line."""
        over = "all dates" if self.dates is None else f"{self.dates} dates"
        return (
            f"wild bootstrap of Phillips and Shi, family-wise over {over}, {self.replications} replications"
        )

    def content(self, values: Array) -> tuple[object, ...]:
        """Return the data."""
        return (values,)

    def observations(self, statistic: Statistic, n: int) -> int:
        """Return the observations that give so many dates."""
        first = statistic.first(n)
        if self.dates is None:
            return n
        if self.dates > n - first:
            raise InputError(
                f"Size over {self.dates} dates: the sample gives {n - first} statistics; take fewer."
            )
        return first + self.dates

    def paths(self, values: Array, statistic: Statistic, count: int, rng: np.random.Generator) -> Array:
        """Return paths of shape (count, series, observation)."""
        length = self.observations(statistic, values.shape[1])
        model = Autoregression.fitted(values, statistic.lags, statistic.constant)
        at = rng.integers(model.residuals.shape[1], size=(count, length - 1 - statistic.lags))
        weights = multipliers("normal", at.shape, rng)[:, None, :]
        return model.paths(values, np.moveaxis(model.residuals[:, at], 0, 1) * weights)


@dataclass(frozen=True)
class SieveBootstrap:
    r"""Sieve bootstrap for panels (Pavlidis et al., 2016): residuals of all series drawn together by date.

    Each series has its own autoregression of changes under the null; the residuals of one date, of every
    series, are drawn as one, so that dependence across series is kept. It takes the variance as constant
    over time.

    Parameters
    ----------
    order
        Lags of the autoregressions; None: those of the test.
    replications
        Paths (of all series at once).
    """

    order: int | None = None
    replications: int = REPLICATIONS

    kind = "sieve"
    pointwise = True

    def __post_init__(self) -> None:
        check_replications(self.replications)
        if self.order is not None and self.order < 0:
            raise InputError(f"order {self.order}: expected 0 or more.")

    @property
    def title(self) -> str:
        """What is done, in a line."""
        lags = "the test's lags" if self.order is None else f"{self.order} lags"
        return f"sieve bootstrap, {lags}, {self.replications} replications"

    def content(self, values: Array) -> tuple[object, ...]:
        """Return the data."""
        return (values,)

    def observations(self, statistic: Statistic, n: int) -> int:
        """Return ``n``."""
        del statistic
        return n

    def paths(self, values: Array, statistic: Statistic, count: int, rng: np.random.Generator) -> Array:
        """Return paths of shape (count, series, observation)."""
        order = statistic.lags if self.order is None else self.order
        model = Autoregression.fitted(values, order, statistic.constant)
        rows = model.residuals.shape[1]
        at = rng.integers(rows, size=(count, rows))
        return model.paths(values, np.moveaxis(model.residuals[:, at], 0, 1))


def multipliers(kind: str, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Return independent multipliers with mean 0 and variance 1."""
    made: Any = rng.standard_normal(shape) if kind == "normal" else rng.integers(2, size=shape) * 2.0 - 1.0
    return made


def check_replications(replications: int) -> None:
    """Raise `InputError` for fewer paths than a critical value can be taken from."""
    if replications < 19:
        raise InputError(
            f"{replications} replications give no 5 % critical value; expected 19 or more, 999 for use."
        )
