"""What the annual hindcasts rest on: long series by cluster, the rule's run-ups, and how each case ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from overbuild.episodes import DataBook
from overbuild.episodes.outside import outside_series
from overbuild.models.regimes import NARROW
from overbuild.probability.choices import BaseRateChoices
from overbuild.probability.definitions import definitions_of, read_definitions
from overbuild.probability.hindcast_cases import (
    TELECOM,
    Hindcast,
    falls,
    quiet_cases,
    run_up_cases,
    telecom_cases,
)
from overbuild.probability.outside import priors_of
from overbuild.probability.panels import panel_of
from overbuild.probability.runup_cases import Case, attributes, cases_of
from overbuild.probability.runups import Panel, Rule, find_run_ups


@dataclass(frozen=True, eq=False)
class HindcastData:
    """The series and the cases.

    Attributes
    ----------
    series
        Name to annual investment, USD million; ``telecom`` is the sum of its narrow perimeter.
    panel
        The rule's series on one clock (without ``telecom``).
    rule
        What a run-up and a fall are.
    fall
        Thresholds of O3.
    cases
        Every dated run-up.
    choices
        Priors of the base rate, and its fewest cases.
    """

    series: Mapping[str, pd.Series]
    panel: Panel
    rule: Rule
    fall: Mapping[str, float]
    cases: tuple[Case, ...]
    choices: BaseRateChoices

    @property
    def telecom(self) -> tuple[Hindcast, ...]:
        """Telecom by vintage and horizon."""
        return telecom_cases()

    @property
    def run_ups(self) -> tuple[Hindcast, ...]:
        """Resolved run-ups at their dates."""
        return run_up_cases(self.cases, self.rule)

    @property
    def quiet(self) -> tuple[Hindcast, ...]:
        """Booms of other series that did not end in a fall, at telecom's ages."""
        return quiet_cases(self.cases, self.series, NARROW)

    def by_member(self) -> dict[str, tuple[Hindcast, ...]]:
        """Return the cases of each member of the regime model's panel, telecom's own first."""
        every: dict[str, list[Hindcast]] = {TELECOM: []}
        for case in (*self.telecom, *self.run_ups, *self.quiet):
            every.setdefault(cluster_of(case.series), []).append(case)
        return {member: tuple(dict.fromkeys(of)) for member, of in every.items()}

    def happened(self, case: Hindcast) -> bool | None:
        """Return whether a case came true; None where the years that decide it are not all known."""
        level = self.series[case.series].dropna()
        years = np.asarray(level.index, dtype=int)
        if not set(range(case.known + 1, case.by + 1)) <= set(years.tolist()):
            return None
        within = round(self.fall["window_years"])
        x = np.asarray(level, dtype=float)[None, :]
        return bool(falls(x, years, case, self.rule.fall, within)[0])


def cluster_of(series: str) -> str:
    """Return the cluster of a series: telecom for the parts of its narrow perimeter, else itself."""
    return TELECOM if series in NARROW else series


def hindcast_data(data: Path | None = None) -> HindcastData:
    """Return series, rule and cases of a data folder; None: the project's."""
    definitions: Mapping[str, Any] = read_definitions(definitions_of(data))
    section = definitions["baserate"]
    rule = Rule.of(section)
    series, _ = outside_series(DataBook.load(data), section)
    panel = panel_of(series)
    found = find_run_ups(panel, rule)
    cases = cases_of(panel, found, attributes(panel, found, rule), rule)
    narrow = [series[n] for n in NARROW]
    choices = BaseRateChoices.of(priors_of(data).at(definitions["frozen"]), definitions)
    total = narrow[0].add(narrow[1]).dropna()
    return HindcastData(
        {**series, TELECOM: total}, panel, rule, definitions["O3"]["thresholds"], cases, choices
    )
