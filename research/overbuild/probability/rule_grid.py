"""The base rate under many rules: the grid beside the primary one, and its range."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, get_args

import numpy as np
import pandas as pd

from overbuild.errors import UnknownNameError
from overbuild.probability.panels import panel_of
from overbuild.probability.runups import Measure, Rule, RunUps, find_run_ups


@dataclass(frozen=True)
class Grid:
    """The rules beside the primary one: every combination of the values listed."""

    run_up: tuple[float, ...] = (1.5, 2.0, 2.5, 3.0)
    window_years: tuple[int, ...] = (3, 4, 5)
    fall: tuple[float, ...] = (0.2, 0.3, 0.4)
    horizon_years: tuple[int, ...] = (3, 5, 7)
    floor_usd_million: tuple[float, ...] = (0.0, 20.0, 100.0, 250.0, 1000.0)
    measure: tuple[Measure, ...] = get_args(Measure)

    @classmethod
    def of(cls, section: Mapping[str, Sequence[Any]]) -> Grid:
        """Return the grid of ``[baserate.grid]`` of ``definitions.toml``.

        Raises
        ------
        UnknownNameError
            For a key that is not one of the grid's.
        """
        unknown = [k for k in section if k not in cls.__dataclass_fields__]
        if unknown:
            raise UnknownNameError("axis of the grid", unknown[0], tuple(cls.__dataclass_fields__))
        return cls(**{k: tuple(v) for k, v in section.items()})

    def rules(self, primary: Rule) -> Iterator[Rule]:
        """Yield every combination, with what the grid does not vary taken from the primary rule."""
        names = tuple(self.__dataclass_fields__)
        for values in product(*(getattr(self, name) for name in names)):
            yield replace(primary, **dict(zip(names, values, strict=True)))


def grid_table(
    series: Mapping[str, pd.Series], gdp: pd.Series | None, rule: Rule, grid: Grid
) -> pd.DataFrame:
    """Return the rate under every rule: the grid's axes, ``run_ups``, ``falls``, ``unresolved``, ``rate``."""
    panels = {m: panel_of(series, gdp, m) for m in grid.measure}
    rows = []
    for other in grid.rules(rule):
        found = find_run_ups(panels[other.measure], other)
        run_ups, falls = counts(found)
        axes = {name: getattr(other, name) for name in Grid.__dataclass_fields__}
        rate = falls / run_ups if run_ups else np.nan
        rows.append(
            {
                **axes,
                "run_ups": run_ups,
                "falls": falls,
                "unresolved": int((~found.resolved).sum()),
                "rate": rate,
            }
        )
    return pd.DataFrame(rows)


def grid_summary(table: pd.DataFrame) -> pd.DataFrame:
    """Return the range of the rate by measure, over the rules that find a run-up; the others are counted."""
    rows = []
    for measure in table["measure"].unique():
        part = table.loc[table["measure"] == measure]
        every = np.asarray(part["rate"], dtype=float)
        rates = every[np.isfinite(every)]
        points = np.quantile(rates, [0, 0.05, 0.5, 0.95, 1]) if rates.size else np.full(5, np.nan)
        rows.append(
            {
                "measure": measure,
                **dict(zip(("minimum", "p05", "median", "p95", "maximum"), points, strict=True)),
                "combinations": every.size,
                "without_run_up": every.size - rates.size,
                "fewest_run_ups": int(np.min(part["run_ups"].tolist())),
            }
        )
    return pd.DataFrame(rows)


def counts(found: RunUps) -> tuple[int, int]:
    """Return the number of resolved run-ups, and of those that fell."""
    return int(found.resolved.sum()), int((found.resolved & found.fell).sum())
