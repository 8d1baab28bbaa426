"""Where the inputs come from: fits on file, exact posteriors drawn anew, contracts, and priors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Paths, Snapshot
from overbuild.episodes import load_episode
from overbuild.episodes.model_series import model_series
from overbuild.errors import InputError
from overbuild.locations import data_dir
from overbuild.models.demand_data import DemandData
from overbuild.models.prior_file import FILE, read_priors
from overbuild.models.priors import Priors
from overbuild.models.sampler import Sampling
from overbuild.randomness import stream
from overbuild.settings import SEED
from overbuild.simulation.inputs import DEMAND, DEVIATION, REGIME, SLOPES, Inputs, own_draws, shuffled
from overbuild.simulation.run import AGES
from overbuild.simulation.view import NAME

type Array = NDArray[np.float64]

HISTORY = ("capex", "capex_four_firms")
CONTRACT = "iren"


@dataclass(frozen=True)
class Known:
    """What was known on a day, for every source.

    Attributes
    ----------
    episode, as_of
        Which era, known when.
    data
        A data folder; None: the project's.
    """

    episode: str
    as_of: date
    data: Path | None = None

    def snapshot(self, model: str) -> Snapshot:
        """Return what one model may see."""
        also = model_series(model, self.episode, self.data)
        return load_episode(self.episode, self.as_of, self.data, also=also).snapshot

    @property
    def label(self) -> str:
        """How an exhibit must call what rests on it."""
        return load_episode(self.episode, self.as_of, self.data).label

    @property
    def priors(self) -> Priors:
        """All priors, as held on the day."""
        own = self.data / FILE if self.data and (self.data / FILE).is_file() else None
        return read_priors(own).at(self.as_of)


def ai_inputs(
    known: Known, quarterly: Mapping[str, Array], demand: Mapping[str, Array], size: int, seed: int = SEED
) -> Inputs:
    """Return posterior draws of every input for AI.

    Parameters
    ----------
    known
        The day.
    quarterly, demand
        Thinned draws of the two sampled fits: `REGIME` with ``state``, and `DEMAND` with `DEVIATION`.
    size
        Number of draws.
    seed
        Master seed.
    """
    rng = stream("simulation/inputs/ai", seed=seed)
    contest = _contest(known)
    ratio = contest.fit(known.snapshot("contest"), rng).overbuild_ratio().values
    made = shuffled(quarterly, size, rng) | shuffled(demand, size, rng)
    return _gathered(known, made, ratio[rng.permutation(ratio.size)[:size]], size, rng)


def ai_prior_inputs(known: Known, size: int, seed: int = SEED) -> Inputs:
    """Return prior draws of every input for AI; the record of spending and of revenue is as it is."""
    from overbuild.games.contest_grid import draw_prior, priors_of
    from overbuild.games.contest_readings import overbuild_ratio_draws

    rng = stream("simulation/prior/ai", seed=seed)
    contest = _contest(known)
    data = contest.observed(known.snapshot("contest"))
    drawn = draw_prior(data, priors_of(contest.priors, data.contenders), size, rng)
    ratio = overbuild_ratio_draws(drawn, data.contenders, known.as_of).values
    made = prior_regimes(known, 1, size, rng) | prior_demand(known, size, rng)
    return _gathered(known, made, ratio, size, rng)


def prior_regimes(known: Known, series: int, size: int, rng: np.random.Generator) -> dict[str, Array]:
    """Return prior draws of the quarterly regimes, of the last of so many series, and of the state now."""
    from overbuild.models.quarterly_draws import prior_draw
    from overbuild.models.switching import initial_states

    held = known.priors.values("quarterly")
    drawn = [prior_draw(held, series, rng) for _ in range(size)]
    made = {n: np.array([d[n] for d in drawn]) for n in REGIME}
    made |= {n: np.abs(made[n]) for n in SLOPES}
    state = initial_states(tuple(held["initial"]), AGES, spread=20)
    return one_series(made) | {"state": np.tile(state, (size, 1))}


def prior_demand(known: Known, size: int, rng: np.random.Generator) -> dict[str, Array]:
    """Return prior draws of demand, as they are once the level on record is known.

    The ceiling's prior is cut at the level on record, as in `DemandPosterior.headroom_before`, so that
    knowing how large demand is does not count as having learnt where it stops. Where no figure gives the
    level it is drawn. Growth is that of the claim as often as the prior gives the claim weight, as each draw
    of the fit takes the reading that it favours.
    """
    from overbuild.models.demand import DemandModel

    model = DemandModel.of(known.priors, {})
    data = model.observed(known.snapshot("demand"))
    drawn = [model.prior_draw(data, rng) for _ in range(size)]
    made = {n: np.array([d[n] for d in drawn]) for n in DEMAND}
    claimed = rng.random(size) < model.claim_weight(data.index)
    made["growth"] = np.where(claimed, [d["growth_if_claim"] for d in drawn], made["growth"])
    level = level_on_record(data)
    if level is not None:
        made["headroom"] = prior_headroom(level, *model.setting(data.index, "ceiling"), size, rng)
    return made | {DEVIATION: made["common"] * rng.standard_normal(size)}


def level_on_record(data: DemandData) -> float | None:
    """Return ln of the last figures of demand's parts, summed; None where no figure gives the level."""
    from overbuild.models.demand import PARTS

    slots = sorted({s.slot for s in data.sources if s.slot < PARTS})
    if not slots:
        return None
    last = [data.value[data.slot == s][np.argmax(data.time[data.slot == s])] for s in slots]
    return float(np.logaddexp.reduce(last))


