"""The specification of the inside view: what may be varied and is not a draw."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from overbuild.core.periods import frequency_of
from overbuild.errors import InputError

NAME = "simulation"
POSITIVE = ("life_scale", "ceiling_scale", "demand_scale")
SCALES = ("life_scale", "gamma_scale", "feedback", "ceiling_scale", "demand_scale", "monetisation_scale")


@dataclass(frozen=True)
class InsideView:
    """One reading of the recursion.

    Attributes
    ----------
    horizons
        Quarters by whose end events are judged and the cohort is valued, in order.
    continued
        Years after the last horizon over which capital still earns.
    discount_rate
        w of O1's present values, a year; None: each draw's own cost of capital.
    cost_of_capital
        Rate that capital must earn in each draw; None: drawn.
    life_scale, gamma_scale, ceiling_scale, demand_scale, monetisation_scale
        Factors on median lives, on gamma (price by use), on the ceiling of demand, on the pace of demand and
        on the cash that a dollar of served value brings in the long run.
    feedback
        Factor on every slope by which use, cover and price move hazard, bust and growth; 0 is one-way.
    ratio
        Whether building is drawn to the games' ratio times what demand requires; else to what it requires,
        the primary view. The games' ratio is against another benchmark: equilibrium capacity over that of a
        planner who counts users' surplus by some weight, while what demand requires here is capacity at
        which price is long-run cost, the break-even stock. Multiplied onto this it would move building by
        the difference of the two benchmarks, and its bounds would bind in most draws. A variant shows it.
    clearing
        Whether the price at full use rises until demand is what there is; else it stays, the rest unserved.
    whole_curve
        Whether all that moves demand's index moves spending on capacity by the same power, the ceiling and
        deviations too; else only growth is scaled.
    contracts
        Whether capacity under contract keeps its price until renewal; else all is sold at the day's price.
    deflator
        Log rise a year of prices at large, for what is stated in real terms.
    noise
        Whether regimes, growth and demand are drawn; False leaves drift alone (for tests of closed forms).
    """

    horizons: tuple[str, ...] = ("2027Q4", "2028Q4", "2030Q4")
    continued: int = 20
    discount_rate: float | None = 0.10
    cost_of_capital: float | None = None
    life_scale: float = 1.0
    gamma_scale: float = 1.0
    feedback: float = 1.0
    ceiling_scale: float = 1.0
    demand_scale: float = 1.0
    monetisation_scale: float = 1.0
    ratio: bool = False
    clearing: bool = True
    whole_curve: bool = True
    contracts: bool = True
    deflator: float = 0.02
    noise: bool = True

    def __post_init__(self) -> None:
        wrong = [h for h in self.horizons if frequency_of(h) != "Q"]
        if not self.horizons or wrong:
            raise InputError(f"Horizons {self.horizons} cannot be used; expected quarters, such as 2028Q4.")
        for name in SCALES:
            value = getattr(self, name)
            if not 0 <= value < 100 or (name in POSITIVE and value <= 0):
                raise InputError(f"{name} {value:g} cannot be used; expected a factor such as 1.")
        for name in ("discount_rate", "cost_of_capital"):
            value = getattr(self, name)
            if value is not None and not 0 < value < 1:
                raise InputError(f"{name} {value:g} cannot be used; expected a fraction a year, such as 0.1.")
        if self.continued < 0:
            raise InputError(f"{self.continued} years after the horizon cannot be used; expected 0 or more.")

    def one_way(self) -> Self:
        """Return the same view with the feedback from use, cover and price switched off."""
        return replace(self, feedback=0.0)
