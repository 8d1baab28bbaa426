"""Telecom by vintage: its spending at the end of each year, its suppliers at the end of each quarter.

All of it is one event, on revised data: the periods are those known by the day, the figures are later
revisions. A target whose event had happened in the figures of its day is set apart (``known``): it is no
forecast.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from overbuild.core import Event, Snapshot
from overbuild.core.judging import trailing_year
from overbuild.core.periods import label, ordinal, period_end
from overbuild.episodes import load_episode
from overbuild.models.regimes import NARROW
from overbuild.probability.definitions import definitions_of, event_named
from overbuild.probability.hindcast_cases import FALL, TELECOM, VINTAGES, YEARS_AHEAD, Hindcast
from overbuild.probability.hindcast_counts import Counts, boom_age, constant
from overbuild.probability.hindcast_data import HindcastData
from overbuild.probability.hindcast_quarterly import EVENTS, horizons, quarters
from overbuild.probability.hindcast_rows import Target, row
from overbuild.probability.judgement import as_paths, judge
from overbuild.probability.outside import forecaster
from overbuild.probability.panels import panel_of, series_from_table
from overbuild.probability.runup_cases import age_of
from overbuild.randomness import stream

SPENDING, SUPPLIERS = "telecom_spending", "telecom_suppliers"
NORMAL_SHARE = "O2/suppliers"
UTILISATION = "supplier_utilisation"


def spending(
    data: HindcastData,
    vintages: Mapping[str, Any],
    rivals: Mapping[str, Any],
    folder: Path | None,
) -> list[dict[str, Any]]:
    """Return rows of O3 on telecom's narrow spending, two, three and four years after each vintage.

    Parameters
    ----------
    data
        Series, rule and labels.
    vintages
        Year to what the regime model says as of its end.
    rivals
        Day to what the time-series rivals say.
    folder
        Data folder; None: the project's.
    """
    rows = []
    for v in VINTAGES:
        day = date(v, 12, 31)
        snapshot = load_episode(TELECOM, day, folder).snapshot
        events = [_event("O3", f"{v + h}Q4", folder) for h in YEARS_AHEAD]
        base = forecaster("baserate", day, folder).forecast(snapshot, events, stream("baserate/forecast"))
        counts = known_counts(data, snapshot)
        history = snapshot.history("capex").layer("capex")[0]
        past = history[np.isfinite(history)]
        others = _ahead(rivals, day)
        for h, event, forecast in zip(YEARS_AHEAD, events, base, strict=True):
            case = Hindcast(TELECOM, _last_year(snapshot), v + h, FALL)
            if case.known != v - 1:
                raise ValueError(f"Telecom's spending is known to {case.known} on {day}; expected {v - 1}.")
            where = _where(SPENDING, f"telecom spending {v} +{h}", day, event, bool(data.happened(case)))
            said = forecast.abstains or forecast.probability
            rows.append(row(where, "baserate", said, evidence=forecast.evidence))
            rows.append(_fitted(where, "regimes", vintages[str(v)], event))
            age = age_of(past)
            rows.append(row(where, "boom_age", boom_age(counts, age, case), evidence="direct"))
            rows.append(row(where, "constant", constant(counts, case)))
            rows += [
                row(where, rival, chances["O3", event.by], evidence="paths")
                for rival, chances in others.items()
            ]
    return rows


def suppliers(
    data: HindcastData, fits: Mapping[str, Any], rivals: Mapping[str, Any], folder: Path | None, as_of: date
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return rows of falls of orders and shipments, and the same where the fall was known on the day."""
    episode, rows, known = load_episode(TELECOM, as_of, folder), [], []
    for quarter in quarters():
        day = period_end(quarter)
        snapshot = load_episode(TELECOM, day, folder).snapshot
        counts, others = known_counts(data, snapshot), _ahead(rivals, day)
        for by, name in ((by, n) for by in horizons(quarter) for n in EVENTS):
            event = _event(name, by, folder)
            last, flow = _yearly(snapshot, event.layer)
            years = (ordinal(by) - ordinal(last)) / 4
            happened = event.judge(as_paths(episode, episode.layers[event.layer])).one()
            ahead = (ordinal(by) - ordinal(quarter)) // 4
            what = event.variant.removeprefix("supplier_")
            target = f"telecom {what} {quarter} +{ahead}"
            where = _where(SUPPLIERS, target, day, event, bool(happened))
            case = Hindcast(event.layer, int(last[:4]), int(by[:4]), FALL)
            age = age_of(flow)
            made = [
                _fitted(where, "quarterly", fits[quarter], event),
                row(where, "boom_age", boom_age(counts, age, case, years), evidence="direct"),
                row(where, "constant", constant(counts, case, years)),
                *(
                    row(where, rival, chances[name, by], evidence="paths")
                    for rival, chances in others.items()
                ),
            ]
            already = event.judge(snapshot.history(event.layer)).holds[0] == 1
            (known if already else rows).extend(made)
    return rows, known


