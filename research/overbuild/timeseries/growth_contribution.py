r"""Contributions of parts to the growth of a chained aggregate, by two formulas, as functions of arrays.

With nominal shares s and quantity relatives x = q_t / q_{t-1}, and X the relative of the aggregate,

.. math:: c^T_i = \tfrac12 (s_{i,t-1} + s_{it}) \ln x_i \, \frac{X^m - 1}{\ln X}, \qquad
    c^F_i = \frac{s_{i,t-1} (x_i - 1) + s_{it} X (1 - 1/x_i)}{1 + X / X^P} \, \frac{X^m - 1}{X - 1}

where m is the number of periods in a year. The first is Törnqvist's; the second is that of the Bureau of
Economic
Analysis (Moulton and Seskin 1999), in which prices of both periods weigh the quantities; :math:`X^P` is the
Paasche relative, for which the Fisher relative X stands where the parts of the whole aggregate are not at
hand. Shares are nominal: chained dollars do not add up, and no share is ever formed from them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
STILL = 1e-9
"""Growth below which its limit is used."""


def tornqvist(nominal: Array, quantity: Array, total: Array, total_quantity: Array, per_year: int) -> Array:
    """Return Törnqvist contributions in percentage points of annual growth.

    Parameters
    ----------
    nominal, quantity
        Current-price value and quantity of a part, shape (period,).
    total, total_quantity
        The same of the aggregate.
    per_year
        Periods in a year.

    Returns
    -------
    numpy.ndarray
        Shape (period - 1,).
    """
    share = nominal / total
    growth, whole = np.diff(np.log(quantity)), np.diff(np.log(total_quantity))
    small = np.abs(whole) < STILL
    factor = np.where(small, per_year, np.expm1(per_year * whole) / np.where(small, 1.0, whole))
    return 100 * (share[1:] + share[:-1]) / 2 * growth * factor


def fisher(
    nominal: Array,
    quantity: Array,
    total: Array,
    total_quantity: Array,
    per_year: int,
    paasche: Array | None = None,
) -> Array:
    """Return contributions by the formula of the national accounts, percentage points of annual growth.

    Parameters
    ----------
    nominal, quantity, total, total_quantity, per_year
        As in `tornqvist`.
    paasche
        Paasche quantity relatives of the aggregate, shape (period - 1,); None: the Fisher relatives, from
        which they differ in the fourth digit.

    Returns
    -------
    numpy.ndarray
        Shape (period - 1,).
    """
    share = nominal / total
    x, whole = quantity[1:] / quantity[:-1], total_quantity[1:] / total_quantity[:-1]
    moved = share[:-1] * (x - 1) + share[1:] * whole * (1 - 1 / x)
    rate = whole - 1
    small = np.abs(rate) < STILL
    factor = np.where(small, per_year, (whole**per_year - 1) / np.where(small, 1.0, rate))
    return 100 * moved / (1 + whole / (whole if paasche is None else paasche)) * factor


def annual_growth(quantity: Array, per_year: int) -> Array:
    """Return growth at annual rates, per cent, shape (period - 1,)."""
    return 100 * ((quantity[1:] / quantity[:-1]) ** per_year - 1)
