"""Preposterior analysis: how far a probability is expected to move when the next figure becomes known.

A model's own paths are draws of (figure, event). The probability of the event given the figure is a smooth
regression of the event on the figure over these draws, without running the model again (Strong, Oakley and
Brennan 2014, Medical Decision Making 34(3), 311-326): logistic, on a natural cubic spline of the figure. By
the law of iterated expectations the mean of P(event | figure) over the model's figures is P(event); a
logistic regression with a constant keeps it exactly. All of this is the model's opinion of its own future:
if the model is wrong the figure will move it by another amount.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
KNOTS = (0.05, 0.275, 0.5, 0.725, 0.95)
"""Quantiles of the figure at which the spline has its knots (Harrell 2001)."""
AT = (0.1, 0.5, 0.9)
"""Points of the figure at which the probability is stated."""
RESAMPLED = 40
"""Draws of the bootstrap."""
SHUFFLED = 20
"""Shuffles behind the noise."""


@dataclass(frozen=True)
class Preposterior:
    """What a figure is expected to tell of an event.

    Attributes
    ----------
    probability
        P(event) before the figure is known.
    mean
        Mean of P(event | figure): the same, by the law of iterated expectations.
    expected_change, error
        E|P(event | figure) - P(event)|, and its standard error over draws.
    noise
        The same expected change for a figure that tells nothing, the mean over shuffles in which the figures
        of one draw of the parameters go to another: what the regression finds in nothing.
    resolved
        Share of the variance of the event that the figure takes away, Var P(event | figure) / (P (1 - P)).
    rises
        Share of paths on which the figure raises the probability: where it is small, rarely and by much.
    figures
        10 %, 50 % and 90 % points of the figure.
    probabilities, errors
        P(event | figure) there, and standard errors over draws.
    draws
        Number of paths.
    """

    probability: float
    mean: float
    expected_change: float
    error: float
    noise: float
    resolved: float
    rises: float
    figures: tuple[float, ...]
    probabilities: tuple[float, ...]
    errors: tuple[float, ...]
    draws: int


def preposterior(
    event: ArrayLike, figure: ArrayLike, rng: np.random.Generator, groups: ArrayLike | None = None
) -> Preposterior:
    """Regress an event on a figure over a model's paths.

    Parameters
    ----------
    event
        Shape (path,): 1 where it happens, 0 where not.
    figure
        Shape (path,): the figure on the same path; finite.
    rng
        Generator of the bootstrap and of the shuffles.
    groups
        Shape (path,): paths that share parameters are drawn, and shuffled, together; None: each its own.

    Raises
    ------
    ValueError
        If the figure is not finite.
    """
    y, x = np.asarray(event, dtype=float), np.asarray(figure, dtype=float)
    if not np.isfinite(x).all():
        raise ValueError("The figure must be known on every path.")
    p, points = float(y.mean()), np.quantile(x, AT)
    stated = tuple(float(v) for v in points)
    if p in (0.0, 1.0) or np.ptp(x) == 0:
        flat = (p,) * len(AT)
        return Preposterior(p, p, 0.0, 0.0, 0.0, 0.0, 0.0, stated, flat, (0.0,) * len(AT), y.size)
    basis, at = _spline(x, x), _spline(points, x)
    fitted, there = _given(y, basis, at)
    labels = np.arange(y.size) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
    again = []
    for _ in range(RESAMPLED):
        times = rng.multinomial(labels.max() + 1, np.full(labels.max() + 1, 1 / (labels.max() + 1)))
        weight = times[labels].astype(float)
        near, points_near = _given(y, basis, at, weight)
        again.append((np.average(np.abs(near - np.average(y, weights=weight)), weights=weight), *points_near))
    errors = np.std(again, axis=0, ddof=1)
    nothing = [_given(y, basis[_exchanged(labels, rng)], at)[0] for _ in range(SHUFFLED)]
    return Preposterior(
        p,
        float(fitted.mean()),
        float(np.abs(fitted - p).mean()),
        float(errors[0]),
        float(np.abs(np.array(nothing) - p).mean()),
        float(fitted.var() / (p * (1 - p))),
        float((fitted > p).mean()),
        stated,
        tuple(float(v) for v in there),
        tuple(float(v) for v in errors[1:]),
        y.size,
    )


def _exchanged(labels: NDArray[np.int_], rng: np.random.Generator) -> NDArray[np.int_]:
    """Return for each path one of another group, all paths of a group from one: groups change places."""
    order = np.argsort(labels, kind="stable")
    count = np.bincount(labels)
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    own = labels[order]
    rank = np.arange(labels.size) - first[own]
    other = rng.permutation(count.size)[own]
    found = np.empty_like(order)
    found[order] = order[first[other] + rank % count[other]]
    return found


def _spline(values: Array, over: Array) -> Array:
    """Return the natural cubic spline of the figure with a constant, its knots at quantiles.

    Hastie, Tibshirani and Friedman (2009), The Elements of Statistical Learning, equation 5.4: beyond the
    outer knots it is linear. A figure of few values gets a straight line.
    """
    knots = np.unique(np.quantile(over, KNOTS))
    scale = float(np.ptp(knots))
    x = values - knots[0]
    if knots.size < 3:
        return np.column_stack([np.ones_like(x), x / (scale or 1.0)])
    inside = (knots - knots[0]) / scale
    u = x / scale

    def part(k: int) -> Array:
        cubes = np.maximum(u - inside[k], 0.0) ** 3 - np.maximum(u - inside[-1], 0.0) ** 3
        return cubes / (inside[-1] - inside[k])

    bent = [part(k) - part(knots.size - 2) for k in range(knots.size - 2)]
    return np.column_stack([np.ones_like(u), u, *bent])


def _given(y: Array, basis: Array, at: Array, weight: Array | None = None) -> tuple[Array, Array]:
    """Return P(event | figure) on every path and at some points."""
    import statsmodels.api as sm

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = sm.GLM(y, basis, family=sm.families.Binomial(), freq_weights=weight).fit()
        return np.asarray(fit.predict(basis)), np.asarray(fit.predict(at))
