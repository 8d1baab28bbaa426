r"""Play that is not in equilibrium: level-k, and the neglect of competition.

Level 0 does what was done last year: each rival builds with probability p_0, last year's share. Level k
answers level k-1,

    p_k = R(p_{k-1}),   R(p) = 1/(1 + exp(-lam Dbar(p))),

or, at infinite precision, builds if Dbar(p_{k-1}) > 0. With neglect, firms see that rivals answer as they do
themselves, but count the answer only with weight w,

    p = R(p_0 + w (p - p_0)),

which is level 1 at w = 0 and quantal response equilibrium at w = 1. As Dbar taken at p_0 + w (p - p_0) is
again a polynomial in p of the same degree, all its solutions are found as those of `overbuild.games.qre` are.

References: Nagel (1995), American Economic Review 85(5), 1313-1326; Greenwood and Hanson (2015), "Waves in
ship prices and investment", Quarterly Journal of Economics 130(1), 55-109.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overbuild.errors import InputError
from overbuild.games.bernstein import restricted
from overbuild.games.qre import fixed_points, mean_advantage

type Array = NDArray[np.float64]


def level_k(advantage: ArrayLike, last_share: ArrayLike, levels: int, precision: ArrayLike = np.inf) -> Array:
    """Return p_0, ..., p_K.

    Parameters
    ----------
    advantage
        Delta, shape (..., N).
    last_share
        p_0, the share of firms that built last year, shape (...).
    levels
        K, 0 or more.
    precision
        lam; infinite: best responses, an indifferent firm holding.

    Returns
    -------
    ndarray, shape (K+1, ...)
    """
    first = np.asarray(last_share, float)
    _require_share("last_share", first)
    lam = np.asarray(precision, float)
    shares = [np.broadcast_to(first, np.broadcast_shapes(first.shape, np.shape(advantage)[:-1], lam.shape))]
    for _ in range(levels):
        mean = mean_advantage(advantage, shares[-1])
        sharp = np.isinf(lam)
        logit = np.clip(np.where(sharp, 0.0, lam) * mean, -700, 700)
        shares.append(np.where(sharp, (mean > 0).astype(float), 1 / (1 + np.exp(-logit))))
    return np.stack(shares)


def competition_neglect(advantage: ArrayLike, last_share: float, weight: float, precision: float) -> Array:
    """Return every p of one game that solves p = R(p_0 + w (p - p_0)), ascending.

    Parameters
    ----------
    advantage
        Delta, shape (N,).
    last_share
        p_0.
    weight
        w, in [0, 1]: 1 neglects nothing.
    precision
        lam, finite.

    Raises
    ------
    InputError
        If a share or the weight is outside [0, 1], or the precision is not finite and 0 or more.
    """
    _require_share("last_share", np.asarray(last_share, float))
    _require_share("weight", np.asarray(weight, float))
    if not 0 <= precision < np.inf:
        raise InputError(f"precision = {precision}; expected a finite number, 0 or more.")
    low = last_share * (1 - weight)
    seen = restricted(np.ascontiguousarray(advantage, float), low, low + weight)
    return fixed_points(seen, precision)


def _require_share(name: str, value: Array) -> None:
    if not ((value >= 0) & (value <= 1)).all():
        raise InputError(f"{name} = {np.ravel(value)[0]:g}; expected a share between 0 and 1.")
