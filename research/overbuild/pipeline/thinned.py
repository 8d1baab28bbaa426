"""Thinned draws of sampled fits, kept with the project: a fresh clone has records of fits but no draws.

``data/filed/draws/<model>/<key>.npz`` holds some draws of the fit of that key, of the parameters that the
inside view needs, as single-precision numbers. Where the file of the current key is there it is read; else
it is thinned from the fit's draws in ``build/posteriors``; else the fit is made again.
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
from overbuild.settings import SEED
from overbuild.simulation.inputs import DEMAND, REGIME
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
    found = _read(path)
    if found is not None:
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
        picked = _places(sampled.draws("level").shape[0], count)
        made = {n: sampled.draws(n)[picked] for n in DEMAND}
        claimed = sampled.draws("claim")[picked] > HALF
        made["growth"] = np.where(claimed, sampled.draws("growth_if_claim")[picked], made["growth"])
        return {n: v.astype(np.float32) for n, v in made.items()}
    posterior = quarterly_posterior(asked, sampled)
    picked = posterior.spread(count)
    made = one_series({n: sampled.draws(n)[picked] for n in REGIME})
    state = np.array([run[1][-1] for run, _, _ in posterior.runs(picked)])
    return {n: v.astype(np.float32) for n, v in made.items()} | {"state": state.astype(np.float16)}


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
