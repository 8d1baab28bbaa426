"""The combination: a probability as a printed sum of terms, one a model and one for models unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from overbuild.probability.physical import PHYSICAL_OVERBUILD
from overbuild.probability.stacking import Prior, cluster_worths, stacked, stacked_many
from overbuild.probability.targets import Row, Targets, targets_of
from overbuild.randomness import stream

UNKNOWN = "unknown_models"
"""Name of the term for the models that nobody has thought of."""
RULE_SELECTED = "baserate"
BASE_RATES = {"O3": "baserate", PHYSICAL_OVERBUILD: "analogues"}
"""Event to the forecaster that counts how often it happened; other events have no base rate."""
NO_BASE_RATE = 0.5
AT_FLOOR = 1e-6
"""How close to its floor a weight counts as set by it."""
NONE_USABLE = "no usable model"
IMPOSSIBLE = "the event is impossible"


@dataclass(frozen=True)
class Said:
    """What one model says of an event by a date, and why it must not count (empty: it may)."""

    model: str
    probability: float
    mc_error: float = 0.0
    spread: tuple[float, float, float] | None = None
    why_zero: str = ""


@dataclass(frozen=True)
class Term:
    """One term of the sum.

    Attributes
    ----------
    model, weight, probability, contribution
        ``contribution`` is weight times probability.
    origin
        ``learnt`` where targets were seen that tell this model from others and its weight is not at its
        floor, else ``set``.
    why_zero
        Why its weight is 0; empty where it is not.
    note
        What is to be known of the term: which base rate unknown models are put on, or that there is none.
    worth
        What the targets count on which this model was told from others.
    """

    model: str
    weight: float
    probability: float
    contribution: float
    origin: str
    why_zero: str = ""
    note: str = ""
    worth: float = 0.0


@dataclass(frozen=True)
class Combined:
    """A probability and its terms; no probability where no usable model speaks."""

    event: str
    by: str
    probability: float | None
    terms: tuple[Term, ...]
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain types."""
        return {**asdict(self), "terms": [asdict(t) for t in self.terms]}

    @property
    def weights(self) -> dict[str, float]:
        """Model to weight, the term of unknown models among them."""
        return {t.model: t.weight for t in self.terms}


@dataclass(frozen=True)
class Stack:
    """Weights of the models that speak of one event, and what stands behind them.

    Attributes
    ----------
    models, weights
        In one order; weights sum to one, before anything goes to unknown models.
    origin
        Model to ``learnt`` or ``set``.
    seen
        Targets behind them, as `Targets.summary` counts them, and which models are ``at_floor``.
    bootstrap
        Weights in samples of clusters, one list a draw; empty where none was asked for.
    """

    models: tuple[str, ...]
    weights: tuple[float, ...]
    origin: Mapping[str, str]
    seen: Mapping[str, Any]
    bootstrap: tuple[tuple[float, ...], ...] = ()


def stack_of(
    models: Sequence[str],
    rows: Sequence[Row],
    settings: Mapping[str, Any],
    draws: int = 0,
    seed: int | None = None,
) -> Stack:
    """Learn the weights of some models from hindcasts.

    Parameters
    ----------
    models
        Those that speak of the event and may count; their order changes nothing.
    rows
        Hindcasts.
    settings
        Section ``[combination]``.
    draws
        Samples of clusters for the bootstrap; 0: none.
    seed
        Master seed; None: the project's.
    """
    models = tuple(sorted(models))
    found = targets_of(rows, models, settings)
    held = Prior(settings["stacking"]["prior_targets"], _floors(models, settings))
    weights = stacked(found.scores, found.worth, held)
    seen = found.summary(models)
    bound = np.isclose(weights, held.floors, rtol=0.0, atol=AT_FLOOR) & (held.floors > 0)
    seen["at_floor"] = [m for m, at in zip(models, bound, strict=True) if at]
    origin = {
        m: "learnt" if seen["by_model"][m]["worth"] > 0 and m not in seen["at_floor"] else "set"
        for m in models
    }
    return Stack(models, tuple(weights.tolist()), origin, seen, _resampled(found, held, draws, seed))


