"""FRED and ALFRED: the macroeconomic series with every archived vintage, as tidy rows."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from overbuild.core.periods import containing, period_end
from overbuild.errors import InputError, ServiceError, UnknownNameError
from overbuild.sources.catalogue import first_available
from overbuild.sources.http import Manners, Service, Session
from overbuild.sources.vintages import Row, decimal

PUBLIC_URL = "https://api.stlouisfed.org"
URL_VARIABLE = "OVERBUILD_FRED_URL"
KEY_VARIABLE = "FRED_API_KEY"

MANNERS = Manners(per_second=2)
"""FRED answers 120 requests a minute."""

DESCRIPTION = "/fred/series"
OBSERVATIONS = "/fred/series/observations"
ARCHIVE = date(1776, 7, 4)
"""FRED's beginning of time: asking from there gives every archived vintage."""

PAGE = 100_000
"""The most observations that FRED gives at once."""

BILLION = 1000.0
"""USD million in a USD billion."""


BASE_2017 = date(2023, 9, 28)
"""Day on which the national accounts moved to prices of 2017."""


@dataclass(frozen=True)
class FredSeries:
    """A series of FRED and what it is in the data.

    Attributes
    ----------
    id
        FRED's name.
    series, unit, factor
        Name and unit in the codebook, and what FRED's figure is multiplied by.
    rule
        Release rule for figures older than the archive of vintages.
    since
        First vintage that is fetched; None for a market rate, which is not revised: its mean of the quarter
        is fetched as it stands.
    base
        Base year that FRED's unit must name, where the figures depend on it.
    """

    id: str
    series: str
    unit: str
    factor: float = 1.0
    rule: str = "nipa"
    since: date | None = ARCHIVE
    base: str = ""


def _money(fred_id: str, series: str) -> FredSeries:
    return FredSeries(fred_id, series, "USD million", BILLION)


def _market(fred_id: str, series: str, unit: str) -> FredSeries:
    return FredSeries(fred_id, series, unit, rule="market_daily", since=None)


SERIES = (
    _money("GDP", "gdp"),
    _money("A679RC1Q027SBEA", "information_processing_investment"),
    _money("Y034RC1Q027SBEA", "information_processing_equipment"),
    _money("B935RC1Q027SBEA", "computers_investment"),
    _money("B985RC1Q027SBEA", "software_investment"),
    _money("PNFI", "nonresidential_investment"),
    _money("CP", "corporate_profits_after_tax"),
    FredSeries("GDPC1", "gdp_real", "chained 2017 USD million", BILLION, since=BASE_2017, base="2017"),
    FredSeries("GDPDEF", "gdp_deflator", "index", since=BASE_2017, base="2017"),
    _market("FEDFUNDS", "federal_funds_rate", "percent"),
    _market("DGS10", "treasury_10y", "percent"),
    _market("BAA10Y", "baa_spread", "percentage points"),
    # Its owner allows no redistribution: the user fetches it, the project does not ship it.
    _market("BAMLH0A0HYM2", "high_yield_spread", "percentage points"),
)


def chosen_series(ids: Sequence[str] | None) -> tuple[FredSeries, ...]:
    """Return the series with the given FRED ids, or all of them.

    Raises
    ------
    UnknownNameError
        For an id that is not in the table.
    """
    by_id = {s.id: s for s in SERIES}
    for name in ids or ():
        if name not in by_id:
            raise UnknownNameError("FRED series", name, list(by_id))
    return SERIES if ids is None else tuple(by_id[name] for name in dict.fromkeys(ids))


def fred_service(base_url: str | None = None, manners: Manners = MANNERS) -> Service:
    """Return FRED as a service, with the key from the environment.

    Raises
    ------
    InputError
        Where ``FRED_API_KEY`` does not hold a key; the message does not repeat what it holds.
    """
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if not re.fullmatch(r"[0-9a-z]{32}", key):
        raise InputError(
            f"{KEY_VARIABLE} is {'not a FRED key (32 small letters and digits)' if key else 'not set'}. "
            f"A key is free at https://fredaccount.stlouisfed.org/apikeys; export {KEY_VARIABLE}=... and run "
            "again. Nothing was asked and nothing changed."
        )
    return Service(
        "FRED",
        base_url or os.environ.get(URL_VARIABLE) or PUBLIC_URL,
        manners,
        secret={"api_key": key},
        advice={403: f"check {KEY_VARIABLE}"},
    )


