"""SEC EDGAR: the declared caller, and company facts as tidy rows."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from overbuild.errors import InputError, ServiceError
from overbuild.sources.filers import Firm
from overbuild.sources.fiscal import calendar_quarter
from overbuild.sources.http import Manners, Service
from overbuild.sources.quarters import SAME_DAY, Fact, Quarter, quarter_vintages
from overbuild.sources.vintages import Row, decimal

PUBLIC_URL = "https://data.sec.gov"
URL_VARIABLE = "OVERBUILD_EDGAR_URL"
USER_AGENT_VARIABLE = "OVERBUILD_USER_AGENT"

MANNERS = Manners(per_second=10)
"""SEC's limit on fair access: ten requests a second, whatever the number of machines."""

MILLION = 1e6


def edgar_service(base_url: str | None = None, manners: Manners = MANNERS) -> Service:
    """Return SEC EDGAR as a service, with the caller declared as SEC asks.

    Raises
    ------
    InputError
        Where ``OVERBUILD_USER_AGENT`` does not hold a name and an e-mail address.
    """
    agent = os.environ.get(USER_AGENT_VARIABLE, "").strip()
    if not re.search(r"\S+@\S+\.\S+", agent) or not agent.isascii() or not agent.isprintable():
        raise InputError(
            f"{USER_AGENT_VARIABLE} is {'not usable' if agent else 'not set'}. "
            "SEC asks every caller for a name and an e-mail address, in plain letters: export "
            f"{USER_AGENT_VARIABLE}='Jane Doe jane.doe@example.org'. Nothing was asked and nothing changed."
        )
    return Service(
        "SEC EDGAR",
        base_url or os.environ.get(URL_VARIABLE) or PUBLIC_URL,
        manners,
        headers={"User-Agent": agent, "Accept": "application/json"},
        advice={
            403: f"SEC refuses callers too fast or undeclared; wait ten minutes, check {USER_AGENT_VARIABLE}",
            404: "SEC holds no facts at that address",
        },
    )


def check_document(document: Any, firm: Firm) -> None:
    """Refuse a document that is not the company facts of the firm.

    Raises
    ------
    ServiceError
        That says what is wrong with it.
    """
    wrong = ""
    if not isinstance(document, dict) or not isinstance(document.get("facts"), dict):
        wrong = "it is not a company-facts document"
    elif str(document.get("cik")).lstrip("0") != str(firm.cik):
        wrong = f"it is of CIK {str(document.get('cik'))[:20]}, not {firm.cik}"
    elif not any(document["facts"].values()):
        wrong = "it holds no facts"
    if wrong:
        raise _unusable(firm, wrong)
    if not [f for tags in firm.tags.values() for tag in tags for f in facts_of(document, tag, firm)]:
        raise _unusable(firm, "it holds none of the figures that are used")


def facts_of(document: Mapping[str, Any], tag: str, firm: Firm) -> list[Fact]:
    """Return the flows in US dollars that a document holds under a tag.

    Entries without a first day (stocks) or without a value (nil) are no flows; periods that end after their
    filing are typing errors of the filer, and left out.

    Raises
    ------
    ServiceError
        For an entry that is not of the shape that SEC documents.
    """
    try:
        entries = document["facts"].get("us-gaap", {}).get(tag, {}).get("units", {}).get("USD", [])
        facts = [_fact(e) for e in entries if e.get("start") is not None and e["val"] is not None]
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        shown = f"{type(error).__name__}: {error}"[:120]
        raise _unusable(firm, f"an entry of {tag} is malformed ({shown})") from None
    return [f for f in facts if f.start < f.end <= f.filed and f.filed >= firm.since]


def _unusable(firm: Firm, why: str) -> ServiceError:
    return ServiceError(
        f"Asked SEC EDGAR for the facts of {firm.name}: the answer is not usable, since {why}."
    )


def _fact(entry: Mapping[str, Any]) -> Fact:
    value = entry["val"]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"val {value!r} is not a number")
    start, end, filed = (date.fromisoformat(entry[key]) for key in ("start", "end", "filed"))
    return Fact(start, end, filed, str(entry["accn"]), float(value), str(entry.get("form") or ""))


def firm_rows(document: Mapping[str, Any], firm: Firm, as_of: date) -> tuple[list[Row], list[str]]:
    """Return every version of every quarter of a firm that was filed by a day, and what could not be used.

    Parameters
    ----------
    document
        Company facts that `check_document` accepted.
    firm
        Whose they are.
    as_of
        Last filing day that counts.

    Returns
    -------
    rows
        Tidy rows, in USD million; the vintage is the filing date.
    problems
        Sentences: quarters left out because filings contradict each other, series without a single quarter.
    """
    rows: list[Row] = []
    problems: list[str] = []
    for series, tags in firm.tags.items():
        versions: dict[str, list[Quarter]] = {}
        for tag in tags:
            facts = [f for f in facts_of(document, tag, firm) if f.filed <= as_of]
            versions[tag], conflicts = quarter_vintages(facts)
            problems += [
                f"{firm.name} {series}, quarter to {c.end}, filed {c.known}: {tag} says "
                f"{c.reported / MILLION:,.0f} USD million and its year-to-date figures say "
                f"{c.difference / MILLION:,.0f}; neither is used."
                for c in conflicts
            ]
        found, doubles = _series_rows(series, firm, versions)
        rows += found
        problems += doubles
        if not found:
            problems.append(f"{firm.name} {series}: no single quarter in USD under {', '.join(tags)}.")
    return rows, problems


def _series_rows(
    series: str, firm: Firm, versions: Mapping[str, list[Quarter]]
) -> tuple[list[Row], list[str]]:
    rows: list[Row] = []
    problems: list[str] = []
    for period in sorted({calendar_quarter(q.end) for quarters in versions.values() for q in quarters}):
        inside = {
            tag: [q for q in found if calendar_quarter(q.end) == period] for tag, found in versions.items()
        }
        end = min(q.end for quarters in inside.values() for q in quarters)
        kept = {tag: [q for q in quarters if q.end - end <= SAME_DAY] for tag, quarters in inside.items()}
        if kept != inside:
            problems.append(
                f"{firm.name} {series}: two fiscal quarters are {period}; only that to {end} is used."
            )
        rows += [_row(series, firm, period, tag, quarter) for tag, quarter in _merged(kept)]
    return rows, problems


def _merged(versions: Mapping[str, Iterable[Quarter]]) -> list[tuple[str, Quarter]]:
    """Join the versions of one quarter under several tags: on each day the most preferred tag counts."""
    merged: list[tuple[str, Quarter]] = []
    for day in sorted({q.known for quarters in versions.values() for q in quarters}):
        for tag, quarters in versions.items():
            known = [q for q in quarters if q.known <= day]
            if known:
                if not merged or merged[-1][1].value != known[-1].value:
                    merged.append((tag, replace(known[-1], known=day)))
                break
    return merged


def _row(series: str, firm: Firm, period: str, tag: str, quarter: Quarter) -> Row:
    filed = quarter.known.isoformat()
    how = "difference of year-to-date figures" if quarter.derived else "as reported"
    return Row(
        series=series,
        entity=firm.name,
        frequency="Q",
        period=period,
        period_end=quarter.end.isoformat(),
        value=decimal(quarter.value / MILLION),
        unit="USD million",
        status="derived" if quarter.derived else "actual",
        grade="B",
        available_from=filed,
        available_rule="stated",
        vintage=filed,
        source_id="edgar",
        note=f"us-gaap:{tag} {how}, Form {quarter.form}" if quarter.form else f"us-gaap:{tag} {how}",
    )
