"""Nash equilibria of the symmetric entry game: every pure one, and every symmetric one in mixed strategies.

Pure equilibria differ, but for who builds, only in the number n of builders: n = 0 if Delta(0) <= 0, n = N if
Delta(N-1) >= 0, and 0 < n < N if Delta(n-1) >= 0 >= Delta(n); each stands for C(N, n) profiles. One always
exists. In a symmetric equilibrium in mixed strategies Dbar(p) = 0, a polynomial whose roots are isolated.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from overbuild.games.bernstein import roots, value
from overbuild.games.entry import SymmetricGame, advantage, best_number, welfare

type Array = NDArray[np.float64]


@dataclass(frozen=True)
class PureEquilibrium:
    """The pure equilibria with one number of builders.

    Attributes
    ----------
    builders
        n.
    profiles
        How many there are, C(N, n).
    strict
        Whether every firm would lose by changing its mind.
    welfare_loss
        W(n*) - W(n), of the owners together, in the units of the pay-offs.
    """

    builders: int
    profiles: int
    strict: bool
    welfare_loss: float


@dataclass(frozen=True)
class MixedEquilibrium:
    """One symmetric equilibrium in which each firm builds with probability p.

    Attributes
    ----------
    share
        p, above 0 and below 1.
    welfare_loss
        W(n*) - E W(n), n ~ Bin(N, p).
    """

    share: float
    welfare_loss: float


def pure_equilibria(game: SymmetricGame) -> tuple[PureEquilibrium, ...]:
    """Return the pure equilibria of one game by number of builders; ties count as equilibria."""
    delta, lost = advantage(game), welfare_loss(game)
    firms = game.firms
    made = []
    for n in range(firms + 1):
        stays = [*([delta[n - 1]] if n > 0 else []), *([-delta[n]] if n < firms else [])]
        if min(stays) >= 0:
            made.append(PureEquilibrium(n, comb(firms, n), bool(min(stays) > 0), float(lost[n])))
    return tuple(made)


def mixed_equilibria(game: SymmetricGame) -> tuple[MixedEquilibrium, ...]:
    """Return the symmetric mixed equilibria of one game, ascending; one that only touches is left out."""
    lost = welfare_loss(game)
    return tuple(
        MixedEquilibrium(float(p), expected_loss(lost, float(p)))
        for p in roots(np.ascontiguousarray(advantage(game), float))
    )


def welfare_loss(game: SymmetricGame) -> Array:
    """Return W(n*) - W(n), n = 0..N; shape (..., N+1). It hides neither who loses nor what users gain."""
    w = welfare(game)
    return np.take_along_axis(w, best_number(game)[..., None], axis=-1) - w


def expected_loss(loss: Array, share: float) -> float:
    """Return the mean of a loss by number of builders when each of N firms builds with a probability."""
    return float(value(np.ascontiguousarray(loss, float), share, 1 - share))
