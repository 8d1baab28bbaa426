"""The marks that a model must reach before it gets weight: ``[checks]`` of ``definitions.toml``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from overbuild.errors import InputError


@dataclass(frozen=True)
class Marks:
    """The marks of one model.

    Attributes
    ----------
    simulations
        Data sets that each check simulates.
    rates, correlation
        Known rates and correlations within clusters that are simulated.
    bias
        Largest mean error of an estimate, in absolute value.
    coverage, coverage_mean
        Least coverage of the printed 90 % interval in any simulated case, and largest mean over the cases.
    p_value
        Least p-value.
    dispersion
        Smallest and largest share of replicated data that are at least as uneven as the observed.
    learnt
        Least share of the prior's variance that a forecast must have lost.
    """

    simulations: int
    rates: tuple[float, ...]
    correlation: tuple[float, ...]
    bias: float
    coverage: float
    coverage_mean: float
    p_value: float
    dispersion: tuple[float, float]
    learnt: float

    @classmethod
    def of(cls, definitions: Mapping[str, Any], model: str) -> Marks:
        """Return the marks of a model.

        Raises
        ------
        InputError
            If one is missing.
        """
        section = definitions.get("checks", {})
        own = {**section, **section.get(model, {})}
        missing = [n for n in cls.__dataclass_fields__ if n not in own]
        if missing:
            raise InputError(f"definitions.toml, checks: lacks {', '.join(missing)} of the model '{model}'.")
        given: dict[str, Any] = {}
        for name in cls.__dataclass_fields__:
            given[name] = tuple(own[name]) if isinstance(own[name], list) else own[name]
        return cls(**given)


@dataclass(frozen=True)
class Verdict:
    """One number held against its mark.

    Attributes
    ----------
    check
        Name of the check that it belongs to.
    what
        What the number is.
    value, low, high
        The number, and the ends that it must lie between; None: no end.
    """

    check: str
    what: str
    value: float
    low: float | None = None
    high: float | None = None

    @property
    def passed(self) -> bool:
        """Whether the number lies between the ends; a number that is not there does not."""
        above = self.low is None or self.value >= self.low
        below = self.high is None or self.value <= self.high
        return self.value == self.value and above and below

    def to_dict(self) -> dict[str, Any]:
        """Return plain types."""
        return asdict(self) | {"passed": self.passed}


def passed(verdicts: Iterable[Verdict]) -> dict[str, bool]:
    """Return check to whether all of its numbers reach their marks."""
    out: dict[str, bool] = {}
    for v in verdicts:
        out[v.check] = out.get(v.check, True) and v.passed
    return out
