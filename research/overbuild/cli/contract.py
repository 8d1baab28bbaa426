"""The command on contracts for computing capacity."""

from __future__ import annotations

from typing import Annotated

import typer

from overbuild.cli.shared import DataDir, Json, Seed, app, print_json, print_table


@app.command()
def contract(
    name: Annotated[
        str,
        typer.Argument(
            metavar="{iren,nebius,coreweave-openai,oracle-openai,FILE.toml}",
            help="A contract that is shipped, or your own in the form of data/contracts/iren.toml.",
        ),
    ],
    draws: Annotated[
        int, typer.Option("--draws", min=1, max=1_000_000, help="Draws of what may go wrong.")
    ] = 10_000,
    seed: Seed = None,
    data: DataDir = None,
    as_json: Json = False,
) -> None:
    """Value a compute contract to both sides: returns, break-even price, debt cover, loss, rent or own.

    A stream without an internal rate of return says so and has none.

    Example: overbuild contract iren
    """
    from datetime import date

    from overbuild.finance.contract_draws import Priors
    from overbuild.finance.contract_file import contract_of
    from overbuild.finance.contract_report import report
    from overbuild.finance.contract_risks import MODEL
    from overbuild.locations import data_dir
    from overbuild.models.prior_file import FILE, read_priors
    from overbuild.settings import SEED

    folder = data or data_dir()
    asked = contract_of(name, folder)
    priors = Priors.of(read_priors(folder / FILE).at(date.today()).values(MODEL))
    found = report(asked, priors, draws=draws, seed=SEED if seed is None else seed)
    if as_json:
        print_json(found.to_dict())
    else:
        typer.echo(found.sentence())
        print_table(found.frame())
