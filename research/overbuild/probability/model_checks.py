"""The checks of the two outside views: what is simulated and compared, and whether the marks are reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from overbuild.models.priors import Beta
from overbuild.probability.beta_binomial import cluster_posterior
from overbuild.probability.calibration import calibrated
from overbuild.probability.checks import Predicted, Recovered, dispersions, prior_predictive, recovery
from overbuild.probability.choices import BaseRateChoices
from overbuild.probability.cluster_bootstrap import cluster_weights
from overbuild.probability.forecast_checks import Asked, forecast_recovery
from overbuild.probability.growth_panels import Growth
from overbuild.probability.intervals import METHODS, Means
from overbuild.probability.learning import LEVELS, evidence_of, learnt
from overbuild.probability.marks import Marks, Verdict, passed
from overbuild.probability.plain import plain
from overbuild.randomness import stream

Array = NDArray[np.float64]

DRAWS = 1000
"""Draws of the bootstrap on each simulated data set."""
REPLICATIONS = 10_000
"""Data sets of the prior and posterior predictive checks."""
GRID = (200, 20)
"""Cells of the beta-binomial's grid, on thousands of data sets."""


@dataclass(frozen=True)
class Design:
    """What is checked: a share of cases that come in clusters, and how it is estimated.

    Attributes
    ----------
    model
        Name of the forecaster.
    hits, cases
        Shape (cluster,): the data.
    interval
        The interval that is printed first.
    rate_prior, correlation_prior
        Parameters of the Beta priors.
    point_prior
        Beta prior of the printed estimate; nothing: the share itself.
    not_identified
        What no amount of such data could tell.
    """

    model: str
    hits: Array
    cases: Array
    interval: str
    rate_prior: Beta
    correlation_prior: Beta
    point_prior: Beta
    not_identified: str


@dataclass(frozen=True)
class ForecastDesign:
    """The forecast that is checked on simulated panels."""

    process: Growth
    asked: Asked
    choices: BaseRateChoices


