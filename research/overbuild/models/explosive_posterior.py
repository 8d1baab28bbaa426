"""What the explosive regimes have learnt: the regime of every month, and the dates of episodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from overbuild.core import Event, Forecast, Snapshot
from overbuild.core.dating import COLUMNS, QUANTILES, Dating
from overbuild.models.explosive_data import BEFORE, PER_BLOCK, SERIES, WINDOW, PriceData
from overbuild.models.explosive_episodes import LONG, Episode, episodes_of, long_spells
from overbuild.models.explosive_kernel import COLLAPSE, EXPLOSIVE, REGIMES, forward, regime_path
from overbuild.models.explosive_published import published_of
from overbuild.models.sampler import Sampled

type Array = NDArray[np.float64]

NAME = "explosive"
ABSTAINS = "dates exuberance of prices; feeds nothing by itself"
PRIOR_PATHS = 2000
FEWEST_QUARTERS = 60
RATIOS = (("capex over revenue", "revenue"), ("capex over operating cash flow", "operating_cash_flow"))


@dataclass(frozen=True, eq=False)
class Beside:
    """Another series of the same snapshot, or why it is left out."""

    name: str
    data: PriceData | None
    sampled: Sampled | None
    why: str


@dataclass(frozen=True, eq=False)
class ExplosivePosterior:
    """Draws of the parameters, with the prices that they were learnt from.

    Attributes
    ----------
    data, sampled
        The main series and its draws.
    compile_seconds
        How long the model took to compile in this process.
    priors
        Name to value of every prior.
    as_of
        The day whose knowledge it uses.
    beside
        Other series.
    snapshot
        What was known.
    """

    data: PriceData
    sampled: Sampled
    compile_seconds: float
    priors: Mapping[str, Any]
    as_of: date
    beside: tuple[Beside, ...] = ()
    snapshot: Snapshot | None = None

    @cached_property
    def regimes(self) -> Regimes:
        """The regime of every month in every draw; random numbers of a stream of its own."""
        from overbuild.randomness import stream

        return regimes_of(self.data, self.sampled, self.priors, stream(f"explosive/paths/{self.data.series}"))

    def dating(self) -> Dating:
        """Return the episodes dated, one row an episode."""
        return dating_of(self.data, episodes_of(self.regimes.path, self.data.level[BEFORE - 1 :]))

    def findings(self, rng: np.random.Generator) -> dict[str, Any]:
        """Return regimes by month, dated episodes, other series and published dates, as plain types."""
        episode = self.snapshot.episode if self.snapshot else ""
        return {
            **series_findings(self.data, self.sampled, self.regimes),
            "prior_any_long": prior_any_long(self.priors, len(self.data.months), rng),
            "prior_exists": float(self.priors["exists"]),
            "shortest_episode_months": LONG,
            "beside": [_beside_findings(b, self.priors, rng) for b in self.beside],
            "published": published_of(episode),
            "ratios": short_ratios(self.snapshot) if self.snapshot else [],
        }

    def sentence(self) -> str:
        """Say whether there was an explosion, when, and whether it goes on."""
        title = SERIES[self.data.series].title
        found = episodes_of(self.regimes.path, self.data.level[BEFORE - 1 :])
        now = f"P(explosive in {self.data.months[-1]}) {self.regimes.now[EXPLOSIVE]:.2f}"
        some = f"P(an explosion of {LONG} months or more) {self.regimes.any_long:.2f}"
        claimed = [e for e in found if e.claimed]
        if not claimed:
            return f"{title}: {some}, no episode dated; {now}."
        main = max(claimed, key=lambda e: e.rise)
        low, mid, high = (self.data.months[int(i)] for i in main.start)
        peak = "not yet" if not np.isfinite(main.peak[1]) else self.data.months[int(main.peak[1])]
        return f"{title}: {some}; the largest began in {mid} ({low} to {high}), peak {peak}; {now}."

    def forecasts(
        self, snapshot: Snapshot, events: Sequence[Event], rng: np.random.Generator
    ) -> tuple[Forecast, ...]:
        """Abstain from every event: exuberance of prices is not overbuild."""
        del rng
        status = "ok" if snapshot.realtime == "vintage" else "hindcast"
        return tuple(
            Forecast(e.definition, e.by, snapshot.as_of, NAME, None, abstains=ABSTAINS, status=status)
            for e in events
        )


@dataclass(frozen=True, eq=False)
class Regimes:
    """Regimes drawn given all months, one path a draw of the parameters.

    Attributes
    ----------
    path
        Shape (draw, month).
    exists
        Share of draws in which the random walk can be left.
    """

    path: NDArray[np.int8]
    exists: float

    @property
    def probabilities(self) -> Array:
        """P(regime) by month, shape (month, regime)."""
        return np.stack([(self.path == r).mean(axis=0) for r in range(len(REGIMES))], axis=1)

    @property
    def now(self) -> Array:
        """P(regime) in the last month."""
        return self.probabilities[-1]

    @property
    def any_long(self) -> float:
        """P(at least one explosion of `LONG` months or more)."""
        return float(long_spells(self.path).any(axis=1).mean())


def regimes_of(
    data: PriceData, sampled: Sampled, priors: Mapping[str, Any], rng: np.random.Generator
) -> Regimes:
    """Return one path of regimes for each draw of the parameters."""
    change, gap, first = data.change, data.gap, data.first
    get = sampled.draws
    mu, c, d, log_scale = get("drift"), get("explosive_root"), get("collapse_root"), get("log_scale")
    stay = np.stack([get(f"stay_{r}") for r in REGIMES], axis=1)
    exists, degrees = float(priors["exists"]), float(priors["degrees"])
    path = np.zeros((mu.size, WINDOW), dtype=np.int8)
    left = 0
    for i in range(mu.size):
        _, filtered, _, _ = forward(
            change, gap, first, mu[i], c[i], d[i], log_scale[i], stay[i], exists, degrees
        )
        left += regime_path(filtered, stay[i], first, PER_BLOCK, gap.shape[1], rng.random(WINDOW), path[i])
    return Regimes(path[:, first:], left / mu.size)


def series_findings(data: PriceData, sampled: Sampled, regimes: Regimes) -> dict[str, Any]:
    """Return what one series says, as plain types."""
    level = data.level[BEFORE:]
    chances = regimes.probabilities
    volatility = np.median(sampled.draws("log_scale"), axis=0)[data.first :]
    episodes = episodes_of(regimes.path, data.level[BEFORE - 1 :])
    return {
        "series": data.series,
        "title": SERIES[data.series].title,
        "ratio": data.ratio,
        "months": list(data.months),
        "log_level": _plain(level - level[0]),
        "explosive": _plain(chances[:, EXPLOSIVE]),
        "collapse": _plain(chances[:, COLLAPSE]),
        "scale": _plain(np.exp(volatility)),
        "exists": float(regimes.exists),
        "any_long": regimes.any_long,
        "now": dict(zip(REGIMES, _plain(regimes.now), strict=True)),
        "episodes": [episode_findings(e, data.months) for e in episodes],
    }


def episode_findings(episode: Episode, months: Sequence[str]) -> dict[str, Any]:
    """Return an episode with dates as months; what has not come yet is None."""
    dated = {
        name: dict(zip(("q05", "q50", "q95"), (_month(i, months) for i in places), strict=True))
        for name, places in (
            ("start", episode.start),
            ("last", episode.last),
            ("peak", episode.peak),
            ("end", episode.end),
        )
    }
    return {
        "probability": episode.probability,
        "given_any": episode.given_any,
        "claimed": episode.claimed,
        **dated,
        "months": episode.length,
        "rise": episode.rise,
        "ongoing": episode.ongoing,
    }


def dating_of(data: PriceData, episodes: Sequence[Episode]) -> Dating:
    """Return episodes that are claimed as a `Dating`."""
    columns = [f"{c}_{q}" for c in COLUMNS for q in QUANTILES]
    rows = [
        [_month(i, data.months) for places in (e.start, e.peak, e.end) for i in places]
        for e in episodes
        if e.claimed
    ]
    return Dating(
        pd.DataFrame(rows, columns=pd.Index(columns), dtype=object),
        "posterior of explosive regimes, 5, 50 and 95 % points",
        "random walk with stochastic volatility",
        "random walk, explosion and collapse in turn",
    )


def prior_any_long(priors: Mapping[str, Any], months: int, rng: np.random.Generator) -> float:
    """Return the prior probability of at least one explosion of `LONG` months or more."""
    stay = np.stack([rng.beta(*priors[f"stay_{r}"], size=PRIOR_PATHS) for r in REGIMES], axis=1)
    leaves = rng.random(PRIOR_PATHS) < float(priors["exists"])
    path = np.zeros((PRIOR_PATHS, months), dtype=np.int8)
    state, rows = np.zeros(PRIOR_PATHS, dtype=int), np.arange(PRIOR_PATHS)
    for t in range(months):
        moves = (rng.random(PRIOR_PATHS) >= stay[rows, state]) & (leaves | (state > 0))
        state = np.where(moves, (state + 1) % len(REGIMES), state)
        path[:, t] = state
    return float(long_spells(path).any(axis=1).mean())


def short_ratios(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Return the quarterly ratios of capex, how long they are, and that nothing is claimed of them."""
    found = []
    for title, layer in RATIOS:
        quarters = 0
        if snapshot.has_history("capex") and snapshot.has_history(layer):
            history = snapshot.history("capex")
            if history.frequency == "Q" and layer in history.layers:
                ratio = history.layer("capex")[0] / history.layer(layer)[0]
                quarters = int(np.isfinite(ratio).sum())
        found.append(
            {
                "ratio": title,
                "quarters": quarters,
                "needed": FEWEST_QUARTERS,
                "claim": None,
                "why": f"{quarters} quarters are known, {FEWEST_QUARTERS} are needed: no claim",
            }
        )
    return found


def _beside_findings(beside: Beside, priors: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    if beside.data is None or beside.sampled is None:
        return {"series": beside.name, "title": SERIES[beside.name].title, "left_out": beside.why}
    regimes = regimes_of(beside.data, beside.sampled, priors, rng)
    found = series_findings(beside.data, beside.sampled, regimes)
    short = {k: v for k, v in found.items() if k != "scale"}
    return short | {"left_out": None, "diagnostics": beside.sampled.diagnostics.to_dict()}


def _month(place: float, months: Sequence[str]) -> str | None:
    return months[int(place)] if np.isfinite(place) else None


def _plain(values: Array) -> list[float]:
    return [round(float(v), 4) for v in values]
