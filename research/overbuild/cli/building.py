"""The build."""

from __future__ import annotations

from typing import Annotated

import typer

from overbuild.cli.shared import (
    Json,
    app,
    print_json,
)
from overbuild.errors import CheckFailedError


@app.command()
def build(
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer draws; written to build/quick, never to the paper.")
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="ID", help="Only these, and what they need; may be repeated."),
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes.")] = 1,
    cluster: Annotated[
        str | None, typer.Option("--cluster", metavar="ADDRESS", help="A dask scheduler (extra 'cluster').")
    ] = None,
    refit: Annotated[
        bool, typer.Option("--refit", help="Redo filed results and report how far they moved.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show where in the code a step failed.")] = False,
    as_json: Json = False,
) -> None:
    """Bring everything up to date: results, figures, tables, numbers, the paper.

    Example: overbuild build --workers 2
    """
    from overbuild.pipeline.build import build as run

    report = run(
        quick=quick,
        only=tuple(only or ()),
        workers=workers,
        cluster=cluster,
        refit=refit,
        progress=not as_json,
    )
    if as_json:
        print_json(report.to_dict())
    else:
        counts = f"{len(report.built)} built, {len(report.skipped)} up to date, {len(report.failed)} failed"
        typer.echo(f"{counts}, in {report.seconds:.1f} s.")
    for line in report.lines(verbose=verbose):
        typer.echo(line, err=True)
    if report.failed:
        raise CheckFailedError(
            "Failed: " + ", ".join(report.failed) + ". What does not depend on them was built."
        )
