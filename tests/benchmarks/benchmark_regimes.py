"""Effective draws a second of the regime model, and of PyMC's own sampler on the same model and data.

Run ``python tests/benchmarks/benchmark_regimes.py``; pytest does not collect it. Both sample with the same
number of chains, draws and cores, one after the other. What counts is the slowest parameter: the smallest
bulk effective sample size over the wall time of sampling. Compilation is reported apart.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import replace
from datetime import date
from typing import Any

import arviz as az
import numpy as np

from overbuild.episodes import load_episode
from overbuild.episodes.model_series import model_series
from overbuild.models.prior_file import read_priors
from overbuild.models.regime_panel import RegimePanel
from overbuild.models.regime_posterior import MAIN
from overbuild.models.regimes import RegimeModel, build, kinds_of
from overbuild.models.sampler import Sampling
from overbuild.probability.definitions import read_definitions
from overbuild.randomness import stream

AS_OF = date(2026, 11, 22)
LEAST_RATIO = 4.0
SAMPLING = Sampling(chains=2, draws=500, tune=500, cores=2)


def benchmark() -> dict[str, Any]:
    """Return seconds, effective draws and their ratio for both samplers."""
    spec = RegimeModel.of(read_priors().at(AS_OF), read_definitions(), SAMPLING)
    data = spec.observed(load_episode("ai", AS_OF, also=model_series("regimes", "ai")).snapshot)
    compile_seconds = spec.compiled(data).seconds
    fit = spec.fit_data(data, stream("benchmark"))
    ours = _slowest(fit.tree["posterior"].to_dataset())
    theirs = _pymc(spec, data)
    made = {
        "load": os.getloadavg()[0],
        "nutpie": {"compile": compile_seconds, "sample": fit.seconds} | ours,
        "pymc": theirs,
    }
    for row in (made["nutpie"], made["pymc"]):
        row["ess_per_second"] = row["ess"] / row["sample"]
    made["ratio"] = made["nutpie"]["ess_per_second"] / made["pymc"]["ess_per_second"]
    made["enough"] = made["ratio"] >= LEAST_RATIO
    return made


def calibration_fit(chains: int = 2, draws: int = 400, tune: int = 500) -> dict[str, float]:
    """Return seconds of one core that one fit of the calibration takes, the model being compiled."""
    short = Sampling(chains, draws, tune, cores=1)
    spec = replace(RegimeModel.of(read_priors().at(AS_OF), read_definitions()), sampling=short)
    data = spec.observed(load_episode("ai", AS_OF, also=model_series("regimes", "ai")).snapshot)
    spec.compiled(data)
    seconds = []
    for index in range(5):
        rng = stream("benchmark/calibration", index=index)
        seconds.append(spec.fit_data(spec.simulated(spec.prior_draw(data, rng), data, rng), rng).seconds)
    return {"mean": float(np.mean(seconds)), "slowest": max(seconds)}


def _pymc(spec: RegimeModel, data: RegimePanel) -> dict[str, Any]:
    """Return the same of `pymc.sample` with its own NUTS."""
    import pymc as pm

    with build(spec.priors, kinds_of(data.members), spec.ages) as model:
        for name, values in data.data().items():
            placeholder: Any = model[name]
            placeholder.set_value(values)
        start = time.perf_counter()
        tree: Any = pm.sample(
            draws=SAMPLING.draws,
            tune=SAMPLING.tune,
            chains=SAMPLING.chains,
            cores=SAMPLING.cores,
            nuts_sampler="pymc",
            target_accept=SAMPLING.target_accept,
            random_seed=1,
            progressbar=False,
        )
        wall = time.perf_counter() - start
    sampling = float(tree["posterior"].attrs.get("sampling_time", wall))
    return {"compile": wall - sampling, "sample": sampling} | _slowest(tree["posterior"].to_dataset())


def _slowest(posterior: Any) -> dict[str, Any]:
    found = az.ess(posterior[list(MAIN)], method="bulk")
    least = {str(n): float(np.min(v.values)) for n, v in found.data_vars.items()}
    name = min(least, key=lambda n: least[n])
    return {"ess": least[name], "parameter": name}


if __name__ == "__main__":
    json.dump({**benchmark(), "calibration_fit": calibration_fit()}, sys.stdout, indent=1)
    print()
