"""Checks that every Bayesian model must pass, from one way to simulate and one way to fit.

Simulation-based calibration (Talts, Betancourt, Simpson, Vehtari and Gelman 2018, arXiv:1804.06788):
parameters drawn from the prior, data from the parameters, and the rank of each parameter among draws of its
posterior, which is uniform where model and sampler are right. Beside it: whether the data look like the
prior's (Gabry and others 2019, Journal of the Royal Statistical Society A 182(2)) and the posterior's,
whether known parameters are found again, and how much of the prior's variance is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chisquare, kstest

from overbuild.models.bayesian import BayesianModel, Truth
from overbuild.models.sampler import Sampled, Sampling
from overbuild.randomness import stream
from overbuild.settings import SEED

type Array = NDArray[np.float64]

SHORT = Sampling(chains=2, draws=400, tune=500)
RANKS = 100
"""Thinned draws among which a parameter is ranked, so that they are nearly independent."""
PRIOR_DRAWS, REPLICATED, RECOVERED = 1000, 400, 10
LEAST_LEARNT = 0.2
MOST_FAILED = 0.05
"""Share of calibration fits that may diverge in more than one draw in a hundred."""


@dataclass(frozen=True)
class Simulation:
    """One fit to data of which the parameters are known.

    Attributes
    ----------
    number
        Which: its random stream bears the number.
    truth, mean, sd
        Label of a parameter to its value, and to mean and standard deviation of its posterior.
    rank
        Label to the number of `RANKS` thinned draws below the truth.
    covered
        Label to whether the 90 % interval holds the truth.
    divergent
        Share of draws that diverged.
    seconds
        Wall time of the fit.
    """

    number: int
    truth: Mapping[str, float]
    mean: Mapping[str, float]
    sd: Mapping[str, float]
    rank: Mapping[str, int]
    covered: Mapping[str, bool]
    divergent: float
    seconds: float


@dataclass(frozen=True)
class Calibration:
    """Simulations of one model, in the order of their numbers.

    Attributes
    ----------
    model
        Its name.
    simulations
        One a data set.
    least_p
        Least p-value, shared by all tests of the model.
    """

    model: str
    simulations: tuple[Simulation, ...]
    least_p: float = 0.01

    @property
    def labels(self) -> tuple[str, ...]:
        """The parameters."""
        return tuple(self.simulations[0].rank)

    def ranks(self, label: str) -> NDArray[np.int_]:
        """Return the ranks of a parameter, shape (simulation,)."""
        return np.array([s.rank[label] for s in self.simulations])

    @property
    def bins(self) -> int:
        """Bins of the chi-square test: some ten ranks are expected in each."""
        return max(4, min(20, len(self.simulations) // 10))

    def frame(self) -> pd.DataFrame:
        """Return, by parameter, p-values of uniform ranks, coverage, and how far the posterior follows.

        ``follows`` is the correlation of truth and posterior mean over the simulations: 0 where data of this
        size teach nothing, 1 where they settle the parameter.
        """
        return pd.DataFrame([self._row(label) for label in self.labels])

    @property
    def failed(self) -> float:
        """Share of fits in which more than one draw in a hundred diverged."""
        return float(np.mean([s.divergent > 0.01 for s in self.simulations]))

    @property
    def passed(self) -> bool:
        """Whether no parameter's ranks depart from uniform, at a level shared by all tests."""
        p = self.frame()[["chi_square_p", "largest_gap_p"]].to_numpy(dtype=float)
        return bool(p.min() >= self.least_p / p.size) and self.failed <= MOST_FAILED

    def sentence(self) -> str:
        """Say in one sentence what was ranked and whether the ranks are uniform."""
        table = self.frame()
        p = table[["chi_square_p", "largest_gap_p"]].to_numpy(dtype=float)
        worst = table.loc[int(np.argmin(p.min(axis=1))), "parameter"]
        verdict = "are uniform" if self.passed else "are not uniform, or too many fits failed"
        return (
            f"{self.model}: in {len(self.simulations)} simulated data sets the ranks of {len(self.labels)} "
            f"parameters {verdict} (least p {p.min():.3g}, of {worst}; mark {self.least_p / p.size:.2g}); "
            f"90 % intervals hold {table['coverage'].mean():.1%} of the true values; "
            f"{self.failed:.1%} of the fits diverged."
        )

    def _row(self, label: str) -> dict[str, Any]:
        ranks = self.ranks(label)
        u = (ranks + 0.5) / (RANKS + 1)
        counts = np.histogram(u, bins=self.bins, range=(0, 1))[0]
        truth = np.array([s.truth[label] for s in self.simulations])
        mean = np.array([s.mean[label] for s in self.simulations])
        follows = np.corrcoef(truth, mean)[0, 1] if truth.std() > 0 and mean.std() > 0 else np.nan
        return {
            "parameter": label,
            "chi_square_p": float(chisquare(counts).pvalue),
            "largest_gap_p": float(kstest(u, "uniform").pvalue),
            "coverage": float(np.mean([s.covered[label] for s in self.simulations])),
            "follows": float(follows),
        }


