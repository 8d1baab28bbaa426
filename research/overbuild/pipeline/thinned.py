"""Thinned draws of sampled fits, kept with the project: a fresh clone has records of fits but no draws.

``data/filed/draws/<model>/<key>.npz`` holds some draws of the fit of that key, of the parameters that the
inside view needs, as single-precision numbers. Where the file of the current key is there it is read; else
it is thinned from the fit's draws in ``build/posteriors``; else the fit is made again. Of the quarterly fit
only draws whose slopes of slack are not negative are taken: the posterior under half-normal priors.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.locations import build_dir, data_dir
from overbuild.pipeline.estimate import answered, key_of
from overbuild.pipeline.posteriors import quarterly_posterior
from overbuild.probability.inside import Question
from overbuild.randomness import stream
from overbuild.settings import SEED
from overbuild.simulation.inputs import DEMAND, DEVIATION, REGIME, SLOPES
from overbuild.simulation.sources import one_series

type Array = NDArray[np.float64]

DRAWS = {"ai": 300, "telecom": 100}
FOLDER = "draws"
HALF = 0.5
"""Weight of the claim above which a draw of demand grows as claimed, as in `DemandPosterior.growth`."""


def thinned(
    asked: Question,
    *,
    filed: Path | None = None,
    posteriors: Path | None = None,
    keep: bool = True,
) -> dict[str, Array]:
    """Return thinned draws of a sampled model (``quarterly`` or ``demand``).

    Parameters
    ----------
    asked
        What the model is asked; decides the key.
    filed, posteriors
        Folders of records and of draws; None: the project's and that of ``build/``.
    keep
        Whether draws that were thinned now are filed.
    """
    folder, fits = filed or data_dir() / "filed", posteriors or build_dir() / "posteriors"
    key = key_of(asked).name(asked, SEED)
    path = folder / FOLDER / asked.model / f"{key}.npz"
    names = {*REGIME, "state"} if asked.model == "quarterly" else {*DEMAND, DEVIATION}
    found = _read(path)
    if found is not None and set(found) == names:
        return found
    if not (fits / asked.model / f"{key}.nc").is_file():
        answered(asked, folder, fits, again=True)
    made = _thin(asked, fits / asked.model / f"{key}.nc")
    if keep:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path, allow_pickle=False, **made)
        for other in path.parent.glob("*.npz"):
            if not (folder / asked.model / f"{other.stem}.json").is_file():
                other.unlink()
        found = _read(path)
    return found if found is not None else _widened(made)


def _thin(asked: Question, path: Path) -> dict[str, Any]:
    from overbuild.models.sampler import load

    sampled = load(path)
    count = DRAWS.get(asked.episode, DRAWS["telecom"])
    if asked.model == "demand":
        return {n: v.astype(np.float32) for n, v in _demand(asked, sampled, count).items()}
    posterior = quarterly_posterior(asked, sampled)
    signed = np.flatnonzero(np.all([sampled.draws(n) >= 0 for n in SLOPES], axis=0))
    picked = signed[_places(signed.size, count)]
    made = one_series({n: sampled.draws(n)[picked] for n in REGIME})
    state = np.array([run[1][-1] for run, _, _ in posterior.runs(picked)])
    return {n: v.astype(np.float32) for n, v in made.items()} | {"state": state.astype(np.float16)}


def _demand(asked: Question, sampled: Any, count: int) -> dict[str, Array]:
    """Return thinned draws of demand, each with one of how far it is off its curve at the reference day.

    Given the parameters, the deviation is jointly normal with the figures on record
    (`overbuild.models.demand_paths`); on the reference day the curve is at its level.
    """
    from overbuild.models.demand_paths import INDEX, Points, drawn_paths, truths_of

    model: Any = asked.specification()
    data = model.observed(asked.snapshot())
    truths = truths_of(model, data, sampled, count)
    for truth in truths:
        truth["claim"] = np.asarray(truth["claim"] > HALF, dtype=float)
    made = {n: np.array([t[n] for t in truths]) for n in DEMAND}
    made["growth"] = np.array([t["growth_if_claim"] if t["claim"] else t["growth"] for t in truths])
    now = Points(np.zeros(1), np.full(1, INDEX), np.zeros(1))
    index = drawn_paths(model, data, truths, now, stream(f"simulation/deviation/{asked.as_of}"))[:, 0]
    return made | {DEVIATION: index - np.array([t["level"] for t in truths])}


def _places(size: int, count: int) -> NDArray[np.int_]:
    return np.unique(np.linspace(0, size - 1, min(count, size)).round().astype(int))


def _widened(made: Mapping[str, Any]) -> dict[str, Array]:
    wide = {n: np.asarray(v, dtype=float) for n, v in made.items()}
    if "state" in wide:
        wide["state"] = wide["state"] / wide["state"].sum(axis=1, keepdims=True)
    return wide


def _read(path: Path) -> dict[str, Array] | None:
    try:
        with np.load(path, allow_pickle=False) as file:
            return _widened({n: file[n] for n in file.files})
    except (OSError, ValueError):
        return None
