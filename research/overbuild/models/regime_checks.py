"""Checks of the regime model: prior draws, recovery, ranks, falls seen again, and what was learnt.

Simulation-based calibration (Talts, Betancourt, Simpson, Vehtari and Gelman 2018, arXiv:1804.06788):
parameters drawn from the prior, data from the parameters, and the rank of the parameter among draws of its
posterior, which is uniform where model and sampler are right. Every simulation has its own random stream
and shares one compiled model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chisquare, kstest

from overbuild.models.regime_panel import RegimePanel, panel_from
from overbuild.models.regime_posterior import MAIN, Parameters, RegimePosterior, drawn, simulate
from overbuild.models.regimes import RegimeModel
from overbuild.models.sampler import Sampling
from overbuild.models.switching import initial_states
from overbuild.randomness import stream
from overbuild.settings import SEED

Array = NDArray[np.float64]

SERIES, YEARS, GDP_GROWTH = 13, 71, 0.06
SHORT = Sampling(chains=2, draws=400, tune=500)
RANKS = 100
"""Thinned draws among which a parameter is ranked, so that they are nearly independent."""
LEAST_P = 0.01
LEAST_LEARNT = 0.2


@dataclass(frozen=True, eq=False)
class Calibration:
    """Ranks of the parameters, one row a simulation; columns as the common parameters.

    Attributes
    ----------
    ranks
        From 0 to `RANKS`.
    covered
        Whether the 90 % interval held the parameter.
    """

    ranks: pd.DataFrame
    covered: pd.DataFrame

    def frame(self) -> pd.DataFrame:
        """Return p-values of uniform ranks (chi-square, Kolmogorov-Smirnov) and coverage."""
        bins = max(len(self.ranks) // 20, 4)
        rows = []
        for name in self.ranks:
            u = (self.ranks[name].to_numpy() + 0.5) / (RANKS + 1)
            counts = np.histogram(u, bins=bins, range=(0, 1))[0]
            rows.append(
                {
                    "parameter": name,
                    "chi_square_p": float(chisquare(counts).pvalue),
                    "largest_gap_p": float(kstest(u, "uniform").pvalue),
                    "coverage": float(np.mean(self.covered[name].to_numpy())),
                }
            )
        return pd.DataFrame(rows)

    @property
    def passed(self) -> bool:
        """Whether no parameter's ranks depart from uniform, at a level shared by all tests."""
        p = self.frame()[["chi_square_p", "largest_gap_p"]].to_numpy()
        return bool(p.min() >= LEAST_P / p.size)


def prior_draw(
    priors: Mapping[str, Any], members: int, rng: np.random.Generator
) -> dict[str, NDArray[np.float64]]:
    """Return one draw of every parameter from the priors, by the names that the model gives them."""
    p, width = priors, priors["deviation"]["log_sd"]
    normal = rng.normal(*p["normal_growth"])
    boom, bust = (p[g][0] * np.exp(p[g][1] * rng.standard_normal()) for g in ("boom_gap", "bust_gap"))
    scales = np.array([p["spread_of_means"][r] for r in ("normal", "boom", "bust")])
    spread = np.abs(rng.standard_normal(3)) * scales
    z = rng.standard_normal((members, 3))
    own = normal + spread[0] * z[:, 0]
    mu = np.stack(
        [own, own + boom * np.exp(spread[1] * z[:, 1]), own - bust * np.exp(spread[2] * z[:, 2])], 1
    )
    deviation = p["deviation"]["normal"] * np.exp(width * rng.standard_normal())
    ratio = np.array([p["deviation"][r] for r in ("boom", "bust")]) * np.exp(width * rng.standard_normal(2))
    spread_sigma = np.abs(rng.standard_normal()) * p["spread_of_deviations"]
    log_own = np.log(deviation) + spread_sigma * rng.standard_normal(members)
    made = {
        "normal_growth": normal,
        "boom_gap": boom,
        "bust_gap": bust,
        "spread_of_means": spread,
        "mu": mu,
        "deviation": deviation,
        "deviation_ratio": ratio,
        "spread_of_deviations": spread_sigma,
        "log_sigma": log_own[:, None] + np.log([1.0, *ratio]),
        "persistence": rng.normal(*p["persistence"]),
        "exit": rng.normal(*p["exit"]),
        "exit_age": rng.normal(*p["exit_age"]),
        "exit_covariates": p["exit_covariates"] * rng.standard_normal(2),
        "from_normal": rng.dirichlet(p["from_normal"]),
        "after_boom": rng.beta(*p["after_boom"]),
        "from_bust": rng.dirichlet(p["from_bust"]),
    }
    return {name: np.asarray(value, dtype=float) for name, value in made.items()}


