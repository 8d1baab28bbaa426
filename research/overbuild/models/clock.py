"""One clock: the place on the course of each past boom at which a sector's investment stands today.

Each past boom is a template f_k (`overbuild.models.clock_templates`), zero at its peak. With y_t the log of
the sector's spending as a share of GDP, t in years and 0 today, one template k explains the whole path,

    y_t = level + height f_k(phase + pace t) + season + e_t,

with errors that are correlated over time and hold the template's own deviations. ``phase`` is the template
time that today corresponds to (0: its peak), ``pace`` template years a calendar year, ``height`` log points
of the sector a log point of the template (templates are measured in miles, starts, chained dollars and
shares, so that their heights cannot be compared one to one), ``level`` the log of the share, in per cent, at
the template's peak.

The posterior is exact on a grid and is not the result of a Markov chain (`overbuild.models.clock_grid`):
draws are independent, and its diagnostics pass by construction. The templates are equally likely before; as
one template explains the whole path, the data are one draw from the mixture and say nothing of how often
each template applies: what is reported is the posterior probability of each, its weight.

A template is itself one boom that strayed from its course; that its deviations are as large as the sector's
is assumed. A boom unlike all templates is not allowed for: what intervals of the phase are worth
`overbuild.models.clock_validation` tries on the past booms themselves.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Snapshot
from overbuild.core.frozen import Frozen
from overbuild.core.periods import PER_YEAR, frequency_of, label, ordinal
from overbuild.errors import InputError
from overbuild.models.clock_grid import (
    SEASONS,
    Axes,
    Posterior,
    axes_of,
    draw,
    error_covariance,
    posterior,
    spread,
)
from overbuild.models.clock_posterior import ClockData, ClockPosterior
from overbuild.models.clock_templates import templates_of
from overbuild.models.priors import Priors
from overbuild.models.sampler import Sampled, Sampling

type Array = NDArray[np.float64]

NAME = "clock"
LAYER, SIZE = "capex", "gdp"
FEWEST = {4: 8, 1: 6}
"""Points that the model takes, by periods a year: two years of quarters, six years."""


@dataclass(frozen=True)
class Window:
    """Which part of an episode is put on the clock.

    Attributes
    ----------
    first, last
        First and last period; empty: as far as is known.
    longer
        An earlier first period, tried beside it.
    """

    first: str
    last: str
    longer: str


WINDOWS = {
    "ai": Window("2023Q1", "", "2018Q1"),
    "telecom": Window("1991", "2003", "1985"),
}
"""AI from its take-off, 2023 by the rule of `overbuild.episodes.clock`. Telecom, annual, from the first year
of the expansion, since its take-off (1996 by the same rule) leaves too few years; to three years after its
peak."""
YEARS, LONGER_YEARS = 8, 16
"""Years of record that are read of any other episode, and that are tried beside it."""


def window_of(snapshot: Snapshot) -> Window:
    """Return the window of an episode; of one without its own, the last years of its record."""
    if snapshot.episode in WINDOWS or not snapshot.has_history(LAYER):
        return WINDOWS.get(snapshot.episode, Window("", "", ""))
    history = snapshot.history(LAYER)
    last = history.time[np.flatnonzero(np.isfinite(history.layer(LAYER)[0]))[-1]]
    first, longer = (
        label(ordinal(last) - years * history.per_year + 1, history.frequency)
        for years in (YEARS, LONGER_YEARS)
    )
    return Window(first, last, longer)


@dataclass(frozen=True)
class ClockModel:
    """The specification.

    Attributes
    ----------
    priors
        Name to value: pace, height, level, deviation, persistence, season, rival_growth.
    sampling
        How many draws in how many chains; ``tune`` has no meaning here.
    """

    priors: Mapping[str, Any]
    sampling: Sampling = field(default_factory=Sampling)

    name = NAME
    ranked = ("phase", "pace", "height", "level", "deviation", "persistence")
    not_identified = (
        "On the way up all booms look alike: phase, pace and height trade off, so how far off the peak is "
        "cannot be read from a path that has not passed it; intervals hold only for a boom like one of the "
        "templates; and one path cannot say how often each applies."
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "priors", Frozen(self.priors))

    @classmethod
    def of(
        cls, priors: Priors, definitions: Mapping[str, Any], sampling: Sampling | None = None
    ) -> ClockModel:
        """Return the model with the priors held on a day."""
        del definitions
        return cls(priors.values(NAME), sampling or Sampling())

    @property
    def axes(self) -> Axes:
        """The priors, cut into cells."""
        return axes_of(self.priors)

    def observed(self, snapshot: Snapshot, *, longer: bool = False) -> ClockData:
        """Return the path and the templates known on the day.

        Parameters
        ----------
        snapshot
            What is known.
        longer
            Whether the window starts at its earlier period.

        Raises
        ------
        InputError
            If too few periods are known, or no template is.
        """
        window = window_of(snapshot)
        first = window.longer if longer else window.first
        periods, share = _share(snapshot, first, window.last)
        per_year = PER_YEAR[frequency_of(first)] if first else 1
        if len(periods) < FEWEST[per_year]:
            unit, since = ("quarters" if per_year == 4 else "years"), (f" since {first}" if first else "")
            raise InputError(
                f"Spending of '{snapshot.episode}' and GDP beside it are known for {len(periods)} {unit}"
                f"{since} as of {snapshot.as_of}; the clock needs {FEWEST[per_year]}. Ask for a later "
                "day, or give GDP where it is missing."
            )
        templates = templates_of(snapshot, periods[0])
        if not templates:
            raise InputError(
                f"No past boom was known in its whole course on {snapshot.as_of}: the clock has nothing to "
                "read from. Give the snapshot the series of model_series.toml."
            )
        numbers = np.array([ordinal(p) for p in periods])
        seasons = numbers % per_year if per_year == SEASONS else None
        years = (numbers - numbers[-1]) / per_year
        return ClockData(snapshot.episode, periods, np.log(share), years, seasons, templates)

    def fit(self, snapshot: Snapshot, rng: np.random.Generator) -> ClockPosterior:
        """Learn from a snapshot."""
        data, longer = self.observed(snapshot), self.observed(snapshot, longer=True)
        start = time.perf_counter()
        found = self.posteriors(data)
        sampled = self._drawn(found, data, rng, self.sampling, start)
        return ClockPosterior(data, sampled, self.priors, found, longer)

    def posteriors(self, data: ClockData) -> tuple[Posterior, ...]:
        """Return the posterior of every template on its cells."""
        axes = self.axes
        return tuple(posterior(data.y, data.years, data.seasons, t, axes) for t in data.templates)

    def fit_data(
        self, data: ClockData, rng: np.random.Generator, sampling: Sampling | None = None
    ) -> Sampled:
        """Learn from data, observed or simulated."""
        start = time.perf_counter()
        return self._drawn(self.posteriors(data), data, rng, sampling or self.sampling, start)

    def prior_draw(self, data: ClockData, rng: np.random.Generator) -> dict[str, Array]:
        """Return one draw of every parameter."""
        axes = self.axes
        template = int(rng.integers(len(data.templates)))
        height = 0.0
        while height <= 0:
            height = rng.normal(*axes.height)
        made = {
            "template": template + rng.random(),
            "phase": axes.phase(data.templates[template]).draw(1, rng)[0],
            "pace": axes.pace.draw(1, rng)[0],
            "height": height,
            "level": rng.normal(*axes.level),
            "deviation": axes.deviation.draw(1, rng)[0],
            "persistence": axes.persistence.draw(1, rng)[0],
        }
        if data.seasons is not None:
            made["season"] = axes.season * rng.standard_normal(SEASONS)
        return {n: np.asarray(v, dtype=float) for n, v in made.items()}

    def simulated(self, truth: Mapping[str, Array], data: ClockData, rng: np.random.Generator) -> ClockData:
        """Return a path drawn anew; parameters act through the centres of their cells."""
        axes = self.axes
        curve = data.templates[min(int(truth["template"]), len(data.templates) - 1)]
        phase, pace, deviation, persistence = (
            axis.centres[axis.cell(np.asarray(truth[n]))]
            for n, axis in (
                ("phase", axes.phase(curve)),
                ("pace", axes.pace),
                ("deviation", axes.deviation),
                ("persistence", axes.persistence),
            )
        )
        mean = truth["level"] + truth["height"] * curve.at(phase + pace * data.years)
        if data.seasons is not None:
            mean = mean + truth["season"][data.seasons]
        covariance = error_covariance(deviation * spread(truth["height"]), persistence, data.years)
        return data.with_path(mean + np.linalg.cholesky(covariance) @ rng.standard_normal(mean.size))

    def statistics(self, data: ClockData) -> dict[str, float]:
        """Return how far the path rose, how it bent, how deep it fell and how rough it is."""
        y, half = data.y, data.y.size // 2
        change = np.diff(y)
        return {
            "rise": float(y[-2:].mean() - y[:2].mean()),
            "second_half_less_first": float((y[-1] - y[half]) - (y[half] - y[0])),
            "largest_fall": float((np.maximum.accumulate(y) - y).max()),
            "roughness": float(np.std(np.diff(change))),
            "last": float(y[-1]),
        }

    def _drawn(
        self,
        found: tuple[Posterior, ...],
        data: ClockData,
        rng: np.random.Generator,
        sampling: Sampling,
        start: float,
    ) -> Sampled:
        """Return draws in the form of those of a sampler, so that they are checked and saved as such."""
        import xarray as xr

        shape = (sampling.chains, sampling.draws)
        drawn = draw(
            found, data.templates, data.y, data.years, data.seasons, self.axes, shape[0] * shape[1], rng
        )
        coords = {"chain": range(shape[0]), "draw": range(shape[1])}
        energy = -drawn.pop("log_joint").reshape(shape)
        values = {
            n: (("chain", "draw", *(["quarter"] if v.ndim > 1 else [])), v.reshape(*shape, *v.shape[1:]))
            for n, v in drawn.items()
        }
        stats = {
            "diverging": (("chain", "draw"), np.zeros(shape, dtype=bool)),
            "energy": (("chain", "draw"), energy),
        }
        tree = xr.DataTree.from_dict(
            {
                "posterior": xr.Dataset(values, coords=coords),
                "sample_stats": xr.Dataset(stats, coords=coords),
            }
        )
        return Sampled(tree, time.perf_counter() - start)


def _share(snapshot: Snapshot, first: str, last: str) -> tuple[tuple[str, ...], Array]:
    """Return periods and spending at annual rates in per cent of GDP, where both are known."""
    if not snapshot.has_history(LAYER):
        return (), np.empty(0)
    history = snapshot.history(LAYER)
    if SIZE not in history.layers or history.frequency != frequency_of(first):
        return (), np.empty(0)
    spent, size = history.layer(LAYER)[0], history.layer(SIZE)[0]
    stop = ordinal(last) if last else np.inf
    known = [
        i
        for i, t in enumerate(history.time)
        if ordinal(first) <= ordinal(t) <= stop and np.isfinite(spent[i]) and np.isfinite(size[i])
    ]
    share = 100 * history.per_year * spent[known] / size[known]
    return tuple(history.time[i] for i in known), share
