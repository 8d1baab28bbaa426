"""Processes with and without bubbles, to measure size, power and false alarms.

Each is a frozen specification; ``paths(count, n, rng)`` gives an array of shape (count, n).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from overbuild.errors import InputError
from overbuild.explosive.statistic import Array


@dataclass(frozen=True)
class Shocks:
    r"""Independent shocks with mean 0, normal or Student, of constant or changing variance.

    :math:`e_t = \sigma\, s_t\, e^{h_t/2} z_t` with :math:`h_t = \varphi h_{t-1} + \omega u_t` begun in its
    stationary distribution, and :math:`s_t` one before the break and ``break_ratio`` from it on.

    Parameters
    ----------
    scale
        :math:`\sigma`, the standard deviation where nothing else changes it.
    degrees
        Of freedom of Student's t, above 2, scaled to variance 1; None: normal.
    persistence, volatility
        :math:`\varphi` in [0, 1) and :math:`\omega`; volatility 0: no stochastic volatility.
    break_at, break_ratio
        Share of the sample at which the standard deviation is multiplied, and by what.
    """

    scale: float = 1.0
    degrees: float | None = None
    persistence: float = 0.0
    volatility: float = 0.0
    break_at: float = 1.0
    break_ratio: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.persistence < 1:
            raise InputError(f"persistence {self.persistence:g}: expected 0 to below 1.")
        if self.degrees is not None and self.degrees <= 2:
            raise InputError(f"degrees {self.degrees:g}: expected more than 2, so that there is a variance.")

    def draw(self, count: int, n: int, rng: np.random.Generator) -> Array:
        """Return shocks of shape (count, n)."""
        if self.degrees is None:
            shocks = rng.standard_normal((count, n))
        else:
            shocks = rng.standard_t(self.degrees, (count, n)) * np.sqrt((self.degrees - 2) / self.degrees)
        if self.volatility:
            shocks = shocks * np.exp(self._log_variance(count, n, rng) / 2)
        if self.break_ratio != 1:
            shocks[:, int(self.break_at * n) :] *= self.break_ratio
        return self.scale * shocks

    def _log_variance(self, count: int, n: int, rng: np.random.Generator) -> Array:
        from scipy.signal import lfilter

        moves = rng.standard_normal((count, n)) * self.volatility
        moves[:, 0] /= np.sqrt(1 - self.persistence**2)
        made: Any = lfilter([1.0], [1.0, -self.persistence], moves, axis=1)
        return made


@dataclass(frozen=True)
class RandomWalk:
    r"""Random walk with drift :math:`c\,n^{-\eta}` (Phillips, Shi and Yu, 2015: :math:`c = \eta = 1`).

    Parameters
    ----------
    drift, decay
        :math:`c` and :math:`\eta`; a drift of 0 is none, a decay of 0 keeps it however long the sample.
    shocks
        Its changes without the drift.
    """

    drift: float = 1.0
    decay: float = 1.0
    shocks: Shocks = field(default_factory=Shocks)

    def paths(self, count: int, n: int, rng: np.random.Generator) -> Array:
        """Return paths of shape (count, n)."""
        return np.cumsum(self.shocks.draw(count, n, rng) + self.drift * float(n) ** -self.decay, axis=1)


@dataclass(frozen=True)
class CollapsingBubbles:
    r"""Random walk that is mildly explosive in some spans and falls back at the end of each.

    Within a span :math:`y_t = (1 + c\,n^{-\alpha}) y_{t-1} + e_t`; in the next period
    :math:`y_t = y_{t_e} + e_t`, with :math:`t_e` the span's first period; elsewhere a random walk (Phillips,
    Shi and Yu, 2015, section 4). The defaults are their process of one bubble; ``spans=((0.2, 0.4), (0.6,
    0.7))`` has two. With stochastic volatility in ``shocks`` it is a bubble that the volatility of its
    shocks disguises.

    Parameters
    ----------
    spans
        First and last period of each, as shares of the sample, in order.
    speed, decay
        :math:`c` and :math:`\alpha`.
    start
        Value before the first observation.
    shocks
        Theirs have the standard deviation 6.79, of S&P 500 price changes relative to a start of 100.
    """

    spans: tuple[tuple[float, float], ...] = ((0.4, 0.55),)
    speed: float = 1.0
    decay: float = 0.6
    start: float = 100.0
    shocks: Shocks = field(default_factory=lambda: Shocks(scale=6.79))

    def __post_init__(self) -> None:
        ends = [share for span in self.spans for share in span]
        if not all(0 < a < b <= 1 for a, b in self.spans) or ends != sorted(ends):
            raise InputError(f"spans {self.spans}: expected pairs in order, as shares between 0 and 1.")

    def places(self, n: int) -> tuple[tuple[int, int], ...]:
        """Return the first and last explosive observation of each span, counted from 0."""
        return tuple((int(a * n), min(int(b * n), n - 1)) for a, b in self.spans)

    def paths(self, count: int, n: int, rng: np.random.Generator) -> Array:
        """Return paths of shape (count, n)."""
        shocks = self.shocks.draw(count, n, rng)
        root = 1.0 + self.speed * float(n) ** -self.decay
        rises = {t for first, last in self.places(n) for t in range(first, last + 1)}
        falls = {last + 1: first for first, last in self.places(n)}
        y = np.empty((count, n))
        before = np.full(count, self.start)
        for t in range(n):
            if t in falls:
                before = y[:, falls[t]]
            y[:, t] = (root if t in rises else 1.0) * before + shocks[:, t]
            before = y[:, t]
        return y


@dataclass(frozen=True)
class Evans:
    r"""Periodically collapsing rational bubble that never becomes negative (Evans, 1991).

    .. math::

        B_{t+1} = \begin{cases} (1+r)\,B_t\,u_{t+1} & B_t \le a \\
        \left[d + \pi^{-1}(1+r)\,\theta_{t+1}\,(B_t - d/(1+r))\right] u_{t+1} & B_t > a\end{cases}

    with :math:`\log u \sim N(-\tau^2/2, \tau^2)` and :math:`\theta` one with probability :math:`\pi`, else
    zero.

    Parameters
    ----------
    rate, threshold, floor, survival, spread
        :math:`r`, :math:`a`, :math:`d` (also the start), :math:`\pi`, :math:`\tau`.
    """

    rate: float = 0.05
    threshold: float = 1.0
    floor: float = 0.5
    survival: float = 0.7
    spread: float = 0.05

    def paths(self, count: int, n: int, rng: np.random.Generator) -> Array:
        """Return paths of shape (count, n)."""
        u = np.exp(self.spread * rng.standard_normal((count, n)) - self.spread**2 / 2)
        lives = rng.random((count, n)) < self.survival
        b = np.empty((count, n))
        b[:, 0] = self.floor
        gross = 1 + self.rate
        for t in range(1, n):
            grown = np.where(lives[:, t], gross / self.survival * (b[:, t - 1] - self.floor / gross), 0.0)
            b[:, t] = (
                np.where(b[:, t - 1] <= self.threshold, gross * b[:, t - 1], self.floor + grown) * u[:, t]
            )
        return b


@dataclass(frozen=True)
class BlanchardWatson:
    r"""Bubble that survives with probability :math:`\pi` and then grows faster (Blanchard and Watson, 1982).

    :math:`B_{t+1} = \pi^{-1}(1+r) B_t + e_{t+1}` with probability :math:`\pi`, else :math:`e_{t+1}`.

    Parameters
    ----------
    rate, survival
        :math:`r` and :math:`\pi`.
    start
        Value of the first observation.
    shocks
        :math:`e`.
    """

    rate: float = 0.05
    survival: float = 0.7
    start: float = 0.1
    shocks: Shocks = field(default_factory=lambda: Shocks(scale=0.03))

    def paths(self, count: int, n: int, rng: np.random.Generator) -> Array:
        """Return paths of shape (count, n)."""
        b = self.shocks.draw(count, n, rng)
        lives = rng.random((count, n)) < self.survival
        b[:, 0] = self.start
        for t in range(1, n):
            b[:, t] += np.where(lives[:, t], (1 + self.rate) / self.survival * b[:, t - 1], 0.0)
        return b


@dataclass(frozen=True)
class TechnologyHump:
    r"""Fundamental that a technology lifts and lets fall again, with no bubble: what should raise no alarm.

    :math:`y_t = w_t + H \exp\{-\tfrac12 ((t/n - m)/s)^2\}`, with :math:`w` a random walk. The hump is
    foreseeable and no root exceeds one, but its rising side bends upwards as a bubble does.

    Parameters
    ----------
    height
        :math:`H`, in standard deviations of a period's shock times :math:`\sqrt n`, the scale of the walk.
    centre, width
        :math:`m` and :math:`s`, as shares of the sample.
    walk
        :math:`w`.
    """

    height: float = 1.0
    centre: float = 0.6
    width: float = 0.1
    walk: RandomWalk = field(default_factory=RandomWalk)

    def paths(self, count: int, n: int, rng: np.random.Generator) -> Array:
        """Return paths of shape (count, n)."""
        share = (np.arange(n) / n - self.centre) / self.width
        hump = self.height * self.walk.shocks.scale * np.sqrt(n) * np.exp(-(share**2) / 2)
        return self.walk.paths(count, n, rng) + hump
