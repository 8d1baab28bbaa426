"""The command of recursive tests for explosive roots."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from overbuild.cli.shared import Json, Seed, app, print_json, print_table, progress

if TYPE_CHECKING:
    from overbuild.explosive import RecursiveADF, Result, Series, Statistic
    from overbuild.explosive.nulls import Null

METHODS = ("montecarlo", "wild", "familywise", "sieve", "volatile")
VARIANTS = ("plain", "sign", "centred", "volatility", "technology")
PICTURES = (".png", ".pdf", ".svg")


@app.command()
def psy(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.csv", help="A line of names, then an observation a line, in order of time."
        ),
    ],
    column: Annotated[
        list[str], typer.Option("--column", metavar="C", help="The series; may be given several times.")
    ],
    dates: Annotated[
        str | None,
        typer.Option("--dates", metavar="C", help="Column of dates; default: one called date, period, ..."),
    ] = None,
    log: Annotated[bool, typer.Option("--log", help="Take logarithms.")] = False,
    lags: Annotated[int, typer.Option("--lags", metavar="K", help="Lagged changes; few, and fixed.")] = 0,
    criterion: Annotated[
        str | None,
        typer.Option("--criterion", help="aic or bic: choose lags up to --lags in every window."),
    ] = None,
    trend: Annotated[str, typer.Option("--trend", help="none, constant or trend.")] = "constant",
    variant: Annotated[
        str,
        typer.Option(
            "--variant",
            help="plain; sign: of cumulated signs, for any variance; centred: signs about the median, where "
            "there is a drift; volatility: the normalised coefficient, with lines of its own to begin and "
            "end; technology: what --proxy leaves.",
        ),
    ] = "plain",
    proxy: Annotated[
        list[str] | None,
        typer.Option(
            "--proxy",
            metavar="C=KIND",
            help="With --variant technology: a column that measures technology, and what it is: "
            "productivity, adoption, price (of computing), patents or investment.",
        ),
    ] = None,
    price: Annotated[
        bool,
        typer.Option(
            "--price",
            help="With --variant technology: the series is a price; otherwise it is spending, and investment "
            "is refused as a proxy.",
        ),
    ] = False,
    min_window: Annotated[
        int | None,
        typer.Option(
            "--min-window",
            metavar="M",
            help="Rows of the shortest regression, as exuber's minw (it uses M + K + 1 observations); "
            "default: (0.01 + 1.8/sqrt(n)) n, rounded down.",
        ),
    ] = None,
    method: Annotated[
        str, typer.Option("--critical-values", help="montecarlo, wild, familywise, sieve or volatile.")
    ] = "montecarlo",
    replications: Annotated[
        int, typer.Option("--replications", metavar="R", help="Paths under the null.")
    ] = 1999,
    drift: Annotated[
        str,
        typer.Option("--drift", help="Of Monte Carlo paths: vanishing (1/n, as PSY) or none (as exuber)."),
    ] = "vanishing",
    multiplier: Annotated[
        str, typer.Option("--multiplier", help="Of the wild bootstrap: normal or rademacher.")
    ] = "normal",
    panel: Annotated[
        bool, typer.Option("--panel", help="Test the columns together, as a panel of equal dates.")
    ] = False,
    level: Annotated[float, typer.Option("--level", help="0.9, 0.95 or 0.99: of the dating.")] = 0.95,
    rule: Annotated[
        str | None,
        typer.Option(
            "--rule",
            help="Critical values of the dating: pointwise, sadf, familywise, or published (default of "
            "--variant volatility).",
        ),
    ] = None,
    min_duration: Annotated[
        int | None, typer.Option("--min-duration", help="Dates of the shortest episode; default: log n.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE.png", help="Draw the sequence; .png, .pdf, .svg.")
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Threads.")] = 1,
    cluster: Annotated[
        str | None, typer.Option("--cluster", metavar="ADDRESS", help="A dask scheduler (extra 'cluster').")
    ] = None,
    seed: Seed = None,
    as_json: Json = False,
) -> None:
    """Test a series of yours for explosive behaviour (ADF, SADF, GSADF, BSADF) and date its episodes.

    Critical values are those of the same length, lags, window and trend, and are kept below build/.

    A variant is the same test made robust to changing variance, or to technology that is observed.

    Example: overbuild psy prices.csv --column close --log --critical-values wild
    """
    from functools import partial

    from overbuild.errors import InputError
    from overbuild.explosive import RecursiveADF, Rule, psy_panel
    from overbuild.explosive import psy as test_each
    from overbuild.explosive.critical import threads
    from overbuild.explosive.file import read_series
    from overbuild.locations import build_dir, project_root
    from overbuild.pipeline.executor import mapped
    from overbuild.settings import SEED

    plain = RecursiveADF(lags, trend, min_window, criterion)
    null = _null(method, replications, drift, multiplier)
    default = "published" if variant == "volatility" else "pointwise"
    dating = Rule(level, default if rule is None else rule, min_duration)
    proxies = [_proxy(given) for given in proxy or ()]
    if bool(proxies) != (variant == "technology"):
        raise InputError(
            "--variant technology needs --proxy C=KIND, once or more, and no other variant has one."
        )
    if plot is not None and (plot.suffix not in PICTURES or (len(column) > 1 and not panel)):
        raise InputError(f"--plot {plot}: expected {', '.join(PICTURES)}, and one series or --panel.")
    if plot is not None and not plot.parent.is_dir():
        raise InputError(f"--plot {plot}: there is no folder '{plot.parent}'.")
    names = list(dict.fromkeys(column))
    read = read_series(file, [*names, *(name for name, _ in proxies)], dates)
    series = tuple(s.log() if log else s for s in read[: len(names)])
    measured = [(s, kind) for s, (_, kind) in zip(read[len(names) :], proxies, strict=True)]
    test = _test(variant, plain, measured, spending=not price)
    keys: dict[str, Any] = {
        "seed": SEED if seed is None else seed,
        "mapper": partial(mapped, cluster=cluster) if cluster else threads(workers),
        "folder": build_dir() / "explosive" if project_root() else None,
    }
    with progress("paths under the null", as_json) as advance:
        found = (
            (psy_panel(series, test, null, dating, progress=advance, **keys),)
            if panel
            else test_each(series, test, null, dating, progress=advance, **keys)
        )
    if plot is not None:
        _draw(found[0], plot)
    if as_json:
        print_json(found[0].to_dict() if len(found) == 1 else {"results": [r.to_dict() for r in found]})
        return
    for result in found:
        _show(result)


def _proxy(given: str) -> tuple[str, str]:
    from overbuild.errors import InputError

    name, equals, kind = given.rpartition("=")
    if not equals:
        raise InputError(f"--proxy {given}: expected a column and its kind, for example users=adoption.")
    return name, kind


def _test(
    variant: str, plain: RecursiveADF, proxies: list[tuple[Series, str]], *, spending: bool
) -> Statistic:
    from overbuild.errors import InputError, UnknownNameError
    from overbuild.explosive import Proxy, RecursiveADF, SignADF, StochasticVolatilityADF, TechnologyAdjusted

    if variant not in VARIANTS:
        raise UnknownNameError("variant", variant, VARIANTS)
    if variant == "plain":
        return plain
    if variant == "technology":
        return TechnologyAdjusted(tuple(Proxy.of(s, kind) for s, kind in proxies), spending, plain)
    if plain != RecursiveADF(min_window=plain.min_window):
        raise InputError(f"--variant {variant}: it has no lags and no trend; leave out --lags and --trend.")
    if variant == "volatility":
        return StochasticVolatilityADF(plain.min_window)
    return SignADF(plain.min_window, centred=variant == "centred")


def _null(method: str, replications: int, drift: str, multiplier: str) -> Null:
    from overbuild.errors import UnknownNameError
    from overbuild.explosive import (
        FamilyWiseBootstrap,
        MonteCarlo,
        SieveBootstrap,
        VolatileWalks,
        WildBootstrap,
    )

    if method == "montecarlo":
        return MonteCarlo(drift, replications)
    if method == "wild":
        return WildBootstrap(multiplier, replications)
    if method == "familywise":
        return FamilyWiseBootstrap(replications=replications)
    if method == "sieve":
        return SieveBootstrap(replications=replications)
    if method == "volatile":
        return VolatileWalks(replications=replications)
    raise UnknownNameError("kind of critical values", method, METHODS)


def _show(result: Result) -> None:
    typer.echo(result.sentence() + "\n")
    typer.echo(result.summary())
    table = result.dating().table
    if len(table):
        typer.echo("\nEpisodes; end: the first date back below; low and high: 5 and 95 % of the bootstrap.")
        print_table(table.drop(columns=[c for c in table.columns if c.endswith("_median")]))
    typer.echo("")


def _draw(result: Result, path: Path) -> None:
    import io

    from matplotlib.figure import Figure

    from overbuild.core.saving import save_bytes

    figure = Figure(figsize=(6.5, 3.5), layout="constrained")
    result.plot(figure.subplots())
    content = io.BytesIO()
    figure.savefig(content, format=path.suffix[1:], dpi=200)
    save_bytes(path, content.getvalue())
