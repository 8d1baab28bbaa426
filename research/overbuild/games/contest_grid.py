r"""The exact posterior of the decisiveness of a contest: normal algebra within a grid of a few parameters.

Shares of the prize s_i proportional to a_i k_i^r make log revenue of firm i, less what is common to all
firms,

    ln rev_it = v_t + r m_i x_it(delta) + a_i + d_i t + b_i 1{t >= t_i} + g_i,q(t) + e_it,

with x_it the log of its capital at the start of the period, less that of the average firm and less its own
mean, a_i + d_i t its own claim and the trend of that, b_i a step where a segment was redefined, g the season,
and errors independent over firms and correlated over time, Cov(e_it, e_iu) = sd^2 rho^|t - u|, t in years.

What is observed is the capital of the whole firm. Where it moves against other firms' by one, the capital
that brings this revenue moves by m_i, the reliability. Errors of measurement proper would hold m_i below 1
and draw the slope towards 0; but what is counted too much here are whole businesses with movements of their
own, and a part of a firm may outgrow the rest: m_i may be above 1, and the bias has no known sign. Only r m_i
is in the likelihood: m_i has a prior, a wider one for firms whose capital is known to be mixed. It widens r,
and where its middle lies, there lies the level of r.

v_t has no prior: orthonormal differences between firms free the data of it and leave errors of the same
covariance. All terms but r are normal and are integrated out, so that the differences are

    y ~ N(r x(delta, m), sd^2 I (x) R(rho) + Z Omega Z').

r, delta, m, rho and sd are cut into cells, whose centres act: part of the model, so that prior, simulated
data and posterior agree to the last digit.

The prior of (r, eta) is a normal of r cut at 0 times a Beta of eta, both cut to where the symmetric
equilibrium exists: r <= (N - eta)/(N - 1) and eta <= 0.9 (`overbuild.games.contest.SAFE_ELASTICITY`). The
likelihood holds r alone; eta given r keeps its prior, and sigma is only its prior.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv
from scipy.stats import norm

from overbuild.games.contest import SAFE_ELASTICITY
from overbuild.games.contest_data import ContestData
from overbuild.models.clock_grid import Axis, beta_axis, lognormal_axis

type Array = NDArray[np.float64]

CELLS = (100, 7, 7, 6, 16)
"""Cells of r, of depreciation, of each reliability, of persistence and of the deviation."""
MOST_PERSISTENT = 0.98
"""Upper end of the correlation of errors a year apart."""
WHOLE = Axis(np.array([1 - 1e-9, 1.0]), np.array([1.0]), np.array([0.0, 1.0]))
"""The reliability of capital all of which brings the revenue, or moves as the part that does."""
LEAST_ELASTIC = 1e-9
"""Keeps ratios finite where firms take part only without expansion."""
SEASONS = 4


@dataclass(frozen=True, eq=False)
class Priors:
    """The prior, cut into cells, and the normal priors that are integrated.

    Attributes
    ----------
    contenders
        N.
    decisiveness, depreciation, persistence, deviation
        The axes of r, delta, rho and sd.
    reliability
        The axes of m of either group.
    elasticity, transfer_share
        Parameters of the Betas of eta, before it is cut, and of sigma.
    effect, redefinition, season, trend
        Standard deviations of a_i, of a step, of a season, and of a firm's log trend a year.
    """

    contenders: int
    decisiveness: Axis
    depreciation: Axis
    persistence: Axis
    deviation: Axis
    reliability: tuple[Axis, Axis]
    elasticity: tuple[float, float]
    transfer_share: tuple[float, float]
    effect: float
    redefinition: float
    season: float
    trend: float

    def most_elastic(self, decisiveness: Array) -> Array:
        """Return the largest eta at which firms take part, and at most `SAFE_ELASTICITY`."""
        n = self.contenders
        return np.clip(n - decisiveness * (n - 1), 0.0, SAFE_ELASTICITY)

    def chance_of_part(self, decisiveness: Array) -> Array:
        """Return the prior probability, before it is cut, of an eta at which firms take part."""
        return betainc(*self.elasticity, self.most_elastic(decisiveness))

    def draw_elasticity(self, decisiveness: Array, rng: np.random.Generator) -> Array:
        """Return draws of eta given r: its prior cut at the largest that r allows."""
        top = self.chance_of_part(decisiveness) * rng.random(np.shape(decisiveness))
        return np.maximum(betaincinv(*self.elasticity, top), LEAST_ELASTIC)


def priors_of(held: Mapping[str, Any], contenders: int) -> Priors:
    """Return the prior of `overbuild.games.contest_shares` for so many firms."""
    mean, spread, low, high = held["decisiveness"]
    a, b = held["elasticity"]
    edges = np.linspace(low, min(high, contenders / (contenders - 1)), CELLS[0] + 1)
    centres = (edges[1:] + edges[:-1]) / 2
    allowed = betainc(a, b, np.clip(contenders - centres * (contenders - 1), 0.0, SAFE_ELASTICITY))
    mass = np.diff(norm.cdf(edges, mean, spread)) * allowed
    below = np.concatenate([[0.0], np.cumsum(mass)]) / mass.sum()
    depreciation, deviation, persistence = (held[n] for n in ("depreciation", "deviation", "persistence"))
    return Priors(
        contenders=contenders,
        decisiveness=Axis(edges, centres, below),
        depreciation=lognormal_axis(depreciation[0], depreciation[1], CELLS[1]),
        persistence=beta_axis(persistence[0], persistence[1], CELLS[3], MOST_PERSISTENT),
        deviation=lognormal_axis(deviation[0], deviation[1], CELLS[4]),
        reliability=(_reliability(held["reliability"]), _reliability(held["reliability_mixed"])),
        elasticity=(a, b),
        transfer_share=tuple(held["transfer_share"]),
        effect=float(held["effect"]),
        redefinition=float(held["redefinition"]),
        season=float(held["season"]),
        trend=float(held["trend"]),
    )


def _reliability(prior: tuple[float, float]) -> Axis:
    return lognormal_axis(prior[0], prior[1], CELLS[2])


def only_a_part(held: Mapping[str, Any]) -> tuple[Axis, Axis]:
    """Return the axes of m if what brings the revenue can but move less than the firm's capital, m < 1."""
    (a, b), (c, d) = held["reliability_below_one"], held["reliability_mixed_below_one"]
    return beta_axis(a, b, CELLS[2], 1.0), beta_axis(c, d, CELLS[2], 1.0)


