"""Draws of the coefficients of an equation that allow for the small-sample bias of least squares.

Least squares takes spending to return to its fundamentals faster than it does, the more so the fewer the
periods, and
intervals built on it are too narrow. Kilian's (1998) bootstrap after bootstrap estimates the bias on samples
drawn from
the fitted equation, draws samples from the corrected one, and corrects each of their estimates in turn.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from overbuild.errors import InputError
from overbuild.timeseries.error_correction import Fit, Sample, design
from overbuild.timeseries.extrapolation import Drawn, stable

Array = NDArray[np.float64]
SHRUNK = (1.0, 0.75, 0.5, 0.25, 0.0)
"""Parts of the bias that are taken off: the largest that leaves a stable equation."""
LEAST_STABLE = 0.02
"""Smallest share of stable draws with which anything is implied."""


@dataclass(frozen=True, eq=False)
class _Coefficients:
    """Coefficients by draw: of lagged spending (draw,), lagged fundamentals (draw, k), the rest (draw, m)."""

    level: Array
    fundamentals: Array
    other: Array

    def less(self, bias: _Coefficients, part: Array) -> _Coefficients:
        return _Coefficients(
            self.level - part * bias.level,
            self.fundamentals - part[:, None] * bias.fundamentals,
            self.other - part[:, None] * bias.other,
        )

    def at(self, index: NDArray[np.int_]) -> _Coefficients:
        return _Coefficients(self.level[index], self.fundamentals[index], self.other[index])


def corrected_draws(
    sample: Sample,
    fitted: Fit,
    lags: int,
    draws: int,
    rng: np.random.Generator,
    *,
    levels: bool,
    what: str,
    long_runs: Array | None = None,
) -> Drawn:
    """Draw coefficients by the bootstrap after bootstrap, given the fundamentals.

    Parameters
    ----------
    sample
        The periods of estimation.
    fitted
        Their least squares: levels first; with ``long_runs`` that of the most likely long run, error first.
    lags
        Lags of the change.
    draws
        How many.
    rng
        Generator.
    levels
        Whether the equation has levels.
    what
        Name in messages.
    long_runs
        A known long run for each draw, shape (draw, k), as a panel gives it; None: it is estimated.

    Returns
    -------
    Drawn
        Stable draws; ``kept`` is the share that was. Scales are drawn from their posterior under a flat
        prior.

    Raises
    ------
    InputError
        If hardly any draw is stable: the sample shows no tendency back to the fundamentals.
    """
    known = None if long_runs is None else _Known.of(sample, lags, long_runs)
    point = _point(sample, fitted, lags, draws, levels=levels, known=known)
    residuals = fitted.residuals - fitted.residuals.mean()
    residuals *= np.sqrt(len(residuals) / fitted.freedom)
    _refuse(_steady(point, lags), what)
    again = partial(_again, sample, lags, residuals, levels=levels, known=known)
    first = again(point, rng=rng)
    bias = _mean_less(first, point)
    second = again(point.less(bias, _largest_part(point, bias, lags)), rng=rng)
    found = second.less(bias, _largest_part(second, bias, lags))
    if known is not None:
        found = known.uncentred(found)
    good = np.flatnonzero(_steady(found, lags))
    share = len(good) / draws
    _refuse(np.arange(draws) < len(good), what)
    if len(good) < draws:
        found = found.at(np.concatenate([good, rng.choice(good, draws - len(good))]))
    sigma = fitted.scale * np.sqrt(fitted.freedom / rng.chisquare(fitted.freedom, draws))
    return Drawn(found.level, found.fundamentals, found.other, sigma, share)


@dataclass(frozen=True, eq=False)
class _Known:
    """A long run for each draw, and the mean of its error, about which the error is taken."""

    long_runs: Array
    centre: Array

    @classmethod
    def of(cls, sample: Sample, lags: int, long_runs: Array) -> _Known:
        errors = sample.y[lags:-1] - long_runs @ sample.x[lags:-1].T
        return cls(long_runs, errors.mean(1))

    def error(self, y: Array, x: Array) -> Array:
        return y - self.long_runs @ x.T - self.centre[:, None]

    def uncentred(self, found: _Coefficients) -> _Coefficients:
        other = found.other.copy()
        other[:, 0] -= found.level * self.centre
        return _Coefficients(found.level, -found.level[:, None] * self.long_runs, other)


def _point(
    sample: Sample, fitted: Fit, lags: int, draws: int, *, levels: bool, known: _Known | None
) -> _Coefficients:
    """Return the estimate, once a draw; given a long run it is another for each."""
    k = sample.x.shape[1]
    if known is not None:
        return _estimate(sample, np.repeat(sample.y[None], draws, axis=0), lags, levels=True, known=known)
    b = np.repeat(fitted.coefficients[None], draws, axis=0)
    if not levels:
        return _Coefficients(np.zeros(draws), np.zeros((draws, k)), b)
    return _Coefficients(b[:, 0], b[:, 1 : k + 1], b[:, k + 1 :])


def _again(
    sample: Sample,
    lags: int,
    residuals: Array,
    truth: _Coefficients,
    *,
    rng: np.random.Generator,
    levels: bool,
    known: _Known | None,
) -> _Coefficients:
    """Draw a sample from each draw's equation, given the fundamentals, and return least squares on each."""
    if known is not None:
        truth = known.uncentred(truth)
    fixed, before = _fixed(sample, lags), sample.x[lags:-1]
    shocks = residuals[rng.integers(0, len(residuals), (len(truth.level), len(fixed)))]
    exogenous = truth.other[:, : fixed.shape[1]] @ fixed.T + truth.fundamentals @ before.T + shocks
    y = _paths(sample.y[: lags + 1], exogenous, truth.level, truth.other[:, fixed.shape[1] :])
    return _estimate(sample, y, lags, levels=levels, known=known)


