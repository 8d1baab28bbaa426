"""How much of what is bought in the web is paid with money that no seller put into the buyer."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overbuild.errors import InputError
from overbuild.finance.contagion_draws import Drawn
from overbuild.finance.network import FIRMNESS, Network

type Floats = NDArray[np.float64]

SELLERS = ("cloud", "neocloud", "supplier")


def external_ratio(share: ArrayLike, purchases: ArrayLike) -> Floats:
    r"""Return the external-revenue ratio :math:`1'(I - C)x / 1'x`, shape (draw,).

    With :math:`F_{ij}` what seller i puts into buyer j, and :math:`x_j` all that j buys in the web,
    :math:`C_{ij} = F_{ij} / x_j` is the share of j's purchases that i finances, and
    :math:`1'(I - C)x = \sum_j x_j - \sum_{ij} F_{ij}` what is paid with money from elsewhere. Purchases
    follow from such money alone, :math:`x = (I - C)^{-1} y = \sum_k C^k y`, only if the spectral radius of C
    is below one: otherwise sellers finance one another in a circle without an outside.

    It is accounting within one year, not a measure of fraud or of value: a stake that pays for real capacity
    is worth what that capacity earns, and a buyer who had no such money might have found other.

    Parameters
    ----------
    share
        C, shape (node, node) or (draw, node, node), 0 or more.
    purchases
        x, shape (node,) or (draw, node), 0 or more.

    Raises
    ------
    InputError
        If a number is negative, nothing is bought, or the spectral radius is 1 or more.
    """
    c, x = np.asarray(share, float), np.asarray(purchases, float)
    c, x = (c[None] if c.ndim == 2 else c), np.atleast_2d(x)
    if c.shape[1:] != (x.shape[1], x.shape[1]):
        raise InputError(f"The matrix of shares has shape {c.shape[1:]}; expected {x.shape[1]} of each.")
    if c.min(initial=0.0) < 0 or x.min(initial=0.0) < 0 or (x.sum(axis=1) <= 0).any():
        raise InputError("Shares and purchases must be 0 or more, and something must be bought.")
    radius = float(np.abs(np.linalg.eigvals(c)).max(initial=0.0))
    if radius >= 1:
        raise InputError(
            f"The spectral radius of the financing shares is {radius:.3f}; expected below 1. Sellers finance "
            "one another's purchases in a closed circle, and no outside revenue explains them."
        )
    return 1 - np.einsum("dij,dj->d", c, np.broadcast_to(x, (len(c), x.shape[1]))) / x.sum(axis=1)


def purchases(network: Network, amounts: Floats) -> Floats:
    """Return what each node buys from each, shape (draw, seller, buyer).

    Parameters
    ----------
    network
        Who owes whom; contracts that sellers are paid on are purchases, debt and intentions are not.
    amounts
        Shape (draw, liability): what is scheduled, of which nothing is cancelled.
    """
    sellers = {network.names[i] for i in network.of_kind(*SELLERS)}
    bought = [v.creditor in sellers and v.firmness in FIRMNESS[:2] for v in network.liabilities]
    return network.matrix(amounts * np.array(bought, float)).swapaxes(1, 2)


def financed(network: Network, drawn: Drawn) -> Floats:
    """Return what each node puts into each, shape (draw, provider, user): amount times firmness."""
    made = np.zeros((drawn.count, len(network.nodes), len(network.nodes)))
    for k, f in enumerate(network.financing):
        made[:, network.index(f.provider), network.index(f.user)] += drawn.invested[:, k] * f.amount
    return made


def unspent(network: Network) -> list[str]:
    """Return ``provider into user`` of money put into a node that buys nothing here: it counts nowhere."""
    due = np.array([[v.due for v in network.liabilities]])
    buys = purchases(network, due)[0].sum(axis=0)
    return [
        f"{f.provider} into {f.user}"
        for f in network.financing
        if f.amount and not buys[network.index(f.user)]
    ]


def shares(bought: Floats, put_in: Floats, *, direct: bool = False) -> tuple[Floats, Floats]:
    """Return C and x of `external_ratio`; what is put in beyond all purchases is not spent in the web.

    Parameters
    ----------
    bought
        Shape (draw, seller, buyer).
    put_in
        Shape (draw, provider, user).
    direct
        Count only providers of whom the user buys, up to what it buys of each; otherwise money may come
        back through a third, as chips that a cloud buys for its customer.
    """
    counted = np.minimum(put_in, bought) if direct else put_in
    x = bought.sum(axis=1)
    total = counted.sum(axis=1)
    kept = np.where(total > x, np.divide(x, total, out=np.ones_like(x), where=total > 0), 1.0)
    c = counted * (kept / np.where(x > 0, x, 1.0))[:, None, :]
    return np.where(x[:, None, :] > 0, c, 0.0), x
