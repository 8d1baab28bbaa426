"""What the quantal response model has learnt: the slope in rivals' choices, beside its prior."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import gaussian_kde, truncnorm

from overbuild.core import Event, Forecast, Snapshot
from overbuild.games.quantal_kernel import Array
from overbuild.games.quantal_panel import QuantalData
from overbuild.games.quantal_simulation import statistics
from overbuild.models.sampler import Sampled

ABSTAINS = "tells how firms react to one another; forecasts no event"
GRID = np.round(np.arange(-4.0, 4.01, 0.1), 1)


@dataclass(frozen=True, eq=False)
class QuantalPosterior:
    """Draws of the parameters, with the panel that they were learnt from.

    Attributes
    ----------
    data, sampled
        The panel and the draws.
    compile_seconds
        How long the model took to compile in this process.
    priors
        Name to value of every prior.
    """

    data: QuantalData
    sampled: Sampled
    compile_seconds: float
    priors: Mapping[str, Any]

    def findings(self, rng: np.random.Generator) -> dict[str, Any]:
        """Return zeta beside its prior, pay-offs by number of rivals, and counts, as plain types."""
        del rng
        zeta, level = self.sampled.draws("zeta"), self.sampled.draws("level")
        share = statistics(self.data)["share"]
        firms = len(self.data.firms)
        prior = zeta_prior(self.priors)
        multiplier = 1 / (1 - zeta * share * (1 - share))
        return {
            "quarters": [self.data.periods[0], self.data.periods[-1]],
            "counts": {
                "quarters": len(self.data.periods),
                "firms": firms,
                "answers": self.data.cells,
                "rises": int((self.data.y == 1).sum()),
            },
            "rises_by_quarter": [int((row == 1).sum()) for row in self.data.y],
            "zeta": {
                **quantiles(zeta),
                "sd": float(zeta.std()),
                "prior_sd": float(prior.std()),
                "learnt": float(1 - zeta.var() / prior.var()),
                "positive": float((zeta > 0).mean()),
                "prior_positive": float(1 - prior.cdf(0.0)),
                "near_edge": float((np.abs(zeta) > 0.9 * self.priors["zeta"][3]).mean()),
            },
            "shock": quantiles(self.sampled.draws("shock")),
            "payoff_alone": quantiles(level - 0.5 * zeta),
            "payoff_all": quantiles(level + 0.5 * zeta),
            "payoff_by_rivals": [quantiles(level + zeta * (m / (firms - 1) - 0.5)) for m in range(firms)],
            "alone_above_zero": float((level - 0.5 * zeta > 0).mean()),
            "multiplier": quantiles(multiplier),
            "share": share,
            "correlation_zeta_shock": float(np.corrcoef(zeta, self.sampled.draws("shock"))[0, 1]),
            "density": {
                "zeta": GRID.tolist(),
                "posterior": [round(float(v), 4) for v in gaussian_kde(zeta)(GRID)],
                "prior": [round(float(v), 4) for v in prior.pdf(GRID)],
            },
        }

    def sentence(self) -> str:
        """Say what was learnt of zeta."""
        zeta = self.sampled.draws("zeta")
        found, prior = quantiles(zeta), zeta_prior(self.priors)
        learnt = 1 - zeta.var() / prior.var()
        return (
            f"Slope of a firm's choice in its rivals' {found['q50']:+.2f} ({found['q05']:+.2f} to "
            f"{found['q95']:+.2f}), above 0 with probability {(zeta > 0).mean():.2f} where the prior says "
            f"{1 - prior.cdf(0.0):.2f}; {learnt:.0%} of the prior's variance learnt from {self.data.cells} "
            f"answers, {self.data.periods[0]} to {self.data.periods[-1]}."
        )

    def forecasts(
        self, snapshot: Snapshot, events: Sequence[Event], rng: np.random.Generator
    ) -> tuple[Forecast, ...]:
        """Abstain from every event: how firms react is not whether they overbuild."""
        del rng
        status = "ok" if snapshot.realtime == "vintage" else "hindcast"
        return tuple(
            Forecast(
                e.definition, e.by, snapshot.as_of, "quantal_response", None, abstains=ABSTAINS, status=status
            )
            for e in events
        )


def zeta_prior(priors: Mapping[str, Any]) -> Any:
    """Return the prior of zeta, a normal cut on both sides, as a frozen distribution of SciPy."""
    mean, sd, low, high = priors["zeta"]
    return truncnorm((low - mean) / sd, (high - mean) / sd, loc=mean, scale=sd)


def quantiles(values: Array) -> dict[str, float]:
    """Return mean, 5, 50 and 95 % points."""
    low, mid, high = np.quantile(values, [0.05, 0.5, 0.95])
    return {"mean": float(values.mean()), "q05": float(low), "q50": float(mid), "q95": float(high)}
