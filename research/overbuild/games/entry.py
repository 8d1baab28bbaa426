r"""The entry game: each of N like firms builds, or holds and may rent; which dilemma it is, if it is one.

With n builders among N firms, and m = n - 1 or n rivals of a firm that build (models in units of the cost C),

    builder  pi_I(n) = B + S n^(eta-1) + phi (1-th) sB (N-n)/N - C,                      n = 1..N
    holder   pi_H(n) = B - (1-th) sB n/N - tau 1{n>0},                                    n = 0..N-1
    advantage of building  Delta(m) = pi_I(m+1) - pi_H(m) + kappa m/N,                    m = 0..N-1

S surplus to a sole builder, eta market expansion, sB business at risk, phi the part of a rival's loss that
the builder gains (no builder gains what no rival loses, hence 1-th in both), th the part of the loss that
renting outside capacity avoids, tau what a holder pays once somebody builds, kappa regret. Regret moves
choices and is no part of welfare. The slope of interaction,

    Delta(m+1) - Delta(m) = [(1-th)(1-phi) sB + kappa]/N - S[(m+1)^(eta-1) - (m+2)^(eta-1)] + tau 1{m=0},

shows that stealing business never makes entry a substitute; only the thinning of the surplus S does.

The class of a game is that of its set of pure equilibria, which the signs of Delta decide, and of the owners'
welfare W(n) = n pi_I(n) + (N-n) pi_H(n) there (`classify`). What is said of ties is a convention: an
indifferent firm holds, and of several best numbers of builders the largest counts, so that "harmony" means
that nothing beats that all build.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, fields
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overbuild.errors import InputError

type Array = NDArray[np.float64]

CLASSES = (
    "strict_dilemma",
    "partial_dilemma",
    "congestion",
    "harmony",
    "trap",
    "stag_hunt",
    "chicken",
    "hold",
    "mixed",
)
"""In the order of the codes of `classify`."""
TITLES = {
    "strict_dilemma": "strict prisoner’s dilemma",
    "partial_dilemma": "partial prisoner’s dilemma",
    "congestion": "congestion",
    "harmony": "harmony",
    "trap": "fear-of-missing-out trap",
    "stag_hunt": "stag hunt",
    "chicken": "chicken",
    "hold": "holding dominates",
    "mixed": "mixed",
}
DILEMMA = ("strict_dilemma", "partial_dilemma")
LEAST_FIRMS = 2
LARGEST_PAYOFF = 1e6
"""In units of the cost: up to it a game is read and solved; beyond it logits lose their digits."""


class SymmetricGame(Protocol):
    """Like firms that build or hold; pay-offs depend on how many build.

    ``builder_payoff`` and ``holder_payoff`` take numbers of builders, shape (k,), and return shape (..., k),
    where ... is the shape of the draws, if there are any.
    """

    @property
    def firms(self) -> int:
        """Return N."""
        ...

    @property
    def regret(self) -> ArrayLike:
        """Return kappa, felt by a holder in proportion to the share of firms that build."""
        ...

    def builder_payoff(self, builders: ArrayLike) -> Array:
        """Return pi_I(n), n = 1..N."""
        ...

    def holder_payoff(self, builders: ArrayLike) -> Array:
        """Return pi_H(n), n = 0..N-1."""
        ...


@dataclass(frozen=True)
class EntryGame:
    """The game by its parameters; each but ``firms`` a number or an array over draws, shape (draw,).

    Attributes
    ----------
    firms
        N, 2 or more.
    base
        B, what a firm earns if nobody builds.
    surplus
        S, 0 or more.
    expansion
        eta, 0 or more: the industry's surplus grows as n^eta. 0 is a fixed prize, 1 a market that grows one
        for one, above 1 scale or learning that firms share.
    pass_through
        phi, in [0, 1].
    rented
        theta, in [0, 1].
    business_at_risk
        sB, 0 or more: a firm that holds loses of it the share of firms that build.
    late_penalty
        tau, 0 or more. It is paid to somebody outside the game: where the sellers of rented capacity are in
        the race themselves it is a transfer between owners and their welfare is understated.
    cost
        C, 0 or more.
    regret
        kappa, 0 or more.

    Raises
    ------
    InputError
        If a value lies outside its range; all that do are named.
    """

    firms: int
    _: KW_ONLY
    base: ArrayLike = 0.0
    surplus: ArrayLike
    expansion: ArrayLike = 0.5
    pass_through: ArrayLike = 0.0
    rented: ArrayLike = 0.0
    business_at_risk: ArrayLike = 0.0
    late_penalty: ArrayLike = 0.0
    cost: ArrayLike = 1.0
    regret: ArrayLike = 0.0

    def __post_init__(self) -> None:
        faults = list(_faults(self))
        if faults:
            raise InputError("\n".join(faults))

    @classmethod
    def from_costs(
        cls,
        firms: int,
        surplus: ArrayLike,
        *,
        outlay: ArrayLike,
        funds: ArrayLike = np.inf,
        outside_premium: ArrayLike = 0.0,
        salvage: ArrayLike = 0.0,
        **others: Any,
    ) -> EntryGame:
        """Return the game whose cost is C = c + lam max(0, c - F) - s_salv.

        Parameters
        ----------
        firms, surplus
            N and S.
        outlay
            c.
        funds
            F, the firm's own; infinite: enough.
        outside_premium
            lam, the cost of a unit of outside finance beyond itself, 0 or more.
        salvage
            s_salv, what the capacity is worth in another use.
        others
            The remaining parameters.
        """
        c, own, lam, salvage = (np.asarray(v, float) for v in (outlay, funds, outside_premium, salvage))
        if (lam < 0).any():
            raise InputError(f"outside_premium = {_shown(lam)}; expected 0 or more.")
        return cls(firms, surplus=surplus, cost=c + lam * np.maximum(0.0, c - own) - salvage, **others)

    def builder_payoff(self, builders: ArrayLike) -> Array:
        """Return pi_I(n) without regret, which a builder does not feel; shape (..., k)."""
        n = np.asarray(builders, float)
        base, surplus, eta, cost = map(_column, (self.base, self.surplus, self.expansion, self.cost))
        gained = _column(self.pass_through) * self._at_risk * (self.firms - n) / self.firms
        return base + surplus * np.exp((eta - 1) * np.log(n)) + gained - cost

    def holder_payoff(self, builders: ArrayLike) -> Array:
        """Return pi_H(n) without regret; shape (..., k)."""
        n = np.asarray(builders, float)
        late = _column(self.late_penalty) * (n > 0)
        return _column(self.base) - self._at_risk * n / self.firms - late

    @property
    def _at_risk(self) -> Array:
        return (1 - _column(self.rented)) * _column(self.business_at_risk)


@dataclass(frozen=True)
class PayoffTable:
    """The game by its pay-offs.

    Attributes
    ----------
    builder
        pi_I(1..N), shape (..., N).
    holder
        pi_H(0..N-1), shape (..., N).
    regret
        kappa.

    Raises
    ------
    InputError
        If the two do not hold one finite pay-off for each number of builders, for two firms or more.
    """

    builder: Array
    holder: Array
    regret: ArrayLike = 0.0

    def __post_init__(self) -> None:
        for name in ("builder", "holder"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), float))
        if self.builder.shape != self.holder.shape or self.builder.shape[-1:] < (LEAST_FIRMS,):
            raise InputError(
                f"builder has pay-offs of shape {self.builder.shape}, holder of {self.holder.shape}; "
                "expected N of each, N the number of firms, 2 or more: builder for 1 to N builders, holder "
                "for 0 to N-1."
            )
        if not (np.isfinite(self.builder).all() and np.isfinite(self.holder).all()):
            raise InputError("A pay-off is not a finite number; give every one.")

    @property
    def firms(self) -> int:
        """Return N."""
        return self.builder.shape[-1]

    def builder_payoff(self, builders: ArrayLike) -> Array:
        """Return pi_I(n); shape (..., k)."""
        return self.builder[..., np.asarray(builders, int) - 1]

    def holder_payoff(self, builders: ArrayLike) -> Array:
        """Return pi_H(n); shape (..., k)."""
        return self.holder[..., np.asarray(builders, int)]


def advantage(game: SymmetricGame) -> Array:
    """Return Delta(m), what building adds to the pay-off that a firm chooses by; shape (..., N)."""
    return _advantage(*_payoffs(game), game.regret)


def welfare(game: SymmetricGame) -> Array:
    """Return W(n), the owners' pay-offs together without regret, n = 0..N; shape (..., N+1)."""
    return _welfare(*_payoffs(game))