def simulate_and_fit(
    model: BayesianModel,
    data: Any,
    number: int,
    *,
    seed: int = SEED,
    sampling: Sampling = SHORT,
    truth: Truth | None = None,
) -> Simulation:
    """Draw data from known parameters, fit them, and compare.

    Parameters
    ----------
    model
        The model; its priors are those drawn from.
    data
        Gives sizes and what is fixed.
    number
        Which simulation.
    seed, sampling
        Master seed; how much to sample.
    truth
        Parameters; None: drawn from the prior.
    """
    purpose = "calibration" if truth is None else "recovery"
    rng = stream(f"{model.name}/{purpose}", seed=seed, index=number)
    known = model.prior_draw(data, rng) if truth is None else truth
    fit = model.fit_data(model.simulated(known, data, rng), rng, sampling)
    rank: dict[str, int] = {}
    covered: dict[str, bool] = {}
    found: dict[str, tuple[float, float, float]] = {}
    for label, value, draws in compared(model.ranked, known, fit):
        thinned = draws[np.linspace(0, draws.size - 1, RANKS).round().astype(int)]
        low, high = np.quantile(draws, [0.05, 0.95])
        rank[label] = int((thinned < value).sum())
        covered[label] = bool(low <= value <= high)
        found[label] = (value, float(draws.mean()), float(draws.std()))
    truths, means, sds = ({k: v[i] for k, v in found.items()} for i in range(3))
    return Simulation(number, truths, means, sds, rank, covered, divergent(fit), fit.seconds)


def compared(names: Sequence[str], known: Truth, fit: Sampled) -> Iterable[tuple[str, float, Array]]:
    """Yield label, true value and draws of every element of some parameters."""
    for name in names:
        draws = fit.draws(name)
        flat = draws.reshape(draws.shape[0], -1)
        values = np.ravel(np.asarray(known[name], dtype=float))
        if values.size != flat.shape[1]:
            raise ValueError(f"'{name}' has {values.size} true values and {flat.shape[1]} in the posterior.")
        for label, value, column in zip(labelled(name, flat.shape[1]), values, flat.T, strict=True):
            yield label, float(value), column


def labelled(name: str, size: int) -> list[str]:
    """Return one label an element: the name alone where there is one."""
    return [name] if size == 1 else [f"{name}[{i}]" for i in range(size)]


def divergent(fit: Sampled) -> float:
    """Return the share of draws that diverged; none do where no trajectory was followed."""
    if "sample_stats" not in fit.tree.children:
        return 0.0
    stats = fit.tree["sample_stats"].to_dataset()
    return float(np.mean(stats["diverging"].values)) if "diverging" in stats else 0.0


def predictive(observed: Mapping[str, float], replicated: Sequence[Mapping[str, float]]) -> pd.DataFrame:
    """Return where each observed statistic lies among those of replicated data.

    Returns
    -------
    pandas.DataFrame
        ``statistic, observed, mean, low, high`` (5 % and 95 % points) and ``p_value``: twice the smaller
        tail with the observed value in it, at most 1.
    """
    rows = []
    for name, value in observed.items():
        drawn = np.array([r[name] for r in replicated], dtype=float)
        drawn = drawn[np.isfinite(drawn)]
        low, high = np.quantile(drawn, [0.05, 0.95])
        tail = min(float(np.mean(drawn <= value)), float(np.mean(drawn >= value)))
        rows.append(
            {
                "statistic": name,
                "observed": float(value),
                "mean": float(drawn.mean()),
                "low": float(low),
                "high": float(high),
                "p_value": min(1.0, 2 * tail),
            }
        )
    return pd.DataFrame(rows)


def prior_predictive(
    model: BayesianModel, data: Any, rng: np.random.Generator, draws: int = PRIOR_DRAWS
) -> pd.DataFrame:
    """Compare the observed statistics with those of data drawn from the prior."""
    made = (model.simulated(model.prior_draw(data, rng), data, rng) for _ in range(draws))
    return predictive(model.statistics(data), [model.statistics(d) for d in made])