def prior_headroom(level: float, mean: float, spread: float, size: int, rng: np.random.Generator) -> Array:
    """Return draws of ln ceiling - level, the ceiling's normal prior cut below at the level."""
    from scipy.stats import truncnorm

    low = (level - mean) / spread
    drawn = truncnorm.rvs(low, np.inf, loc=mean, scale=spread, size=size, random_state=rng)
    return np.asarray(drawn) - level


def one_series(draws: Mapping[str, Array]) -> dict[str, Array]:
    """Return the draws of the last series where there are several (telecom: shipments)."""
    last = ("deviation", "persistence", "seasonal")
    return {n: v[:, -1] if n in last else v for n, v in draws.items()}


def _contest(known: Known) -> Any:
    from overbuild.games.contest_shares import ContestModel

    return ContestModel.of(known.priors, {}, Sampling(chains=4, draws=1000))


def _gathered(
    known: Known, made: dict[str, Array], ratio: Array, size: int, rng: np.random.Generator
) -> Inputs:
    from overbuild.models.demand import DemandModel

    priors = known.priors
    snapshot = known.snapshot("capital")
    history = _history(snapshot)
    capital = _capital(priors, snapshot, size, rng)
    own = own_draws(priors.values(NAME), size, rng)
    reference = DemandModel.of(priors, {}).observed(known.snapshot("demand")).reference
    held = priors.values("demand")
    from overbuild.models import draws_of

    omega = draws_of.beta(held["disembodied_chip"], size, rng)
    gain = omega * draws_of.lognormal(held["progress_chip"], size, rng)
    capex = history.layer("capex")[0]
    draws = {
        **made,
        **capital,
        **own,
        "ratio": ratio,
        "disembodied": gain,
        "contract_premium": rng.choice(contract_prices(known)[0], size),
        "level": np.full(size, capex[-1]),
        "growth_before_start": np.full(size, np.log(capex[-1] / capex[-2])),
    }
    takeoff = priors.value("capital.ai_share_ramp")["first"]
    return Inputs(draws, history, history.time[-1], takeoff, reference, known.as_of, known.episode)


def _history(snapshot: Snapshot) -> Paths:
    history = snapshot.history("capex")
    known = np.flatnonzero(np.isfinite(history.layer("capex")[0]))
    names = [n for n in HISTORY if n in history.layers]
    low, high = int(known[0]), int(known[-1]) + 1
    return Paths(
        history.time[low:high],
        {n: history.layer(n)[:, low:high] for n in names},
        {n: history.units[n] for n in names},
        "history",
        history.as_of,
    )


def _capital(priors: Priors, snapshot: Snapshot, size: int, rng: np.random.Generator) -> dict[str, Array]:
    """Return draws of what no data show of capital, spending by class, and reported revenue."""
    from overbuild.models.capital import CapitalModel
    from overbuild.models.capital_draws import parameters_of, unseen
    from overbuild.models.capital_stock import stock

    model = CapitalModel.of(priors)
    data = model.observed(snapshot)
    drawn = unseen(model.prior, data.era, size, rng)
    parameters = parameters_of(drawn, model.prior, data.era)
    if data.revenue is None or parameters.ai_share is None:
        raise InputError(f"Capital of '{snapshot.episode}' has no AI revenue or share to simulate with.")
    terms = parameters.terms
    return {
        "life": terms.median_life,
        "price_fall": terms.price_fall,
        "weibull_shape": drawn["weibull_shape"],
        "completion_lag": drawn["completion_lag"],
        "lag_shape": np.full(size, float(parameters.lag_shape)),
        "cost_of_capital": terms.cost_of_capital,
        "opex": terms.opex,
        "spent": stock(data, parameters).inventory.spent,
        "split_ahead": parameters.ai_share[0][:, 1:] * parameters.split[:, 0],
        "revenue": rng.uniform(data.revenue.low, data.revenue.high, size),
    }


def contract_prices(known: Known) -> tuple[Array, Array, float]:
    """Return draws of a contract: its price and its renewal price over the market's price now, and its years.

    Raises
    ------
    InputError
        If the contract was not known on the day.
    """
    from overbuild.finance import contract_risks
    from overbuild.finance.contract_draws import Priors as Risks
    from overbuild.finance.contract_results import known_contracts
    from overbuild.games.asked import Asked

    contracts, _ = known_contracts(Asked(known.data or data_dir(), known.as_of, quick=True))
    if CONTRACT not in contracts:
        raise InputError(f"The contract '{CONTRACT}' was not known on {known.as_of}; its price is needed.")
    contract = contracts[CONTRACT]
    risks = Risks.of(known.priors.values(contract_risks.MODEL))
    found = contract_risks.run(contract, risks, contract_risks.HANDED_ON, SEED)
    told = {
        "as_of": known.as_of.isoformat(),
        "handed_on": {CONTRACT: contract_risks._handed_on(contract, *found, SEED)},
    }
    by_name = {d.name: d.values for d in contract_risks.draws_of(told, CONTRACT)}
    price, renewal = (by_name[f"contract_{n}_{CONTRACT}"] for n in ("price_per_gpu_hour", "renewal_price"))
    market = contract.renewal.price_now
    years = (contract.last_due + contract.term) / 12
    return price / (float(contract.price or np.nan) * market), renewal / (price * market), years
