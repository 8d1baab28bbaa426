"""The command on the class of the firms' game."""

from __future__ import annotations

from typing import Annotated

import typer

from overbuild.cli.shared import AsOf, DataDir, Json, Seed, app, day, print_json, print_table, progress


@app.command()
def dilemma(
    episode: Annotated[str, typer.Option("--episode", help="ai or telecom.")] = "ai",
    as_of: AsOf = None,
    quick: Annotated[bool, typer.Option("--quick", help="Half of the draws.")] = False,
    seed: Seed = None,
    data: DataDir = None,
    as_json: Json = False,
) -> None:
    """Say which game the firms play, by which mechanism they react, and what cannot be told.

    Probabilities stand beside those before the data. Takes a minute or two.

    Example: overbuild dilemma --quick
    """
    from datetime import date

    import pandas as pd

    from overbuild.games.asked import Asked
    from overbuild.games.dilemma import dilemma as ask
    from overbuild.locations import data_dir
    from overbuild.settings import SEED

    master = SEED if seed is None else seed
    asked = Asked(data or data_dir(), day(as_of) or date.today(), quick, seed=master)
    with progress("dilemma", as_json) as tell:
        found = ask(asked, episode, tell)
    if as_json:
        print_json(found.to_dict())
        return
    typer.echo(found.sentence())
    print_table(found.frame())
    if found.mechanisms and found.reaction:
        columns = pd.Index(["title", "prior", "posterior", "low", "high"])
        print_table(pd.DataFrame(found.mechanisms, columns=columns))
        columns = pd.Index(["title", "b", "low", "high", "p_randomisation"])
        print_table(pd.DataFrame(found.reaction, columns=columns))
