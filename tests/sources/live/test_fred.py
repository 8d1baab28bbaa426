from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from overbuild import locations
from overbuild.core.periods import period_end
from overbuild.errors import InputError, ServiceError, UnknownNameError
from overbuild.sources import fred
from overbuild.sources.fred import (
    FredSeries,
    chosen_series,
    fetch,
    fred_service,
    observations_of,
    series_rows,
)
from overbuild.sources.http import Manners, Session

TODAY = date(2026, 11, 22)
LAGS = {"nipa": {"days": 30}, "market_daily": {"days": 1}}


def series(fred_id: str) -> FredSeries:
    return chosen_series([fred_id])[0]


def observation(day: str, value: str, since: str, until: str = "9999-12-31") -> dict[str, str]:
    return {"realtime_start": since, "realtime_end": until, "date": day, "value": value}


def page(observations: list[dict[str, str]], count: int | None = None, offset: int = 0) -> dict[str, Any]:
    """Return a page as FRED writes it."""
    return {
        "realtime_start": "1776-07-04", "realtime_end": "2026-11-22", "observation_start": "1600-01-01",
        "observation_end": "9999-12-31", "units": "lin", "output_type": 1, "file_type": "json",
        "order_by": "observation_date", "sort_order": "asc", "offset": offset, "limit": 100000,
        "count": len(observations) if count is None else count, "observations": observations,
    }  # fmt: skip


GDP = [
    observation("1991-07-01", "5709.2", "1991-12-04", "1992-01-28"),
    observation("1991-07-01", "5713.1", "1992-01-29"),
    observation("2025-10-01", ".", "2026-01-01", "2026-02-19"),
    observation("2025-10-01", "31490.070", "2026-02-20", "2026-03-26"),
    observation("2025-10-01", "31490.070", "2026-03-27", "2026-09-23"),
    observation("2025-10-01", "31442.483", "2026-09-24"),
    observation("2026-07-01", "32000.5", "2026-10-29"),
]


def get(service: Any, manners: Manners, one: FredSeries, as_of: date = TODAY) -> Any:
    with Session(fred_service(service.url, manners)) as session:
        return fetch(session, one, as_of)


def test_every_archived_version_is_a_row(service: Any, manners: Manners, reply: Any, key: str) -> None:
    service.routes["GDP"] = [reply(page(GDP))]
    document = get(service, manners, series("GDP"))
    asked = service.asked[0]
    assert asked.path == "/fred/series/observations"
    assert asked.query == {
        "series_id": "GDP", "file_type": "json", "realtime_start": "1776-07-04", "realtime_end": "2026-11-22",
        "limit": "100000", "offset": "0", "api_key": key,
    }  # fmt: skip
    rows = series_rows(document, series("GDP"), TODAY, LAGS)
    assert [(r.period, r.value, r.vintage, r.available_from, r.available_rule) for r in rows] == [
        ("1991Q3", "5709200", "1991-12-04", "1991-10-30", "nipa"),
        ("1991Q3", "5713100", "1992-01-29", "1992-01-29", "stated"),
        ("2025Q4", "31490070", "2026-02-20", "2026-02-20", "stated"),
        ("2025Q4", "31442483", "2026-09-24", "2026-09-24", "stated"),
        ("2026Q3", "32000500", "2026-10-29", "2026-10-29", "stated"),
    ]
    assert {(r.series, r.entity, r.frequency, r.unit, r.status, r.source_id) for r in rows} == {
        ("gdp", "United States", "Q", "USD million", "actual", "fred")
    }


def test_a_day_in_the_past_knows_no_later_version() -> None:
    document = {"series_id": "GDP", "observations": GDP}
    rows = series_rows(document, series("GDP"), date(2026, 3, 1), LAGS)
    assert [(r.period, r.vintage) for r in rows][-1] == ("2025Q4", "2026-02-20")
    assert rows == [r for r in series_rows(document, series("GDP"), TODAY, LAGS) if r.vintage <= "2026-03-01"]


def test_market_rates_are_means_of_closed_quarters(service: Any, manners: Manners, reply: Any) -> None:
    days = ["2026-04-01", "2026-07-01", "2026-10-01"]
    service.routes["BAMLH0A0HYM2"] = [
        reply(
            page([observation(d, v, "2026-11-22") for d, v in zip(days, ["2.9", "3.0", "3.1"], strict=True)])
        )
    ]
    spread = series("BAMLH0A0HYM2")
    rows = series_rows(get(service, manners, spread), spread, TODAY, LAGS)
    assert service.asked[0].query["frequency"] == "q"
    assert service.asked[0].query["aggregation_method"] == "avg"
    assert service.asked[0].query["realtime_start"] == "2026-11-22"
    assert [(r.period, r.value, r.unit, r.available_from, r.available_rule, r.vintage) for r in rows] == [
        ("2026Q2", "2.9", "percentage points", "2026-07-01", "market_daily", "2026-11-22"),
        ("2026Q3", "3", "percentage points", "2026-10-01", "market_daily", "2026-11-22"),
    ]


