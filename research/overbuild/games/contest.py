r"""The investment contest among equal firms, in closed form, against its three benchmarks.

Each of N firms builds capacity k_i at a cost c a unit and takes a share of a prize that grows with industry
capacity K = sum_j k_j,

    Pi_i = k_i^r / sum_j k_j^r  V(K) - c k_i,    V(K) = V_0 K^eta,    0 <= eta < 1,

with decisiveness r > 0: how far a lead in capacity carries into a lead in revenue (r = 1: shares of revenue
are shares of capacity, so that all face one price V/K). Demand for capacity then has the elasticity
1/(1 - eta). In the symmetric equilibrium the first-order condition is

    c K = D V(K),    D = [r (N - 1) + eta] / N   (dissipation: the part of the prize that is spent).

Benchmarks: joint profit, c K = eta V; break-even, c K = V; a planner who counts users' surplus and takes the
share sigma of the prize for a pure transfer, c K = (1 - sigma) V. For each, c K = m V gives K = (m V_0 /
c)^(1/(1 - eta)), and equilibrium over benchmark is (D/m)^(1/(1 - eta)). Hence more than joint profit is built
iff r > eta, whatever N; and with sigma = 0 never more than the planner's capacity, for D <= 1 wherever firms
take part.

Existence. Firms take part iff D <= 1, r <= (N - eta)/(N - 1). There the second-order condition holds: with
-Pi_ii = V / (N^3 k^2) A, A = r (N - 1)(N - r (N - 2) - 2 eta) + eta (1 - eta) is concave in r, eta (1 - eta)
at r = 0 and (1 - eta)(N (N - eta)/(N - 1) + eta) > 0 at the bound, hence positive between. Beyond the bound
every firm loses, would rather build nothing, and the symmetric pure equilibrium does not exist. At the bound
staying out gives the same nothing.

Participation is not enough, however. Where r < eta the firms together build less than one would alone, and
with a prize that hardly tires one firm may gain by building many times what its rivals have. On a grid of N
from 2 to 50 and of r up to the bound no deviation gains for eta <= 0.9, nor for r >= eta at any eta; at eta =
0.95 and N = 5 one does for r from 0.10 to 0.75. `SAFE_ELASTICITY` is that 0.9; above it `symmetric` looks for
such a deviation and refuses where there is one. This is checked (``tests/games/test_contest.py``) and not
proved.

Reactions. With Pi_ij = V / (N^3 k^2) B, B = (N - 2) r (eta - r) - eta (1 - eta), a rise of every rival's
capacity by one moves the own best reply by (N - 1) B / A. So r >= eta implies a slope of at most 0, and 0
only for N = 2, eta = 0; replies rise iff (N - 2) r (eta - r) > eta (1 - eta).

Tullock (1980) for eta = 0; Perez-Castrillo and Verdier (1992), Public Choice 73(3), for participation there.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overbuild.errors import InputError

type Array = NDArray[np.float64]

SAFE_ELASTICITY = 0.9
"""Up to here no deviation from the symmetric point gains, at any decisiveness at which firms take part."""
LEAST_GAIN = 1e-6
"""Part of the prize that a deviation must bring to count as one."""
NO_RATIO = (
    "At an elasticity of 0 the prize does not grow with capacity: joint profit is largest with next to none, "
    "and what users gain has no end, so that ratios and tax have no benchmark."
)


def dissipation(firms: ArrayLike, decisiveness: ArrayLike, elasticity: ArrayLike) -> Array:
    """Return D = c K / V, the part of the prize that is spent on capacity in the symmetric equilibrium."""
    n, r, eta = _arrays(firms, decisiveness, elasticity)
    return (r * (n - 1) + eta) / n


def most_decisive(firms: ArrayLike, elasticity: ArrayLike) -> Array:
    """Return the largest decisiveness at which firms take part, (N - eta)/(N - 1)."""
    n, eta = _arrays(firms, elasticity)
    return (n - eta) / (n - 1)


def takes_part(firms: ArrayLike, decisiveness: ArrayLike, elasticity: ArrayLike) -> NDArray[np.bool_]:
    """Return whether the symmetric pure equilibrium exists, up to rounding."""
    return np.asarray(dissipation(firms, decisiveness, elasticity) <= 1 + 1e-12)


def over(benchmark: ArrayLike, firms: ArrayLike, decisiveness: ArrayLike, elasticity: ArrayLike) -> Array:
    """Return equilibrium capacity over that of a benchmark at which c K = ``benchmark`` V; 0 < eta < 1."""
    spent, (m, eta) = dissipation(firms, decisiveness, elasticity), _arrays(benchmark, elasticity)
    return (spent / m) ** (1 / (1 - eta))


def rivalry_ratio(firms: ArrayLike, decisiveness: ArrayLike, elasticity: ArrayLike) -> Array:
    """Return equilibrium capacity over that of joint profit, 0 < eta < 1."""
    return over(elasticity, firms, decisiveness, elasticity)


def break_even_ratio(firms: ArrayLike, decisiveness: ArrayLike, elasticity: ArrayLike) -> Array:
    """Return equilibrium capacity over that at which the prize is spent whole, 0 < eta < 1."""
    return over(1.0, firms, decisiveness, elasticity)


def overbuild_ratio(
    firms: ArrayLike, decisiveness: ArrayLike, elasticity: ArrayLike, transfer_share: ArrayLike
) -> Array:
    """Return equilibrium capacity over the planner's, 0 < eta < 1 and 0 <= sigma < 1."""
    return over(1 - np.asarray(transfer_share, dtype=float), firms, decisiveness, elasticity)


