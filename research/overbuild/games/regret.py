r"""Regret over having built less than rivals, on top of the contest: a smooth and a linear layer.

With m_i the mean capacity of the rivals and (x)_+ = max(x, 0), a firm chooses as if its pay-off were

    smooth:  Pi_i - (kappa / 2) [(m_i - k_i)_+]^2
    linear:  Pi_i - kappa (m_i - k_i)_+.

Smooth regret is flat where all build the same, so that it moves no symmetric level. It moves reactions, and
only upward: when every rival adds one unit the best reply moves by

    [(N - 1) Pi_ij + kappa] / (-Pi_ii + kappa),

when every rival takes one away by the contest's own slope, since then nobody is behind. (For an elasticity
below 1, Pi_ii + (N - 1) Pi_ij < 0: the contest's slope is below 1, so that a rise leaves the firm behind.)

Linear regret has a kink at equality: cutting back costs kappa more than adding saves. Every symmetric K with

    c - kappa <= D V(K) / K <= c

is an equilibrium, from the contest's own capacity up to that of a contest whose capacity costs c - kappa; the
firms do not say which, so both ends are reported. With kappa >= c there is no upper end.

Regret is a motive of choice and no loss to anyone: it never enters profit or welfare. kappa cannot be told
from any other reason to follow rivals; what a slope would require of it is called unexplained.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overbuild.games.contest import (
    Contest,
    curvature,
    dissipation,
    interaction,
    reaction_slope,
    require,
    symmetric,
)


@dataclass(frozen=True)
class Reactions:
    """Change of the best reply when every rival adds one unit, and when every rival takes one away.

    Attributes
    ----------
    up, down
        Both per unit and with the sign of a slope: above 0 where the reply moves the same way.
    """

    up: float
    down: float


@dataclass(frozen=True)
class Interval:
    """Industry capacities of the symmetric equilibria under linear regret, both ends included.

    Attributes
    ----------
    low, high
        The contest's own, and the largest; inf where there is none.
    """

    low: float
    high: float


def smooth(contest: Contest, kappa: float) -> Reactions:
    """Return the reactions under smooth regret.

    Parameters
    ----------
    contest
        With a symmetric equilibrium.
    kappa
        Money for each squared unit of capacity behind, 0 or more.

    Raises
    ------
    InputError
        If kappa is negative or the symmetric equilibrium does not exist.
    """
    require(kappa >= 0, f"kappa = {kappa:g}", "expected 0 or more")
    symmetric(contest)
    own = float(reaction_slope(contest.firms, contest.decisiveness, contest.elasticity))
    crossed, curved = _second_derivatives(contest)
    return Reactions(((contest.firms - 1) * crossed + kappa) / (curved + kappa), own)


def unexplained(contest: Contest, slope: float) -> float:
    """Return the kappa of smooth regret that an upward slope would require; 0 where the contest explains it.

    Raises
    ------
    InputError
        If the slope is 1 or more: no regret leads to it.
    """
    require(slope < 1, f"slope = {slope:g}", "expected below 1, for regret alone never makes up a lead")
    symmetric(contest)
    crossed, curved = _second_derivatives(contest)
    return max((slope * curved - (contest.firms - 1) * crossed) / (1 - slope), 0.0)


def linear(contest: Contest, kappa: float) -> Interval:
    """Return the interval of symmetric equilibria under linear regret.

    Parameters
    ----------
    contest
        With a symmetric equilibrium.
    kappa
        Money for each unit of capacity behind, 0 or more.

    Raises
    ------
    InputError
        If kappa is negative or the symmetric equilibrium does not exist.
    """
    require(kappa >= 0, f"kappa = {kappa:g}", "expected 0 or more")
    low = symmetric(contest).capacity["equilibrium"]
    assert low is not None
    left = contest.cost - kappa
    high = low * (contest.cost / left) ** (1 / (1 - contest.elasticity)) if left > 0 else np.inf
    return Interval(float(low), float(high))


def _second_derivatives(contest: Contest) -> tuple[float, float]:
    """Return Pi_ij and -Pi_ii at the symmetric equilibrium, in money a squared unit of capacity."""
    n, r, eta = contest.firms, contest.decisiveness, contest.elasticity
    level = contest.capacity(float(dissipation(n, r, eta)))
    scale = contest.value * level**eta / (n * level**2)
    return scale * float(interaction(n, r, eta)), scale * float(curvature(n, r, eta))