def simulated_panel(
    truth: Mapping[str, Array],
    priors: Mapping[str, Any],
    ages: int,
    rng: np.random.Generator,
    years: int = YEARS,
) -> RegimePanel:
    """Return a panel drawn from the model with known parameters: every member from the first year on."""
    members = truth["mu"].shape[0]
    each = parameters_of(truth)
    initial = initial_states(tuple(priors["initial"]), ages)
    states = drawn(np.repeat(initial[None], members, axis=0), rng)
    growth = simulate(
        each,
        states,
        np.nan,
        np.array([np.log(1000.0)]),
        np.array([np.log(1e-3)]),
        GDP_GROWTH,
        years,
        float(priors["degrees"]),
        ages,
        rng,
    )
    clock = np.arange(1947, 1947 + years + 1)
    paths = np.exp(np.log(1000.0) + np.concatenate([np.zeros((members, 1)), growth.cumsum(axis=1)], axis=1))
    gdp = pd.Series(1e6 * np.exp(GDP_GROWTH * np.arange(years + 1)), index=clock)
    names = [f"s{i}" for i in range(members)]
    levels = {n: pd.Series(row, index=clock) for n, row in zip(names, paths, strict=True)}
    return panel_from(levels, dict.fromkeys(names, gdp))


def parameters_of(truth: Mapping[str, Array]) -> Parameters:
    """Return the parameters of every member of a draw, as `simulate` takes them."""
    members = truth["mu"].shape[0]
    after = np.array([1 - truth["after_boom"], 0.0, truth["after_boom"]])
    moves = np.stack([truth["from_normal"], after, truth["from_bust"]])

    def repeated(x: Array) -> Array:
        return np.repeat(np.asarray(x)[None], members, axis=0)

    names = ("persistence", "exit", "exit_age", "exit_covariates")
    phi, alpha, beta, gamma = (repeated(truth[n]) for n in names)
    return Parameters(truth["mu"], truth["log_sigma"], phi, alpha, beta, gamma, repeated(moves))


def calibrate(
    model: RegimeModel, simulations: int | Sequence[int], seed: int = SEED, sampling: Sampling = SHORT
) -> Calibration:
    """Draw parameters and data from the model so many times, fit each, and rank the parameters.

    Parameters
    ----------
    model
        Its priors are those drawn from.
    simulations
        How many, or the numbers of those to do (so that several processes can share the work).
    seed, sampling
        Master seed; how much to sample in each.
    """
    numbers = range(simulations) if isinstance(simulations, int) else simulations
    short = replace(model, sampling=sampling)
    ranks, covered = [], []
    for number in numbers:
        rng = stream("regimes/calibration", seed=seed, index=number)
        truth = prior_draw(model.priors, SERIES, rng)
        fit = short.fit_panel(simulated_panel(truth, model.priors, model.ages, rng), rng)
        rank, cover = ranked(truth, fit)
        ranks.append(rank)
        covered.append(cover)
    index = pd.Index(list(numbers), name="simulation")
    return Calibration(pd.DataFrame(ranks, index=index), pd.DataFrame(covered, index=index))


def ranked(truth: Mapping[str, Array], fit: RegimePosterior) -> tuple[dict[str, int], dict[str, bool]]:
    """Return the rank of each common parameter among its draws, and whether the 90 % interval holds it."""
    ranks, covered = {}, {}
    for name in MAIN:
        draws = fit.sampled.draws(name).reshape(fit.sampled.draws("exit").size, -1)
        thinned = draws[np.linspace(0, len(draws) - 1, RANKS).round().astype(int)]
        for k, value in enumerate(np.atleast_1d(truth[name])):
            low, high = np.quantile(draws[:, k], [0.05, 0.95])
            label = name if draws.shape[1] == 1 else f"{name}[{k}]"
            ranks[label] = int((thinned[:, k] < value).sum())
            covered[label] = bool(low <= value <= high)
    return ranks, covered


