"""Draws that come with the project: every parameter, and slopes of slack of the sign they are held to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from overbuild.locations import data_dir
from overbuild.pipeline.thinned import DRAWS, FOLDER
from overbuild.simulation.inputs import DEMAND, DEVIATION, REGIME, SLOPES

FILES = {m: sorted((data_dir() / "filed" / FOLDER / m).glob("*.npz")) for m in ("quarterly", "demand")}


def test_each_fit_behind_the_inside_view_has_its_draws() -> None:
    assert len(FILES["quarterly"]) == len(FILES["demand"]) > 1


@pytest.mark.parametrize("path", FILES["quarterly"], ids=lambda p: p.stem)
def test_slopes_of_slack_are_not_negative_and_none_is_at_the_bound(path: Path) -> None:
    with np.load(path, allow_pickle=False) as file:
        assert set(file.files) == {*REGIME, "state"}
        assert file["exit"].size in DRAWS.values()
        for name in SLOPES:
            assert (file[name] > 0).all()
        assert file["state"].sum(axis=1) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("path", FILES["demand"], ids=lambda p: p.stem)
def test_deviations_of_demand_are_of_the_size_of_their_spread(path: Path) -> None:
    with np.load(path, allow_pickle=False) as file:
        assert set(file.files) == {*DEMAND, DEVIATION}
        standard = file[DEVIATION] / file["common"]
        assert np.isfinite(standard).all() and 0.05 < standard.std() < 1.5
