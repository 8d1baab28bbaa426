"""Three priors over the pay-offs of the entry game, and the probability that each gives to each class.

``main``
    eta ~ Beta(2, 2): a market that grows less than one for one. It excludes the stag hunt.
``wide_expansion``
    eta uniform up to above 1: builders may gain from each other. Harmony becomes likelier and dilemmas rarer.
``neutral``
    ``wide_expansion`` within each class, and each class equally likely, so that no class is favoured before
    the data and the posterior odds of two classes are the Bayes factor between them.

The class probabilities of the first two follow from the ranges, which nothing but judgement sets
(``data/priors.toml``, [entry.*]). They were chosen with the class shares in view: a few were tried, and those
kept give classes about the shares of an earlier set. A wider business at risk was discarded that had put
dilemmas at 40 %; ``entry_priors`` tells what they are at half and at twice the business at risk. A posterior
probability of a class means something only next to its prior.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.errors import OverbuildError, UnknownNameError
from overbuild.games.entry import CLASSES, EntryGame, class_shares, classify

type Array = NDArray[np.float64]

PRIORS = ("main", "wide_expansion", "neutral")
FIRMS = 5
"""The five firms whose capital expenditures the perimeter of the AI era holds."""
BATCH, BATCHES = 50_000, 400
"""Draws of a batch, and batches after which a class that turned up too rarely is an error."""
IMPOSSIBLE = {2: ("mixed",)}
"""By number of firms: of two, the gain from building changes its sign once at most."""


@dataclass(frozen=True)
class PriorDraws:
    """Draws from one prior.

    Attributes
    ----------
    game
        Its parameters have shape (draw,).
    precision
        lam, shape (draw,), in units of the cost; independent of the game.
    """

    game: EntryGame
    precision: Array


def draw_games(
    prior: str, size: int, rng: np.random.Generator, priors: Mapping[str, Any], *, firms: int = FIRMS
) -> PriorDraws:
    """Draw games from one of the priors.

    Parameters
    ----------
    prior
        One of `PRIORS`.
    size
        Draws.
    rng
        Random numbers.
    priors
        Short name to value of the priors [entry.*], such as ``read_priors().at(day).values("entry")``.
    firms
        N.

    Raises
    ------
    UnknownNameError
        If there is no such prior.
    OverbuildError
        If ``neutral`` is asked for and the wide prior leaves out a class.
    """
    if prior not in PRIORS:
        raise UnknownNameError("prior over pay-offs", prior, PRIORS)
    median, spread = priors["precision"]
    precision = median * np.exp(spread * rng.standard_normal(size))
    if prior == "neutral":
        return PriorDraws(_each_class_alike(size, rng, priors, firms), precision)
    return PriorDraws(_drawn(size, rng, priors, firms, wide=prior == "wide_expansion"), precision)


def class_table(
    size: int, rng: np.random.Generator, priors: Mapping[str, Any], *, firms: int = FIRMS
) -> dict[str, dict[str, dict[str, float]]]:
    """Return prior to class to its probability and the Monte Carlo error of that, a standard deviation.

    Of ``neutral`` the probabilities hold by construction and have no error.
    """
    table = {}
    for prior in PRIORS:
        found = class_shares(draw_games(prior, size, rng, priors, firms=firms).game)
        error = 0.0 if prior == "neutral" else 1.0
        table[prior] = {
            name: {"probability": p, "mc_error": error * float(np.sqrt(p * (1 - p) / size))}
            for name, p in found.items()
        }
    return table


def _drawn(
    size: int, rng: np.random.Generator, priors: Mapping[str, Any], firms: int, *, wide: bool
) -> EntryGame:
    def log_normal(name: str) -> Array:
        median, spread = priors[name]
        return median * np.exp(spread * rng.standard_normal(size))

    def half_normal(name: str) -> Array:
        return priors[name] * np.abs(rng.standard_normal(size))

    def beta(name: str) -> Array:
        first, second = priors[name]
        return rng.beta(first, second, size)

    low, high = priors["expansion_wide"]
    return EntryGame(
        firms,
        surplus=log_normal("surplus"),
        expansion=rng.uniform(low, high, size) if wide else beta("expansion"),
        pass_through=beta("pass_through"),
        rented=beta("rented"),
        business_at_risk=log_normal("business_at_risk"),
        late_penalty=half_normal("late_penalty"),
        regret=half_normal("regret"),
    )


def _each_class_alike(
    size: int, rng: np.random.Generator, priors: Mapping[str, Any], firms: int
) -> EntryGame:
    """Return draws of the wide prior given the class, as many of each but for a rest, in random order."""
    names = [f.name for f in fields(EntryGame) if f.name != "firms"]
    possible = [k for k, name in enumerate(CLASSES) if name not in IMPOSSIBLE.get(firms, ())]
    wanted, kept = np.zeros(len(CLASSES), int), []
    wanted[possible] = size // len(possible)
    for batch in range(BATCHES):
        game = _drawn(BATCH, rng, priors, firms, wide=True)
        codes = classify(game)
        if batch == 0:
            wanted[rng.permutation(possible)[: size % len(possible)]] += 1
        chosen = np.concatenate([np.flatnonzero(codes == c)[:w] for c, w in enumerate(wanted)])
        wanted -= np.bincount(codes[chosen], minlength=len(CLASSES))
        kept.append({n: np.broadcast_to(getattr(game, n), codes.shape)[chosen] for n in names})
        if not wanted.any():
            break
    else:
        missing = ", ".join(CLASSES[c] for c in np.flatnonzero(wanted))
        raise OverbuildError(f"The prior on pay-offs gives next to no weight to {missing}; widen its ranges.")
    order = rng.permutation(size)
    return EntryGame(firms, **{n: np.concatenate([k[n] for k in kept])[order] for n in names})
