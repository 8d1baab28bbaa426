"""The command group on the plain time series: each subcommand is a module of its own, imported below."""

from __future__ import annotations

from typing import Annotated

import typer

from overbuild.cli.shared import app

group = typer.Typer(help="The plain time-series answers, both eras through one call.", no_args_is_help=True)
app.add_typer(group, name="timeseries")

Era = Annotated[
    str, typer.Option("--episode", help="ai, telecom, or both; where it can be asked, the path of FILE.csv.")
]
BOTH = ("ai", "telecom")


def eras(episode: str) -> tuple[str, ...]:
    """Return the episodes that ``--episode`` names."""
    return BOTH if episode == "both" else (episode,)


from overbuild.cli import (  # noqa: E402, F401, I001 (they need the group; in the order of the help)
    timeseries_gap,
    timeseries_contribution,
    timeseries_breaks,
)