def best_number(game: SymmetricGame) -> NDArray[np.int64]:
    """Return n*, the number of builders that is best for the owners together; the largest, if several are."""
    return _best(welfare(game))


def users_surplus(game: EntryGame, *, first: ArrayLike = 0.0, passed_on: ArrayLike = 0.0) -> Array:
    r"""Return what users gain with n builders, n = 0..N; the pay-offs alone do not say it.

    Read as demand of constant elasticity, S n^(eta-1) is the price of a unit of capacity, and users gain the
    area above it. From the first builder on, that is

        S (1-eta) (n^eta - 1)/eta,   S ln n at eta = 0,

    and nothing at eta >= 1, where the price does not fall. What the first unit brings them hangs on demand
    at prices never seen, and what of the business that holders lose and builders do not gain reaches users
    as lower prices is open too: both are given, and nothing is the least.

    Parameters
    ----------
    game
        The game.
    first
        Users' gain from the first builder as a multiple of S, 0 or more.
    passed_on
        Share of the lost business that reaches users, in [0, 1].

    Returns
    -------
    ndarray, shape (..., N+1)
    """
    n = np.arange(game.firms + 1.0)
    eta, surplus = _column(game.expansion), _column(game.surplus)
    built = np.log(np.maximum(n, 1))
    safe = np.where(eta > 0, eta, 1.0)
    grown = np.where(eta > 0, np.expm1(eta * built) / safe, built)
    lower_prices = surplus * (np.maximum(1 - eta, 0) * grown + _column(first) * (n > 0))
    at_risk = (1 - _column(game.rented)) * _column(game.business_at_risk)
    lost = (1 - _column(game.pass_through)) * at_risk * n * (game.firms - n) / game.firms
    return lower_prices + _column(passed_on) * lost


