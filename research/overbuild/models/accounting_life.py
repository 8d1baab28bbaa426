"""The life over which a firm writes its capital off, from what its accounts report.

    ln D_t = ln sum_v C_v(m) / L_v * 1{t - v < L_v} + e_t,   e_t = rho e_{t-1} + u_t,   u_t ~ N(0, tau^2),

D reported depreciation; C completions of the firm's spending, finance leases included where it reports them,
after a mean lag of m years; L_v one blended life of all that was completed before a date (`Accounts.since`),
and one of what came after. Where only stocks are reported, D is the share of gross plant written off so far,
sum_v C_v min(a_v / L_v, 1) over sum_v C_v, both over the plant not yet written off, a_v its age. Errors are
in logs, since they grow with the firm, and persistent, since a wrong perimeter stays wrong.

A life, a lag and rho are known to a cell of a grid, in which they are uniform, and tau^2 is integrated out:
the posterior is exact and needs no sampler. What accounts write off is not what wears out: the lives are
evidence on profits, not on economic life.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp
from scipy.stats import gamma

from overbuild.core.periods import PER_YEAR, frequency_of, ordinal
from overbuild.models.reported import Accounts, Reported

type Array = NDArray[np.float64]
type Held = Callable[[str], Any]
"""Name of a prior of the model of capital to its value; refuses one that could not be held yet."""

LAGS = np.arange(0.5, 3.01, 0.25)
RHOS: Array = (np.arange(10.0) + 0.5) * 0.095
LAG_SHAPE = 2.0
NAMES = ("old_life", "new_life", "lag", "rho")
PARAMETERS = (*NAMES, "error")
"""Parameters of one firm; ``error`` is tau."""


@dataclass(frozen=True, eq=False)
class AccountingLife:
    """Posterior of one firm's accounting life.

    Attributes
    ----------
    reported
        The data.
    prior, weight
        Shape (old life, new life, lag, rho), each adding up to 1.
    fitted
        What would be reported without error, shape (old life, new life, lag, period).
    error_prior
        Shape and scale of the inverse gamma of tau^2 before the data.
    scale
        Its scale after them, of the shape of ``weight``.
    """

    reported: Reported
    prior: Array
    weight: Array
    fitted: Array
    error_prior: tuple[float, float]
    scale: Array

    @cached_property
    def moments(self) -> Mapping[str, Mapping[str, float]]:
        """Prior and posterior mean, s.d., points and share of variance learnt of lives and lag."""
        found = {}
        for axis, (name, values) in enumerate(zip(NAMES[:3], axes(self.reported), strict=False)):
            others = tuple(a for a in range(4) if a != axis)
            before, after = (_moments(values, np.sum(w, axis=others)) for w in (self.prior, self.weight))
            learnt = 1 - (after["sd"] / before["sd"]) ** 2
            found[name] = {f"prior_{k}": v for k, v in before.items()} | after | {"learnt": learnt}
        return found

    @property
    def correlation(self) -> float:
        """Posterior correlation of the new life and the lag: near -1, only their sum is known."""
        joint = self.weight.sum(axis=(0, 3))
        lives, lags = axes(self.reported)[1:3]
        life, lag = self.moments["new_life"], self.moments["lag"]
        product = np.einsum("lm,l,m->", joint, lives - life["mean"], lags - lag["mean"])
        return float(product / (life["sd"] * lag["sd"]))

    def draws(self, number: int, rng: np.random.Generator, *, prior: bool = False) -> dict[str, Array]:
        """Return independent draws of `PARAMETERS`, shape (draw,) each."""
        weights = self.prior if prior else self.weight
        at = np.unravel_index(rng.choice(weights.size, size=number, p=weights.ravel()), weights.shape)
        shape, scale = self.error_prior
        if prior:
            return _within(self.reported, at, shape, scale, rng)
        return _within(self.reported, at, shape + self.reported.written_off.size / 2, self.scale[at], rng)

    def predict(self, number: int, rng: np.random.Generator, *, prior: bool = False) -> Array:
        """Return what the model would have reported, shape (draw, period)."""
        return simulate(self.reported, self.fitted, self.draws(number, rng, prior=prior), rng)

    def checks(self, rng: np.random.Generator, draws: int = 2000) -> dict[str, Any]:
        """Compare what was reported with what the prior and the posterior would have reported."""
        actual = self.reported.written_off
        out: dict[str, Any] = {}
        for name, simulated in (
            ("prior_predictive", self.predict(draws, rng, prior=True)),
            ("posterior_predictive", self.predict(draws, rng)),
        ):
            low, high = np.quantile(simulated, [0.05, 0.95], axis=0)
            growth = np.log(simulated[:, -1] / simulated[:, 0])
            out[name] = {
                "share_inside_90": float(np.mean((actual >= low) & (actual <= high))),
                "p_growth": float(np.mean(growth >= np.log(actual[-1] / actual[0]))),
            }
        return out

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as plain values."""
        first, *_, last = self.reported.periods
        return {
            "firm": self.reported.firm,
            "series": self.reported.series,
            "measure": self.reported.accounts.measure,
            "since": self.reported.accounts.since,
            "periods": [first, last, len(self.reported.periods)],
            **{name: dict(m) for name, m in self.moments.items()},
            "correlation_new_life_lag": self.correlation,
        }

    def sentence(self) -> str:
        """Say it, with what the data do not tell apart."""
        r = self.reported
        new, old = (_points(self.moments[f"{age}_life"]) for age in ("new", "old"))
        before = _points(self.moments["new_life"], "prior_")
        what = "depreciation" if r.accounts.measure == "depreciation" else "plant gross and net"
        units = "quarters" if r.per_year > 1 else "years"
        said = (
            f"{r.firm}: completed since {r.accounts.since}, written off over {new} years (before the data "
            f"{before}); older capital over {old}; from {len(r.periods)} {units} of {what} ({r.series})."
        )
        return (
            f"{said} Not identified apart: life and completion lag (correlation {self.correlation:.2f}), "
            "land, the mix of machines and buildings."
        )


