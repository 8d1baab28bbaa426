"""Simulation-based calibration and recovery of a Bayesian model, spread over processes, resumed if killed.

Each simulation has its own random stream and its own file below ``build/``, so that neither the number of
workers nor an interruption changes a result. What is filed with the project is one summary a model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from overbuild.core.digest import digest_of
from overbuild.errors import InputError
from overbuild.locations import build_dir, data_dir
from overbuild.models import checking
from overbuild.models.checking import Calibration, Simulation
from overbuild.models.registry import CALIBRATED_ON, module_of
from overbuild.pipeline.code import Sources
from overbuild.pipeline.executor import places_of
from overbuild.pipeline.units import Cost, cost, worked
from overbuild.pipeline.units import on_file as summary_on_file
from overbuild.probability.definitions import definitions_of, read_definitions
from overbuild.probability.inside import Question, question
from overbuild.probability.plain import plain
from overbuild.randomness import stream
from overbuild.settings import SEED

FEWEST = 10
PURPOSES = ("calibration", "recovery")


@dataclass(frozen=True)
class Calibrated:
    """What calibration and recovery found.

    Attributes
    ----------
    key
        As `shape_of`.
    episode
        Whose data gave the sizes.
    calibration
        The ranks and their tests.
    recovery
        As `overbuild.models.checking.recovered`.
    seconds
        Mean wall time of one fit.
    cost
        What all simulations took, and take on as many workers.
    """

    key: str
    episode: str
    calibration: Calibration
    recovery: pd.DataFrame
    seconds: float
    cost: Cost

    @property
    def passed(self) -> bool:
        """Whether the ranks are uniform."""
        return self.calibration.passed

    def frame(self) -> pd.DataFrame:
        """Return the tests by parameter."""
        return self.calibration.frame()

    def sentence(self) -> str:
        """Say whether the ranks are uniform, and how known parameters were found again."""
        worst = self.recovery.loc[self.recovery["bias"].abs().idxmax()]
        return (
            f"{self.calibration.sentence()} Known parameters, found again in as many data sets as the "
            f"definitions say: mean coverage {self.recovery['coverage'].mean():.0%}, largest bias "
            f"{worst['bias']:+.1f} posterior standard deviations ({worst['parameter']})."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, as ``overbuild calibrate --json`` prints them."""
        table = self.frame()
        return plain(
            {
                "key": self.key,
                "model": self.calibration.model,
                "episode": self.episode,
                "simulations": len(self.calibration.simulations),
                "levels": checking.RANKS,
                "ranks": {label: self.calibration.ranks(label) for label in self.calibration.labels},
                "p_values": {
                    r["parameter"]: {"chi_square": r["chi_square_p"], "ecdf": r["largest_gap_p"]}
                    for r in table.to_dict("records")
                },
                "least_p_value": self.calibration.least_p / (2 * len(table)),
                "table": table,
                "failed_fits": self.calibration.failed,
                "recovery": self.recovery,
                "seconds_a_fit": self.seconds,
                "seconds": self.cost.seconds,
                "projected_seconds": self.cost.projected_seconds,
                "passed": self.passed,
                "sentence": self.sentence(),
            }
        )


@dataclass(frozen=True)
class _Job:
    """One simulation: which, of what, with which known parameters (None: from the prior)."""

    asked: Question
    seed: int
    purpose: str
    number: int
    cores: int | None