def fetch(session: Session, series: FredSeries, as_of: date) -> dict[str, Any]:
    """Return all observations of a series as they stood by a day, page by page.

    Raises
    ------
    ServiceError
        When FRED does not give them all, or gives something else.
    """
    asked: dict[str, str | int] = {"series_id": series.id, "file_type": "json"}
    if series.base:
        _check_base(session.get(DESCRIPTION, asked, what=f"the unit of {series.id}"), series)
    asked |= {
        "realtime_start": (series.since or as_of).isoformat(),
        "realtime_end": as_of.isoformat(),
        "limit": PAGE,
    }
    if series.since is None:
        asked |= {"frequency": "q", "aggregation_method": "avg"}
    observations: list[Any] = []
    while True:
        page = session.get(
            OBSERVATIONS, asked | {"offset": len(observations)}, what=f"the series {series.id}"
        )
        count = page.get("count") if isinstance(page, dict) else None
        found = page.get("observations") if isinstance(page, dict) else None
        if not isinstance(count, int) or not isinstance(found, list):
            raise _unusable(series, "it is not a list of observations")
        observations += found
        if len(observations) >= count:
            return {"series_id": series.id, "observations": observations}
        if not found:
            raise _unusable(series, f"it ends after {len(observations)} of {count} observations")


def _check_base(description: Any, series: FredSeries) -> None:
    try:
        unit = str(description["seriess"][0]["units"])
    except (KeyError, IndexError, TypeError):
        raise _unusable(series, "it does not say its unit") from None
    if series.base not in unit:
        raise _unusable(
            series, f"it is now in '{unit[:60]}', and {series.series} is in prices of {series.base}"
        )


@dataclass(frozen=True)
class Observation:
    """The value of a quarter as it stood from a day on."""

    period: str
    vintage: date
    value: float


def observations_of(document: Any, series: FredSeries) -> list[Observation]:
    """Return the quarterly observations of a document, without the missing ones (written ``.``).

    Raises
    ------
    ServiceError
        For a document of another series or shape, or without a single observation.
    """
    try:
        if document["series_id"] != series.id:
            raise ValueError(f"series {document['series_id']!r}")
        entries = [e for e in document["observations"] if e["value"] != "."]
        found = [_observation(e) for e in entries]
    except (KeyError, TypeError, ValueError) as error:
        shown = f"{type(error).__name__}: {error}"[:120]
        raise _unusable(series, f"an observation is malformed ({shown})") from None
    if not found:
        raise _unusable(series, "it holds no observations")
    return found


def _observation(entry: Mapping[str, Any]) -> Observation:
    value = float(entry["value"])
    if not math.isfinite(value):
        raise ValueError(f"value {entry['value']!r} is not a number")
    return Observation(
        containing(date.fromisoformat(entry["date"]), "Q"), date.fromisoformat(entry["realtime_start"]), value
    )


def _unusable(series: FredSeries, why: str) -> ServiceError:
    return ServiceError(f"Asked FRED for the series {series.id}: the answer is not usable, since {why}.")


def series_rows(
    document: Any, series: FredSeries, as_of: date, lags: Mapping[str, Mapping[str, Any]]
) -> list[Row]:
    """Return every version of every quarter of a series that was published by a day.

    Parameters
    ----------
    document
        What `fetch` gave.
    series
        Which series.
    as_of
        Last day that counts; a quarter that it does not close is left out.
    lags
        Release rules: when a quarter older than the archive of vintages became known.
    """
    stood = [
        o for o in observations_of(document, series) if o.vintage <= as_of and period_end(o.period) < as_of
    ]
    archive = min((o.vintage for o in stood), default=as_of)
    by_period: dict[str, dict[date, float]] = {}
    for o in stood:
        by_period.setdefault(o.period, {})[o.vintage] = o.value
    rows: list[Row] = []
    for period, versions in sorted(by_period.items()):
        by_rule = first_available(lags[series.rule], period_end(period))
        last: float | None = None
        for vintage, value in sorted(versions.items()):
            # A figure of the archive's first vintage was known before it, by its release rule.
            known = (vintage, "stated")
            if vintage == archive and by_rule is not None and by_rule < vintage:
                known = (by_rule, series.rule)
            if value != last:
                rows.append(_row(series, Observation(period, vintage, value), known))
            last = value
    return rows


def _row(series: FredSeries, seen: Observation, known: tuple[date, str]) -> Row:
    return Row(
        series=series.series,
        entity="United States",
        frequency="Q",
        period=seen.period,
        period_end=period_end(seen.period).isoformat(),
        value=decimal(round(seen.value * series.factor, 6)),
        unit=series.unit,
        status="actual",
        grade="B",
        available_from=known[0].isoformat(),
        available_rule=known[1],
        vintage=seen.vintage.isoformat(),
        source_id="fred",
        note=f"FRED {series.id}" + ("" if series.since else ", mean of the quarter"),
    )
