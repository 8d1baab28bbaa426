"""Draws from the forms that priors.toml uses: truncated normal and lognormal, Beta, Dirichlet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

type Array = NDArray[np.float64]
Bounded = tuple[float, float, float, float]


def normal(prior: Bounded, draws: int, rng: np.random.Generator) -> Array:
    """Return draws of a normal, ``(mean, s.d., lowest, highest)``, cut at its ends."""
    mean, spread, low, high = prior
    ends = ndtr((np.array([low, high]) - mean) / spread)
    return mean + spread * ndtri(rng.uniform(*ends, size=draws))


def lognormal(prior: Bounded, draws: int, rng: np.random.Generator) -> Array:
    """Return draws of a lognormal, ``(median, log s.d., lowest, highest)``, cut at its ends."""
    median, spread, low, high = prior
    logs = normal((np.log(median), spread, np.log(low), np.log(high)), draws, rng)
    return np.exp(logs)


def beta(prior: Sequence[float], draws: int, rng: np.random.Generator) -> Array:
    """Return draws of a Beta."""
    return rng.beta(prior[0], prior[1], size=draws)


def shares(
    means: Mapping[str, float], certainty: float, classes: Sequence[str], draws: int, rng: np.random.Generator
) -> Array:
    """Return draws of a Dirichlet over classes, shape (draw, class); a class without a mean has share 0."""
    weights = np.array([means.get(c, 0.0) for c in classes])
    drawn = np.zeros((draws, len(classes)))
    held = weights > 0
    drawn[:, held] = rng.dirichlet(certainty * weights[held], size=draws)
    return drawn
