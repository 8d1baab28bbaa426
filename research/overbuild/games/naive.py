"""Two estimates of the slope in rivals' choices that leave something out, beside which the model is shown.

The naive logit puts the realised share of rivals that rise on the right-hand side. With a common shock it
finds a slope where there is none (Manski's reflection: rivals' choices stand for the shock); without one it
finds too little, since a realised share is a noisy measure of the expected one, and since a firm's rivals are
the panel less itself, which biases downwards in small samples (Guryan, Kroft and Notowidigdo 2009, American
Economic Journal: Applied Economics 1(4), 34-68). The nested fixed point without a shock (Rust 1987,
Econometrica 55(5), 999-1033) has expected shares from the equilibrium, and nothing common.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from overbuild.games.logit import Logit
from overbuild.games.quantal_kernel import Array, log_likelihood_and_gradient
from overbuild.games.quantal_panel import QuantalData

WIDE, OF_ZETA = 10.0, 2.0
"""Standard deviations of the normal penalties: on all but zeta next to none, on zeta that of the design."""


def rivals_share(data: QuantalData) -> Array:
    """Return the share of its rivals that rose, less 1/2, by cell; 0 where no rival is known."""
    known = data.y >= 0
    rises = np.where(known, data.y, 0).sum(axis=1, keepdims=True) - np.where(known, data.y, 0)
    rivals = known.sum(axis=1, keepdims=True) - known
    return np.where(rivals > 0, rises / np.maximum(rivals, 1) - 0.5, 0.0)


def columns(data: QuantalData, share: Array | None = None) -> tuple[Array, Array]:
    """Return design and answers of the known cells: (share,) constant and covariates."""
    known = data.y >= 0
    parts = [np.ones(data.y.shape), *np.moveaxis(data.covariates, -1, 0)]
    x = np.stack(parts if share is None else [share, *parts], axis=-1)[known]
    return x, data.y[known].astype(float)


def naive(data: QuantalData) -> float:
    """Return the naive logit's slope in the realised share of rivals that rise."""
    x, y = columns(data, rivals_share(data))
    sd = np.array([OF_ZETA, *[WIDE] * (x.shape[1] - 1)])
    return float(Logit(x, y, np.zeros(x.shape[1]), sd).mode()[0])


def nested_fixed_point(data: QuantalData) -> float:
    """Return zeta by penalised maximum likelihood without a shock; nan where no maximum was reached."""
    firms, number = data.y.shape[1], data.covariates.shape[2]
    sd = np.array([OF_ZETA, *[WIDE] * (number + 1)])
    node, weight, from_half = np.zeros(1), np.ones(1), np.arange(firms) / (firms - 1) - 0.5

    def negative(point: Array) -> tuple[float, Array]:
        delta = point[1] + point[0] * from_half
        value, by_delta, by_slopes, _ = log_likelihood_and_gradient(
            delta, point[2:].copy(), 0.0, data.y, data.covariates, node, weight
        )
        gradient = np.concatenate([[by_delta @ from_half, by_delta.sum()], by_slopes])
        return 0.5 * float(((point / sd) ** 2).sum()) - value, point / sd**2 - gradient

    bounds = [(-3.99, 3.99), *[(None, None)] * (number + 1)]
    found = minimize(negative, np.zeros(number + 2), jac=True, method="L-BFGS-B", bounds=bounds)
    return float(found.x[0]) if found.success else float("nan")
