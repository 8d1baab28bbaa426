"""All that is said of one game: class, equilibria, quantal response, losses, and what restraint takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from overbuild.errors import CheckFailedError, InputError
from overbuild.games.binary import (
    BinaryGame,
    best_profile,
    class_of_profiles,
    letters,
    pure_profiles,
    to_symmetric,
)
from overbuild.games.entry import (
    LARGEST_PAYOFF,
    TITLES,
    EntryGame,
    SymmetricGame,
    advantage,
    best_number,
    class_of,
    users_surplus,
    welfare,
)
from overbuild.games.nash import expected_loss, mixed_equilibria, pure_equilibria, welfare_loss
from overbuild.games.qre import branches, fixed_points, mean_advantage, reached_first
from overbuild.games.qre_path import follow
from overbuild.games.repeated import chosen_by, profile_threshold, restraint

if TYPE_CHECKING:
    import pandas as pd

PRECISION = 4.0
"""Where none is asked for: the median of the prior [entry.precision]. It is not read from there, so that what
is said of a game does not hang on the day on which priors are asked for; a test holds the two together."""
LEAST_PRECISION, LARGEST_PRECISION = 1e-6, 1e4
"""Between which logits keep their digits."""
LARGEST_LOGIT = 1000.0
"""Up to which the branch of unlike firms is followed, step by step."""
RESIDUAL, EDGE = 1e-8, 1e-6
"""Of a quantal response equilibrium, in logits; nearer to 0 and 1 than the edge a share does not hold it."""


@dataclass(frozen=True)
class Report:
    """What is said of a game; ``content`` is plain."""

    content: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return dict(self.content)

    def sentence(self) -> str:
        """Say class, equilibria and losses in words."""
        c = self.content
        pure = [
            ("/".join(e["firms"]) or "nobody" if "firms" in e else str(e["builders"]))
            + ("" if e["strict"] else " (not strict)")
            for e in c["nash"]["pure"]
        ]
        best = c["best"] if isinstance(c["best"], int) else "/".join(c["best"]) or "nobody"
        said = [
            f"{TITLES[c['class']].capitalize()}.",
            *(["In the class a firm that is indifferent is taken to hold."] if c["ties"] else []),
            f"Builders in pure equilibrium: {', '.join(pure) or 'no such equilibrium'}.",
            f"Best for the owners: {best}.",
            *([f"They lose {c['welfare_loss']:.3f} in the worst equilibrium."] if pure else []),
            f"Restraint at the best{_by_lot(c)} " + _lasting(c["repeated"]["threshold"]),
        ]
        return " ".join(said)

    def frame(self) -> pd.DataFrame:
        """Return the quantal response equilibria as a table."""
        import pandas as pd

        return pd.DataFrame(self.content["qre"]["equilibria"])


def report(
    game: SymmetricGame | BinaryGame,
    *,
    precision: float = PRECISION,
    users: Mapping[str, float] | None = None,
) -> Report:
    """Solve one game and say everything of it.

    Parameters
    ----------
    game
        Like firms, or unlike.
    precision
        lam at which quantal response equilibria are wanted; pay-offs in units of the cost.
    users
        ``first`` and ``passed_on`` of `overbuild.games.entry.users_surplus`.

    Raises
    ------
    InputError
        If the precision or a pay-off is out of its range.
    CheckFailedError
        If an equilibrium does not solve its equations.
    """
    if not LEAST_PRECISION <= precision <= LARGEST_PRECISION:
        raise InputError(
            f"precision = {precision:g}; expected a number from {LEAST_PRECISION:g} to {LARGEST_PRECISION:g}."
        )
    largest = _largest_payoff(game)
    if not largest <= LARGEST_PAYOFF:
        raise InputError(
            f"The largest pay-off is {largest:g} in size; expected pay-offs, with regret, from "
            f"{-LARGEST_PAYOFF:.0f} to {LARGEST_PAYOFF:.0f}: give them in units of the cost."
        )
    if isinstance(game, BinaryGame):
        like = to_symmetric(game)
        return _unlike(game, precision) if like is None else report(like, precision=precision)
    kind, lost, best = class_of(game), welfare_loss(game), int(best_number(game))
    pure = pure_equilibria(game)
    kept = restraint(game, best)
    losses = [e.welfare_loss for e in pure]
    users_gain = users_surplus(game, **(users or {})).tolist() if isinstance(game, EntryGame) else None
    return Report(
        {
            "class": kind,
            "title": TITLES[kind],
            "ties": bool((advantage(game) == 0).any()),
            "firms": game.firms,
            "advantage": advantage(game).tolist(),
            "best": best,
            "welfare": welfare(game).tolist(),
            "nash": {
                "pure": [vars(e) for e in pure],
                "mixed": [vars(e) for e in mixed_equilibria(game)],
            },
            "qre": _quantal(game, precision, lost),
            "welfare_loss": max(losses),
            "welfare_loss_least": min(losses),
            "users_surplus": users_gain,
            "repeated": {
                "builders": best,
                "threshold": _finite(float(kept.threshold)),
                "least": None if kept.least is None else _finite(float(kept.least)),
            },
        }
    )


def _quantal(game: SymmetricGame, precision: float, lost: np.ndarray) -> dict[str, Any]:
    delta = advantage(game)
    shares = fixed_points(delta, precision)
    inner = shares[(shares > EDGE) & (shares < 1 - EDGE)]
    logits = np.log(inner) - np.log1p(-inner)
    residual = np.abs(logits - precision * mean_advantage(delta, inner)).max(initial=0.0)
    if not len(shares) or residual > RESIDUAL:
        raise CheckFailedError(
            f"Quantal response at precision {precision:g} did not converge (residual {residual:.1e} in "
            "logits); no equilibrium is given. Ask for a lower precision."
        )
    first = reached_first(delta, shares)
    drawn = branches(delta, precision)
    turns = sorted((f.precision, f.share, b.principal) for b in drawn for f in b.folds)
    return {
        "precision": precision,
        "principal": first,
        "equilibria": [
            {
                "share": float(p),
                "first_on_principal_branch": bool(p == first),
                "welfare_loss": expected_loss(lost, float(p)),
            }
            for p in shares
        ],
        "folds": [{"precision": lam, "share": p, "principal": own} for lam, p, own in turns],
        "branches": [{"principal": b.principal, "ends": list(b.ends)} for b in drawn],
        "converged": True,
        "residual": float(residual),
    }


def _unlike(game: BinaryGame, precision: float) -> Report:
    kind, total, best = class_of_profiles(game), game.welfare, best_profile(game)
    pure = [
        {"firms": _named(game, p), "strict": strict, "welfare_loss": float(total.max() - total[p])}
        for p, strict in pure_profiles(game).items()
    ]
    losses = [e["welfare_loss"] for e in pure]
    most = LARGEST_LOGIT / max(float(np.abs(game.advantage).max()), LARGEST_LOGIT / LARGEST_PRECISION)
    if precision > most:
        raise InputError(
            f"precision = {precision:g}; expected at most {most:g} for pay-offs of unlike firms as large as "
            "these: give them in units of the cost, or a lower precision."
        )
    path = follow(game, [precision])
    if not path.converged:
        raise CheckFailedError(
            f"The branch of quantal response stopped at precision {path.precision[-1]:.3g} of {precision:g} "
            f"(residual {path.residual:.1e}); no equilibrium is given. Ask for a lower precision."
        )
    return Report(
        {
            "class": kind,
            "title": TITLES[kind],
            "ties": bool((game.advantage == 0).any()),
            "firms": game.firms,
            "names": list(game.names),
            "best": _named(game, best),
            "welfare": {letters(p): float(v) for p, v in np.ndenumerate(total)},
            "nash": {"pure": pure, "mixed": None},
            "qre": {
                "precision": precision,
                "equilibria": [dict(zip(game.names, c.shares.tolist(), strict=True)) for c in path.crossings],
                "folds": [{"precision": lam, "principal": True} for lam in path.folds],
                "branches": [{"principal": True, "ends": None}],
                "converged": True,
                "residual": path.residual,
            },
            "welfare_loss": max(losses, default=None),
            "welfare_loss_least": min(losses, default=None),
            "users_surplus": None,
            "repeated": {
                "profile": _named(game, best),
                "threshold": _finite(profile_threshold(game, best)),
                "least": None,
            },
        }
    )


def _named(game: BinaryGame, profile: tuple[int, ...]) -> list[str]:
    return [name for name, builds in zip(game.names, profile, strict=True) if builds]


def _largest_payoff(game: SymmetricGame | BinaryGame) -> float:
    if isinstance(game, BinaryGame):
        return float(max(np.abs(game.payoffs).max(), np.abs(game.felt).max()))
    unfelt = game.holder_payoff(np.arange(game.firms))
    return float(np.abs([*chosen_by(game), unfelt]).max())


def _by_lot(content: Mapping[str, Any]) -> str:
    """Say how those who build are chosen where like firms differ in what they do."""
    best, firms = content["best"], content["firms"]
    if not isinstance(best, int) or best in (0, firms):
        return ""
    return f", by an i.i.d. lot for who {'builds' if best == 1 else 'build'},"


def _lasting(threshold: float | None) -> str:
    if threshold is None:
        return "cannot be sustained by going back to a pure equilibrium."
    return f"lasts from a discount factor of {threshold:.3f} on." if threshold > 0 else "needs no patience."


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
