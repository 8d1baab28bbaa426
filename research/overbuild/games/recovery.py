"""Whether the slope in rivals' choices is found again in panels of which it is known, and what others find.

Panels of five firms with a common index and firms' own surprises, both standard normal and known, are drawn
from the game; each is fitted as the observed one is, by `overbuild.games.quantal_exact` (whose agreement with
the sampler is tested), with the priors of the model. Every panel has a random stream of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from overbuild.games.importance import MOST_K
from overbuild.games.naive import naive, nested_fixed_point
from overbuild.games.quantal_exact import posterior
from overbuild.games.quantal_kernel import payoffs
from overbuild.games.quantal_panel import QuantalData
from overbuild.games.quantal_simulation import played
from overbuild.randomness import stream

FIRMS, LEVEL, INDEX, SURPRISE, SHOCK = 5, 0.2, 0.5, 0.5, 0.8
STRONG = 1.5
FIRST_DRAWS, DRAWS = 150, 250
"""Enough for a posterior mean to a tenth of its standard deviation, which averages out over panels."""
NAMES = ("index", "surprise")


@dataclass(frozen=True)
class Cell:
    """One design: true values, size, and how many panels.

    Attributes
    ----------
    periods
        Quarters.
    zeta, shock, surprise
        Slope in rivals' choices, standard deviation of the common shock, effect of a firm's own surprise.
    replications
        Panels.
    """

    periods: int
    zeta: float
    shock: float = SHOCK
    surprise: float = SURPRISE
    replications: int = 200

    @property
    def name(self) -> str:
        """Name of its random stream."""
        return f"{self.periods}/{self.zeta}/{self.shock}/{self.surprise}"


CELLS = (
    *(Cell(periods, zeta) for periods in (34, 80, 160, 400) for zeta in (0.0, 1.5)),
    *(Cell(40, zeta, shock) for zeta in (0.0, 1.5) for shock in (0.0, SHOCK)),
    *(Cell(34, zeta, surprise=STRONG) for zeta in (0.0, 1.5)),
    *(Cell(400, zeta, surprise=STRONG, replications=50) for zeta in (0.0, 1.5)),
    *(Cell(400, zeta, surprise=0.0, replications=30) for zeta in (0.0, 1.5)),
)
"""Sizes and truths of the design; the naive estimate at 40 quarters, with and without a shock; and panels in
which firms' own surprises, all that tells rivals from shock but the shape of the logistic, move them strongly
or not at all."""


def panel(cell: Cell, rng: np.random.Generator) -> QuantalData:
    """Return a panel drawn from the game."""
    shape = (cell.periods, FIRMS)
    common = np.repeat(rng.standard_normal((cell.periods, 1)), FIRMS, axis=1)
    covariates = np.stack([common, rng.standard_normal(shape)], axis=-1)
    empty = QuantalData(
        tuple(map(str, range(cell.periods))),
        tuple(map(str, range(FIRMS))),
        np.zeros(shape, dtype=np.int8),
        covariates,
        NAMES,
        np.zeros((0, FIRMS), dtype=np.int8),
    )
    delta = payoffs(LEVEL, cell.zeta, FIRMS)
    return played(delta, np.array([INDEX, cell.surprise]), cell.shock, empty, rng)


def replication(cell: Cell, number: int, priors: Mapping[str, Any]) -> dict[str, float]:
    """Draw one panel, fit it, and return the posterior of zeta beside the two other estimates."""
    rng = stream(f"games/recovery/{cell.name}", index=number)
    data = panel(cell, rng)
    found = posterior(data, priors, rng, first=FIRST_DRAWS, draws=DRAWS)
    low, high = found.quantile(0, [0.05, 0.95])
    return {
        "mean": float(found.mean[0]),
        "sd": float(found.sd[0]),
        "low": float(low),
        "high": float(high),
        "above": found.above(0, 0.0),
        "k": found.k,
        "effective": found.effective,
        "naive": naive(data),
        "nested_fixed_point": nested_fixed_point(data),
    }


def summary(cell: Cell, found: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """Return bias, coverage and power of a cell, with Monte Carlo standard errors, as plain types.

    ``learnt`` is the share of the prior's variance that is gone, on average; ``k_above`` the share of panels
    whose weights are not to be relied on.
    """
    get = {n: np.array([f[n] for f in found]) for n in found[0]}
    number, root = len(found), np.sqrt(len(found))
    covered = (get["low"] <= cell.zeta) & (cell.zeta <= get["high"])
    excludes = (get["low"] > 0) | (get["high"] < 0)
    made: dict[str, Any] = {
        "periods": cell.periods,
        "zeta": cell.zeta,
        "shock": cell.shock,
        "surprise": cell.surprise,
        "replications": number,
        "bias": float(get["mean"].mean() - cell.zeta),
        "bias_error": float(get["mean"].std() / root),
        "mean": float(get["mean"].mean()),
        "mean_sd": float(get["mean"].std()),
        "posterior_sd": float(get["sd"].mean()),
        "coverage": float(covered.mean()),
        "coverage_error": float(np.sqrt(max(covered.mean() * (1 - covered.mean()), 1e-4)) / root),
        "power": float(excludes.mean()),
        "above": float(get["above"].mean()),
        "k_above": float((get["k"] > MOST_K).mean()),
        "largest_k": float(get["k"].max()),
        "least_effective": float(get["effective"].min()),
    }
    for name in ("naive", "nested_fixed_point"):
        kept = get[name][np.isfinite(get[name])]
        made[name] = {"mean": float(kept.mean()), "sd": float(kept.std()), "failed": int(number - kept.size)}
    return made
