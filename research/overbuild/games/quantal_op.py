"""The likelihood of `overbuild.games.quantal_kernel` as a PyTensor operation, with its exact gradient.

The kernel returns the gradient with the value, and both are outputs of one operation, so that a sampler
that asks for value and gradient solves the games once.
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

import overbuild.games.quantal_kernel as kernel
from overbuild.core.digest import digest_file

RANKS = {"delta": 1, "coefficients": 1, "scale": 0, "y": 2, "covariates": 3, "nodes": 1, "weights": 1}
LEARNT = ("delta", "coefficients", "scale")
SOURCE = int(digest_file(Path(kernel.__file__))[:8], 16)
"""In the key under which PyTensor keeps machine code, so that a changed kernel is compiled anew."""


class QuantalLogLikelihood(Op):
    """Log-likelihood of a panel; inputs as for `log_likelihood_and_gradient`, in that order."""

    __props__ = ()

    def make_node(self, *inputs: Any) -> Apply:
        """Return the node: the value and one gradient for each input that is learnt."""
        given = [
            pt.as_tensor_variable(x, dtype="int8" if name == "y" else "float64")
            for name, x in zip(RANKS, inputs, strict=True)
        ]
        for name, x in zip(RANKS, given, strict=True):
            if x.ndim != RANKS[name]:
                raise ValueError(f"{name} has {x.ndim} dimensions; expected {RANKS[name]}.")
        by_name = dict(zip(RANKS, given, strict=True))
        return Apply(self, given, [pt.dscalar(), *(by_name[n].type() for n in LEARNT)])

    def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
        """Compute without compilation of the graph."""
        given: list[Any] = [x if RANKS[n] else float(x) for n, x in zip(RANKS, inputs, strict=True)]
        for store, value in zip(output_storage, kernel.log_likelihood_and_gradient(*given), strict=True):
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


@register_funcify_default_op_cache_key(QuantalLogLikelihood)
def _compiled(op: QuantalLogLikelihood, node: Any = None, **kwargs: Any) -> Any:
    @numba_njit
    def likelihood(delta, coefficients, scale, y, covariates, nodes, weights):
        total, d_delta, d_coefficients, d_scale = kernel.log_likelihood_and_gradient(
            delta, coefficients, scale.item(), y, covariates, nodes, weights
        )
        return np.asarray(total), d_delta, d_coefficients, np.asarray(d_scale)

    return likelihood, SOURCE


quantal_log_likelihood = QuantalLogLikelihood()
