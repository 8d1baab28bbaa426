"""What draws of decisiveness, elasticity and transfer share say of capacity: ratios, prior beside posterior.

Every quantity is computed on draws from the prior and on draws from the posterior, so that it can be seen
what the data moved. Ratios are spread over powers of ten: quantiles, and chances to be above 1, are reported
and no means; what was learnt of one is how much narrower the 90 % interval of its log became, squared.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.core.draws import Draws
from overbuild.games.contest import (
    break_even_ratio,
    dissipation,
    overbuild_ratio,
    reaction_slope,
    rivalry_ratio,
    takes_part,
)

type Array = NDArray[np.float64]

TRANSFER_SHARES = (0.0, 0.25, 0.5, 0.75)
ELASTICITIES = (0.2, 0.5, 0.8)
RATIOS = ("rivalry_ratio", "break_even_ratio", "overbuild_ratio")
SLICES = 40
"""Groups of draws, by one parameter, whose means say how much of the variance it explains."""


def derived(draws: Mapping[str, Array], firms: int) -> dict[str, Array]:
    """Return the ratios, dissipation and slope on draws of ``decisiveness, elasticity, transfer_share``."""
    r, eta, sigma = (draws[n] for n in ("decisiveness", "elasticity", "transfer_share"))
    return {
        "rivalry_ratio": rivalry_ratio(firms, r, eta),
        "break_even_ratio": break_even_ratio(firms, r, eta),
        "overbuild_ratio": overbuild_ratio(firms, r, eta, sigma),
        "dissipation": dissipation(firms, r, eta),
        "reaction_slope": reaction_slope(firms, r, eta),
    }


def overbuild_ratio_draws(
    draws: Mapping[str, Array], firms: int, as_of: date, transfer_share: float | None = None
) -> Draws:
    """Return draws of equilibrium over planner's capacity, which the simulation takes.

    Parameters
    ----------
    draws
        ``decisiveness, elasticity, transfer_share``, each of shape (draw,).
    firms
        N.
    as_of
        The day whose knowledge they rest on.
    transfer_share
        One value for all draws; None: those of the draws, which are the prior's.
    """
    sigma = draws["transfer_share"] if transfer_share is None else transfer_share
    values = overbuild_ratio(firms, draws["decisiveness"], draws["elasticity"], sigma)
    return Draws(
        name="equilibrium over planner's capacity",
        unit="ratio",
        values=values,
        meaning=(
            f"Capacity that {firms} equal firms build in the investment contest over a planner's who "
            "counts users' surplus and takes a share of the prize for a transfer; above 1 is "
            "overbuilding. Elasticity and transfer share are priors: use quantiles, for the upper tail is "
            "theirs."
        ),
        as_of=as_of,
    )


def beside(after: Mapping[str, Array], before: Mapping[str, Array], firms: int) -> dict[str, Any]:
    """Return, for each ratio, dissipation and slope, quantiles after and before, and what was learnt."""
    one, two = derived(after, firms), derived(before, firms)
    found: dict[str, Any] = {n: _both(one[n], two[n], logs=n in RATIOS) for n in one}
    found["overbuild_by_transfer_share"] = [
        {"transfer_share": s, **_both(_at(after, firms, s), _at(before, firms, s), logs=True)}
        for s in TRANSFER_SHARES
    ]
    found["more_than_joint_profit"] = _chances(
        *(d["decisiveness"] > d["elasticity"] for d in (after, before))
    )
    found["substitutes"] = _chances(one["reaction_slope"] <= 0, two["reaction_slope"] <= 0)
    return found


def by_elasticity(decisiveness: Array, chance: Array, firms: int) -> list[dict[str, Any]]:
    """Return the overbuild ratio given elasticities and transfer shares.

    The density of r given eta is the marginal one over F(r), the prior chance of an elasticity at which firms
    take part, and 0 where they do not at this eta: eta given r is its prior cut to there.

    Parameters
    ----------
    decisiveness, chance
        Draws of r, and F at each, shape (draw,).
    firms
        N.
    """
    rows = []
    for eta in ELASTICITIES:
        inside = takes_part(firms, decisiveness, eta)
        r, weight = decisiveness[inside], 1 / chance[inside]
        for sigma in TRANSFER_SHARES:
            values = overbuild_ratio(firms, r, eta, sigma)
            above = float(weight[values > 1].sum() / weight.sum())
            rows.append(
                {
                    "elasticity": eta,
                    "transfer_share": sigma,
                    **_weighted_quantiles(values, weight),
                    "above": above,
                }
            )
    return rows


def what_decides(draws: Mapping[str, Array], firms: int) -> dict[str, float]:
    """Return the share of the variance of the log overbuild ratio that each parameter explains by itself.

    Var(E[ln ratio | parameter]) / Var(ln ratio), by groups of draws; what is left is what they explain
    together.
    """
    value = np.log(derived(draws, firms)["overbuild_ratio"])
    found = {}
    for name in ("decisiveness", "elasticity", "transfer_share"):
        groups = np.array_split(value[np.argsort(draws[name], kind="stable")], SLICES)
        means = np.array([g.mean() for g in groups])
        noise = np.mean([g.var() / g.size for g in groups])
        found[name] = float(max(means.var() - noise, 0.0) / value.var())
    return found


def _at(draws: Mapping[str, Array], firms: int, sigma: float) -> Array:
    return overbuild_ratio(firms, draws["decisiveness"], draws["elasticity"], sigma)


def _both(after: Array, before: Array, *, logs: bool) -> dict[str, Any]:
    widths = [np.diff(np.quantile(np.log(v) if logs else v, [0.05, 0.95]))[0] for v in (after, before)]
    return {
        "posterior": {**_quantiles(after), "above": _above(after)},
        "prior": {**_quantiles(before), "above": _above(before)},
        "learnt": float(1 - (widths[0] / widths[1]) ** 2),
    }


def _quantiles(values: Array) -> dict[str, float]:
    return {f"q{q:02d}": float(np.quantile(values, q / 100)) for q in (5, 50, 95)}


def _weighted_quantiles(values: Array, weight: Array) -> dict[str, float]:
    order = np.argsort(values, kind="stable")
    below = (np.cumsum(weight[order]) - weight[order] / 2) / weight.sum()
    return {f"q{q:02d}": float(np.interp(q / 100, below, values[order])) for q in (5, 50, 95)}


def _above(values: Array) -> float:
    """Return the share of draws above 1."""
    return float(np.mean(values > 1))


def _chances(after: NDArray[np.bool_], before: NDArray[np.bool_]) -> dict[str, float]:
    return {"posterior": float(after.mean()), "prior": float(before.mean())}
