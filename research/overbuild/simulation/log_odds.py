"""How far draws of the parameters differ in the log odds of an event, less the chance on their paths.

Of n_d paths of draw d the event holds on k_d ~ Binomial(n_d, 1 / (1 + exp(-eta_d))), eta_d ~ N(m, s^2). The
likelihood is integrated over eta by Gauss-Hermite quadrature and maximised in m and ln s; s^2 is how far
draws differ. A share of paths has no floor or ceiling in log odds, so that an event that becomes rare is
not taken for one that is known (McCullagh and Nelder 1989, Generalized Linear Models, 14.5).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

type Array = NDArray[np.float64]

NODES = 41


def counts_of(holds: Array, draw: NDArray[np.int_]) -> tuple[Array, Array]:
    """Return on how many paths of each draw an event holds, and how many it has, shape (draw,) each."""
    known = np.isfinite(holds)
    size = int(draw.max()) + 1
    return (
        np.bincount(draw[known], holds[known], minlength=size),
        np.bincount(draw[known], minlength=size).astype(float),
    )


def spread(held: Array, of: Array) -> float:
    """Return s^2; nan where the event holds on no path or on all, since nothing then tells it.

    Parameters
    ----------
    held, of
        Paths of each draw on which the event holds, and all of them, shape (draw,).
    """
    from scipy.optimize import minimize

    rest = of - held
    if held.sum() <= 0 or rest.sum() <= 0:
        return float("nan")
    node, weight = np.polynomial.hermite_e.hermegauss(NODES)
    log_weight = np.log(weight / weight.sum())
    cells, number = np.unique(np.stack([held, rest]), axis=1, return_counts=True)
    yes, no = cells[0][:, None], cells[1][:, None]

    def against(p: Array) -> float:
        eta = p[0] + np.exp(min(p[1], 5.0)) * node
        terms = log_weight - yes * np.logaddexp(0, -eta) - no * np.logaddexp(0, eta)
        return -float(number @ np.logaddexp.reduce(terms, axis=1))

    middle = np.log((held.sum() + 0.5) / (rest.sum() + 0.5))
    options = {"xatol": 1e-3, "fatol": 1e-4}
    best = minimize(against, [middle, 0.0], method="Nelder-Mead", options=options).x
    return float(np.exp(2 * min(best[1], 5.0)))
