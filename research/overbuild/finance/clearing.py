"""What everyone pays when not everyone can: the greatest clearing vector, with costs of bankruptcy.

Eisenberg, L. and T. H. Noe (2001), Systemic risk in financial systems, Management Science 47(2), 236-249;
Rogers, L. C. G. and L. A. M. Veraart (2013), Failure and rescue in an interbank network, Management Science
59(4), 882-898. Running costs that are paid before any liability make outside assets net of them negative
where they are larger, as in Elsinger, H. (2009), Financial networks, cross holdings, and limited liability.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from overbuild.errors import InputError

TOLERANCE = 1e-12
"""A shortfall below this fraction of what passes through a node is rounding."""

type Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Cleared:
    """Payments that clear, a row a draw.

    Attributes
    ----------
    paid
        Shape (draw, node): total that a node pays on its liabilities.
    share
        Shape (draw, node): paid over due; 1 where nothing is due.
    received
        Shape (draw, node).
    default
        Shape (draw, node): whether a node cannot pay all.
    equity
        Shape (draw, node): what is left for owners; 0 in default.
    costs_paid
        Shape (draw, node): what is paid of running costs.
    destroyed
        Shape (draw, node): what bankruptcy costs.
    """

    paid: Floats
    share: Floats
    received: Floats
    default: NDArray[np.bool_]
    equity: Floats
    costs_paid: Floats
    destroyed: Floats


def clear(
    assets: ArrayLike,
    due: ArrayLike,
    costs: ArrayLike | None = None,
    alpha: ArrayLike = 1.0,
    beta: ArrayLike = 1.0,
) -> Cleared:
    r"""Return the greatest clearing payments of every draw.

    With :math:`L_i = \sum_j L_{ij}`, :math:`\Pi_{ij} = L_{ij} / L_i` and running costs :math:`c_i`, which are
    paid first, the payments are the greatest fixed point of

    .. math::
        p_i = L_i \text{ if } a_i + (\Pi' p)_i - c_i \ge L_i, \text{ else }
        \max\{0, \alpha a_i + \beta (\Pi' p)_i - c_i\}.

    All liabilities of a node have one rank and are paid pro rata. With alpha = beta = 1 this is Eisenberg and
    Noe's p = min{L, max{0, a - c + Pi' p}}, otherwise Rogers and Veraart's, whose payments jump where a node
    fails. The map is monotone and preserves limits from above, so that the sequence of fictitious defaults
    (start where all pay; who fails then; what they pay then; who fails then) ends at the greatest fixed
    point after at most n rounds.

    Parameters
    ----------
    assets
        Shape (node,) or (draw, node), 0 or more: what a node has from outside the network.
    due
        Shape (node, node) or (draw, node, node), 0 or more: row owes column.
    costs
        As ``assets``; None: none.
    alpha, beta
        A number or shape (draw,), between 0 and 1: what is left of outside assets and of claims on others in
        a bankruptcy.

    Returns
    -------
    Cleared

    Raises
    ------
    InputError
        If shapes do not fit, a number is negative or not finite, a node owes itself, or alpha or beta is not
        between 0 and 1.
    """
    a, owed = np.atleast_2d(np.asarray(assets, float)), np.asarray(due, float)
    owed = owed[None] if owed.ndim == 2 else owed
    c = np.zeros_like(a) if costs is None else np.atleast_2d(np.asarray(costs, float))
    _check(a, owed, c)
    draws, nodes = max(len(a), len(owed), len(c)), a.shape[1]
    a, c = np.broadcast_to(a, (draws, nodes)), np.broadcast_to(c, (draws, nodes))
    owed = np.broadcast_to(owed, (draws, nodes, nodes))
    left = [_share(name, v, draws) for name, v in (("alpha", alpha), ("beta", beta))]
    paid, default = np.empty((draws, nodes)), np.empty((draws, nodes), np.bool_)
    received, total = np.empty((draws, nodes)), owed.sum(axis=2)
    a, c, owed = (np.ascontiguousarray(v) for v in (a, c, owed))
    _clear_all(a, c, owed, total, left[0], left[1], paid, received, default)
    estate = np.where(default, left[0][:, None] * a + left[1][:, None] * received, a + received)
    costs_paid = np.minimum(c, estate)
    equity = np.where(default, 0.0, np.maximum(a + received - c - total, 0.0))
    share = np.where(total > 0, paid / np.where(total > 0, total, 1.0), 1.0)
    return Cleared(paid, share, received, default, equity, costs_paid, a + received - estate)


def _check(a: Floats, owed: Floats, c: Floats) -> None:
    nodes = a.shape[1]
    if a.ndim != 2 or owed.ndim != 3 or owed.shape[1:] != (nodes, nodes) or c.shape[1:] != (nodes,):
        raise InputError(
            f"The liabilities have shape {owed.shape[1:]} and the costs {c.shape[1:]}; expected "
            f"({nodes}, {nodes}) and ({nodes},), a row and a column for each of {nodes} nodes."
        )
    if len({len(a), len(owed), len(c)} - {1}) > 1:
        raise InputError(f"Numbers of draws differ: {len(a)}, {len(owed)} and {len(c)}; expected one number.")
    for name, values in (("Outside assets", a), ("Liabilities", owed), ("Running costs", c)):
        if not np.isfinite(values).all() or (values < 0).any():
            raise InputError(f"{name} must be finite and 0 or more; the lowest given is {np.min(values)}.")
    if np.diagonal(owed, axis1=1, axis2=2).any():
        raise InputError("A node has a liability to itself; expected none on the diagonal.")


def _share(name: str, value: ArrayLike, draws: int) -> Floats:
    given = np.asarray(value, float)
    if not ((given >= 0) & (given <= 1)).all():
        raise InputError(f"{name} is {value}; expected a share between 0 and 1.")
    if given.ndim > 1 or given.size not in (1, draws):
        raise InputError(f"{name} has {given.size} values; expected 1 or {draws}, one a draw.")
    return np.broadcast_to(given.reshape(-1), (draws,)).copy()


@njit(cache=True)
def _clear_all(
    a: Any, c: Any, owed: Any, total: Any, alpha: Any, beta: Any, paid: Any, received: Any, default: Any
) -> None:
    nodes = a.shape[1]
    share = np.empty((nodes, nodes))
    for d in range(a.shape[0]):
        for i in range(nodes):
            for j in range(nodes):
                share[i, j] = owed[d, i, j] / total[d, i] if total[d, i] > 0 else 0.0
        _clear_one(a[d], c[d], share, total[d], alpha[d], beta[d], paid[d], received[d], default[d])


@njit(cache=True)
def _clear_one(
    a: Any, c: Any, share: Any, total: Any, alpha: float, beta: float, p: Any, received: Any, default: Any
) -> None:
    """Fictitious defaults, from the payment of everything downwards."""
    nodes = a.size
    default[:] = False
    p[:] = total
    for _ in range(nodes + 1):
        _receipts(share, p, received)
        more = False
        for i in range(nodes):
            slack = a[i] + received[i] - c[i] - total[i]
            if not default[i] and slack < -TOLERANCE * (a[i] + received[i] + c[i] + total[i]):
                default[i] = True
                more = True
        if not more:
            return
        _pay_in_default(a, c, share, total, alpha, beta, p, default)


@njit(cache=True)
def _receipts(share: Any, p: Any, received: Any) -> None:
    received[:] = 0.0
    for i in range(p.size):
        if p[i] > 0:
            for j in range(p.size):
                received[j] += share[i, j] * p[i]


@njit(cache=True)
def _pay_in_default(
    a: Any, c: Any, share: Any, total: Any, alpha: float, beta: float, p: Any, default: Any
) -> None:
    """Solve p = max{0, q + beta Pi' p} on the nodes in default.

    The matrix is an M-matrix, so that starting from nothing paid and letting in whoever then pays something
    never takes a node back (Chandrasekaran 1970) and ends after at most n rounds.
    """
    nodes = a.size
    q = alpha * a - c
    for i in range(nodes):
        if not default[i]:
            q += beta * total[i] * share[i]
    found = np.zeros(nodes)
    inside = np.zeros(nodes, np.bool_)
    for _ in range(nodes + 1):
        has = q.copy()
        for i in range(nodes):
            if inside[i]:
                has += beta * found[i] * share[i]
        more = False
        for j in range(nodes):
            if default[j] and not inside[j] and has[j] > 0:
                inside[j] = True
                more = True
        if not more:
            break
        if not _solve(q, share, beta, inside, found):
            _from_above(q, share, beta, default, p)
            return
    p[:] = np.where(default, np.minimum(np.maximum(found, 0.0), p), p)


@njit(cache=True)
def _solve(q: Any, share: Any, beta: float, inside: Any, found: Any) -> bool:
    """Solve (I - beta Pi') p = q; columns are diagonally dominant, so that no pivots are exchanged."""
    which = np.nonzero(inside)[0]
    n = which.size
    m, b = np.empty((n, n)), np.empty(n)
    for r in range(n):
        b[r] = q[which[r]]
        for k in range(n):
            m[r, k] = (1.0 if r == k else 0.0) - beta * share[which[k], which[r]]
    for k in range(n):
        if m[k, k] < TOLERANCE:
            return False
        for r in range(k + 1, n):
            if m[r, k] != 0.0:
                f = m[r, k] / m[k, k]
                for s in range(k + 1, n):
                    m[r, s] -= f * m[k, s]
                b[r] -= f * b[k]
    for r in range(n - 1, -1, -1):
        for s in range(r + 1, n):
            b[r] -= m[r, s] * b[s]
        b[r] /= m[r, r]
        found[which[r]] = b[r]
    return True


@njit(cache=True)
def _from_above(q: Any, share: Any, beta: float, default: Any, p: Any) -> None:
    """Where money goes round in a closed circle: step down from what was paid before."""
    for _ in range(100_000):
        moved = 0.0
        for j in range(p.size):
            if default[j]:
                has = q[j]
                for i in range(p.size):
                    if default[i]:
                        has += beta * share[i, j] * p[i]
                has = min(max(has, 0.0), p[j])
                moved = max(moved, (p[j] - has) / (1.0 + p[j]))
                p[j] = has
        if moved < TOLERANCE:
            return
