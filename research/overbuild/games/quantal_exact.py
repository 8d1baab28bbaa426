"""The posterior of the quantal response model without a Markov chain, for designs that need it many times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from overbuild.games.importance import Weighted, sampled
from overbuild.games.quantal_kernel import (
    Array,
    log_likelihood_and_gradient,
    log_likelihoods,
    payoffs,
    shock_nodes,
)
from overbuild.games.quantal_panel import QuantalData

NODES, REACH = 13, 3.6
"""Points of the shock, fewer than the sampler's: off by 0.02 or less in the log-likelihood of 400 quarters,
but where zeta and the shock are both well above 1."""
AWAY = -1e10


@dataclass(frozen=True, eq=False)
class Target:
    """The posterior of (zeta, level, slopes, s.d. of the shock), without a constant.

    Attributes
    ----------
    data, priors
        The panel, and name to value of every prior of the model.
    interacting
        Whether zeta is learnt; else it is 0.
    """

    data: QuantalData
    priors: Mapping[str, Any]
    interacting: bool = True

    @property
    def nodes(self) -> tuple[Array, Array]:
        """Points and weights of the shock."""
        return shock_nodes(NODES, REACH)

    @property
    def normals(self) -> tuple[Array, Array]:
        """Means and standard deviations of the normal priors, those of zeta, level and slopes."""
        pairs = [self.priors["zeta"][:2], self.priors["level"], *(self.priors[n] for n in self.data.names)]
        return np.array([p[0] for p in pairs], dtype=float), np.array([p[1] for p in pairs], dtype=float)

    def full(self, points: Array) -> Array:
        """Return points with zeta in the first column, 0 where it is not learnt."""
        return points if self.interacting else np.insert(points, 0, 0.0, axis=-1)

    def start(self) -> Array:
        """Return where the search for the mode starts."""
        point = np.concatenate([self.normals[0], [0.5 * self.priors["shock"]]])
        return point if self.interacting else point[1:]

    def payoffs(self, full: Array) -> Array:
        """Return Delta, shape (..., N)."""
        return payoffs(full[..., 1], full[..., 0], self.data.y.shape[1])

    def log_prior(self, full: Array) -> Array:
        """Return the log prior density, without a constant; even in the s.d. of the shock."""
        mean, sd = self.normals
        found = -0.5 * (((full[..., :-1] - mean) / sd) ** 2).sum(axis=-1)
        found -= 0.5 * (full[..., -1] / self.priors["shock"]) ** 2
        _, _, low, high = self.priors["zeta"]
        return np.where((full[..., 0] > low) & (full[..., 0] < high), found, -np.inf)

    def log_density(self, points: Array) -> Array:
        """Return the log posterior density of many points."""
        full = self.full(points)
        prior = self.log_prior(full)
        found = np.full(len(full), -np.inf)
        inside = np.isfinite(prior)
        kept = full[inside]
        found[inside] = prior[inside] + log_likelihoods(
            self.payoffs(kept),
            np.ascontiguousarray(kept[:, 2:-1]),
            kept[:, -1].copy(),
            self.data.y,
            self.data.covariates,
            *self.nodes,
        )
        return found

    def value_and_gradient(self, point: Array) -> tuple[float, Array]:
        """Return the log posterior density of one point, and its gradient."""
        full = self.full(point)
        prior = float(self.log_prior(full))
        if not np.isfinite(prior):
            return AWAY, np.zeros(point.size)
        scale = float(full[-1])
        value, by_delta, by_slopes, by_scale = log_likelihood_and_gradient(
            self.payoffs(full), full[2:-1].copy(), scale, self.data.y, self.data.covariates, *self.nodes
        )
        firms = self.data.y.shape[1]
        mean, sd = self.normals
        by_zeta = by_delta @ (np.arange(firms) / (firms - 1) - 0.5)
        gradient = np.concatenate([[by_zeta, by_delta.sum()], by_slopes]) - (full[:-1] - mean) / sd**2
        gradient = np.append(gradient, by_scale - scale / self.priors["shock"] ** 2)
        return value + prior, gradient if self.interacting else gradient[1:]

    def next_log_score(self, found: Weighted, later: QuantalData) -> float:
        """Return the log of the predictive probability of the answers of the last period of ``later``."""
        full = self.full(found.draws)
        last = slice(len(later.y) - 1, len(later.y))
        terms = log_likelihoods(
            self.payoffs(full),
            np.ascontiguousarray(full[:, 2:-1]),
            full[:, -1].copy(),
            later.y[last],
            np.ascontiguousarray(later.covariates[last]),
            *self.nodes,
        )
        return found.log_mean(terms)


def posterior(
    data: QuantalData,
    priors: Mapping[str, Any],
    rng: np.random.Generator,
    *,
    interacting: bool = True,
    first: int = 250,
    draws: int = 500,
) -> Weighted:
    """Return weighted draws of (zeta,) level, slopes and the shock's standard deviation."""
    target = Target(data, priors, interacting)
    return sampled(
        target.log_density,
        target.value_and_gradient,
        target.start(),
        rng,
        folded=True,
        first=first,
        draws=draws,
    )
