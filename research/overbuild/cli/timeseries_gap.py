"""The command on the fundamentals gap."""

from __future__ import annotations

from typing import Annotated

import typer

from overbuild.cli.shared import AsOf, DataDir, Json, Seed, day, print_json, print_table
from overbuild.cli.timeseries import Era, eras, group


@group.command()
def gap(
    episode: Era = "both",
    as_of: AsOf = None,
    since: Annotated[
        str | None, typer.Option("--since", help="First period of estimation; default: as far as data go.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="Last period of estimation; default: before the boom.")
    ] = None,
    boom_from: Annotated[
        str | None, typer.Option("--boom-from", help="First period of the boom; must come after --until.")
    ] = None,
    lags: Annotated[int | None, typer.Option("--lags", help="Lagged differences; default: one.")] = None,
    draws: Annotated[int, typer.Option("--draws", help="Implied paths.")] = 4000,
    bootstrap: Annotated[int, typer.Option("--bootstrap", help="Systems drawn for each test.")] = 2000,
    seed: Seed = None,
    data: DataDir = None,
    as_json: Json = False,
) -> None:
    """Hold spending against what its relation with its fundamentals implied before the boom; test that too.

    Example: overbuild timeseries gap --episode telecom --as-of 1999-12-31
    """
    import pandas as pd

    from overbuild.settings import SEED
    from overbuild.timeseries.gap import GapSpecification
    from overbuild.timeseries.gap import gap as ask

    asked = GapSpecification(since, until, boom_from, lags, draws, bootstrap)
    master = SEED if seed is None else seed
    found = [ask(e, day(as_of), asked, data=data, seed=master) for e in eras(episode)]
    if as_json:
        print_json(
            {
                "result": [{"episode": g.episode, **r} for g in found for r in g.result],
                "sentence": " ".join(g.sentence() for g in found),
                "vintage": {g.episode: g.vintage for g in found},
                "eras": {
                    g.episode: {k: v for k, v in g.to_dict().items() if k not in ("result", "vintage")}
                    for g in found
                },
            }
        )
        return
    columns = ["perimeter", "equation", "fundamentals", "unit", "period", "gap", "gap_low", "gap_high"]
    for g in found:
        typer.echo(g.sentence())
        frame = g.frame()
        shown = frame.loc[frame["period"] == g.headline["period"], columns]
        print_table(shown)
        tests = pd.DataFrame(list(g.tests))
        if len(tests):
            typer.echo(
                "Tests of no relation in levels, before the boom; critical values at 5 %, by bootstrap:"
            )
            names = ["unit", "fundamentals", "title", "statistic", "critical", "p_value"]
            print_table(tests.loc[(tests["window"] == "before") & (tests["test"] == "bounds_f"), names])
        for refusal in g.refused:
            typer.echo(f"Not asked: {refusal['why']}")
