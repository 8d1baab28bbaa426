"""The command on what the probability depends on."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from overbuild.cli.shared import AsOf, DataDir, Json, Seed, app, day, print_json, print_table, progress


@app.command()
def sensitivity(
    rows: Annotated[
        int | None,
        typer.Option("--rows", min=0, help="Specifications that vary all choices; default: as defined."),
    ] = None,
    paths: Annotated[
        int | None,
        typer.Option("--paths", min=50, help="Paths of the inside view in each; default: as defined."),
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes.")] = 1,
    cluster: Annotated[
        str | None, typer.Option("--cluster", metavar="ADDRESS", help="A dask scheduler (extra 'cluster').")
    ] = None,
    as_of: AsOf = None,
    data: DataDir = None,
    seed: Seed = None,
    as_json: Json = False,
) -> None:
    """Run the specification curve: the headline under every other choice, and what moves it.

    What is on file is taken; single runs are kept below build/, so that a run that was stopped goes on where
    it was. With --json, 'seconds' is what the runs took and 'projected_seconds' what all of them take.

    Example: overbuild sensitivity --workers 2
    """
    from overbuild.pipeline.specification import Curve, filed, frame, sentence, specification_runs, summarised
    from overbuild.probability.components_on_file import components_on_file
    from overbuild.probability.definitions import definitions_of, read_definitions
    from overbuild.settings import SEED

    asked_day: Any = day(as_of) or read_definitions(definitions_of(data))["frozen"]
    curve = Curve(asked_day, data, rows, paths, SEED if seed is None else seed)
    weighed = components_on_file(curve.folder, curve.folder / "filed", curve.as_of)
    runs, cost = filed(curve, curve.folder / "filed"), None
    if runs is None:
        with progress("specifications", as_json) as advance:
            runs, cost = specification_runs(curve, workers=workers, cluster=cluster, progress=advance)
    found = summarised(curve, runs, weighed)
    if as_json:
        print_json(found | ({} if cost is None else cost.to_dict()))
        return
    typer.echo(sentence(found))
    print_table(frame(found))
