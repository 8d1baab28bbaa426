"""The likelihood of `overbuild.models.switching` as a PyTensor operation, with its exact gradient.

PyTensor does not differentiate through the recursion: the kernel returns the gradient with the value, and
both are outputs of one operation, so that a sampler that asks for value and gradient runs the recursion
once.
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
from overbuild.models import switching
from overbuild.models.switching import panel_gradient

INPUTS = (
    "growth",
    "first",
    "stop",
    "mu",
    "log_sigma",
    "phi",
    "base",
    "age",
    "moves",
    "initial",
    "degrees",
)
SOURCE = int(digest_file(Path(switching.__file__))[:8], 16)
"""In the key under which PyTensor keeps machine code, so that a changed kernel is compiled anew."""
LEARNT = ("mu", "log_sigma", "phi", "base", "age", "moves")
RANKS = {"growth": 2, "first": 1, "stop": 1, "mu": 2, "log_sigma": 2, "phi": 0, "base": 2, "age": 1}
RANKS |= {"moves": 2, "initial": 1, "degrees": 0}


class SwitchingLogLikelihood(Op):
    """Log-likelihood of a panel; inputs as for `overbuild.models.switching.panel_gradient`, in that order."""

    __props__ = ()

    def make_node(self, *inputs: Any) -> Apply:
        """Return the node: the value and one gradient for each input that is learnt."""
        given = [pt.as_tensor_variable(x, dtype="float64") for x in inputs]
        for name, x in zip(INPUTS, given, strict=True):
            if x.ndim != RANKS[name]:
                raise ValueError(f"{name} has {x.ndim} dimensions; expected {RANKS[name]}.")
        by_name = dict(zip(INPUTS, given, strict=True))
        return Apply(self, given, [pt.dscalar(), *(by_name[n].type() for n in LEARNT)])

    def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
        """Compute without compilation of the graph."""
        for store, value in zip(output_storage, panel_gradient(*inputs), strict=True):
            store[0] = np.asarray(value, dtype=float)

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> list[Any]:
        """Return the gradient, which is already an output; the gradient of the gradient is not known."""
        if any(not isinstance(g.type, DisconnectedType) for g in cotangents[1:]):
            raise NotImplementedError("The gradient of the gradient is not implemented.")
        found = dict(zip(LEARNT, outputs[1:], strict=True))
        return [found[n] * cotangents[0] if n in found else disconnected_type() for n in INPUTS]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return which output depends on which input, for differentiation: the value, on what is learnt."""
        return [[n in LEARNT] + [False] * len(LEARNT) for n in INPUTS]


@register_funcify_default_op_cache_key(SwitchingLogLikelihood)
def _compiled(op: SwitchingLogLikelihood, node: Any = None, **kwargs: Any) -> Any:
    @numba_njit
    def likelihood(growth, first, stop, mu, log_sigma, phi, base, age, moves, initial, degrees):
        total, d_mu, d_sigma, d_phi, d_base, d_age, d_moves = panel_gradient(
            growth, first, stop, mu, log_sigma, phi.item(), base, age, moves, initial, degrees.item()
        )
        return np.asarray(total), d_mu, d_sigma, np.asarray(d_phi), d_base, d_age, d_moves

    return likelihood, SOURCE


switching_log_likelihood = SwitchingLogLikelihood()
