"""The command on the capacity race."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from overbuild.cli.shared import DataDir, Json, app, print_json, print_table


@app.command()
def race(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE.toml]",
            help="Your own race: firms, levels, depreciation, market, prize and so on; what is left out is "
            "that of --episode, or of three firms with 648 states.",
        ),
    ] = None,
    episode: Annotated[
        str | None, typer.Option("--episode", help="ai or telecom; default without a file: ai.")
    ] = None,
    rounds: Annotated[
        int | None, typer.Option("--rounds", min=1, help="Best responses after which a start has failed.")
    ] = None,
    data: DataDir = None,
    as_json: Json = False,
) -> None:
    """Solve a dynamic race in capacity: Markov-perfect equilibrium against joint profit and social planner.

    A calibrated model: nothing is fitted to data. Exit status 1: best responses did not settle.

    Example: overbuild race --episode telecom
    """
    from datetime import date

    from overbuild.games.race_file import race_of_episode, read_race, require, run
    from overbuild.games.race_solver import MOST_ITERATIONS
    from overbuild.locations import data_dir
    from overbuild.models.prior_file import FILE, read_priors

    base = None
    if episode is not None or file is None:
        priors = read_priors((data or data_dir()) / FILE).at(date.today())
        base = race_of_episode(episode or "ai", priors)
    spec = base if file is None else read_race(file, base)
    assert spec is not None
    found = run(spec, most=MOST_ITERATIONS if rounds is None else rounds)
    if as_json:
        print_json(found.to_dict())
    require(found)
    if not as_json:
        typer.echo(found.sentence())
        print_table(found.frame())
