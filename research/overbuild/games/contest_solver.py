r"""The investment contest among unequal firms: Newton's method on log first-order conditions.

Firm i pays c_i a unit, turns capacity into a claim a_i k_i^r on the prize V(K) = V_0 K^eta, and can pay for
at most L_i of capacity,

    Pi_i = s_i V(K) - c_i k_i,   s_i = a_i k_i^r / sum_j a_j k_j^r,   0 <= k_i <= L_i.

With z_i = ln k_i the condition of a firm that is free is

    F_i(z) = ln V + ln s_i + ln B_i - ln c_i = 0,   B_i = r (1 - s_i) / k_i + eta / K.

Newton's steps are cut to `LARGEST_STEP` and halved until the residual falls; undamped best replies diverge
already at N = 5, r = 1, eta = 0.5, where their slope is below -1. Firms whose limit binds stand at it; mu_i,
marginal revenue over cost less one, is what another unit of money would earn them beyond itself, and they
react to nothing. For r >= 1 a costly firm may stay out; for r < 1 none does, but one with less than 1e-9 of
the industry's capacity is counted as out.

The first-order conditions are necessary only, and where firms differ much and the prize hardly tires (eta
near 0.8 and above) often no equilibrium in pure strategies is found, for there need not be one. Every firm's
best reply among all capacities is therefore searched; a point at which one would gain is returned as not
being an equilibrium. Where there are several equilibria one is returned and the others are not looked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.games.contest import require

type Array = NDArray[np.float64]
type Mask = NDArray[np.bool_]

TOLERANCE = 1e-10
"""Largest log first-order condition at which Newton's method has converged."""
LARGEST_STEP = 1.0
MOST_STEPS, MOST_SETS, MOST_HALVINGS = 300, 50, 30
GAIN = 1e-7
"""Part of the prize that a deviation must bring to overturn an equilibrium."""
NOTHING = 1e-9
"""Share of industry capacity below which a firm is taken for one that stays out."""
LARGEST_LOG = 600.0
"""Of a capacity, or of the claim k^r that it makes."""
ROUNDS, SETTLED = 60, 1e-4
"""Most rounds of replies in turn; change in one, of industry capacity, at which they have settled."""


