"""Command on the entry game: class, equilibria, quantal response, losses."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from overbuild.cli.shared import Json, app, print_json, print_table


@app.command()
def game(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.toml",
            help="[entry]: firms, surplus and other parameters; or [table]: builder and holder pay-offs by "
            "number of builders; or [payoffs]: each firm's for each profile.",
        ),
    ],
    precision: Annotated[
        float | None,
        typer.Option(
            "--precision", metavar="LAMBDA", help="Of choices, a unit of pay-off, 1e-6 to 1e4; default: 4."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say which game firms play that build or hold, how it ends, and what the owners lose by it.

    A file of five like firms: [entry], firms = 5, surplus = 0.9, business_at_risk = 1.5, pass_through = 0.2.
    All faults of a file are told at once. Exit status 1: an equilibrium was not found.

    Example: overbuild game my_game.toml --precision 4
    """
    from overbuild.games.entry_file import read_game
    from overbuild.games.entry_report import PRECISION, report

    given = read_game(file)
    found = report(given.game, precision=PRECISION if precision is None else precision, users=given.users)
    if as_json:
        print_json(found.to_dict())
        return
    typer.echo(found.sentence())
    print_table(found.frame())
