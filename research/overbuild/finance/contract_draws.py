r"""What may go wrong with a contract, drawn: delay, operation, residual, renewal, default, build failure.

The market price of an accelerator hour, relative to the contract's, is a geometric Brownian motion that
starts at :math:`P_0` (the file's ``renewal.price_now``) and has mean :math:`F` (``renewal.price``) at the end
of the term, :math:`T` years after the start:

.. math:: \ln P_T = \ln F - \tfrac12 \sigma^2 T + \sigma \sqrt{T} z .

The buyer fails at :math:`\tau = -\ln \Phi(-\rho z + \sqrt{1 - \rho^2} e) / h`, exponential with hazard
:math:`h` and, where :math:`\rho > 0`, early when the price is low: wrong-way risk. The residual is a Beta
variable with the score :math:`\rho' z + \sqrt{1 - \rho'^2} e'`, of a correlation of its own. Delays are
exponential, rounded to months, with correlated scores. The seller stops building with a small chance, from a
tranche on that is as likely as any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtr

from overbuild.finance.cash_flow import MOST_DELAY, NEVER, Course, base_course
from overbuild.finance.contract import Contract

RISKS = ("delay", "operation", "residual", "renewal", "default", "build")
"""Delays; availability and running cost; residual; market price and whether a renewal is offered; failure of
the buyer and what is recovered; failure of the seller."""
TINY = 1e-12


@dataclass(frozen=True)
class Priors:
    """Section ``contracts`` of ``priors.toml``, by the same names."""

    delay: float
    delay_correlation: float
    availability: float
    opex: float
    residual: float
    price_sd: float
    wrong_way: tuple[float, float]
    residual_correlation: tuple[float, float]
    hazard_sd: float
    recovery: float
    void: int
    build_failure: tuple[float, float]
    resale: float
    switching: float

    @staticmethod
    def of(values: Mapping[str, Any]) -> Priors:
        """Return those that `overbuild.models.priors.Priors.values` gives for the model ``contracts``."""
        pairs = ("wrong_way", "residual_correlation", "build_failure")
        found: dict[str, Any] = {n: values[n] for n in Priors.__annotations__}
        found |= {n: tuple(values[n]) for n in pairs}
        return Priors(**found)


def draw(
    contract: Contract, priors: Priors, draws: int, rng: np.random.Generator, risks: tuple[str, ...] = RISKS
) -> Course:
    """Return courses of a contract.

    Every number is drawn whether or not its risk is wanted, so that the same generator gives the same draws
    of the risks that are.

    Parameters
    ----------
    contract, priors
        What is valued and what may go wrong.
    draws
        How many.
    rng
        Source of the draws.
    risks
        Those of `RISKS` that are let loose; what the others govern is as in the file.
    """
    base = base_course(contract, draws)
    count = len(contract.tranches)
    z, early_score, e_default, e_residual, e_opex = rng.standard_normal((5, draws))
    delays = _delays(priors, rng.standard_normal((draws, 1)), rng.standard_normal((draws, count)))
    u_availability, u_recovery, u_offer, u_build = rng.random((4, draws))
    rho = rng.uniform(*priors.wrong_way, draws)
    hazard = contract.terms_of_buyer.hazard * np.exp(priors.hazard_sd * rng.standard_normal(draws))
    chance = rng.uniform(*priors.build_failure, draws)
    from_tranche = rng.integers(0, count, draws)
    rho_residual = rng.uniform(*priors.residual_correlation, draws)

    early, end = prices(contract, priors.price_sd, z, early_score)
    failed = ndtr(-rho * z + np.sqrt(1 - rho**2) * e_default)
    left = ndtr(rho_residual * z + np.sqrt(1 - rho_residual**2) * e_residual)
    with np.errstate(divide="ignore"):
        default = np.where(hazard > 0, -12 * np.log(np.maximum(failed, TINY)) / hazard, NEVER)
    on = {name: name in risks for name in RISKS}

    def pick(name: str, drawn: NDArray[Any], otherwise: NDArray[Any]) -> NDArray[Any]:
        return drawn if on[name] else otherwise

    return Course(
        delay=pick("delay", base.delay + np.minimum(delays, MOST_DELAY), base.delay),
        availability=pick(
            "operation", _beta(u_availability, contract.availability, priors.availability), base.availability
        ),
        residual=pick(
            "residual",
            _beta(left, contract.equipment.residual, priors.residual),
            base.residual,
        ),
        opex=pick("operation", np.exp(priors.opex * e_opex - priors.opex**2 / 2), base.opex),
        price_early=pick("renewal", early, base.price_early),
        price_end=pick("renewal", end, base.price_end),
        default=pick("default", np.minimum(default, NEVER), base.default),
        recovery=pick(
            "default", _beta(u_recovery, contract.terms_of_buyer.recovery, priors.recovery), base.recovery
        ),
        built=pick("build", np.where(u_build < chance, from_tranche, count), base.built),
        renewed=pick("renewal", (u_offer < contract.renewal.probability).astype(float), base.renewed),
        void=priors.void,
        resale=priors.resale,
        switching=priors.switching,
    )


def prices(
    contract: Contract, sd: float, z: NDArray[np.float64], other: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the market price when the last tranche is due and at the end, relative to the contract's.

    Parameters
    ----------
    contract
        The contract.
    sd
        Standard deviation of the logarithm over a year.
    z, other
        Independent standard normal scores, shape (draw,); ``z`` is that of the price at the end.
    """
    early, end = contract.last_due / 12, (contract.last_due + contract.term) / 12
    part = early / end
    score = np.sqrt(part) * z + np.sqrt(1 - part) * other
    now, trend = np.log(contract.renewal.price_now), np.log(contract.renewal.price)
    return (
        np.exp((1 - part) * now + part * trend - sd**2 * early / 2 + sd * np.sqrt(early) * score),
        np.exp(trend - sd**2 * end / 2 + sd * np.sqrt(end) * z),
    )


def _delays(priors: Priors, common: NDArray[np.float64], own: NDArray[np.float64]) -> NDArray[np.int64]:
    c = priors.delay_correlation
    late = -priors.delay * np.log(np.maximum(ndtr(np.sqrt(c) * common + np.sqrt(1 - c) * own), TINY))
    return np.rint(late).astype(np.int64)


def _beta(u: NDArray[np.float64], mean: float, weight: float) -> NDArray[np.float64]:
    """Return quantiles of a Beta distribution by its mean and weight; a mean of 0 or 1 is certain."""
    if mean in (0.0, 1.0):
        return np.full_like(u, mean)
    return betaincinv(mean * weight, (1 - mean) * weight, u)
