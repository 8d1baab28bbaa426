r"""Which class of entry game the firms play: the prior's shares beside those that their choices leave.

A draw of the entry game's pay-offs and of the precision of choice gives Delta(0..N-1), hence a likelihood of
the capex accelerations (`overbuild.games.quantal_kernel`). Draws of the prior are weighted with it, the
coefficients of the covariates and the common shock being drawn beside them, so that the posterior is exact up
to the number of draws (importance sampling; effective draws and Monte Carlo errors are returned).

Two readings of what a choice is. A firm that raises the growth of its spending builds more than it would
have: but growth rises about as often as it falls in any series that does not run away, so that how often it
rises says little of whether building pays.

- ``slope``: only the differences of Delta between numbers of rivals enter the choice; its level, the index
  when half of the rivals rise, is a free number. What is learnt of the class is learnt from how firms react.
- ``literal``: Delta enters as it is. The share of rises then reads as the pay-off of building.

Where beliefs weigh much the game of choices may have several equilibria; the one that is taken is where the
logit dynamics from indifference end (`overbuild.games.quantal_kernel`), and what is found is given once more
for the draws that have one equilibrium only.

Neither reading tells the owners' welfare by itself: whether all fare worse building turns on the surplus
against the cost, choices show the surplus in units of their noise only, and the prior of the precision is
what joins the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import multivariate_t

from overbuild.errors import CheckFailedError
from overbuild.games.class_priors import PriorDraws
from overbuild.games.entry import CLASSES, DILEMMA, EntryGame, advantage, classify
from overbuild.games.quantal_data import QuantalData
from overbuild.games.quantal_kernel import log_likelihoods, shock_nodes

type Array = NDArray[np.float64]
type DrawGames = Callable[[int, np.random.Generator], PriorDraws]
"""Draws games and the precision of choice from a prior."""

READINGS = ("slope", "literal")
NODES = 13
FREEDOM, INFLATION = 5, 1.3
"""Of the t distribution that proposes coefficients: degrees of freedom, and its scale over Laplace's."""
FEWEST_EFFECTIVE = 100
MOST_UNSOLVED = 0.02
"""Part of the draws whose equilibrium may not be found; they are taken out of prior and posterior."""
LEARNT_FROM = 0.2
"""Least probability that must move between classes, two Monte Carlo errors taken off, to call them learnt."""
BATCHES = 20
"""Batches of draws, left out in turn, from which the error of what moved is taken."""


