"""The rented share over the priors, and what a rental market would do to the contest: what exhibits read.

No data identify the rented share: what is called its distribution is that of the priors, carried through the
optimum. Only decisiveness, in the last step, has met data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from overbuild.core.draws import Draws
from overbuild.episodes.episode import load_episode
from overbuild.episodes.model_series import model_series
from overbuild.finance.portfolio import (
    OwnOrRent,
    Shocks,
    benchmark,
    cheapest,
    idle_cost,
    losses,
    only_owning,
    scenarios,
)
from overbuild.finance.portfolio_frontier import own_or_rent
from overbuild.finance.portfolio_prices import Deal, context_known, deal_known, own_cost
from overbuild.finance.rental_market import Channels, channels, pooled_lognormal
from overbuild.games.asked import Asked
from overbuild.games.contest_grid import draw, priors_of
from overbuild.games.contest_shares import NAME, ContestModel
from overbuild.games.counterfactuals import quantiles
from overbuild.models.draws_of import beta, lognormal, normal
from overbuild.models.prior_file import read_priors
from overbuild.models.priors import Priors
from overbuild.randomness import stream

type Array = NDArray[np.float64]

PRIORS = "own_or_rent"
DRAWS, QUICK = 1000, 200
SCENARIOS, FRONTIER = 2000, 4000
LONGEST = 8
FRACTILES = (0.02, 0.98)
"""Ends of the service level at which pooling is worked out."""
VOLATILITIES = (0.1, 0.2, 0.3, 0.4, 0.6)
PREMIUMS = (0.8, 0.9, 1.0, 1.1, 1.2, 1.3)
NORMALS = ("shell", "opex_share", "own_years", "rent_years", "spot_fall", "spot_elasticity", "growth")
LOGNORMALS = ("cost_of_capital", "spot", "penalty", "volatility")
BETAS = ("shell_recovered", "spot_found", "sublet", "bust", "depth", "correlation")
OF_SPEC = (
    "spot", "spot_found", "spot_fall", "spot_elasticity", "penalty", "sublet", "growth", "volatility", "bust",
    "depth",
)  # fmt: skip


def drawn(held: Mapping[str, Any], size: int, rng: np.random.Generator) -> dict[str, Array]:
    """Return draws from the priors, years rounded."""
    made = (
        {n: normal(held[n], size, rng) for n in NORMALS}
        | {n: lognormal(held[n], size, rng) for n in LOGNORMALS}
        | {n: beta(held[n], size, rng) for n in BETAS}
    )
    return made | {n: np.rint(made[n]) for n in ("own_years", "rent_years")}


def middle(held: Mapping[str, Any]) -> dict[str, float]:
    """Return the middle of every prior: mean of a normal or Beta, median of a lognormal."""
    ends = {n: float(held[n][0]) for n in (*NORMALS, *LOGNORMALS)}
    return ends | {n: held[n][0] / sum(held[n]) for n in BETAS}


def spec_of(deal: Deal, at: Mapping[str, float]) -> OwnOrRent:
    """Return the decision at one draw of the priors, priced by a deal."""
    cost = own_cost(
        deal,
        shell=at["shell"],
        recovered=at["shell_recovered"],
        opex_share=at["opex_share"],
        years=at["own_years"],
        cost_of_capital=at["cost_of_capital"],
    )
    return OwnOrRent(
        own_cost=float(cost),
        rent_price=deal.rent_price,
        own_years=int(at["own_years"]),
        rent_years=int(min(at["rent_years"], at["own_years"])),
        discount=float(at["cost_of_capital"]),
        **{n: float(at[n]) for n in OF_SPEC},
    )


@dataclass(frozen=True, eq=False)
class Portfolios:
    """Optima over draws of the priors, (draw,).

    Attributes
    ----------
    rented_share, premium, total
        Rented over committed; cost of owning over the contract price; units committed.
    service
        Chance, over the years of the contract, that demand does not exceed what is committed.
    case
        ``both``, ``own only``, ``rent only``, ``neither``.
    cost_ratio
        Mean cost with contracts over that of the best owner without.
    idle_saved
        Mean cost of idle capacity that contracts save, over mean cost without; below 0 where they add to it.
    """

    rented_share: Array
    premium: Array
    total: Array
    service: Array
    case: NDArray[np.str_]
    cost_ratio: Array
    idle_saved: Array


def portfolios(deal: Deal, values: Mapping[str, Array], rng: np.random.Generator) -> Portfolios:
    """Return the optimum at every draw, all on the same shocks."""
    shocks = Shocks.drawn(SCENARIOS, LONGEST, rng)
    rows = []
    for i in range(len(values["spot"])):
        spec = spec_of(deal, {n: float(v[i]) for n, v in values.items()})
        seen = scenarios(spec, shocks)
        best, alone = cheapest(spec, seen), only_owning(spec, seen)
        base = benchmark(spec, seen)
        cost, without = (base + losses(spec, seen, p)[0].mean() for p in (best, alone))
        saved = idle_cost(spec, seen, alone) - idle_cost(spec, seen, best)
        served = float((seen.demand[:, : spec.rent_years] <= best.total).mean())
        numbers = (best.rented_share, spec.premium, best.total, served, cost / without, saved / without)
        rows.append((numbers, best.case))
    share, premium, total, served, ratio, saved = np.array([r[0] for r in rows]).T
    return Portfolios(share, premium, total, served, np.array([r[1] for r in rows]), ratio, saved)


def rental_draws(asked: Asked) -> tuple[dict[str, Draws], Portfolios, Channels, dict[str, Array], int]:
    """Return what the games and the simulation are handed, and all that it rests on.

    Pooling is worked out at the mean spread of log demand over the contract's years and at the service level
    of the portfolio; busts are common to all firms and nothing to pool. Where nothing is committed the ratio
    is 1.
    """
    priors = read_priors(asked.data / "priors.toml").at(asked.as_of)
    held = priors.values(PRIORS)
    size = QUICK if asked.quick else DRAWS
    values = drawn(held, size, stream("own_or_rent/priors", seed=asked.seed))
    deal = deal_known(asked.data, asked.as_of, held["gpus"])
    found = portfolios(deal, values, stream("own_or_rent/scenarios", seed=asked.seed))
    firms, contest = _contest(asked, priors, size)
    rng = stream("own_or_rent/pooling", seed=asked.seed)
    deviation = values["volatility"] * np.sqrt((values["rent_years"] + 1) / 2)
    fractile = np.clip(found.service, *FRACTILES)
    pooled = np.array(
        [
            pooled_lognormal(firms, s, c, q, rng) if k > 0 else 1.0
            for s, c, q, k in zip(deviation, values["correlation"], fractile, found.total, strict=True)
        ]
    )
    effect = channels(
        firms,
        contest["decisiveness"],
        contest["elasticity"],
        contest["transfer_share"],
        cost_ratio=found.cost_ratio,
        pooled=pooled,
        rented_share=found.rented_share,
    )
    handed = {
        "rented_share": (
            found.rented_share,
            "Rented over committed capacity at least mean cost; 0 where nothing is.",
        ),
        "pooled_over_separate_capacity": (
            pooled,
            "Capacity of all firms pooled over that held apart at the same chance of being short.",
        ),
        "cost_of_idle_saved": (
            found.idle_saved,
            "Mean cost of idle capacity that contracts save, over the mean cost of the best owner without.",
        ),
    }
    draws = {n: Draws(n, "ratio", v, meaning, asked.as_of) for n, (v, meaning) in handed.items()}
    return draws, found, effect, values | {"pooled": pooled, "fractile": fractile}, firms


def result(asked: Asked) -> dict[str, Any]:
    """Return the rented share, the frontier, the table over volatility and premium, and the channels."""
    priors = read_priors(asked.data / "priors.toml").at(asked.as_of)
    held = priors.values(PRIORS)
    deal = deal_known(asked.data, asked.as_of, held["gpus"])
    draws, found, effect, values, firms = rental_draws(asked)
    central = spec_of(deal, middle(held))
    by_year = {
        str(t): quantiles(found.rented_share[values["rent_years"] == t])
        for t in sorted(set(values["rent_years"].astype(int).tolist()))
    }
    return {
        "as_of": asked.as_of.isoformat(),
        "deal": asdict(deal) | {"rent_price": deal.rent_price},
        "central": own_or_rent(central, stream("own_or_rent/frontier", seed=asked.seed), FRONTIER),
        "grid": _grid(central, asked.seed),
        "draws": found.rented_share.size,
        "premium": quantiles(found.premium),
        "share": quantiles(found.rented_share) | {"mean": float(found.rented_share.mean())},
        "share_by_rent_years": by_year,
        "cases": _cases(found),
        "all_on_spot": _all_on_spot(deal, central, values, asked.seed),
        "drivers": _drivers(values | {"premium": found.premium}, found.rented_share),
        "cost_ratio": quantiles(found.cost_ratio),
        "handed": {n: quantiles(d.values) | {"meaning": d.meaning} for n, d in draws.items()},
        "market": _market(effect, values, firms),
        "context": context_known(asked.data, asked.as_of),
    }


def _cases(found: Portfolios) -> dict[str, float]:
    return {c: float((found.case == c).mean()) for c in ("both", "own only", "rent only", "neither")}


def _all_on_spot(deal: Deal, central: OwnOrRent, values: Mapping[str, Array], seed: int) -> dict[str, Any]:
    """Return what is found if all that is short can be bought on the spot market."""
    thick = {n: values[n] for n in (*NORMALS, *LOGNORMALS, *BETAS)} | {
        "spot_found": np.ones_like(values["spot"])
    }
    found = portfolios(deal, thick, stream("own_or_rent/scenarios", seed=seed))
    spec = replace(central, spot_found=1.0)
    points = own_or_rent(spec, stream("own_or_rent/frontier", seed=seed), FRONTIER)["frontier"]
    return {"share": quantiles(found.rented_share), "cases": _cases(found), "frontier": points}


def _contest(asked: Asked, priors: Priors, size: int) -> tuple[int, dict[str, Array]]:
    """Return contenders and draws of the contest's posterior, as the counterfactuals take them."""
    snapshot = load_episode("ai", asked.as_of, asked.data, also=model_series(NAME, "ai", asked.data)).snapshot
    model = ContestModel.of(priors, {})
    posterior = model.fit(snapshot, stream(f"{NAME}/fit/ai"))
    firms = posterior.data.contenders
    rng = stream("own_or_rent/contest", seed=asked.seed)
    return firms, draw(posterior.found, posterior.data, priors_of(model.priors, firms), size, rng)