def corrective_tax(firms: ArrayLike, decisiveness: ArrayLike, elasticity: ArrayLike) -> Array:
    """Return the tax on capacity, a fraction of its cost, that leads to joint profit: D/eta - 1."""
    return dissipation(firms, decisiveness, elasticity) / np.asarray(elasticity, dtype=float) - 1


def curvature(firms: ArrayLike, decisiveness: ArrayLike, elasticity: ArrayLike) -> Array:
    """Return A, the second derivative of the own pay-off in own capacity, in units of -V / (N^3 k^2)."""
    n, r, eta = _arrays(firms, decisiveness, elasticity)
    return r * (n - 1) * (n - r * (n - 2) - 2 * eta) + eta * (1 - eta)


def interaction(firms: ArrayLike, decisiveness: ArrayLike, elasticity: ArrayLike) -> Array:
    """Return B, the cross derivative in own and one rival's capacity, in units of V / (N^3 k^2)."""
    n, r, eta = _arrays(firms, decisiveness, elasticity)
    return (n - 2) * r * (eta - r) - eta * (1 - eta)


def reaction_slope(firms: ArrayLike, decisiveness: ArrayLike, elasticity: ArrayLike) -> Array:
    """Return the change of the best reply when every rival adds one unit, at the symmetric equilibrium."""
    rivals = np.asarray(firms, dtype=float) - 1
    crossed = interaction(firms, decisiveness, elasticity)
    return rivals * crossed / curvature(firms, decisiveness, elasticity)


