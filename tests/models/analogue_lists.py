"""Lists of booms and draws of parameters for the tests of the regression on analogues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from overbuild.models.analogue_likelihood import PARAMETERS
from overbuild.models.analogue_regression import AnalogueRegression
from overbuild.models.sampler import Sampled

COLUMNS = ("boom", "cluster", "overbuilt", "alternative", "certainty", "asset_life_years", "debt_financed")
ROWS = (
    ("a", "c1", "yes", "yes", "high", "40", "yes"),
    ("b", "c1", "yes", "partly", "medium", "", "unknown"),
    ("c", "c2", "no", "no", "high", "2", "no"),
    ("d", "c3", "partly", "yes", "low", "15", ""),
    ("e", "c3", "no", "", "medium", "", "no"),
    ("f", "", "yes", "no", "", "60", "yes"),
    ("g", "", "no", "partly", "high", "10", "unknown"),
    ("h", "c4", "yes", "yes", "low", "25", "yes"),
    ("i", "c5", "open", "", "", "5", "yes"),
)


def table(rows: Sequence[Sequence[str]] = ROWS, **changed: str) -> pd.DataFrame:
    """Return a list of booms; a column may be set to one value throughout."""
    return pd.DataFrame(list(rows), columns=pd.Index(COLUMNS)).assign(**changed)


def parameters(count: int = 1, **changed: Any) -> dict[str, np.ndarray]:
    """Return draws of the parameters, all alike."""
    values = {
        "alpha": 0.3,
        "beta_life": 0.4,
        "beta_debt": -0.5,
        "tau": 0.6,
        "life_mean": 0.2,
        "life_sd": 1.1,
        "debt_share": 0.7,
        "label_error": np.array([0.05, 0.1, 0.3]),
        "repeats": np.array([0.8, 0.3, 0.2]),
        "critic_error": 0.35,
    } | changed
    return {n: np.repeat(np.asarray(values[n], dtype=float)[None], count, axis=0) for n in PARAMETERS}


def sampled(model: AnalogueRegression, rng: np.random.Generator, draws: int = 200) -> Sampled:
    """Return draws from the prior in the form of a fit of two chains."""
    made = [model.prior_draw(None, rng) for _ in range(2 * draws)]  # pyright: ignore[reportArgumentType]
    values = {n: np.array([m[n] for m in made]) for n in PARAMETERS}
    posterior = xr.Dataset(
        {
            n: (
                ("chain", "draw", *(f"{n}_{k}" for k in range(v.ndim - 1))),
                v.reshape(2, draws, *v.shape[1:]),
            )
            for n, v in values.items()
        }
    )
    stats = xr.Dataset(
        {
            "diverging": (("chain", "draw"), np.zeros((2, draws), dtype=bool)),
            "energy": (("chain", "draw"), rng.standard_normal((2, draws))),
        }
    )
    return Sampled(xr.DataTree.from_dict({"posterior": posterior, "sample_stats": stats}), 0.0)
