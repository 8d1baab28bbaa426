"""Commands on the data: check, show, refresh."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from overbuild.cli.shared import (
    AsOf,
    DataDir,
    Json,
    data_app,
    day,
    print_json,
    progress,
)
from overbuild.errors import InputError


@data_app.command("check")
def data_check(
    data: DataDir = None,
    update: Annotated[
        bool,
        typer.Option(
            "--update", help="If nothing else is wrong, write the present checksums into catalogue.csv."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Verify checksums, schemas and accounting identities of every data file; list every fault of every file.

    Example: overbuild data check
    """
    from overbuild.locations import data_dir
    from overbuild.sources.catalogue import update_checksums
    from overbuild.sources.check import check_data

    folder = data or data_dir()
    if not folder.is_dir():
        raise InputError(
            f"There is no data folder '{folder}'. Name one that is laid out as the project's data/."
        )
    report = check_data(folder, checksums=not update)
    if update and not report.faults:
        update_checksums(folder)
    if as_json:
        print_json(report.to_dict())
    else:
        typer.echo(
            f"{len(report.files)} files, {sum(report.files.values())} rows, {len(report.faults)} faults."
        )
    for fault in report.faults:
        typer.echo(str(fault), err=True)
    if report.faults:
        raise typer.Exit(2)


@data_app.command("show")
def data_show(
    series: Annotated[
        str, typer.Argument(help="Name of a series, such as capex_cash; a wrong name lists what there is.")
    ],
    entity: Annotated[str | None, typer.Option("--entity", help="One firm or place only.")] = None,
    as_of: AsOf = None,
    export: Annotated[
        Path | None, typer.Option("--export", help="Write the rows to FILE.csv or FILE.dta (Stata).")
    ] = None,
    data: DataDir = None,
    as_json: Json = False,
) -> None:
    """Print a series with its unit, grade and source.

    Example: overbuild data show bea_comm_equipment --as-of 2003-12-31 --export equipment.dta
    """
    from overbuild.episodes import DataBook
    from overbuild.episodes.export import export_series, series_dict, series_lines

    book = DataBook.load(data)
    rows = book.series(series, entity, day(as_of))
    if rows.empty:
        raise InputError(f"No value of '{series}' was available on {as_of}.")
    if export is not None:
        export_series(rows, book, export)
    if as_json:
        print_json(series_dict(rows, book))
    else:
        for line in series_lines(rows, book):
            typer.echo(line)


@data_app.command("refresh")
def data_refresh(
    service: Annotated[
        str, typer.Argument(help="edgar (needs OVERBUILD_USER_AGENT) or fred (needs FRED_API_KEY).")
    ],
    as_of: AsOf = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the vintages; default: build/refresh.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Fetch a new dated vintage from a live service and say what changed; nothing is overwritten.

    Example: OVERBUILD_USER_AGENT="Jane Doe jane@example.org" overbuild data refresh edgar
    """
    from overbuild.errors import UnknownNameError
    from overbuild.sources.refresh import refresh_edgar, refresh_fred

    services = {"edgar": refresh_edgar, "fred": refresh_fred}
    if service not in services:
        raise UnknownNameError("live service", service, tuple(services))
    with progress(service, as_json) as advance:
        report = services[service](out=out, as_of=day(as_of) or date.today(), progress=advance)
    for problem in report.problems:
        typer.echo(problem, err=True)
    if as_json:
        print_json(report.to_dict())
        return
    typer.echo(report.sentence)
    for change in report.changed[:40]:
        typer.echo("  " + ", ".join(f"{k} {v}" for k, v in change.items()))