@dataclass(frozen=True, eq=False)
class Firms:
    """A contest among unequal firms.

    Attributes
    ----------
    cost, weight, limit
        c_i > 0, money a unit of capacity; a_i > 0; L_i > 0, inf where none. Each of shape (firm,).
    decisiveness, elasticity, value
        r > 0, eta in [0, 1), V_0 > 0.
    names
        Of the firms.

    Raises
    ------
    InputError
        If a number is outside its range or the lists are not of one length.
    """

    cost: Array
    weight: Array
    limit: Array
    decisiveness: float
    elasticity: float
    value: float = 1.0
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        n = np.size(self.cost)
        names = self.names or tuple(f"firm {i + 1}" for i in range(n))
        require(n >= 2, f"{n} firms", "a contest takes 2 or more")
        require(len(names) == n, f"{len(names)} names for {n} firms", "expected one each")
        for what in ("cost", "weight", "limit"):
            values = np.array(getattr(self, what), dtype=float)
            require(values.shape == (n,), f"{what} of {values.size} firms", f"expected {n}, one each")
            wrong = ~(values > 0) | (np.isinf(values) & (what != "limit"))
            at = int(np.argmax(wrong))
            require(not wrong.any(), f"{what} of {names[at]} = {values[at]:g}", "expected a number above 0")
            object.__setattr__(self, what, values)
        for what in ("decisiveness", "value"):
            number = getattr(self, what)
            require(np.isfinite(number) and number > 0, f"{what} = {number:g}", "expected a number above 0")
        require(
            0 <= self.elasticity < 1, f"elasticity = {self.elasticity:g}", "expected 0 or more and below 1"
        )
        object.__setattr__(self, "names", names)

    def payoffs(self, own: Array, firm: int, capacity: Array) -> Array:
        """Return a firm's pay-off at each of its capacities ``own``, the others' as given."""
        r = self.decisiveness
        others = np.delete(np.arange(capacity.size), firm)
        claim = self.weight[firm] * own**r
        rest = float(self.weight[others] @ capacity[others] ** r)
        total = own + capacity[others].sum()
        share = np.divide(claim, claim + rest, out=np.zeros_like(claim), where=claim > 0)
        prize = self.value * np.where(total > 0, total, 1.0) ** self.elasticity * (total > 0)
        return share * prize - self.cost[firm] * own

    def best_reply(self, firm: int, capacity: Array) -> tuple[float, float]:
        """Return a firm's best capacity among all and its pay-off, the others' capacities as given."""
        others = float(np.delete(capacity, firm).sum())
        highest = min(float(self.limit[firm]), self._losing(firm, others))
        grid = np.unique(
            np.concatenate(
                [[0.0], np.geomspace(highest * 1e-10, highest, 1500), np.linspace(0.0, highest, 500)[1:]]
            )
        )
        for _ in range(5):
            values = self.payoffs(grid, firm, capacity)
            best = int(np.argmax(values))
            below, above = grid[max(best - 1, 0)], grid[min(best + 1, grid.size - 1)]
            grid = np.unique(np.concatenate([np.linspace(below, above, 41), [grid[best]]]))
        values = self.payoffs(grid, firm, capacity)
        best = int(np.argmax(values))
        return float(grid[best]), float(values[best])

    def _losing(self, firm: int, others: float) -> float:
        """Return a capacity from which on even the whole prize would not pay for it.

        With k = f m, m the larger of break-even alone and of the others, V/(c k) <= (1 + 1/f)^eta
        f^(eta - 1), which is below 1 for f = 2/(1 - eta).
        """
        with np.errstate(over="ignore"):
            alone = (self.value / self.cost[firm]) ** (1 / (1 - self.elasticity))
        return 2 / (1 - self.elasticity) * max(float(alone), others)


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """What was found; an equilibrium only where ``found``.

    Attributes
    ----------
    firms
        The game.
    capacity, share, profit
        Shape (firm,).
    shadow_price
        mu_i, what one more unit of money would earn beyond itself; 0 where the limit does not bind.
    reaction
        Change of the best reply when every rival that is in adds one unit, for small units; 0 where the limit
        binds and for a firm that stays out.
    binding, out
        Which limits bind, which firms stay out.
    residual
        Largest log first-order condition of the free firms.
    gain
        What the best deviation of any firm would bring, as a part of the prize.
    converged, found
        Whether the first-order conditions hold; whether they do and no firm gains by deviating.
    message
        Why not, empty where found.
    """

    firms: Firms
    capacity: Array
    share: Array
    profit: Array
    shadow_price: Array
    reaction: Array
    binding: Mask
    out: Mask
    residual: float
    gain: float
    converged: bool
    found: bool
    message: str

    @property
    def dissipation(self) -> float:
        """Part of the prize that is spent."""
        prize = self.firms.value * self.capacity.sum() ** self.firms.elasticity
        return float(self.firms.cost @ self.capacity / prize)

    def to_dict(self) -> dict[str, Any]:
        """Return plain types; no capacities where no equilibrium was found."""
        head = {"converged": self.converged, "equilibrium": self.found, "residual": self.residual}
        if not self.found:
            return {**head, "message": self.message, "firms": []}
        columns = {
            "firm": self.firms.names,
            "capacity": self.capacity.tolist(),
            "share": self.share.tolist(),
            "profit": self.profit.tolist(),
            "shadow_price": self.shadow_price.tolist(),
            "reaction_slope": self.reaction.tolist(),
            "limit_binds": self.binding.tolist(),
            "stays_out": self.out.tolist(),
        }
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        total = float(self.capacity.sum())
        return {**head, "message": "", "capacity": total, "dissipation": self.dissipation, "firms": rows}


def solve(firms: Firms, start: Array | None = None) -> Equilibrium:
    """Return an equilibrium, or say that none was found.

    Parameters
    ----------
    firms
        The game.
    start
        Capacities to start from, above 0; None: as if all were equal. Where Newton's method fails from there,
        it starts again from where replies in turn lead; for r >= 1 then with firms left out, those of the
        highest c_i / a_i^(1/r) first.

    Raises
    ------
    InputError
        If capacities, or claims on the prize, are beyond what a number holds.
    """
    n, r = firms.cost.size, firms.decisiveness
    _require_numbers(firms)
    begin = _start(firms) if start is None else np.asarray(start, dtype=float)
    first = _from(firms, begin, np.zeros(n, dtype=bool))
    if first.found:
        return first
    settled = _in_turn(firms, np.minimum(begin, firms.limit))
    found = _from(firms, np.where(settled > 0, settled, _start(firms)), settled == 0)
    if found.found or r < 1:
        return found if found.found else first
    weakest = np.argsort(-firms.cost / firms.weight ** (1 / r), kind="stable")
    for left_out in range(n):
        found = _from(firms, _start(firms), np.isin(np.arange(n), weakest[:left_out]))
        if found.found:
            return found
    return first


