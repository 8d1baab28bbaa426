"""The life over which a firm writes its capital off, from the depreciation that it reports.

    ln D_t = ln sum_v C_v(m) / L_v * 1{t - v < L_v} + e_t,   e_t = rho e_{t-1} + u_t,   u_t ~ N(0, tau^2),

D reported depreciation; C completions of the firm's capex, finance leases included where it reports them,
after a mean lag of m years; L_v one blended life of all that was completed before 2023, and one of what came
after. Errors are in logs, since they grow with the firm, and persistent, since a wrong perimeter stays wrong.
Lives, lag and rho are on a grid and tau^2 is integrated out: the posterior is exact and needs no sampler.
What accounts write off is not what wears out: the lives are evidence on profits, not on economic life.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln
from scipy.stats import gamma

from overbuild.core.periods import ordinal
from overbuild.models.inventory import straight_line
from overbuild.models.reported import SINCE, Reported

if TYPE_CHECKING:
    from overbuild.models.priors import Priors

type Array = NDArray[np.float64]

LIVES = np.arange(2.0, 20.01, 0.5)
LAGS = np.arange(0.5, 3.01, 0.25)
RHOS = np.array([0.0, 0.4, 0.7, 0.9])
AXES = (("old_life", LIVES), ("new_life", LIVES), ("lag", LAGS), ("rho", RHOS))


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
        Depreciation computed, shape (old life, new life, lag, quarter).
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
        for axis, (name, values) in enumerate(AXES[:3]):
            others = tuple(a for a in range(4) if a != axis)
            before, after = (_moments(values, np.sum(w, axis=others)) for w in (self.prior, self.weight))
            learnt = 1 - (after["sd"] / before["sd"]) ** 2
            found[name] = {f"prior_{k}": v for k, v in before.items()} | after | {"learnt": learnt}
        return found

    @property
    def correlation(self) -> float:
        """Posterior correlation of the new life and the lag: near -1, only their sum is known."""
        joint = self.weight.sum(axis=(0, 3))
        life, lag = self.moments["new_life"], self.moments["lag"]
        product = np.einsum("lm,l,m->", joint, LIVES - life["mean"], LAGS - lag["mean"])
        return float(product / (life["sd"] * lag["sd"]))

    def predict(self, draws: int, rng: np.random.Generator, *, prior: bool = False) -> Array:
        """Return depreciation that the model would have reported, shape (draw, quarter)."""
        weights = self.prior if prior else self.weight
        at = np.unravel_index(rng.choice(weights.size, size=draws, p=weights.ravel()), weights.shape)
        shape, scale = self.error_prior
        periods = self.reported.depreciation.size
        if prior:
            tau = np.sqrt(scale / rng.gamma(shape, size=draws))
        else:
            tau = np.sqrt(self.scale[at] / rng.gamma(shape + periods / 2, size=draws))
        return self.fitted[at[:3]] * np.exp(_errors(RHOS[at[3]], tau, periods, rng))

    def checks(self, rng: np.random.Generator, draws: int = 2000) -> dict[str, Any]:
        """Compare what was reported with what the prior and the posterior would have reported."""
        actual = self.reported.depreciation
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
        first, *_, last = self.reported.quarters
        return {
            "firm": self.reported.firm,
            "series": self.reported.series,
            "quarters": [first, last, len(self.reported.quarters)],
            **{name: dict(m) for name, m in self.moments.items()},
            "correlation_new_life_lag": self.correlation,
        }

    def sentence(self) -> str:
        """Say it, with what the data do not tell apart."""
        r = self.reported
        new, old = (_points(self.moments[f"{age}_life"]) for age in ("new", "old"))
        before = _points(self.moments["new_life"], "prior_")
        said = (
            f"{r.firm} writes off what it completed since {SINCE} over {new} years (before the data "
            f"{before}) and what is older over {old}, from {len(r.quarters)} quarters of {r.series}."
        )
        return (
            f"{said} Not identified apart: life and completion lag (correlation {self.correlation:.2f}), "
            "land, the mix of servers and buildings."
        )


def accounting_life(reported: Reported, priors: Priors) -> AccountingLife:
    """Return the posterior on the grid."""
    fitted = fit_grid(reported)
    error_prior = priors.value("capital.accounting_error")
    prior = _log_prior(priors)
    likelihood, scale = _log_likelihood(np.log(reported.depreciation) - np.log(fitted), *error_prior)
    return AccountingLife(
        reported,
        _weights(prior),
        _weights(prior + likelihood),
        fitted,
        error_prior,
        scale,
    )


def _weights(log_density: Array) -> Array:
    density = np.exp(log_density - log_density.max())
    return density / density.sum()


def fit_grid(reported: Reported) -> Array:
    """Return computed depreciation of the quarters, shape (old life, new life, lag, quarter)."""
    spent = reported.spent
    age = (np.arange(spent.size) + 0.5) / 4
    share = np.diff(gamma.cdf(age * 2.0 / LAGS[:, None], 2.0), axis=1, prepend=0.0)
    completed = np.array([np.convolve(spent, s)[: spent.size] for s in share], dtype=float)
    new = spent.size - 1 - (ordinal(reported.quarters[-1]) - ordinal(SINCE))
    is_new = np.arange(spent.size) >= new
    quarters = len(reported.quarters)
    old_part = _written_off(np.where(is_new, 0.0, completed), quarters)
    new_part = _written_off(np.where(is_new, completed, 0.0), quarters)
    return old_part[:, None] + new_part[None, :]


def _written_off(completed: Array, quarters: int) -> Array:
    """Return the last quarters' depreciation for every life, shape (life, lag, quarter)."""
    flows = completed[:, :, None]
    return np.stack([straight_line(flows, np.full((1, 1), L), 4)[:, -quarters:, 0] for L in LIVES])


def _log_prior(priors: Priors) -> Array:
    life = _log_normal(LIVES, priors.value("capital.accounting_life"))
    lag = _log_normal(LAGS, priors.value("capital.completion_lag"))
    ratio = np.log(LIVES[None, :] / LIVES[:, None]) / priors.value("capital.accounting_life_change")
    pair: Array = life[:, None] - 0.5 * ratio**2 + np.where(np.isfinite(life), 0.0, -np.inf)[None, :]
    return np.repeat((pair[:, :, None] + lag)[..., None], RHOS.size, axis=-1)


def _log_normal(grid: Array, prior: Any) -> Array:
    median, spread, low, high = prior
    inside = (grid >= low) & (grid <= high)
    return np.where(inside, -np.log(grid) - 0.5 * (np.log(grid / median) / spread) ** 2, -np.inf)


def _log_likelihood(error: Array, shape: float, scale: float) -> tuple[Array, Array]:
    """Integrate tau^2 out of a stationary first-order autoregression, for every rho."""
    rho = RHOS[:, None]
    e = error[..., None, :]
    first = np.sqrt(1 - RHOS**2) * e[..., 0]
    rest = e[..., 1:] - rho * e[..., :-1]
    squares = first**2 + np.sum(rest**2, axis=-1)
    number = error.shape[-1]
    after = scale + squares / 2
    constant = gammaln(shape + number / 2) - gammaln(shape) + shape * np.log(scale)
    return constant - (shape + number / 2) * np.log(after) + 0.5 * np.log(1 - RHOS**2), after


def _errors(rho: Any, tau: Array, periods: int, rng: np.random.Generator) -> Array:
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
