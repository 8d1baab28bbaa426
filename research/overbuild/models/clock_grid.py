"""The exact posterior of a template's clock: a grid where the model is not linear, algebra where it is.

With y the log of a sector's share of GDP at n times t (years, the last 0), f a template, q(t) the quarter,

    y_t = a + h f(phase + pace t) + s_q(t) + e_t,   e ~ N(0, sigma^2 (1 + h^2) R),   R_tu = rho^|t - u|.

The template is itself one boom that strayed from its course, so its deviations, as large as the sector's,
enter h-fold beside the sector's own: hence 1 + h^2. The level a ~ N(m, k^2) and the seasons s_q ~ N(0, v^2)
are integrated out of the normal likelihood, leaving

    y ~ N(m + h f, S),   S = sigma^2 (1 + g^2) R + k^2 11' + v^2 QQ',

where g stands for h in the variance: the middle of the one of five ranges of h in which it lies. Within a
range, from l to u, the likelihood is normal in h, whose prior N(mu, tau^2) is cut at 0, and h is integrated
in closed form: with A = f'S^-1 f, B = f'S^-1(y - m), P = A + 1/tau^2 and H = (B + mu/tau^2)/P,

    ln p(y, l < h < u | phase, pace, sigma, rho)
        = -(n ln 2 pi + ln|S| + (y - m)'S^-1(y - m) + mu^2/tau^2 - P H^2)/2 - ln(P tau^2)/2
          + ln(Phi((u - H) sqrt P) - Phi((l - H) sqrt P)) - ln Phi(mu/tau).

Phase, pace, sigma and rho are cut into cells. The likelihood of a cell is that at its centre: this is part of
the model, so that a parameter drawn from the prior, data simulated from it and the posterior agree to the
last digit. Evidence is a sum over cells, draws are independent, and there is no Markov chain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtr, ndtri

type Array = NDArray[np.float64]

FINE = (0.125, 11, 10, 6)
"""Years a cell of the phase; cells of the pace, of the deviation and of the persistence."""
MIDDLE = (0.25, 9, 8, 5)
"""The same for scores and other priors: weights within 0.01 of those of the fine cells."""
COARSE = (0.5, 7, 7, 4)
"""The same where many paths are read, for a check: weights within 0.06."""
HEIGHT_EDGES = np.array([0.0, 0.5, 1.0, 2.0, 3.5, np.inf])
HEIGHT_MIDDLES = np.array([0.25, 0.75, 1.5, 2.7, 5.0])
"""Ranges of the height within which its part in the variance is that of their middle."""
WIDTH = 3.0
"""Standard deviations at which the lognormal priors are cut."""
MOST_PERSISTENT = 0.95
"""Upper end of the correlation of errors a year apart."""
SEASONS = 4


class Curve(Protocol):
    """Anything with a value at template times, and a span of times that today may be."""

    @property
    def span(self) -> tuple[float, float]:
        """First and last template time of today."""
        ...

    def at(self, time: Array) -> Array:
        """Return f at template times of any shape."""
        ...


@dataclass(frozen=True, eq=False)
class Axis:
    """A parameter cut into cells.

    Attributes
    ----------
    edges, centres
        Shapes (cell + 1,) and (cell,).
    below
        Prior probability below each edge, shape (cell + 1,), from 0 to 1.
    logs
        Whether it is uniform in its log within a cell (else in itself).
    """

    edges: Array
    centres: Array
    below: Array
    logs: bool = False

    @cached_property
    def log_mass(self) -> Array:
        """Log prior probability of each cell."""
        return np.log(np.diff(self.below))

    def cell(self, value: Array) -> NDArray[np.int_]:
        """Return the cells in which values lie."""
        inside = np.searchsorted(self.edges, value, side="right") - 1
        return np.clip(inside, 0, self.centres.size - 1)

    def within(self, cell: NDArray[np.int_], rng: np.random.Generator) -> Array:
        """Return values within cells: the likelihood says nothing of where in a cell a parameter is."""
        low, high = self.edges[cell], self.edges[cell + 1]
        share = rng.random(cell.shape)
        return low * (high / low) ** share if self.logs else low + (high - low) * share

    def draw(self, size: int, rng: np.random.Generator) -> Array:
        """Return draws from the prior."""
        return self.within(rng.choice(self.centres.size, size, p=np.diff(self.below)), rng)


def uniform_axis(low: float, high: float, step: float) -> Axis:
    """Return the axis of a uniform prior."""
    edges = np.linspace(low, high, max(round((high - low) / step), 1) + 1)
    return Axis(edges, (edges[1:] + edges[:-1]) / 2, (edges - low) / (high - low))


def lognormal_axis(median: float, spread: float, cells: int) -> Axis:
    """Return the axis of a lognormal prior, cut at `WIDTH` standard deviations of its log."""
    z = np.linspace(-WIDTH, WIDTH, cells + 1)
    centres = median * np.exp(spread * (z[1:] + z[:-1]) / 2)
    below = (ndtr(z) - ndtr(-WIDTH)) / (ndtr(WIDTH) - ndtr(-WIDTH))
    return Axis(median * np.exp(spread * z), centres, below, logs=True)


def beta_axis(first: float, second: float, cells: int, high: float = MOST_PERSISTENT) -> Axis:
    """Return the axis of a Beta prior on (0, ``high``)."""
    from scipy.special import betainc

    edges = np.linspace(0.0, high, cells + 1)
    return Axis(edges, (edges[1:] + edges[:-1]) / 2, betainc(first, second, edges / high))


@dataclass(frozen=True, eq=False)
class Axes:
    """The three axes that all templates share, and the normal priors that are integrated.

    Attributes
    ----------
    pace, deviation, persistence
        Template years a calendar year; s.d. of a boom's deviation from its course; its correlation a year on.
    height, level
        Mean and s.d. of the normal priors of h (cut at 0) and a.
    season
        S.d. of the effect of a quarter.
    step
        Years a cell of the phase.
    """

    pace: Axis
    deviation: Axis
    persistence: Axis
    height: tuple[float, float]
    level: tuple[float, float]
    season: float
    step: float

    def phase(self, curve: Curve) -> Axis:
        """Return the axis of a template's phase: uniform on its span."""
        return uniform_axis(*curve.span, self.step)