@dataclass(frozen=True, eq=False)
class ClassPosterior:
    """Weighted draws of the prior.

    Attributes
    ----------
    reading
        One of `READINGS`.
    game, precision
        The draws.
    codes
        Class of each, as `overbuild.games.entry.classify` gives it.
    weights
        Of each draw, adding up to 1.
    log_evidence
        Log of the mean likelihood: comparable between priors of one reading.
    unique
        Whether the game of choices has one equilibrium for certain, by draw.
    unsolved
        Part of the draws that were taken out because no equilibrium was found.
    """

    reading: str
    game: EntryGame
    precision: Array
    codes: NDArray[np.int8]
    weights: Array
    log_evidence: float
    unique: NDArray[np.bool_]
    unsolved: float

    @property
    def effective(self) -> float:
        """Number of independent draws that would be as good (Kish)."""
        return float(1 / (self.weights**2).sum())

    def share(self, holds: NDArray[np.bool_]) -> dict[str, float]:
        """Return prior and posterior probability of a property of the draws, with Monte Carlo errors."""
        prior = float(holds.mean())
        posterior = float(self.weights @ holds)
        return {
            "prior": prior,
            "prior_error": float(np.sqrt(prior * (1 - prior) / holds.size)),
            "posterior": posterior,
            "posterior_error": float(np.sqrt(self.weights**2 @ (holds - posterior) ** 2)),
        }

    def classes(self) -> dict[str, dict[str, float]]:
        """Return prior and posterior of each class."""
        return {name: self.share(self.codes == code) for code, name in enumerate(CLASSES)}

    def learnt(self) -> dict[str, float]:
        """Return by parameter the part of the prior's variance that is gone, of those that vary."""
        delta = self.precision[:, None] * advantage(self.game)
        values = {
            "precision": self.precision,
            "alone": delta[:, 0],
            "slope": delta[:, -1] - delta[:, 0],
            "surplus": self.game.surplus,
            "expansion": self.game.expansion,
            "pass_through": self.game.pass_through,
            "rented": self.game.rented,
            "business_at_risk": self.game.business_at_risk,
            "late_penalty": self.game.late_penalty,
            "regret": self.game.regret,
        }
        return {name: self._learnt(np.asarray(v, float)) for name, v in values.items() if np.std(v) > 0}

    def moved(self) -> tuple[float, float]:
        """Return the probability that moved between classes, in [0, 1], and its Monte Carlo error.

        The total variation distance of prior and posterior; the error is the jackknife's over batches.
        """
        every = np.arange(self.weights.size) % BATCHES
        without = np.array([self._distance(every != batch) for batch in range(BATCHES)])
        error = np.sqrt((BATCHES - 1) / BATCHES * ((without - without.mean()) ** 2).sum())
        return self._distance(np.ones(every.size, bool)), float(error)

    def where(self, kept: NDArray[np.bool_]) -> ClassPosterior:
        """Return the posterior given that a property holds, before and after."""
        names = [f.name for f in fields(EntryGame) if f.name != "firms"]
        size = self.weights.size
        chosen = {n: np.broadcast_to(getattr(self.game, n), (size,))[kept] for n in names}
        weights = self.weights[kept] / self.weights[kept].sum()
        evidence = self.log_evidence + float(np.log(self.weights[kept].mean() * size))
        return ClassPosterior(
            self.reading,
            EntryGame(self.game.firms, **chosen),
            self.precision[kept],
            self.codes[kept],
            weights,
            evidence,
            self.unique[kept],
            self.unsolved,
        )

    def dilemma(self) -> dict[str, float]:
        """Return prior and posterior of a prisoner's dilemma, strict or partial."""
        return self.share(np.isin(self.codes, [CLASSES.index(name) for name in DILEMMA]))

    def to_dict(self) -> dict[str, Any]:
        """Return plain types."""
        delta = advantage(self.game)
        worse = self.game.builder_payoff([self.game.firms])[:, 0] < self.game.holder_payoff([0])[:, 0]
        moved, error = self.moved()
        alone = self.where(self.unique)
        return {
            "reading": self.reading,
            "draws": self.weights.size,
            "effective": self.effective,
            "log_evidence": self.log_evidence,
            "classes": self.classes(),
            "dilemma": self.dilemma(),
            "builds_alone": self.share(delta[:, 0] > 0),
            "all_build_is_worse": self.share(worse),
            "complements": self.share(delta[:, -1] > delta[:, 0]),
            "learnt": self.learnt(),
            "moved": moved,
            "moved_error": error,
            "identified": moved - 2 * error >= LEARNT_FROM,
            "unsolved": self.unsolved,
            "unique": {
                **self.share(self.unique),
                "dilemma": alone.dilemma(),
                "moved": alone.moved()[0],
                "effective": alone.effective,
            },
        }

    def _distance(self, kept: NDArray[np.bool_]) -> float:
        prior = np.bincount(self.codes[kept], minlength=len(CLASSES)) / kept.sum()
        after = np.bincount(self.codes[kept], self.weights[kept], minlength=len(CLASSES))
        return float(0.5 * np.abs(after / after.sum() - prior).sum())

    def _learnt(self, values: Array) -> float:
        mean = self.weights @ values
        return float(1 - (self.weights @ (values - mean) ** 2) / values.var())


