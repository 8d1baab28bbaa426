"""The run-ups one by one: what each looked like at its date, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from overbuild.models.priors import JEFFREYS, Beta
from overbuild.probability.crash_regression import AgeScore, Specification, age_score, crash_regression
from overbuild.probability.runups import Array, Panel, Rule, RunUps, at_least, drawdown, shifted

MOST_AGE = 10
"""Years back over which the trough is looked for."""

Label = Literal["fall", "no fall", "unresolved"]


@dataclass(frozen=True)
class Case:
    """One dated run-up.

    Attributes
    ----------
    series, year
        Which, and its date.
    level
        Nominal investment at its date, USD million.
    ratio
        Investment over its level ``window_years`` before.
    age
        Years since the lowest level of the last ten years.
    acceleration
        Log growth of the last year less the mean yearly log growth of the window; None where not known.
    below_old_peak
        Fall below the running peak that was in force at its date; above the rule's ``fall`` the label says
        little.
    peak_year
        Year of the running peak below which the deepest fall is measured; None where no later year is known.
    fall
        Deepest fall below the running peak in the window so far, a fraction.
    fall_year
        First year in which the fall was reached; None where it was not.
    label
        How it ended.
    """

    series: str
    year: int
    level: float
    ratio: float
    age: int
    acceleration: float | None
    below_old_peak: float
    peak_year: int | None
    fall: float | None
    fall_year: int | None
    label: Label


def attributes(panel: Panel, found: RunUps, rule: Rule) -> Mapping[str, Array]:
    """Return ``log_run_up``, ``log_age``, ``acceleration``: shape (run-up,) each, nan where not known."""
    x = panel.measured
    ratio = (x / np.where(shifted(x, rule.window_years) > 0, shifted(x, rule.window_years), np.nan))[
        found.series, found.year
    ]
    before = shifted(x, 1)
    growth = np.log((x / np.where(before > 0, before, np.nan))[found.series, found.year])
    ages = [age_of(x[s, : t + 1]) for s, t in zip(found.series, found.year, strict=True)]
    return {
        "log_run_up": np.log(ratio),
        "log_age": np.log(np.array(ages, dtype=float)),
        "acceleration": growth - np.log(ratio) / rule.window_years,
    }


def cases_of(panel: Panel, found: RunUps, covariates: Mapping[str, Array], rule: Rule) -> tuple[Case, ...]:
    """Return every run-up, resolved or not, in the order of series and year."""
    fallen_already = drawdown(panel.measured)
    out = []
    for i, (s, t) in enumerate(zip(found.series, found.year, strict=True)):
        peak_at, fall_at = _peak_and_fall(panel.measured[s], int(t), rule)
        acceleration = float(covariates["acceleration"][i])
        label: Label = "unresolved" if not found.resolved[i] else "fall" if found.fell[i] else "no fall"
        out.append(
            Case(
                series=panel.names[s],
                year=int(panel.years[t]),
                level=float(panel.level[s, t]),
                ratio=float(np.exp(covariates["log_run_up"][i])),
                age=round(float(np.exp(covariates["log_age"][i]))),
                acceleration=acceleration if np.isfinite(acceleration) else None,
                below_old_peak=float(fallen_already[s, t]),
                peak_year=None if peak_at is None else int(panel.years[peak_at]),
                fall=float(found.deepest[i]) if np.isfinite(found.deepest[i]) else None,
                fall_year=None if fall_at is None else int(panel.years[fall_at]),
                label=label,
            )
        )
    return tuple(out)


def regressions(
    covariates: Mapping[str, Array], found: RunUps, rng: np.random.Generator, prior: Beta = JEFFREYS
) -> tuple[tuple[Specification, ...], AgeScore | None]:
    """Return the logits of the fall and the score of age; nothing where run-ups are too few or all alike."""
    keep = found.resolved
    fell, cluster = found.fell[keep].astype(float), found.series[keep]
    known = {name: values[keep] for name, values in covariates.items()}
    enough = fell.size >= 10 and 0 < fell.sum() < fell.size and np.unique(cluster).size >= 3
    if not enough:
        return (), None
    return crash_regression(known, fell, cluster), age_score(
        known["log_age"], fell, cluster, rng, prior=prior
    )


def age_of(past: Array) -> int:
    """Return years since the lowest of the last ten years, as of the last one; at least 1."""
    recent = past[-(MOST_AGE + 1) :]
    low = np.flatnonzero(recent == np.nanmin(recent))[-1]
    return max(int(recent.size - 1 - low), 1)


def _peak_and_fall(x: Array, t: int, rule: Rule) -> tuple[int | None, int | None]:
    """Return where the peak of the deepest fall stands and where the fall was first reached, as columns."""
    start = 0 if rule.peak == "history" else t
    deepest, peak_of_deepest, first = -np.inf, None, None
    for now in range(t + 1, min(t + rule.horizon_years, x.size - 1) + 1):
        past = x[start : now + 1]
        if not np.isfinite(x[now]) or not np.nanmax(past) > 0:
            continue
        peak = start + int(np.flatnonzero(past == np.nanmax(past))[-1])
        if rule.peak_years is not None and now - peak > rule.peak_years:
            continue
        fall = 1.0 - x[now] / x[peak]
        if fall > deepest:
            deepest, peak_of_deepest = fall, peak
        if first is None and at_least(np.array(fall), rule.fall):
            first = now
    return peak_of_deepest, first
