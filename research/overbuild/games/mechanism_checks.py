"""Whether the comparison of mechanisms would find one that is true, and whether its chances are right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from overbuild.games.mechanism_panel import BY, COEFFICIENTS, Coefficients, coefficients
from overbuild.games.mechanisms import (
    MECHANISMS,
    PATTERNS,
    Scales,
    factors,
    log_densities,
    one_a_pattern,
    patterns_of,
    prior_draws,
    ranks,
)
from overbuild.games.reaction_estimators import NotConvergedError
from overbuild.games.reaction_panel import YEAR
from overbuild.games.reaction_simulation import World, simulate
from overbuild.randomness import stream

type Array = NDArray[np.float64]

LONG = 400
DRAWS, CASES, PREDICTED = 1000, 300, 500
BINS = (0.0, 0.1, 0.2, 0.3, 0.5, 1.0)
COMMON = 0.8


def posteriors(estimates: Array, draws: dict[str, Array], variance: Array, df: float) -> Array:
    """Return posteriors over the rows, shape (n, rows), of estimates of shape (n, p)."""
    by = {}
    for pattern, d in draws.items():
        logs = log_densities(estimates, d, variance, df)
        by[pattern] = special.logsumexp(logs, axis=1) - np.log(d.shape[0])
    return special.softmax(np.column_stack([by[m.pattern] for m in MECHANISMS]), axis=1)


def found_rates(
    found: Coefficients, s: Scales, quarters: int, least: float, other: Sequence[float] = ()
) -> list[dict[str, Any]]:
    """Return, by length of the panel and true pattern, how often the comparison finds it.

    The truth is drawn from the prior of the pattern and estimated with the variance of our own panel, which
    falls with the length. It tells what the comparison could do at best: with estimates that have no bias.
    The rule is applied over the scales of the priors, the truth drawn from the scales as set.

    Parameters
    ----------
    quarters
        Length of the panel that was estimated.
    other
        Factors on the scales besides 1.

    Returns
    -------
    list of dict
        ``quarters, truth, weight`` (mean posterior of the true pattern), ``average`` (mean posterior by
        pattern) and ``leads`` (share of cases in which it is first) at the scales as set, ``ranked`` and
        ``wrong`` (shares in which the rule over all readings ranks it, or another), ``wrong_one`` (the same
        of the first reading alone), ``count``.
    """
    kept = [COEFFICIENTS.index(n) for n in found.names]
    rows = []
    for length in (quarters, LONG):
        rng = stream("mechanisms/found", index=length)
        draws = [
            {k: v[:, kept] for k, v in prior_draws(s.times(f), DRAWS, rng).items()} for f in (1.0, *other)
        ]
        shrunk, df = found.variance * quarters / length, found.df * length / quarters
        for truth in one_a_pattern():
            theta = truth.draw(s, CASES, rng)[:, kept]
            estimates = theta + _noise(shrunk, df, CASES, rng)
            after = np.stack([posteriors(estimates, d, shrunk, df) for d in draws])
            rows.append({"quarters": length, "truth": truth.pattern, **_summary(after, truth.pattern, least)})
    return rows


def _noise(variance: Array, df: float, count: int, rng: np.random.Generator) -> Array:
    normal = rng.standard_normal((count, variance.shape[0])) @ np.linalg.cholesky(variance).T
    return normal / np.sqrt(rng.chisquare(df, (count, 1)) / df)


def _summary(after: Array, truth: str, least: float) -> dict[str, Any]:
    """Return shares over cases; ``after`` has shape (readings, cases, rows), the reading as set first."""
    by = np.array([list(patterns_of(p).values()) for p in after[0]])
    true = PATTERNS.index(truth)
    by_rule, by_one = ranks(after, least), ranks(after[:1], least)
    return {
        "weight": float(by[:, true].mean()),
        "average": dict(zip(PATTERNS, (float(v) for v in by.mean(axis=0)), strict=True)),
        "leads": float((factors(after[0]).argmax(axis=-1) == true).mean()),
        "ranked": float((by_rule == true).mean()),
        "wrong": float(((by_rule >= 0) & (by_rule != true)).mean()),
        "wrong_one": float(((by_one >= 0) & (by_one != true)).mean()),
        "count": after.shape[1],
    }


def predictive(found: Coefficients, s: Scales) -> dict[str, float]:
    r"""Return pattern to Box's prior predictive p of the estimates.

    It is the share of estimates made from the pattern, its prior and their error, whose marginal density
    under it is no higher than that of the estimates in hand: small where the pattern does not fit, whatever
    its rank among others. Box (1980), Journal of the Royal Statistical Society A 143(4), 383-430.
    """
    kept = [COEFFICIENTS.index(n) for n in found.names]
    rng = stream("mechanisms/predictive")
    shares = {}
    for pattern, d in prior_draws(s, DRAWS + PREDICTED, rng).items():
        draws, theta = d[:DRAWS, kept], d[DRAWS:, kept]
        made = theta + _noise(found.variance, found.df, PREDICTED, rng)
        every = np.vstack([found.value, made])
        density = special.logsumexp(log_densities(every, draws, found.variance, found.df), axis=1)
        shares[pattern] = float(np.mean(density[1:] <= density[0]))
    return shares


def calibration(found: Coefficients, s: Scales, count: int = 3000) -> dict[str, Any]:
    """Return stated against realised chances of rows, the true row drawn with equal chances.

    Prior and errors are those that the comparison assumes, so that they agree but for mistakes of the code.

    Returns
    -------
    dict
        ``bins`` (``low, high, stated, happened, cases``), ``stated`` and ``squared`` (mean posterior of the
        true row, and mean over cases of the sum of squared posteriors: they are equal in expectation where
        the chances are right), ``error`` (standard error of their difference), ``count``.
    """
    kept = [COEFFICIENTS.index(n) for n in found.names]
    rng = stream("mechanisms/calibration")
    draws = {k: v[:, kept] for k, v in prior_draws(s, DRAWS, rng).items()}
    rows = rng.integers(len(MECHANISMS), size=count)
    theta = np.empty((count, len(kept)))
    for i, m in enumerate(MECHANISMS):
        mine = rows == i
        theta[mine] = m.draw(s, int(mine.sum()), rng)[:, kept]
    estimates = theta + _noise(found.variance, found.df, count, rng)
    after = posteriors(estimates, draws, found.variance, found.df)
    true = np.eye(len(MECHANISMS))[rows]
    stated, squared = (after * true).sum(axis=1), (after**2).sum(axis=1)
    bins = []
    for low, high in pairwise(BINS):
        inside = (after > low) & (after <= high)
        if inside.any():
            bins.append(
                {
                    "low": low,
                    "high": high,
                    "stated": float(after[inside].mean()),
                    "happened": float(true[inside].mean()),
                    "cases": int(inside.sum()),
                }
            )
    return {
        "bins": bins,
        "stated": float(stated.mean()),
        "squared": float(squared.mean()),
        "error": float((stated - squared).std(ddof=1) / np.sqrt(count)),
        "count": count,
    }


@dataclass(frozen=True, eq=False)
class Design:
    """What whole panels are made with.

    Attributes
    ----------
    weights, exposure
        Shapes (N, N) and (N, products).
    strain
        Shape (T, N): capex over cash flow of our panel, repeated to the length.
    """

    weights: Array
    exposure: Array
    strain: Array


def from_panels(
    design: Design,
    s: Scales,
    least: float,
    other: Sequence[float],
    quarters: int,
    counts: tuple[int, int],
) -> list[dict[str, Any]]:
    """Return the same as `found_rates` from whole panels that are made up and estimated.

    The rule is applied as it is to the data: every effects taken out, every scale of the priors. Each truth
    meets a common shock; ``none`` also meets shocks to products, under which every estimator is biased:
    ``shocks`` says which.

    Parameters
    ----------
    other
        Factors on the scales besides 1.
    counts
        Panels where the truth is ``none``, and where it is another.

    Returns
    -------
    list of dict
        Besides, ``stated`` and ``squared``: mean over panels of the posterior of a row of the true pattern,
        and of the sum of squared posteriors, and ``apart``, the s.d. over panels of their difference;
        ``not_converged``, panels left out because one factor was not found.
    """
    cases = [(m.pattern, "common", 0.0) for m in one_a_pattern()] + [("none", "product", COMMON)]
    ratio = np.resize(design.strain, (quarters, design.strain.shape[1]))
    rows = []
    for truth, shocks, product in cases:
        name = f"mechanisms/panel/{truth}/{shocks}/{quarters}"
        rng = stream(name)
        draws = [prior_draws(s.times(f), DRAWS, rng) for f in (1.0, *other)]
        count = counts[0 if truth == "none" else 1]
        if count == 0:
            continue
        own = next(i for i, m in enumerate(MECHANISMS) if m.pattern == truth)
        after = []
        for i, (m, k, c, a) in enumerate(MECHANISMS[own].draw(s, count, rng)):
            world = World(m, -0.05, common=COMMON, product=product, strained=k, rivals_cash=c, asymmetric=a)
            panel = simulate(
                world, quarters, design.weights, design.exposure, stream(name, index=i + 1), ratio, YEAR
            )
            try:
                got = [coefficients(panel, by) for by in BY]
            except NotConvergedError:
                continue
            after.append(
                [posteriors(g.value[None], _of(d, g), g.variance, g.df)[0] for g in got for d in draws]
            )
        every = np.array(after).transpose(1, 0, 2)
        stated, squared = every[0][:, own], (every[0] ** 2).sum(axis=1)
        rows.append(
            {
                "quarters": quarters,
                "truth": truth,
                "shocks": shocks,
                **_summary(every, truth, least),
                "stated": float(stated.mean()),
                "squared": float(squared.mean()),
                "apart": float((stated - squared).std(ddof=1)),
                "not_converged": count - len(after),
            }
        )
    return rows


def _of(draws: dict[str, Array], found: Coefficients) -> dict[str, Array]:
    kept = [COEFFICIENTS.index(n) for n in found.names]
    return {k: v[:, kept] for k, v in draws.items()}


def calibration_from_panels(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return stated against expected chances in panels with a common shock, each row as likely as another.

    Unlike in `calibration` the estimates come from panels, with the bias and the wrong variance they have.
    """
    share = {p: sum(m.pattern == p for m in MECHANISMS) / len(MECHANISMS) for p in PATTERNS}
    mine = [r for r in rows if r["shocks"] == "common"]
    return {
        "quarters": mine[0]["quarters"],
        "count": sum(r["count"] for r in mine),
        **{k: float(sum(share[r["truth"]] * r[k] for r in mine)) for k in ("stated", "squared")},
        "error": float(np.sqrt(sum((share[r["truth"]] * r["apart"]) ** 2 / r["count"] for r in mine))),
    }
