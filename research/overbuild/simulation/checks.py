"""Checks of the inside view that take simulation: books, nested values, and spending before the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from overbuild.simulation.books import violations
from overbuild.simulation.cohort import nested
from overbuild.simulation.inputs import Inputs
from overbuild.simulation.run import Simulated, continued, prepared, randomness, simulate
from overbuild.simulation.view import InsideView

BALANCED = 1e-9
LEAST_P = 0.01
STATES, INNER = 400, 60
"""Forty states, tried first, leave a standard error of a twentieth on the difference that is to be judged."""
LONGEST = 20
"""Years of a record that are held against the priors."""
LARGEST_BIAS = 0.05
"""Largest difference allowed between the share of nested states below one and that of the regression."""
LEAST_CORRELATION = 0.8
MOST_ON_OTHER_SIDE = 0.15
"""Marks for the values state by state: fitted ones that are right in the mean alone do not pass."""


def nested_check(view: InsideView, inputs: Inputs, paths: int, rng: np.random.Generator) -> dict[str, Any]:
    """Hold the regression of the cohort's value against nested simulation at some states, every horizon."""
    made = prepared(view, inputs)
    which = np.sort(np.arange(paths) % inputs.size)
    drawn = randomness(view, made, which, rng)
    outer = continued(view, inputs, made, which, drawn)
    chosen = np.unique(np.linspace(0, paths - 1, STATES).round().astype(int))
    rows = []
    for e, name in enumerate(view.horizons):
        mean, error = nested(outer, drawn, e, chosen, INNER, rng)
        fitted = outer.expected[chosen, e]
        apart = fitted - mean
        rows.append(
            {
                "by": name,
                "states": int(chosen.size),
                "inner": INNER,
                "correlation": float(np.corrcoef(fitted, mean)[0, 1]),
                "median_error": float(np.median(np.abs(apart))),
                "mean_error": float(apart.mean()),
                "nested_error": float(np.median(error)),
                "other_side": float(np.mean((fitted < 1) != (mean < 1))),
                "below_one": float(np.mean(mean < 1)),
                "below_one_fitted": float(np.mean(fitted < 1)),
            }
        )
    worst = max(abs(r["below_one"] - r["below_one_fitted"]) for r in rows)
    return {"horizons": rows, "worst_difference": worst, "passed": nested_passed(rows)}


def nested_passed(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether at every horizon the share below one, and the values state by state, agree."""
    return all(
        abs(r["below_one"] - r["below_one_fitted"]) <= LARGEST_BIAS
        and r["correlation"] >= LEAST_CORRELATION
        and r["other_side"] <= MOST_ON_OTHER_SIDE
        for r in rows
    )


def prior_predictive(view: InsideView, prior: Inputs, paths: int, rng: np.random.Generator) -> dict[str, Any]:
    """Hold the record of spending against paths from the priors, as long as the record.

    Utilisation and price have no record for AI that could be held against the recursion's, and are left out.
    """
    from overbuild.core.periods import label, ordinal

    record = prior.history.layer("capex")[0]
    observed = record[np.flatnonzero(np.isnan(record))[-1] + 1 :] if np.isnan(record).any() else record
    per_year = prior.history.per_year
    observed = observed[-LONGEST * per_year :]
    quarters = (observed.size - 1) * 4 // per_year
    far = replace(view, horizons=(label(ordinal(prior.last) + quarters, "Q"),), continued=0)
    made = simulate(far, prior, paths, rng)
    levels = made.layers["capex"]
    if per_year == 1:
        levels = levels.reshape(paths, -1, 4).sum(axis=2)
    start = np.full((paths, 1), observed[-1])
    drawn = _statistics(np.concatenate([start, levels], axis=1), per_year)
    seen = _statistics(observed[None, :], per_year)
    rows = []
    for name, values in drawn.items():
        below = float(np.mean(values <= seen[name][0]))
        above = float(np.mean(values >= seen[name][0]))
        rows.append(
            {
                "statistic": name,
                "observed": float(seen[name][0]),
                "low": float(np.quantile(values, 0.05)),
                "high": float(np.quantile(values, 0.95)),
                "p_value": min(1.0, 2 * min(below, above)),
            }
        )
    passed = all(r["p_value"] >= LEAST_P / len(rows) for r in rows)
    return {"rows": rows, "least_p": LEAST_P / len(rows), "passed": passed}


def _statistics(levels: Any, per_year: int) -> dict[str, Any]:
    from overbuild.core.judging import trailing_year

    growth = np.diff(np.log(levels), axis=1)
    year = trailing_year(levels, per_year)[:, per_year - 1 :]
    fastest = (np.log(year[:, per_year:]) - np.log(year[:, :-per_year])).max(axis=1)
    fall = (1 - year / np.maximum.accumulate(year, axis=1)).max(axis=1)
    return {
        "growth a year": per_year * growth.mean(axis=1),
        "growth of the fastest year": fastest,
        "deepest fall of a year": fall,
        "deviation of a period": growth.std(axis=1),
    }


def books(*made: Simulated) -> dict[str, Any]:
    """Return the largest violation of each identity on any path, and whether all balance.

    Stocks are held against their flows within the recursion, and every layer against its definition outside
    it (`overbuild.simulation.books`).
    """
    found: dict[str, float] = {}
    for each in made:
        of_stocks = {f"{n} by flows": each.accounting()[n] for n in ("capital", "in_progress")}
        for name, value in (of_stocks | violations(each)).items():
            found[name] = max(found.get(name, 0.0), value)
    return {**found, "passed": all(v < BALANCED for v in found.values())}
