"""The regime model asked of the past: by vintage, and of series that nothing was learnt from.

Left out, a series is read with what the others taught, from its own years to the case alone: its panel holds
no later year, nor do GDP and the spread of bonds. What the others taught comes from all of their years, also
those after the case; this is the look-ahead that leaving out a series leaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from overbuild.core import Paths
from overbuild.models.bayesian import BayesianModel
from overbuild.models.regime_panel import panel_from
from overbuild.models.regime_paths import CAPEX_LAYER
from overbuild.models.regime_series import annual, yearly_spread
from overbuild.probability.hindcast_cases import TELECOM, Hindcast, falls
from overbuild.probability.inside import question
from overbuild.randomness import stream

if TYPE_CHECKING:
    from overbuild.models.regime_posterior import RegimePosterior
    from overbuild.models.regimes import RegimeModel

MODEL = "regimes"
FEWEST_YEARS = 4
TOO_FEW = f"fewer than {FEWEST_YEARS} annual growth rates are known"


@dataclass(frozen=True)
class Vintage:
    """One fit to telecom as of a day."""

    as_of: date
    data: Path | None
    seed: int
    draws: int | None = None
    chains: int | None = None


@dataclass(frozen=True)
class LeftOut:
    """One fit without a member, and the cases that are read with it.

    Attributes
    ----------
    member
        Left out of what is learnt.
    cases
        Of its series.
    as_of
        Day to which the others are known.
    data, seed, draws, chains
        As for a fit.
    """

    member: str
    cases: tuple[Hindcast, ...]
    as_of: date
    data: Path | None
    seed: int
    draws: int | None = None
    chains: int | None = None


def vintage(job: Vintage) -> dict[str, Any]:
    """Return what a fit as of a day says of telecom's spending, whether it converged, and its parameters."""
    from overbuild.models import checking

    asked = question(MODEL, TELECOM, as_of=job.as_of, draws=job.draws, chains=job.chains, data=job.data)
    spec, snapshot = asked.specification(), asked.snapshot()
    posterior: Any = spec.fit(snapshot, stream(f"{MODEL}/fit/{TELECOM}", seed=job.seed))
    made = posterior.forecasts(snapshot, asked.events(), stream(f"{MODEL}/forecast/{TELECOM}", seed=job.seed))
    rng = stream(f"{MODEL}/checks/{TELECOM}", seed=job.seed)
    taught = checking.learnt(spec, posterior.data, posterior.sampled, rng)
    return {
        "passed": posterior.sampled.diagnostics.passed,
        "forecasts": [f for f in made if f.event == "O3" and f.probability is not None],
        "parameters": [{k: row[k] for k in ("parameter", "mean", "sd")} for row in taught.to_dict("records")],
    }


def left_out(job: LeftOut) -> dict[str, Any]:
    """Return the chance of every case of a member that nothing was learnt from."""
    asked = question(MODEL, TELECOM, as_of=job.as_of, draws=job.draws, chains=job.chains, data=job.data)
    spec: RegimeModel = replace(_of(asked.specification()), without=(job.member,))
    snapshot = asked.snapshot()
    posterior = spec.fit(snapshot, stream(f"{MODEL}/left_out/{job.member}", seed=job.seed))
    gdp, spread = annual(snapshot, spec.gdp), yearly_spread(snapshot)
    levels = {n: annual(snapshot, n) for n in {c.series for c in job.cases} - {TELECOM}}
    levels[TELECOM] = sum((annual(snapshot, n) for n in spec.telecom[1:]), annual(snapshot, spec.telecom[0]))
    made: dict[tuple[str, int], Any] = {}
    rows = []
    for case in job.cases:
        at = case.series, case.known
        if at not in made:
            last = max(c.by for c in job.cases if (c.series, c.known) == at)
            rng = stream(f"{MODEL}/left_out/{case.series}/{case.known}", seed=job.seed)
            made[at] = paths_of(posterior, levels[case.series], gdp, spread, case, last, rng)
        rows.append(made[at] if isinstance(made[at], str) else chance(made[at], case, spec.fall))
    return {
        "passed": posterior.sampled.diagnostics.passed,
        "diagnostics": posterior.sampled.diagnostics.to_dict(),
        "chances": [None if isinstance(r, str) else round(r, 6) for r in rows],
        "abstains": [r if isinstance(r, str) else "" for r in rows],
        "after_boom": float(posterior.sampled.draws("after_boom").mean()),
    }


def paths_of(
    posterior: RegimePosterior,
    level: pd.Series,
    gdp: pd.Series,
    spread: pd.Series,
    case: Hindcast,
    until: int,
    rng: np.random.Generator,
) -> Paths | str:
    """Return paths of a series that nothing was learnt from, to the end of a year; or why there are none."""
    name = "own_series"
    past = level.loc[: case.known].dropna()
    known = panel_from(
        {name: past}, {name: gdp.loc[: case.known]}, _floor(posterior), {name: spread.loc[: case.known]}
    )
    if known.known(name) < FEWEST_YEARS:
        return TOO_FEW
    history = Paths(
        tuple(str(y) for y in past.index),
        {CAPEX_LAYER: past.to_numpy(dtype=float)[None, :]},
        {CAPEX_LAYER: "USD million"},
        "history",
        date(case.known, 12, 31),
    )
    panel = replace(known, left_out=(name,))
    read = replace(posterior, data=panel, own=name, history=history, beside=None, model=None)
    return read.paths(str(until), {}, rng)


def chance(paths: Paths, case: Hindcast, fall: Mapping[str, float]) -> float:
    """Return the share of paths in which a case comes true."""
    years = np.array([int(t) for t in paths.time])
    within = round(fall["window_years"])
    return float(falls(paths.layer(CAPEX_LAYER), years, case, fall["fall"], within).mean())


def _floor(posterior: RegimePosterior) -> float:
    return _of(posterior.model).floor if posterior.model is not None else 0.0


def _of(model: BayesianModel) -> RegimeModel:
    from overbuild.models.regimes import RegimeModel

    if not isinstance(model, RegimeModel):
        raise TypeError("Expected the regime model.")
    return model
