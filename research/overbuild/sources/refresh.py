"""New dated vintages from the live services, beside the old ones: all of it, or nothing."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from overbuild import locations
from overbuild.errors import InputError, ServiceError
from overbuild.sources import edgar, filers, fred
from overbuild.sources.http import Manners, Service, Session
from overbuild.sources.vintages import Change, Row, as_csv, changes, place_of, vintages_in, write_whole

SHIPPED = {"edgar": "hyperscalers/financials_quarterly.csv", "fred": "macro/quarterly.csv"}
"""What a first vintage is compared with."""

type Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class RefreshReport:
    """What a refresh brought.

    Attributes
    ----------
    vintage
        Its day.
    file
        The file of the vintage.
    rows
        Its number of rows.
    against
        The earlier vintage, or the shipped file, that it was compared with (None: there was nothing).
    changed
        Figures that are new or differ from it.
    problems
        What the service holds and could not be used.
    """

    vintage: date
    file: Path
    rows: int
    against: Path | None
    changed: tuple[Change, ...]
    problems: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The report in words."""
        new = sum(c.old is None for c in self.changed)
        told = "there was nothing to compare it with"
        if self.against:
            told = f"{new:,} figures are new and {len(self.changed) - new:,} differ from {self.against.name}"
        return f"{self.file} holds {self.rows:,} rows; {told}."

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, as ``overbuild data refresh --json`` prints them."""
        return {
            "vintage": self.vintage.isoformat(),
            "rows": self.rows,
            "changed": [asdict(c) for c in self.changed],
            "file": str(self.file),
            "against": str(self.against) if self.against else None,
            "problems": list(self.problems),
        }


def refresh_edgar(
    *,
    as_of: date,
    out: Path | None = None,
    base_url: str | None = None,
    firms: Sequence[str] | None = None,
    manners: Manners = edgar.MANNERS,
    progress: Progress | None = None,
) -> RefreshReport:
    """Fetch the firms' quarterly figures from SEC EDGAR as a new vintage.

    Parameters
    ----------
    as_of
        The vintage's day; what was filed later is left out.
    out
        Folder of the vintages; by default ``build/refresh``.
    base_url
        Another address than SEC's (also ``OVERBUILD_EDGAR_URL``).
    firms
        Names of firms; by default all in `overbuild.sources.filers.FIRMS`.
    manners
        Pace and retries.
    progress
        Called with the number of documents that are there, the number of all, and the name of the next.

    Raises
    ------
    InputError
        For settings that cannot be used.
    ServiceError
        When a document did not come or cannot be used. No vintage is written; whole documents are kept under
        ``raw/`` and the next run of that day asks only for the others.
    """
    chosen = filers.chosen_firms(firms)
    service = edgar.edgar_service(base_url, manners)

    def get(session: Session, firm: filers.Firm) -> Any:
        document = session.get(firm.path, {}, what=f"the facts of {firm.name}")
        edgar.check_document(document, firm)
        return document

    place = _place("edgar", out, as_of)
    named = {f"CIK{firm.cik:010d}": firm for firm in chosen}
    documents = _collect(place, service, named, get, edgar.check_document, progress)
    found = [edgar.firm_rows(document, firm, as_of) for document, firm in zip(documents, chosen, strict=True)]
    return _file(
        place, [r for rows, _ in found for r in rows], [p for _, problems in found for p in problems]
    )


def refresh_fred(
    *,
    as_of: date,
    out: Path | None = None,
    base_url: str | None = None,
    ids: Sequence[str] | None = None,
    manners: Manners = fred.MANNERS,
    progress: Progress | None = None,
) -> RefreshReport:
    """Fetch the macroeconomic series from FRED, with all vintages that ALFRED archived, as a new vintage.

    Parameters and errors are those of `refresh_edgar`; ``ids`` are FRED's names of the series.
    """
    chosen = fred.chosen_series(ids)
    service = fred.fred_service(base_url, manners)
    lags = tomllib.loads((locations.data_dir() / "release_lags.toml").read_text(encoding="utf-8"))

    def get(session: Session, series: fred.FredSeries) -> Any:
        document = fred.fetch(session, series, as_of)
        fred.observations_of(document, series)
        return document

    place = _place("fred", out, as_of)
    there = {s.id: s for s in chosen if s.since is None or s.since <= as_of}
    documents = _collect(place, service, there, get, fred.observations_of, progress)
    pairs = zip(documents, there.values(), strict=True)
    rows = [r for document, series in pairs for r in fred.series_rows(document, series, as_of, lags)]
    late = [f"{s.series}: its first vintage is of {s.since}." for s in chosen if s.id not in there]
    return _file(place, rows, late)


@dataclass(frozen=True)
class _Place:
    """Where the vintages of a service are, and the day of the new one."""

    service: str
    folder: Path
    as_of: date

    @property
    def raw(self) -> Path:
        """Documents of a refresh that is not finished."""
        return self.folder / "raw" / f"{self.service}_{self.as_of}.partial"

    @property
    def held(self) -> str:
        """What stays as it is when a refresh fails, in words."""
        old = vintages_in(self.folder, self.service)
        return (
            f"{old[-1].path.name} stays as it is"
            if old
            else "the data shipped with overbuild stay as they are"
        )


def _place(service: str, out: Path | None, as_of: date) -> _Place:
    if out is None and locations.project_root() is None:
        raise InputError("There is no checkout of overbuild to write into. Name a folder with --out.")
    return _Place(service, out if out is not None else locations.build_dir() / "refresh", as_of)


def _collect[Item](
    place: _Place,
    service: Service,
    items: Mapping[str, Item],
    get: Callable[[Session, Item], Any],
    check: Callable[[Any, Item], object],
    progress: Progress | None,
) -> list[Any]:
    """Return the document of each item: kept from an unfinished run of that day, or asked for and kept."""
    documents = []
    with Session(service) as session:
        for name, item in items.items():
            if progress:
                progress(len(documents), len(items), name)
            path = place.raw / f"{name}.json"
            document = _kept(path, item, check)
            if document is None:
                try:
                    document = get(session, item)
                except ServiceError as error:
                    raise ServiceError(f"{error} No vintage was written; {place.held}.") from None
                write_whole(path, json.dumps(document))
            documents.append(document)
    return documents


def _kept[Item](path: Path, item: Item, check: Callable[[Any, Item], object]) -> Any:
    if not path.is_file():
        return None
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        check(document, item)
    except (ValueError, ServiceError):
        return None
    return document


def _file(place: _Place, rows: Sequence[Row], problems: Sequence[str]) -> RefreshReport:
    """Write the vintage, compare it with the one before, and put the raw documents beside it."""
    if not rows:
        raise InputError(
            f"Nothing was published by {place.as_of}; give a later day with --as-of. No vintage was written."
        )
    shipped = locations.data_dir() / SHIPPED[place.service]
    text = as_csv(rows)
    file, before = place_of(place.folder, place.service, place.as_of, text)
    against = before or (shipped if shipped.is_file() else None)
    changed = changes(rows, against)
    if not file.exists():
        write_whole(file, text)
    raw = place.raw.with_name(file.stem)
    if raw.exists():
        shutil.rmtree(place.raw)
    else:
        place.raw.rename(raw)
    return RefreshReport(place.as_of, file, len(rows), against, changed, tuple(problems))
