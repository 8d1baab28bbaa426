"""The rented share over the priors, and what a rental market would do to the contest: what exhibits read.

No data identify the rented share: what is called its distribution is that of the priors, and of what the
contract's file assumes with a range, carried through the optimum. Only decisiveness, in the last step, has
met data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from overbuild.core.draws import Draws
from overbuild.episodes.episode import load_episode
from overbuild.episodes.model_series import model_series
from overbuild.finance.contract import Contract
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
from overbuild.finance.portfolio_frontier import least, own_or_rent
from overbuild.finance.portfolio_prices import (
    ASSUMED,
    as_filed,
    assumed,
    context_known,
    contract_known,
    in_the_mean,
    prices,
    terms,
)
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
AT_LEAST_RISK, QUICK_AT_LEAST_RISK, SCENARIOS_AT_LEAST_RISK = 100, 20, 1000
HANDED_ON = 400
DIGITS = 4
SAME = 1e-3
"""Difference of rented shares that is none: the frontier is settled to a small gap only."""
FRACTILES = (0.02, 0.98)
"""Ends of the service level at which pooling is worked out."""
VOLATILITIES = (0.1, 0.2, 0.3, 0.4, 0.6)
PREMIUMS = (0.8, 0.9, 1.0, 1.1, 1.2, 1.3)
NORMALS = ("rent_years", "spot_fall", "spot_elasticity", "growth")
LOGNORMALS = ("spot", "penalty", "volatility")
BETAS = ("spot_found", "sublet", "bust", "depth", "correlation")
OF_SPEC = (
    "spot", "spot_found", "spot_fall", "spot_elasticity", "penalty", "sublet", "growth", "volatility", "bust",
    "depth",
)  # fmt: skip


def drawn(
    held: Mapping[str, Any], contract: Contract, size: int, rng: np.random.Generator
) -> dict[str, Array]:
    """Return draws from the priors and from what the contract's file assumes, with both prices.

    Years are rounded. No contract is for longer than machines live.
    """
    made = (
        assumed(contract, size, rng)
        | {n: normal(held[n], size, rng) for n in NORMALS}
        | {n: lognormal(held[n], size, rng) for n in LOGNORMALS}
        | {n: beta(held[n], size, rng) for n in BETAS}
    )
    made["rent_years"] = np.minimum(np.rint(made["rent_years"]), made["own_years"])
    hour = [prices(contract, {n: float(made[n][i]) for n in ASSUMED}) for i in range(size)]
    made["own_cost"] = np.array([h.own for h in hour])
    made["rent_price"] = np.array([h.rent for h in hour])
    return made


def middle(
    held: Mapping[str, Any], contract: Contract, of_contract: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Return the middle of everything that is drawn, with both prices.

    Parameters
    ----------
    held
        Priors: the mean of a normal or Beta before it is cut, the median of a lognormal.
    contract
        Of which prices are taken.
    of_contract
        What its file assumes; None: the means of the ranges.
    """
    ends = {n: float(held[n][0]) for n in (*NORMALS, *LOGNORMALS)}
    at = {**(of_contract or in_the_mean(contract)), **ends, **{n: held[n][0] / sum(held[n]) for n in BETAS}}
    at["rent_years"] = min(at["rent_years"], at["own_years"])
    hour = prices(contract, at)
    return at | {"own_cost": hour.own, "rent_price": hour.rent}


def spec_of(at: Mapping[str, float]) -> OwnOrRent:
    """Return the decision at one draw."""
    return OwnOrRent(
        own_cost=float(at["own_cost"]),
        rent_price=float(at["rent_price"]),
        own_years=int(at["own_years"]),
        rent_years=int(at["rent_years"]),
        discount=float(at["cost_of_capital"]),
        **{n: float(at[n]) for n in OF_SPEC},
    )


@dataclass(frozen=True, eq=False)
class Portfolios:
    """Optima over draws of the priors, (draw,).

    Attributes
    ----------
    rented_share, premium, total
        Rented over committed; cost of owning over that of renting; units committed.
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


def portfolios(values: Mapping[str, Array], rng: np.random.Generator) -> Portfolios:
    """Return the optimum at every draw, all on the same shocks."""
    shocks = Shocks.drawn(SCENARIOS, int(values["own_years"].max()), rng)
    rows = []
    for i in range(len(values["spot"])):
        spec = spec_of({n: float(v[i]) for n, v in values.items()})
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


@dataclass(frozen=True, eq=False)
class RentalMarket:
    """What is found over draws: optima, channels, and the draws that they rest on.

    Attributes
    ----------
    found, effect
        Optima and channels.
    values
        Name to draws: what was drawn, with ``pooled`` (pooled over separate capacity) and the ``fractile`` at
        which it is worked out.
    firms
        Contenders.
    """

    found: Portfolios
    effect: Channels
    values: Mapping[str, Array]
    firms: int

    @property
    def handed_on(self) -> dict[str, Array]:
        """Return what a simulation may use; the draws of one place belong together."""
        return {
            "rented_share": self.found.rented_share,
            "pooled_over_separate_capacity": self.values["pooled"],
            "cost_of_idle_saved": self.found.idle_saved,
        }


MEANINGS = {
    "rented_share": "Rented over committed capacity at least mean cost; 0 where nothing is",
    "pooled_over_separate_capacity": "Capacity of all firms pooled over that held apart, chances alike",
    "cost_of_idle_saved": "Mean cost of idle capacity that contracts save, over mean cost of the best owner",
}


def draws_of(found: Mapping[str, Any]) -> tuple[Draws, ...]:
    """Return what is handed on to the simulation, from the result ``rented_shares``."""
    day = date.fromisoformat(found["as_of"])
    return tuple(
        Draws(n, "ratio", np.array(found["handed_on"][n]), f"{meaning}; set, not fitted.", day)
        for n, meaning in MEANINGS.items()
    )


def rental_market(asked: Asked) -> RentalMarket:
    """Return the optimum and the channels over draws.

    Pooling is worked out at the mean spread of log demand over the contract's years and at the service level
    of the portfolio; busts are common to all firms and nothing to pool. Where nothing is committed the ratio
    is 1.
    """
    priors = read_priors(asked.data / "priors.toml").at(asked.as_of)
    size = QUICK if asked.quick else DRAWS
    contract = contract_known(asked.data, asked.as_of)
    values = drawn(priors.values(PRIORS), contract, size, stream("own_or_rent/priors", seed=asked.seed))
    found = portfolios(values, stream("own_or_rent/scenarios", seed=asked.seed))
    firms, contest = _contest(asked, priors, size)
    rng = stream("own_or_rent/pooling", seed=asked.seed)
    deviation = spread_over(values["volatility"], values["rent_years"])
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
    return RentalMarket(found, effect, values | {"pooled": pooled, "fractile": fractile}, firms)


def spread_over(volatility: Array, years: Array) -> Array:
    """Return the root mean variance of a random walk's log over its first years: sd sqrt((T + 1) / 2)."""
    return volatility * np.sqrt((years + 1) / 2)


