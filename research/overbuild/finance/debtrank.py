"""Losses of value before anyone fails: DebtRank, in the form that lets every loss travel on."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overbuild.errors import InputError

ROUNDS = 1000
SETTLED = 1e-9


def debtrank(claims: ArrayLike, equity: ArrayLike, loss: ArrayLike) -> NDArray[np.float64]:
    r"""Return the share of its equity that each node loses.

    .. math:: h_i(t+1) = \min\{1, h_i(t) + \sum_j W_{ij} (h_j(t) - h_j(t-1))\}, \quad W_{ij} = A_{ij} / E_i,

    from :math:`h(0) = 0` and :math:`h_i(1) = \min\{1, \text{loss}_i / E_i\}`. A claim is written down by as
    much as its debtor's equity falls, long before the debtor fails: equity is not debt, and clearing, which
    asks who is paid, writes down nothing until then. Battiston et al. (2012), Scientific Reports 2, 541. Each
    node passes its losses on in every round and not in its first alone, as Bardoscia et al. (2015), PLoS ONE
    10(6), e0130406, derive from the balance sheet.

    Parameters
    ----------
    claims
        Shape (draw, node, node), 0 or more: what row may claim from column.
    equity
        Shape (draw, node), 0 or more; a node without any has lost it all before, and passes nothing on.
    loss
        Shape (draw, node), 0 or more: the first loss.

    Raises
    ------
    InputError
        If a number is negative or shapes do not fit.
    """
    a, e, x = (np.asarray(v, float) for v in (claims, equity, loss))
    if a.shape != (*e.shape, e.shape[-1]) or x.shape != e.shape:
        raise InputError(f"Claims {a.shape}, equity {e.shape} and losses {x.shape} do not fit together.")
    if min(v.min(initial=0.0) for v in (a, e, x)) < 0:
        raise InputError("Claims, equity and losses must be 0 or more.")
    some = np.where(e > 0, e, 1.0)
    weight = np.where(e[..., None] > 0, a / some[..., None], 0.0)
    before = np.zeros_like(e)
    now = np.where(e > 0, np.minimum(1.0, x / some), 0.0)
    for _ in range(ROUNDS):
        passed = np.einsum("...ij,...j->...i", weight, now - before)
        before, now = now, np.minimum(1.0, now + passed)
        if np.max(now - before, initial=0.0) < SETTLED:
            break
    return np.where(e > 0, now, 1.0)