def design(data: ContestData, priors: Priors) -> tuple[Array, Array]:
    """Return Z, shape (contrast * period, term), and the standard deviations of the terms."""
    contrasts, periods = data.contrasts, len(data.periods)
    each, columns = np.eye(len(contrasts)), []
    spreads: list[float] = []

    def add(by_contrast: Array, by_period: Array, spread: float) -> None:
        columns.append(np.outer(by_contrast, by_period).ravel())
        spreads.append(spread)

    for row in each:
        add(row, np.ones(periods), priors.effect)
    for firm, first in data.redefined:
        add(contrasts[:, firm], (np.arange(periods) >= first).astype(float), priors.redefinition)
    if data.per_year == SEASONS:
        quarter = np.array([int(p[-1]) for p in data.periods])
        for row in each:
            for q in range(1, SEASONS + 1):
                add(row, (quarter == q).astype(float), priors.season)
    if data.trends:
        for row in each:
            add(row, data.years, priors.trend)
    return np.column_stack(columns), np.array(spreads)


def error_covariance(deviation: Any, persistence: Any, data: ContestData) -> Array:
    """Return sd^2 I (x) R(rho), for one or many pairs: shape (..., contrast * period, contrast * period)."""
    gaps = np.abs(data.years[:, None] - data.years)
    deviation, persistence = np.asarray(deviation)[..., None, None], np.asarray(persistence)[..., None, None]
    return np.kron(np.eye(len(data.firms) - 1), deviation**2 * persistence**gaps)


@dataclass(frozen=True, eq=False)
class Posterior:
    """The posterior on its cells.

    Attributes
    ----------
    axes
        ``decisiveness, depreciation, reliability_0`` (and ``_1`` where a firm is mixed), ``persistence,
        deviation``: name to axis, in the order of the cells.
    log_joint
        Log of prior probability times likelihood of each cell, one dimension an axis.
    """

    axes: dict[str, Axis]
    log_joint: Array

    @cached_property
    def log_evidence(self) -> float:
        """Log density of the differences."""
        most = self.log_joint.max()
        return float(most + np.log(np.exp(self.log_joint - most).sum()))

    @cached_property
    def mass(self) -> Array:
        """Posterior probability of each cell."""
        return np.exp(self.log_joint - self.log_evidence)

    @property
    def decisiveness(self) -> Array:
        """Posterior probability of the cells of r."""
        return self.mass.sum(axis=tuple(range(1, self.mass.ndim)))


def axes_of(data: ContestData, priors: Priors) -> dict[str, Axis]:
    """Return the axes of the cells, those of reliability for the groups that there are."""
    groups = range(max(data.groups) + 1)
    return {
        "decisiveness": priors.decisiveness,
        "depreciation": priors.depreciation,
        **{f"reliability_{g}": priors.reliability[g] for g in groups},
        "persistence": priors.persistence,
        "deviation": priors.deviation,
    }