def came(folder: Path | None, as_of: date) -> dict[str, str]:
    """Return the period in which each of telecom's falls had come: spending, orders, shipments."""
    episode, path = load_episode(TELECOM, as_of, folder), definitions_of(folder)
    names = {"spending": "O3"} | {n.removeprefix("O3/supplier_"): n for n in EVENTS}
    found = {k: judge(episode, event_named(n, TELECOM, path=path)) for k, n in names.items()}
    return {k: j.when for k, j in found.items()}


def near_miss(folder: Path | None, as_of: date) -> dict[str, Any]:
    """Return O2 on the suppliers' side: how near utilisation came to half of normal, without reaching it."""
    episode = load_episode(TELECOM, as_of, folder)
    event = event_named(NORMAL_SHARE, TELECOM, path=definitions_of(folder))
    judged, values = judge(episode, event), episode.layers[UTILISATION].values
    low = values.idxmin()
    rate = _rate(as_of, str(low), folder)
    threshold = float(event.thresholds["ratio"])
    return {
        "event": NORMAL_SHARE,
        "holds": judged.holds,
        "quarter": str(low),
        "of_normal": float(values.min()),
        "threshold": threshold,
        "rate": rate,
        "rate_at_threshold": rate / float(values.min()) * threshold,
        "evidence": judged.evidence,
    }


def known_counts(data: HindcastData, snapshot: Snapshot) -> Counts:
    """Return what could be counted in the long series outside telecom as they were known on a day."""
    names = [n for n in data.panel.names if n not in NARROW]
    panel = panel_of(series_from_table(snapshot.table, names))
    return Counts(panel, data.rule, data.choices, round(data.fall["window_years"]))


def _fitted(where: Target, model: str, unit: Mapping[str, Any], event: Event) -> dict[str, Any]:
    name = event.name.split(" by ")[0]
    (found,) = [f for f in unit["forecasts"] if (f["event"], f["by"]) == (name, event.by)]
    said = found["abstains"] or found["probability"]
    status = "hindcast" if unit["passed"] and found["status"] != "failed" else "failed"
    return row(where, model, said, evidence=found["evidence"], status=status)


def _where(panel: str, target: str, day: date, event: Event, happened: bool) -> Target:
    name = event.name.split(" by ")[0]
    return Target(panel, target, TELECOM, day.isoformat(), event.by, name, happened)


def _event(name: str, by: str, folder: Path | None) -> Event:
    return event_named(name, TELECOM, by=by, path=definitions_of(folder))


def _ahead(rivals: Mapping[str, Any], day: date) -> dict[str, dict[tuple[str, str], float | str]]:
    """Return each rival's chance of each event, by its name and date."""
    found = rivals[day.isoformat()]
    asked = [(name, by) for name, by in found["events"]]
    return {rival: dict(zip(asked, said, strict=True)) for rival, said in found["chances"].items()}


def _last_year(snapshot: Snapshot) -> int:
    history = snapshot.history("capex")
    return int(history.time[int(np.flatnonzero(np.isfinite(history.layer("capex")[0]))[-1])])


def _yearly(snapshot: Snapshot, layer: str) -> tuple[str, np.ndarray]:
    """Return the last known quarter, and sums of four quarters a year apart that end with it."""
    history = snapshot.history(layer)
    flow = trailing_year(history.layer(layer)[:1], history.per_year)[0]
    last = int(np.flatnonzero(np.isfinite(flow))[-1])
    every = flow[last % 4 : last + 1 : 4]
    return history.time[last], every[np.isfinite(every)]


def _rate(as_of: date, quarter: str, folder: Path | None) -> float:
    """Return the published rate of utilisation in a quarter, per cent."""
    table = load_episode(TELECOM, as_of, folder).snapshot.table
    rows = table.loc[(table["series"] == "g17_utilisation_comm_equipment")]
    quarterly = rows.loc[rows["period"] == quarter, "value"]
    if len(quarterly):
        return float(quarterly.iloc[0])
    months = {label(ordinal(f"{quarter[:4]}-{3 * int(quarter[-1]) - k:02d}"), "M") for k in range(3)}
    return float(rows.loc[rows["period"].isin(months), "value"].mean())