def axes(reported: Reported) -> tuple[Array, Array, Array, Array]:
    """Return the middles of the cells: old life, new life, lag, rho."""
    lives = lives_of(reported.accounts)
    return lives, lives, LAGS, RHOS


def lives_of(accounts: Accounts) -> Array:
    """Return the middles of the cells of a life."""
    low, high, step = accounts.lives
    return np.arange(low, high + step / 2, step)


def accounting_life(reported: Reported, prior_of: Held) -> AccountingLife:
    """Return the posterior on the grid."""
    fitted = fit_grid(reported)
    error_prior = prior_of("accounting_error")
    prior = _log_prior(reported, prior_of)
    likelihood, scale = log_likelihood(np.log(reported.written_off) - np.log(fitted), *error_prior)
    return AccountingLife(
        reported, _weights(prior), _weights(prior + likelihood), fitted, tuple(error_prior), scale
    )


def prior_draws(reported: Reported, prior_of: Held, rng: np.random.Generator) -> dict[str, Array]:
    """Return one draw of every parameter before the data, shape (1,) each."""
    old, newer, lag = (np.exp(part) for part in _log_priors(reported, prior_of))
    first = rng.choice(old.size, size=1, p=old)
    second = rng.choice(old.size, size=1, p=newer[first[0]])
    at = (first, second, rng.choice(lag.size, size=1, p=lag), rng.integers(RHOS.size, size=1))
    shape, scale = prior_of("accounting_error")
    return _within(reported, at, shape, scale, rng)


def simulate(
    reported: Reported, fitted: Array, truth: Mapping[str, Array], rng: np.random.Generator
) -> Array:
    """Return what would be reported given draws of `PARAMETERS`, shape (draw, period)."""
    grids = axes(reported)
    at = tuple(
        np.clip(np.rint((truth[n] - g[0]) / (g[1] - g[0])).astype(int), 0, g.size - 1)
        for n, g in zip(NAMES, grids, strict=True)
    )
    errors = _errors(RHOS[at[3]], np.asarray(truth["error"]), len(reported.periods), rng)
    return fitted[at[:3]] * np.exp(errors)


def fit_grid(reported: Reported) -> Array:
    """Return what would be reported without error, shape (old life, new life, lag, period)."""
    spent = np.ascontiguousarray(reported.spent, dtype=float)
    return _fit_grid(spent.tobytes(), reported.accounts, reported.periods)


@lru_cache(maxsize=16)
def _fit_grid(content: bytes, accounts: Accounts, periods: tuple[str, ...]) -> Array:
    """Compute it once for a firm's spending: simulated accounts of one firm share it."""
    spent, per_year = np.frombuffer(content), PER_YEAR[frequency_of(periods[0])]
    age = (np.arange(spent.size) + 0.5) / per_year
    share = np.diff(gamma.cdf(age * LAG_SHAPE / LAGS[:, None], LAG_SHAPE), axis=1, prepend=0.0)
    completed = np.array([np.convolve(spent, s)[: spent.size] for s in share], dtype=float)
    last, since = ordinal(periods[-1]), ordinal(accounts.since)
    is_new = np.arange(spent.size) >= spent.size - 1 - (last - since)
    parts = np.where(is_new, 0.0, completed), np.where(is_new, completed, 0.0)
    lives = lives_of(accounts)[:, None]
    gone = np.minimum(age / lives, 1.0)
    if accounts.measure == "depreciation":
        lost = np.diff(gone, axis=1, prepend=0.0)
        old, new = (_summed(part, lost, len(periods)) for part in parts)
        return _fixed(old[:, None] + new[None, :])
    alive = np.clip(lives * per_year - np.arange(spent.size), 0.0, 1.0)
    old, new, old_plant, new_plant = (
        _summed(part, kernel, len(periods)) for kernel in (gone * alive, alive) for part in parts
    )
    return _fixed((old[:, None] + new[None, :]) / (old_plant[:, None] + new_plant[None, :]))


