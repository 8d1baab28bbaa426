r"""Which mechanism makes a firm answer its rivals: seven, each a prior over the same coefficients.

A mechanism says of each coefficient that it has a sign (half-normal), is none (narrow normal around zero) or
says nothing of it (wide normal). The estimates :math:`\hat\theta` with variance V are the data,

.. math::

   p(\hat\theta | M) = \int t_\nu(\hat\theta; \theta, V)\, p(\theta | M)\, d\theta ,

by Monte Carlo. With a Dirichlet(1) on the chances of the rows and one data set, each has 1/7 before and its
share of the sum after.

Where a reaction shrinks as cash runs short, :math:`k = -\kappa m` with :math:`\kappa` uniform on (0, 1).
Regret answers rises alone: :math:`\beta^+` half-normal, :math:`\beta^-` narrow, so that
:math:`m = (\beta^+ + \beta^-)/2` and :math:`a = (\beta^+ - \beta^-)/2`.

What would part the other rows is a series of rental supply, and orders apart from deliveries. No such series
of twelve quarters is known, so that two pairs of rows say the same of what is left: contest and hoarding,
common shock and newsvendor. Each pair is a pattern; no data in hand can part the two. Nothing here says
whether there is a prisoner's dilemma.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from overbuild.errors import InputError
from overbuild.games.mechanism_panel import COEFFICIENTS, Coefficients

type Array = NDArray[np.float64]

DRAWS, BATCHES = 20_000, 20
SMALLEST = 1e-300


@dataclass(frozen=True)
class Scales:
    """Scales of the priors: a signed reaction, one that is none, one left open, one to rivals' cash."""

    reaction: float
    narrow: float
    wide: float
    cash: float

    def times(self, factor: float) -> Scales:
        """Return every scale times a factor."""
        return Scales(*(factor * v for v in (self.reaction, self.narrow, self.wide, self.cash)))

    @property
    def narrow_cash(self) -> float:
        """S.d. of a reaction to rivals' cash that is none: as narrow against its scale as others are."""
        return self.cash * self.narrow / self.reaction


@dataclass(frozen=True)
class Mechanism:
    """One row: name, the pattern that it shares with others, what it says in words, and its prior."""

    name: str
    title: str
    pattern: str
    draw: Callable[[Scales, int, np.random.Generator], Array]


@dataclass(frozen=True, eq=False)
class Comparison:
    """The rows compared.

    Attributes
    ----------
    log_marginal
        Shape (rows,): log density of the estimates.
    posterior, mc_error
        Shapes (rows,): chances under equal ones before, and their Monte Carlo standard errors.
    """

    log_marginal: Array
    posterior: Array
    mc_error: Array


def _half(scale: float, size: int, rng: np.random.Generator) -> Array:
    return np.abs(rng.normal(0.0, scale, size))


def _smooth(sign: float, *, shrinks: bool, cash: bool) -> Callable[[Scales, int, np.random.Generator], Array]:
    """Return the prior of a reaction of one sign, alike for rises and cuts or not."""

    def draw(s: Scales, size: int, rng: np.random.Generator) -> Array:
        m = sign * _half(s.reaction, size, rng)
        k = -rng.uniform(size=size) * m if shrinks else rng.normal(0.0, s.narrow, size)
        c = sign * _half(s.cash, size, rng) if cash else rng.normal(0.0, s.narrow_cash, size)
        return np.column_stack([m, k, c, rng.normal(0.0, s.wide, size)])

    return draw


def _regret(s: Scales, size: int, rng: np.random.Generator) -> Array:
    up, down = _half(s.reaction, size, rng), rng.normal(0.0, s.narrow, size)
    m = (up + down) / 2
    k = -rng.uniform(size=size) * m
    return np.column_stack([m, k, _half(s.cash, size, rng), (up - down) / 2])


def _none(s: Scales, size: int, rng: np.random.Generator) -> Array:
    return rng.normal(0.0, [s.narrow, s.narrow, s.narrow_cash, s.narrow], (size, 4))


MECHANISMS = (
    Mechanism("contest", "Contest for a prize", "substitutes", _smooth(-1, shrinks=True, cash=True)),
    Mechanism("stealing", "Business stealing", "stealing", _smooth(1, shrinks=True, cash=True)),
    Mechanism("regret", "Regret, relative performance", "regret", _regret),
    Mechanism("learning", "Learning from rivals", "learning", _smooth(1, shrinks=False, cash=False)),
    Mechanism("common", "Common shock", "none", _none),
    Mechanism("hoarding", "Hoarding of inputs", "substitutes", _smooth(-1, shrinks=True, cash=True)),
    Mechanism("newsvendor", "Newsvendor’s insurance", "none", _none),
)
NAMES = tuple(m.name for m in MECHANISMS)
PATTERNS = tuple(dict.fromkeys(m.pattern for m in MECHANISMS))


def one_a_pattern() -> tuple[Mechanism, ...]:
    """Return the first row of each pattern."""
    return tuple(next(m for m in MECHANISMS if m.pattern == p) for p in PATTERNS)


def scales(priors: Mapping[str, Any]) -> Scales:
    """Return the scales that ``priors.toml`` sets."""
    return Scales(*(float(priors[n]) for n in ("reaction", "narrow", "wide", "cash")))