def class_posterior(
    data: QuantalData,
    draw_games: DrawGames,
    priors: Mapping[str, Any],
    rng: np.random.Generator,
    *,
    reading: str = "slope",
    draws: int = 20_000,
    fewest: float = FEWEST_EFFECTIVE,
) -> ClassPosterior:
    """Weight draws of the entry game's prior with the likelihood of the firms' choices.

    Parameters
    ----------
    data
        The panel of choices.
    draw_games
        Draws games and precisions from a prior.
    priors
        Those of the quantal response model: ``level``, one a covariate, ``shock``.
    rng
        Random numbers.
    reading
        One of `READINGS`.
    draws
        How many.
    fewest
        Effective draws below which there is no answer.

    Raises
    ------
    CheckFailedError
        If fewer effective draws are left, or the equilibrium of more than two draws in a hundred was not
        found; the message says how many.
    """
    drawn = draw_games(draws, rng)
    game, precision = drawn.game, drawn.precision
    delta = precision[:, None] * advantage(game)
    free = reading == "slope"
    coefficients, log_ratio = proposed(data, priors, free, draws, rng)
    if free:
        delta = delta - at_half(delta)[:, None] + coefficients[:, :1]
        coefficients = np.ascontiguousarray(coefficients[:, 1:])
    scales = np.abs(rng.normal(0.0, priors["shock"], draws))
    nodes, heights = shock_nodes(NODES)
    told = log_likelihoods(
        delta, coefficients, scales, data.y, np.ascontiguousarray(data.covariates), nodes, heights
    )
    solved = np.isfinite(told)
    unsolved = float(1 - solved.mean())
    if unsolved > MOST_UNSOLVED:
        raise CheckFailedError(
            f"No equilibrium of choices was found for {unsolved:.1%} of {draws} draws of the games; at most "
            f"{MOST_UNSOLVED:.0%} may be left out. Lower the precision of choice in priors.toml."
        )
    log_weights = np.where(solved, told + log_ratio, -np.inf)
    top = log_weights.max()
    raw = np.exp(log_weights - top)
    steepest = np.abs(np.diff(delta, axis=1)).max(axis=1)
    unique = (delta.shape[1] - 1) * steepest / 4 < 1
    evidence = float(top + np.log(raw.mean()))
    found = ClassPosterior(
        reading, game, precision, classify(game), raw / raw.sum(), evidence, unique, unsolved
    ).where(solved)
    if found.effective < fewest:
        raise CheckFailedError(
            f"Of {draws} draws of the games {found.effective:.0f} are effective; {fewest:g} are needed. "
            "Ask for more draws."
        )
    return found


def at_half(delta: Array) -> Array:
    """Return Delta when half of the rivals build, shape (draw,): between two numbers of them, their mean."""
    rivals = delta.shape[1] - 1
    return 0.5 * (delta[:, rivals // 2] + delta[:, -(-rivals // 2)])


def proposed(
    data: QuantalData, priors: Mapping[str, Any], free: bool, draws: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Draw the coefficients near where the choices put them; return them and log prior over proposal.

    The proposal is a multivariate t about the mode of the logit without a game, on Laplace's scale, a little
    inflated. Columns: the level, where it is ``free``, then the covariates.
    """
    known = data.y >= 0
    x = data.covariates[known]
    x, names = (np.column_stack([np.ones(len(x)), x]), ("level", *data.names)) if free else (x, data.names)
    mean, sd = (np.array([priors[n][k] for n in names]) for k in (0, 1))
    at, precision = mean.copy(), np.eye(len(names))
    for _ in range(25):
        p = expit(x @ at)
        precision = (x * (p * (1 - p))[:, None]).T @ x + np.diag(sd**-2)
        at = at + np.linalg.solve(precision, x.T @ ((data.y[known] == 1) - p) - (at - mean) / sd**2)
    near: Any = multivariate_t(at, INFLATION**2 * np.linalg.inv(precision), df=FREEDOM)  # pyright: ignore
    made = near.rvs(draws, random_state=rng).reshape(draws, len(names))
    prior = (-0.5 * ((made - mean) / sd) ** 2 - np.log(sd) - 0.5 * np.log(2 * np.pi)).sum(axis=1)
    return made, prior - near.logpdf(made)