def _fixed(values: Array) -> Array:
    values.flags.writeable = False
    return values


def log_likelihood(error: Array, shape: float, scale: float) -> tuple[Array, Array]:
    """Integrate tau^2 out of a stationary first-order autoregression, for every rho.

    Returns the log density and the scale of tau^2 after the data, each of shape (..., rho).
    """
    rho = RHOS[:, None]
    e = error[..., None, :]
    first = np.sqrt(1 - RHOS**2) * e[..., 0]
    rest = e[..., 1:] - rho * e[..., :-1]
    squares = first**2 + np.sum(rest**2, axis=-1)
    number = error.shape[-1]
    after = scale + squares / 2
    constant = gammaln(shape + number / 2) - gammaln(shape) + shape * np.log(scale)
    constant -= number / 2 * np.log(2 * np.pi)
    return constant - (shape + number / 2) * np.log(after) + 0.5 * np.log(1 - RHOS**2), after


def _summed(completed: Array, kernel: Array, periods: int) -> Array:
    """Return sums over vintages in the last periods, shape (life, lag, period); kernel is (life, age)."""
    size = completed.shape[1]
    age = np.arange(size - periods, size)[None, :] - np.arange(size)[:, None]
    weights = np.where(age >= 0, kernel[:, np.maximum(age, 0)], 0.0)
    return np.einsum("ms,lst->lmt", completed, weights)


def _weights(log_density: Array) -> Array:
    density = np.exp(log_density - log_density.max())
    return density / density.sum()


def _log_prior(reported: Reported, prior_of: Held) -> Array:
    old, newer, lag = _log_priors(reported, prior_of)
    joint = (old[:, None] + newer)[:, :, None] + lag
    return np.repeat(joint[..., None], RHOS.size, axis=-1)


def _log_priors(reported: Reported, prior_of: Held) -> tuple[Array, Array, Array]:
    """Return the log probabilities of old life, new life given old, and lag; rho has its cells alike."""
    lives = axes(reported)[0]
    old = _log_normal(lives, prior_of(reported.accounts.prior))
    ratio = np.log(lives[None, :] / lives[:, None]) / prior_of("accounting_life_change")
    newer = -np.log(lives) - 0.5 * ratio**2 + np.where(np.isfinite(old), 0.0, -np.inf)
    lag = _log_normal(LAGS, prior_of("completion_lag"))
    return _normalised(old), _normalised(newer), _normalised(lag)


def _within(
    reported: Reported,
    at: tuple[NDArray[np.intp], ...],
    shape: float,
    scale: float | Array,
    rng: np.random.Generator,
) -> dict[str, Array]:
    """Return draws within cells, with the error given shape and scale of its variance."""
    found = {}
    for name, grid, place in zip(NAMES, axes(reported), at, strict=True):
        found[name] = grid[place] + rng.uniform(-0.5, 0.5, size=place.size) * (grid[1] - grid[0])
    return found | {"error": np.sqrt(scale / rng.gamma(shape, size=at[0].size))}


def _normalised(logs: Array) -> Array:
    """Return log probabilities that add up to 1 along the last axis."""
    return np.asarray(logs - np.asarray(logsumexp(logs, axis=-1, keepdims=True)))


def _log_normal(grid: Array, prior: Any) -> Array:
    median, spread, low, high = prior
    inside = (grid >= low) & (grid <= high)
    return np.where(inside, -np.log(grid) - 0.5 * (np.log(grid / median) / spread) ** 2, -np.inf)


def _errors(rho: Array, tau: Array, periods: int, rng: np.random.Generator) -> Array:
    shocks = rng.standard_normal((rho.size, periods)) * tau[:, None]
    shocks[:, 0] /= np.sqrt(1 - rho**2)
    for t in range(1, periods):
        shocks[:, t] += rho * shocks[:, t - 1]
    return shocks


def _points(moments: Mapping[str, float], when: str = "") -> str:
    low, middle, high = (moments[f"{when}{q}"] for q in ("q05", "q50", "q95"))
    return f"{middle:.1f} ({low:.1f}-{high:.1f})"


def _moments(values: Array, weight: Any) -> dict[str, float]:
    mean = float(weight @ values)
    step = values[1] - values[0]
    spread = float(np.sqrt(weight @ (values - mean) ** 2 + step**2 / 12))
    points = np.interp([0.05, 0.5, 0.95], np.cumsum(weight) - weight / 2, values)
    return {"mean": mean, "sd": spread} | {
        k: float(v) for k, v in zip(("q05", "q50", "q95"), points, strict=True)
    }