@dataclass(frozen=True)
class Contest:
    """A contest among equal firms.

    Attributes
    ----------
    firms
        N, two or more.
    decisiveness
        r > 0.
    elasticity
        eta in [0, 1): of the prize with respect to industry capacity.
    transfer_share
        sigma in [0, 1): share of the prize that is taken from others and is no gain to society.
    cost, value
        c > 0, money a unit of capacity; V_0 > 0, the prize at a capacity of one.

    Raises
    ------
    InputError
        If a number is outside its range; the message gives the range.
    """

    firms: int
    decisiveness: float
    elasticity: float
    transfer_share: float = 0.0
    cost: float = 1.0
    value: float = 1.0

    def __post_init__(self) -> None:
        n, eta, sigma = self.firms, self.elasticity, self.transfer_share
        require(n >= 2 and n == int(n), f"firms = {n:g}", "a contest takes a whole number of 2 or more")
        for name, number in (("decisiveness", self.decisiveness), ("cost", self.cost), ("value", self.value)):
            require(np.isfinite(number) and number > 0, f"{name} = {number:g}", "expected a number above 0")
        require(
            0 <= eta < 1,
            f"elasticity = {eta:g}",
            "expected 0 or more and below 1 (at 1 and above, capacity without end would pay for itself; at 0 "
            "dissipation and slope are given, ratios are not)",
        )
        require(0 <= sigma < 1, f"transfer_share = {sigma:g}", "expected 0 or more and below 1")

    @property
    def most_decisive(self) -> float:
        """Largest decisiveness at which firms take part."""
        return float(most_decisive(self.firms, self.elasticity))

    def capacity(self, spent: float) -> float:
        """Return the industry capacity at which the part ``spent`` of the prize is spent, or inf."""
        with np.errstate(over="ignore"):
            return float(np.exp(np.log(spent * self.value / self.cost) / (1 - self.elasticity)))

    def payoff(self, own: ArrayLike, rival: float) -> Array:
        """Return one firm's pay-off at its capacity, when each rival has ``rival`` > 0."""
        own = np.asarray(own, dtype=float)
        others, r = self.firms - 1, self.decisiveness
        share = own**r / (own**r + others * rival**r)
        return share * self.value * (own + others * rival) ** self.elasticity - self.cost * own

    def deviation(self) -> tuple[float, float]:
        """Return what the best deviation from the symmetric point gains, and its size in rivals' capacities.

        The gain is a part of the prize; rounding makes it a number just below 0 where the point is best.
        """
        level = self.capacity(float(dissipation(self.firms, self.decisiveness, self.elasticity))) / self.firms
        multiple = np.concatenate([[0.0], np.geomspace(1e-9, 0.1, 200), np.geomspace(0.1, 1e8, 4000)])
        gain = self.payoff(multiple * level, level) - self.payoff(level, level)
        best = int(np.argmax(gain))
        return float(gain[best] / self.value / (self.firms * level) ** self.elasticity), float(multiple[best])


