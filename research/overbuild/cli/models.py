"""Commands on models: estimate, forecast, calibrate, analogues, user cost."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from overbuild.cli.shared import AsOf, DataDir, Json, Seed, app, day, print_json, print_table, progress
from overbuild.errors import CheckFailedError, InputError

Model = Annotated[
    str,
    typer.Argument(
        help="regimes, quarterly, capital, demand, explosive, clock, analogue_regression, "
        "contest or quantal_response.",
    ),
]
Episode = Annotated[str, typer.Option("--episode", help="ai, telecom, the id of a boom, or FILE.csv.")]
By = Annotated[str | None, typer.Option("--by", metavar="DATE", help="End of the horizon, such as 2028.")]
PriorFile = Annotated[
    Path | None,
    typer.Option("--priors", help="A file in the form of data/priors.toml; default: the project's."),
]
OUTSIDE = ("baserate", "analogues")
"""Forecasters without parameters to sample."""
INSIDE = "simulation"
"""The recursion that puts the other models' draws together."""


@app.command()
def estimate(
    model: Model,
    episode: Episode = "ai",
    as_of: AsOf = None,
    by: By = None,
    priors: PriorFile = None,
    chains: Annotated[int | None, typer.Option("--chains", min=2, help="Chains; default: 4.")] = None,
    draws: Annotated[
        int | None, typer.Option("--draws", min=10, help="Draws of each chain; default: the model's.")
    ] = None,
    seed: Seed = None,
    data: DataDir = None,
    as_json: Json = False,
) -> None:
    """Fit one Bayesian model as of a day, check it, file it in build/ and say what it finds.

    A fit that is on file there is not made again. Exit status 1: it failed a check, and is filed as failed.

    Example: overbuild estimate demand --episode telecom --as-of 1999-12-31
    """
    from overbuild.pipeline.estimate import estimate as fit
    from overbuild.pipeline.estimate import require
    from overbuild.settings import SEED

    found = fit(
        model,
        episode,
        as_of=day(as_of),
        by=by,
        chains=chains,
        draws=draws,
        priors=priors,
        data=data,
        seed=SEED if seed is None else seed,
    )
    if as_json:
        print_json(found.to_dict())
    else:
        typer.echo(found.sentence())
        print_table(found.frame().drop(columns=["q50", "identified"]))
    require(found)


@app.command()
def forecast(
    model: Annotated[
        str,
        typer.Argument(
            help="baserate, analogues, simulation, or a Bayesian model: regimes, quarterly, capital, demand, "
            "explosive, clock, analogue_regression, contest, quantal_response."
        ),
    ],
    episode: Episode = "ai",
    as_of: AsOf = None,
    by: By = None,
    priors: PriorFile = None,
    data: DataDir = None,
    as_json: Json = False,
) -> None:
    """Compute the probability of each event from one model; an abstention says why.

    Example: overbuild forecast baserate --episode telecom --as-of 1999-12-31 --by 2003
    """
    _known(model, also=(INSIDE,))
    ask = _outside if model in OUTSIDE else _simulated if model == INSIDE else _bayesian
    made, header = ask(model, episode, as_of, by, priors, data)
    if as_json:
        print_json({**header, "forecasts": made})
        return
    typer.echo(f"{model} on {header['episode']}, as of {header['as_of']} ({header['label']}):")
    for f in made:
        spread = "" if f["spread"] is None else f" ({f['spread'][0]:.2f}-{f['spread'][2]:.2f})"
        evidence = " prior-driven" if f["evidence"] == "prior-driven" else ""
        failed = " FAILED" if f["status"] == "failed" else ""
        said = (
            f"abstains: {f['abstains']}"
            if f["probability"] is None
            else f"{f['probability']:.2f}{spread}{evidence}{failed}"
        )
        typer.echo(f"{f['event']} by {f['by'] or 'its own date'}: {said}")


def _known(model: str, also: tuple[str, ...] = ()) -> None:
    from overbuild.errors import UnknownNameError
    from overbuild.models.registry import MODELS

    if model not in (*OUTSIDE, *also, *MODELS):
        raise UnknownNameError("model", model, (*OUTSIDE, *also, *MODELS))


