"""The layers that decide events, made of simulated paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Paths
from overbuild.core.periods import label, ordinal

if TYPE_CHECKING:
    from overbuild.simulation.run import Simulated

type Array = NDArray[np.float64]

UNITS = {
    "capex": "USD million",
    "capex_four_firms": "USD million",
    "capex_real": "USD million of the first quarter ahead",
    "utilisation_activated": "ratio to normal",
    "value_over_cost": "ratio",
    "capital_gap": "log",
    "excess_price_fall": "fraction a year",
}


def event_layers(made: Simulated) -> Paths:
    """Return paths of the layers of ``definitions.toml``, with the history in front.

    O2 reads use, which cannot exceed capacity; O4 reads ln(K / K_required), with the capital that demand at
    long-run cost and normal use requires: -(1 + gamma epsilon) ln(u/u*) where use is not full. Value over
    cost is known at the horizons only. Potential capacity has no layer here, for work in progress is not
    what the definitions mean by it, so that events on it are abstained from. For the first year ahead, price
    is taken to have stood as far above cost a year ago as today.
    """
    found, history = made.layers, made.inputs.history
    shape = found["capex"].shape
    params = made.prepared.params[made.draw]
    value = np.full(shape, np.nan)
    value[:, made.prepared.ends - 1] = made.expected
    gap = np.log(found["required"]) - found["demand"]
    ahead = np.arange(1, shape[1] + 1) / 4
    values = {
        "capex": found["capex"],
        "utilisation_activated": found["use"],
        "value_over_cost": value,
        "capital_gap": gap,
        "excess_price_fall": _excess(made, params, ahead),
    }
    if history.frequency == "A":
        return _by_year(made, values).after(history)
    last = {n: _last(history, n) for n in history.layers}
    if last.get("capex_four_firms") and last.get("capex"):
        four = sum(history.layer("capex_four_firms")[0, -4:]) / sum(history.layer("capex")[0, -4:])
        values["capex_four_firms"] = found["capex"] * four
    units = {n: history.units.get(n, UNITS[n]) for n in values}
    return Paths(made.time, values, units, "simulated", made.inputs.as_of).after(history)


def _by_year(made: Simulated, values: dict[str, Array]) -> Paths:
    """Return whole years: spending summed, from what is inferred on; use averaged; states at the end."""
    first = ordinal(made.time[0]) - len(made.inputs.nowcast)
    years = (ordinal(made.time[-1]) + 1 - first) // 4
    paths = values["capex"].shape[0]

    def whole(x: Array, before: Array) -> Array:
        joined = np.concatenate([np.broadcast_to(before, (paths, before.size)), x], axis=1)
        return joined[:, : 4 * years].reshape(paths, years, 4)

    nothing = np.full(len(made.inputs.nowcast), np.nan)
    found = {"capex": whole(values["capex"], np.array(made.inputs.nowcast)).sum(axis=2)}
    each = whole(values["utilisation_activated"], nothing)
    count = np.isfinite(each).sum(axis=2)
    found["utilisation_activated"] = np.where(
        count > 0, np.nansum(each, axis=2) / np.maximum(count, 1), np.nan
    )
    for name in ("value_over_cost", "capital_gap", "excess_price_fall"):
        found[name] = whole(values[name], nothing)[:, :, -1]
    time = tuple(label(first // 4 + k, "A") for k in range(years))
    return Paths(time, found, {n: UNITS[n] for n in found}, "simulated", made.inputs.as_of)


def _excess(made: Simulated, params: Array, ahead: Array) -> Array:
    """Return the fall of price over a year less that of unit cost, real, as fractions."""
    from overbuild.simulation.kernel import AT

    fall = params[:, AT["fall"], None] + params[:, AT["gain"], None] + made.view.deflator
    above = made.layers["markup"]
    first = np.repeat(params[:, AT["use_now"], None] ** params[:, AT["gamma"], None], 4, axis=1)
    relative = np.concatenate([first, above], axis=1)
    return np.exp(-fall) * (1 - relative[:, 4:] / relative[:, :-4])


def _last(history: Paths, name: str) -> float:
    known = history.layer(name)[0]
    return float(known[-1]) if np.isfinite(known[-4:]).all() else 0.0