def posterior_predictive(
    model: BayesianModel, data: Any, fit: Sampled, rng: np.random.Generator, draws: int = REPLICATED
) -> pd.DataFrame:
    """Compare the observed statistics with those of data drawn anew with the posterior's parameters."""
    every = posterior_draws(model, data, fit, rng)
    picked = rng.integers(len(every), size=draws)
    made = [model.statistics(model.simulated(every.truth(int(i)), data, rng)) for i in picked]
    return predictive(model.statistics(data), made)


@dataclass(frozen=True)
class PosteriorDraws:
    """Draws of everything that `BayesianModel.simulated` needs, by name, each of shape (draw, ...)."""

    values: Mapping[str, Array]

    def __len__(self) -> int:
        return next(iter(self.values.values())).shape[0]

    def truth(self, draw: int) -> dict[str, Array]:
        """Return one draw."""
        return {name: x[draw] for name, x in self.values.items()}


def posterior_draws(
    model: BayesianModel, data: Any, fit: Sampled, rng: np.random.Generator
) -> PosteriorDraws:
    """Return the draws of all that the prior draws too."""
    return PosteriorDraws({name: fit.draws(name) for name in model.prior_draw(data, rng)})


def typical(model: BayesianModel, data: Any, fit: Sampled, rng: np.random.Generator) -> dict[str, Array]:
    """Return the draw whose ranked parameters lie nearest to their medians, in standard deviations."""
    every = posterior_draws(model, data, fit, rng)
    flat = np.concatenate([fit.draws(n).reshape(len(every), -1) for n in model.ranked], axis=1)
    spread = np.where(flat.std(axis=0) > 0, flat.std(axis=0), 1.0)
    distance = (((flat - np.median(flat, axis=0)) / spread) ** 2).sum(axis=1)
    return every.truth(int(np.argmin(distance)))


def recovered(simulations: Sequence[Simulation]) -> pd.DataFrame:
    """Return how known parameters were found again.

    Returns
    -------
    pandas.DataFrame
        ``parameter, truth, mean, sd`` (means over the data sets), ``bias`` in posterior standard deviations
        and ``coverage`` of the 90 % interval.
    """
    rows = []
    for label, truth in simulations[0].truth.items():
        mean = float(np.mean([s.mean[label] for s in simulations]))
        sd = float(np.mean([s.sd[label] for s in simulations]))
        rows.append(
            {
                "parameter": label,
                "truth": truth,
                "mean": mean,
                "sd": sd,
                "bias": (mean - truth) / sd if sd > 0 else 0.0,
                "coverage": float(np.mean([s.covered[label] for s in simulations])),
            }
        )
    return pd.DataFrame(rows)


def learnt(
    model: BayesianModel, data: Any, fit: Sampled, rng: np.random.Generator, draws: int = 2000
) -> pd.DataFrame:
    """Return the posterior of every ranked parameter beside its prior.

    Returns
    -------
    pandas.DataFrame
        ``parameter, mean, sd, q05, q50, q95``; ``prior_sd``; ``learnt``, the share of the prior's variance
        that is gone (below 0 where the data widened it); ``identified``, whether that is at least a fifth.
    """
    prior = [model.prior_draw(data, rng) for _ in range(draws)]
    rows = []
    for name in model.ranked:
        before = np.array([np.ravel(np.asarray(d[name], dtype=float)) for d in prior])
        after = fit.draws(name)
        after = after.reshape(after.shape[0], -1)
        for k, label in enumerate(labelled(name, after.shape[1])):
            variance = before[:, k].var()
            share = 1 - after[:, k].var() / variance if variance > 0 else 0.0
            low, mid, high = np.quantile(after[:, k], [0.05, 0.5, 0.95])
            rows.append(
                {
                    "parameter": label,
                    "mean": float(after[:, k].mean()),
                    "sd": float(after[:, k].std()),
                    "q05": float(low),
                    "q50": float(mid),
                    "q95": float(high),
                    "prior_sd": float(np.sqrt(variance)),
                    "learnt": float(share),
                    "identified": bool(share >= LEAST_LEARNT),
                }
            )
    return pd.DataFrame(rows)


def not_identified(table: pd.DataFrame, known: str) -> str:
    """Return what is known beforehand not to be identified, and the parameters that these data did not teach.

    Parameters
    ----------
    table
        As `learnt` returns it.
    known
        The model's own sentence.
    """
    names = [str(n) for n in table.loc[~table["identified"].to_numpy(dtype=bool), "parameter"]]
    if not names:
        return f"{known} Every parameter lost at least {LEAST_LEARNT:.0%} of its prior variance."
    return f"{known} Less than {LEAST_LEARNT:.0%} of the prior variance learnt: {', '.join(names)}."
