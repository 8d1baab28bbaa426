"""The only call to the sampler: a model is compiled once and sampled with any data of the same ranks.

The compiled function reads its data from memory that can be exchanged, so that a refit at another date, or
on simulated data, costs no compilation. Draws depend on the seed alone: not on the number of cores, nor on
what ran before.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from overbuild.models.diagnostics import Diagnostics, diagnose

if TYPE_CHECKING:
    import pymc as pm
    import xarray as xr

SAMPLER = "nutpie"
LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True)
class Sampling:
    """How much to sample, and how carefully.

    Attributes
    ----------
    chains, draws, tune
        Chains; draws kept of each; draws before them that are thrown away.
    target_accept
        Mean acceptance that the step size aims at; higher means smaller steps and fewer divergences.
    cores
        Chains at a time; None: as many as there are cores. Changes no draw.
    """

    chains: int = 4
    draws: int = 1000
    tune: int = 1000
    target_accept: float = 0.8
    cores: int | None = field(default=None, compare=False)


@dataclass(frozen=True, eq=False)
class Sampled:
    """Draws of a posterior, with what says whether they can be relied on.

    Attributes
    ----------
    tree
        ArviZ's DataTree: groups ``posterior`` and, where a sampler made them, ``sample_stats``.
    seconds
        Wall time of sampling, without compilation.
    """

    tree: xr.DataTree
    seconds: float

    @cached_property
    def diagnostics(self) -> Diagnostics:
        """Convergence, effective draws, divergences and energy."""
        return diagnose(self.tree)

    def draws(self, name: str) -> NDArray[np.float64]:
        """Return a parameter's draws, chains one after the other: shape (draw, ...)."""
        values = np.asarray(self.tree["posterior"][name].values, dtype=float)
        return values.reshape(-1, *values.shape[2:])

    def save(self, path: Path) -> Path:
        """Write the draws as netCDF, and nothing pickled."""
        path.parent.mkdir(parents=True, exist_ok=True)
        import xarray as xr

        kept = {"posterior": self.tree["posterior"].to_dataset()}
        if "sample_stats" in self.tree.children:
            stats = self.tree["sample_stats"].to_dataset()
            kept["sample_stats"] = stats.drop_vars(
                [n for n, v in stats.variables.items() if v.dtype == object]
            )
        xr.DataTree.from_dict(kept).to_netcdf(path, engine="h5netcdf")
        return path


@dataclass(frozen=True, eq=False)
class Compiled:
    """A model that can be sampled again and again.

    Attributes
    ----------
    model
        What nutpie compiled.
    seconds
        How long that took.
    """

    model: Any
    seconds: float

    def sample(
        self, data: Mapping[str, NDArray[Any]], rng: np.random.Generator, sampling: Sampling | None = None
    ) -> Sampled:
        """Sample the posterior given data.

        Parameters
        ----------
        data
            Name of each `pymc.Data` to its values; the ranks are those of the data it was compiled with.
        rng
            Gives the sampler its seed.
        sampling
            How much; None: four chains of a thousand draws.

        Returns
        -------
        Sampled
            Draws and diagnostics. A bar shows progress where standard error is a terminal.
        """
        import nutpie

        chosen = sampling or Sampling()
        start = time.perf_counter()
        tree = nutpie.sample(
            self.model.with_data(**data),
            draws=chosen.draws,
            tune=chosen.tune,
            chains=chosen.chains,
            cores=chosen.cores,
            seed=int(rng.integers(LARGEST_SEED)),
            target_accept=chosen.target_accept,
            save_warmup=False,
            progress_bar=sys.stderr.isatty(),
        )
        return Sampled(tree, time.perf_counter() - start)


def compile_model(model: pm.Model) -> Compiled:
    """Compile a PyMC model with numba; PyTensor keeps the machine code for the next process."""
    import nutpie

    start = time.perf_counter()
    compiled = nutpie.compile_pymc_model(model, backend="numba")
    return Compiled(compiled, time.perf_counter() - start)


def load(path: Path) -> Sampled:
    """Read draws that `Sampled.save` wrote."""
    import xarray as xr

    with xr.open_datatree(path, engine="h5netcdf") as tree:
        return Sampled(tree.load(), float("nan"))