def classify(game: SymmetricGame) -> NDArray[np.int8]:
    """Return the class of each game, as its place in `CLASSES`; each game is in exactly one.

    Building pays whatever the rivals do (all Delta > 0, one pure equilibrium, all build):

    - harmony: no number of builders is better for the owners;
    - congestion: a smaller number is, though all fare no worse than if nobody had built;
    - strict dilemma: they fare worse, and best if nobody builds;
    - partial dilemma: they fare worse, and best if some build.

    Building never pays (all Delta <= 0): hold. Delta rises through 0 once, so that all build and nobody
    builds are both equilibria: trap if all fare worse building, stag hunt if not. Delta falls through 0 once,
    so that every pure equilibrium has the same number of builders, some but not all: chicken. Anything else
    is mixed. In an `EntryGame` nobody building is best where holding dominates, and a stag hunt needs
    eta > 1; a `PayoffTable` may have either otherwise.
    """
    builder, holder = _payoffs(game)
    pays = _advantage(builder, holder, game.regret) > 0
    worse = builder[..., -1] < holder[..., 0]
    best = _best(_welfare(builder, holder))
    turns = (pays[..., 1:] != pays[..., :-1]).sum(axis=-1)
    first, last = pays[..., 0], pays[..., -1]
    dominant, once = first & (turns == 0), turns == 1
    cases = (
        (dominant & (best == game.firms), "harmony"),
        (dominant & ~worse, "congestion"),
        (dominant & (best == 0), "strict_dilemma"),
        (dominant, "partial_dilemma"),
        (once & last & worse, "trap"),
        (once & last, "stag_hunt"),
        (once, "chicken"),
        (turns == 0, "hold"),
    )
    codes = [np.int8(CLASSES.index(name)) for _, name in cases]
    return np.select([case for case, _ in cases], codes, np.int8(CLASSES.index("mixed")))