def _require_numbers(firms: Firms) -> None:
    """Refuse a contest whose capacities or claims leave the range of numbers: known before it is solved.

    No firm builds more than what even the whole prize would not pay for, nor than its limit; all start where
    equal firms would be.
    """
    eta, n = firms.elasticity, firms.cost.size
    limit = np.log(firms.limit)
    alone = np.log(firms.value / firms.cost) / (1 - eta) + np.log(2 / (1 - eta))
    spent = min((firms.decisiveness * (n - 1) + eta) / n, 1.0)
    begin = np.log(spent * firms.value / np.mean(firms.cost)) / (1 - eta) - np.log(n)
    largest = float(np.minimum(limit, alone).max())
    least = float(np.minimum(limit, begin).min())
    most = LARGEST_LOG / max(firms.decisiveness, 1.0)
    require(
        -most <= least and largest <= most,
        f"cost = {firms.cost.min():g} to {firms.cost.max():g}, value = {firms.value:g}, "
        f"elasticity = {eta:g}, decisiveness = {firms.decisiveness:g}",
        "a capacity or a claim is beyond what a number holds; choose other units, firms that differ less, or "
        "an elasticity further from 1",
    )


def _in_turn(firms: Firms, start: Array) -> Array:
    """Return capacities after rounds in which firms reply one after the other."""
    k = start.copy()
    for _ in range(ROUNDS):
        before = k.copy()
        for i in range(k.size):
            k[i] = firms.best_reply(i, k)[0]
        if np.abs(k - before).max() <= SETTLED * k.sum():
            break
    return k


def _from(firms: Firms, start: Array, out: Mask) -> Equilibrium:
    """Return what Newton's method leads to when some firms are out at first."""
    z = np.log(start)
    bound = np.zeros_like(out)
    residual, settled = np.inf, False
    for _ in range(MOST_SETS):
        z = np.where(bound, np.log(firms.limit), z)
        z, residual = _newton(firms, z, ~(out | bound), ~out)
        changed_out, changed_bound = _sets(firms, z, out, bound)
        settled = bool((changed_out == out).all() and (changed_bound == bound).all())
        if settled:
            break
        z = np.where(out & ~changed_out, np.log(_start(firms) / 10), z)
        out, bound = changed_out, changed_bound
    capacity = np.where(out, 0.0, np.exp(z))
    return _checked(firms, capacity, out, bound, residual, settled and residual <= TOLERANCE)


def undamped(firms: Firms, start: Array, rounds: int) -> Array:
    """Return capacities after rounds of simultaneous best replies: shape (round + 1, firm)."""
    path = [np.asarray(start, dtype=float)]
    for _ in range(rounds):
        path.append(np.array([firms.best_reply(i, path[-1])[0] for i in range(firms.cost.size)]))
    return np.array(path)


def _start(firms: Firms) -> Array:
    n, r, eta = firms.cost.size, firms.decisiveness, firms.elasticity
    spent = min((r * (n - 1) + eta) / n, 1.0)
    with np.errstate(over="ignore"):
        total = (spent * firms.value / np.mean(firms.cost)) ** (1 / (1 - eta))
    return np.minimum(np.full(n, total / n), firms.limit)


def _parts(firms: Firms, z: Array, inside: Mask) -> tuple[Array, Array, Array, Array]:
    """Return capacity, share, weight in industry capacity, and log marginal revenue, of firms inside."""
    r, eta = firms.decisiveness, firms.elasticity
    k = np.where(inside, np.exp(z), 0.0)
    logs = np.where(inside, np.log(firms.weight) + r * z, -np.inf)
    top = logs.max()
    share = np.exp(logs - top) / np.exp(logs - top).sum()
    total = k.sum()
    rest = 1 - share
    marginal = np.where(inside, r * rest / np.where(inside, k, 1.0) + eta / total, 1.0)
    log_share = np.where(inside, logs - top - np.log(np.exp(logs - top).sum()), 0.0)
    with np.errstate(divide="ignore"):
        gradient = np.log(firms.value) + eta * np.log(total) + log_share + np.log(marginal)
    return k, share, k / total, gradient


