"""How much of GDP growth it is: information technology and data centres, published and by our own sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from overbuild.core.frozen import Frozen
from overbuild.core.periods import frequency_of, ordinal
from overbuild.episodes.databook import USED_GRADES
from overbuild.episodes.flows import by_year
from overbuild.errors import InputError, UnknownNameError
from overbuild.timeseries.contribution_series import (
    PUBLISHED,
    SERIES,
    Part,
    annual_parts,
    chained_years,
    intellectual_property,
    quarterly_parts,
)
from overbuild.timeseries.growth_contribution import annual_growth, fisher, tornqvist
from overbuild.timeseries.statements import bis, statements
from overbuild.timeseries.vintages import revisions, stated

if TYPE_CHECKING:
    from overbuild.core import Snapshot
    from overbuild.episodes import DataBook

WINDOWS: Mapping[str, tuple[str, str]] = Frozen({"ai": ("2010Q2", "2026Q2"), "telecom": ("1995", "2001")})
"""Periods that are shown, as far as they are known."""


@dataclass(frozen=True)
class Contribution:
    """Contributions of one era.

    Attributes
    ----------
    episode, title, label
        Which, and how an exhibit must call it.
    result
        One record a period and component: ``tornqvist``, ``fisher``, ``published`` (None where it is not),
        ``difference`` (ours less published), ``share`` of GDP, ``grade``; percentage points of annual growth.
    compared
        How far our sums are from published contributions, by component.
    latest
        Ours and published of the last quarter known to both, with what revision would close the difference.
    windows
        Means over spans of time.
    statements
        What was said elsewhere, and what the same sum gives here.
    revisions
        Figures as first published beside the same figures now.
    refused
        Components that could not be made, and why.
    vintage
        As `overbuild.timeseries.vintages.stated`.
    """

    episode: str
    title: str
    label: str
    result: tuple[dict[str, Any], ...]
    compared: tuple[dict[str, Any], ...]
    latest: tuple[dict[str, Any], ...]
    windows: tuple[dict[str, Any], ...]
    statements: tuple[dict[str, Any], ...]
    revisions: tuple[dict[str, Any], ...]
    refused: tuple[dict[str, Any], ...]
    vintage: dict[str, Any]

    def sentence(self) -> str:
        """Return the answer in words."""
        frame = self.frame()
        core = frame.loc[frame["component"] == "information_technology"]
        if core.empty:
            return f"{self.title}: nothing could be added up; {self.label}."
        mean = core["tornqvist"].mean()
        last = core.iloc[-1]
        return (
            f"{self.title}: information processing equipment and software contributed "
            f"{last['tornqvist']:.2f} percentage points to growth of real GDP in {last['period']} and "
            f"{mean:.2f} on average from {core['period'].iloc[0]} on, by our Törnqvist sums, gross of "
            f"imports; {self.label}."
        )

    def frame(self) -> pd.DataFrame:
        """Return the result as a table."""
        return pd.DataFrame(list(self.result))

    def to_dict(self) -> dict[str, Any]:
        """Return plain types."""
        return {
            "episode": self.episode,
            "title": self.title,
            "label": self.label,
            "sentence": self.sentence(),
            "result": list(self.result),
            "compared": list(self.compared),
            "latest": list(self.latest),
            "windows": list(self.windows),
            "statements": list(self.statements),
            "revisions": list(self.revisions),
            "refused": list(self.refused),
            "vintage": self.vintage,
        }


def contribution(
    episode: str = "ai",
    as_of: date | None = None,
    *,
    since: str | None = None,
    until: str | None = None,
    data: Path | None = None,
) -> Contribution:
    """Return the contributions of an era as a day knew them: quarters from 2010, or the years 1995-2001.

    Parameters
    ----------
    episode
        ``ai`` or ``telecom``.
    as_of
        The day; None: all data.
    since, until
        First and last period; None: the era's.
    data
        A data folder; None: the project's.

    Raises
    ------
    InputError
        If a window holds periods that are not known, or the day knows too little.
    UnknownNameError
        If there is no such era.
    """
    from overbuild.episodes import DataBook

    if episode not in WINDOWS:
        raise UnknownNameError("era of growth contributions", episode, tuple(WINDOWS))
    book = DataBook.load(data)
    snapshot = book.at(as_of or book.newest, episode, SERIES)
    published = {name: _published(book, series, snapshot.as_of) for name, series in PUBLISHED.items()}
    return contribution_of(snapshot, published, since=since, until=until, book=book)


def contribution_of(
    snapshot: Snapshot,
    published: Mapping[str, pd.DataFrame] | None = None,
    *,
    since: str | None = None,
    until: str | None = None,
    book: DataBook | None = None,
) -> Contribution:
    """Return the contributions of what a snapshot knows.

    Parameters
    ----------
    snapshot
        What was known.
    published
        Component to its published contributions (``value``, ``grade``, ``vintage`` by period), of any grade:
        they are shown beside ours and decide nothing.
    since, until
        First and last period; None: the era's.
    book
        Where figures of several vintages are compared; None: not at all.
    """
    quarterly = snapshot.episode != "telecom"
    parts, refused = (quarterly_parts if quarterly else annual_parts)(snapshot)
    if not parts:
        raise InputError("; ".join(r["why"] for r in refused))
    first, last = WINDOWS[snapshot.episode]
    made = _together([_record(p, published or {}) for p in parts])
    whole = pd.concat(made, ignore_index=True)
    frame = whole.loc[[_within(p, since or first, until or last) for p in whole["period"]]]
    _check_window(frame, since, until)
    frame = frame.sort_values(["component", "period"], kind="stable")
    growth = _growth(snapshot, quarterly)
    return Contribution(
        snapshot.episode,
        str(snapshot.perimeter["title"]),
        str(snapshot.perimeter.get("caveat") or snapshot.label),
        tuple(_records(frame)),
        tuple(_compared(frame) if quarterly else _proxies(snapshot, whole)),
        tuple(_latest(frame, growth)) if quarterly else (),
        tuple(_windows(frame)),
        (*bis(frame, intellectual_property(snapshot)), *statements(snapshot, frame, growth))
        if quarterly
        else (),
        tuple(revisions(book, snapshot.as_of)) if book is not None and quarterly else (),
        tuple(refused),
        stated(snapshot, SERIES),
    )


def _published(book: DataBook, series: str, as_of: date) -> pd.DataFrame:
    """Return published figures of any grade, those of grades that models use before the others."""
    rows = book.table.loc[(book.table["series"] == series) & (book.table["available_from"] <= as_of)]
    ordered = rows.assign(last=~rows["grade"].isin(USED_GRADES)).sort_values(["period", "last", "vintage"])
    return ordered.drop_duplicates("period").set_index("period")[["value", "grade", "vintage"]]


def _record(part: Part, published: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    whole = part.frame.dropna()
    per_year = 4 if frequency_of(str(whole.index[0])) == "Q" else 1
    nominal, quantity, gdp, gdp_real = (
        whole[c].to_numpy(float) for c in ("nominal", "quantity", "gdp", "gdp_real")
    )
    frame = pd.DataFrame(
        {
            "component": part.name,
            "period": whole.index[1:],
            "tornqvist": tornqvist(nominal, quantity, gdp, gdp_real, per_year),
            "fisher": fisher(nominal, quantity, gdp, gdp_real, per_year),
            "share": (100 * nominal / gdp)[1:],
            "growth": 100 * np.diff(np.log(quantity)) * per_year,
            "grade": part.grade,
        }
    )
    shown = published.get(part.name)
    for column, name in (
        ("value", "published"),
        ("grade", "published_grade"),
        ("vintage", "published_vintage"),
    ):
        frame[name] = None if shown is None else [shown[column].get(p) for p in frame["period"]]
    frame["published"] = pd.to_numeric(frame["published"])
    frame["difference"] = frame["tornqvist"] - frame["published"]
    return frame


def _together(made: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """Add the sums of equipment and software, and of these with construction."""
    known = {str(f["component"].iloc[0]): f for f in made}
    equipment = [
        n for n in known if n in ("information_processing_equipment", "computers", "other_equipment")
    ]
    core = [*equipment, "software"]
    sums = {"information_technology": core}
    for structure in ("datacentre_construction", "communications_structures"):
        if structure in known:
            sums[f"with_{structure}"] = [*core, structure]
    for name, members in sums.items():
        if not all(m in known for m in members):
            continue
        joined = [known[m].set_index("period") for m in members]
        index = joined[0].index
        for j in joined[1:]:
            index = index.intersection(j.index)
        total = {c: sum(j.loc[index, c] for j in joined) for c in ("tornqvist", "fisher", "share")}
        frame = pd.DataFrame(total, index=index).rename_axis("period").reset_index()
        made.append(frame.assign(component=name, grade=max(j["grade"].iloc[0] for j in joined)))
    return made


def _within(period: str, first: str, last: str) -> bool:
    def bounds(p: str) -> tuple[int, int]:
        return (ordinal(p), ordinal(p)) if frequency_of(p) == "Q" else (4 * int(p), 4 * int(p) + 3)

    low, high = bounds(period)
    return bounds(first)[0] <= low and high <= bounds(last)[1]


def _check_window(frame: pd.DataFrame, since: str | None, until: str | None) -> None:
    core = sorted(frame.loc[frame["component"] == "information_technology", "period"], key=ordinal)
    if not core:
        raise InputError(
            f"No contribution is known from {since} to {until}; ask for periods between 1995 and 2026Q1."
        )
    for asked, end in ((since, core[0]), (until, core[-1])):
        if asked is not None and not _within(end, asked, asked):
            raise InputError(
                f"The contribution of {asked} is not known: real investment is known for {core[0]} to "
                f"{core[-1]}. Ask for a window inside."
            )


def _growth(snapshot: Snapshot, quarterly: bool) -> pd.Series:
    from overbuild.timeseries.fundamentals import read

    real, _ = read(snapshot, "gdp_real" if quarterly else "gdp_real_annual")
    known = real.dropna()
    rates = annual_growth(known.to_numpy(float), 4 if quarterly else 1)
    return pd.Series(rates, index=known.index[1:])


def _compared(frame: pd.DataFrame) -> list[dict[str, Any]]:
    both = frame.dropna(subset=["published"])
    made = []
    for name, rows in both.groupby("component"):
        gaps, shown = rows["difference"].to_numpy(float), rows["published"].to_numpy(float)
        worst = int(np.abs(gaps).argmax())
        made.append(
            {
                "component": str(name),
                "periods": len(rows),
                "first": str(rows["period"].iloc[0]),
                "last": str(rows["period"].iloc[-1]),
                "mean_absolute": float(np.abs(gaps).mean()),
                "largest": float(gaps[worst]),
                "largest_in": str(rows["period"].iloc[worst]),
                "mean_absolute_fisher": float(np.abs(rows["fisher"].to_numpy(float) - shown).mean()),
            }
        )
    return made


def _proxies(snapshot: Snapshot, whole: pd.DataFrame) -> list[dict[str, Any]]:
    """Return how far sums with the industry's price indexes are from those with BEA's own."""
    official = [_record(p, {}).set_index("period")["tornqvist"] for p in chained_years(snapshot)]
    if not official:
        return []
    proxy = whole.loc[whole["component"] == "information_technology"].set_index("period")["tornqvist"]
    gaps = pd.Series(proxy - sum(official)).dropna()
    if gaps.empty:
        return []
    worst = int(gaps.abs().to_numpy().argmax())
    return [
        {
            "component": "information_technology",
            "periods": len(gaps),
            "first": str(gaps.index[0]),
            "last": str(gaps.index[-1]),
            "mean": float(gaps.mean()),
            "mean_absolute": float(gaps.abs().mean()),
            "largest": float(gaps.iloc[worst]),
            "largest_in": str(gaps.index[worst]),
        }
    ]


def _latest(frame: pd.DataFrame, growth: pd.Series) -> list[dict[str, Any]]:
    """Return the last published quarter of each component, and the revision that would close the gap."""
    made = []
    for name, rows in frame.dropna(subset=["published"]).groupby("component"):
        row = rows.iloc[-1].to_dict()
        closes = -float(row["difference"]) / (4 * float(row["share"]))
        made.append(
            {
                "component": str(name),
                "period": str(row["period"]),
                "published": float(row["published"]),
                "published_grade": row["published_grade"],
                "published_vintage": str(row["published_vintage"]),
                "tornqvist": float(row["tornqvist"]),
                "fisher": float(row["fisher"]),
                "difference": float(row["difference"]),
                "closing_revision": closes,
                "gdp_growth": float(growth.loc[str(row["period"])]),
            }
        )
    return made


def _windows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return means over the whole span, and by year for quarters."""
    made = []
    for name, rows in frame.groupby("component"):
        values = pd.Series(rows["tornqvist"].to_numpy(float), index=rows["period"].astype(str))
        years = by_year(values, "mean") if frequency_of(str(values.index[0])) == "Q" else values
        made += [
            {"component": str(name), "year": str(year), "tornqvist": float(v)}
            for year, v in years.dropna().items()
        ]
    return made


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype(object).where(frame.notna(), None)
    rows = plain.to_dict("records")
    for row in rows:
        if row.get("published_vintage") is not None:
            row["published_vintage"] = str(row["published_vintage"])
    return [{str(k): v for k, v in row.items()} for row in rows]
