"""A user's own lists of booms through the regression."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from overbuild.errors import DataError, InputError
from overbuild.models.analogue_tables import analogues
from overbuild.models.sampler import Sampling

from .analogue_lists import ROWS, table

QUICK = Sampling(chains=2, draws=150, tune=200, target_accept=0.9)


def write(folder: Path, name: str = "mine.csv", **changed: str) -> Path:
    path = folder / name
    table(ROWS, **changed).rename(columns={"boom": "episode"}).to_csv(path, index=False)
    return path


def test_a_list_without_covariates_is_refused_before_anything_is_sampled(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="neither asset_life_years nor debt_financed"):
        analogues(write(tmp_path, asset_life_years="", debt_financed=""))
    with pytest.raises(DataError, match="'perhaps' is not one of"):
        analogues(write(tmp_path, debt_financed="perhaps"))
    with pytest.raises(InputError, match="There is no file"):
        analogues(write(tmp_path), tmp_path / "none.csv")


@pytest.mark.slow
def test_open_booms_another_table_and_clusters_left_out(tmp_path: Path) -> None:
    mine = write(tmp_path)
    found = analogues(mine, sampling=QUICK)
    assert (found.kind, found.episodes) == ("open", ("i",))
    content = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    first = content["predictions"][0]
    assert first["interval"][0] < first["probability"] < first["interval"][1]
    assert found.sentence().startswith("From 8 booms in 6 clusters")
    again = analogues(mine, sampling=QUICK)
    np.testing.assert_array_equal(found.probability, again.probability)

    others = tmp_path / "others.csv"
    others.write_text("episode,asset_life_years,debt_financed,cluster\nx,5,no,\ny,,,c1\nz,,,\n")
    predicted = analogues(mine, others, sampling=QUICK)
    assert predicted.frame()["missing_covariates"].tolist() == [0, 2, 2]
    assert predicted.probability[1] > predicted.probability[2], "booms of its cluster were overbuilt"

    settled = tmp_path / "settled.csv"
    table(ROWS[:8]).rename(columns={"boom": "episode"}).to_csv(settled, index=False)
    left = analogues(settled, sampling=QUICK)
    assert left.kind == "left out"
    assert left.episodes == tuple("abcdefgh")
