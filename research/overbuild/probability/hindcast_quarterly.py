"""The quarterly regime model asked of the supplier side of telecom, as of the end of each quarter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from overbuild.core.periods import label, ordinal, period_end
from overbuild.models.quarterly_panel import panel_of
from overbuild.probability.definitions import definitions_of, event_named
from overbuild.probability.hindcast_cases import TELECOM, YEARS_AHEAD
from overbuild.probability.inside import Question
from overbuild.randomness import stream

MODEL = "quarterly"
FIRST, LAST = "1996Q1", "2002Q4"
EVENTS = ("O3/supplier_orders", "O3/supplier_shipments")


@dataclass(frozen=True)
class Origin:
    """One fit as of the last day of a quarter.

    Attributes
    ----------
    quarter
        The quarter.
    panel
        Parameters (``parameter, mean, sd``) of the annual model as of the last year-end by then; empty: the
        file's priors.
    data, seed, draws, chains
        As for a fit.
    """

    quarter: str
    panel: tuple[Mapping[str, Any], ...]
    data: Path | None
    seed: int
    draws: int | None = None
    chains: int | None = None


def quarters(first: str = FIRST, last: str = LAST) -> tuple[str, ...]:
    """Return the quarters from one to another."""
    return tuple(label(n, "Q") for n in range(ordinal(first), ordinal(last) + 1))


def year_end_before(quarter: str) -> date:
    """Return the last day of the last year that has ended by the end of a quarter."""
    day = period_end(quarter)
    return day if (day.month, day.day) == (12, 31) else date(day.year - 1, 12, 31)


def horizons(quarter: str, years: Sequence[int] = YEARS_AHEAD) -> tuple[str, ...]:
    """Return the quarters so many years after one."""
    return tuple(label(ordinal(quarter) + 4 * n, "Q") for n in years)


def origin(job: Origin) -> dict[str, Any]:
    """Return what a fit says of orders and shipments two, three and four years after a quarter."""
    ends = horizons(job.quarter)
    asked = Question(MODEL, TELECOM, period_end(job.quarter), ends, job.chains, job.draws, data=job.data)
    spec: Any = asked.specification()
    if job.panel:
        spec = replace(spec, panel=panel_of(job.panel))
    snapshot = asked.snapshot()
    posterior = spec.fit(snapshot, stream(f"{MODEL}/origin/{job.quarter}/fit", seed=job.seed))
    path = definitions_of(job.data)
    events = [event_named(name, TELECOM, by=by, path=path) for by in ends for name in EVENTS]
    rng = stream(f"{MODEL}/origin/{job.quarter}/forecast", seed=job.seed)
    made = posterior.forecasts(snapshot, events, rng)
    return {
        "passed": posterior.sampled.diagnostics.passed,
        "last": posterior.data.time[-1],
        "forecasts": list(made),
        "boom": float(posterior.smoothed[:, -1, 1].mean()),
        "bust": float(posterior.smoothed[:, -1, 2].mean()),
    }
