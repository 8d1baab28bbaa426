"""What the two outside views are given and do not learn: priors, axes, and which interval is printed first.

The values come from ``data/priors.toml`` and ``data/definitions.toml`` (see `overbuild.probability.outside`);
those written here are the same and spare a caller with data of his own from writing them down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from overbuild.core.frozen import Frozen
from overbuild.errors import InputError, UnknownNameError
from overbuild.models.priors import JEFFREYS, UNIFORM, Beta, Priors
from overbuild.probability.intervals import METHODS

Labels = Literal["main", "critic"]
Votes = Literal["boom", "cluster"]

WITHOUT_DRAWS = tuple(m for m in METHODS if m not in ("bootstrap", "effective"))
"""Intervals that need no draws of the bootstrap: a list of booms has no random stream of its own."""

LEARNT = 0.2
"""Least share of the prior's variance that a forecast must have lost."""


@dataclass(frozen=True)
class Reading:
    """One way to count the list of booms.

    Attributes
    ----------
    labels
        ``"main"``, or ``"critic"`` for the reading of a reasonable critic.
    partly
        What a boom that was partly overbuilt counts for, in [0, 1].
    certainty
        Whether booms are weighted by how well their label is supported.
    votes
        One vote a ``"boom"``, or one a ``"cluster"`` of booms that share a cause.
    psi
        Chance that a boom that ended well is on the list, relative to one that did not; in (0, 1].
    """

    labels: Labels = "main"
    partly: float = 0.0
    certainty: bool = False
    votes: Votes = "boom"
    psi: float = 1.0

    def __post_init__(self) -> None:
        if self.labels not in get_args(Labels) or self.votes not in get_args(Votes):
            raise InputError(
                f"labels = {self.labels!r}, votes = {self.votes!r}; expected main or critic, boom or cluster."
            )
        if not 0.0 <= self.partly <= 1.0:
            raise InputError(f"partly = {self.partly!r} cannot be used; expected a share between 0 and 1.")
        if not 0.0 < self.psi <= 1.0:
            raise InputError(
                f"psi = {self.psi!r} cannot be used; expected a probability above 0 and at most 1."
            )


@dataclass(frozen=True)
class BaseRateChoices:
    """What the base rate is given.

    Attributes
    ----------
    rate, conditional_rate
        Beta priors of the share of run-ups that fall, and of that of years in a state that a fall follows.
    correlation
        Beta prior of the correlation within a series.
    fewest_cases, fewest_series
        The age that is asked for is lowered until so many years, in so many series, stand behind the rate.
    interval, forecast_interval
        Which interval (`overbuild.probability.intervals`) is printed first, of the rate and of a forecast.
    least_learnt
        Least share of the prior's variance that a forecast must have lost.
    """

    rate: Beta = JEFFREYS
    conditional_rate: Beta = JEFFREYS
    correlation: Beta = UNIFORM
    fewest_cases: int = 10
    fewest_series: int = 3
    interval: str = "beta_binomial"
    forecast_interval: str = "korn_graubard"
    least_learnt: float = LEARNT

    @classmethod
    def of(cls, priors: Priors, definitions: Mapping[str, Any]) -> BaseRateChoices:
        """Return the choices of the files, as they could be made on the day of the priors."""
        named = ("rate", "conditional_rate", "correlation", "fewest_cases", "fewest_series")
        return cls(
            **{name: priors.value(f"baserate.{name}") for name in named},
            interval=_known(_set(definitions, "intervals", "rate"), METHODS),
            forecast_interval=_known(_set(definitions, "intervals", "forecast"), METHODS),
            least_learnt=_set(definitions, "checks", "learnt"),
        )


@dataclass(frozen=True)
class AnalogueChoices:
    """What the count of past booms is given.

    Attributes
    ----------
    rate, correlation
        Beta priors of the share of booms that were overbuilt, and of the correlation within a cluster.
    reading
        The primary reading.
    certainty
        What a vote is worth by how well its label is supported.
    partly, psi
        Axes of the readings shown beside the primary one.
    interval
        Which interval is printed first.
    least_learnt
        As for the base rate.
    """

    rate: Beta = JEFFREYS
    correlation: Beta = UNIFORM
    reading: Reading = field(default_factory=Reading)
    certainty: Mapping[str, float] = Frozen({"high": 1.0, "medium": 0.75, "low": 0.5})
    partly: tuple[float, ...] = (0.0, 0.5, 1.0)
    psi: tuple[float, ...] = (0.2, 0.5, 1.0)
    interval: str = "beta_binomial"
    least_learnt: float = LEARNT

    @classmethod
    def of(cls, priors: Priors, definitions: Mapping[str, Any], *, axes: bool = True) -> AnalogueChoices:
        """Return the choices of the files, as they could be made on the day of the priors.

        Parameters
        ----------
        priors, definitions
            Their content.
        axes
            Whether other readings are shown; without, nothing is asked of the priors that only they need.
        """
        reading = _reading(priors.value("analogues.reading"))
        certainty = priors.value("analogues.certainty") if axes or reading.certainty else Frozen({})
        return cls(
            rate=priors.value("analogues.rate"),
            correlation=priors.value("analogues.correlation"),
            reading=reading,
            certainty=certainty,
            partly=priors.value("analogues.partly") if axes else (),
            psi=priors.value("analogues.psi") if axes else (),
            interval=_known(_set(definitions, "intervals", "rate"), WITHOUT_DRAWS),
            least_learnt=_set(definitions, "checks", "learnt"),
        )


def _set(definitions: Mapping[str, Any], section: str, key: str) -> Any:
    found = definitions.get(section)
    if not isinstance(found, Mapping) or key not in found:
        raise InputError(f"definitions.toml, {section}: lacks '{key}'.")
    return found[key]


def _known(method: str, methods: Iterable[str]) -> str:
    if method not in methods:
        raise UnknownNameError("interval that definitions.toml may name", method, tuple(methods))
    return method


def _reading(given: Mapping[str, Any]) -> Reading:
    names = tuple(Reading.__dataclass_fields__)
    if set(given) != set(names):
        raise InputError(
            f"priors.toml: analogues.reading has {', '.join(given)}; expected {', '.join(names)}."
        )
    return Reading(**given)
