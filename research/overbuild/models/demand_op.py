"""The likelihood of `overbuild.models.demand_kernel` as a PyTensor operation, with its exact gradient."""

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
from overbuild.models import demand_kernel
from overbuild.models.demand_kernel import demand_gradient

DATA = ("value", "time", "source", "error", "bias", "log_weight")
LEARNT = ("mean", "other", "loading", "common", "own", "memory")
RANKS = dict.fromkeys((*DATA, *LEARNT[:3]), 1) | dict.fromkeys(LEARNT[3:], 0)
SOURCE = int(digest_file(Path(demand_kernel.__file__))[:8], 16)
"""In the key under which PyTensor keeps machine code, so that a changed kernel is compiled anew."""


class DemandLogLikelihood(Op):
    """Log-likelihood and weight of the other reading; inputs in the order of ``DATA`` and ``LEARNT``."""

    __props__ = ()

    def make_node(self, *inputs: Any) -> Apply:
        """Return the node: value, weight, and one gradient for each input that is learnt."""
        names = (*DATA, *LEARNT)
        given = [pt.as_tensor_variable(x, dtype="float64") for x in inputs]
        for name, x in zip(names, given, strict=True):
            if x.ndim != RANKS[name]:
                raise ValueError(f"{name} has {x.ndim} dimensions; expected {RANKS[name]}.")
        by_name = dict(zip(names, given, strict=True))
        return Apply(self, given, [pt.dscalar(), pt.dscalar(), *(by_name[n].type() for n in LEARNT)])

    def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
        """Compute without compilation of the graph."""
        *arrays, common, own, memory = inputs
        kernel: Any = demand_gradient
        found = kernel(*arrays, float(common), float(own), float(memory))
        for store, value in zip(output_storage, found, strict=True):
            store[0] = np.asarray(value, dtype=float)

    def pullback(self, inputs: Any, outputs: Any, cotangents: Any) -> list[Any]:
        """Return the gradient of the value, which is already an output; no other is known."""
        if any(not isinstance(g.type, DisconnectedType) for g in cotangents[1:]):
            raise NotImplementedError("Only the gradient of the log-likelihood is implemented.")
        found = dict(zip(LEARNT, outputs[2:], strict=True))
        return [found[n] * cotangents[0] if n in found else disconnected_type() for n in (*DATA, *LEARNT)]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Return which output depends on which input, for differentiation: the value, on what is learnt."""
        return [[n in LEARNT] + [False] * (1 + len(LEARNT)) for n in (*DATA, *LEARNT)]


@register_funcify_default_op_cache_key(DemandLogLikelihood)
def _compiled(op: DemandLogLikelihood, node: Any = None, **kwargs: Any) -> Any:
    @numba_njit
    def likelihood(value, time, source, error, bias, log_weight, mean, other, loading, common, own, memory):
        total, chance, d_mean, d_other, d_loading, d_common, d_own, d_memory = demand_gradient(
            value,
            time,
            source,
            error,
            bias,
            log_weight,
            mean,
            other,
            loading,
            common.item(),
            own.item(),
            memory.item(),
        )
        return (
            np.asarray(total),
            np.asarray(chance),
            d_mean,
            d_other,
            d_loading,
            np.asarray(d_common),
            np.asarray(d_own),
            np.asarray(d_memory),
        )

    return likelihood, SOURCE


demand_log_likelihood = DemandLogLikelihood()