def _jacobian(firms: Firms, z: Array, inside: Mask) -> Array:
    """Return the derivatives of the log marginal revenues in the log capacities."""
    r, eta = firms.decisiveness, firms.elasticity
    k, s, w, _ = _parts(firms, z, inside)
    safe = np.where(inside, k, 1.0)
    per_unit = r * (1 - s) / safe + eta / k.sum()
    own = np.eye(k.size)
    pull = own - s[None, :]
    curved = -r * (s / safe)[:, None] * r * pull - own * (r * (1 - s) / safe)[:, None] - eta / k.sum() * w
    return eta * w[None, :] + r * pull + curved / per_unit[:, None]


def _newton(firms: Firms, z: Array, free: Mask, inside: Mask) -> tuple[Array, float]:
    """Return log capacities at which the free firms' conditions hold, and what is left of them."""
    if not free.any():
        return z, 0.0
    target = np.log(firms.cost)

    def left(at: Array) -> Array:
        return np.where(free, _parts(firms, at, inside)[3] - target, 0.0)

    now = left(z)
    for _ in range(MOST_STEPS):
        size = float(np.abs(now).max())
        if not np.isfinite(size) or size <= TOLERANCE / 10:
            break
        block = _jacobian(firms, z, inside)[np.ix_(free, free)]
        step = np.zeros_like(z)
        step[free] = np.linalg.lstsq(block, -now[free], rcond=None)[0]
        step *= min(1.0, LARGEST_STEP / max(float(np.abs(step).max()), 1e-300))
        for _ in range(MOST_HALVINGS):
            tried = left(z + step)
            if np.linalg.norm(tried) < np.linalg.norm(now):
                break
            step /= 2
        else:
            break
        z, now = z + step, tried
        if (np.exp(z[free]) < NOTHING**2 * np.exp(z[inside]).sum()).any():
            break
    return z, float(np.abs(now).max())


def _sets(firms: Firms, z: Array, out: Mask, bound: Mask) -> tuple[Mask, Mask]:
    """Return which firms stay out and which limits bind, as the conditions at a point ask for."""
    k, _, _, gradient = _parts(firms, z, ~out)
    over = ~out & ~bound & (np.exp(z) > firms.limit * (1 + 1e-12))
    still = bound & (gradient >= np.log(firms.cost))
    leaving = ~out & ~bound & (k < NOTHING * k.sum())
    staying = out.copy()
    if firms.decisiveness == 1 and out.any():
        total, claims = k.sum(), float(firms.weight @ k)
        entering = firms.weight * firms.value * total**firms.elasticity / claims > firms.cost
        staying = out & ~entering
    return staying | leaving, over | still


def _checked(
    firms: Firms, capacity: Array, out: Mask, bound: Mask, residual: float, converged: bool
) -> Equilibrium:
    inside = ~out
    z = np.log(np.where(inside, capacity, 1.0))
    _, share, _, gradient = _parts(firms, z, inside)
    prize = firms.value * capacity.sum() ** firms.elasticity
    profit = share * prize - firms.cost * capacity
    best = np.array([firms.best_reply(i, capacity)[1] for i in range(capacity.size)])
    gain = float((best - profit).max() / prize)
    found = converged and gain <= GAIN
    message = ""
    if not converged:
        message = (
            f"The first-order conditions were not met (largest left: {residual:.2g} in logs): no equilibrium "
            "is returned. Try firms that differ less, or a lower elasticity or decisiveness."
        )
    elif not found:
        message = (
            f"The first-order conditions are met, but {firms.names[int(np.argmax(best - profit))]} would "
            f"gain {gain:.2g} of the prize by another capacity: none in pure strategies was found. Try a "
            "lower decisiveness, or fewer firms."
        )
    made = Equilibrium(
        firms=firms,
        capacity=capacity,
        share=np.where(inside, share, 0.0),
        profit=profit,
        shadow_price=np.where(bound, np.exp(gradient) / firms.cost - 1, 0.0),
        reaction=np.zeros_like(capacity),
        binding=bound,
        out=out,
        residual=residual,
        gain=gain,
        converged=converged,
        found=found,
        message=message,
    )
    return replace(made, reaction=_reactions(firms, capacity, out, bound)) if found else made


def _reactions(firms: Firms, capacity: Array, out: Mask, bound: Mask) -> Array:
    """Return - sum_j Pi_ij / Pi_ii over rivals that are in; Pi_ij = M_i J_ij / k_j, M_i marginal revenue."""
    inside = ~out
    safe = np.where(inside, capacity, 1.0)
    each = np.where(inside[None, :], _jacobian(firms, np.log(safe), inside) / safe, 0.0)
    own = np.diag(each)
    rivals = each.sum(axis=1) - own
    return np.where(inside & ~bound, -rivals / np.where(own != 0, own, 1.0), 0.0)