def result(asked: Asked) -> dict[str, Any]:
    """Return the rented share, the frontier, the table over volatility and premium, and the channels."""
    held = read_priors(asked.data / "priors.toml").at(asked.as_of).values(PRIORS)
    contract = contract_known(asked.data, asked.as_of)
    market = rental_market(asked)
    found, values = market.found, market.values
    central = spec_of(middle(held, contract))
    by_year = {
        str(t): quantiles(found.rented_share[values["rent_years"] == t])
        for t in sorted(set(values["rent_years"].astype(int).tolist()))
    }
    return {
        "as_of": asked.as_of.isoformat(),
        "contract": terms(contract),
        "central": own_or_rent(central, stream("own_or_rent/frontier", seed=asked.seed), FRONTIER),
        "as_filed": _at_once(spec_of(middle(held, contract, as_filed(contract))), asked.seed),
        "least_risk": _least_risk(values, QUICK_AT_LEAST_RISK if asked.quick else AT_LEAST_RISK, asked.seed),
        "all_cost_counts": _all_cost_counts(central, asked.seed),
        "grid": _grid(central, asked.seed),
        "draws": found.rented_share.size,
        "premium": quantiles(found.premium) | {"above": float((found.premium > 1).mean())},
        "share": quantiles(found.rented_share) | {"mean": float(found.rented_share.mean())},
        "share_by_rent_years": by_year,
        "cases": _cases(found),
        "all_on_spot": _all_on_spot(central, values, asked.seed),
        "drivers": _drivers(values | {"premium": found.premium}, found.rented_share),
        "cost_ratio": quantiles(found.cost_ratio),
        "handed": {n: quantiles(v) for n, v in market.handed_on.items()},
        "handed_on": {n: np.round(v[:HANDED_ON], DIGITS).tolist() for n, v in market.handed_on.items()},
        "market": _market(market.effect, values, market.firms),
        "context": context_known(asked.data, asked.as_of),
    }


def _least_risk(values: Mapping[str, Array], count: int, seed: int) -> dict[str, Any]:
    """Return how often least risk goes with no more rented, and with more committed, than least mean cost."""
    shocks = Shocks.drawn(
        SCENARIOS_AT_LEAST_RISK, int(values["own_years"].max()), stream("own_or_rent/least_risk", seed=seed)
    )
    rows = []
    for i in range(count):
        spec = spec_of({n: float(v[i]) for n, v in values.items()})
        seen = scenarios(spec, shocks)
        cheap, safe = cheapest(spec, seen), least(spec, seen, 1.0)
        rows.append((safe.rented_share <= cheap.rented_share + SAME, safe.owned + safe.rented >= cheap.total))
    less, more = np.array(rows).mean(axis=0)
    return {"draws": count, "no_more_rented": float(less), "more_committed": float(more)}


def _at_once(spec: OwnOrRent, seed: int) -> dict[str, Any]:
    """Return the premium and the portfolio of least mean cost."""
    shocks = Shocks.drawn(FRONTIER, spec.own_years, stream("own_or_rent/frontier", seed=seed))
    best = cheapest(spec, scenarios(spec, shocks))
    return {
        "premium": spec.premium,
        "own_years": spec.own_years,
        "rented_share": best.rented_share,
        "case": best.case,
    }


def _all_cost_counts(central: OwnOrRent, seed: int) -> dict[str, Any]:
    """Return the portfolio of least CVaR of all cost, whatever demand it serves."""
    shocks = Shocks.drawn(FRONTIER, central.own_years, stream("own_or_rent/frontier", seed=seed))
    return asdict(least(central, scenarios(central, shocks), 1.0, taken_off=0.0))


def _cases(found: Portfolios) -> dict[str, float]:
    return {c: float((found.case == c).mean()) for c in ("both", "own only", "rent only", "neither")}


def _all_on_spot(central: OwnOrRent, values: Mapping[str, Array], seed: int) -> dict[str, Any]:
    """Return what is found if all that is short can be bought on the spot market."""
    thick = {**values, "spot_found": np.ones_like(values["spot"])}
    found = portfolios(thick, stream("own_or_rent/scenarios", seed=seed))
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
