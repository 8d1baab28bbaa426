"""Paths of the inside view, given draws of all inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Paths
from overbuild.core.frozen import Frozen
from overbuild.core.periods import label, ordinal, period_end
from overbuild.errors import InputError
from overbuild.simulation.inputs import Inputs, clipped_ratio
from overbuild.simulation.view import InsideView

type Array = NDArray[np.float64]

AGES = 32
DEGREES = 5.0
RATIO_BOUNDS = (0.5, 2.0)
MONETISED = (0.4, 2.5)
DAYS = 365.25


@dataclass(frozen=True, eq=False)
class Prepared:
    """What does not change from path to path.

    Attributes
    ----------
    params, past, kernels, start
        As `overbuild.simulation.kernel.run` takes them.
    states
        Chances of the state in the last quarter, shape (draw, state).
    time
        Quarters ahead, to the end of the continuation.
    ends
        Quarters from the start to each horizon.
    since_reference
        Years from demand's reference day to the end of the last quarter.
    """

    params: Array
    past: Array
    kernels: Array
    start: Array
    states: Array
    time: tuple[str, ...]
    ends: NDArray[np.int_]
    since_reference: float


@dataclass(frozen=True, eq=False)
class Simulated:
    """Paths, and the books behind them.

    Attributes
    ----------
    view, inputs
        What they were made with.
    time
        Quarters ahead, to the last horizon.
    layers
        Name to array of shape (path, quarter), those of `overbuild.simulation.kernel.LAYERS`.
    present_value, replacement
        Realised present value of the cohort's cash at each horizon, and what replacing it would cost net of
        wear, shape (path, horizon).
    residuals
        Largest violation of each identity of stocks on each path, relative, shape (path, 2).
    draw
        Which draw of the inputs made each path.
    prepared
        What all paths share.
    """

    view: InsideView
    inputs: Inputs
    time: tuple[str, ...]
    layers: Mapping[str, Array]
    present_value: Array
    replacement: Array
    residuals: Array
    draw: NDArray[np.int_]
    prepared: Prepared

    @property
    def realised(self) -> Array:
        """Present value over replacement cost as it turned out, shape (path, horizon)."""
        return self.present_value / self.replacement

    @cached_property
    def expected(self) -> Array:
        """The same as expected at each horizon, shape (path, horizon)."""
        from overbuild.simulation.cohort import expected

        return expected(self)

    def accounting(self) -> dict[str, float]:
        """Return the largest violation of each identity of stocks at any step of any path, relative."""
        from overbuild.simulation.kernel import RESIDUALS

        return dict(zip(RESIDUALS, self.residuals.max(axis=0).tolist(), strict=True))

    def paths(self) -> Paths:
        """Return the layers that decide events, with the history in front."""
        from overbuild.simulation.event_layers import event_layers

        return event_layers(self)


def simulate(view: InsideView, inputs: Inputs, paths: int, rng: np.random.Generator) -> Simulated:
    """Run the recursion.

    Parameters
    ----------
    view
        The specification.
    inputs
        Draws of every parameter and the record.
    paths
        How many; each draw makes as many as any other, give or take one.
    rng
        Source of regimes, growth and demand.

    Raises
    ------
    InputError
        If a horizon does not lie after the record, or no path is asked for.
    """
    if paths < 1:
        raise InputError(f"{paths} paths cannot be simulated; expected 1 or more.")
    made = prepared(view, inputs)
    which = np.sort(np.arange(paths) % inputs.size)
    return continued(view, inputs, made, which, randomness(view, made, which, rng))


@dataclass(frozen=True, eq=False)
class Randomness:
    """Everything drawn for paths: shapes (path, quarter) but for the first two."""

    state: NDArray[np.int_]
    deviation: Array
    uniform: Array
    noise: Array
    shocks: Array


def randomness(
    view: InsideView, made: Prepared, which: NDArray[np.int_], rng: np.random.Generator
) -> Randomness:
    """Draw what moves each path."""
    shape = (which.size, len(made.time))
    ends = np.cumsum(made.states, axis=1)[which]
    state = (rng.random(which.size)[:, None] * ends[:, -1:] > ends).sum(axis=1)
    deviation = rng.standard_normal(which.size)
    uniform = rng.random(shape)
    noise = rng.standard_normal(shape) * np.sqrt(DEGREES / rng.chisquare(DEGREES, shape))
    shocks = rng.standard_normal(shape)
    if not view.noise:
        deviation, noise, shocks = 0 * deviation, 0 * noise, 0 * shocks
    return Randomness(state, deviation, uniform, noise, shocks)


def continued(
    view: InsideView, inputs: Inputs, made: Prepared, which: NDArray[np.int_], drawn: Randomness
) -> Simulated:
    """Run the recursion on given random numbers."""
    from overbuild.models.quarterly_chain import boom_years
    from overbuild.simulation.kernel import LAYERS, run

    kept = int(made.ends.max())
    layers, value, cost, worst = run(
        made.params,
        which,
        made.past,
        made.kernels,
        made.start,
        made.since_reference,
        ordinal(made.time[0]) % 4,
        drawn.uniform,
        drawn.noise,
        drawn.shocks,
        drawn.state,
        drawn.deviation,
        made.ends,
        kept,
        4 * view.continued,
        boom_years(AGES),
    )
    return Simulated(
        view,
        inputs,
        made.time[:kept],
        Frozen(dict(zip(LAYERS, layers, strict=True))),
        value,
        cost,
        worst,
        which,
        made,
    )


def prepared(view: InsideView, inputs: Inputs) -> Prepared:
    """Return parameters, what is left of the past, and the kernels of what is to come."""
    from overbuild.simulation.kernel import roll_past

    last = ordinal(inputs.last)
    ends = np.array([ordinal(h) - last for h in view.horizons])
    if ends.min() < 1:
        early = view.horizons[int(ends.argmin())]
        raise InputError(
            f"The horizon {early} does not lie after what is known, which is {inputs.last}. "
            "Ask for a later one."
        )
    quarters = int(ends.max()) + 4 * view.continued
    time = tuple(label(last + k, "Q") for k in range(1, quarters + 1))
    d = inputs.draws
    past_length = d["spent"].shape[1]
    done, survival, weight, fall = _lives(view, d, past_length + quarters)
    first = past_length - 1 - (last - ordinal(inputs.takeoff))
    past = roll_past(d["spent"], done, survival, weight, fall, max(first, 0), quarters)
    split = d["split_ahead"]
    kernels = _kernels(done, survival, weight, fall, split, quarters)
    charge = np.einsum("nj,nj->n", split, weight)
    params = _parameters(view, d, past, charge, fall, split, weight)
    since = (period_end(inputs.last) - inputs.reference).days / DAYS
    start = np.stack([d["level"], d["growth_before_start"]], axis=1)
    return Prepared(params, past, kernels, start, d["state"], time, ends, since)


def _lives(view: InsideView, d: Mapping[str, Array], periods: int) -> tuple[Array, Array, Array, Array]:
    """Return shares completed and surviving, rents on replacement value, and falls of price a quarter."""
    from scipy.special import gammainc

    from overbuild.models.user_cost import rental_rate

    age = (np.arange(periods) + 0.5) / 4
    lag, shape = d["completion_lag"][:, None], d["lag_shape"][:, None]
    done = gammainc(shape, age * shape / lag)
    life = d["life"] * view.life_scale
    ratio = (age[None, :, None] / life[:, None, :]) ** d["weibull_shape"][:, None, None]
    survival = np.exp(-np.log(2) * ratio)
    w = d["cost_of_capital"] if view.cost_of_capital is None else np.full(life.shape[0], view.cost_of_capital)
    rent = rental_rate(
        w[:, None], d["price_fall"], life, np.broadcast_to(d["weibull_shape"][:, None], life.shape)
    )
    share = np.diff(done, axis=1, prepend=0.0)
    waits = np.sum(share * np.exp(-np.log1p(w)[:, None] * np.arange(periods) / 4), axis=1)
    return done, survival, rent / waits[:, None], d["price_fall"] / 4


def _kernels(done: Array, survival: Array, weight: Array, fall: Array, split: Array, quarters: int) -> Array:
    """Return, by quarters since: shares completed and waiting; charge and book by age, and by spending."""
    age = np.arange(quarters)
    share = np.diff(done[:, :quarters], axis=1, prepend=0.0)
    left = survival[:, :quarters] * split[:, None, :]
    charge = np.einsum("naj,nj,naj->na", left, weight, np.exp(-fall[:, None, :] * (age[None, :, None] + 0.5)))
    book = left.sum(axis=2)
    by_spending = np.zeros((2, *charge.shape))
    for lag in range(quarters):
        for k, kernel in enumerate((charge, book)):
            by_spending[k, :, lag:] += share[:, lag : lag + 1] * kernel[:, : quarters - lag]
    return np.ascontiguousarray(np.stack([share, 1 - done[:, :quarters], charge, book, *by_spending], axis=1))


def fixed_price(renewed: Array, discount: Array, fall: Array) -> Array:
    """Return the price of a contract over the day's that is worth as much as selling at the falling price.

    A contract ends at the rate rho; with r the discount rate and f the fall of the market's price, in logs a
    year, the price k that stays fixed solves k / (rho + r) = 1 / (rho + r + f).
    """
    return (renewed + discount) / (renewed + discount + fall)


def _parameters(
    view: InsideView,
    d: Mapping[str, Array],
    past: Array,
    charge: Array,
    fall: Array,
    split: Array,
    weight: Array,
) -> Array:
    """Return the columns of `overbuild.simulation.kernel.SCALARS`, shape (draw, column)."""
    from overbuild.simulation.kernel import SCALARS

    size = charge.size
    one = np.ones(size)
    gamma = d["gamma"] * view.gamma_scale
    opex, x = d["opex"], np.minimum(d["use_now"], 1 / d["normal_use"])
    required = past[:, :, 0, 0].sum(axis=1) + opex * past[:, :, 1, 0].sum(axis=1)
    under = d["under_contract"] if view.contracts else 0 * one
    w = d["cost_of_capital"] if view.cost_of_capital is None else view.cost_of_capital * one
    falling = 4 * np.einsum("nj,nj,nj->n", split, weight, fall) / charge
    fixed = fixed_price(1 / d["contract_years"], np.log1p(w), falling)
    premium = d.get("contract_premium", fixed)
    average = x**gamma * (1 - under + under * premium)
    discount = np.log1p(w if view.discount_rate is None else view.discount_rate * one)
    ratio, normal, bust = d["deviation_ratio"], d["from_normal"], d["from_bust"]
    found = {
        **{n: d[n] for n in ("normal_growth", "boom_gap", "bust_gap", "exit", "exit_age", "after_boom")},
        "deviation": d["deviation"],
        "persistence": d["persistence"],
        "ratio_boom": ratio[:, 0],
        "ratio_bust": ratio[:, 1],
        **{f"n_{r}": normal[:, i] for i, r in enumerate(("normal", "boom", "bust"))},
        **{f"b_{r}": bust[:, i] for i, r in enumerate(("normal", "boom", "bust"))},
        **{f"season{i + 1}": d["seasonal"][:, i] for i in range(4)},
        **{
            n: view.feedback * d[n] for n in ("slack_exit", "slack_bust", "cover_exit", "cover_bust", "speed")
        },
        "log_ratio": clipped_ratio(d["ratio"], RATIO_BOUNDS) if view.ratio else 0 * one,
        **_demand(view, d),
        "ceiling_growth": d["ceiling_growth"],
        "gamma": gamma,
        "epsilon": d["epsilon"],
        "scarcity": 1 / d["epsilon"] if view.clearing else 0 * one,
        "use_now": x,
        "normal_use": d["normal_use"],
        "monetised_now": np.clip(d["revenue"] / (required * x * average), *MONETISED)
        if "revenue" in d
        else d["monetised_now"],
        "monetised": d["monetised"] * view.monetisation_scale,
        "monetising": d["monetising"],
        "under_contract": under,
        "renewed": 1 / d["contract_years"],
        "contract_premium": premium,
        "fixed_price": fixed,
        "fall": falling,
        "gain": d["disembodied"],
        "opex": opex,
        "share": split.sum(axis=1),
        "lag": d["completion_lag"],
        "capital_cost": w,
        "debt_share": d["debt_share"],
        "interest": d["interest"],
        "discount": discount,
        "wip_charge": charge,
    }
    return np.ascontiguousarray(np.stack([np.broadcast_to(found[n], size) for n in SCALARS], axis=1))


def _demand(view: InsideView, d: Mapping[str, Array]) -> dict[str, Array]:
    """Return the curve of what is spent on capacity, made of the curve of demand's index.

    Spending is the index to the power of the pace: ln Y moves by pace times what ln D moves. That is a curve
    of the same form, with pace times the growth, the headroom and the deviations and 1 / pace of the
    asymmetry. Otherwise growth alone is scaled, and spending ends as far above today as the index does.
    """
    pace = d["pace"] * view.demand_scale
    whole = pace if view.whole_curve else np.ones_like(pace)
    return {
        "growth": d["growth"] * pace,
        "headroom": np.maximum(d["headroom"] * whole + np.log(view.ceiling_scale), 1e-3),
        "asymmetry": d["asymmetry"] / whole,
        "memory": d["memory"],
        "common": d["common"] * whole,
        "demand_deviation": d["demand_deviation"] * whole,
    }
