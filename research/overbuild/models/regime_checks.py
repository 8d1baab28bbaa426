"""Panels drawn from the regime model, and what a panel is summed up by.

A panel is drawn in the shape of another: the same members, each in the years in which it is known, from its
level in the year before, with the GDP and the spreads of those years; run-up and share gap follow from the
growth that is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.models.regime_panel import RegimePanel, covariates_of
from overbuild.models.regime_paths import Parameters, drawn, simulate
from overbuild.models.switching import REGIMES, initial_states

Array = NDArray[np.float64]


def prior_draw(
    priors: Mapping[str, Any], firms: Sequence[bool], rng: np.random.Generator
) -> dict[str, Array]:
    """Return one draw of every parameter from the priors, by the names that the model gives them.

    Parameters
    ----------
    priors
        Name to value.
    firms
        Whether each member is a firm.
    """
    p, width = priors, priors["deviation"]["log_sd"]
    firm, members = np.asarray(firms, dtype=float), len(firms)
    normal = rng.normal(*p["normal_growth"])
    boom, bust = (p[g][0] * np.exp(p[g][1] * rng.standard_normal()) for g in ("boom_gap", "bust_gap"))
    scales = np.array([p["spread_of_means"][r] for r in REGIMES])
    spread = np.abs(rng.standard_normal(3)) * scales
    firm_growth, firm_deviation = rng.normal(*p["firm_growth"]), rng.normal(*p["firm_deviation"])
    z = rng.standard_normal((members, 3))
    own = normal + firm * firm_growth + spread[0] * z[:, 0]
    mu = np.stack(
        [own, own + boom * np.exp(spread[1] * z[:, 1]), own - bust * np.exp(spread[2] * z[:, 2])], 1
    )
    deviation = p["deviation"]["normal"] * np.exp(width * rng.standard_normal())
    ratio = np.array([p["deviation"][r] for r in REGIMES[1:]]) * np.exp(width * rng.standard_normal(2))
    spread_sigma = np.abs(rng.standard_normal()) * p["spread_of_deviations"]
    log_own = np.log(deviation) + firm * firm_deviation + spread_sigma * rng.standard_normal(members)
    made = {
        "normal_growth": normal,
        "boom_gap": boom,
        "bust_gap": bust,
        "spread_of_means": spread,
        "firm_growth": firm_growth,
        "firm_deviation": firm_deviation,
        "mu": mu,
        "deviation": deviation,
        "deviation_ratio": ratio,
        "spread_of_deviations": spread_sigma,
        "log_sigma": log_own[:, None] + np.log([1.0, *ratio]),
        "persistence": rng.normal(*p["persistence"]),
        "exit": rng.normal(*p["exit"]),
        "exit_age": rng.normal(*p["exit_age"]),
        "exit_covariates": p["exit_covariates"] * rng.standard_normal(3),
        "from_normal": rng.dirichlet(p["from_normal"]),
        "after_boom": rng.beta(*p["after_boom"]),
        "from_bust": rng.dirichlet(p["from_bust"]),
    }
    return {name: np.asarray(value, dtype=float) for name, value in made.items()}


def simulated_panel(
    truth: Mapping[str, Array],
    data: RegimePanel,
    priors: Mapping[str, Any],
    ages: int,
    rng: np.random.Generator,
) -> RegimePanel:
    """Return a panel drawn with known parameters in the shape of another."""
    first, stop = data.first.astype(int), data.stop.astype(int)
    rows = np.flatnonzero(stop > first)
    longest = int((stop - first).max())
    gdp, spreads = (np.full((rows.size, longest), np.nan) for _ in range(2))
    grown = np.diff(data.levels - data.shares, axis=1)
    for k, i in enumerate(rows):
        gdp[k, : stop[i] - first[i]] = grown[i, first[i] : stop[i]]
        spreads[k, : stop[i] - first[i]] = data.spreads[i, first[i] : stop[i]]
    base = np.stack([data.levels[rows, first[rows]], data.shares[rows, first[rows]]])
    initial = initial_states(tuple(priors["initial"]), ages)
    states = drawn(np.repeat(initial[None], rows.size, axis=0), rng)
    made = simulate(
        parameters_of(truth).take(rows),
        states,
        np.nan,
        base[0][:, None],
        base[1][:, None],
        spreads,
        gdp,
        float(priors["degrees"]),
        ages,
        rng,
    )
    growth = np.full_like(data.growth, np.nan)
    levels, shares = np.full_like(data.levels, np.nan), np.full_like(data.shares, np.nan)
    for k, i in enumerate(rows):
        size = stop[i] - first[i]
        inside = slice(first[i], stop[i] + 1)
        growth[i, first[i] : stop[i]] = made[k, :size]
        levels[i, inside] = base[0][k] + np.concatenate([[0.0], made[k, :size].cumsum()])
        shares[i, inside] = levels[i, inside] - (data.levels - data.shares)[i, inside]
    covariates = covariates_of(levels, shares, data.spreads)[:, :-1]
    return replace(data, growth=growth, covariates=covariates, levels=levels, shares=shares)


def parameters_of(truth: Mapping[str, Array]) -> Parameters:
    """Return the parameters of every member of a draw, as `simulate` takes them."""
    members = truth["mu"].shape[0]
    after = np.array([1 - truth["after_boom"], 0.0, truth["after_boom"]])
    moves = np.stack([truth["from_normal"], after, truth["from_bust"]])

    def repeated(x: Array) -> Array:
        return np.repeat(np.asarray(x)[None], members, axis=0)

    names = ("persistence", "exit", "exit_age", "exit_covariates")
    phi, alpha, beta, gamma = (repeated(truth[n]) for n in names)
    return Parameters(truth["mu"], truth["log_sigma"], phi, alpha, beta, gamma, repeated(moves))


def statistics(panel: RegimePanel) -> dict[str, float]:
    """Return what the model must reproduce: falls of 30 %, the spread of growth, its persistence."""
    falls = doubled = 0
    deviations, rhos = [], []
    for row, first, stop in zip(panel.growth, panel.first, panel.stop, strict=True):
        g = row[int(first) : int(stop)]
        if g.size < 3:
            continue
        falls += spells(np.exp(np.concatenate([[0.0], g.cumsum()])), 0.3)
        doubled += int((g.size >= 4) and (np.convolve(g, np.ones(4), "valid") >= np.log(2)).sum())
        deviations.append(g.std())
        rhos.append(np.corrcoef(g[1:], g[:-1])[0, 1])
    return {
        "falls_of_30_percent": float(falls),
        "years_after_doubling_in_four": float(doubled),
        "median_deviation_of_growth": float(np.median(deviations)),
        "largest_deviation_of_growth": float(np.max(deviations)),
        "median_autocorrelation": float(np.median(rhos)),
    }


def spells(level: Array, fall: float) -> int:
    """Return how often a level falls so far below its running peak, which starts anew after a fall."""
    count, peak, low, down = 0, level[0], level[0], False
    for x in level:
        if down:
            low = min(low, x)
            if x >= low / (1 - fall):
                down, peak = False, x
        else:
            peak = max(peak, x)
            if x <= (1 - fall) * peak:
                count, down, low = count + 1, True, x
    return count
