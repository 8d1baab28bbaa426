r"""The coefficients by which the mechanisms differ, estimated together from the panel of firms.

.. math::

   y_{it} = m\, x_{it} + k\, x_{it} d_{it} + c \sum_j W_{ij} s_{j,t-1} + a\, |x_{it}|
            + \rho y_{i,t-1} + g s_{i,t-1} + h d_{it} + \text{effects} + e_{it}

x is rivals' weighted growth a quarter before, less its seasonal mean; d is 1 where the firm's capex of the
four quarters before exceeded its operating cash flow; s is a surprise in cash flow, which moves a rival's
capex and carries little news of demand for computing. m is the reaction to rivals, k its change where cash
is short, c the reaction to rivals' cash, and a half of what reactions to rises exceed reactions to cuts by.
The effects are those of time, which in made-up panels of this size with a lasting common shock and unequal
loadings have next to no bias and intervals that hold the truth as often as they say. One interactive factor,
whose standard errors are a fifth too small, and averages over firms, which use up a third of the data, stand
beside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from overbuild.games.reaction_estimators import cce_sweep, interactive_sweep
from overbuild.games.reaction_panel import ReactionPanel
from overbuild.games.reaction_sweeps import (
    Interval,
    Regression,
    cr2,
    interval_cr2,
    regress,
    two_way_effects,
)

type Array = NDArray[np.float64]

COEFFICIENTS = ("reaction", "strained", "rivals_cash", "asymmetric")
"""m, k, c and a, in this order everywhere."""
FEWEST_STRAINED = 8
"""Firm-quarters short of cash below which k is not estimated."""


@dataclass(frozen=True, eq=False)
class Coefficients:
    """Estimates with their joint variance.

    Attributes
    ----------
    names
        Which of `COEFFICIENTS` are estimated.
    value, variance
        Shapes (p,) and (p, p): clustered by time, CR2.
    df
        Least of Satterthwaite's degrees of freedom.
    strained
        Number of firm-quarters short of cash.
    """

    names: tuple[str, ...]
    value: Array
    variance: Array
    df: float
    strained: int


def short_of_cash(panel: ReactionPanel) -> Array:
    """Return 1 where capex exceeded operating cash flow over the four quarters before, else 0.

    Unknown counts as 0: it is Amazon in the two quarters before four of its gross capex are known, whose
    capex net of proceeds was far below its cash flow.
    """
    return (np.nan_to_num(panel.strain, nan=0.0) > 1).astype(np.float64)


def mechanism_regressors(panel: ReactionPanel) -> tuple[tuple[str, ...], Array]:
    """Return the names of the coefficients of interest, and all regressors with theirs first."""
    x, tight = panel.rivals, short_of_cash(panel)
    given = {
        "reaction": x,
        "strained": x * tight,
        "rivals_cash": panel.surprise @ panel.weights.T,
        "asymmetric": np.abs(x),
    }
    others = [panel.before, panel.surprise]
    if tight.sum() >= FEWEST_STRAINED:
        others.append(tight)
    else:
        del given["strained"]
    return tuple(given), np.stack([*given.values(), *others])


def by_averages(panel: ReactionPanel) -> Regression:
    """Regress with averages over firms taken out, a loading for each firm."""
    x = mechanism_regressors(panel)[1]
    return regress(panel.growth, x, cce_sweep(panel, x))


def by_factor(panel: ReactionPanel) -> Regression:
    """Regress with one interactive factor taken out."""
    x = mechanism_regressors(panel)[1]
    return regress(panel.growth, x, interactive_sweep(panel, x, 1))


def by_time_effects(panel: ReactionPanel) -> Regression:
    """Regress with time effects taken out."""
    sweep = two_way_effects(panel.season, panel.shape[1])
    return regress(panel.growth, mechanism_regressors(panel)[1], sweep)


BY: dict[str, Callable[[ReactionPanel], Regression]] = {
    "time effects": by_time_effects,
    "one factor": by_factor,
    "averages": by_averages,
}
"""Name of the effects to the regression; the first is the one that is read."""
FIRST = "time effects"


def coefficients(panel: ReactionPanel, by: str = FIRST) -> Coefficients:
    """Return the coefficients of interest with their joint variance."""
    names = mechanism_regressors(panel)[0]
    r = BY[by](panel)
    p = len(names)
    variance, df = cr2(r, range(p))
    return Coefficients(names, r.beta[:p], variance, float(df.min()), int(short_of_cash(panel).sum()))


def renters_difference(panel: ReactionPanel, renters: Array) -> Interval:
    """Return how much more firms that rent react than those that build; time effects, CR2.

    Parameters
    ----------
    renters
        Shape (N,): 1 for a renter.
    """
    x = panel.rivals
    regressors = np.stack([x * renters, x, panel.before, panel.surprise])
    return interval_cr2(regress(panel.growth, regressors, two_way_effects(panel.season, panel.shape[1])))


def strained_difference(panel: ReactionPanel, by: str = FIRST) -> Interval | None:
    """Return how much more a firm reacts when short of cash; None where too few ever were."""
    names = mechanism_regressors(panel)[0]
    if "strained" not in names:
        return None
    return interval_cr2(BY[by](panel), names.index("strained"))