def _grid(central: OwnOrRent, seed: int) -> list[dict[str, Any]]:
    """Return the rented share over volatility and cost of owning over rent, on the same shocks."""
    shocks = Shocks.drawn(FRONTIER, central.own_years, stream("own_or_rent/grid", seed=seed))
    rows = []
    for volatility in VOLATILITIES:
        for premium in PREMIUMS:
            spec = replace(central, volatility=volatility, own_cost=premium * central.rent_price)
            best = cheapest(spec, scenarios(spec, shocks))
            rows.append(
                {
                    "volatility": volatility,
                    "premium": premium,
                    "rented_share": best.rented_share,
                    "total": best.total,
                    "case": best.case,
                }
            )
    return rows


def _drivers(values: Mapping[str, Array], share: Array) -> dict[str, float]:
    """Return rank correlations with the rented share."""
    rank = rankdata(share)
    names = (*OF_SPEC, "rent_years", "own_years", "premium")
    return {n: float(np.corrcoef(rankdata(values[n]), rank)[0, 1]) for n in names}


def _market(effect: Channels, values: Mapping[str, Array], firms: int) -> dict[str, Any]:
    moved = effect.with_market / effect.without
    return {
        "firms": firms,
        "needs_more": float((values["pooled"] > 1).mean()),
        "level": quantiles(effect.level),
        "entry": quantiles(effect.entry) | {"above": float((effect.entry > 1).mean())},
        "pool": quantiles(effect.pool),
        "fully_pooled": quantiles(values["pooled"]),
        "without": quantiles(effect.without) | {"above": float((effect.without > 1).mean())},
        "with": quantiles(effect.with_market) | {"above": float((effect.with_market > 1).mean())},
        "change": quantiles(moved) | {"above": float((moved > 1).mean())},
        "in_all": quantiles(moved * effect.level) | {"above": float((moved * effect.level > 1).mean())},
        "no_entry": float((~effect.exists).mean()),
        "fractile": quantiles(values["fractile"]),
    }
