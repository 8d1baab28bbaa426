"""The command on contributions to growth."""

from __future__ import annotations

from typing import Annotated

import typer

from overbuild.cli.shared import AsOf, DataDir, Json, day, print_json, print_table
from overbuild.cli.timeseries import Era, eras, group


@group.command()
def contribution(
    episode: Era = "both",
    as_of: AsOf = None,
    since: Annotated[str | None, typer.Option("--since", help="First period, of one era.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Last period, of one era.")] = None,
    data: DataDir = None,
    as_json: Json = False,
) -> None:
    """Add up what information technology and data centres contribute to real growth, beside published sums.

    Example: overbuild timeseries contribution --episode ai --since 2025Q1
    """
    import pandas as pd

    from overbuild.timeseries.contribution import contribution as ask

    found = [ask(e, day(as_of), since=since, until=until, data=data) for e in eras(episode)]
    if as_json:
        print_json(
            {
                "result": [{"episode": c.episode, **r} for c in found for r in c.result],
                "sentence": " ".join(c.sentence() for c in found),
                "vintage": {c.episode: c.vintage for c in found},
                "eras": {
                    c.episode: {k: v for k, v in c.to_dict().items() if k not in ("result", "vintage")}
                    for c in found
                },
            }
        )
        return
    for c in found:
        typer.echo(c.sentence())
        wide = pd.pivot_table(c.frame(), index="period", columns="component", values="tornqvist").tail(12)
        print_table(
            wide.rename(columns=lambda n: str(n).replace("information_processing", "ip")).reset_index()
        )
        if c.latest:
            names = ["component", "period", "published", "published_grade", "tornqvist", "difference"]
            print_table(pd.DataFrame(list(c.latest), columns=pd.Index(names)))
        for refusal in c.refused:
            typer.echo(f"Not made: {refusal['why']}")
