"""The command group on the plain time series: each subcommand is a module of its own, imported below."""

from __future__ import annotations

import typer

from overbuild.cli.shared import app

group = typer.Typer(
    help="The plain time-series answers, both eras through one call.", no_args_is_help=True
)
app.add_typer(group, name="timeseries")

from overbuild.cli import timeseries_gap  # noqa: E402, F401
from overbuild.cli import timeseries_contribution  # noqa: E402, F401
