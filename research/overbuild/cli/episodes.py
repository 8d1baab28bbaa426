"""Commands on what happened and how often: measures, score, base rate, probability."""

from __future__ import annotations

from typing import Annotated

import typer

from overbuild.cli.shared import (
    AsOf,
    DataDir,
    Json,
    Seed,
    app,
    day,
    print_json,
    print_table,
)


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

    result = compute(load_episode(episode, day(as_of), data))
    if as_json:
        print_json(result.to_dict())
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
        print_table(shown.loc[:, columns])
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
        print_json(result.to_dict())
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
        print_table(wide.map(lambda v: {True: 1, False: 0, None: "?"}[v]).reset_index())


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
        print_json(result.to_dict())
        return
    typer.echo(result.sentence())
    print_table(result.frame())


@app.command()
def probability(
    episode: Annotated[str, typer.Option("--episode", help="ai, or telecom as of a day on file.")] = "ai",
    as_of: AsOf = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="DATE", help="End of the horizon, such as 2028.")
    ] = None,
    event: Annotated[
        str | None, typer.Option("--event", help="O1 to O5, composite, physical_overbuild; default: O3.")
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option("--model", help="Only this one, even if it failed its checks; may be repeated."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Combine all models on file into one probability, printed as a sum of terms with three ranges.

    Example: overbuild probability --by 2028
    """
    from overbuild.probability import probability_of_overbuild

    result = probability_of_overbuild(
        episode, as_of=day(as_of), by=by, event=event, models=tuple(model or ())
    )
    if as_json:
        print_json(result.to_dict())
        return
    typer.echo(result.sentence())
    print_table(result.frame())