def _outside(
    model: str, episode: str, as_of: str | None, by: str | None, priors: Path | None, data: Path | None
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    from overbuild.errors import InputError
    from overbuild.probability.outside import forecasts_of, to_dict

    if priors is not None:
        raise InputError(f"--priors is for the Bayesian models; '{model}' reads those of a --data folder.")
    made, snapshot = forecasts_of(model, episode, as_of=day(as_of), by=by, data=data)
    content = to_dict(made, snapshot)
    return content.pop("forecasts"), {**content, "label": snapshot.label}


def _simulated(
    model: str, episode: str, as_of: str | None, by: str | None, priors: Path | None, data: Path | None
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    from overbuild.errors import InputError
    from overbuild.pipeline.inside_view import forecast as ask

    if priors is not None:
        raise InputError(f"--priors is for the Bayesian models; '{model}' reads those of a --data folder.")
    r = ask(episode, as_of=day(as_of), by=by, data=data)
    header = {"episode": r.episode, "as_of": r.as_of.isoformat(), "label": r.result["label"]}
    return [dict(f) for f in r.forecasts], {**header, "model": model, "passed": r.passed, "key": r.key}


def _bayesian(
    model: str, episode: str, as_of: str | None, by: str | None, priors: Path | None, data: Path | None
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    from overbuild.pipeline.estimate import forecast as ask

    found = ask(model, episode, as_of=day(as_of), by=by, priors=priors, data=data)
    r = found.record
    header = {"episode": r.episode, "as_of": r.as_of.isoformat(), "label": r.result["label"]}
    return [dict(f) for f in r.forecasts], {**header, "model": model, "passed": r.passed, "key": r.key}


@app.command()
def calibrate(
    model: Annotated[
        str,
        typer.Argument(
            help="baserate, analogues, or a Bayesian model: regimes, quarterly, capital, demand, explosive, "
            "clock, analogue_regression, contest, quantal_response."
        ),
    ],
    simulations: Annotated[
        int | None, typer.Option("--simulations", help="Simulated data sets; default: as many as the build.")
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes.")] = 1,
    cluster: Annotated[
        str | None, typer.Option("--cluster", metavar="ADDRESS", help="A dask scheduler (extra 'cluster').")
    ] = None,
    interval: Annotated[
        str | None,
        typer.Option("--interval", help="Of baserate and analogues: another posterior than the printed one."),
    ] = None,
    priors: PriorFile = None,
    seed: Seed = None,
    data: DataDir = None,
    as_json: Json = False,
) -> None:
    """Rank true parameters in the posteriors of the data that they gave: uniform, if the model is right.

    Single fits are kept below build/, so that a run that was stopped goes on where it was.

    Example: overbuild calibrate analogue_regression --simulations 20 --workers 2
    """
    _known(model)
    if model in OUTSIDE and cluster:
        raise InputError(
            f"--cluster {cluster}: the calibration of {model} takes a minute and is spread by --workers only."
        )
    if model in OUTSIDE:
        from overbuild.probability.calibrate import calibrate as of_rate

        found: Any = of_rate(
            model, simulations=simulations, workers=workers, interval=interval, seed=seed, data=data
        )
    else:
        from overbuild.pipeline.calibrate import calibrate as of_model
        from overbuild.settings import SEED

        with progress(f"fits of {model}", as_json) as advance:
            found = of_model(
                model,
                simulations=simulations,
                workers=workers,
                cluster=cluster,
                seed=SEED if seed is None else seed,
                priors=priors,
                data=data,
                progress=advance,
            )
    if as_json:
        print_json(found.to_dict())
    else:
        typer.echo(found.sentence())
        print_table(found.frame())
    if not found.passed:
        posterior = f"The posterior '{found.interval}' of model" if model in OUTSIDE else "Model"
        raise CheckFailedError(f"{posterior} '{model}' is not calibrated: its ranks are not uniform.")


@app.command()
def analogues(
    episodes: Annotated[
        Path,
        typer.Option(
            "--episodes",
            metavar="FILE.csv",
            help="Past booms: episode, overbuilt (yes, partly, no, open) and any of cluster, "
            "asset_life_years, debt_financed, certainty, alternative.",
        ),
    ],
    predict: Annotated[
        Path | None,
        typer.Option(
            "--predict",
            metavar="FILE.csv",
            help="Booms to predict, without 'overbuilt'; default: the open ones.",
        ),
    ] = None,
    priors: PriorFile = None,
    chains: Annotated[int, typer.Option("--chains", min=2, help="Chains.")] = 4,
    draws: Annotated[int, typer.Option("--draws", min=10, help="Draws of each chain.")] = 1000,
    seed: Seed = None,
    as_json: Json = False,
) -> None:
    """Learn from your own list of booms which were physically overbuilt, and predict others.

    Cells may be empty; all faults of a file are told at once. Exit status 1: the fit failed a diagnostic.

    Example: overbuild analogues --episodes my_booms.csv --predict open.csv
    """
    from overbuild.models.analogue_tables import analogues as learn
    from overbuild.models.sampler import Sampling
    from overbuild.settings import SEED

    sampling = Sampling(chains=chains, draws=draws)
    found = learn(episodes, predict, sampling=sampling, seed=SEED if seed is None else seed, priors=priors)
    if as_json:
        print_json(found.to_dict())
    else:
        typer.echo(found.sentence())
        print_table(found.frame())
    if not found.diagnostics.passed:
        raise CheckFailedError("The fit failed a diagnostic: " + found.diagnostics.sentence())


@app.command()
def usercost(
    price: Annotated[float, typer.Option("--price", help="What the machine costs.")],
    cost_of_capital: Annotated[
        float, typer.Option("--cost-of-capital", help="A year, as a fraction, such as 0.1.")
    ],
    life: Annotated[float, typer.Option("--life", help="Years until it is worth nothing.")],
    price_decline: Annotated[
        float,
        typer.Option("--price-decline", help="Fall a year of the price of the same quality, as a fraction."),
    ] = 0.0,
    opex: Annotated[
        float, typer.Option("--opex", help="Cash cost a year of running it, in the money of the price.")
    ] = 0.0,
    as_json: Json = False,
) -> None:
    """Say what a machine must earn a year so that buying it neither gains nor loses.

    Example: overbuild usercost --price 30000 --cost-of-capital 0.1 --life 5 --price-decline 0.25
    """
    from overbuild.models.user_cost import user_cost

    found = user_cost(price, cost_of_capital, life, price_decline=price_decline, opex=opex)
    if as_json:
        print_json(found.to_dict())
    else:
        typer.echo(found.sentence())