def test_long_series_come_page_by_page(service: Any, manners: Manners, reply: Any) -> None:
    service.routes["GDP"] = lambda asked: reply(page(GDP[int(asked.query["offset"]) :][:3], len(GDP)))
    assert get(service, manners, series("GDP"))["observations"] == GDP
    assert [a.query["offset"] for a in service.asked] == ["0", "3", "6"]


def test_an_archive_that_ends_early_is_refused(service: Any, manners: Manners, reply: Any) -> None:
    service.routes["GDP"] = [reply(page(GDP, 10)), reply(page([], 10))]
    with pytest.raises(ServiceError, match="it ends after 7 of 10 observations"):
        get(service, manners, series("GDP"))


def describing(units: Any) -> dict[str, Any]:
    return {"realtime_start": "2026-11-22", "seriess": [{"id": "GDPC1", "title": "Real GDP", "units": units}]}


def test_real_series_are_asked_for_their_prices(service: Any, manners: Manners, reply: Any) -> None:
    service.routes["GDPC1"] = [reply(describing("Billions of Chained 2017 Dollars")), reply(page(GDP[5:6]))]
    rows = series_rows(get(service, manners, series("GDPC1")), series("GDPC1"), TODAY, LAGS)
    assert [a.path for a in service.asked] == ["/fred/series", "/fred/series/observations"]
    assert service.asked[1].query["realtime_start"] == "2023-09-28"
    assert (rows[0].series, rows[0].unit) == ("gdp_real", "chained 2017 USD million")


@pytest.mark.parametrize(
    ("description", "why"),
    [
        (describing("Billions of Chained 2022 Dollars"), "it is now in 'Billions of Chained 2022 Dollars'"),
        ({}, "its unit"),
        ([], "its unit"),
    ],
)
def test_new_prices_are_refused(
    description: Any, why: str, service: Any, manners: Manners, reply: Any
) -> None:
    service.routes["GDPC1"] = [reply(description)]
    with pytest.raises(ServiceError, match=why):
        get(service, manners, series("GDPC1"))


@pytest.mark.parametrize(
    "answer", [[], {}, {"count": 1}, {"count": "1", "observations": []}, {"count": 1, "observations": {}}]
)
def test_nonsense_is_refused(answer: Any, service: Any, manners: Manners, reply: Any) -> None:
    service.routes["GDP"] = [reply(answer)]
    with pytest.raises(ServiceError, match="not a list of observations"):
        get(service, manners, series("GDP"))


@pytest.mark.parametrize(
    "document",
    [
        {"series_id": "CP", "observations": GDP},
        {"series_id": "GDP", "observations": []},
        {"series_id": "GDP", "observations": [observation("2025-10-01", ".", "2026-01-01")]},
        {"series_id": "GDP", "observations": [observation("2025-10-01", "much", "2026-01-01")]},
        {"series_id": "GDP", "observations": [observation("2025-10-01", "nan", "2026-01-01")]},
        {"series_id": "GDP", "observations": [observation("2025-10", "1", "2026-01-01")]},
        {"series_id": "GDP", "observations": [{"date": "2025-10-01", "value": "1"}]},
        {"series_id": "GDP", "observations": ["?"]},
        {"series_id": "GDP", "observations": None},
        [],
        None,
    ],
)
def test_a_document_of_another_shape_is_refused(document: Any) -> None:
    with pytest.raises(ServiceError, match="Asked FRED for the series GDP: the answer is not usable, since"):
        observations_of(document, series("GDP"))


@pytest.mark.parametrize("held", [None, "", "short", "0123456789ABCDEF0123456789ABCDEF"])
def test_a_key_is_needed_and_not_repeated(held: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FRED_API_KEY", raising=False)
    if held is not None:
        monkeypatch.setenv("FRED_API_KEY", held)
    with pytest.raises(InputError, match="FRED_API_KEY is not") as error:
        fred_service()
    assert not held or held not in str(error.value)


def test_an_unknown_series_is_told() -> None:
    with pytest.raises(UnknownNameError, match="No FRED series 'GNP'"):
        chosen_series(["GNP"])


def test_the_release_rules_are_those_of_the_data() -> None:
    lags = tomllib.loads((locations.data_dir() / "release_lags.toml").read_text())
    assert {s.rule for s in fred.SERIES} <= set(lags)
    first: Callable[[str], date] = period_end
    assert first("2026Q3") == date(2026, 9, 30)
