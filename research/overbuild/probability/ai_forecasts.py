"""Forecasts of the sector's capex and free cash flow from one origin by one model, with what then came.

Free cash flow is operating cash flow less capex. Operating cash flow is forecast once for all models, by
unobserved components, and independently of capex given the past: models differ in capex alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from overbuild.core.periods import label, ordinal
from overbuild.probability.ai_origins import FLOWS, HORIZONS, Origin, episode_on, known_flows
from overbuild.probability.continuous import Target, row
from overbuild.probability.leave_future_out import Moved, leave_future_out, taken
from overbuild.randomness import stream
from overbuild.timeseries.guidance import Guided, guidance, guided_growth, year_of
from overbuild.timeseries.rivals import RIVALS, TooShortError, log_paths
from overbuild.timeseries.series import LogSeries, log_series

if TYPE_CHECKING:
    from overbuild.episodes import Episode
    from overbuild.models.quarterly import QuarterlyModel

Array = NDArray[np.float64]
DRAWS = 20_000
STEPS = max(HORIZONS)
PART = 500
"""Draws of the parameters that a posterior uses at a time."""
TAIL = 0.0005
"""Draws of cash flow beyond this share at either end are set to its quantiles: the level has no mean."""
COMPARABLE = ("cash", "property and equipment plus principal on finance leases")
"""Measures of guidance that are near the cash capex of the sector."""
NAME = "hindcasts_ai"


@dataclass(frozen=True)
class Work:
    """One unit of work.

    Attributes
    ----------
    data
        Folder of the data.
    origins
        Origins, in the order of time.
    came
        Flow to quarter to what came, USD billion.
    draws
        Of each forecast.
    sampling
        Chains and draws of a fit; None: as the model asks.
    """

    data: str
    origins: tuple[Origin, ...]
    came: Mapping[str, Mapping[str, float]]
    draws: int = DRAWS
    sampling: tuple[int, int] | None = None


def rival_forecasts(work: Work) -> dict[str, Any]:
    """Return rows and abstentions of the rivals and of guidance at each origin."""
    rows: list[dict[str, Any]] = []
    silent: list[dict[str, Any]] = []
    for origin in work.origins:
        episode = episode_on(origin.day, Path(work.data))
        series = series_at(episode, origin, "capex")
        cash = cash_ahead(episode, origin, work.draws)
        for model in (*RIVALS, "guidance"):
            rng = stream(f"{NAME}/{model}/{origin.period}")
            try:
                if model == "guidance":
                    logs = guidance(series, guided_at(episode, origin), work.draws, rng)
                else:
                    logs = log_paths(model, series, STEPS, work.draws, rng)
            except TooShortError as reason:
                silent.append(abstention(model, origin, str(reason)))
                continue
            rows += rows_of(work, origin, model, logs, cash)
    return {"rows": rows, "abstentions": silent}


def quarterly_forecasts(work: Work) -> dict[str, Any]:
    """Return rows and abstentions of the quarterly regimes, and how leave-future-out went."""
    from overbuild.errors import InputError

    model = specification(work)
    rows: list[dict[str, Any]] = []
    silent: list[dict[str, Any]] = []
    speaking: list[tuple[Origin, Episode]] = []
    for origin in work.origins:
        episode = episode_on(origin.day, Path(work.data))
        try:
            model.observed(episode.snapshot)
            speaking.append((origin, episode))
        except InputError as reason:
            silent.append(abstention(model.name, origin, str(reason)))
    given = ((e.snapshot, stream(f"{NAME}/fit/{o.period}")) for o, e in speaking)
    steps = []
    for (origin, episode), moved in zip(speaking, leave_future_out(model, given), strict=True):
        logs = ahead(moved, work.draws, origin)
        cash = cash_ahead(episode, origin, len(logs))
        rows += rows_of(work, origin, model.name, logs, cash, passed=moved.passed)
        steps.append(
            {
                "origin": origin.period,
                "base": moved.base,
                "refitted": moved.refitted,
                "k": None if moved.refitted else round(moved.k, 4),
                "effective": round(moved.effective, 1),
                "passed": moved.passed,
            }
        )
    return {"rows": rows, "abstentions": silent, "steps": steps}


def specification(work: Work) -> QuarterlyModel:
    """Return the quarterly model with the priors of the file, held on the first day, and no panel.

    The annual panel's answer on file was learnt from later years and may not be used at these origins.
    """
    from datetime import date

    from overbuild.models.prior_file import read_priors
    from overbuild.models.quarterly import QuarterlyModel
    from overbuild.probability.definitions import definitions_of, read_definitions

    folder = Path(work.data)
    priors = read_priors(folder / "priors.toml").at(date.fromisoformat(work.origins[0].day))
    model = QuarterlyModel.of(priors, read_definitions(definitions_of(folder)))
    if work.sampling:
        chains, draws = work.sampling
        model = replace(model, sampling=replace(model.sampling, chains=chains, draws=draws))
    return model


def ahead(moved: Moved, draws: int, origin: Origin) -> Array:
    """Return draws of log capex ahead, shape (draw, step), USD billion, in random order.

    A posterior makes paths of some of its draws; it is asked in parts, so that all of them are used.
    """
    rng = stream(f"{NAME}/quarterly/{origin.period}")
    posterior, paths = moved.posterior, []
    places = rng.permutation(posterior.parameters["exit"].size)
    parts = max(1, places.size // PART)
    for which in np.array_split(places, parts):
        part = replace(posterior, sampled=taken(posterior.sampled, which))
        made = part.paths(origin.ahead(STEPS), {}, rng).layer("capex")[:, -STEPS:]
        paths.append(rng.permutation(made)[: -(-draws // parts)])
    return np.log(rng.permutation(np.concatenate(paths))[:draws] / 1e3)


def series_at(episode: Episode, origin: Origin, flow: str) -> LogSeries:
    """Return the logs of a flow, USD billion, to the origin; refuses a snapshot that ends elsewhere."""
    known = known_flows(episode.snapshot)[flow]
    last = max(known, key=ordinal)
    if last != origin.period:
        raise ValueError(f"As of {origin.day} {flow} is known to {last}, not to {origin.period}.")
    first = min(known, key=ordinal)
    quarters = range(ordinal(first), ordinal(last) + 1)
    return log_series([known.get(label(n, "Q"), np.nan) for n in quarters], first)


def guided_at(episode: Episode, origin: Origin) -> Array:
    """Return the growth of the sector that guidance implies, shape (step,); nan where too little was said.

    Of each firm and year the newest statement known by then counts whose day is known and whose measure is
    one of `COMPARABLE`.
    """
    from overbuild.games.guidance_cases import history

    newest = {
        (g.firm, g.period, g.fiscal): g
        for g in history(episode)
        if g.dated and g.measure in COMPARABLE and g.firm in episode.perimeter["firms"]
    }
    told = [Guided(g.firm, year_of(g.period, g.fiscal), g.middle) for g in newest.values()]
    table = episode.snapshot.table
    known = {}
    for firm, series in episode.perimeter["firms"].items():
        mine = (table["series"] == series) & (table["entity"] == firm) & (table["frequency"] == "Q")
        rows = table.loc[mine]
        known[firm] = dict(zip(rows["period"], rows["value"].astype(float), strict=True))
    return guided_growth(known, told, origin.period, STEPS)


def rows_of(
    work: Work, origin: Origin, model: str, logs: Array, cash: Array, *, passed: bool = True
) -> list[dict[str, Any]]:
    """Return the rows of one model at one origin: each horizon that has come, capex and free cash flow.

    Parameters
    ----------
    work
        What came, by flow and quarter.
    origin
        The origin.
    model
        Its name.
    logs
        Log capex ahead, shape (draw, step), USD billion; nan at steps of which the model does not speak.
    cash
        Operating cash flow ahead, shape (draw, step), USD billion.
    passed
        Whether its fit passed its checks.
    """
    return list(_rows(work, origin, model, logs, cash, "hindcast" if passed else "failed"))


def _rows(
    work: Work, origin: Origin, model: str, logs: Array, cash: Array, status: str
) -> Iterator[dict[str, Any]]:
    spent, earned = (work.came[flow] for flow in FLOWS)
    for h in HORIZONS:
        by = origin.ahead(h)
        if by not in spent or not np.isfinite(logs[:, h - 1]).all():
            continue
        capex = np.exp(logs[:, h - 1])
        rng = stream(f"{NAME}/pit/{model}/{origin.period}/{h}")
        target = Target("ai_capex", origin.period, origin.day, by, h)
        yield row(target, model, capex, spent[by], rng, last=spent[origin.period], status=status)
        free = cash[:, h - 1] - capex
        free = np.clip(free, *np.quantile(free, (TAIL, 1.0 - TAIL)))
        target = Target("ai_free_cash_flow", origin.period, origin.day, by, h)
        yield row(target, model, free, earned[by] - spent[by], rng, status=status)


def cash_ahead(episode: Episode, origin: Origin, draws: int) -> Array:
    """Return draws of operating cash flow ahead, shape (draw, step), USD billion, the same for all models."""
    series = series_at(episode, origin, "operating_cash_flow")
    rng = stream(f"{NAME}/cash/{origin.period}")
    return np.exp(log_paths("unobserved_components", series, STEPS, draws, rng))


def abstention(model: str, origin: Origin, reason: str) -> dict[str, Any]:
    """Return an abstention as a row."""
    return {"model": model, "origin": origin.period, "as_of": origin.day, "reason": reason}
