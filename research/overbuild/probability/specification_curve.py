"""The curve: components put together under each specification; its spread, its causes, what must hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from overbuild.probability.combination import NO_BASE_RATE
from overbuild.probability.must_believe import Needed, needed, share_needed
from overbuild.probability.specification_runs import COMPONENTS, Row
from overbuild.probability.specifications import Axis, Specification, places
from overbuild.probability.variance_shares import pairs, variance_shares

MIXES: Mapping[str, tuple[str, ...]] = {
    "baserate": ("baserate",),
    "with_regimes": ("baserate", "regimes"),
    "with_simulation": ("baserate", "simulation"),
    "equal": COMPONENTS,
}
"""Combinations with equal weights; ``headline`` takes the weights of the filed headline."""
LARGEST_PAIRS = 5
POINTS = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


def mixed(row: Row, mix: str, unknown: float, headline: Mapping[str, float]) -> float | None:
    """Return the headline event's probability as the sum of weighted components and of unknown models.

    ``(1 - m) sum_k w_k p_k + m p_base``: weights of the mix over the components that speak; the mass
    ``m`` of models nobody has thought of lies on the base rate, on a half where it is silent. The weight of
    a component that is silent is shared by the others in proportion; weights are not learnt again.

    Parameters
    ----------
    row
        Component to probability; None: silent.
    mix
        ``headline`` or a key of `MIXES`.
    unknown
        The mass m.
    headline
        Component to weight in the filed headline.
    """
    weights = headline if mix == "headline" else dict.fromkeys(MIXES[mix], 1.0)
    spoken = {m: (w, p) for m, w in weights.items() if w > 0 and (p := row.get(m)) is not None}
    total = sum(w for w, _ in spoken.values())
    if total == 0:
        return None
    inside = sum(w * p for w, p in spoken.values()) / total
    base = row.get("baserate")
    return (1 - unknown) * inside + unknown * (NO_BASE_RATE if base is None else base)


def composite(row: Row, unknown: float) -> float | None:
    """Return the composite's probability: the simulation alone speaks of it, and no base rate is known."""
    p = row.get("composite")
    return None if p is None else (1 - unknown) * p + unknown * NO_BASE_RATE


def summary(
    axes: Sequence[Axis],
    made: Sequence[Specification],
    rows: Mapping[str, Row],
    headline: Mapping[str, float],
    ranges: Mapping[str, Any],
    believed: Sequence[Specification],
) -> dict[str, Any]:
    """Return the curve, its shares of variance, each axis alone, and what must be believed.

    Parameters
    ----------
    axes, made, rows
        The design and what was found: name of a specification to the probabilities of the components.
    headline
        Weights of the components in the filed headline.
    ranges
        ``[specification.ranges]`` of the definitions.
    believed
        Specifications in which one assumption, or a pair, leaves its primary value, beyond the design.
    """
    events = {
        "headline": lambda s: mixed(rows[s.name], s.levels["models"], s.levels["unknown"], headline),
        "composite": lambda s: composite(rows[s.name], s.levels["unknown"]),
    }
    values = {event: {s.name: of(s) for s in made} for event, of in events.items()}
    primary = rows[made[0].name]
    return {
        "weights": dict(headline),
        "axes": [{"name": a.name, "title": a.title, "part": a.part, "levels": list(a.levels)} for a in axes],
        "specifications": [
            {
                "name": s.name,
                "kind": s.kind,
                "places": [int(k) for k in place],
                **{event: values[event][s.name] for event in events},
            }
            for s, place in zip(made, places(made, axes), strict=True)
        ],
        "primary": dict(primary),
        "curve": {event: _spread(made, found) for event, found in values.items()},
        "alone": {event: _alone(axes, made, found) for event, found in values.items()},
        "shares": {event: _shares(axes, made, found) for event, found in values.items()},
        "believe": _believe(axes, made, rows, headline, ranges, believed),
    }


def _spread(made: Sequence[Specification], found: Mapping[str, float | None]) -> dict[str, Any]:
    """Return quantiles over the rows of the hypercube; over the whole design where it has none.

    In the whole design the primary levels come up far more often than any others, and choices that an event
    does not see repeat the primary value.
    """
    rows = [s.name for s in made if s.kind == "together"] or list(found)
    spoken = np.array([p for p in map(found.get, rows) if p is not None])
    if not spoken.size:
        return {"runs": len(rows), "silent": len(rows)}
    return {
        "runs": len(rows),
        "silent": len(rows) - spoken.size,
        "points": dict(zip(map(str, POINTS), np.quantile(spoken, POINTS).tolist(), strict=True)),
        "above_half": float((spoken > 0.5).mean()),
        "below_tenth": float((spoken < 0.1).mean()),
    }


def _alone(
    axes: Sequence[Axis], made: Sequence[Specification], found: Mapping[str, float | None]
) -> list[dict[str, Any]]:
    """Return each axis with the probability at each of its levels, all else primary."""
    first = found[made[0].name]
    out = []
    for axis in axes:
        at = [first] + [
            found[s.name] for s in made if s.kind == "alone" and s.name.startswith(f"{axis.name}-")
        ]
        out.append({"axis": axis.name, "levels": list(axis.levels), "probability": at})
    return out


