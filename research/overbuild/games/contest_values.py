"""The contest at its round numbers: the example of the paper, its layers, and where it has no equilibrium."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from overbuild.games.asked import Asked
from overbuild.games.contest import LEAST_GAIN, SAFE_ELASTICITY, Contest, symmetric
from overbuild.games.contest_solver import Firms, solve, undamped
from overbuild.games.regret import linear, smooth, unexplained

EXAMPLE = Contest(5, 1.0, 0.5)
EQUAL = Contest(5, 0.5, 0.5)
OFF = 0.01
"""How far off its equilibrium the example starts, as a fraction."""
ROUNDS = 8
REGRET = 0.1
"""Linear regret, as a share of the cost of capacity."""
FOLLOWS = 0.2
"""Upward slope whose regret is asked for."""
LIMIT = 0.6
"""Funds of one firm over what it would spend."""
NEAR_ONE = 0.95
"""Elasticity at which a range of decisiveness has no equilibrium."""


def result(asked: Asked) -> dict[str, Any]:
    """Return the values that the text quotes."""
    del asked
    found = symmetric(EXAMPLE)
    needed = unexplained(EXAMPLE, FOLLOWS)
    return {
        "example": found.to_dict(),
        "equal": symmetric(EQUAL).to_dict(),
        "undamped": _undamped(),
        "regret": {
            "linear": REGRET,
            **asdict(linear(EXAMPLE, REGRET * EXAMPLE.cost)),
            "slope": FOLLOWS,
            "smooth": needed,
            "reactions": asdict(smooth(EXAMPLE, needed)),
        },
        "financing": _financing(),
        "near_one": _near_one(),
    }


def _undamped() -> dict[str, float]:
    """Return the deviation from equilibrium after simultaneous replies, and where Newton's method ends."""
    level = (symmetric(EXAMPLE).capacity["equilibrium"] or 0.0) / EXAMPLE.firms
    start = np.full(EXAMPLE.firms, level * (1 + OFF))
    path = undamped(_equal_firms(np.full(EXAMPLE.firms, np.inf)), start, ROUNDS)
    newton = solve(_equal_firms(np.full(EXAMPLE.firms, np.inf)), start)
    return {
        "start": OFF,
        "rounds": ROUNDS,
        "end": float(abs(path[-1, 0] / level - 1)),
        "newton": float(np.abs(newton.capacity / level - 1).max()),
    }


def _financing() -> dict[str, Any]:
    """Return what happens when one of the firms can pay for a part of its capacity only."""
    level = (symmetric(EXAMPLE).capacity["equilibrium"] or 0.0) / EXAMPLE.firms
    limit = np.full(EXAMPLE.firms, np.inf)
    limit[0] = LIMIT * level
    found = solve(_equal_firms(limit))
    return {
        "limit": LIMIT,
        "shadow_price": float(found.shadow_price[0]),
        "others": float(found.capacity[1] / level - 1),
        "industry": float(found.capacity.sum() / (EXAMPLE.firms * level) - 1),
        "reaction_of_limited": float(found.reaction[0]),
        "converged": found.found,
    }


def _near_one() -> dict[str, Any]:
    """Return the decisiveness, in steps of 0.01, at which one firm would leave the symmetric point."""
    tried = np.round(np.arange(0.01, 1.0, 0.01), 2)
    gains = [Contest(EXAMPLE.firms, float(r), NEAR_ONE).deviation()[0] > LEAST_GAIN for r in tried]
    left = tried[gains]
    return {
        "safe": SAFE_ELASTICITY,
        "elasticity": NEAR_ONE,
        "low": float(left[0]),
        "high": float(left[-1]),
    }


def _equal_firms(limit: np.ndarray) -> Firms:
    ones = np.ones(EXAMPLE.firms)
    return Firms(ones, ones, limit, EXAMPLE.decisiveness, EXAMPLE.elasticity)
