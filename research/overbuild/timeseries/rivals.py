"""Rival forecasters of a spending series: their paths ahead, which the same events judge as any model's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Paths
from overbuild.core.frozen import Frozen
from overbuild.core.periods import horizon, label, ordinal
from overbuild.errors import InputError, UnknownNameError
from overbuild.timeseries.arima import arima
from overbuild.timeseries.random_walk import random_walk
from overbuild.timeseries.series import LogSeries, TooShortError, log_series
from overbuild.timeseries.unobserved_components import unobserved_components

__all__ = ["RIVALS", "TooShortError", "log_paths", "paths_of"]

Array = NDArray[np.float64]
type Ahead = Callable[[LogSeries, int, int, np.random.Generator], Array]

RIVALS: Mapping[str, Ahead] = Frozen(
    {"random_walk": random_walk, "arima": arima, "unobserved_components": unobserved_components}
)
"""Name to the function that draws logs ahead."""


def log_paths(rival: str, series: LogSeries, steps: int, draws: int, rng: np.random.Generator) -> Array:
    """Return a rival's draws of the logs of the periods after the last, shape (draw, step).

    Raises
    ------
    UnknownNameError
        If there is no such rival.
    """
    if rival not in RIVALS:
        raise UnknownNameError("rival forecaster", rival, tuple(RIVALS))
    return RIVALS[rival](series, steps, draws, rng)


def paths_of(
    rival: str,
    history: Paths,
    until: str,
    draws: int,
    rng: np.random.Generator,
    *,
    layers: Sequence[str] | None = None,
) -> Paths:
    """Return a rival's paths to the end of ``until``, with the history in front, as events judge them.

    Each layer is forecast from its own past alone; draws of two layers are independent. To forecast O3 give
    the paths to `overbuild.core.forecast.forecast_from_paths`.

    Parameters
    ----------
    rival
        A name of `RIVALS`.
    history
        What happened, one draw; yearly or quarterly, as a snapshot has it.
    until
        A period of any frequency.
    draws
        Paths.
    rng
        Generator.
    layers
        Those to forecast; None: all. All must be known to one last period, which the paths follow.

    Raises
    ------
    UnknownNameError
        If there is no such rival or layer.
    TooShortError
        If a layer is too short: the rival abstains, and the message is its reason.
    InputError
        If ``until`` ends no later than what is known, or two layers end at different periods.
    """
    names = tuple(layers or history.layers)
    values = {name: history.layer(name)[0] for name in names}
    known = {name: np.flatnonzero(np.isfinite(v)) for name, v in values.items()}
    lasts = {int(k[-1]) if k.size else -1 for k in known.values()}
    if len(lasts) != 1:
        raise InputError("The layers are known to different periods; forecast them one by one.")
    last = lasts.pop()
    if last < 0:
        raise TooShortError(f"Nothing is known of {', '.join(names)}.")
    now = ordinal(history.time[last])
    steps = ordinal(horizon(until, history.frequency)) - now
    if steps < 1:
        raise InputError(
            f"The horizon {until} ends before what is known, which is {history.time[last]}. "
            "Ask for a later one."
        )
    ahead = {
        name: np.exp(log_paths(rival, log_series(v, history.time[0]), steps, draws, rng))
        for name, v in values.items()
    }
    time = tuple(label(now + k, history.frequency) for k in range(1, steps + 1))
    before = Paths(
        history.time[: last + 1],
        {name: v[None, : last + 1] for name, v in values.items()},
        {name: history.units[name] for name in names},
        "history",
        history.as_of,
    )
    return Paths(time, ahead, before.units, "simulated", history.as_of).after(before)
