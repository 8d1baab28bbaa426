"""The command on hindcasts: telecom by vintage, run-ups and booms left out, scored beside rivals."""

from __future__ import annotations

from typing import Annotated

import typer

from overbuild.cli.shared import AsOf, DataDir, Json, app, day, print_json, print_table, progress


@app.command()
def backtest(
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes.")] = 1,
    cluster: Annotated[
        str | None, typer.Option("--cluster", metavar="ADDRESS", help="A dask scheduler (extra 'cluster').")
    ] = None,
    as_of: AsOf = None,
    data: DataDir = None,
    as_json: Json = False,
) -> None:
    """Score hindcasts of telecom, of run-ups and of past booms beside rivals: won, lost or not told apart.

    Read from file where nothing has changed. What is computed is kept below build/, unit by unit, so that a
    run that was stopped goes on where it was.

    Example: overbuild backtest --workers 2
    """
    from overbuild.pipeline.backtest import backtest as run

    with progress("hindcasts", quiet=False) as moved:
        found = run(as_of=day(as_of), data=data, workers=workers, cluster=cluster, progress=moved)
    if as_json:
        print_json(found.to_dict())
        return
    typer.echo(found.sentence())
    print_table(found.frame())
