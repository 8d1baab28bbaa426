"""A growth curve with an unknown ceiling, in the quantities that data can speak of.

Richards (1959, Journal of Experimental Botany 10(2), 290-301): with ceiling M, inflection time tau, rate k
and asymmetry nu,

    ln D(t) = ln M - ln(1 + exp(-k (t - tau))) / nu.

Early growth is g = k / nu, in logs a year. With headroom h = ln M - ln D(0) the same curve is

    ln D(t) - ln D(0) = h - softplus(ln(exp(nu h) - 1) - g nu t) / nu,

growth at the reference time 0 is g (1 - exp(-nu h)), tau lies at ln(exp(nu h) - 1) / (g nu), and the curve
of levels turns from convex to concave where what is left is ln(1 + nu) / nu: whether that point is passed
depends on h and nu alone. Data fix growth; nothing before the turn fixes h.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

type Array = NDArray[np.float64]


def log_expm1(u: Array) -> Array:
    """Return ln(exp(u) - 1) for u > 0 without overflow."""
    u = np.asarray(u, dtype=float)
    return u + np.log(-np.expm1(-u))


def gain(time: Array, growth: Array, headroom: Array, asymmetry: Array) -> Array:
    """Return ln D(t) - ln D(0); shapes broadcast, times in years from the reference."""
    inner = log_expm1(asymmetry * headroom) - growth * asymmetry * time
    return headroom - np.logaddexp(0.0, inner) / asymmetry


def slope(time: Array, growth: Array, headroom: Array, asymmetry: Array) -> Array:
    """Return the growth of the curve at a time, in logs a year."""
    inner = log_expm1(asymmetry * headroom) - growth * asymmetry * time
    return growth / (1 + np.exp(-inner))


def midpoint(growth: Array, headroom: Array, asymmetry: Array) -> Array:
    """Return tau, in years from the reference."""
    return log_expm1(asymmetry * headroom) / (growth * asymmetry)


def turning_headroom(asymmetry: Array) -> Array:
    """Return the headroom at which levels turn from convex to concave: ln 2 for the logistic curve."""
    return np.log1p(asymmetry) / asymmetry
