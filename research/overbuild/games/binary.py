"""Games in which N firms, unlike each other, each build or hold: pure equilibria by enumeration, and classes.

A profile says who builds; pay-offs are arrays with one axis of length 2 a firm, index 0 to hold and 1 to
build. What the symmetric entry game says by formula is here counted out over all 2^N profiles.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from overbuild.errors import InputError
from overbuild.games.entry import LEAST_FIRMS, PayoffTable, SymmetricGame

type Array = NDArray[np.float64]
type Profile = tuple[int, ...]

MOST_FIRMS = 12
"""Beyond it a file of all profiles is no longer a file that anybody writes."""
BUILDS, HOLDS = "b", "h"


@dataclass(frozen=True)
class BinaryGame:
    """The game by its pay-offs.

    Attributes
    ----------
    names
        Of the firms.
    payoffs
        Shape (N, 2, ..., 2): firm, then the choice of each firm.
    regret
        kappa: a firm that holds chooses as if it lost kappa times the share of firms that build.

    Raises
    ------
    InputError
        If there are fewer than two firms or too many, or the shape does not fit their number.
    """

    names: tuple[str, ...]
    payoffs: Array
    regret: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "payoffs", np.asarray(self.payoffs, float))
        firms = len(self.names)
        if not LEAST_FIRMS <= firms <= MOST_FIRMS:
            raise InputError(f"{firms} firms; expected {LEAST_FIRMS} to {MOST_FIRMS}.")
        if self.payoffs.shape != (firms, *[2] * firms) or not np.isfinite(self.payoffs).all():
            raise InputError(f"Pay-offs of {firms} firms; expected one finite number a firm and profile.")

    @property
    def firms(self) -> int:
        """Return N."""
        return len(self.names)

    @property
    def advantage(self) -> Array:
        """Return what building adds for each firm by what the others do; shape (N, 2, ..., 2), N-1 axes."""
        felt = self.felt
        return np.stack([np.diff(felt[i], axis=i).squeeze(i) for i in range(self.firms)])

    @property
    def welfare(self) -> Array:
        """Return the owners' pay-offs together, without regret, by profile."""
        return self.payoffs.sum(axis=0)

    @property
    def felt(self) -> Array:
        """Return the pay-offs that firms choose by: of those that hold, less their regret."""
        choices = np.indices([2] * self.firms)
        return self.payoffs - self.regret * (1 - choices) * choices.sum(axis=0) / self.firms


def to_symmetric(game: BinaryGame, tolerance: float = 1e-12) -> PayoffTable | None:
    """Return the table by number of builders if all firms have the same; None if they have not."""
    firms = game.firms
    low, high = np.full((2, firms + 1), np.inf), np.full((2, firms + 1), -np.inf)
    for profile in product((0, 1), repeat=firms):
        n = sum(profile)
        for i, builds in enumerate(profile):
            own = game.payoffs[(i, *profile)]
            low[builds, n], high[builds, n] = min(low[builds, n], own), max(high[builds, n], own)
    builder, holder = low[1, 1:], low[0, :-1]
    apart = max((high[1, 1:] - builder).max(), (high[0, :-1] - holder).max())
    scale = max(float(np.abs(game.payoffs).max()), 1.0)
    return PayoffTable(builder, holder, game.regret) if apart <= tolerance * scale else None


def from_symmetric(game: SymmetricGame) -> BinaryGame:
    """Return a symmetric game with every profile written out."""
    firms = game.firms
    payoffs = np.empty((firms, *[2] * firms))
    n = np.arange(firms + 1)
    builder, holder = game.builder_payoff(n[1:]), game.holder_payoff(n[:-1])
    for profile in product((0, 1), repeat=firms):
        builders = sum(profile)
        for i, builds in enumerate(profile):
            payoffs[(i, *profile)] = builder[builders - 1] if builds else holder[builders]
    return BinaryGame(tuple(f"firm {i + 1}" for i in range(firms)), payoffs, float(np.asarray(game.regret)))


def letters(profile: Profile) -> str:
    """Return one letter a firm, such as ``bh``: b to build and h to hold."""
    return "".join(BUILDS if builds else HOLDS for builds in profile)


def pure_profiles(game: BinaryGame) -> dict[Profile, bool]:
    """Return every pure equilibrium, and whether each firm would lose by changing its mind.

    Where a firm would not, as it is indifferent, the equilibrium is one all the same, but not strict.
    """
    delta = game.advantage
    gains = {p: max(_gains(delta, p)) for p in product((0, 1), repeat=game.firms)}
    return {p: gain < 0 for p, gain in gains.items() if gain <= 0}


def best_profile(game: BinaryGame) -> Profile:
    """Return who builds where the owners together fare best; of several such profiles with most builders."""
    welfare = game.welfare
    return max(product((0, 1), repeat=game.firms), key=lambda p: (welfare[p], sum(p)))


def class_of_profiles(game: BinaryGame) -> str:
    """Return the class by the pure equilibria alone, and by the owners' joint welfare across them.

    Of equilibria with an indifferent firm those count in which it holds. For like firms the class is that of
    `overbuild.games.entry.classify`. For unlike firms "worse" and "best" are said of the owners together, and
    that all build may be the only equilibrium without building being dominant for each.
    """
    delta, welfare = game.advantage, game.welfare
    found = [
        p
        for p in pure_profiles(game)
        if all(gain < 0 for gain, builds in zip(_gains(delta, p), p, strict=True) if builds)
    ]
    none, all_build = (0,) * game.firms, (1,) * game.firms
    worse = welfare[all_build] < welfare[none]
    numbers = {sum(p) for p in found}
    if set(found) == {all_build}:
        best = best_profile(game)
        if best == all_build:
            return "harmony"
        if not worse:
            return "congestion"
        return "strict_dilemma" if best == none else "partial_dilemma"
    if set(found) == {none}:
        return "hold"
    if set(found) == {none, all_build}:
        return "trap" if worse else "stag_hunt"
    interior = len(numbers) == 1 and not numbers & {0, game.firms}
    return "chicken" if interior else "mixed"


def _gains(advantage: Array, profile: Profile) -> list[float]:
    """Return what each firm would gain by changing its mind alone."""
    return [
        float((1 - 2 * builds) * advantage[(i, *profile[:i], *profile[i + 1 :])])
        for i, builds in enumerate(profile)
    ]
