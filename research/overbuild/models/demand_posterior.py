"""What the demand model has learnt: growth, what is left to the ceiling, and whether the turn is passed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Event, Forecast, Snapshot
from overbuild.errors import InputError
from overbuild.models.demand import DemandModel
from overbuild.models.demand_curve import gain, midpoint, turning_headroom
from overbuild.models.demand_data import FEWEST, DemandData
from overbuild.models.demand_paths import truths_of
from overbuild.models.sampler import Sampled, Sampling

type Array = NDArray[np.float64]

DRAWS = 500
WHY = {
    "O1": "what capital earns over its life is not in the series of demand",
    "O2": "the use of capacity needs the ceiling of demand, which is its prior, and the capacity to come",
    "O3": "spending is not in the series of demand",
    "O4": "what demand requires by the date turns on the ceiling, which is its prior",
    "O5": "prices are not in the series of demand",
    "composite": "its parts are not decided by series of demand",
}
"""Why the model abstains from each event."""


@dataclass(frozen=True, eq=False)
class DemandPosterior:
    """Draws of the parameters, with the figures that they were learnt from.

    Attributes
    ----------
    model
        The specification.
    data
        The figures.
    sampled
        The draws.
    snapshot
        What was known; None for simulated figures.
    compile_seconds
        How long the model took to compile in this process.
    """

    model: DemandModel
    data: DemandData
    sampled: Sampled
    snapshot: Snapshot | None
    compile_seconds: float

    @cached_property
    def truths(self) -> list[dict[str, Array]]:
        """Some draws of all parameters, evenly spread."""
        return truths_of(self.model, self.data, self.sampled, DRAWS)

    @cached_property
    def growth(self) -> Array:
        """Growth before the ceiling is felt, of the reading that each draw favours, shape (draw,)."""
        get = self.sampled.draws
        return np.where(get("claim") > 0.5, get("growth_if_claim"), get("growth"))

    def gains(self, time: Array) -> Array:
        """Return ln D(t) - ln D(0) on the curve at some years from the reference, shape (draw, time)."""
        get = self.sampled.draws
        of = (self.growth, get("headroom"), get("asymmetry"))
        return gain(np.asarray(time)[None, :], *(x[:, None] for x in of))

    def turned(self, time: float = 0.0) -> NDArray[np.bool_]:
        """Return whether the curve of levels has turned concave by a time, shape (draw,)."""
        left = self.sampled.draws("headroom") - self.gains(np.array([time]))[:, 0]
        return left < turning_headroom(self.sampled.draws("asymmetry"))

    def past_midpoint(self, time: float = 0.0) -> NDArray[np.bool_]:
        """Return whether tau is passed by a time, shape (draw,)."""
        get = self.sampled.draws
        return midpoint(self.growth, get("headroom"), get("asymmetry")) < time

    def headroom_before(self, rng: np.random.Generator) -> tuple[Array, Array]:
        """Return headroom and asymmetry as the priors have them once the level is known, shape (draw,) each.

        The ceiling's prior is cut at the level that each draw has: what a reader would say who knows how
        large demand is and nothing of its path.
        """
        from scipy.stats import truncnorm

        mean, spread = self.model.setting(self.data.index, "ceiling")
        level = self.sampled.draws("level")
        low = (level - mean) / spread
        ceiling = truncnorm.rvs(low, np.inf, loc=mean, scale=spread, random_state=rng)
        nu = np.exp(rng.normal(*self.model.setting(self.data.index, "asymmetry"), size=level.size))
        return ceiling - level, nu

    @cached_property
    def learnt_of_headroom(self) -> float:
        """Share of the variance of headroom, once the level is known, that its path took away; at least 0."""
        from scipy.stats import truncnorm

        mean, spread = self.model.setting(self.data.index, "ceiling")
        level = self.sampled.draws("level")
        middle, width = truncnorm.stats((level - mean) / spread, np.inf, mean, spread, moments="mv")
        before = np.mean(width) + np.var(middle - level)
        return max(0.0, 1 - float(np.var(self.sampled.draws("headroom")) / before))

    def without(
        self, source: str, rng: np.random.Generator, sampling: Sampling | None = None
    ) -> DemandPosterior:
        """Return the fit to all figures but those of one source.

        Raises
        ------
        InputError
            If too few figures are left.
        """
        left = self.data.without(source)
        if left.time.size < FEWEST:
            raise InputError(f"Without '{source}' {left.time.size} figures are left; it takes {FEWEST}.")
        return self.refitted(self.model, left, rng, sampling)

    def refitted(
        self,
        model: DemandModel,
        data: DemandData,
        rng: np.random.Generator,
        sampling: Sampling | None = None,
    ) -> DemandPosterior:
        """Return the fit of a changed model or of other figures, at no cost of compilation."""
        sampled = model.fit_data(data, rng, sampling)
        return DemandPosterior(model, data, sampled, self.snapshot, self.compile_seconds)

    def findings(self, rng: np.random.Generator) -> dict[str, Any]:
        """Return what exhibits draw and the text quotes, as plain types."""
        from overbuild.models.demand_findings import findings

        return findings(self, rng)

    def sentence(self) -> str:
        """Say how fast demand grows, what is left, and whether the turn is passed."""
        low, mid, high = np.quantile(self.sampled.draws("growth_now"), [0.05, 0.5, 0.95])
        left = np.exp(np.quantile(self.sampled.draws("headroom"), [0.05, 0.5, 0.95]))
        return (
            f"{self.data.index.title} grew on its curve by a factor of {np.exp(mid):.1f} a year "
            f"({np.exp(low):.1f} to {np.exp(high):.1f}) at {self.data.reference}; the ceiling is "
            f"{left[1]:.1f} times the level ({left[0]:.1f} to {left[2]:.1f}), mostly its prior; the chance "
            f"that growth in levels has turned is {self.turned().mean():.2f}."
        )

    def forecasts(
        self, snapshot: Snapshot, events: Sequence[Event], rng: np.random.Generator
    ) -> tuple[Forecast, ...]:
        """Return an abstention for each event: demand alone decides none of them."""
        del rng
        status = "ok" if snapshot.realtime == "vintage" else "hindcast"
        return tuple(
            Forecast(
                e.definition,
                e.by,
                snapshot.as_of,
                self.model.name,
                None,
                evidence="prior-driven",
                abstains=WHY.get(e.id, "demand alone does not decide it"),
                status=status,
            )
            for e in events
        )
