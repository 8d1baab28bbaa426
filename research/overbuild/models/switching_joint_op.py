"""The likelihood of `overbuild.models.switching_joint` as a PyTensor operation, with its exact gradient."""

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
from overbuild.models.switching_joint import joint_gradient

RANKS = {"log_density": 3, "hazard": 2, "moves": 3, "initial": 1}
LEARNT = ("log_density", "hazard", "moves")
SOURCES = [Path(__file__).with_name(f"{name}.py") for name in ("switching", "switching_joint")]
SOURCE = sum(int(digest_file(path)[:8], 16) for path in SOURCES)
"""In the key under which PyTensor keeps machine code, so that a changed kernel is compiled anew."""


class JointLogLikelihood(Op):
    """Log-likelihood given densities, hazards and moves, as for `joint_gradient`, in that order."""

    __props__ = ()

    def make_node(self, *inputs: Any) -> Apply:
        """Return the node: the value and one gradient for each input that is learnt."""
        given = [pt.as_tensor_variable(x, dtype="float64") for x in inputs]
        by_name = dict(zip(RANKS, given, strict=True))
        for name, x in by_name.items():
            if x.ndim != RANKS[name]:
                raise ValueError(f"{name} has {x.ndim} dimensions; expected {RANKS[name]}.")
        return Apply(self, given, [pt.dscalar(), *(by_name[n].type() for n in LEARNT)])

    def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
        """Compute without compilation of the graph."""
        for store, value in zip(output_storage, joint_gradient(*inputs), strict=True):
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


@register_funcify_default_op_cache_key(JointLogLikelihood)
def _compiled(op: JointLogLikelihood, node: Any = None, **kwargs: Any) -> Any:
    @numba_njit
    def likelihood(log_density, hazard, moves, initial):
        total, pairs, d_hazard, d_moves = joint_gradient(log_density, hazard, moves, initial)
        return np.asarray(total), pairs, d_hazard, d_moves

    return likelihood, SOURCE


joint_log_likelihood = JointLogLikelihood()
