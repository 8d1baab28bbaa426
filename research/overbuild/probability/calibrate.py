"""Simulation-based calibration of a forecaster's posterior, as ``overbuild calibrate`` asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from overbuild.episodes import load_episode
from overbuild.errors import UnknownNameError
from overbuild.probability.calibration import LEVELS, Ranks, calibrated
from overbuild.probability.check_designs import design_of
from overbuild.probability.definitions import definitions_of, read_definitions
from overbuild.probability.intervals import METHODS
from overbuild.probability.marks import Marks
from overbuild.probability.model_checks import means_of
from overbuild.probability.outside import FORECASTERS, forecaster
from overbuild.probability.plain import plain
from overbuild.settings import SEED


@dataclass(frozen=True)
class Calibration:
    """Simulation-based calibration of one posterior, on data whose clusters differ as the prior says.

    Attributes
    ----------
    model, interval
        The forecaster, and the posterior by the name of its interval.
    simulations, seed
        Data sets, and the master seed.
    least
        Least p-value.
    found
        Ranks and their tests.
    """

    model: str
    interval: str
    simulations: int
    seed: int
    least: float
    found: Ranks

    @property
    def p_values(self) -> dict[str, float]:
        """Test to p-value."""
        return {"chi_square": self.found.chi_square, "ecdf": self.found.ecdf}

    @property
    def passed(self) -> bool:
        """Whether every p-value reaches the mark."""
        return all(p >= self.least for p in self.p_values.values())

    def sentence(self) -> str:
        """Say in one sentence what was ranked and whether the ranks are uniform."""
        verdict = "are uniform" if self.passed else "are not uniform"
        return (
            f"Of {self.simulations} true rates in the posteriors ({self.interval}) of their data, the ranks "
            f"{verdict} (p = {self.found.chi_square:.3g} and {self.found.ecdf:.3g}, least {self.least:g}); "
            f"the 90 % interval holds {100 * self.found.coverage:.1f} % of them."
        )

    def frame(self) -> pd.DataFrame:
        """Return the number of ranks in each bin."""
        counts = self.found.histogram
        first = np.arange(counts.size) * (LEVELS + 1) // counts.size
        last = np.append(first[1:], LEVELS + 1) - 1
        expected = self.simulations / counts.size
        return pd.DataFrame({"from": first, "to": last, "ranks": counts, "expected": expected})

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, as ``overbuild calibrate --json`` prints them."""
        return plain(
            {
                "model": self.model,
                "interval": self.interval,
                "simulations": self.simulations,
                "seed": self.seed,
                "ranks": self.found.ranks,
                "levels": LEVELS,
                "histogram": self.found.histogram,
                "p_values": self.p_values,
                "least_p_value": self.least,
                "coverage": self.found.coverage,
                "passed": self.passed,
            }
        )


def calibrate(
    model: str,
    *,
    simulations: int | None = None,
    workers: int = 1,
    interval: str | None = None,
    seed: int | None = None,
    data: Path | None = None,
) -> Calibration:
    """Calibrate the posterior of a forecaster on as many clusters and cases as its data hold now.

    Parameters
    ----------
    model
        ``baserate`` or ``analogues``.
    simulations
        Simulated data sets; None: as many as the definitions say.
    workers
        Processes; the ranks do not depend on it.
    interval
        Another posterior than the one that is printed first.
    seed
        Master seed; None: the project's.
    data
        A data folder; None: the project's own.

    Raises
    ------
    UnknownNameError
        If there is no such model or interval.
    InputError
        If there are too few simulations or no cases.
    """
    if model not in FORECASTERS:
        raise UnknownNameError("forecaster", model, FORECASTERS)
    if interval is not None and interval not in METHODS:
        raise UnknownNameError("interval", interval, tuple(METHODS))
    definitions, snapshot = read_definitions(definitions_of(data)), load_episode("ai", None, data).snapshot
    marks = Marks.of(definitions, model)
    design = design_of(forecaster(model, snapshot.as_of, data), snapshot)
    master, count = SEED if seed is None else seed, marks.simulations if simulations is None else simulations
    method = interval or design.interval
    means = means_of(design, master)
    found = calibrated(model, method, design.cases, means, count, master, workers=workers)
    return Calibration(model, method, count, master, marks.p_value, found)
