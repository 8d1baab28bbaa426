"""The command on who owes whom."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from overbuild.cli.shared import AsOf, DataDir, Json, Seed, app, day, print_json, print_table


@app.command()
def contagion(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE.toml]",
            help="Your own network: nodes, and liabilities or a matrix; default: the project's own.",
        ),
    ] = None,
    shock: Annotated[
        float, typer.Option("--shock", help="Share of AI cash that does not come in, from 0 to 1.")
    ] = 0.4,
    draws: Annotated[int, typer.Option("--draws", min=1, help="Draws of what is not known.")] = 4000,
    data: DataDir = None,
    as_of: AsOf = None,
    seed: Seed = None,
    as_json: Json = False,
) -> None:
    """Clear who owes whom after a shortfall of AI cash: defaults, cascades and losses by holder, in a year.

    Most of it rests on priors, which the answer counts: amounts are announced, firmness and cash are set.

    Example: overbuild contagion --shock 0.4
    """
    from datetime import date

    from overbuild.errors import InputError
    from overbuild.finance.contagion_results import answer, loss_table, sentence, variant_table
    from overbuild.finance.network_file import FILE, read_network
    from overbuild.locations import data_dir
    from overbuild.models.prior_file import FILE as PRIORS
    from overbuild.models.prior_file import read_priors
    from overbuild.settings import SEED

    if not 0 <= shock <= 1:
        raise InputError(
            f"--shock {shock:g} is not a share; expected 0 (nothing is lost) to 1 (all AI cash is)."
        )
    folder, known = data or data_dir(), day(as_of) or date.today()
    network = read_network(file or folder / FILE, folder, known)
    priors = read_priors(folder / PRIORS).at(known).values("contagion")
    found = answer(network, priors, shock, draws, SEED if seed is None else seed)
    if as_json:
        print_json(found)
        return
    typer.echo(sentence(found))
    print_table(loss_table(found))
    typer.echo("What decides contagion: chance that anyone fails because others do not pay.")
    print_table(variant_table(found))