def axes_of(priors: Mapping[str, Any], cells: tuple[float, int, int, int] = FINE) -> Axes:
    """Return the axes of priors of `overbuild.models.clock`; ``cells``: `FINE`, `MIDDLE` or `COARSE`."""
    step, paces, deviations, persistences = cells
    pace, deviation, persistence = (priors[n] for n in ("pace", "deviation", "persistence"))
    return Axes(
        lognormal_axis(pace[0], pace[1], paces),
        lognormal_axis(deviation[0], deviation[1], deviations),
        beta_axis(persistence[0], persistence[1], persistences),
        tuple(priors["height"]),
        tuple(priors["level"]),
        float(priors["season"]),
        step,
    )


def log_sum(logs: Array) -> float:
    """Return the log of the sum of exponentials."""
    most = float(np.max(logs))
    return most + float(np.log(np.sum(np.exp(logs - most))))


def spread(height: Any) -> Any:
    """Return the factor of the s.d. of a deviation at heights: the root of 1 + g^2."""
    inside = np.searchsorted(HEIGHT_EDGES, height, side="right") - 1
    return np.sqrt(1 + HEIGHT_MIDDLES[inside] ** 2)


def covariances(
    axes: Axes, years: Array, seasons: NDArray[np.int_] | None, factors: Array | None = None
) -> Array:
    """Return S for every factor, deviation and persistence, shape (..., persistence, time, time)."""
    deviation = axes.deviation.centres
    if factors is not None:
        deviation = factors[:, None] * deviation
    errors = error_covariance(
        deviation[..., None, None, None], axes.persistence.centres[:, None, None], years
    )
    common = np.full(errors.shape[-2:], axes.level[1] ** 2)
    if seasons is not None:
        common = common + axes.season**2 * (seasons[:, None] == seasons[None, :])
    return errors + common


def error_covariance(deviation: Any, persistence: Any, years: Array) -> Array:
    """Return sigma^2 rho^|t - u|."""
    return deviation**2 * persistence ** np.abs(years[:, None] - years[None, :])


