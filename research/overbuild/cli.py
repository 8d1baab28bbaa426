"""The command line. Every command calls one function of the package and prints what it returns."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from overbuild.errors import CheckFailedError, InputError

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer(
    name="overbuild",
    help="Is the AI data-centre boom the telecom fibre bubble again? Data, events and first probabilities.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
data_app = typer.Typer(help="Check, show and refresh the data.", no_args_is_help=True)
app.add_typer(data_app, name="data")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
DataDir = Annotated[Path | None, typer.Option("--data", help="A data folder; default: the project's own.")]
AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="Knowledge of that day, such as 1999-06-30.")
]
Seed = Annotated[int | None, typer.Option("--seed", help="Master seed; default: the project's.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        from overbuild import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _overbuild(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and stop.", is_eager=True, callback=_print_version),
    ] = False,
) -> None:
    del version


@data_app.command("check")
def data_check(
    data: DataDir = None,
    update: Annotated[
        bool,
        typer.Option(
            "--update", help="If nothing else is wrong, write the present checksums into catalogue.csv."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Verify checksums, schemas and accounting identities of every data file; list every fault of every file.

    Example: overbuild data check
    """
    from overbuild.locations import data_dir
    from overbuild.sources.catalogue import update_checksums
    from overbuild.sources.check import check_data

    folder = data or data_dir()
    if not folder.is_dir():
        raise InputError(
            f"There is no data folder '{folder}'. Name one that is laid out as the project's data/."
        )
    report = check_data(folder, checksums=not update)
    if update and not report.faults:
        update_checksums(folder)
    if as_json:
        _print_json(report.to_dict())
    else:
        typer.echo(
            f"{len(report.files)} files, {sum(report.files.values())} rows, {len(report.faults)} faults."
        )
    for fault in report.faults:
        typer.echo(str(fault), err=True)
    if report.faults:
        raise typer.Exit(2)


@data_app.command("show")
def data_show(
    series: Annotated[
        str, typer.Argument(help="Name of a series, such as capex_cash; a wrong name lists what there is.")
    ],
    entity: Annotated[str | None, typer.Option("--entity", help="One firm or place only.")] = None,
    as_of: AsOf = None,
    export: Annotated[
        Path | None, typer.Option("--export", help="Write the rows to FILE.csv or FILE.dta (Stata).")
    ] = None,
    data: DataDir = None,
    as_json: Json = False,
) -> None:
    """Print a series with its unit, grade and source.

    Example: overbuild data show bea_comm_equipment --as-of 2003-12-31 --export equipment.dta
    """
    from overbuild.episodes import DataBook
    from overbuild.episodes.export import export_series, series_dict, series_lines

    book = DataBook.load(data)
    rows = book.series(series, entity, _day(as_of))
    if rows.empty:
        raise InputError(f"No value of '{series}' was available on {as_of}.")
    if export is not None:
        export_series(rows, book, export)
    if as_json:
        _print_json(series_dict(rows, book))
    else:
        for line in series_lines(rows, book):
            typer.echo(line)


