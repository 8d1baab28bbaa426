"""The comparison of mechanisms on the firms' panel: posterior, other scales and effects, checks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.games.asked import Asked
from overbuild.games.mechanism_checks import (
    LONG,
    Design,
    calibration,
    calibration_from_panels,
    found_rates,
    from_panels,
    predictive,
)
from overbuild.games.mechanism_panel import (
    BY,
    COEFFICIENTS,
    FIRST,
    Coefficients,
    coefficients,
    strained_difference,
)
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
    ranked_as_first_set,
    row_factors,
    scales,
)
from overbuild.games.reaction_data import asked_panel, asked_priors
from overbuild.games.reaction_estimators import NotConvergedError
from overbuild.games.reaction_panel import ReactionPanel, exposures
from overbuild.games.reaction_sweeps import Interval
from overbuild.randomness import stream

type Array = NDArray[np.float64]

PANELS, LONG_PANELS = (60, 30), (60, 0)
"""Panels made up where the truth is ``none`` and where it is another, of our length and of the long one."""
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
        ``mechanisms`` (one a row: ``mechanism, title, pattern, prior, posterior, mc_error``, its pattern's
        ``factor`` against the mean of the other patterns, its posterior under each reading as ``low`` and
        ``high``, ``dirichlet``, the expected chance under Dirichlet(1)), ``patterns``, ``coefficients`` (with
        ``b, se, df`` by effects, and the prior ``predictive`` p of each pattern), ``strained`` (the interval
        of that coefficient by effects), ``readings`` (posterior by pattern), ``not_converged``, ``rule``,
        ``as_first_set`` (the same under the rule before it was changed), ``identified``, ``leader``,
        ``sentence``, ``left_out``, ``found`` (by length), ``panels`` (whole panels made up and estimated),
        ``calibration`` (a check of the code) and ``panel_calibration``.
    """
    priors = asked_priors(asked, "mechanisms")
    panel = asked_panel(asked)
    s, least = scales(priors), float(priors["least_factor"])
    estimated, missing = _estimated(panel)
    other = tuple(float(f) for f in priors["scales"])
    readings = _readings(estimated, s, other, asked.seed)
    first = compare(estimated[FIRST], s, stream("mechanisms/as set", seed=asked.seed))
    posterior = first.posterior
    found = None if missing else ranked(readings, least)
    as_first_set = None if missing else ranked_as_first_set(readings, least)
    exposure = exposures(asked_priors(asked, "reaction"))
    strain = np.nan_to_num(panel.strain, nan=0.0)
    design = Design(panel.weights, exposure, strain)
    quarters = panel.shape[0]
    sizes = (
        ((quarters, (10, 10)), (LONG, (3, 0))) if asked.quick else ((quarters, PANELS), (LONG, LONG_PANELS))
    )
    panels = [row for q, counts in sizes for row in from_panels(design, s, least, other, q, counts)]
    of_rows = [float(row_factors(p).max()) for p in readings.values()]
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
                "factor": float(factors(posterior)[PATTERNS.index(m.pattern)]),
                "dirichlet": float((concentration + posterior[i]) / (concentration * rows + 1)),
                "low": float(every[:, i].min()),
                "high": float(every[:, i].max()),
            }
            for i, m in enumerate(MECHANISMS)
        ],
        "patterns": patterns_of(posterior),
        "coefficients": [_told(by, c) | {"predictive": predictive(c, s)} for by, c in estimated.items()],
        "strained": {by: _interval(strained_difference(panel, by)) for by in estimated},
        "readings": [
            {"reading": n, "leader": leader(p), "factor": float(factors(p).max()), "patterns": patterns_of(p)}
            for n, p in readings.items()
        ],
        "not_converged": missing,
        "rule": {"least_factor": least, "readings": len(readings)},
        "as_first_set": {"leader": as_first_set, "low": min(of_rows), "high": max(of_rows)},
        "identified": found is not None,
        "leader": found,
        "sentence": _sentence(found, readings, least, missing),
        "left_out": LEFT_OUT,
        "found": found_rates(estimated[FIRST], s, quarters, least, other),
        "panels": panels,
        "calibration": calibration(estimated[FIRST], s),
        "panel_calibration": calibration_from_panels([r for r in panels if r["quarters"] == quarters]),
        "draws": DRAWS,
        "quarters": quarters,
    }


def _estimated(panel: ReactionPanel) -> tuple[dict[str, Coefficients], list[str]]:
    """Return coefficients by effects taken out, and the effects that were not found."""
    found: dict[str, Coefficients] = {}
    missing = []
    for by in BY:
        try:
            found[by] = coefficients(panel, by)
        except NotConvergedError:
            missing.append(by)
    return found, missing


def _interval(found: Interval | None) -> dict[str, float] | None:
    return None if found is None else {"b": found.b, "low": found.low, "high": found.high, "df": found.df}


def _readings(
    estimated: dict[str, Coefficients], s: Scales, other: tuple[float, ...], seed: int
) -> dict[str, Array]:
    """Return reading to posterior over the rows: every effects taken out, with every scale of the priors."""
    return {
        f"{by}, scales x{factor:g}": compare(
            c, s.times(factor), stream(f"mechanisms/{by}/{factor:g}", seed=seed)
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


def _sentence(found: str | None, readings: dict[str, Array], least: float, missing: list[str]) -> str:
    most = [float(factors(p).max()) for p in readings.values()]
    leaders = {leader(p) for p in readings.values()}
    if found is not None:
        members = " or ".join(m.title.lower() for m in MECHANISMS if m.pattern == found)
        return f"Of {len(PATTERNS)} patterns the data favour {members} in every reading; no other is ranked."
    if missing:
        return f"Not told: {', '.join(missing)} did not converge, and the rule asks for every reading."
    flips = ", and the leader changes with the reading" if len(leaders) > 1 else ""
    return (
        f"Not identified: the leading pattern’s Bayes factor against the mean of the others is "
        f"{min(most):.1f} to {max(most):.1f} over {len(readings)} readings, where more than {least:g} in "
        f"every one was asked for{flips}. Nothing is ranked."
    )
