"""What a Bayesian model is to the rest of the package: one way to fit, simulate, check, file and forecast.

A model is a frozen specification. It turns a snapshot into the data that it conditions on, and everything
else happens with data: a fit, a draw from the prior, data drawn anew from known parameters. So the same
functions estimate it (`overbuild.pipeline.estimate`) and check it (`overbuild.models.checking`), whatever it
is about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Event, Forecast, Snapshot
from overbuild.models.priors import Priors
from overbuild.models.sampler import Sampled, Sampling

type Array = NDArray[np.float64]
type Truth = Mapping[str, Array]
"""Name of each parameter and hidden variable, as the posterior has it, to its value."""


class BayesianPosterior(Protocol):
    """What a model has learnt from a snapshot."""

    @property
    def data(self) -> Any:
        """What it was learnt from."""
        ...

    @property
    def sampled(self) -> Sampled:
        """The draws and their diagnostics."""
        ...

    @property
    def compile_seconds(self) -> float:
        """How long the model took to compile in this process."""
        ...

    def findings(self, rng: np.random.Generator) -> dict[str, Any]:
        """Return what exhibits draw and the text quotes, as plain types (no arrays, no nan: None)."""
        ...

    def sentence(self) -> str:
        """Say what was found in one or two plain sentences, with intervals."""
        ...

    def forecasts(
        self, snapshot: Snapshot, events: Sequence[Event], rng: np.random.Generator
    ) -> tuple[Forecast, ...]:
        """Return one forecast an event, in the order given; an abstention says why."""
        ...


class BayesianModel(Protocol):
    """A frozen specification: priors, and how much to sample."""

    @property
    def name(self) -> str:
        """Name under which it is estimated and filed."""
        ...

    @property
    def ranked(self) -> tuple[str, ...]:
        """Names of the parameters that are printed, ranked and compared with their priors."""
        ...

    @property
    def sampling(self) -> Sampling:
        """How much to sample."""
        ...

    @property
    def not_identified(self) -> str:
        """One sentence: what no amount of such data could tell, known before any fit."""
        ...

    @classmethod
    def of(cls, priors: Priors, definitions: Mapping[str, Any], sampling: Sampling | None = None) -> Self:
        """Return the model with the priors held on a day (``priors.at(as_of)``) and the definitions."""
        ...

    def observed(self, snapshot: Snapshot) -> Any:
        """Return what the model conditions on.

        Raises
        ------
        InputError
            If the snapshot holds too little; the message says how much there is and how much it takes.
        """
        ...

    def fit(self, snapshot: Snapshot, rng: np.random.Generator) -> BayesianPosterior:
        """Learn from a snapshot."""
        ...

    def fit_data(self, data: Any, rng: np.random.Generator, sampling: Sampling | None = None) -> Sampled:
        """Learn from data, observed or simulated; compiled once a process and then reused."""
        ...

    def prior_draw(self, data: Any, rng: np.random.Generator) -> dict[str, Array]:
        """Return one draw of every parameter and hidden variable that `simulated` needs.

        ``data`` gives sizes only (how many firms, periods); names and shapes are those of the posterior.
        """
        ...

    def simulated(self, truth: Truth, data: Any, rng: np.random.Generator) -> Any:
        """Return data drawn anew given parameters, in the sizes and with what is fixed in ``data``."""
        ...

    def statistics(self, data: Any) -> dict[str, float]:
        """Return what a fit must reproduce: a handful of numbers with a meaning, none of them nan."""
        ...
