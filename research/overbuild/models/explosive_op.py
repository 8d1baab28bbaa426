"""The likelihood of `overbuild.models.explosive_kernel` as a PyTensor operation, with its exact gradient.

The kernel returns the gradient with the value, and both are outputs of one operation, so that a sampler
that asks for value and gradient runs the recursion once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import DisconnectedType, disconnected_type
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch.basic import numba_njit, register_funcify_default_op_cache_key

from overbuild.core.digest import digest_file
from overbuild.models import explosive_kernel
from overbuild.models.explosive_kernel import value_and_gradient

RANKS = {"change": 1, "gap": 2, "first": 0, "mu": 0, "c": 0, "d": 0, "log_scale": 1, "stay": 1}
RANKS |= {"exists": 0, "degrees": 0}
LEARNT = ("mu", "c", "d", "log_scale", "stay")
SOURCE = int(digest_file(Path(explosive_kernel.__file__))[:8], 16)
"""In the key under which PyTensor keeps machine code, so that a changed kernel is compiled anew."""


class ExplosiveLogLikelihood(Op):
    """Log-likelihood of a price; inputs as for `value_and_gradient`, in that order."""

    __props__ = ()

    def make_node(self, *inputs: Any) -> Apply:
        """Return the node: the value and one gradient for each input that is learnt."""
        given = [pt.as_tensor_variable(x, dtype="float64") for x in inputs]
        for name, x in zip(RANKS, given, strict=True):
            if x.ndim != RANKS[name]:
                raise ValueError(f"{name} has {x.ndim} dimensions; expected {RANKS[name]}.")
        by_name = dict(zip(RANKS, given, strict=True))
        return Apply(self, given, [pt.dscalar(), *(by_name[n].type() for n in LEARNT)])

    def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
        """Compute without compilation of the graph."""
        given: list[Any] = [x if RANKS[n] else float(x) for n, x in zip(RANKS, inputs, strict=True)]
        given[2] = int(given[2])
        for store, value in zip(output_storage, value_and_gradient(*given), strict=True):
            store[0] = np.asarray(value, dtype=float)

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> list[Any]:
        """Return the gradient, which is already an output; the gradient of the gradient is not known."""
        if any(not isinstance(g.type, DisconnectedType) for g in cotangents[1:]):
            raise NotImplementedError("The gradient of the gradient is not implemented.")
        found = dict(zip(LEARNT, outputs[1:], strict=True))
        return [found[n] * cotangents[0] if n in found else disconnected_type() for n in RANKS]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return which output depends on which input, for differentiation: the value, on what is learnt."""
        return [[n in LEARNT] + [False] * len(LEARNT) for n in RANKS]


@register_funcify_default_op_cache_key(ExplosiveLogLikelihood)
def _compiled(op: ExplosiveLogLikelihood, node: Any = None, **kwargs: Any) -> Any:
    @numba_njit
    def likelihood(change, gap, first, mu, c, d, log_scale, stay, exists, degrees):
        total, d_mu, d_c, d_d, d_scale, d_stay = value_and_gradient(
            change,
            gap,
            int(first.item()),
            mu.item(),
            c.item(),
            d.item(),
            log_scale,
            stay,
            exists.item(),
            degrees.item(),
        )
        return np.asarray(total), np.asarray(d_mu), np.asarray(d_c), np.asarray(d_d), d_scale, d_stay

    return likelihood, SOURCE


explosive_log_likelihood = ExplosiveLogLikelihood()