def prior_draws(s: Scales, size: int, rng: np.random.Generator) -> dict[str, Array]:
    """Return pattern to draws of the coefficients, shape (size, 4)."""
    return {m.pattern: m.draw(s, size, rng) for m in one_a_pattern()}


def log_densities(estimates: Array, draws: Array, variance: Array, df: float) -> Array:
    r"""Return log t densities of estimates around draws, shape (estimates, draws).

    Parameters
    ----------
    estimates, draws
        Shapes (n, p) and (S, p).
    variance
        Shape (p, p): the scale matrix, as reported with the estimates.
    df
        Degrees of freedom.

    Raises
    ------
    InputError
        If the variance is not positive definite.
    """
    try:
        root = np.linalg.cholesky(variance)
    except np.linalg.LinAlgError:
        raise InputError(
            "The variance of the coefficients is not positive definite: a coefficient is not identified."
        ) from None
    p = variance.shape[0]
    a, b = np.linalg.solve(root, estimates.T).T, np.linalg.solve(root, draws.T).T
    distance = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * np.einsum("ip,jp->ij", a, b)
    constant = (
        special.gammaln((df + p) / 2)
        - special.gammaln(df / 2)
        - p / 2 * np.log(df * np.pi)
        - np.log(np.diag(root)).sum()
    )
    return constant - (df + p) / 2 * np.log1p(np.maximum(distance, 0.0) / df)


def compare(found: Coefficients, s: Scales, rng: np.random.Generator, draws: int = DRAWS) -> Comparison:
    """Return the posterior over the rows, with its Monte Carlo error from batches of the draws."""
    kept = [COEFFICIENTS.index(n) for n in found.names]
    by_pattern = {
        pattern: log_densities(found.value[None], d[:, kept], found.variance, found.df)[0]
        for pattern, d in prior_draws(s, draws, rng).items()
    }
    logs = np.stack([by_pattern[m.pattern] for m in MECHANISMS])
    batches = _log_mean(logs.reshape(len(MECHANISMS), BATCHES, -1))
    whole = _log_mean(logs)
    spread = special.softmax(batches, axis=0).std(axis=1, ddof=1) / np.sqrt(BATCHES)
    return Comparison(whole, special.softmax(whole), spread)


def _log_mean(logs: Array) -> Array:
    return special.logsumexp(logs, axis=-1) - np.log(logs.shape[-1])


def patterns_of(posterior: Array) -> dict[str, float]:
    """Return pattern to the sum of its rows."""
    return {p: float(sum(posterior[i] for i, m in enumerate(MECHANISMS) if m.pattern == p)) for p in PATTERNS}


def factors(posterior: Array) -> Array:
    r"""Return each pattern's Bayes factor against the mean of the other patterns, shape (..., patterns).

    .. math::

       B_p = \frac{p(\hat\theta | p)}{\frac{1}{P - 1} \sum_{q \ne p} p(\hat\theta | q)}

    The rows of a pattern share one marginal likelihood, so that patterns of one row and of two are asked the
    same: more than 3 is a chance above 3/7 of five patterns with equal chances before.

    Parameters
    ----------
    posterior
        Shape (..., rows), under equal chances of the rows before.
    """
    one = np.stack([posterior[..., NAMES.index(m.name)] for m in one_a_pattern()], axis=-1)
    others = (one.sum(axis=-1, keepdims=True) - one) / (len(PATTERNS) - 1)
    return one / np.maximum(others, SMALLEST)


def leader(posterior: Array) -> str:
    """Return the pattern with the largest Bayes factor."""
    return PATTERNS[int(np.argmax(factors(posterior)))]


def ranks(posteriors: Array, least: float) -> NDArray[np.int_]:
    """Return the index of the pattern that leads every reading with a large enough factor, -1 for none.

    Parameters
    ----------
    posteriors
        Shape (readings, cases, rows).
    least
        The least factor against the mean of the other patterns.
    """
    f = factors(posteriors)
    first = f.argmax(axis=-1)
    one = (first == first[0]).all(axis=0) & (f.max(axis=-1) > least).all(axis=0)
    return np.where(one, first[0], -1)


def ranked(readings: Mapping[str, Array], least: float) -> str | None:
    """Return the pattern that leads in every reading with a large enough Bayes factor, or None.

    Parameters
    ----------
    readings
        Name to posterior over the rows.
    least
        The least factor against the mean of the other patterns.
    """
    found = int(ranks(np.stack(list(readings.values()))[:, None], least)[0])
    return PATTERNS[found] if found >= 0 else None


def row_factors(posterior: Array) -> Array:
    """Return each row's factor against the average of all rows, itself among them: the rule as first set.

    It is the posterior times the number of rows, so that a pattern of one row can reach 7 and one of two 3.5.
    """
    return posterior * posterior.shape[-1]


def ranked_as_first_set(readings: Mapping[str, Array], least: float) -> str | None:
    """Return what the rule as first set, on `row_factors`, would rank."""
    leaders = {leader(p) for p in readings.values()}
    strong = all(float(row_factors(p).max()) > least for p in readings.values())
    return leaders.pop() if strong and len(leaders) == 1 else None