def posterior(data: ContestData, priors: Priors) -> Posterior:
    """Return the posterior."""
    axes = axes_of(data, priors)
    sizes = [a.centres.size for a in axes.values()]
    y = data.contrasted(data.log_revenue)
    moved = list(axes)[1:-2]
    x = np.array([data.deviations(d, np.array(m)) for d, *m in product(*(axes[n].centres for n in moved))])
    rho, sd = np.array(list(product(axes["persistence"].centres, axes["deviation"].centres))).T
    z, spreads = design(data, priors)
    factor = np.linalg.cholesky(error_covariance(sd, rho, data) + (z * spreads**2) @ z.T)
    log_det = 2 * np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1)
    white = np.linalg.solve(factor, np.vstack([y, x]).T)
    of_y, of_x = white[:, :, 0], white[:, :, 1:]
    yy = np.einsum("ct,ct->c", of_y, of_y)
    xy = np.einsum("ctd,ct->dc", of_x, of_y)
    xx = np.einsum("ctd,ctd->dc", of_x, of_x)
    r = priors.decisiveness.centres[:, None, None]
    fit = -(y.size * np.log(2 * np.pi) + log_det + yy - 2 * r * xy + r**2 * xx) / 2
    return Posterior(axes, fit.reshape(sizes) + _log_prior(axes))


def draw(
    found: Posterior, data: ContestData, priors: Priors, size: int, rng: np.random.Generator
) -> dict[str, Array]:
    """Return independent draws of every parameter, and of the ``terms`` that `design` lists."""
    ends = np.cumsum(found.mass)
    flat = np.searchsorted(ends, rng.random(size) * ends[-1], side="right")
    cells = dict(zip(found.axes, np.unravel_index(flat, found.mass.shape), strict=True))
    centres = {n: found.axes[n].centres[at] for n, at in cells.items()}
    made = {n: found.axes[n].within(at, rng) for n, at in cells.items()}
    return {
        **_named(made),
        "elasticity": priors.draw_elasticity(made["decisiveness"], rng),
        "transfer_share": rng.beta(*priors.transfer_share, size=size),
        "terms": _terms(data, priors, centres, rng),
    }


def draw_prior(data: ContestData, priors: Priors, size: int, rng: np.random.Generator) -> dict[str, Array]:
    """Return draws from the prior."""
    made = {n: axis.draw(size, rng) for n, axis in axes_of(data, priors).items()}
    spreads = design(data, priors)[1]
    return {
        **_named(made),
        "elasticity": priors.draw_elasticity(made["decisiveness"], rng),
        "transfer_share": rng.beta(*priors.transfer_share, size=size),
        "terms": rng.standard_normal((size, spreads.size)) * spreads,
    }


def mean_and_covariance(
    truth: Mapping[str, Array], data: ContestData, priors: Priors
) -> tuple[Array, Array]:  # fmt: skip
    """Return the mean of the differences given one draw of everything, and the covariance of their errors."""

    def centre(axis: Axis, value: Any) -> Array:
        return axis.centres[axis.cell(np.asarray(value))]

    r, delta, rho, sd = (
        float(centre(getattr(priors, n), truth[n]))
        for n in ("decisiveness", "depreciation", "persistence", "deviation")
    )
    m = np.array([float(centre(priors.reliability[g], v)) for g, v in enumerate(truth["reliability"])])
    mean = r * data.deviations(delta, m) + design(data, priors)[0] @ truth["terms"]
    return mean, error_covariance(sd, rho, data)


def _log_prior(axes: Mapping[str, Axis]) -> Array:
    """Return the log of the prior probability of every cell."""
    total, dimensions = np.zeros(()), len(axes)
    for k, axis in enumerate(axes.values()):
        with np.errstate(divide="ignore"):
            mass = np.log(np.diff(axis.below))
        total = total + mass.reshape([-1 if i == k else 1 for i in range(dimensions)])
    return total


def _named(made: Mapping[str, Array]) -> dict[str, Array]:
    """Return draws by name, the reliabilities of the groups in one, shape (draw, group)."""
    groups = [n for n in made if n.startswith("reliability")]
    out = {n: v for n, v in made.items() if n not in groups}
    return {**out, "reliability": np.column_stack([made[n] for n in groups])}


def _terms(
    data: ContestData, priors: Priors, centres: Mapping[str, Array], rng: np.random.Generator
) -> Array:  # fmt: skip
    """Return draws of the normal terms given all else, shape (draw, term)."""
    y = data.contrasted(data.log_revenue)
    moved = np.column_stack(
        [v for n, v in centres.items() if n == "depreciation" or n.startswith("reliability")]
    )
    kinds, of_kind = np.unique(moved, axis=0, return_inverse=True)
    x = np.array([data.deviations(d, m) for d, m in zip(kinds[:, 0], kinds[:, 1:], strict=True)])
    rest = y - centres["decisiveness"][:, None] * x[of_kind.ravel()]
    z, spreads = design(data, priors)
    rho, sd = centres["persistence"], centres["deviation"]
    out = np.empty((rho.size, spreads.size))
    for p, s in np.unique(np.column_stack([rho, sd]), axis=0):
        rows = np.flatnonzero((rho == p) & (sd == s))
        inverse = np.linalg.inv(error_covariance(s, p, data))
        covariance = np.linalg.inv(z.T @ inverse @ z + np.diag(spreads**-2.0))
        noise = rng.standard_normal((rows.size, spreads.size)) @ np.linalg.cholesky(covariance).T
        out[rows] = rest[rows] @ inverse @ z @ covariance + noise
    return out
