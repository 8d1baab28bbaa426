"""Leave-future-out of the quarterly model: one fit is carried forward by weights, refitted where they fail.

A posterior on the quarters to some origin becomes that on the quarters to a later one by weighting its draws
with the likelihood of what came between. Pareto-smoothed weights are relied on while the estimated shape k of
their tail stays at 0.7 or below and they leave as many effective draws as the package asks of any posterior;
else the model is fitted anew and carried on from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from overbuild.core import Snapshot
    from overbuild.models.quarterly import QuarterlyModel
    from overbuild.models.quarterly_data import QuarterlyData
    from overbuild.models.quarterly_posterior import QuarterlyPosterior
    from overbuild.models.sampler import Sampled

Array = NDArray[np.float64]
MOST_K = 0.7
LEAST_EFFECTIVE = 400.0
"""As in the checks of a fit: with fewer, scores differ visibly from one run of the sampler to the next."""


@dataclass(frozen=True, eq=False)
class Moved:
    """The posterior at one origin.

    Attributes
    ----------
    posterior
        Draws that stand for it, equally weighted.
    base
        Last quarter of the data that were fitted.
    k
        Pareto k of the weights; nan where it was fitted itself.
    effective
        Effective number of draws under the weights, ``1 / sum w^2``.
    passed
        Whether the fit passed its diagnostics.
    """

    posterior: QuarterlyPosterior
    base: str
    k: float
    effective: float
    passed: bool

    @property
    def refitted(self) -> bool:
        """Whether the model was fitted at this origin."""
        return bool(np.isnan(self.k))


def leave_future_out(
    model: QuarterlyModel,
    snapshots: Iterable[tuple[Snapshot, np.random.Generator]],
    *,
    most_k: float = MOST_K,
    least_effective: float = LEAST_EFFECTIVE,
) -> Iterator[Moved]:
    r"""Yield the posterior at each origin, in the order of time.

    .. math:: w_s \propto p(y_{1:t} | \theta_s) / p(y_{1:b} | \theta_s)

    with b the origin that was fitted last; regimes are summed out of both.

    Parameters
    ----------
    model
        The specification.
    snapshots
        What was known at each origin, with the generator of its fit and of its resampling.
    most_k, least_effective
        Pareto k above which, and effective draws below which, the model is fitted anew.

    References
    ----------
    Bürkner, P.-C., Gabry, J. and Vehtari, A. (2020). Approximate leave-future-out cross-validation for
    Bayesian time series models. Journal of Statistical Computation and Simulation 90, 2499-2523.
    """
    from overbuild.models.quarterly_data import own_history

    base: QuarterlyPosterior | None = None
    before = np.empty(0)
    for snapshot, rng in snapshots:
        data = model.observed(snapshot)
        if base is not None:
            moved, k, effective = carried(base, data, before, rng)
            if k <= most_k and effective >= least_effective:
                there = replace(moved, history=own_history(snapshot, data.time[-1]))
                yield Moved(there, base.data.time[-1], k, effective, base.sampled.diagnostics.passed)
                continue
        base = model.fit(snapshot, rng)
        before = log_likelihood(base, base.data)
        count = float(before.size)
        yield Moved(base, base.data.time[-1], float("nan"), count, base.sampled.diagnostics.passed)


def carried(
    base: QuarterlyPosterior, data: QuarterlyData, before: Array, rng: np.random.Generator
) -> tuple[QuarterlyPosterior, float, float]:
    """Return a posterior carried to other data, with Pareto k and the effective number of draws.

    Parameters
    ----------
    base
        The posterior that was fitted.
    data
        Quarters to a later origin.
    before
        Log-likelihood of the data it was fitted to, shape (draw,).
    rng
        For resampling.
    """
    weights, k = smoothed(log_likelihood(base, data) - before)
    which = resampled(weights, rng)
    there = replace(base, data=data, sampled=taken(base.sampled, which))
    return there, k, float(1.0 / np.sum(weights**2))


def log_likelihood(posterior: QuarterlyPosterior, data: QuarterlyData) -> Array:
    """Return the log-likelihood of data under each draw of a posterior, regimes summed out, shape (draw,)."""
    asked = replace(posterior, data=data)
    every = np.arange(asked.parameters["exit"].size)
    return np.array([run[0] for run, _, _ in asked.runs(every)])


def smoothed(log_ratio: Array) -> tuple[Array, float]:
    """Return Pareto-smoothed importance weights that sum to one, and the shape k of their tail.

    References
    ----------
    Vehtari, A., Simpson, D., Gelman, A., Yao, Y. and Gabry, J. (2024). Pareto smoothed importance sampling.
    Journal of Machine Learning Research 25(72), 1-58.
    """
    from arviz_stats.base import array_stats  # pyright: ignore[reportPrivateImportUsage]
    from scipy.special import logsumexp

    # The library takes log-likelihoods left out, whose negative is the log weight.
    logs: Any
    logs, k = array_stats.psislw(-np.asarray(log_ratio, dtype=float))
    return np.exp(logs - logsumexp(logs)), float(k)


def resampled(weights: Array, rng: np.random.Generator) -> NDArray[np.int_]:
    """Return places of draws, as many as there are, each about in proportion to its weight (systematic)."""
    count = weights.size
    points = (rng.uniform() + np.arange(count)) / count
    return np.minimum(np.searchsorted(np.cumsum(weights), points), count - 1)


def taken(sampled: Sampled, which: NDArray[np.int_]) -> Sampled:
    """Return some draws, chains one after the other, as one chain."""
    import xarray as xr

    from overbuild.models.sampler import Sampled as Made

    posterior: Any = sampled.tree["posterior"].to_dataset()
    flat = {
        name: (("chain", "draw", *v.dims[2:]), v.values.reshape(-1, *v.shape[2:])[which][None])
        for name, v in posterior.data_vars.items()
    }
    return Made(xr.DataTree.from_dict({"posterior": xr.Dataset(flat)}), float("nan"))