def class_of(game: SymmetricGame) -> str:
    """Return the class of one game by name."""
    return CLASSES[int(classify(game))]


def class_shares(game: SymmetricGame, weights: ArrayLike | None = None) -> dict[str, float]:
    """Return the share of the draws in each class, weighted if weights are given."""
    counts = np.bincount(
        np.ravel(classify(game)), None if weights is None else np.ravel(weights), minlength=len(CLASSES)
    )
    return dict(zip(CLASSES, (counts / counts.sum()).tolist(), strict=True))


def _payoffs(game: SymmetricGame) -> tuple[Array, Array]:
    """Return pi_I(1..N) and pi_H(0..N-1)."""
    n = np.arange(game.firms + 1)
    return game.builder_payoff(n[1:]), game.holder_payoff(n[:-1])


def _advantage(builder: Array, holder: Array, regret: ArrayLike) -> Array:
    firms = builder.shape[-1]
    return builder - holder + _column(regret) * np.arange(firms) / firms


def _welfare(builder: Array, holder: Array) -> Array:
    firms = builder.shape[-1]
    n = np.arange(1, firms + 1)
    made = np.zeros((*builder.shape[:-1], firms + 1))
    made[..., 1:] = n * builder
    made[..., :-1] += n[::-1] * holder
    return made


def _best(welfare: Array) -> NDArray[np.int64]:
    return welfare.shape[-1] - 1 - np.argmax(welfare[..., ::-1], axis=-1)


def _column(value: ArrayLike) -> Array:
    return np.asarray(value, float)[..., None]


RANGES: dict[str, tuple[float, float, str]] = {
    "base": (-np.inf, np.inf, "a finite number"),
    "surplus": (0, np.inf, "a finite number, 0 or more"),
    "expansion": (0, np.inf, "a finite number, 0 or more"),
    "pass_through": (0, 1, "a share between 0 and 1"),
    "rented": (0, 1, "a share between 0 and 1"),
    "business_at_risk": (0, np.inf, "a finite number, 0 or more"),
    "late_penalty": (0, np.inf, "a finite number, 0 or more"),
    "cost": (0, np.inf, "a finite number, 0 or more"),
    "regret": (0, np.inf, "a finite number, 0 or more"),
}
"""Lowest, highest and what is expected in words."""


def _faults(game: EntryGame) -> Iterator[str]:
    whole = isinstance(game.firms, int | np.integer) and not isinstance(game.firms, bool)
    if not whole or game.firms < LEAST_FIRMS:
        yield f"firms = {game.firms!r}; expected a whole number, 2 or more: one firm plays no game."
    shapes = set()
    for name in (f.name for f in fields(game) if f.name != "firms"):
        low, high, expected = RANGES[name]
        value = np.asarray(getattr(game, name), float)
        shapes |= {value.shape} - {()}
        wrong = ~(np.isfinite(value) & (value >= low) & (value <= high))
        if wrong.any():
            yield f"{name} = {_shown(value[wrong])}; expected {expected}."
    if len(shapes) > 1:
        yield f"Parameters have shapes {sorted(shapes)}; expected one number, or one for each draw, of each."


def _shown(value: Array) -> str:
    return f"{np.ravel(value)[0]:g}"
