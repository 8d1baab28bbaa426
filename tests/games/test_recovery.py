"""The recovery design, its runner, and the naive estimate's false positive."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from overbuild.games import recovery
from overbuild.games.naive import naive, nested_fixed_point
from overbuild.games.recovery import Cell, panel, replication, summary
from overbuild.pipeline import recovery as runner
from overbuild.randomness import stream

DAY = date(2026, 11, 22)
PRIORS = runner.held(DAY)


def panels(cell, number):
    return [panel(cell, stream("test/naive", index=i)) for i in range(number)]


def test_naive_finds_a_slope_that_is_not_there_where_a_shock_is_common():
    found = [naive(p) for p in panels(Cell(40, 0.0, 0.8), 200)]
    assert np.mean(found) == pytest.approx(1.2, abs=0.25)


def test_naive_misses_a_slope_that_is_there_without_a_shock():
    drawn = panels(Cell(40, 1.5, 0.0), 200)
    assert np.mean([naive(p) for p in drawn]) == pytest.approx(0.0, abs=0.25)
    assert np.nanmean([nested_fixed_point(p) for p in drawn]) == pytest.approx(0.9, abs=0.3)


def test_nested_fixed_point_finds_the_slope_in_a_long_panel_without_a_shock():
    drawn = panels(Cell(4000, 1.5, 0.0, 1.5), 2)
    assert np.mean([nested_fixed_point(p) for p in drawn]) == pytest.approx(1.5, abs=0.25)


def test_a_panel_has_a_stream_of_its_own():
    cell = Cell(34, 1.5)
    assert replication(cell, 3, PRIORS) == replication(cell, 3, PRIORS)
    assert replication(cell, 3, PRIORS) != replication(cell, 4, PRIORS)


def test_summary_counts_coverage_and_power():
    one = {"sd": 1.0, "above": 0.5, "k": 0.2, "effective": 300.0, "naive": 1.0, "nested_fixed_point": np.nan}
    found = [
        one | {"mean": 1.0, "low": 0.2, "high": 1.8, "nested_fixed_point": 0.5},
        one | {"mean": 0.0, "low": -1.0, "high": 1.0},
    ]
    made = summary(Cell(34, 1.5), found)
    assert (made["coverage"], made["power"], made["bias"]) == (0.5, 0.5, -1.0)
    assert made["nested_fixed_point"]["failed"] == 1


def test_a_killed_run_resumes_and_the_number_of_panels_is_the_design(tmp_path, monkeypatch):
    monkeypatch.setattr(recovery, "CELLS", (Cell(16, 0.0, replications=3), Cell(16, 1.5, replications=3)))
    monkeypatch.setattr(runner, "BATCH", 2)
    first = runner.recover(DAY, folder=tmp_path)
    files = sorted(tmp_path.rglob("*.json"))
    assert len(files) == 4
    assert first["panels"] == 6
    files[0].unlink()
    files[1].write_text("{")
    assert runner.recover(DAY, folder=tmp_path) == first


def test_what_is_on_file_is_the_design_as_it_stands():
    found = runner.on_file()
    assert found is not None
    assert found["key"] == runner.key_of(runner.held(DAY))
    assert len(found["cells"]) == len(recovery.CELLS)