@dataclass(frozen=True)
class ModelChecks:
    """The checks of one model.

    Attributes
    ----------
    model, interval, forecast_interval
        Its name, and which intervals are printed first (None: the forecast is the rate itself).
    clusters, cases
        Clusters that hold a case, and cases.
    simulations
        Data sets of each simulated check.
    verdicts
        Every number that decides, with its mark.
    prior_predictive
        The observed count under the prior.
    recovery, forecast
        Known rates found again, by every interval; known chances of a fall forecast from simulated panels.
    calibration
        Uniformity of ranks of every posterior, on data with and without differences between clusters.
    posterior_predictive
        Model to the share of replicated data in which clusters differ at least as much as in the observed.
    prior_to_posterior
        What the data moved.
    not_identified
        What no amount of such data could tell.
    """

    model: str
    interval: str
    forecast_interval: str | None
    clusters: int
    cases: int
    simulations: int
    verdicts: tuple[Verdict, ...]
    prior_predictive: Predicted
    recovery: tuple[Recovered, ...]
    forecast: tuple[Recovered, ...]
    calibration: tuple[dict[str, Any], ...]
    posterior_predictive: dict[str, float]
    prior_to_posterior: tuple[dict[str, Any], ...]
    not_identified: str

    @property
    def passed(self) -> dict[str, bool]:
        """Check to whether all of its numbers reach their marks."""
        return passed(self.verdicts)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON types."""
        own = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return plain(own | {"verdicts": [v.to_dict() for v in self.verdicts], "passed": self.passed})


def means_of(design: Design, seed: int) -> Means:
    """Return what the intervals of a design need, with bootstrap weights from a stream of its own."""
    rng = stream(f"checks/{design.model}/bootstrap", seed=seed)
    weights = cluster_weights(design.cases.size, DRAWS, rng)
    return Means(design.rate_prior, design.correlation_prior, weights, rates=GRID[0], correlations=GRID[1])


def check_model(
    design: Design, marks: Marks, seed: int, forecast: ForecastDesign | None = None
) -> ModelChecks:
    """Run every check of a model.

    Parameters
    ----------
    design
        The share and how it is estimated.
    marks
        What must be reached.
    seed
        Master seed; each check has its own stream.
    forecast
        The forecast, where it is not the share itself.
    """
    means, name, simulations = means_of(design, seed), f"checks/{design.model}", marks.simulations
    priors = design.rate_prior, design.correlation_prior
    predicted = prior_predictive(
        float(design.hits.sum()), design.cases, *priors, REPLICATIONS, stream(f"{name}/prior", seed=seed)
    )
    rng = stream(f"{name}/recovery", seed=seed)
    found = recovery(
        tuple(METHODS),
        design.cases,
        marks.rates,
        marks.correlation,
        means,
        simulations,
        rng,
        design.point_prior,
    )
    panels = _forecast(forecast, simulations, f"{name}/forecast", seed)
    ranks = {
        (method, clustered): calibrated(
            design.model, method, design.cases, means, simulations, seed, correlated=clustered
        )
        for method in METHODS
        for clustered in (False, True)
    }
    spread = dispersions(
        design.hits, design.cases, means, REPLICATIONS, stream(f"{name}/posterior", seed=seed)
    )
    printed = ranks[design.interval, True]
    fitted = "beta_binomial" if design.interval == "beta_binomial" else "independent"
    verdicts = [
        Verdict("prior_predictive", "observed count, p-value", predicted.p_value, marks.p_value),
        *_recovered("", found, design.interval, marks),
        Verdict("calibration", "uniform, p-value by chi-square", printed.chi_square, marks.p_value),
        Verdict("calibration", "uniform, p-value by distribution function", printed.ecdf, marks.p_value),
        Verdict("posterior_predictive", "share at least as uneven", spread[fitted], *marks.dispersion),
    ]
    if forecast is not None:
        verdicts += _recovered("forecast_", panels, forecast.choices.forecast_interval, marks)
    return ModelChecks(
        model=design.model,
        interval=design.interval,
        forecast_interval=forecast.choices.forecast_interval if forecast else None,
        clusters=int((design.cases > 0).sum()),
        cases=int(design.cases.sum()),
        simulations=simulations,
        verdicts=tuple(verdicts),
        prior_predictive=predicted,
        recovery=found,
        forecast=panels,
        calibration=tuple(
            {
                "posterior": method,
                "clustered": clustered,
                "chi_square": r.chi_square,
                "ecdf": r.ecdf,
                "coverage": r.coverage,
                "histogram": r.histogram,
            }
            for (method, clustered), r in ranks.items()
        ),
        posterior_predictive=spread,
        prior_to_posterior=tuple(_moved(design, marks)),
        not_identified=design.not_identified,
    )


def _forecast(
    forecast: ForecastDesign | None, simulations: int, name: str, seed: int
) -> tuple[Recovered, ...]:
    if forecast is None:
        return ()
    given = forecast.process, forecast.asked, forecast.choices
    return forecast_recovery(tuple(METHODS), *given, simulations, DRAWS, stream(name, seed=seed))


def _recovered(prefix: str, found: Sequence[Recovered], interval: str, marks: Marks) -> list[Verdict]:
    """Return the verdicts on bias and coverage of the interval that is printed first."""
    own = [r for r in found if r.method == interval]
    worst, cover = max((r.bias for r in own), key=abs), [r.coverage for r in own]
    return [
        Verdict(f"{prefix}recovery", "largest bias of the estimate", worst, -marks.bias, marks.bias),
        Verdict(f"{prefix}coverage", "least coverage of the 90 % interval", min(cover), marks.coverage),
        Verdict(
            f"{prefix}coverage",
            "mean coverage of the 90 % interval",
            float(np.mean(cover)),
            None,
            marks.coverage_mean,
        ),
    ]


def _moved(design: Design, marks: Marks) -> list[dict[str, Any]]:
    """Return prior and posterior of rate and correlation, and what the rate learnt."""
    priors = {"rate": design.rate_prior, "correlation": design.correlation_prior}
    posterior = cluster_posterior(design.hits, design.cases, design.rate_prior, design.correlation_prior)
    quantiles = {"rate": posterior.points, "correlation": posterior.correlation_points}
    out = []
    for name, prior in priors.items():
        before, after = stats.beta(*prior).var(), float(quantiles[name](LEVELS)[:, 0].var())
        share = float(learnt(before, after))
        low, mid, high = (float(q) for q in quantiles[name]((0.05, 0.5, 0.95))[:, 0])
        first, last = (float(q) for q in stats.beta.ppf((0.05, 0.95), *prior))
        out.append(
            {
                "quantity": name,
                "prior_variance": float(before),
                "posterior_variance": after,
                "learnt": share,
                "low": low,
                "median": mid,
                "high": high,
                "prior_low": first,
                "prior_high": last,
                "evidence": evidence_of(share, marks.learnt, "direct"),
            }
        )
    return out
