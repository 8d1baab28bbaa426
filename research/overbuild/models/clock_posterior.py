"""What the clock says: the phase of every template that is today's, and how likely each template is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Event, Forecast, Snapshot
from overbuild.core.frozen import Frozen
from overbuild.models.clock_grid import (
    COARSE,
    MIDDLE,
    Axis,
    Curve,
    Posterior,
    axes_of,
    draw,
    posterior,
    weights,
)
from overbuild.models.clock_scores import leave_future_out, mean_scores
from overbuild.models.clock_templates import Template
from overbuild.models.clock_validation import mixed_phase, past, read_past, summary
from overbuild.models.sampler import Sampled

type Array = NDArray[np.float64]

ABSTAINS = (
    "it says where on a past boom's clock the level stands; a template's fall is that boom's, not this one's"
)
TELECOM, AS_SET = "telecom", "as set"
GIVEN = 1000
"""Draws given a template, of its height and its course."""
BEHIND, AHEAD, STEP = 1.0, 3.0, 0.25
"""Years that a curve is drawn before the first period and after the last, and how densely."""


@dataclass(frozen=True, eq=False)
class ClockData:
    """A path on its clock, and the templates that may explain it.

    Attributes
    ----------
    episode, periods
        Name; labels of the periods.
    y
        Log of spending at annual rates in per cent of GDP, shape (period,).
    years
        Years from the last period, shape (period,).
    seasons
        Quarter, 0 to 3; None for annual data.
    templates
        The templates known on the day.
    """

    episode: str
    periods: tuple[str, ...]
    y: Array
    years: Array
    seasons: NDArray[np.int_] | None
    templates: tuple[Template, ...]

    def with_path(self, y: Array) -> ClockData:
        """Return the same clock with another path."""
        return replace(self, y=y)

    @property
    def today(self) -> float:
        """Middle of the last period as a calendar year with a fraction."""
        period = self.periods[-1]
        if self.seasons is None:
            return float(period) + 0.5
        return int(period[:4]) + (int(period[5:]) - 0.5) / 4


@dataclass(frozen=True, eq=False)
class ClockPosterior:
    """The posterior of one path.

    Attributes
    ----------
    data, sampled
        What it was learnt from; independent draws.
    priors
        Name to value.
    by_template
        Exact posterior of every template on its cells.
    longer
        The path over a longer window, tried beside it.
    compile_seconds
        0: nothing is compiled.
    """

    data: ClockData
    sampled: Sampled
    priors: Mapping[str, Any]
    by_template: tuple[Posterior, ...]
    longer: ClockData
    compile_seconds: float = 0.0

    @cached_property
    def weights(self) -> Array:
        """Posterior probability of each template."""
        return weights(self.by_template)

    @cached_property
    def tried(self) -> list[dict[str, Any]]:
        """What the other templates read of each past boom (`overbuild.models.clock_validation`)."""
        return read_past(self.data.templates, axes_of(self.priors, COARSE))

    def findings(self, rng: np.random.Generator) -> dict[str, Any]:
        """Return phases, weights, scores and curves as plain types.

        Scores and other priors take cells of middle size, past booms coarse ones.
        """
        data, axes = self.data, axes_of(self.priors, MIDDLE)
        drawn = self._drawn(rng)
        growth = tuple(self.priors["rival_growth"])
        curves: dict[str, Curve] = {t.name: t for t in data.templates}
        rows = leave_future_out(data.y, data.years, data.seasons, data.periods, curves, axes, growth)
        return {
            "today": data.periods[-1],
            "first": data.periods[0],
            "share": float(np.exp(data.y[-1])),
            "path": [
                {"period": p, "years": float(t), "share": float(np.exp(v))}
                for p, t, v in zip(data.periods, data.years, data.y, strict=True)
            ],
            "templates": self._templates(drawn),
            "mixture": self._mixture(),
            "telecom_year": self._telecom_year(),
            "scores": rows,
            "mean_scores": mean_scores(rows),
            "curves": self._curves(drawn),
            "sensitivity": self._sensitivity(),
            "past_booms": self.tried,
            "past_booms_summary": summary(self.tried),
        }

    def sentence(self) -> str:
        """Say where today stands and how little that is known."""
        data, best = self.data, int(np.argmax(self.weights))
        mixture, title = self._mixture(), data.templates[best].title
        told = self._telecom_year()
        first = (
            f"Given the telecom template, {data.periods[-1]} reads as {told['q50']:.1f} (90 % "
            f"{told['q05']:.1f} to {told['q95']:.1f}; prior {told['prior_q05']:.1f} to "
            f"{told['prior_q95']:.1f}), at a weight of {told['weight']:.2f} against "
            f"{told['prior_weight']:.2f} before. "
            if told
            else f"{data.periods[-1]} on the clock of {len(data.templates)} past booms. "
        )
        return (
            f"{first}Most weight has {title} ({self.weights[best]:.2f}); over all templates the peak is "
            f"passed with probability {mixture['past_peak']:.2f} (before: {mixture['prior_past_peak']:.2f}). "
            f"{self._caution()}It forecasts no event."
        )

    def _caution(self) -> str:
        found = summary(self.tried)
        if found is None:
            return ""
        every, rising = found["all"], found["rising"]
        text = (
            f"Tried on the {found['booms']} past booms themselves, its 90 % intervals hold the true phase at "
            f"{every['held']} of {every['dates']} dates"
        )
        if rising is None:
            return f"{text}. "
        return (
            f"{text}; up to the peak its error is {rising['error']:.1f} years, that of one constant "
            f"{rising['constant_error']:.1f}. "
        )

    def forecasts(
        self, snapshot: Snapshot, events: Sequence[Event], rng: np.random.Generator
    ) -> tuple[Forecast, ...]:
        """Abstain from every event."""
        del rng
        status = "ok" if snapshot.realtime == "vintage" else "hindcast"
        return tuple(
            Forecast(e.definition, e.by, snapshot.as_of, "clock", None, abstains=ABSTAINS, status=status)
            for e in events
        )

    def _drawn(self, rng: np.random.Generator) -> list[dict[str, Array]]:
        """Return draws given each template."""
        data, axes = self.data, axes_of(self.priors)
        return [
            draw([post], [t], data.y, data.years, data.seasons, axes, GIVEN, rng)
            for t, post in zip(data.templates, self.by_template, strict=True)
        ]

    def _templates(self, drawn: Sequence[Mapping[str, Array]]) -> list[dict[str, Any]]:
        prior = 1 / len(self.data.templates)
        return [
            {
                "template": t.name,
                "title": t.title,
                "measure": t.measure,
                "peak": t.peak,
                "rise": t.rise,
                "fall": t.fall,
                "weight": float(w),
                "prior_weight": prior,
                "log_evidence": post.log_evidence,
                "phase": _phase(post),
                "height": {"mean": float(d["height"].mean()), "sd": float(d["height"].std())},
                "pace": _summary(axes_of(self.priors).pace, post.marginal(1)),
            }
            for t, w, post, d in zip(self.data.templates, self.weights, self.by_template, drawn, strict=True)
        ]

    def _mixture(self) -> dict[str, float]:
        """Return the phase over all templates, weighted."""
        return mixed_phase(self.by_template)

    def _telecom_year(self) -> dict[str, Any] | None:
        """Return the year of telecom that today corresponds to; None where telecom is left out."""
        return telecom_year(self.data, self.by_template)

    def _curves(self, drawn: Sequence[Mapping[str, Array]]) -> list[dict[str, Any]]:
        """Return the course of the share, in per cent, if each template goes on explaining it."""
        data = self.data
        times = np.arange(data.years[0] - BEHIND, AHEAD + STEP / 2, STEP)
        found = []
        for template, own in zip(data.templates, drawn, strict=True):
            place = own["phase"][:, None] + own["pace"][:, None] * times
            logs = own["level"][:, None] + own["height"][:, None] * template.at(place)
            low, mid, high = np.exp(np.quantile(logs, [0.05, 0.5, 0.95], axis=0))
            found.append(
                {
                    "template": template.name,
                    "years": times.tolist(),
                    "q05": low.tolist(),
                    "q50": mid.tolist(),
                    "q95": high.tolist(),
                }
            )
        return found

    def _sensitivity(self) -> list[dict[str, Any]]:
        """Return weights and phases under other priors and over the longer window."""
        h, p, m = self.priors["height"], self.priors["pace"], self.priors["level"]
        others: dict[str, tuple[ClockData, dict[str, Any]]] = {
            AS_SET: (self.data, {}),
            "height near 1": (self.data, {"height": (1.0, 0.05)}),
            "height twice as wide": (self.data, {"height": (h[0], 2 * h[1])}),
            "pace twice as wide": (self.data, {"pace": (p[0], 2 * p[1])}),
            "level half as wide": (self.data, {"level": (m[0], m[1] / 2)}),
            f"window from {self.longer.periods[0]}": (self.longer, {}),
        }
        rows = []
        for what, (data, changed) in others.items():
            axes = axes_of(Frozen({**self.priors, **changed}), MIDDLE)
            found: Sequence[Posterior] = (
                [posterior(data.y, data.years, data.seasons, t, axes) for t in data.templates]
                if what != AS_SET
                else self.by_template
            )
            w = weights(found)
            over = np.array([past(f.phase, f.marginal(0)) for f in found])
            told = telecom_year(data, found)
            rows.append(
                {
                    "what": what,
                    "weights": {t.name: float(x) for t, x in zip(data.templates, w, strict=True)},
                    "past_peak": float(w @ over),
                    "telecom_year": {q: told[q] for q in ("q05", "q50", "q95")} if told else None,
                }
            )
        return rows


def telecom_year(data: ClockData, found: Sequence[Posterior]) -> dict[str, Any] | None:
    """Return weight, quantiles and density of the telecom year that today corresponds to."""
    names = [t.name for t in data.templates]
    if TELECOM not in names:
        return None
    k = names.index(TELECOM)
    axis, mass, peak = found[k].phase, found[k].marginal(0), data.templates[k].peak
    after, before = _quantiles(axis, mass), _quantiles(axis, np.diff(axis.below))
    calendar = np.floor(peak + axis.centres + 0.5).astype(int)
    width = np.diff(axis.edges)
    return {
        **{q: peak + v for q, v in after.items()},
        **{f"prior_{q}": peak + v for q, v in before.items()},
        "sd": _sd(axis, mass),
        "prior_sd": _sd(axis, np.diff(axis.below)),
        "learnt": 1 - (_sd(axis, mass) / _sd(axis, np.diff(axis.below))) ** 2,
        "past_peak": past(axis, mass),
        "prior_past_peak": past(axis, np.diff(axis.below)),
        "weight": float(weights(found)[k]),
        "prior_weight": 1 / len(names),
        "years": [int(y) for y in np.unique(calendar)],
        "probability": [float(mass[calendar == y].sum()) for y in np.unique(calendar)],
        "density": {
            "year": (peak + axis.centres).tolist(),
            "density": (mass / width).tolist(),
            "prior": (np.diff(axis.below) / width).tolist(),
        },
    }


def _phase(post: Posterior) -> dict[str, float]:
    axis, mass = post.phase, post.marginal(0)
    before = np.diff(axis.below)
    return {
        **_summary(axis, mass),
        "past_peak": past(axis, mass),
        "prior_past_peak": past(axis, before),
    }


def _summary(axis: Axis, mass: Array) -> dict[str, float]:
    before = np.diff(axis.below)
    return {
        **_quantiles(axis, mass),
        "mean": _mean(axis, mass),
        "sd": _sd(axis, mass),
        "prior_sd": _sd(axis, before),
        "learnt": 1 - (_sd(axis, mass) / _sd(axis, before)) ** 2,
    }


def _quantiles(axis: Axis, mass: Array) -> dict[str, float]:
    ends = np.concatenate([[0.0], np.cumsum(mass)]) / mass.sum()
    return {n: float(np.interp(q, ends, axis.edges)) for n, q in (("q05", 0.05), ("q50", 0.5), ("q95", 0.95))}


def _mean(axis: Axis, mass: Array) -> float:
    return float(mass @ axis.centres)


def _second(axis: Axis, mass: Array) -> float:
    return float(mass @ (axis.centres**2 + np.diff(axis.edges) ** 2 / 12))


def _sd(axis: Axis, mass: Array) -> float:
    return float(np.sqrt(_second(axis, mass) - _mean(axis, mass) ** 2))
