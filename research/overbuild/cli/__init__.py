"""The command line. Every command calls one function of the package and prints what it returns."""

from overbuild.cli import (  # noqa: F401, I001 (in the order of the help)
    data,
    episodes,
    explosive,
    models,
    contest,
    game,
    dilemma,
    race,
    contagion,
    contract,
    backtest,
    sensitivity,
    timeseries,
    building,
)
from overbuild.cli.shared import app

__all__ = ["app"]
