"""Inputs of the same recursion for telecom, as they could be known at the end of a year of the boom.

Spending is the annual investment in communications, spread over quarters by suppliers' shipments; quarters
after the last whole year on record follow the growth of shipments on a year before, and so does the future:
the regimes of shipments drive it. Demand is traffic on Internet backbones, with what is spent growing by a
share of its growth. What only AI has is left out: revenue bounds, contracts on file, the contest's ratio.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Paths
from overbuild.core.periods import label, ordinal
from overbuild.models.capital import CapitalModel
from overbuild.models.capital_draws import Parameters, parameters_of, unseen
from overbuild.models.capital_stock import CapitalData
from overbuild.models.demand import DemandModel
from overbuild.randomness import stream
from overbuild.settings import SEED
from overbuild.simulation.inputs import Inputs, own_draws, shuffled
from overbuild.simulation.sources import Known, prior_demand, prior_regimes
from overbuild.simulation.view import NAME

type Array = NDArray[np.float64]

TAKEOFF = "1996Q1"
"""The quarter in which the Telecommunications Act was signed."""
SHIPMENTS = "supplier_shipments"
LIMITS = (
    "Capacity of the whole of communications is driven by traffic on one of its networks. DWDM's gain of a "
    "hundredfold in four years was published in 2003: a forecast of the nineties has only the fall of prices "
    "of optics that could be held then. Running cost, revenue and contracts of carriers are not in the data: "
    "they are priors."
)


def telecom_inputs(
    known: Known, quarterly: Mapping[str, Array], demand: Mapping[str, Array], size: int, seed: int = SEED
) -> Inputs:
    """Return posterior draws of every input for telecom."""
    rng = stream(f"simulation/inputs/telecom/{known.as_of}", seed=seed)
    made = shuffled(quarterly, size, rng) | shuffled(demand, size, rng)
    return _gathered(known, made, size, rng)


def telecom_prior_inputs(known: Known, size: int, seed: int = SEED) -> Inputs:
    """Return prior draws of every input for telecom; the record of spending is as it is."""
    rng = stream(f"simulation/prior/telecom/{known.as_of}", seed=seed)
    made = prior_regimes(known, 2, size, rng) | prior_demand(known, size, rng)
    return _gathered(known, made, size, rng)


def _gathered(known: Known, made: dict[str, Array], size: int, rng: np.random.Generator) -> Inputs:
    from overbuild.models import draws_of

    priors = known.priors
    model = CapitalModel.of(priors)
    data = model.observed(known.snapshot("capital"))
    drawn = unseen(model.prior, data.era, size, rng)
    parameters = parameters_of(drawn, model.prior, data.era)
    last, pattern = spread_over_quarters(known, data)
    own = own_draws(priors.values(NAME), size, rng, "_telecom")
    demanded = DemandModel.of(priors, {})
    reference = demanded.observed(known.snapshot("demand")).reference
    progress = drawn["price_fall"][:, data.era.assets.index("optics")]
    omega = draws_of.beta(priors.value("demand.disembodied_fibre"), size, rng)
    spent, ahead, level = _spending(data, parameters, pattern)
    terms = parameters.terms
    growth = np.log(pattern[-1, -1] / pattern[-1, -2])
    draws = {
        **made,
        **own,
        "life": terms.median_life,
        "price_fall": terms.price_fall,
        "weibull_shape": drawn["weibull_shape"],
        "completion_lag": drawn["completion_lag"],
        "lag_shape": np.full(size, float(parameters.lag_shape)),
        "cost_of_capital": terms.cost_of_capital,
        "opex": draws_of.lognormal(priors.value("simulation.opex_telecom"), size, rng),
        "spent": spent,
        "split_ahead": ahead,
        "ratio": np.ones(size),
        "disembodied": omega * progress * ahead[:, data.era.assets.index("optics")],
        "monetised_now": own["monetised"],
        "level": np.full(size, level),
        "growth_before_start": np.full(size, growth),
    }
    nowcast = pattern[-1, len(data.recorded) * 4 :]
    return Inputs(
        draws, _history(data), last, TAKEOFF, reference, known.as_of, known.episode, tuple(nowcast.tolist())
    )


def spread_over_quarters(known: Known, data: CapitalData) -> tuple[str, Array]:
    """Return the last quarter, and spending of both flows and of their sum, shape (3, quarter)."""
    history = known.snapshot("quarterly").history(SHIPMENTS)
    shipped = {
        ordinal(t): float(v)
        for t, v in zip(history.time, history.layer(SHIPMENTS)[0], strict=True)
        if np.isfinite(v)
    }
    start, last = 4 * int(data.recorded[0]), max(shipped)
    flows = data.spent.shape[0]
    made = np.zeros((flows, last + 1 - start))
    for y, year in enumerate(data.recorded):
        quarters = range(4 * int(year), 4 * int(year) + 4)
        weight = np.array([shipped.get(q, np.nan) for q in quarters])
        weight = weight / weight.sum() if np.isfinite(weight).all() else np.full(4, 0.25)
        room = min(4, made.shape[1] - 4 * y)
        made[:, 4 * y : 4 * y + room] = (data.spent[:, y : y + 1] * weight)[:, :room]
    for q in range(4 * int(data.recorded[-1]) + 4, last + 1):
        made[:, q - start] = made[:, q - start - 4] * shipped[q] / shipped[q - 4]
    return label(last, "Q"), np.concatenate([made, made.sum(axis=0)[None]])


def _spending(data: CapitalData, parameters: Parameters, pattern: Array) -> tuple[Array, Array, float]:
    """Return spending by class and quarter, the classes' shares of spending ahead, and the last quarter's."""
    split = parameters.split
    kept = min(pattern.shape[1], 4 * 40)
    by_class = np.einsum("ft,dfc->dtc", pattern[:-1, -kept:], split)
    latest = pattern[:-1, -4:].sum(axis=1)
    ahead = np.einsum("f,dfc->dc", latest / latest.sum(), split)
    return by_class, ahead, float(pattern[-1, -1])


def _history(data: CapitalData) -> Paths:
    total = data.spent.sum(axis=0)[None, :]
    return Paths(data.recorded, {"capex": total}, {"capex": "USD million"}, "history", data.as_of)
