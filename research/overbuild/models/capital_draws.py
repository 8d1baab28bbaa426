"""Draws of what no data show of capital: lives, price falls, shares by asset, lags, cost of capital."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overbuild.models import draws_of
from overbuild.models.accounting_life import Held
from overbuild.models.eras import Era, Flow
from overbuild.models.required_revenue import Terms

type Array = NDArray[np.float64]

UNSEEN = (
    "life",
    "price_fall",
    "split",
    "weibull_shape",
    "completion_lag",
    "cost_of_capital",
    "growth_before",
)
UNSEEN_OF_REVENUE = ("opex", "utilisation", "ai_share")


@dataclass(frozen=True, eq=False)
class Parameters:
    """Draws of what the data do not show, as the inventory takes them.

    Attributes
    ----------
    terms
        Cost of capital, price falls, lives, opex.
    split
        Shape (draw, flow, class).
    lag
        Mean years from spending to use, shape (draw, class): one number a draw.
    lag_shape
        Gamma shape of the lag.
    ai_share
        Shares before and after the ramp, shape (draw, 2), and its first and last quarter; None where all
        spending counts.
    growth_before
        Log growth a year before the record, shape (draw,).
    utilisation
        Share of capacity in use now, shape (draw,); None for an era without revenue.
    """

    terms: Terms
    split: Array
    lag: Array
    lag_shape: float
    ai_share: tuple[Array, str, str] | None
    growth_before: Array
    utilisation: Array | None


def unseen(prior_of: Held, era: Era, draws: int, rng: np.random.Generator) -> dict[str, Array]:
    """Draw everything that the data do not show, by name; shares that are certain are left out."""

    def logs(name: str) -> Array:
        return draws_of.lognormal(prior_of(name), draws, rng)

    found = {
        "life": np.stack([logs(f"life_{a}") for a in era.assets], axis=1),
        "price_fall": np.stack(
            [draws_of.normal(prior_of(f"price_fall_{a}"), draws, rng) for a in era.assets], axis=1
        ),
        "weibull_shape": logs("weibull_shape"),
        "completion_lag": logs("completion_lag"),
        "cost_of_capital": logs("cost_of_capital"),
        "growth_before": draws_of.normal(prior_of("growth_before"), draws, rng),
        "split": np.concatenate([_split(prior_of, era, f, draws, rng) for f in era.flows], axis=1),
    }
    if era.revenue:
        found["opex"] = logs("opex")
        found["utilisation"] = draws_of.beta(prior_of("utilisation"), draws, rng)
    if any(f.part == "ai" for f in era.flows):
        ends = [draws_of.beta(prior_of(f"ai_share_{when}"), draws, rng) for when in ("before", "after")]
        found["ai_share"] = np.stack(ends, axis=1)
    return found


def labels_of(prior_of: Held, era: Era, firms: tuple[str, ...]) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the dimensions of every parameter that has one, with their coordinates."""
    shared = {"asset": era.assets}
    split = tuple(f"{f.name}: {a}" for f in era.flows for a in _assets(prior_of, era, f))
    found = {
        "life": shared,
        "price_fall": shared,
        "split": {"share": split},
        "ai_share": {"ramp": ("before", "after")},
    }
    accounts = {f"accounting_{n}": {"firm": firms} for n in ("old_life", "new_life", "lag", "rho", "error")}
    return found | accounts


def parameters_of(drawn: Mapping[str, Array], prior_of: Held, era: Era) -> Parameters:
    """Return the draws in the form that the inventory takes."""
    number, classes = drawn["life"].shape
    shape, lag = (np.repeat(drawn[n][:, None], classes, axis=1) for n in ("weibull_shape", "completion_lag"))
    opex = drawn.get("opex", np.zeros(number))
    terms = Terms(drawn["cost_of_capital"], drawn["price_fall"], drawn["life"], shape, opex)
    split, at = np.zeros((number, len(era.flows), classes)), 0
    for f, flow in enumerate(era.flows):
        held = [era.assets.index(a) for a in _held(prior_of, era, flow)]
        if len(held) == 1:
            split[:, f, held[0]] = 1.0
        else:
            split[:, f, held] = drawn["split"][:, at : at + len(held)]
            at += len(held)
    ramp = prior_of("ai_share_ramp") if "ai_share" in drawn else None
    share = (drawn["ai_share"], ramp["first"], ramp["last"]) if ramp else None
    lag_shape = prior_of("lag_shape")
    return Parameters(terms, split, lag, lag_shape, share, drawn["growth_before"], drawn.get("utilisation"))


def _split(prior_of: Held, era: Era, flow: Flow, draws: int, rng: np.random.Generator) -> Array:
    """Return the uncertain shares of one flow, shape (draw, asset); none where one asset takes all."""
    assets = _assets(prior_of, era, flow)
    means = prior_of(f"split_{flow.split}")
    if not assets:
        return np.zeros((draws, 0))
    return draws_of.shares(means, prior_of("split_certainty"), assets, draws, rng)


def _assets(prior_of: Held, era: Era, flow: Flow) -> tuple[str, ...]:
    """Return the assets between which a flow is split; none where one takes all."""
    held = _held(prior_of, era, flow)
    return held if len(held) > 1 else ()


def _held(prior_of: Held, era: Era, flow: Flow) -> tuple[str, ...]:
    means = prior_of(f"split_{flow.split}")
    return tuple(a for a in era.assets if means.get(a, 0.0) > 0)
