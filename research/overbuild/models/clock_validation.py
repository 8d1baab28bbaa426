"""The clock tried on past booms: each is read by the others at dates at which its own peak is known to us.

A boom is cut off at every second year, put on the clock of the other templates, and the phase that they read
is compared with the years that it was from its own peak. The other templates are used whole, also where
they came later: what is tried is whether booms resemble each other, not what could have been known. The
level of one boom says nothing of another's here, since some are counts: its prior is flat. Dates of one boom
share most of their data, so that there are as many independent cases as booms at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.models.clock_grid import Axes, Axis, Posterior, posterior, weights
from overbuild.models.clock_templates import Template

type Array = NDArray[np.float64]

FEWEST, STEP = 6, 2
FLAT = 3.0
"""S.d. of the prior of the log level where it is to say nothing."""


def read_past(templates: Sequence[Template], axes: Axes) -> list[dict[str, Any]]:
    """Return what the other templates read of each past boom.

    Returns
    -------
    list of dict
        One a boom and date: ``template, year, truth`` (years from its own peak), ``q05, q50, q95`` of the
        phase read, ``past_peak`` and ``prior_past_peak``.
    """
    rows = []
    for template in templates:
        others = [t for t in templates if t.name != template.name]
        for n in range(FEWEST, template.levels.size + 1, STEP) if others else ():
            y, years = template.levels[:n], np.arange(1 - n, 1, dtype=np.float64)
            own = replace(axes, level=(float(y[0]), FLAT))
            found = [posterior(y, years, None, t, own) for t in others]
            truth = template.start + n - 1
            rows.append(
                {
                    "template": template.name,
                    "year": template.peak + round(truth),
                    "truth": truth,
                    **mixed_phase(found),
                }
            )
    return rows


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Return how often the 90 % interval held the truth, and how far off the reading was.

    Returns
    -------
    dict or None
        None without rows. ``all`` and ``rising`` (dates up to the peak), each with ``dates``, ``coverage``,
        mean absolute ``error`` of the median in years, and ``constant_error``, that of the one number that
        fits these dates best in hindsight; ``booms``; Brier scores of whether the peak is past, of the
        reading and of its prior; and the mean probability given to it up to the peak and after.
    """
    if not rows:
        return None
    truth, past, before = (np.array([r[k] for r in rows]) for k in ("truth", "past_peak", "prior_past_peak"))
    happened = truth > 0
    return {
        "booms": len({r["template"] for r in rows}),
        "all": _errors(rows),
        "rising": _errors([r for r in rows if r["truth"] <= 0]),
        "brier": float(np.mean((past - happened) ** 2)),
        "prior_brier": float(np.mean((before - happened) ** 2)),
        "past_peak_rising": float(past[~happened].mean()) if (~happened).any() else None,
        "past_peak_after": float(past[happened].mean()) if happened.any() else None,
    }


def _errors(rows: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    if not rows:
        return None
    truth, low, mid, high = (np.array([r[k] for r in rows]) for k in ("truth", "q05", "q50", "q95"))
    return {
        "dates": len(rows),
        "held": int(np.sum((low <= truth) & (truth <= high))),
        "coverage": float(np.mean((low <= truth) & (truth <= high))),
        "error": float(np.mean(np.abs(mid - truth))),
        "constant_error": float(np.mean(np.abs(np.median(truth) - truth))),
    }


def mixed_phase(found: Sequence[Posterior]) -> dict[str, float]:
    """Return quantiles of the phase over all templates, and the probability that the peak is past."""
    w = weights(found)
    axes, after = [p.phase for p in found], [p.marginal(0) for p in found]
    before = [np.diff(a.below) for a in axes]
    even = np.full(w.size, 1 / w.size)
    prior = _quantiles(axes, before, even)
    return {
        **_quantiles(axes, after, w),
        **{f"prior_{k}": v for k, v in prior.items()},
        "sd": _sd(axes, after, w),
        "prior_sd": _sd(axes, before, even),
        "past_peak": float(w @ [past(a, m) for a, m in zip(axes, after, strict=True)]),
        "prior_past_peak": float(even @ [past(a, m) for a, m in zip(axes, before, strict=True)]),
    }


def past(axis: Axis, mass: Array) -> float:
    """Return the probability of being past the peak, which is an edge of the cells."""
    return float(mass[axis.centres > 0].sum())


def _quantiles(axes: Sequence[Axis], masses: Sequence[Array], w: Array) -> dict[str, float]:
    places = np.unique(np.concatenate([a.edges for a in axes]))
    below = sum(
        weight * np.interp(places, a.edges, np.concatenate([[0.0], np.cumsum(m)]))
        for a, m, weight in zip(axes, masses, w, strict=True)
    )
    return {n: float(np.interp(q, below, places)) for n, q in (("q05", 0.05), ("q50", 0.5), ("q95", 0.95))}


def _sd(axes: Sequence[Axis], masses: Sequence[Array], w: Array) -> float:
    first = float(w @ [m @ a.centres for a, m in zip(axes, masses, strict=True)])
    squares = [m @ (a.centres**2 + np.diff(a.edges) ** 2 / 12) for a, m in zip(axes, masses, strict=True)]
    return float(np.sqrt(w @ squares - first**2))
