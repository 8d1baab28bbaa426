"""Embodied and disembodied progress: how long what is already built can serve a demand that grows.

Capacity is K_t = A_t^omega sum_v I_v q_v^(1 - omega) S(t - v), with A the progress that reaches the whole
stock, q the quality of a vintage, S survival. With omega = 1 all of it scales with A and a strand laid once
gains with every new generation of optics; with omega = 0 only new vintages are better and an old chip stays
what it was. What is laid already, with no further building, changes by omega g_A a year while progress
lasts, less what wears out; `overbuild.models.inventory.capacity` has the same sum in draws and classes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

type Array = NDArray[np.float64]

FIBRE_PROGRESS = float(np.log(100) / 4)
"""Log gain a year of the capacity of a strand: a hundredfold in the four years from 1998 (Odlyzko in The
Economist, October 2003). Nobody could know it in 1998: what uses it is arithmetic in retrospect."""
FIBRE_CAPACITY = float(np.log(500) / 4)
"""Log growth a year of potential capacity, strands times gain: five hundredfold in the same years."""
RETROSPECT = "arithmetic in retrospect: the growth of capacity was published in October 2003"
WEIBULL_SHAPE = 2.0


def capacity_path(
    invested: Array, omega: float, progress: float, median_life: float, shape: float = WEIBULL_SHAPE
) -> Array:
    """Return capacity by year, in units that one unit of investment buys in year 0.

    Parameters
    ----------
    invested
        Investment by year, shape (year,).
    omega
        Share of progress that reaches what is already built.
    progress
        Log gain a year of A and of the quality of a new vintage.
    median_life, shape
        Of the Weibull life, in years; an infinite life scraps nothing.
    """
    years = np.arange(invested.size, dtype=float)
    age = years[:, None] - years[None, :]
    alive = np.where(age >= 0, np.exp(-np.log(2) * (np.maximum(age, 0) / median_life) ** shape), 0.0)
    vintages = invested * np.exp((1 - omega) * progress * years)
    return np.exp(omega * progress * years) * (alive @ vintages)


def stock_gain(
    time: Array, omega: Array, progress: Array, lasts: float, median_life: Array, shape: float = WEIBULL_SHAPE
) -> Array:
    """Return the log change of what is already built, with no further building, shape (draw, time).

    Parameters
    ----------
    time
        Years from now, shape (time,).
    omega, progress, median_life
        Shape (draw,).
    lasts
        Years for which progress goes on.
    """
    gained = (omega * progress)[:, None] * np.minimum(time, lasts)[None, :]
    return gained - np.log(2) * (time[None, :] / median_life[:, None]) ** shape


def catch_up(time: Array, demand: Array, capacity: Array, use: float) -> Array:
    """Return the years until demand fills capacity again, nan where it does not by the last time.

    Parameters
    ----------
    time
        Years from now, shape (time,).
    demand, capacity
        Log changes from now, shape (draw, time).
    use
        Capacity in use now over normal use.
    """
    full = demand - capacity + np.log(use) >= 0
    return np.where(full.any(axis=1), time[np.argmax(full, axis=1)], np.nan)
