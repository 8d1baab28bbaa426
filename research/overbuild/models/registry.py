"""The Bayesian models by name. A model is loaded when it is asked for, and with it what it needs."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from overbuild.core.frozen import Frozen
from overbuild.errors import UnknownNameError

if TYPE_CHECKING:
    from overbuild.models.bayesian import BayesianModel
    from overbuild.models.priors import Priors
    from overbuild.models.sampler import Sampling

MODELS: Mapping[str, str] = Frozen(
    {
        "regimes": "overbuild.models.regimes:RegimeModel",
        "quarterly": "overbuild.models.quarterly:QuarterlyModel",
        "capital": "overbuild.models.capital:CapitalModel",
        "demand": "overbuild.models.demand:DemandModel",
        "explosive": "overbuild.models.explosive:ExplosiveModel",
        "clock": "overbuild.models.clock:ClockModel",
        "analogue_regression": "overbuild.models.analogue_regression:AnalogueRegression",
        "contest": "overbuild.games.contest_shares:ContestModel",
        "quantal_response": "overbuild.games.quantal_response:QuantalResponse",
    }
)
"""Name to ``module:class``, in the order of the paper."""
ERAS: Mapping[str, tuple[str, ...]] = Frozen({"quantal_response": ("ai",)})
"""Model to the eras that it can be fitted to, where it is not to both."""
CALIBRATED_ON: Mapping[str, str] = Frozen({"quarterly": "telecom"})
"""Model to the era whose data hold all that its likelihood reads, where that is not AI's."""
LATE = ("contest",)
"""Models for which too little of telecom was known before its boom was over."""


def module_of(name: str) -> str:
    """Return the dotted name of the module that a model stands in.

    Raises
    ------
    UnknownNameError
        If there is no such model; the message lists what there is.
    """
    if name not in MODELS:
        raise UnknownNameError("model", name, tuple(MODELS))
    return MODELS[name].partition(":")[0]


def eras_of(name: str) -> tuple[str, ...]:
    """Return the eras that a model can be fitted to."""
    return ERAS.get(name, ("ai", "telecom"))


def hindcast(name: str) -> bool:
    """Return whether a model can be fitted to telecom as it was known at the end of 1997 to 2001."""
    return "telecom" in eras_of(name) and name not in LATE


def model_named(
    name: str, priors: Priors, definitions: Mapping[str, Any], sampling: Sampling | None = None
) -> BayesianModel:
    """Return a model.

    Parameters
    ----------
    name
        Its name.
    priors
        Those held on a day (``priors.at(as_of)``).
    definitions
        Content of ``definitions.toml``.
    sampling
        How much to sample; None: as much as the model asks for.

    Raises
    ------
    UnknownNameError
        If there is no such model; the message lists what there is.
    InputError
        If a prior that it needs could not be held on the day.
    """
    module = import_module(module_of(name))
    made: BayesianModel = getattr(module, MODELS[name].partition(":")[2]).of(priors, definitions, sampling)
    return made