@dataclass(frozen=True, eq=False)
class Posterior:
    """One template's posterior on its cells, of shape (phase, pace, height, deviation, persistence).

    Attributes
    ----------
    phase
        Its first axis.
    log_joint
        Log of prior probability times likelihood of each cell.
    height, precision
        Mean and precision of the normal posterior of the height, before it is cut at the ends of its range.
    """

    phase: Axis
    log_joint: Array
    height: Array
    precision: Array

    @cached_property
    def log_evidence(self) -> float:
        """Log density of the data given the template."""
        return log_sum(self.log_joint)

    @cached_property
    def mass(self) -> Array:
        """Posterior probability of each cell."""
        return np.exp(self.log_joint - self.log_evidence)

    def marginal(self, axis: int) -> Array:
        """Return the posterior probability of the cells of one axis."""
        return self.mass.sum(axis=tuple(i for i in range(self.mass.ndim) if i != axis))


def posterior(
    y: Array, years: Array, seasons: NDArray[np.int_] | None, curve: Curve, axes: Axes
) -> Posterior:
    """Return the posterior of one template.

    Parameters
    ----------
    y
        Log share, shape (time,).
    years
        Years from today, shape (time,); today is 0, also where later data are to be predicted.
    seasons
        Quarter of each time, 0 to 3; None for annual data.
    curve, axes
        The template and the priors.
    """
    phase = axes.phase(curve)
    places = phase.centres[:, None, None] + axes.pace.centres[None, :, None] * years
    f = curve.at(places).reshape(phase.centres.size * axes.pace.centres.size, years.size)
    factors = spread(HEIGHT_MIDDLES)
    likelihood, height, precision = _integrated(y, f, covariances(axes, years, seasons, factors), axes)
    shape = (phase.centres.size, axes.pace.centres.size, *likelihood.shape[1:])
    prior = (
        phase.log_mass[:, None, None, None, None]
        + axes.pace.log_mass[:, None, None, None]
        + axes.deviation.log_mass[:, None]
        + axes.persistence.log_mass
    )
    return Posterior(
        phase, likelihood.reshape(shape) + prior, height.reshape(shape), precision.reshape(shape)
    )


def _integrated(y: Array, f: Array, covariance: Array, axes: Axes) -> tuple[Array, Array, Array]:
    """Return log likelihood with the height in a range, mean and precision of the height.

    Each of shape (curve, height, deviation, persistence).
    """
    (mu, tau), (m, _) = axes.height, axes.level
    inverse = np.linalg.inv(covariance)
    log_det = np.linalg.slogdet(covariance)[1]
    gap = y - m
    by_gap = inverse @ gap
    squares = by_gap @ gap
    flat = inverse.reshape(squares.size, y.size, y.size)
    a = np.stack([np.einsum("ct,ct->c", f @ q, f) for q in flat], axis=1)
    a = a.reshape(len(f), *squares.shape)
    b = (f @ by_gap.reshape(squares.size, y.size).T).reshape(a.shape)
    precision = a + 1 / tau**2
    height = (b + mu / tau**2) / precision
    fixed = y.size * np.log(2 * np.pi) + log_det + squares + (mu / tau) ** 2
    log_likelihood = (
        -(fixed - precision * height**2) / 2
        - np.log(precision * tau**2) / 2
        + _log_between(*_ends(height, precision, np.arange(HEIGHT_MIDDLES.size)[:, None, None]))
        - log_ndtr(mu / tau)
    )
    return log_likelihood, height, precision


def _ends(height: Array, precision: Array, part: NDArray[np.int_]) -> tuple[Array, Array]:
    """Return the ends of ranges of the height in standard deviations from its mean."""
    root = np.sqrt(precision)
    return (HEIGHT_EDGES[part] - height) * root, (HEIGHT_EDGES[part + 1] - height) * root


def _log_between(low: Array, high: Array) -> Array:
    """Return ln(Phi(high) - Phi(low)), from the tail in which it does not cancel."""
    turned = low > 0
    below = log_ndtr(np.where(turned, -high, low))
    above = log_ndtr(np.where(turned, -low, high))
    return above + np.log1p(-np.exp(below - above))


def weights(posteriors: Sequence[Posterior]) -> Array:
    """Return the posterior probabilities of templates that were equally likely before."""
    logs = np.array([p.log_evidence for p in posteriors])
    return np.exp(logs - log_sum(logs))