@data_app.command("refresh")
def data_refresh(
    service: Annotated[
        str, typer.Argument(help="edgar (needs OVERBUILD_USER_AGENT) or fred (needs FRED_API_KEY).")
    ],
    as_of: AsOf = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the vintages; default: build/refresh.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Fetch a new dated vintage from a live service and say what changed; nothing is overwritten.

    Example: OVERBUILD_USER_AGENT="Jane Doe jane@example.org" overbuild data refresh edgar
    """
    from overbuild.errors import UnknownNameError
    from overbuild.sources.refresh import refresh_edgar, refresh_fred

    services = {"edgar": refresh_edgar, "fred": refresh_fred}
    if service not in services:
        raise UnknownNameError("live service", service, tuple(services))
    with _progress(service, as_json) as advance:
        report = services[service](out=out, as_of=_day(as_of) or date.today(), progress=advance)
    for problem in report.problems:
        typer.echo(problem, err=True)
    if as_json:
        _print_json(report.to_dict())
        return
    typer.echo(report.sentence)
    for change in report.changed[:40]:
        typer.echo("  " + ", ".join(f"{k} {v}" for k, v in change.items()))


@app.command()
def measures(
    episode: Annotated[str, typer.Argument(help="ai, telecom, the id of a boom, or FILE.csv.")],
    as_of: AsOf = None,
    data: DataDir = None,
    as_json: Json = False,
) -> None:
    """Capex against GDP, revenue and operating cash flow; growth, drawdown, concentration.

    Example: overbuild measures telecom
    """
    from overbuild.episodes import load_episode
    from overbuild.episodes.firms import firm_lines
    from overbuild.episodes.measures import measures as compute

    result = compute(load_episode(episode, _day(as_of), data))
    if as_json:
        _print_json(result.to_dict())
        return
    columns = ["period", "perimeter", "capex", "share_of_gdp", "growth", "drawdown", "grade"]
    typer.echo(result.sentence())
    if not result.annual.empty:
        first = int(result.take_off or 0) - 5
        boom = result.annual["period"].astype(int) >= first
        shown = result.annual.loc[boom].groupby("perimeter").head(18) if first > 0 else result.annual
        typer.echo(f"capex in {result.unit}, share_of_gdp in per cent, growth and drawdown as fractions.")
        since = f", from five years before take-off in {result.take_off}" if first > 0 else ""
        typer.echo(f"{len(shown)} of {len(result.annual)} rows{since}; --json has all.")
        _print_table(shown.loc[:, columns])
    for line in (*firm_lines(result.latest), *result.ragged):
        typer.echo(line)


@app.command()
def score(
    episode: Annotated[str, typer.Argument(help="telecom, ai, the id of a boom, or FILE.csv.")],
    data: DataDir = None,
    as_json: Json = False,
) -> None:
    """Judge events O1-O5 and the composite on what happened, with the truth table over falls and horizons.

    Example: overbuild score telecom
    """
    from overbuild.probability.judgement import score as judge

    result = judge(episode, data=data)
    if as_json:
        _print_json(result.to_dict())
        return
    typer.echo(result.sentence())
    for identity, found in result.judged.items():
        for judged in found:
            verdict = {True: "true", False: "false", None: "unknown"}[judged.holds]
            typer.echo(f"\n{identity}/{judged.event.variant}: {verdict}. {judged.event.title}.")
            for text in (judged.evidence, judged.why_unknown):
                if text:
                    typer.echo(f"  {text}")
    if not result.truth_table.empty:
        typer.echo("\nSpending (O3) by the end of vintage + horizon, labels of the hindcast:")
        wide = result.truth_table.pivot(index=["layer", "fall", "vintage"], columns="horizon", values="holds")
        _print_table(wide.map(lambda v: {True: 1, False: 0, None: "?"}[v]).reset_index())


@app.command()
def baserate(
    run_up: Annotated[
        float | None, typer.Option("--run-up", help="Smallest ratio to the level before.")
    ] = None,
    window: Annotated[
        int | None, typer.Option("--window", help="Years over which the run-up is measured.")
    ] = None,
    fall: Annotated[float | None, typer.Option("--fall", help="Smallest fall from the running peak.")] = None,
    horizon: Annotated[
        int | None, typer.Option("--horizon", help="Years in which the fall must come.")
    ] = None,
    seed: Seed = None,
    data: DataDir = None,
    as_json: Json = False,
) -> None:
    """Count the base rate of O3: of all series that doubled in four years, how many fell by 30 % in five.

    Example: overbuild baserate --fall 0.4
    """
    from overbuild.probability import base_rate

    changed = {"run_up": run_up, "window_years": window, "fall": fall, "horizon_years": horizon}
    result = base_rate(data=data, seed=seed, **{k: v for k, v in changed.items() if v is not None})
    if as_json:
        _print_json(result.to_dict())
        return
    typer.echo(result.sentence())
    _print_table(result.frame())


@app.command()
def forecast(
    model: Annotated[str, typer.Argument(help="baserate, analogues or regimes.")],
    episode: Annotated[
        str, typer.Option("--episode", help="ai, telecom, the id of a boom, or FILE.csv.")
    ] = "ai",
    as_of: AsOf = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="DATE", help="End of the horizon, such as 2028.")
    ] = None,
    data: DataDir = None,
    as_json: Json = False,
) -> None:
    """Compute the probability of each event from one model now; an abstention says why.

    Example: overbuild forecast baserate --episode telecom --as-of 1999-12-31 --by 2003
    """
    from overbuild.probability.outside import forecasts_of
    from overbuild.probability.outside import to_dict as forecasts_dict

    if model == "regimes":
        from overbuild.probability.inside import forecasts_of
    made, snapshot = forecasts_of(model, episode, as_of=_day(as_of), by=by, data=data)
    if as_json:
        _print_json(forecasts_dict(made, snapshot))
        return
    typer.echo(f"{model} on {episode}, as of {snapshot.as_of} ({snapshot.label}):")
    for f in made:
        spread = "" if f.spread is None else f" ({f.spread[0]:.2f}-{f.spread[2]:.2f})"
        said = f"abstains: {f.abstains}" if f.probability is None else f"{f.probability:.2f}{spread}"
        typer.echo(f"{f.event} by {f.by or 'its own date'}: {said}")


@app.command()
def estimate(
    model: Annotated[str, typer.Argument(help="regimes or capital.")],
    episode: Annotated[str, typer.Option("--episode", help="ai or telecom.")] = "ai",
    as_of: AsOf = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="DATE", help="End of the horizon, such as 2028 (regimes).")
    ] = None,
    priors: Annotated[
        Path | None, typer.Option("--priors", help="A file in the form of data/priors.toml (capital).")
    ] = None,
    chains: Annotated[int, typer.Option("--chains", min=2, help="Chains (regimes).")] = 4,
    draws: Annotated[
        int | None, typer.Option("--draws", min=10, help="Draws; of each chain, for regimes.")
    ] = None,
    seed: Seed = None,
    data: DataDir = None,
    as_json: Json = False,
) -> None:
    """Estimate one model as of a day, check it and say what it finds; fits of regimes are filed and reused.

    Example: overbuild estimate regimes --episode telecom --as-of 1999-12-31 --by 2003
    """
    from overbuild.settings import SEED

    if model == "capital":
        from overbuild.models.registry import estimate as run

        found = run(model, episode, _day(as_of), priors=priors, data=data, seed=seed, draws=draws)
        passed = found.passed
    else:
        from overbuild.models.sampler import Sampling
        from overbuild.pipeline.estimate import estimate as fit

        sampling = Sampling(chains=chains, draws=draws or 1000)
        master = SEED if seed is None else seed
        found = fit(model, episode, as_of=_day(as_of), by=by, sampling=sampling, data=data, seed=master)
        passed = found.record.passed
    if as_json:
        _print_json(found.to_dict())
    else:
        typer.echo(found.sentence())
    if not passed:
        raise CheckFailedError(f"The estimate of '{model}' failed a check; see its diagnostics in --json.")


@app.command()
def calibrate(
    model: Annotated[str, typer.Argument(help="baserate or analogues.")],
    simulations: Annotated[
        int | None, typer.Option("--simulations", help="Simulated data sets; default: as many as the build.")
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes.")] = 1,
    interval: Annotated[
        str | None, typer.Option("--interval", help="Another posterior than the one that is printed first.")
    ] = None,
    seed: Seed = None,
    data: DataDir = None,
    as_json: Json = False,
) -> None:
    """Rank true rates in the posteriors of the data that they gave: uniform, if the posterior is right.

    Example: overbuild calibrate baserate --simulations 2000 --workers 2
    """
    from overbuild.probability.calibrate import calibrate as run

    result = run(model, simulations=simulations, workers=workers, interval=interval, seed=seed, data=data)
    if as_json:
        _print_json(result.to_dict())
    else:
        typer.echo(result.sentence())
        _print_table(result.frame())
    if not result.passed:
        raise CheckFailedError(
            f"The posterior '{result.interval}' of model '{model}' is not calibrated on clustered data."
        )


@app.command()
def probability(
    episode: Annotated[str, typer.Option("--episode", help="ai or telecom.")] = "ai",
    by: Annotated[
        str | None, typer.Option("--by", metavar="DATE", help="End of the horizon, such as 2028.")
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option("--model", help="Only this one, even if it failed its checks; may be repeated."),
    ] = None,
    as_json: Json = False,
) -> None:
    """First probabilities of overbuild by model, from filed results; each names the event it speaks of.

    Example: overbuild probability --by 2028
    """
    from overbuild.probability import probability_of_overbuild

    result = probability_of_overbuild(episode, by=by, models=tuple(model or ()))
    if as_json:
        _print_json(result.to_dict())
        return
    typer.echo(result.sentence())
    _print_table(result.frame())


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
        _print_json(found.to_dict())
    else:
        typer.echo(found.sentence())


@app.command()
def build(
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer draws; written to build/quick, never to the paper.")
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="ID", help="Only these, and what they need; may be repeated."),
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes.")] = 1,
    cluster: Annotated[
        str | None, typer.Option("--cluster", metavar="ADDRESS", help="A dask scheduler (extra 'cluster').")
    ] = None,
    refit: Annotated[
        bool, typer.Option("--refit", help="Redo filed results and report how far they moved.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show where in the code a step failed.")] = False,
    as_json: Json = False,
) -> None:
    """Bring everything up to date: results, figures, tables, numbers, the paper.

    Example: overbuild build --workers 2
    """
    from overbuild.pipeline.build import build as run

    report = run(
        quick=quick,
        only=tuple(only or ()),
        workers=workers,
        cluster=cluster,
        refit=refit,
        progress=not as_json,
    )
    if as_json:
        _print_json(report.to_dict())
    else:
        counts = f"{len(report.built)} built, {len(report.skipped)} up to date, {len(report.failed)} failed"
        typer.echo(f"{counts}, in {report.seconds:.1f} s.")
    for line in report.lines(verbose=verbose):
        typer.echo(line, err=True)
    if report.failed:
        raise CheckFailedError(
            "Failed: " + ", ".join(report.failed) + ". What does not depend on them was built."
        )


@contextmanager
def _progress(title: str, quiet: bool) -> Iterator[Callable[[int, int, str], None]]:
    """Show a bar on stderr while work goes on, if that is a terminal; hand out the function that moves it."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total, name: bar.update(task, completed=done, total=total, description=name)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"--as-of '{text}' is not a date; expected the ISO form, such as 1999-06-30."
        ) from None


def _print_json(content: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def _print_table(frame: pd.DataFrame) -> None:
    typer.echo(frame.to_string(index=False, na_rep="-", float_format=lambda v: f"{v:.3f}", max_colwidth=40))
