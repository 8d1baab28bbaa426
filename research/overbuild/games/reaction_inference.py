r"""Whether a reaction is there, for five firms: what may be permuted, what may be resampled.

**Relabelling.** The firms are given each other's rivals: W becomes :math:`P W P'` for each of the N!
relabellings P. Under the sharp null that who meets whom in which product has no effect, and that firms
are alike but for that, every relabelling was as likely. Common shocks of equal loading stay where they are.
It tests the part of a reaction that runs along the weights, not that to all rivals alike: of the naive
estimate, which is almost wholly the second, it is no test. With five firms no p-value is below 1/120.

**Shifts in time.** The rivals' moves are shifted around the sample as a block, by 1 to T - 1 quarters,
against everything else. Under the null that past moves of rivals have no effect and both sides are
stationary and independent, every shift was as likely. A common shock that lasts breaks that independence,
so that it is a test of "neither reaction nor lasting common shock", and says so of the naive estimate.

**Wild cluster bootstrap.** Residuals under the null are multiplied by one draw a cluster, of Webb's six
points, and the t statistic is compared with its own bootstrap distribution (Cameron, Gelbach and Miller
2008; Webb 2023): by quarter, or by firm, of which there are five, the fewest for which it is ever used.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from overbuild.games.reaction_panel import ReactionPanel, deseasoned
from overbuild.games.reaction_sweeps import Regression, Sweep

type Array = NDArray[np.float64]

WEBB = np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])
SLACK = 1e-9


def relabellings(weights: Array) -> Array:
    """Return every distinct W under relabelled firms, the true one first, shape (count, N, N)."""
    orders = np.array(list(permutations(range(weights.shape[0]))))
    every = weights[orders[:, :, None], orders[:, None, :]]
    _, first = np.unique(np.round(every, 12).reshape(len(orders), -1), axis=0, return_index=True)
    return every[np.sort(first)]


def t_statistics(y: Array, rivals: Array, others: Array, sweep: Sweep) -> Array:
    """Return the CR1 t statistic, clustered by time, of each of many readings of rivals' moves.

    Parameters
    ----------
    y
        Shape (T, N), or (count, T, N) with one reading each.
    rivals
        Shape (count, T, N), or (T, N) for one reading of all y.
    others
        Shape (K - 1, T, N).
    """
    t, n = y.shape[-2:]
    z = sweep(others).reshape(others.shape[0], -1)
    q = np.linalg.qr(z.T)[0]
    v = _without(sweep(y), q)
    x = _without(sweep(rivals), q)
    xx = (x**2).sum(axis=(-2, -1))
    b = (x * v).sum(axis=(-2, -1)) / xx
    residual = v - b[..., None, None] * x
    scores = (x * residual).sum(axis=-1)
    scale = t / (t - 1) * (t * n - 1) / (t * n - others.shape[0] - 1)
    return b * xx / np.sqrt(scale * (scores**2).sum(axis=-1))


def _without(values: Array, q: Array) -> Array:
    flat = values.reshape(*values.shape[:-2], -1)
    return (flat - (flat @ q) @ q.T).reshape(values.shape)


def p_relabelled(panel: ReactionPanel, sweep: Sweep) -> float:
    """Return the randomisation p-value over relabelled firms of an estimator given by its sweep."""
    moves = deseasoned(panel.before, panel.season)
    every = moves @ relabellings(panel.weights).transpose(0, 2, 1)
    others = np.stack([panel.before, panel.surprise])
    return _share(t_statistics(panel.growth, every, others, sweep))


def p_relabelled_by(panel: ReactionPanel, statistic: Callable[[ReactionPanel], float]) -> float:
    """Return the same for an estimator that is made again under each relabelling, by its own statistic."""
    every = relabellings(panel.weights)
    return _share(np.array([statistic(panel.with_weights(w)) for w in every]))


def p_shifted(panel: ReactionPanel, sweep: Sweep) -> float:
    """Return the randomisation p-value over shifts in time; the shift by none is the first."""
    t = panel.shape[0]
    every = np.stack([np.roll(panel.rivals, k, axis=0) for k in range(t)])
    others = np.stack([panel.before, panel.surprise])
    return _share(t_statistics(panel.growth, every, others, sweep))


def _share(statistics: Array) -> float:
    """Return the share of statistics at least as far from 0 as the first, which counts."""
    size = np.abs(statistics)
    return float(np.mean(size >= size[0] * (1 - SLACK)))


def p_wild(
    r: Regression, rng: np.random.Generator, *, by: str = "time", draws: int = 999, which: int = 0
) -> float:
    """Return the wild cluster bootstrap's p-value of no reaction, null imposed, Webb's weights.

    Parameters
    ----------
    r
        The regression; the regressors, the lag among them, are held fixed.
    rng
        Source of the weights.
    by
        ``time`` or ``firm``.
    draws
        Bootstrap draws.
    """
    k, t, n = r.swept.shape
    kept = [i for i in range(k) if i != which]
    y = r.residual + np.tensordot(r.beta, r.swept, axes=1)
    flat = r.swept[kept].reshape(k - 1, -1)
    null = np.linalg.lstsq(flat.T, y.ravel(), rcond=None)[0] @ flat
    residual = y - null.reshape(t, n)
    shape = (draws, t, 1) if by == "time" else (draws, 1, n)
    made = null.reshape(t, n) + rng.choice(WEBB, size=shape) * residual
    statistic = t_of_time if by == "time" else t_of_firm
    found = statistic(y, r, kept, which)
    drawn = statistic(made, r, kept, which)
    return float((1 + np.sum(np.abs(drawn) >= abs(float(found)) * (1 - SLACK))) / (draws + 1))


def t_of_time(y: Array, r: Regression, kept: list[int], which: int) -> Array:
    """Return t statistics of many y, shape (..., T, N), clustered by time."""
    return _t_of(y, r, kept, which, -1)


def t_of_firm(y: Array, r: Regression, kept: list[int], which: int) -> Array:
    """Return the same, clustered by firm."""
    return _t_of(y, r, kept, which, -2)


def _t_of(y: Array, r: Regression, kept: list[int], which: int, axis: int) -> Array:
    q = np.linalg.qr(r.swept[kept].reshape(len(kept), -1).T)[0]
    x, v = _without(r.swept[which], q), _without(r.sweep(y), q)
    xx = float((x**2).sum())
    b = (x * v).sum(axis=(-2, -1)) / xx
    scores = (x * (v - b[..., None, None] * x)).sum(axis=axis)
    groups = scores.shape[-1]
    t, n = x.shape
    scale = groups / (groups - 1) * (t * n - 1) / (t * n - len(kept) - 1)
    return b * xx / np.sqrt(scale * (scores**2).sum(axis=-1))
