"""What all commands share: the application, common options, and how results are printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from overbuild.errors import InputError

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


@contextmanager
def progress(title: str, quiet: bool) -> Iterator[Callable[[int, int, str], None]]:
    """Show a bar on stderr while work goes on, if that is a terminal; hand out the function that moves it."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total, name: bar.update(task, completed=done, total=total, description=name)


def day(text: str | None) -> date | None:
    """Return the day that ``--as-of`` names."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"--as-of '{text}' is not a date; expected the ISO form, such as 1999-06-30."
        ) from None


def print_json(content: dict[str, Any]) -> None:
    """Print one JSON object."""
    sys.stdout.write(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def print_table(frame: pd.DataFrame) -> None:
    """Print a table for people."""
    typer.echo(frame.to_string(index=False, na_rep="-", float_format=lambda v: f"{v:.3f}", max_colwidth=40))
