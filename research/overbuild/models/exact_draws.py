"""Independent draws of a posterior that needs no sampler, in the form that a sampled one has.

Where a posterior is known on a grid or in closed form, its draws are independent: no chain has to converge
and none can diverge. They are dealt out to four groups that stand where chains stand, so that the same R-hat
and effective sample size say whether they are many enough; divergences and energy are properties of
simulated trajectories, of which there are none: `overbuild.models.diagnostics` leaves those two checks out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from overbuild.models.sampler import Sampled

if TYPE_CHECKING:
    import xarray as xr

GROUPS = 4


def exact_draws(
    draws: Mapping[str, NDArray[np.float64]],
    seconds: float,
    *,
    groups: int = GROUPS,
    labels: Mapping[str, Mapping[str, tuple[str, ...]]] | None = None,
) -> Sampled:
    """Return independent draws as `Sampled`, whose tree has no ``sample_stats``.

    Parameters
    ----------
    draws
        Name of each parameter to its draws, shape (draw, ...); the draws of one place belong together.
    seconds
        How long drawing took.
    groups
        Number of groups of equal size; draws that would not fill the last round are left out.
    labels
        Parameter to its dimensions after the draw: name to coordinates, in order. Others are numbered.

    Raises
    ------
    ValueError
        If there are no draws, fewer than two a group, or not as many of each parameter.
    """
    import xarray as xr

    numbers = {values.shape[0] for values in draws.values()}
    if len(numbers) != 1:
        raise ValueError(f"Parameters have {sorted(numbers)} draws; expected one number for all.")
    each = numbers.pop() // groups
    if each < 2:
        raise ValueError(f"{groups} groups need at least {2 * groups} draws.")
    arrays = {
        name: _array(values[: each * groups], groups, (labels or {}).get(name, {}), name)
        for name, values in draws.items()
    }
    return Sampled(xr.DataTree.from_dict({"posterior": xr.Dataset(arrays)}), seconds)


def _array(
    values: NDArray[np.float64], groups: int, labels: Mapping[str, tuple[str, ...]], name: str
) -> xr.DataArray:
    """Deal the draws out; `Sampled.draws` puts the groups one after the other again."""
    import xarray as xr

    shaped = np.asarray(values, dtype=float).reshape(groups, -1, *values.shape[1:])
    coords = {"chain": np.arange(groups), "draw": np.arange(shaped.shape[1])}
    named = {dim: list(at) for dim, at in labels.items()}
    rest = [f"{name}_dim_{k}" for k in range(len(named), values.ndim - 1)]
    coords |= named | {dim: np.arange(values.shape[1 + len(named) + k]) for k, dim in enumerate(rest)}
    return xr.DataArray(shaped, coords=coords, dims=("chain", "draw", *named, *rest))