def prior_predictive(model: RegimeModel, draws: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return statistics of panels drawn from the prior: one row a draw, columns as `statistics`."""
    rows = []
    for _ in range(draws):
        truth = prior_draw(model.priors, SERIES, rng)
        rows.append(statistics(simulated_panel(truth, model.priors, model.ages, rng)))
    return pd.DataFrame(rows)


def posterior_predictive(posterior: RegimePosterior, draws: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return statistics of panels drawn anew with the posterior's parameters, over the same years."""
    panel = posterior.panel
    every = [posterior.parameters(m) for m in panel.members]
    picked = rng.integers(every[0].exit.size, size=draws)
    rows = []
    for draw in picked:
        growth = np.full_like(panel.growth, np.nan)
        for i, p in enumerate(every):
            first, stop = int(panel.first[i]), int(panel.stop[i])
            if stop == first:
                continue
            states = drawn(posterior.initial[None], rng)
            start = panel.levels[i, first : first + 1], panel.shares[i, first : first + 1]
            years = stop - first
            one = p.take(np.array([draw]))
            growth[i, first:stop] = simulate(
                one,
                states,
                np.nan,
                *start,
                GDP_GROWTH,
                years,
                posterior.degrees,
                posterior.initial.size - 2,
                rng,
            )[0]
        rows.append(statistics(replace(panel, growth=growth)))
    return pd.DataFrame(rows)


def statistics(panel: RegimePanel) -> dict[str, float]:
    """Return what the model must reproduce: falls of 30 %, the spread of growth, its persistence."""
    falls = doubled = 0
    deviations, rhos = [], []
    for row, first, stop in zip(panel.growth, panel.first, panel.stop, strict=True):
        g = row[int(first) : int(stop)]
        if g.size < 3:
            continue
        falls += spells(np.exp(np.concatenate([[0.0], g.cumsum()])), 0.3)
        doubled += int((g.size >= 4) and (np.convolve(g, np.ones(4), "valid") >= np.log(2)).sum())
        deviations.append(g.std())
        rhos.append(np.corrcoef(g[1:], g[:-1])[0, 1])
    return {
        "falls_of_30_percent": float(falls),
        "years_after_doubling_in_four": float(doubled),
        "median_deviation_of_growth": float(np.median(deviations)),
        "largest_deviation_of_growth": float(np.max(deviations)),
        "median_autocorrelation": float(np.median(rhos)),
    }


def spells(level: Array, fall: float) -> int:
    """Return how often a level falls so far below its running peak, which starts anew after a fall."""
    count, peak, low, down = 0, level[0], level[0], False
    for x in level:
        if down:
            low = min(low, x)
            if x >= low / (1 - fall):
                down, peak = False, x
        else:
            peak = max(peak, x)
            if x <= (1 - fall) * peak:
                count, down, low = count + 1, True, x
    return count


def learnt(
    model: RegimeModel, posterior: RegimePosterior, rng: np.random.Generator, draws: int = 4000
) -> pd.DataFrame:
    """Return prior and posterior standard deviation and share of variance learnt, by parameter."""
    prior = [prior_draw(model.priors, 1, rng) for _ in range(draws)]
    rows = []
    for name in MAIN:
        before = np.array([np.atleast_1d(d[name]) for d in prior])
        after = posterior.sampled.draws(name).reshape(posterior.sampled.draws("exit").size, -1)
        for k in range(before.shape[1]):
            share = 1 - after[:, k].var() / before[:, k].var()
            label = name if before.shape[1] == 1 else f"{name}[{k}]"
            rows.append(
                {
                    "parameter": label,
                    "prior_sd": before[:, k].std(),
                    "posterior_sd": after[:, k].std(),
                    "learnt": share,
                    "identified": bool(share >= LEAST_LEARNT),
                }
            )
    return pd.DataFrame(rows)


def not_identified(table: pd.DataFrame) -> str:
    """Return the line that names what the data did not teach."""
    names = list(table.loc[~table["identified"], "parameter"])
    if not names:
        return f"Every parameter lost at least {LEAST_LEARNT:.0%} of its prior variance."
    return f"Not identified (less than {LEAST_LEARNT:.0%} of the prior variance learnt): {', '.join(names)}."
