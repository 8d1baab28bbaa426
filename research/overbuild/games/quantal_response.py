"""Quantal response on capex accelerations: whether a firm raises growth since it expects its rivals to.

With y_it = 1 if firm i raised the growth of its capex in quarter t (`overbuild.games.quantal_data`),

    P(y_it = 1 | u_t) = Lambda(U_it),   U_it = a + zeta (P_it - 1/2) + b x_t + g f_it + h l_it + s u_t,

where P_it is the mean over its rivals of the same probabilities (a fixed point), x the common index, f the
firm's own cash-flow surprise (both of a quarter earlier), l its own answer a year ago, and u ~ N(0, 1) a
shock that all firms see and nobody else does. Delta(m) = a + zeta (m / (N - 1) - 1/2) is what a rise
is worth when m rivals rise, times the precision of choice: precision and the size of pay-offs are not told
apart. zeta > 0: complements.

What tells zeta from s is f alone: a firm's own surprise moves its rivals only through their beliefs, a common
shock moves all. zeta ~ N(0, 1) is cut at |zeta| < 4, beyond which the equilibrium may not be unique. The
shock is integrated out (`overbuild.games.quantal_kernel`): what is sampled has six dimensions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import truncnorm

from overbuild.core import Snapshot
from overbuild.core.frozen import Frozen
from overbuild.games.quantal_data import quantal_data
from overbuild.games.quantal_kernel import Array, payoffs, shock_nodes
from overbuild.games.quantal_panel import QuantalData
from overbuild.games.quantal_posterior import QuantalPosterior
from overbuild.games.quantal_simulation import coefficients_of, played, statistics
from overbuild.models.priors import Priors
from overbuild.models.sampler import Compiled, Sampled, Sampling, compile_model

if TYPE_CHECKING:
    import pymc as pm

NAME = "quantal_response"
COVARIATES = ("index", "surprise", "own_lag")


@dataclass(frozen=True)
class QuantalResponse:
    """The specification.

    Attributes
    ----------
    priors
        Name to value of every prior of the model.
    sampling
        How much to sample.
    """

    priors: Mapping[str, Any]
    sampling: Sampling = field(default_factory=Sampling)

    name = NAME
    ranked = ("zeta", "level", *COVARIATES, "shock")
    not_identified = (
        "Whether firms move together because of one another or of what all of them saw: only a firm's own "
        "cash-flow surprise tells the two apart, and it moves choices little. Precision and the size of "
        "pay-offs are one number: zeta has a sign and a size relative to noise, no unit of money. That zeta "
        "loses some of its prior variance is no sign that it is learnt: panels of this size drawn with a "
        "slope of zero and with a strong one lose about as much, and tell neither from zero."
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "priors", Frozen(self.priors))

    @classmethod
    def of(
        cls, priors: Priors, definitions: Mapping[str, Any], sampling: Sampling | None = None
    ) -> QuantalResponse:
        """Return the model with the priors held on a day; definitions play no part."""
        del definitions
        values = priors.values(NAME)
        return cls(values, sampling=sampling) if sampling else cls(values)

    def observed(self, snapshot: Snapshot) -> QuantalData:
        """Return the panel.

        Raises
        ------
        InputError
            If the era has none, or too little was known on the day.
        """
        return quantal_data(snapshot)

    def fit(self, snapshot: Snapshot, rng: np.random.Generator) -> QuantalPosterior:
        """Learn from a snapshot."""
        data = self.observed(snapshot)
        compiled = compiled_model(Frozen(self.priors), data.names)
        return QuantalPosterior(data, self.fit_data(data, rng), compiled.seconds, self.priors)

    def fit_data(
        self, data: QuantalData, rng: np.random.Generator, sampling: Sampling | None = None
    ) -> Sampled:
        """Learn from a panel, observed or simulated; compiled once a process."""
        compiled = compiled_model(Frozen(self.priors), data.names)
        given = {"y": data.y, "covariates": np.ascontiguousarray(data.covariates)}
        return compiled.sample(given, rng, sampling or self.sampling)

    def prior_draw(self, data: QuantalData, rng: np.random.Generator) -> dict[str, Array]:
        """Return one draw of every parameter."""
        p = self.priors
        mean, sd, low, high = p["zeta"]
        zeta = truncnorm.rvs((low - mean) / sd, (high - mean) / sd, loc=mean, scale=sd, random_state=rng)
        made = {"zeta": zeta, "level": rng.normal(*p["level"])}
        made |= {n: rng.normal(*p[n]) for n in data.names}
        made["shock"] = abs(rng.normal(0.0, p["shock"]))
        return {n: np.asarray(v, dtype=float) for n, v in made.items()}

    def simulated(
        self, truth: Mapping[str, Array], data: QuantalData, rng: np.random.Generator
    ) -> QuantalData:
        """Return a panel drawn anew: the same quarters, index and surprises, other answers."""
        delta = payoffs(truth["level"], truth["zeta"], len(data.firms))
        return played(delta, coefficients_of(truth, data.names), float(truth["shock"]), data, rng)

    def statistics(self, data: QuantalData) -> dict[str, float]:
        """Return shares, co-movement and dependence in time."""
        return statistics(data)


@lru_cache(maxsize=4)
def compiled_model(priors: Frozen, names: tuple[str, ...]) -> Compiled:
    """Return the compiled model of some priors: once a process, and from PyTensor's cache after the first."""
    return compile_model(build(priors, names))


def build(priors: Mapping[str, Any], names: tuple[str, ...] = COVARIATES, firms: int = 5) -> pm.Model:
    """Return the PyMC model with placeholders for data."""
    import pymc as pm
    import pytensor.tensor as pt

    from overbuild.games.quantal_op import quantal_log_likelihood

    p = priors
    nodes, weights = shock_nodes()
    mean, sd, low, high = p["zeta"]
    with pm.Model() as model:
        y = pm.Data("y", np.zeros((8, firms), dtype=np.int8))
        covariates = pm.Data("covariates", np.zeros((8, firms, len(names))))
        zeta: Any = pm.TruncatedNormal("zeta", mu=mean, sigma=sd, lower=low, upper=high)
        level: Any = pm.Normal("level", *p["level"])
        slopes = pt.stack([pm.Normal(n, *p[n]) for n in names])
        shock = pm.HalfNormal("shock", p["shock"])
        delta = level + zeta * (np.arange(firms) / (firms - 1) - 0.5)
        outputs: Any = quantal_log_likelihood(delta, slopes, shock, y, covariates, nodes, weights)
        pm.Potential("answers", outputs[0])
    return model