def _estimate(sample: Sample, y: Array, lags: int, *, levels: bool, known: _Known | None) -> _Coefficients:
    """Return least squares on each path of log spending, shape (draw, period)."""
    draws, k = len(y), sample.x.shape[1]
    fixed, before = _fixed(sample, lags), sample.x[lags:-1]
    dy = np.diff(y, axis=1)
    moving = [dy[:, lags - i : dy.shape[1] - i] for i in range(1, lags + 1)]
    if levels:
        level = y[:, lags:-1] if known is None else known.error(y[:, lags:-1], before)
        moving = [level, *moving]
    if levels and known is None:
        fixed = np.hstack([before, fixed])
    b, rest = _least_squares(dy[:, lags:], np.stack(moving, axis=2) if moving else None, fixed)
    if not levels:
        return _Coefficients(np.zeros(draws), np.zeros((draws, k)), np.hstack([rest, b]))
    if known is not None:
        return _Coefficients(b[:, 0], np.zeros((draws, k)), np.hstack([rest, b[:, 1:]]))
    return _Coefficients(b[:, 0], rest[:, :k], np.hstack([rest[:, k:], b[:, 1:]]))


def _fixed(sample: Sample, lags: int) -> Array:
    """Return the regressors that no shock moves: all but lagged spending and lags of its change."""
    _, _, other = design(sample, lags, levels=False)
    return other[:, : other.shape[1] - lags]


def _paths(start: Array, exogenous: Array, level: Array, changes: Array) -> Array:
    """Return log spending, shape (draw, period), from its first periods and all but its own past."""
    draws, steps = exogenous.shape
    lags = changes.shape[1]
    y = np.empty((draws, len(start) + steps))
    y[:, : len(start)] = start
    for s in range(steps):
        t = len(start) + s
        change = exogenous[:, s] + level * y[:, t - 1]
        for i in range(1, lags + 1):
            change += changes[:, i - 1] * (y[:, t - i] - y[:, t - i - 1])
        y[:, t] = y[:, t - 1] + change
    return y


def _least_squares(change: Array, moving: Array | None, fixed: Array) -> tuple[Array, Array]:
    """Return coefficients of what differs by draw (draw, n, p) and of what does not (n, f), by projection."""
    scales = np.sqrt((fixed**2).mean(0))
    q, r = np.linalg.qr(fixed / scales)
    if moving is None:
        b, left = np.zeros((len(change), 0)), change
    else:
        flat = change - (change @ q) @ q.T
        free = moving - np.einsum("nf,dfp->dnp", q, np.einsum("nf,dnp->dfp", q, moving))
        cross = np.einsum("dnp,dnq->dpq", free, free)
        b = np.linalg.solve(cross, np.einsum("dnp,dn->dp", free, flat)[..., None])[..., 0]
        left = change - np.einsum("dnp,dp->dn", moving, b)
    return b, np.linalg.solve(r, (left @ q).T).T / scales


def _mean_less(found: _Coefficients, truth: _Coefficients) -> _Coefficients:
    """Return the mean error of the estimates, once a draw."""
    return _Coefficients(
        np.broadcast_to((found.level - truth.level).mean(), truth.level.shape),
        np.broadcast_to((found.fundamentals - truth.fundamentals).mean(0), truth.fundamentals.shape),
        np.broadcast_to((found.other - truth.other).mean(0), truth.other.shape),
    )


def _largest_part(found: _Coefficients, bias: _Coefficients, lags: int) -> Array:
    """Return the largest part of the bias whose removal leaves each draw stable; 0 where none does."""
    part = np.zeros(len(found.level))
    open_ = np.ones(len(part), dtype=bool)
    for tried in SHRUNK:
        good = open_ & _steady(found.less(bias, np.full(len(part), tried)), lags)
        part[good] = tried
        open_ &= ~good
    return part


def _steady(found: _Coefficients, lags: int) -> NDArray[np.bool_]:
    return stable(found.level, found.other[:, found.other.shape[1] - lags :])


def _refuse(good: NDArray[np.bool_], what: str) -> None:
    if good.mean() < LEAST_STABLE:
        raise InputError(
            f"{what}: {100 * good.mean():.0f} % of the draws return to the fundamentals at all; spending is "
            "not tied to them in this window, and nothing can be extrapolated. Ask for the accelerator, "
            "fewer lags or another window."
        )
