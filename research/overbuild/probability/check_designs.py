"""What of each forecaster is checked: its counts by cluster, its priors, and its forecast of the headline."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from overbuild.core import Snapshot
from overbuild.errors import InputError
from overbuild.probability.analogue_forecaster import AnalogueForecaster
from overbuild.probability.analogues import by_cluster, settled_booms, votes_of
from overbuild.probability.baserate_forecaster import BaseRateForecaster
from overbuild.probability.definitions import event_named
from overbuild.probability.forecast_checks import Asked
from overbuild.probability.growth_panels import Growth
from overbuild.probability.marks import Marks
from overbuild.probability.model_checks import Design, ForecastDesign, ModelChecks, check_model
from overbuild.probability.panels import panel_of, series_from_table
from overbuild.probability.runups import find_run_ups
from overbuild.settings import SEED

NOT_IDENTIFIED = {
    "baserate": (
        "whether the AI build-out is one more of these series; the level to within about 0.2, since the rule "
        "moves the rate as far as sampling does; how strongly outcomes hang together within a series, with "
        "few series that hold a run-up; whether series with many run-ups fall more often than others; "
        "whether the chance of a fall has changed since the series begin"
    ),
    "analogues": (
        "psi, the chance that a boom that ended well is remembered, of which no figure speaks; what a boom "
        "that was partly overbuilt should count for; whether labels given with hindsight are right; the "
        "level to within about 0.2"
    ),
}
"""What no amount of such data could tell, by model."""


def checks_of(
    model: BaseRateForecaster | AnalogueForecaster,
    snapshot: Snapshot,
    definitions: Mapping[str, Any],
    *,
    path: Path | None = None,
    seed: int = SEED,
) -> ModelChecks:
    """Run every check of a forecaster on the clusters of a snapshot.

    Parameters
    ----------
    model, snapshot
        The forecaster, and what it knows.
    definitions, path
        Content and place of the definitions.
    seed
        Master seed.

    Raises
    ------
    InputError
        If the snapshot holds no case to count, or a mark is missing.
    """
    design, marks = design_of(model, snapshot), Marks.of(definitions, model.name)
    forecast = None
    if isinstance(model, BaseRateForecaster):
        forecast = _forecast_design(model, snapshot, definitions, path)
    return check_model(design, marks, seed, forecast)


def design_of(model: BaseRateForecaster | AnalogueForecaster, snapshot: Snapshot) -> Design:
    """Return the counts by cluster that a forecaster rests on, and how it estimates their share.

    Raises
    ------
    InputError
        If the snapshot holds no case.
    """
    if isinstance(model, BaseRateForecaster):
        return _run_ups(model, snapshot)
    return _booms(model, snapshot)


def _run_ups(model: BaseRateForecaster, snapshot: Snapshot) -> Design:
    panel = panel_of(series_from_table(snapshot.table, model.series))
    found, given = find_run_ups(panel, model.rule), model.choices
    cases = found.count("run_ups", len(panel.names))
    if not cases.sum():
        raise InputError(f"No run-up with a known end was known by {snapshot.as_of}: nothing can be checked.")
    return Design(
        model=model.name,
        hits=found.count("falls", len(panel.names)),
        cases=cases,
        interval=given.interval,
        rate_prior=given.rate,
        correlation_prior=given.correlation,
        point_prior=(0.0, 0.0),
        not_identified=NOT_IDENTIFIED[model.name],
    )


def _booms(model: AnalogueForecaster, snapshot: Snapshot) -> Design:
    if snapshot.booms is None:
        raise InputError(f"No past boom was known by {snapshot.as_of}: nothing can be checked.")
    booms, given = settled_booms(snapshot.booms), model.choices
    value, weight = votes_of(booms, given.reading, given.certainty)
    # Simulated booms have one vote each: a part of a vote cannot be drawn.
    hits, cases = by_cluster(booms, value, (weight > 0).astype(float))
    return Design(
        model=model.name,
        hits=hits,
        cases=cases,
        interval=given.interval,
        rate_prior=given.rate,
        correlation_prior=given.correlation,
        point_prior=given.rate,
        not_identified=NOT_IDENTIFIED[model.name],
    )


def _forecast_design(
    model: BaseRateForecaster, snapshot: Snapshot, definitions: Mapping[str, Any], path: Path | None
) -> ForecastDesign | None:
    """Return the forecast of the headline event; None where the model does not speak of it."""
    headline = definitions["headline"]
    event = event_named(headline["event"], snapshot.episode, by=headline["by"], path=path)
    asked = model.asked(snapshot, event)
    if asked is None:
        return None
    rule, state, years, left = asked
    series = len(series_from_table(snapshot.table, model.series))
    process = Growth.of(definitions["checks"]["annual"])
    return ForecastDesign(process, Asked(rule, state, years, left, series), model.choices)
