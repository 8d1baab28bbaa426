r"""The entry game played every period: how patient firms must be for restraint to last.

Restraint is n builders, drawn afresh each period by a public lot, so that each firm looks forward to the
mean V of its pay-off. A firm that strays gains at most g = max(Delta(n), -Delta(n-1)) once and is worth P
from then on:

    (1 - delta) g <= delta (V - P),   delta* = g / (g + V - P).

With P the worst pay-off of a pure equilibrium of the single period (Nash reversion) delta* is enough for the
lot. It is not the least for 0 < n < N: taking turns promises most to those who are to stray today, and may
do with less. With n = 0 or n = N there are no turns to take, and with P the least to which rivals can hold a
firm whatever their plan, no equilibrium keeps to n below delta*. The two are equal where building is dominant
and a builder fares worst if all build, as in a dilemma with eta <= 1. Pay-offs are those that firms choose
by, regret included.

All see at once what each has done. With noise, or with the lag with which capital spending is published,
more patience is needed; that is left out, and with it how long a reversal of the boom would punish.

Reference: Friedman (1971), Review of Economic Studies 38(1), 1-12.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overbuild.errors import InputError
from overbuild.games.binary import BinaryGame, Profile, pure_profiles
from overbuild.games.entry import SymmetricGame, advantage

type Array = NDArray[np.float64]


@dataclass(frozen=True)
class Restraint:
    """Thresholds of one number of builders, shape of the draws.

    Attributes
    ----------
    builders
        n.
    gain
        g; 0 or less: n is an equilibrium of the single period.
    payoff
        V.
    reversion
        P under Nash reversion.
    threshold
        delta* of the lot under Nash reversion; 0 where nothing has to be sustained, infinite where no
        patience will do.
    least
        delta* below which no equilibrium keeps to n; None for 0 < n < N, of which none is known.
    """

    builders: int
    gain: Array
    payoff: Array
    reversion: Array
    threshold: Array
    least: Array | None


def restraint(game: SymmetricGame, builders: int = 0) -> Restraint:
    """Return how patient firms must be to keep to ``builders``, of one game or of each draw.

    Raises
    ------
    InputError
        If ``builders`` is not between 0 and the number of firms.
    """
    firms = game.firms
    if not 0 <= builders <= firms:
        raise InputError(f"builders = {builders}; expected 0 to {firms}, the number of firms.")
    build, hold = chosen_by(game)
    delta = build - hold
    n = builders
    gains = [*([delta[..., n]] if n < firms else []), *([-delta[..., n - 1]] if n > 0 else [])]
    gain = np.max(gains, axis=0)
    payoff = (n * build[..., n - 1] if n else 0.0) + ((firms - n) * hold[..., n] if n < firms else 0.0)
    payoff = np.asarray(payoff / firms)
    reversion = worst_equilibrium(game)
    least = _threshold(gain, payoff - held_down_to(game)) if n in (0, firms) else None
    return Restraint(n, gain, payoff, reversion, _threshold(gain, payoff - reversion), least)


def profile_threshold(game: BinaryGame, profile: Profile) -> float:
    """Return the delta from which Nash reversion keeps unlike firms to one profile in every period.

    Each firm that strays is answered by the pure equilibrium of the single period that is worst for it.
    Infinite: no patience will do, or there is no such equilibrium to revert to.
    """
    felt, stable = game.felt, pure_profiles(game)
    thresholds = [0.0]
    for i in range(game.firms):
        strayed = (*profile[:i], 1 - profile[i], *profile[i + 1 :])
        kept = felt[(i, *profile)]
        worst = min((felt[(i, *p)] for p in stable), default=np.inf)
        thresholds.append(float(_threshold(felt[(i, *strayed)] - kept, np.asarray(kept - worst))))
    return max(thresholds)


def chosen_by(game: SymmetricGame) -> tuple[Array, Array]:
    """Return what building and holding are worth by number of rivals that build, with regret; (..., N)."""
    m = np.arange(game.firms)
    build = game.builder_payoff(m + 1)
    return build, build - advantage(game)


def worst_equilibrium(game: SymmetricGame) -> Array:
    """Return the lowest pay-off that a firm has in a pure equilibrium of the single period."""
    build, hold = chosen_by(game)
    delta = build - hold
    shut = np.full((*delta.shape[:-1], 1), True)
    stays = np.concatenate([shut, delta >= 0], axis=-1)
    keeps_out = np.concatenate([delta <= 0, shut], axis=-1)
    is_equilibrium = stays & keeps_out
    as_builder = np.where(is_equilibrium[..., 1:], build, np.inf).min(axis=-1)
    as_holder = np.where(is_equilibrium[..., :-1], hold, np.inf).min(axis=-1)
    return np.minimum(as_builder, as_holder)


def held_down_to(game: SymmetricGame) -> Array:
    """Return the least that a firm can be held to if rivals may correlate in secret.

    That is the minimum over distributions of the number of rivals that build of the better of building and
    holding; two numbers of rivals are enough, as only two choices have to be made unattractive.
    """
    build, hold = chosen_by(game)
    delta = build - hold
    pure = np.maximum(build, hold).min(axis=-1)
    first, second = delta[..., :, None], delta[..., None, :]
    opposed = first * second < 0
    weight = np.where(opposed, second / np.where(opposed, second - first, 1.0), 0.0)
    mixed = weight * hold[..., :, None] + (1 - weight) * hold[..., None, :]
    return np.minimum(pure, np.where(opposed, mixed, np.inf).min(axis=(-2, -1)))


def _threshold(gain: Array, prize: Array) -> Array:
    kept = gain > 0
    safe = np.where(kept & (prize > 0), prize, 1.0)
    needed = np.where(prize > 0, gain / (np.where(kept, gain, 0.0) + safe), np.inf)
    return np.where(kept, needed, 0.0)
