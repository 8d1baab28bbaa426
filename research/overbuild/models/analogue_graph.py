"""The regression on analogues as the sampler sees it: a graph that serves lists of any size.

It is the likelihood of `overbuild.models.analogue_likelihood`, written once more for PyMC; a test holds the
two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from overbuild.core.frozen import Frozen
from overbuild.models.analogue_data import CERTAINTY
from overbuild.models.analogue_likelihood import CLUSTER_NODES, LIFE_NODES, LOG_2PI, gauss
from overbuild.models.sampler import Compiled, compile_model

if TYPE_CHECKING:
    import pymc as pm


@lru_cache(maxsize=4)
def compiled_model(priors: Frozen) -> Compiled:
    """Return the compiled model of some priors: once a process, and from PyTensor's cache after the first."""
    return compile_model(build(priors))


def build(priors: Mapping[str, Any]) -> pm.Model:
    """Return the PyMC model with placeholders for data of any number of booms and clusters."""
    import pymc as pm
    import pytensor.tensor as pt
    from pytensor.tensor.special import logsumexp

    p = priors
    support = np.array([p["label_error"][c] for c in CERTAINTY], dtype=float)
    points, weights = gauss(CLUSTER_NODES)
    at, share_at = gauss(LIFE_NODES)
    with pm.Model(coords={"certainty": list(CERTAINTY)}) as model:
        given: dict[str, Any] = {
            n: pm.Data(n, np.ones(3))
            for name in ("life", "debt", "main", "critic")
            for n in (name, f"{name}_known")
        }
        certain: Any = pm.Data("support", np.eye(3))
        member: Any = pm.Data("member", np.eye(3)[:2])

        alpha: Any = pm.Normal("alpha", *p["alpha"])
        beta_life: Any = pm.Normal("beta_life", *p["beta_life"])
        beta_debt: Any = pm.Normal("beta_debt", *p["beta_debt"])
        tau: Any = pm.HalfNormal("tau", p["tau"])
        mean: Any = pm.Normal("life_mean", *p["life_mean"])
        sd: Any = pm.HalfNormal("life_sd", p["life_sd"])
        share: Any = pm.Beta("debt_share", *p["debt_share"])
        twice = pm.Beta("twice_label_error", support[:, 0], support[:, 1], dims="certainty")
        error: Any = pm.Deterministic("label_error", 0.5 * twice, dims="certainty")
        repeats: Any = pm.Beta("repeats", *p["repeats"], dims="certainty")
        of_critic: Any = pm.Beta("twice_critic_error", *p["critic_error"])
        wrong: Any = pm.Deterministic("critic_error", 0.5 * of_critic)

        life, life_known, debt, debt_known, main, main_known, critic, critic_known = given.values()
        x = life_known[:, None] * life[:, None] + (1 - life_known[:, None]) * (mean + sd * at)
        d = debt_known * debt + (1 - debt_known) * share
        base: Any = pt.concatenate(
            [alpha + beta_life * x + beta_debt * (v - 0.5) for v in (0.0, 1.0)], axis=1
        )
        weight: Any = pt.concatenate([(1 - d)[:, None] * share_at, d[:, None] * share_at], axis=1)
        nodes = pt.sigmoid(base[:, None, :] + (tau * points)[None, :, None])
        chance: Any = (nodes * weight[:, None, :]).sum(axis=2)

        e, r = certain @ error, certain @ repeats
        reading: list[Any] = []
        for truth in (1, 0):
            right, agreed = (main if truth else 1 - main), (critic if truth else 1 - critic)
            first = 1 - main_known + main_known * (right * (1 - e) + (1 - right) * e)
            own = agreed * (1 - wrong) + (1 - agreed) * wrong
            same = main * critic + (1 - main) * (1 - critic)
            both = (1 - main_known) * own + main_known * (r * same + (1 - r) * own)
            reading.append(first * (1 - critic_known + critic_known * both))
        log_boom: Any = pt.log(reading[1][:, None] + (reading[0] - reading[1])[:, None] * chance)
        of_cluster = member @ log_boom + np.log(weights)
        readings: Any = logsumexp(of_cluster, axis=1)
        pm.Potential("readings", readings.sum())
        gap = (life - mean) / sd
        pm.Potential("lives", -(life_known * (0.5 * (gap**2 + LOG_2PI) + pt.log(sd))).sum())
        odds = debt * pt.log(share) + (1 - debt) * pt.log1p(-share)
        pm.Potential("debts", (debt_known * odds).sum())
    return model
