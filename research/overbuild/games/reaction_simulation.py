r"""Made-up panels with a known reaction, to see what each estimator finds where the truth is known.

.. math::

   y_{it} = \lambda_i f_t + \sum_p E_{ip} h_{pt} + m\, x_{it} + a\, (|x_{it}| - \overline{|x|})
            + k\, x_{it} d_{i,t-1} + \rho y_{i,t-1} + g s_{i,t-1} + c \sum_j W_{ij} s_{j,t-1} + e_{it},
   \qquad x_{it} = \sum_j W_{ij} y_{j,t-1}

f is a common shock and h are shocks to products; both are autoregressive of order one. Exposures E are those
that make the weights W, so that product shocks reach rivals exactly where a reaction would: the correlated
effects of Manski (1993), against which no estimator here is armed. The usual size of x is taken from its own
past, so that an asymmetric reaction does not move mean growth, from which the panel counts rises and cuts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overbuild.errors import InputError
from overbuild.games.reaction_panel import ReactionPanel

type Array = NDArray[np.float64]

BURN = 40
LOADING = (0.5, 1.5)
"""Range of the uniform loadings on the common shock."""


@dataclass(frozen=True)
class World:
    """The truth of a made-up panel.

    Attributes
    ----------
    reaction
        b, or m: to rivals' moves.
    own
        Effect of the own lag.
    deviation
        S.d. of a firm's own shock.
    common, product
        S.d. of the common shock and of each product's, over that of the own shock.
    lasting
        Autocorrelation of both.
    cash
        Effect of the own cash-flow surprise.
    strained, asymmetric, rivals_cash
        k, a and c of the equation.
    """

    reaction: float = 0.0
    own: float = 0.0
    deviation: float = 0.15
    common: float = 0.0
    product: float = 0.0
    lasting: float = 0.5
    cash: float = 0.02
    strained: float = 0.0
    asymmetric: float = 0.0
    rivals_cash: float = 0.0


def simulate(
    world: World,
    quarters: int,
    weights: Array,
    exposure: Array,
    rng: np.random.Generator,
    strain: Array | None = None,
    seasons: int = 1,
) -> ReactionPanel:
    """Return a panel of so many quarters.

    Parameters
    ----------
    weights, exposure
        Shapes (N, N) and (N, products).
    strain
        Shape (T, N): capex over cash flow, which is given and not made; None for 0.5 throughout.
    seasons
        Seasons that the estimators take out; they differ in nothing.

    Raises
    ------
    InputError
        If the truth explodes: growth would have no spread.
    """
    n = weights.shape[0]
    t = quarters + 1 + BURN
    ratio = np.full((quarters, n), 0.5) if strain is None else np.asarray(strain, dtype=np.float64)
    if ratio.shape != (quarters, n):
        raise InputError(f"strain has shape {ratio.shape}; expected {(quarters, n)}.")
    tight = np.vstack([np.zeros((BURN + 1, n)), ratio > 1])
    sd = world.deviation
    shock = rng.normal(0.0, sd, (t, n))
    cash = rng.standard_normal((t, n))
    loading = rng.uniform(*LOADING, n)
    common = _lasting(world.common * sd, world.lasting, (t, 1), rng)
    products = _lasting(world.product * sd, world.lasting, (t, exposure.shape[1]), rng)
    share = exposure / exposure.sum(axis=1, keepdims=True)
    outside = common * loading + products @ share.T + shock
    y = np.zeros((t, n))
    usual = 0.0
    for s in range(1, t):
        x = weights @ y[s - 1]
        usual += (float(np.abs(x).mean()) - usual) / s
        y[s] = (
            outside[s]
            + x * (world.reaction + world.strained * tight[s])
            + world.asymmetric * (np.abs(x) - usual)
            + world.own * y[s - 1]
            + world.cash * cash[s - 1]
            + world.rivals_cash * (weights @ cash[s - 1])
        )
    if not np.all(np.isfinite(y)) or np.abs(y).max() > 1e3 * sd * (1 + world.common + world.product):
        raise InputError(
            f"The reaction {world.reaction} with own lag {world.own} explodes; expected their sum below 1 in "
            "size."
        )
    return ReactionPanel(
        tuple(f"firm {i + 1}" for i in range(n)),
        tuple(str(i) for i in range(quarters)),
        np.arange(quarters) % seasons,
        y[BURN + 1 :],
        y[BURN:-1],
        cash[BURN:-1],
        ratio,
        np.full(quarters, np.nan),
        weights,
    )


def _lasting(sd: float, lasting: float, shape: tuple[int, int], rng: np.random.Generator) -> Array:
    """Return stationary autoregressions of order one, by column."""
    e = rng.standard_normal(shape)
    out = np.empty(shape)
    out[0] = e[0]
    for s in range(1, shape[0]):
        out[s] = lasting * out[s - 1] + np.sqrt(1 - lasting**2) * e[s]
    return sd * out
