"""Whether the comparison of mechanisms would find one that is true, and whether its chances are right."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from overbuild.games.mechanism_panel import COEFFICIENTS, Coefficients, coefficients
from overbuild.games.mechanisms import (
    MECHANISMS,
    PATTERNS,
    Scales,
    log_densities,
    one_a_pattern,
    patterns_of,
    prior_draws,
)
from overbuild.games.reaction_simulation import World, simulate
from overbuild.randomness import stream

type Array = NDArray[np.float64]

LENGTHS = (34, 80, 160, 400, 1600)
DRAWS, CASES = 1500, 300
BINS = (0.0, 0.1, 0.2, 0.3, 0.5, 1.0)
COMMON = 0.8


def posteriors(estimates: Array, draws: dict[str, Array], variance: Array, df: float) -> Array:
    """Return posteriors over the rows, shape (n, rows), of estimates of shape (n, p)."""
    by = {}
    for pattern, d in draws.items():
        logs = log_densities(estimates, d, variance, df)
        by[pattern] = special.logsumexp(logs, axis=1) - np.log(d.shape[0])
    return special.softmax(np.column_stack([by[m.pattern] for m in MECHANISMS]), axis=1)


def found_rates(found: Coefficients, s: Scales, quarters: int, least: float) -> list[dict[str, Any]]:
    """Return, by length of the panel and true pattern, how often the comparison finds it.

    The truth is drawn from the prior of the pattern and estimated with the variance of our own panel, which
    falls with the length. It tells what the comparison could do at best: with estimates that have no bias.

    Returns
    -------
    list of dict
        ``quarters, truth, weight`` (mean posterior of the true pattern), ``average`` (mean posterior by
        pattern), ``leads`` (share of cases in which it is first), ``ranked`` and ``wrong`` (shares in which
        the rule on Bayes factors ranks it, or another).
    """
    kept = [COEFFICIENTS.index(n) for n in found.names]
    rows = []
    for length in LENGTHS:
        rng = stream("mechanisms/found", index=length)
        draws = {k: v[:, kept] for k, v in prior_draws(s, DRAWS, rng).items()}
        shrunk, df = found.variance * quarters / length, found.df * length / quarters
        for truth in one_a_pattern():
            theta = truth.draw(s, CASES, rng)[:, kept]
            after = posteriors(theta + _noise(shrunk, df, CASES, rng), draws, shrunk, df)
            rows.append({"quarters": length, "truth": truth.pattern, **_summary(after, truth.pattern, least)})
    return rows


def _noise(variance: Array, df: float, count: int, rng: np.random.Generator) -> Array:
    normal = rng.standard_normal((count, variance.shape[0])) @ np.linalg.cholesky(variance).T
    return normal / np.sqrt(rng.chisquare(df, (count, 1)) / df)


def _summary(after: Array, truth: str, least: float) -> dict[str, Any]:
    by = np.array([list(patterns_of(p).values()) for p in after])
    first = np.array([MECHANISMS[i].pattern for i in after.argmax(axis=1)])
    strong = after.max(axis=1) * after.shape[1] > least
    return {
        "weight": float(by[:, PATTERNS.index(truth)].mean()),
        "average": dict(zip(PATTERNS, (float(v) for v in by.mean(axis=0)), strict=True)),
        "leads": float((first == truth).mean()),
        "ranked": float((strong & (first == truth)).mean()),
        "wrong": float((strong & (first != truth)).mean()),
    }


def calibration(found: Coefficients, s: Scales, count: int = 3000) -> dict[str, Any]:
    """Return stated against realised chances of rows, the true row drawn with equal chances.

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


def from_panels(
    s: Scales, weights: Array, exposure: Array, strain: Array, least: float, quarters: int, count: int
) -> list[dict[str, Any]]:
    """Return the same as `found_rates` from whole panels that are made up and estimated.

    Each truth meets a common shock; ``none`` also meets shocks to products, under which every estimator is
    biased: ``shocks`` says which.

    Parameters
    ----------
    strain
        Shape (T, N): capex over cash flow of our panel, repeated to the length.
    """
    ratio = np.resize(strain, (quarters, strain.shape[1]))
    cases = [(m.pattern, "common", 0.0) for m in one_a_pattern()] + [("none", "product", COMMON)]
    rows = []
    for truth, shocks, product in cases:
        name = f"mechanisms/panel/{truth}/{shocks}/{quarters}"
        rng = stream(name)
        draws = prior_draws(s, DRAWS, rng)
        theta = next(m for m in one_a_pattern() if m.pattern == truth).draw(s, count, rng)
        after = []
        for i, (m, k, c, a) in enumerate(theta):
            world = World(m, -0.05, common=COMMON, product=product, strained=k, rivals_cash=c, asymmetric=a)
            panel = simulate(world, quarters, weights, exposure, stream(name, index=i + 1), ratio)
            got = coefficients(panel)
            after.append(posteriors(got.value[None], draws, got.variance, got.df)[0])
        rows.append(
            {
                "quarters": quarters,
                "truth": truth,
                "shocks": shocks,
                "count": count,
                **_summary(np.array(after), truth, least),
            }
        )
    return rows