def draw(
    posteriors: Sequence[Posterior],
    curves: Sequence[Curve],
    y: Array,
    years: Array,
    seasons: NDArray[np.int_] | None,
    axes: Axes,
    size: int,
    rng: np.random.Generator,
) -> dict[str, Array]:
    """Return independent draws of every parameter.

    Returns
    -------
    dict
        ``template`` (its number, plus a uniform that tells equal ones apart), ``phase``, ``pace``,
        ``height``, ``level``, ``deviation``, ``persistence``, for quarterly data ``season`` of shape
        (draw, 4), and ``log_joint``, the log probability of the cell with the data.
    """
    picked = rng.choice(len(posteriors), size, p=weights(posteriors))
    out = {n: np.empty(size) for n in ("phase", "pace", "height", "deviation", "persistence", "log_joint")}
    f = np.empty((size, years.size))
    cells = np.empty((3, size), dtype=int)
    for k in np.unique(picked):
        rows = np.flatnonzero(picked == k)
        post = posteriors[k]
        flat = _pick(post.mass.ravel(), rows.size, rng)
        i, j, g, d, p = np.unravel_index(flat, post.mass.shape)
        out["phase"][rows] = post.phase.within(i, rng)
        out["pace"][rows] = axes.pace.within(j, rng)
        normal = post.height.ravel()[flat], post.precision.ravel()[flat]
        out["height"][rows] = _normal_between(*normal, g, rng)
        out["log_joint"][rows] = post.log_joint.ravel()[flat]
        cells[:, rows] = g, d, p
        places = post.phase.centres[i][:, None] + axes.pace.centres[j][:, None] * years
        f[rows] = curves[k].at(places)
    out["deviation"] = axes.deviation.within(cells[1], rng)
    out["persistence"] = axes.persistence.within(cells[2], rng)
    linear = _linear(y - out["height"][:, None] * f, years, seasons, axes, cells, rng)
    made = {"template": picked + rng.random(size), **out, "level": linear[:, 0]}
    return made if seasons is None else made | {"season": linear[:, 1:]}


def _pick(mass: Array, size: int, rng: np.random.Generator) -> NDArray[np.int_]:
    ends = np.cumsum(mass)
    return np.searchsorted(ends, rng.random(size) * ends[-1], side="right")


def _normal_between(mean: Array, precision: Array, part: NDArray[np.int_], rng: np.random.Generator) -> Array:
    """Return draws of normals cut at the ends of a range, by the inverse of the distribution."""
    low, high = _ends(mean, precision, part)
    turned = low > 0
    below, above = ndtr(np.where(turned, -high, low)), ndtr(np.where(turned, -low, high))
    share = np.maximum(below + (above - below) * rng.random(mean.shape), np.finfo(float).tiny)
    z = np.clip(np.where(turned, -1.0, 1.0) * ndtri(share), low, high)
    return mean + z / np.sqrt(precision)


def _linear(
    rest: Array,
    years: Array,
    seasons: NDArray[np.int_] | None,
    axes: Axes,
    cells: NDArray[np.int_],
    rng: np.random.Generator,
) -> Array:
    """Return draws of the level, then the seasons, given all else: shape (draw, 1 or 5)."""
    design = np.ones((years.size, 1))
    mean, variance = [axes.level[0]], [axes.level[1] ** 2]
    if seasons is not None:
        design = np.concatenate([design, np.eye(SEASONS)[seasons]], axis=1)
        mean, variance = mean + [0.0] * SEASONS, variance + [axes.season**2] * SEASONS
    before = np.diag(1 / np.array(variance))
    out = np.empty((cells.shape[1], design.shape[1]))
    factors = spread(HEIGHT_MIDDLES)
    for g, d, p in np.unique(cells, axis=1).T:
        rows = np.flatnonzero((cells == np.array([[g], [d], [p]])).all(axis=0))
        deviation = factors[g] * axes.deviation.centres[d]
        inverse = np.linalg.inv(error_covariance(deviation, axes.persistence.centres[p], years))
        covariance = np.linalg.inv(design.T @ inverse @ design + before)
        middle = (rest[rows] @ inverse @ design + before @ np.array(mean)) @ covariance
        noise = rng.standard_normal(middle.shape) @ np.linalg.cholesky(covariance).T
        out[rows] = middle + noise
    return out