def combined(
    event: str,
    by: str,
    said: Sequence[Said],
    stack: Stack | None,
    unknown_mass: float,
    *,
    base: float | None = None,
    impossible: bool = False,
) -> Combined:
    """Return the probability of an event as a sum of terms.

    Parameters
    ----------
    event, by
        What by when.
    said
        Every model that speaks of it.
    stack
        Weights of those that may count; None where there is none.
    unknown_mass
        Weight of the models nobody has thought of.
    base
        Base rate of the event, on which that weight is put; None: there is none, and it is put on a half.
    impossible
        Whether arithmetic excludes the event: each component is then exactly 0, and so is the sum even where
        no usable model speaks.
    """
    said = sorted(said, key=lambda s: s.model)
    silent = tuple(
        Term(s.model, 0.0, 0.0 if impossible else s.probability, 0.0, "set", s.why_zero)
        for s in said
        if s.why_zero
    )
    usable = {s.model: 0.0 if impossible else s.probability for s in said if not s.why_zero}
    if impossible and not usable:
        return Combined(event, by, 0.0, silent, IMPOSSIBLE)
    if not usable or stack is None:
        reasons = "; ".join(f"{s.model} {s.why_zero}" for s in said)
        return Combined(event, by, None, silent, f"{NONE_USABLE}{': ' if reasons else ''}{reasons}")
    shares = dict(zip(stack.models, stack.weights, strict=True))
    if set(shares) != set(usable):
        raise ValueError(f"Weights of {sorted(shares)} do not fit the models {sorted(usable)}.")
    left = 1.0 - unknown_mass
    floored = stack.seen.get("at_floor", ())
    terms = [
        Term(
            m,
            left * shares[m],
            p,
            left * shares[m] * p,
            stack.origin[m],
            note="at its floor" if m in floored else "",
            worth=stack.seen["by_model"][m]["worth"],
        )
        for m, p in usable.items()
    ]
    if unknown_mass:
        terms.append(_unknown(base, unknown_mass, impossible=impossible))
    note = IMPOSSIBLE if impossible else ""
    return Combined(event, by, float(sum(t.contribution for t in terms)), (*terms, *silent), note)


def unusable(forecast: Mapping[str, Any], failed: Sequence[str] = ()) -> str:
    """Return why a forecast must not count: failed checks, or hardly more than its prior; empty if it may."""
    if failed:
        return f"failed its checks ({', '.join(failed)})"
    if forecast["status"] == "failed":
        return "failed its checks"
    return "took hardly anything from its data" if forecast["evidence"] == "prior-driven" else ""


def base_rate_of(event: str, said: Sequence[Said]) -> float | None:
    """Return the base rate of an event, if the forecaster that counts it speaks and may count."""
    found = [s.probability for s in said if s.model == BASE_RATES.get(event) and not s.why_zero]
    return found[0] if found else None


def _unknown(base: float | None, mass: float, *, impossible: bool) -> Term:
    value = NO_BASE_RATE if base is None else base
    note = "no base rate of the event: a half" if base is None else "on the base rate of the event"
    if impossible:
        value, note = 0.0, IMPOSSIBLE
    return Term(UNKNOWN, mass, value, mass * value, "set", note=note)


def _floors(models: Sequence[str], settings: Mapping[str, Any]) -> np.ndarray:
    """Return least weights before the mass of unknown models is taken off, so that the printed one holds."""
    least = settings["base_rate_weight_floor"] / (1.0 - settings["unknown_model_mass"])
    several = len(models) > 1
    return np.array([least if m == RULE_SELECTED and several else 0.0 for m in models])


def _resampled(found: Targets, held: Prior, draws: int, seed: int | None) -> tuple[tuple[float, ...], ...]:
    kept = found.compared
    if not draws or not kept.any():
        return ()
    own = np.unique(found.clusters[kept], return_inverse=True)[1].reshape(-1)
    rng = stream("combination/bootstrap") if seed is None else stream("combination/bootstrap", seed=seed)
    worth = cluster_worths(found.worth[kept], own, draws, rng)
    return tuple(map(tuple, stacked_many(found.scores[kept], worth, held).tolist()))