def _shares(
    axes: Sequence[Axis], made: Sequence[Specification], found: Mapping[str, float | None]
) -> dict[str, Any] | None:
    """Take the variance over the rows of the hypercube apart; None where too few speak or nothing moves."""
    together = [s for s in made if s.kind == "together" and found[s.name] is not None]
    counts, names = [len(a.levels) for a in axes], [a.name for a in axes]
    if len(together) < 2 * (sum(counts) - len(counts) + 1):
        return None
    at = places(together, axes)
    values = np.array([found[s.name] for s in together], dtype=float)
    if np.ptp(values) == 0:
        return None
    shares = variance_shares(at, counts, values, names)
    largest = pairs(at, counts, values, names)[:LARGEST_PAIRS]
    return {
        "rows": shares.rows,
        "standard_deviation": shares.variance**0.5,
        "axes": [
            {
                "axis": r["axis"],
                "share": r["share"],
                "error": r["error"],
                "range": None if np.isnan(r["range"]) else r["range"],
                "apart": r["apart"],
            }
            for r in shares.frame().to_dict("records")
        ],
        "pairs": [{"axes": [a, b], "gain": gain} for a, b, gain in largest],
    }


def _believe(
    axes: Sequence[Axis],
    made: Sequence[Specification],
    rows: Mapping[str, Row],
    headline: Mapping[str, float],
    ranges: Mapping[str, Any],
    believed: Sequence[Specification],
) -> dict[str, Any]:
    """Return, by whose probability (headline, simulation) and assumption, what takes it to each target."""
    primary = {a.name: a.primary for a in axes}

    def whole(s: Specification) -> tuple[float | None, float]:
        p = mixed(rows[s.name], s.levels["models"], s.levels["unknown"], headline)
        total = sum(w for m, w in headline.items() if rows[s.name].get(m) is not None) or 1.0
        part = (1 - s.levels["unknown"]) * headline.get("simulation", 0.0) / total
        return p, part * (rows[s.name].get("simulation_error") or 0.0)

    def inside(s: Specification) -> tuple[float | None, float]:
        row = rows[s.name]
        return row.get("simulation"), row.get("simulation_error") or 0.0

    every = [*made, *believed]
    out: dict[str, Any] = {"targets": list(ranges["targets"])}
    for whose, of in (("headline", whole), ("simulation", inside)):
        found = []
        for axis in axes:
            if axis.name not in ranges:
                continue
            line = {
                s.levels[axis.name]: of(s)
                for s in every
                if all(s.levels[k] == v for k, v in primary.items() if k != axis.name)
                and s.levels[axis.name] in ranges[axis.name]
            }
            found.append(_line(axis.name, axis.primary, line, ranges["targets"]))
        for pair in dict.fromkeys(s.name.rsplit("-", 1)[0] for s in believed if s.kind == "pair"):
            steps = [s for s in believed if s.kind == "pair" and s.name.rsplit("-", 1)[0] == pair]
            line = {0.0: of(made[0])} | {float(s.name.rsplit("-", 1)[1]): of(s) for s in steps}
            found.append(_line(pair, 0.0, line, ranges["targets"], ends=_ends(steps[-1], primary)))
        out[whose] = [f for f in found if f is not None]
    out["components"] = _components(rows[made[0].name], primary["unknown"], headline, ranges["targets"])
    return out


def _line(
    name: str,
    at: float,
    line: Mapping[float, tuple[float | None, float]],
    targets: Sequence[float],
    ends: Mapping[str, Any] | None = None,
) -> dict[str, Any] | None:
    known = sorted((x, p, e) for x, (p, e) in line.items() if p is not None)
    if len(known) < 2:
        return None
    x, p, e = (np.array(column, dtype=float) for column in zip(*known, strict=True))
    found: list[Needed] = [needed(x, p, e, t) for t in targets]
    return {
        "assumption": name,
        "primary": at,
        "values": x.tolist(),
        "probability": p.tolist(),
        "error": e.tolist(),
        "monotone": found[0].monotone,
        "lowest": found[0].lowest,
        "highest": found[0].highest,
        "needed": [{"target": n.target, "value": n.value, "error": n.error} for n in found],
        **({"ends": dict(ends)} if ends else {}),
    }


def _ends(last: Specification, primary: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in last.levels.items() if v != primary[k]}


def _components(
    row: Row, unknown: float, headline: Mapping[str, float], targets: Sequence[float]
) -> list[dict[str, Any]]:
    """Return which probability of one component takes the headline to each target, the others as they are.

    Components without weight take it nowhere and are left out.
    """
    total = sum(w for m, w in headline.items() if row.get(m) is not None)
    out = []
    for model in headline:
        if row.get(model) is None or not total:
            continue
        weight = (1 - unknown) * headline[model] / total + (unknown if model == "baserate" else 0.0)
        if not weight:
            continue
        whole = mixed(row, "headline", unknown, headline)
        rest = (whole or 0.0) - weight * (row[model] or 0.0)
        out.append(
            {
                "component": model,
                "probability": row[model],
                "weight": weight,
                "needed": [{"target": t, "value": share_needed(t, rest, weight)} for t in targets],
            }
        )
    return out