@dataclass(frozen=True)
class Outcome:
    """The symmetric equilibrium beside its benchmarks; None where eta = 0 leaves no benchmark.

    Attributes
    ----------
    contest
        What was solved.
    capacity
        Industry capacity: ``equilibrium, joint_profit, break_even, planner``.
    rivalry_ratio, break_even_ratio, overbuild_ratio
        Equilibrium over joint profit, over break-even, over the planner.
    dissipation
        Part of the prize that is spent.
    reaction_slope
        Change of the best reply when every rival adds one.
    corrective_tax, planner_tax
        Tax on capacity, a fraction of its cost, that leads to joint profit and to the planner's capacity (a
        subsidy where below 0).
    """

    contest: Contest
    capacity: dict[str, float | None]
    rivalry_ratio: float | None
    break_even_ratio: float | None
    overbuild_ratio: float | None
    dissipation: float
    reaction_slope: float
    corrective_tax: float | None
    planner_tax: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, as ``overbuild contest --json`` prints them."""
        found = {k: v for k, v in asdict(self).items() if k != "contest"}
        return {
            **asdict(self.contest),
            **found,
            "participation": True,
            "most_decisive": self.contest.most_decisive,
            "note": NO_RATIO if self.rivalry_ratio is None else "",
        }

    def sentence(self) -> str:
        """Say what is built, against which benchmark, and how firms react."""
        c = self.contest
        spent = (
            f"{c.firms} firms, decisiveness {c.decisiveness:g}, elasticity {c.elasticity:g}: "
            f"{self.dissipation:.2f} of the prize is spent on capacity"
        )
        moves = f"if every rival adds one unit, a firm's best reply moves by {self.reaction_slope:+.2f}"
        if self.rivalry_ratio is None or self.corrective_tax is None:
            return f"{spent}; {moves}. {NO_RATIO}"
        return (
            f"{spent}. Capacity is {self.rivalry_ratio:.2f} times that of joint profit (to which a "
            f"{'tax' if self.corrective_tax >= 0 else 'subsidy'} of {abs(self.corrective_tax):.0%} of its "
            f"cost would lead), {self.break_even_ratio:.2f} times that of break-even and "
            f"{self.overbuild_ratio:.2f} times a planner's who holds {c.transfer_share:.0%} of the prize "
            f"for a transfer; {moves}. Firms take part up to a decisiveness of {c.most_decisive:.3f}."
        )


def symmetric(contest: Contest) -> Outcome:
    """Return the symmetric pure equilibrium.

    Raises
    ------
    InputError
        If firms would not take part, or one would gain by building far more than the others, so that it does
        not exist; the message gives the admissible range. If a capacity or a ratio is beyond what a number
        holds.
    """
    n, r, eta, sigma = contest.firms, contest.decisiveness, contest.elasticity, contest.transfer_share
    require(
        bool(takes_part(n, r, eta)),
        f"decisiveness = {r:g} with {n} firms and an elasticity of {eta:g}",
        "more than the prize would be spent and no firm would take part, so that the symmetric pure "
        f"equilibrium does not exist; it does above 0 and up to {contest.most_decisive:.4g}",
    )
    spent = float(dissipation(n, r, eta))
    known = eta > 0
    benchmarks = {"joint_profit": eta, "break_even": 1.0, "planner": 1 - sigma}
    at = {"equilibrium": contest.capacity(spent)}
    ratios: dict[str, float | None] = dict.fromkeys(benchmarks)
    if known:
        at |= {name: contest.capacity(m) for name, m in benchmarks.items()}
        with np.errstate(over="ignore"):
            ratios |= {name: float(over(m, n, r, eta)) for name, m in benchmarks.items()}
    require(
        bool(np.isfinite([*at.values(), *(v for v in ratios.values() if v is not None)]).all())
        and at["equilibrium"] > 0,
        f"cost = {contest.cost:g}, value = {contest.value:g}, elasticity = {eta:g}",
        "a capacity or a ratio is beyond what a number holds; choose other units, or an elasticity "
        "further from 0 and 1",
    )
    if eta > SAFE_ELASTICITY:
        gain, multiple = contest.deviation()
        require(
            gain <= LEAST_GAIN,
            f"decisiveness = {r:g} with {n} firms and an elasticity of {eta:g}",
            f"a firm would gain by building {multiple:.3g} times what each rival has, so that the "
            "symmetric pure equilibrium does not exist; it does with an elasticity up to "
            f"{SAFE_ELASTICITY:g}, or with a decisiveness from {eta:g} to {contest.most_decisive:.4g}",
        )
    return Outcome(
        contest=contest,
        capacity={
            "equilibrium": at["equilibrium"],
            "joint_profit": at.get("joint_profit"),
            "break_even": contest.capacity(1.0),
            "planner": at.get("planner"),
        },
        rivalry_ratio=ratios["joint_profit"],
        break_even_ratio=ratios["break_even"],
        overbuild_ratio=ratios["planner"],
        dissipation=spent,
        reaction_slope=float(reaction_slope(n, r, eta)),
        corrective_tax=spent / eta - 1 if known else None,
        planner_tax=spent / (1 - sigma) - 1 if known else None,
    )


def require(fits: bool, value: str, expected: str) -> None:
    """Refuse a value with one sentence."""
    if not fits:
        raise InputError(f"{value}: {expected}.")


def _arrays(*values: ArrayLike) -> tuple[Array, ...]:
    return tuple(np.asarray(v, dtype=float) for v in values)
