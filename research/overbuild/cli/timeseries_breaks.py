"""Breaks, regimes, trend and responses of spending: the commands on its plain time series."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from overbuild.cli.shared import AsOf, DataDir, Json, Seed, day, print_json, print_table
from overbuild.cli.timeseries import Era, eras, group

if TYPE_CHECKING:
    from pathlib import Path

    from overbuild.core.snapshot import Snapshot
    from overbuild.timeseries.reported import Reported


@group.command()
def breaks(
    most: Annotated[int, typer.Option("--most", min=1, help="Largest number of breaks.")] = 3,
    trimming: Annotated[
        float, typer.Option("--trimming", help="Shortest segment, share of the sample.")
    ] = 0.15,
    draws: Annotated[int, typer.Option("--draws", help="Draws of each bootstrap.")] = 999,
    episode: Era = "both",
    as_of: AsOf = None,
    data: DataDir = None,
    seed: Seed = None,
    as_json: Json = False,
) -> None:
    """Date breaks in the level and the trend of capex intensity, with intervals and placebos in quiet years.

    Number and dates are Bai and Perron's, p-values of a bootstrap that knows how persistent the series is.
    With --json, 'detail' has what other detectors see (needs the extra 'timeseries').

    Example: overbuild timeseries breaks --episode telecom --as-of 2002-12-31
    """
    from overbuild.settings import SEED
    from overbuild.timeseries.breaks import BreakSpec
    from overbuild.timeseries.era_breaks import BreaksAsked, breaks_of

    asked = BreaksAsked(
        BreakSpec(False, most, trimming, draws), BreakSpec(True, most, trimming, draws), min(draws, 199)
    )
    found = breaks_of(_snapshots(episode, as_of, data), asked, SEED if seed is None else seed)
    columns = ["era", "series", "model", "window", "first", "last", "number", "dates", "p_sup_f", "p_cusum"]
    _print(found, columns, as_json)


@group.command()
def regimes(
    number: Annotated[int, typer.Option("--regimes", min=2, max=4, help="Number of regimes.")] = 2,
    lags: Annotated[
        int, typer.Option("--lags", min=0, max=4, help="Lags of the deviation from the mean.")
    ] = 0,
    starts: Annotated[int, typer.Option("--starts", min=1, help="Starts followed to an optimum.")] = 8,
    years: Annotated[int, typer.Option("--years", min=1, max=10, help="Years forecast.")] = 2,
    episode: Era = "both",
    as_of: AsOf = None,
    data: DataDir = None,
    seed: Seed = None,
    as_json: Json = False,
) -> None:
    """Fit regimes of mean and variance to the growth of spending, by maximum likelihood from many starts.

    With --json, 'detail' has filtered and smoothed probabilities and the forecast past the sample.

    Example: overbuild timeseries regimes --episode ai
    """
    from overbuild.settings import SEED
    from overbuild.timeseries.era_regimes import RegimesAsked, regimes_of
    from overbuild.timeseries.markov import MarkovSpec

    asked = RegimesAsked(MarkovSpec(number, lags, starts=starts), years_ahead=years)
    found = regimes_of(_snapshots(episode, as_of, data), asked, SEED if seed is None else seed)
    columns = ["era", "series", "last", "growth_low", "growth_high", "sd_low", "sd_high", "now_filtered"]
    _print(found, [*columns, "p_linear", "optima"], as_json)


@group.command()
def trend(
    before: Annotated[
        str, typer.Option("--before", metavar="YEAR", help="Last year of the trend before the boom.")
    ] = "",
    episode: Era = "both",
    as_of: AsOf = None,
    data: DataDir = None,
    seed: Seed = None,
    as_json: Json = False,
) -> None:
    """Say how far spending over GDP stands above its trend, by several rules, beside 2000.

    Example: overbuild timeseries trend
    """
    from overbuild.settings import SEED
    from overbuild.timeseries.era_trend import TrendAsked, trends_of

    found = trends_of(_snapshots(episode, as_of, data), TrendAsked(before), SEED if seed is None else seed)
    columns = ["era", "series", "at", "rule", "percent_of_gdp", "above_trend", "low", "high", "trend_ends"]
    _print(found, columns, as_json)


@group.command()
def response(
    lags: Annotated[
        int | None, typer.Option("--lags", min=0, help="Lags; default: 2 quarters, 1 year.")
    ] = None,
    horizons: Annotated[
        int | None, typer.Option("--horizons", min=0, help="Periods ahead; default: 8 quarters, 3 years.")
    ] = None,
    episode: Era = "both",
    as_of: AsOf = None,
    data: DataDir = None,
    as_json: Json = False,
) -> None:
    """Project spending on cash flow, credit spread, policy rate and rivals' spending: descriptive.

    Example: overbuild timeseries response --episode ai
    """
    from overbuild.timeseries.era_responses import ResponsesAsked, responses_of

    found = responses_of(_snapshots(episode, as_of, data), ResponsesAsked(lags, horizons))
    columns = ["era", "driver", "moved", "horizon", "response", "low", "high", "p_holm", "periods", "how"]
    _print(found, columns, as_json)


def _snapshots(episode: str, as_of: str | None, data: Path | None) -> tuple[Snapshot, ...]:
    from overbuild.timeseries.era_snapshots import snapshots_of

    return snapshots_of(eras(episode), day(as_of), data)


def _print(found: Reported, columns: list[str], as_json: bool) -> None:
    if as_json:
        print_json(found.to_dict())
        return
    typer.echo(found.sentence)
    for era, label in found.labels.items():
        typer.echo(f"{era}: as of {found.as_of[era]}; {label}; vintages {found.vintage[era]}")
    table = found.frame().reindex(columns=columns)
    if "dates" in columns:
        table["dates"] = ["; ".join(d) or "-" for d in table["dates"]]
    print_table(table)
