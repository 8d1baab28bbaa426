"""Commands on the investment contest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from overbuild.cli.shared import Json, app, print_json, print_table
from overbuild.errors import CheckFailedError, InputError


@app.command()
def contest(
    firms: Annotated[int | None, typer.Option("--firms", metavar="N", help="Equal firms, 2 or more.")] = None,
    decisiveness: Annotated[
        float | None,
        typer.Option(
            "--decisiveness",
            metavar="R",
            help="How far a lead in capacity carries into a lead in revenue, above 0; 1: in proportion.",
        ),
    ] = None,
    elasticity: Annotated[
        float | None,
        typer.Option(
            "--elasticity",
            metavar="ETA",
            help="Of the prize with respect to industry capacity, 0 to below 1.",
        ),
    ] = None,
    transfer_share: Annotated[
        float | None,
        typer.Option(
            "--transfer-share",
            metavar="SIGMA",
            help="Share of the prize that is only taken from others; default: 0.",
        ),
    ] = None,
    cost: Annotated[float | None, typer.Option("--cost", help="Of a unit of capacity; default: 1.")] = None,
    value: Annotated[
        float | None, typer.Option("--value", help="The prize at a capacity of one; default: 1.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            metavar="FILE.toml",
            help="Unequal firms instead: decisiveness, elasticity, value, and for each a [[firm]] with "
            "name, cost, weight, funds.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare the capacity that rivals build with joint profit, break-even and a planner's.

    Exit status 1, with a file: no equilibrium in pure strategies was found.

    Example: overbuild contest --firms 5 --decisiveness 1 --elasticity 0.5
    """
    given = {"--firms": firms, "--decisiveness": decisiveness, "--elasticity": elasticity}
    more = {"--transfer-share": transfer_share, "--cost": cost, "--value": value}
    if file is not None:
        twice = [name for name, number in (given | more).items() if number is not None]
        if twice:
            raise InputError(
                f"{', '.join(twice)} beside --file: it holds the firms whole; leave the options out."
            )
        _unequal(file, as_json)
        return
    if firms is None or decisiveness is None or elasticity is None:
        missing = [name for name, number in given.items() if number is None]
        raise InputError(f"{', '.join(missing)} missing: give all three of {', '.join(given)}, or --file.")
    from overbuild.games.contest import Contest, symmetric

    chosen = {name[2:].replace("-", "_"): number for name, number in more.items() if number is not None}
    found = symmetric(Contest(firms, decisiveness, elasticity, **chosen))
    if as_json:
        print_json(found.to_dict())
    else:
        typer.echo(found.sentence())


def _unequal(file: Path, as_json: bool) -> None:
    import pandas as pd

    from overbuild.games.contest_file import read_firms
    from overbuild.games.contest_solver import solve

    found = solve(read_firms(file))
    if as_json:
        print_json(found.to_dict())
    elif found.found:
        typer.echo(
            f"{len(found.capacity)} firms build {found.capacity.sum():.4g} and spend "
            f"{found.dissipation:.2f} of the prize. A shadow price is what one more unit of funds would "
            "earn beyond itself."
        )
        print_table(pd.DataFrame(found.to_dict()["firms"]))
    if not found.found:
        raise CheckFailedError(found.message)
