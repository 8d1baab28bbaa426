"""The comparison of mechanisms on the firms' panel: posterior, other scales and effects, checks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.games.asked import Asked
from overbuild.games.mechanism_checks import calibration, found_rates, from_panels
from overbuild.games.mechanism_panel import BY, COEFFICIENTS, FIRST, Coefficients, coefficients
from overbuild.games.mechanisms import (
    DRAWS,
    MECHANISMS,
    PATTERNS,
    Scales,
    compare,
    factors,
    leader,
    patterns_of,
    ranked,
    scales,
)
from overbuild.games.reaction_data import asked_panel, asked_priors
from overbuild.games.reaction_panel import exposures
from overbuild.randomness import stream

type Array = NDArray[np.float64]

QUARTERS, LONG = 34, 400
PANELS, LONG_PANELS = 60, 12
LEFT_OUT = {
    "rental supply": (
        "no series of it has twelve quarters: capex of the largest landlord of chips is known for eight and "
        "its revenue for ten; rents of chips are a price, which rises with demand as it falls with supply"
    ),
    "orders apart from deliveries": "spending in cash is deliveries; orders of a firm are known since 2025",
}
"""What the table of mechanisms asks for and the data do not hold, and why."""


def result(asked: Asked) -> dict[str, Any]:
    """Return the comparison of the mechanisms.

    Returns
    -------
    dict
        ``mechanisms`` (one a row: ``mechanism, title, pattern, prior, posterior, mc_error, factor``, its
        posterior under each reading as ``low`` and ``high``, ``dirichlet``, the expected chance under
        Dirichlet(1)), ``patterns``, ``coefficients`` (with ``b, se, df`` by effects), ``readings`` (posterior
        by pattern), ``rule``, ``identified``, ``leader``, ``sentence``, ``left_out``, ``found`` (by length),
        ``panels`` (whole panels made up and estimated), ``calibration``.
    """
    priors = asked_priors(asked, "mechanisms")
    panel = asked_panel(asked)
    s, least = scales(priors), float(priors["least_factor"])
    estimated = {by: coefficients(panel, by) for by in BY}
    readings = _readings(estimated, s, tuple(priors["scales"]))
    first = compare(estimated[FIRST], s, stream("mechanisms/as set"))
    posterior = first.posterior
    found = ranked(readings, least)
    exposure = exposures(asked_priors(asked, "reaction"))
    strain = np.nan_to_num(panel.strain, nan=0.0)
    sizes = ((QUARTERS, PANELS // 6), (LONG, 3)) if asked.quick else ((QUARTERS, PANELS), (LONG, LONG_PANELS))
    every = np.array(list(readings.values()))
    concentration = float(priors["concentration"])
    rows = len(MECHANISMS)
    return {
        "mechanisms": [
            {
                "mechanism": m.name,
                "title": m.title,
                "pattern": m.pattern,
                "prior": 1 / rows,
                "posterior": float(posterior[i]),
                "mc_error": float(first.mc_error[i]),
                "factor": float(factors(posterior)[i]),
                "dirichlet": float((concentration + posterior[i]) / (concentration * rows + 1)),
                "low": float(every[:, i].min()),
                "high": float(every[:, i].max()),
            }
            for i, m in enumerate(MECHANISMS)
        ],
        "patterns": patterns_of(posterior),
        "coefficients": [_told(by, c) for by, c in estimated.items()],
        "readings": [
            {"reading": n, "leader": leader(p), "factor": float(factors(p).max()), "patterns": patterns_of(p)}
            for n, p in readings.items()
        ],
        "rule": {"least_factor": least, "readings": len(readings)},
        "identified": found is not None,
        "leader": found,
        "sentence": _sentence(found, readings, least),
        "left_out": LEFT_OUT,
        "found": found_rates(estimated[FIRST], s, panel.shape[0], least),
        "panels": [
            row
            for quarters, count in sizes
            for row in from_panels(s, panel.weights, exposure, strain, least, quarters, count)
        ],
        "calibration": calibration(estimated[FIRST], s),
        "draws": DRAWS,
        "quarters": panel.shape[0],
    }


def _readings(estimated: dict[str, Coefficients], s: Scales, other: tuple[float, ...]) -> dict[str, Array]:
    """Return reading to posterior over the rows: every effects taken out, with every scale of the priors."""
    return {
        f"{by}, scales x{factor:g}": compare(
            c, s.times(factor), stream(f"mechanisms/{by}/{factor:g}")
        ).posterior
        for by, c in estimated.items()
        for factor in (1.0, *other)
    }


def _told(by: str, c: Coefficients) -> dict[str, Any]:
    se = np.sqrt(np.diag(c.variance))
    values = {n: {"b": float(c.value[i]), "se": float(se[i])} for i, n in enumerate(c.names)}
    return {
        "by": by,
        "values": values,
        "df": c.df,
        "strained": c.strained,
        "missing": [n for n in COEFFICIENTS if n not in c.names],
    }


def _sentence(found: str | None, readings: dict[str, Array], least: float) -> str:
    most = [float(factors(p).max()) for p in readings.values()]
    leaders = {leader(p) for p in readings.values()}
    if found is not None:
        members = " or ".join(m.title.lower() for m in MECHANISMS if m.pattern == found)
        return f"Of {len(PATTERNS)} patterns the data favour {members} in every reading; no other is ranked."
    flips = ", and the leader changes with the reading" if len(leaders) > 1 else ""
    return (
        f"Not identified: the leading row’s Bayes factor against the average is {min(most):.1f} to "
        f"{max(most):.1f} over {len(readings)} readings, where more than {least:g} in every one was asked "
        f"for{flips}. Nothing is ranked."
    )
