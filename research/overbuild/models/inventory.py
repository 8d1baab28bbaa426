"""One perpetual inventory: spending becomes work in progress, then capital, then scrap, vintage by vintage.

    WIP_t = WIP_{t-1} + I_t - C_t,    K_t = K_{t-1} - X_t + C_t,

with I what is spent, C what is completed, X what is scrapped, all in the money of the day they were spent.
Completion lags spending by a Gamma time; a completed asset lives a Weibull time,
S(a) = exp(-ln 2 (a / m)^b), with m its median. Quality is kept apart from money: `capacity` weighs the
surviving vintages by embodied and disembodied progress, `replacement_value` by what they would cost today.

Every array has the shape (draw, time, class). The simulation may go one period at a time with `step`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.stats import gamma

from overbuild.errors import InputError

type Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Kernels:
    """How long things take and last, by number of periods.

    Attributes
    ----------
    completion
        Shape (draw, lag, class): share of a period's spending that is completed ``lag`` periods later.
    survival
        Shape (draw, age, class): share of what was completed that is in use at the end of the period ``age``
        periods later.
    per_year
        Periods a year.
    """

    completion: Array
    survival: Array
    per_year: int

    @cached_property
    def waiting(self) -> Array:
        """Share of spending not completed yet ``lag`` periods later, shape (draw, lag, class)."""
        return 1 - np.cumsum(self.completion, axis=1)


@dataclass(frozen=True, eq=False)
class Inventory:
    """Flows and stocks, each of shape (draw, time, class); stocks are those at the end of the period.

    Attributes
    ----------
    spent, completed, scrapped
        Flows of the period.
    capital, in_progress
        In use, and paid for but not completed.
    kernels
        What they were made with.
    """

    spent: Array
    completed: Array
    scrapped: Array
    capital: Array
    in_progress: Array
    kernels: Kernels

    def survivors(self, at: int = -1) -> Array:
        """Return what is left at the end of a period, by vintage: shape (draw, vintage, class)."""
        last = range(self.capital.shape[1])[at]
        return self.completed[:, : last + 1] * self.kernels.survival[:, last::-1]


def make_kernels(
    median_life: Array, shape: Array, mean_lag: Array, *, lag_shape: float, periods: int, per_year: int
) -> Kernels:
    """Discretise lives and lags; spending and completion fall in the middle of their period.

    Parameters
    ----------
    median_life, mean_lag
        Years, shape (draw, class); a lag of 0 completes everything in its own period.
    shape
        Weibull shape, same shape; 1 is scrapping at a constant rate, large is sudden death at the median.
    lag_shape
        Gamma shape of the completion lag.
    periods, per_year
        Length and number a year of the periods.

    Raises
    ------
    InputError
        If a life or a shape is not positive, or a lag is negative.
    """
    for name, values, fits in (
        ("life", median_life, median_life > 0),
        ("Weibull shape", shape, shape > 0),
        ("completion lag", mean_lag, mean_lag >= 0),
    ):
        if not np.all(fits):
            raise InputError(f"A {name} of {np.min(values):g} cannot be used; expected a positive number.")
    lags = np.arange(periods)[None, :, None]
    age = (lags + 0.5) / per_year
    survival = np.exp(-np.log(2) * (age / median_life[:, None]) ** shape[:, None])
    done = _done(age, mean_lag[:, None], lag_shape)
    completion = np.diff(done, axis=1, prepend=0.0)
    return Kernels(completion, survival, per_year)


def inventory(spent: Array, kernels: Kernels) -> Inventory:
    """Roll spending of shape (draw, time, class) forward from empty stocks."""
    completed, capital, in_progress = (np.zeros_like(spent) for _ in range(3))
    for t in range(spent.shape[1]):
        completed[:, t], in_progress[:, t], capital[:, t] = step(spent[:, : t + 1], completed[:, :t], kernels)
    scrapped = _scrapped(completed, kernels)
    return Inventory(spent, completed, scrapped, capital, in_progress, kernels)


def step(spent: Array, completed_before: Array, kernels: Kernels) -> tuple[Array, Array, Array]:
    """Return completions, work in progress and capital of the last period of ``spent``.

    Parameters
    ----------
    spent
        Shape (draw, time, class), up to and including the period.
    completed_before
        The same, without the period.
    """
    reversed_lags = slice(spent.shape[1] - 1, None, -1)
    sums = "dtc,dtc->dc"
    completed = np.einsum(sums, spent, kernels.completion[:, reversed_lags])
    in_progress = np.einsum(sums, spent, kernels.waiting[:, reversed_lags])
    earlier = slice(spent.shape[1] - 1, 0, -1)
    capital = completed * kernels.survival[:, 0] + np.einsum(
        sums, completed_before, kernels.survival[:, earlier]
    )
    return completed, in_progress, capital


def discrepancy(made: Inventory) -> float:
    """Return the largest violation of the two identities at any step over the largest stock or flow."""
    before_capital = np.pad(made.capital, ((0, 0), (1, 0), (0, 0)))[:, :-1]
    before_waiting = np.pad(made.in_progress, ((0, 0), (1, 0), (0, 0)))[:, :-1]
    capital = made.capital - (before_capital - made.scrapped + made.completed)
    waiting = made.in_progress - (before_waiting + made.spent - made.completed)
    each = (made.capital, made.in_progress, made.completed, made.spent)
    scale = max(*(np.abs(values).max() for values in each), 1e-300)
    return float(max(np.abs(capital).max(), np.abs(waiting).max()) / scale)


def with_past(spent: Array, growth: Array, periods: int) -> Array:
    """Put spending that grew at a constant rate before the first period in front.

    Parameters
    ----------
    spent
        Shape (draw, time, class).
    growth
        Log growth a period before the first, shape (draw, 1) or (draw, class).
    periods
        How many periods to add.
    """
    before = np.arange(-periods, 0)[None, :, None]
    return np.concatenate([spent[:, :1] * np.exp(growth[:, None] * before), spent], axis=1)


def replacement_value(made: Inventory, price_fall: Array, at: int = -1) -> Array:
    """Return what the capital in use would cost new at the end of a period, shape (draw, class).

    A vintage of age a is worth exp(-d a) of what was paid, d the log fall a year of the price of an asset of
    the same quality, shape (draw, class).
    """
    left = made.survivors(at)
    return np.sum(left * np.exp(-price_fall[:, None] * _ages(left, made.kernels)), axis=1)


def capacity(
    made: Inventory, embodied: Array, disembodied: Array, omega: Array, base: int = 0, at: int = -1
) -> Array:
    """Return capacity in units that one unit of money bought in the period ``base``, shape (draw, class).

    K_t = A_t^omega sum_v C_v q_v^(1 - omega) S(t - v), with q_v = exp(embodied (v - base)) the quality of
    vintage v and A_t = exp(disembodied (t - base)) the gain on the whole stock, rates in logs a year.

    Parameters
    ----------
    embodied, disembodied, omega
        Shape (draw, class); omega = 1 is fibre (new optics raise what is laid), 0 a chip.
    """
    left = made.survivors(at)
    per_year = made.kernels.per_year
    vintage = (np.arange(left.shape[1])[None, :, None] - base) / per_year
    now = (left.shape[1] - 1 - base) / per_year
    quality = np.exp((1 - omega)[:, None] * embodied[:, None] * vintage)
    return np.exp(omega * disembodied * now) * np.sum(left * quality, axis=1)


def straight_line(completed: Array, life: Array, per_year: int) -> Array:
    """Return the depreciation that accounts show for what was completed, shape (draw, time, class).

    Parameters
    ----------
    completed
        Shape (draw, time, class).
    life
        Accounting life in years, shape (draw, class): cost is written off in equal parts from the middle of
        the period of completion, and nothing is scrapped earlier.
    """
    periods = completed.shape[1]
    age = (np.arange(periods)[None, :, None] + 0.5) / per_year
    written_off = np.minimum(age / life[:, None], 1.0)
    share = np.diff(written_off, axis=1, prepend=0.0)
    out = np.zeros(np.broadcast_shapes(completed.shape, share.shape))
    for t in range(periods):
        out[:, t] = np.sum(completed[:, : t + 1] * share[:, t::-1], axis=1)
    return out


def _done(age: Array, mean_lag: Array, lag_shape: float) -> Array:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        found = gamma.cdf(age * lag_shape / mean_lag, lag_shape)
    return np.where(mean_lag > 0, found, 1.0)


def _scrapped(completed: Array, kernels: Kernels) -> Array:
    alive = np.concatenate([np.ones_like(kernels.survival[:, :1]), kernels.survival], axis=1)
    lost = -np.diff(alive, axis=1)
    out = np.zeros_like(completed)
    for t in range(completed.shape[1]):
        out[:, t] = np.sum(completed[:, : t + 1] * lost[:, t::-1], axis=1)
    return out


def _ages(left: Array, kernels: Kernels) -> Array:
    periods = left.shape[1]
    return (np.arange(periods)[::-1][None, :, None] + 0.5) / kernels.per_year
