"""What to watch, asked of every model that simulates spending and of the base rate; filed under a key."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from overbuild.core.digest import digest_of
from overbuild.core.periods import label, ordinal
from overbuild.pipeline.code import Sources
from overbuild.pipeline.sensitivity_names import WATCHED as FILE
from overbuild.pipeline.sensitivity_names import WATCHING as MODULES
from overbuild.pipeline.specification import Curve, components_of, inputs_of, posterior_of
from overbuild.pipeline.units import on_file
from overbuild.probability.plain import plain
from overbuild.probability.specification_runs import share
from overbuild.probability.specification_views import view_of
from overbuild.probability.spending_paths import LAYER, spending
from overbuild.probability.watch import LAGS, base_rate_after, due, expected_moves, triggers
from overbuild.probability.watch_figures import POINTS, of_simulation, of_spread, on_paths
from overbuild.randomness import stream

PATHS = 10_000
QUARTERS = 2
"""Quarters of data that are next."""
YEARLY = ("regimes",)
"""Models that draw one rate of growth a year: what they say of a quarter is no law of a quarter."""


def key_of(curve: Curve, sources: Sources | None = None) -> str:
    """Return what decides the answer."""
    code = (sources or Sources()).fingerprint(*MODULES)
    lags = (curve.folder / LAGS).read_text(encoding="utf-8")
    return digest_of(curve.key(sources), code, lags, [PATHS, QUARTERS, YEARLY])[:20]


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
        ``models`` (model to its probability and the expected move by figure; none by spending where the model
        has no law of a quarter), ``spread`` (the annual regimes
        at other spreads of bonds), ``baserate`` (asked again after the next quarters), ``triggers``, ``due``.
    """
    parts = components_of(curve)
    history, event = parts.long.snapshot.history(LAYER), parts.spending_event
    known = spending(history)
    last = ordinal(known.time[-1])
    next_ones = [label(last + k, "Q") for k in range(1, QUARTERS + 1)]
    told = {
        m: on_paths(parts.ahead[m], posterior_of(m, curve).parameter_draw, history, event, QUARTERS)
        for m in ("quarterly", "regimes")
    }
    points = np.quantile(told["quarterly"].figures["capex_next"], POINTS)
    view = view_of({a.name: a.primary for a in curve.axes}, curve.axes, (event.by,))
    rng = stream("watch/simulation/paths", seed=curve.seed)
    told["simulation"] = of_simulation(view, inputs_of(curve), history, event, QUARTERS, PATHS, rng)
    models = {}
    for model, all_paths in told.items():
        some = all_paths.thinned(PATHS)
        p, error = share(some.holds, some.draw)
        figures = {} if model in YEARLY else some.figures
        moves = expected_moves(some.holds, figures, some.draw, stream(f"watch/{model}", seed=curve.seed))
        models[model] = {"probability": p, "mc_error": error, "paths": some.holds.size, "figures": moves}
    path = parts.ahead["quarterly"][:, :QUARTERS]
    order = np.argsort(path.sum(axis=1))
    cases = {f"{q:.0%}": path[order[int(q * (order.size - 1))]].tolist() for q in POINTS}
    ends = [next_ones[-1], *(label(k, "Q") for k in range(last + QUARTERS + 2, ordinal(event.by) + 1, 2))]
    again = partial(stream, "specification/regimes", seed=curve.seed)
    lags = curve.folder / LAGS
    return plain(
        {
            "key": key_of(curve),
            "as_of": curve.as_of.isoformat(),
            "event": event.definition,
            "by": event.by,
            "next": next_ones,
            "models": models,
            "spread": of_spread(posterior_of("regimes", curve), history, event, again),
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
