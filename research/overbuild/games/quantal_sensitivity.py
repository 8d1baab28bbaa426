"""The slope in rivals' choices under other priors, other covariates, and parts of the panel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from overbuild.games.importance import Weighted
from overbuild.games.quantal_exact import posterior
from overbuild.games.quantal_panel import QuantalData
from overbuild.games.quantal_posterior import zeta_prior
from overbuild.randomness import stream

AMAZON, GROSS_FROM = "Amazon", "2019Q2"
"""First quarter in which Amazon's growth, and that before, are of its gross capex."""
TIMED = ("index", "surprise")


def sensitivity(data: QuantalData, priors: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return zeta by reading, the one as set first: ``what``, quantiles, ``positive`` and ``learnt``.

    ``learnt`` is the share of the prior's variance that is gone, the prior being that of the reading.
    """
    mean, sd, low, high = priors["zeta"]

    def scaled(by: float) -> dict[str, Any]:
        return {**dict(priors), "zeta": [mean, by * sd, low, high]}

    readings = [
        ("as set", data, priors),
        ("prior half as wide", data, scaled(0.5)),
        ("prior twice as wide", data, scaled(2.0)),
        ("smaller shock", data, {**dict(priors), "shock": 0.5 * priors["shock"]}),
        ("larger shock", data, {**dict(priors), "shock": 2.0 * priors["shock"]}),
        ("without the index", without(data, "index"), priors),
        ("without the own answer", without(data, "own_lag"), priors),
        ("without Amazon", without_firm(data, AMAZON), priors),
        (f"from {GROSS_FROM}", from_quarter(data, GROSS_FROM), priors),
        ("index and surprise a quarter older", older(data), priors),
    ]
    return [
        {"what": what, **told(posterior(d, p, stream("games/sensitivity", index=i), draws=2000), p)}
        for i, (what, d, p) in enumerate(readings)
    ]


def told(found: Weighted, priors: Mapping[str, Any]) -> dict[str, float]:
    """Return quantiles of zeta, P(zeta > 0), the share of the prior's variance learnt, and Pareto's k."""
    low, mid, high = found.quantile(0, [0.05, 0.5, 0.95])
    return {
        "q05": float(low),
        "q50": float(mid),
        "q95": float(high),
        "positive": found.above(0, 0.0),
        "learnt": float(1 - (found.sd[0] / zeta_prior(priors).std()) ** 2),
        "k": found.k,
    }


def without(data: QuantalData, name: str) -> QuantalData:
    """Return the panel without a covariate."""
    kept = [k for k, n in enumerate(data.names) if n != name]
    return replace(
        data,
        covariates=np.ascontiguousarray(data.covariates[:, :, kept]),
        names=tuple(data.names[k] for k in kept),
        before=data.before[:0] if name == "own_lag" else data.before,
    )


def older(data: QuantalData, names: tuple[str, ...] = TIMED) -> QuantalData:
    """Return the panel with covariates a quarter older, without its first, of which they are not known."""
    moved = [k for k, n in enumerate(data.names) if n in names]
    covariates = data.covariates.copy()
    covariates[1:, :, moved] = data.covariates[:-1, :, moved]
    return from_quarter(replace(data, covariates=covariates), data.periods[1])


def without_firm(data: QuantalData, firm: str) -> QuantalData:
    """Return the panel of the other firms."""
    kept = [i for i, f in enumerate(data.firms) if f != firm]
    return replace(
        data,
        firms=tuple(data.firms[i] for i in kept),
        y=np.ascontiguousarray(data.y[:, kept]),
        covariates=np.ascontiguousarray(data.covariates[:, kept]),
        before=np.ascontiguousarray(data.before[:, kept]),
    )


def from_quarter(data: QuantalData, first: str) -> QuantalData:
    """Return the panel from a quarter on; own answers before it stay among the covariates."""
    start = next((t for t, p in enumerate(data.periods) if p >= first), len(data.periods))
    every = np.concatenate([data.before, data.y])
    return replace(
        data,
        periods=data.periods[start:],
        y=data.y[start:],
        covariates=data.covariates[start:],
        before=every[start : start + len(data.before)],
    )