def calibrate(
    model: str,
    *,
    simulations: int | None = None,
    workers: int = 1,
    cluster: str | None = None,
    seed: int = SEED,
    priors: Path | None = None,
    data: Path | None = None,
    folder: Path | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> Calibrated:
    """Calibrate a model on simulated data of an era's sizes, and find known parameters again.

    Parameters
    ----------
    model
        Its name.
    simulations
        Simulated data sets; None: as many as the definitions say.
    workers, cluster
        Processes, or the address of a ``dask.distributed`` scheduler; changes no result.
    seed
        Master seed.
    priors, data
        A file of priors and a data folder; None: the project's.
    folder
        Where single fits are kept, so that a killed run resumes; None: ``build/``.
    progress
        Called with fits done, fits in all, and what they are.

    Raises
    ------
    InputError
        If fewer than ten simulations are asked for.
    UnknownNameError
        If there is no such model.
    """
    module_of(model)
    definitions = read_definitions(definitions_of(data))
    marks = definitions["checks"]["bayesian"]
    usual = marks["simulations"].get(model, marks["simulations"]["others"])
    wanted = usual if simulations is None else simulations
    if wanted < FEWEST:
        raise InputError(f"--simulations {wanted}: ranks of fewer than {FEWEST} data sets test nothing.")
    asked = asked_of(model, definitions["frozen"], priors, data)
    home = (folder or build_dir()) / "calibration" / model / content_of(asked, seed)
    cores = 1 if workers > 1 or cluster else None
    counts = {"calibration": wanted, "recovery": marks["recovered"]}
    jobs = {
        f"{purpose}-{i:04d}": _Job(asked, seed, purpose, i, cores)
        for purpose in PURPOSES
        for i in range(counts[purpose])
    }
    options = {"workers": workers, "cluster": cluster, "progress": progress, "what": f"fits of {model}"}
    done = {name: Simulation(**made) for name, made in worked(_run, jobs, home, **options).items()}
    by_purpose = {p: [done[name] for name, job in jobs.items() if job.purpose == p] for p in PURPOSES}
    return Calibrated(
        shape_of(asked, seed),
        asked.episode,
        Calibration(model, tuple(by_purpose["calibration"]), marks["p_value"]),
        checking.recovered(by_purpose["recovery"]),
        float(np.mean([s.seconds for s in done.values()])),
        cost(jobs, home, places_of(workers, cluster)),
    )


def asked_of(model: str, day: date, priors: Path | None = None, data: Path | None = None) -> Question:
    """Return the question whose data a calibration takes its sizes from: the richer of the two eras."""
    return question(model, CALIBRATED_ON.get(model, "ai"), as_of=day, priors=priors, data=data)


def shape_of(asked: Question, seed: int) -> str:
    """Return what a calibration on file must share with the model as it stands: all but the values of data.

    Code, priors, the sizes of the data, how much is sampled, and the seed. A calibration is of the code: it
    is not done again when a figure is revised, only when there are more or fewer of them.
    """
    spec, data = _prepared(asked)
    return _digest(asked, spec, sizes(data), seed)


def content_of(asked: Question, seed: int) -> str:
    """Return what decides every single simulation, the values that are fixed in the data among them."""
    spec, data = _prepared(asked)
    return _digest(asked, spec, contents(data), seed)


def _digest(asked: Question, spec: Any, data: Any, seed: int) -> str:
    code = Sources().fingerprint(module_of(asked.model), "overbuild.models.checking")
    short = {k: v for k, v in asdict(checking.SHORT).items() if k != "cores"}
    short["target_accept"] = spec.sampling.target_accept
    return digest_of(asked.model, asked.episode, code, asked.prior_values(), data, short, seed)[:20]


def contents(data: Any) -> Any:
    """Return what a model conditions on as values with a digest."""
    if isinstance(data, pd.DataFrame | pd.Series):
        return data.to_json()
    if is_dataclass(data) and not isinstance(data, type):
        return {f.name: contents(getattr(data, f.name)) for f in fields(data)}
    if isinstance(data, Mapping):
        return {str(k): contents(v) for k, v in data.items()}
    if isinstance(data, list | tuple):
        return [contents(x) for x in data]
    return data if isinstance(data, np.ndarray) else repr(data)


def sizes(data: Any) -> Any:
    """Return shapes and lengths of what a model conditions on."""
    if isinstance(data, np.ndarray):
        return list(data.shape)
    if isinstance(data, pd.DataFrame | pd.Series):
        return [len(data)]
    if is_dataclass(data) and not isinstance(data, type):
        return {f.name: sizes(getattr(data, f.name)) for f in fields(data)}
    if isinstance(data, Mapping):
        return {str(k): sizes(v) for k, v in data.items()}
    if isinstance(data, Sequence) and not isinstance(data, str):
        return [sizes(x) for x in data]
    return None


def _run(job: _Job) -> Simulation:
    """Do one simulation."""
    spec, data = _prepared(job.asked)
    sampling = replace(checking.SHORT, cores=job.cores, target_accept=spec.sampling.target_accept)
    truth = _typical(job.asked, job.seed) if job.purpose == "recovery" else None
    return checking.simulate_and_fit(spec, data, job.number, seed=job.seed, sampling=sampling, truth=truth)


@lru_cache(maxsize=4)
def _prepared(asked: Question) -> tuple[Any, Any]:
    spec = asked.specification()
    return spec, spec.observed(asked.snapshot())


@lru_cache(maxsize=4)
def _typical(asked: Question, seed: int) -> Any:
    """Return the parameters that are known in the recovery: a typical draw given the data."""
    spec, data = _prepared(asked)
    sampling = replace(checking.SHORT, target_accept=spec.sampling.target_accept)
    fit = spec.fit_data(data, stream(f"{spec.name}/typical", seed=seed), sampling)
    return checking.typical(spec, data, fit, stream(f"{spec.name}/typical/draw", seed=seed))


def filed_path(filed: Path, model: str) -> Path:
    """Return where the summary of a model's calibration is filed."""
    return filed / "calibration" / f"{model}.json"


def on_file(model: str, filed: Path | None = None) -> dict[str, Any] | None:
    """Return the summary on file, whatever its key; None where there is none."""
    return summary_on_file(filed_path(filed or data_dir() / "filed", model))
