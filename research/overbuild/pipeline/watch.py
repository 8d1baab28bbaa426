"""What to watch, asked of every model that simulates spending and of the base rate; filed under a key."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.core.digest import digest_of
from overbuild.core.periods import label, ordinal
from overbuild.pipeline.code import Sources
from overbuild.pipeline.sensitivity_names import WATCHED as FILE
from overbuild.pipeline.sensitivity_names import WATCHING as MODULES
from overbuild.pipeline.specification import Curve, ahead_of, components_of, inputs_of, posterior_of
from overbuild.pipeline.units import on_file
from overbuild.probability.plain import plain
from overbuild.probability.specification_runs import share
from overbuild.probability.specification_views import view_of
from overbuild.probability.spending_paths import LAYER, spending
from overbuild.probability.watch import LAGS, base_rate_after, due, expected_moves, triggers
from overbuild.randomness import stream

type Array = NDArray[np.float64]

PATHS = 10_000
QUARTERS = 2
"""Quarters of data that are next."""
SPREAD_POINTS = tuple(round(q, 2) for q in np.arange(0.05, 1.0, 0.1))
"""Quantiles of a year's change of the spread of bonds at which the annual regimes are asked again."""
POINTS = (0.1, 0.5, 0.9)


def key_of(curve: Curve, sources: Sources | None = None) -> str:
    """Return what decides the answer."""
    code = (sources or Sources()).fingerprint(*MODULES)
    lags = (curve.folder / LAGS).read_text(encoding="utf-8")
    return digest_of(curve.key(sources), code, lags, [PATHS, QUARTERS, SPREAD_POINTS])[:20]


def filed(curve: Curve, folder: Path, sources: Sources | None = None) -> dict[str, Any] | None:
    """Return the answer on file where its key matches."""
    return on_file(folder / FILE, key_of(curve, sources))


def watch(curve: Curve) -> dict[str, Any]:
    """Ask every model what the next figures are expected to do to the headline event.

    Parameters
    ----------
    curve
        The day, the data and the seed.

    Returns
    -------
    dict
        ``models`` (model to its probability and the expected move by figure), ``spread`` (the annual regimes
        at other spreads of bonds), ``baserate`` (asked again after the next quarters), ``triggers``, ``due``.
    """
    parts = components_of(curve)
    history, event = parts.long.snapshot.history(LAYER), parts.spending_event
    known = spending(history)
    last = ordinal(known.time[-1])
    next_ones = [label(last + k, "Q") for k in range(1, QUARTERS + 1)]
    rows = {m: _of_paths(parts.ahead[m], history, event, next_ones) for m in ("quarterly", "regimes")}
    groups = {m: posterior_of(m, curve).parameter_draw for m in rows}
    rows["simulation"], groups["simulation"] = _of_simulation(curve, history, event, next_ones)
    models = {}
    for model, (holds, figures) in rows.items():
        rng = stream(f"watch/{model}", seed=curve.seed)
        keep = np.arange(holds.size) if holds.size <= PATHS else np.arange(0, holds.size, holds.size // PATHS)
        p, error = share(holds[keep], groups[model][keep])
        moves = expected_moves(
            holds[keep], {n: x[keep] for n, x in figures.items()}, groups[model][keep], rng
        )
        models[model] = {"probability": p, "mc_error": error, "paths": keep.size, "figures": moves}
    points = np.quantile(rows["quarterly"][1]["capex_next"], POINTS)
    path = parts.ahead["quarterly"][:, :QUARTERS]
    order = np.argsort(path.sum(axis=1))
    cases = {f"{q:.0%}": path[order[int(q * (order.size - 1))]].tolist() for q in POINTS}
    lags = curve.folder / LAGS
    by = event.by
    ends = [next_ones[-1], *(label(k, "Q") for k in range(last + QUARTERS + 2, ordinal(by) + 1, 2))]
    return plain(
        {
            "key": key_of(curve),
            "as_of": curve.as_of.isoformat(),
            "event": event.definition,
            "by": by,
            "next": next_ones,
            "models": models,
            "spread": _spread(curve, history, event),
            "baserate": base_rate_after(parts.long, cases, event),
            "capex_points": points.tolist(),
            "triggers": triggers(known, event, ends),
            "due": {
                q: {
                    "quarterly_reports": due("sec_quarterly", q, lags).isoformat(),
                    "annual_reports": due("sec_annual", q, lags).isoformat(),
                    "national_accounts": due("nipa", q, lags).isoformat(),
                }
                for q in (*next_ones, *ends)
            },
        }
    )


def _of_paths(
    values: Array, history: Any, event: Any, next_ones: list[str]
) -> tuple[Array, dict[str, Array]]:
    """Return the event, and spending in the next quarters, on paths of spending alone."""
    every = spending(history, values)
    holds = event.judge(every).holds
    return holds, _capex(values, len(next_ones))


def _capex(values: Array, quarters: int) -> dict[str, Array]:
    """Return spending in the first quarter ahead and in all that are next, USD billion."""
    return {"capex_first": values[:, 0] / 1e3, "capex_next": values[:, :quarters].sum(axis=1) / 1e3}


def _of_simulation(
    curve: Curve, history: Any, event: Any, next_ones: list[str]
) -> tuple[tuple[Array, dict[str, Array]], NDArray[np.int_]]:
    """Return the event and every figure on paths of the inside view, and the draw behind each."""
    from overbuild.simulation.run import simulate

    primary = {a.name: a.primary for a in curve.axes}
    view = replace(view_of(primary, curve.axes, (event.by,)), continued=0)
    inputs = inputs_of(curve)
    made = simulate(view, inputs, PATHS, stream("watch/simulation/paths", seed=curve.seed))
    end = len(next_ones) - 1
    layers = made.layers
    now = inputs.draws["use_now"] ** inputs.draws["gamma"]
    figures = _capex(layers[LAYER], len(next_ones)) | {
        "ai_revenue": layers["cover"][:, end] * layers["required"][:, end] / 1e3,
        "price": 100 * np.log(layers["price"][:, end] / now[made.draw]),
    }
    return (event.judge(spending(history, layers[LAYER])).holds, figures), made.draw


def _spread(curve: Curve, history: Any, event: Any) -> dict[str, Any]:
    """Return what another spread of Baa bonds over Treasuries does to the annual regimes.

    No model here simulates it: the last known one is moved by the changes of a year on record, which have
    equal weight, and the regimes are asked again with the same random numbers.
    """
    base = posterior_of("regimes", curve)
    panel, i = base.data, base.data.row(base.own)
    row = panel.spreads[i]
    known = row[np.isfinite(row)]
    changes = np.diff(known)
    place = int(np.flatnonzero(np.isfinite(row))[-1])
    found: dict[str, Any] = {"last": float(known[-1]), "years": changes.size}

    def asked(change: float) -> float:
        spreads = panel.spreads.copy()
        spreads[i, place] += change
        moved = replace(base, data=replace(panel, spreads=spreads))
        values = ahead_of(moved, "regimes", curve, event.by)
        return float(event.judge(spending(history, values)).holds.mean())

    at = {q: float(np.quantile(changes, q)) for q in (*POINTS, *SPREAD_POINTS)}
    probability = {q: asked(x) for q, x in at.items()}
    now = asked(0.0)
    return found | {
        "probability": now,
        "mean": float(np.mean([probability[q] for q in SPREAD_POINTS])),
        "expected_change": float(np.mean([abs(probability[q] - now) for q in SPREAD_POINTS])),
        "points": [{"at": q, "change": at[q], "probability": probability[q]} for q in POINTS],
    }
