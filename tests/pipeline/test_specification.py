"""The specification curve as units of work: its key, its weights, the same runs however they are spread."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from overbuild.locations import data_dir
from overbuild.pipeline.code import Sources
from overbuild.pipeline.specification import Curve, filed, specification_runs
from overbuild.probability.components_on_file import agreement, components_on_file
from overbuild.probability.definitions import read_definitions

CURVE = Curve(date(2026, 11, 22), together=0, paths=50)


def test_everything_that_decides_a_run_is_in_the_key():
    sources = Sources()
    keys = {
        curve.key(sources)
        for curve in (
            CURVE,
            replace(CURVE, paths=60),
            replace(CURVE, together=5),
            replace(CURVE, seed=1),
            replace(CURVE, as_of=date(2026, 11, 23)),
        )
    }
    assert len(keys) == 5 and CURVE.key(sources) in keys


def test_runs_of_another_key_are_not_taken(tmp_path: Path):
    (tmp_path / "specification").mkdir()
    (tmp_path / "specification" / "runs.json").write_text('{"key": "another"}', encoding="utf-8")
    assert filed(CURVE, tmp_path) is None


def test_primary_runs_on_file_agree_with_the_answers_on_file():
    asked = Curve(read_definitions()["frozen"])
    runs = filed(asked, data_dir() / "filed")
    assert runs is not None, (
        "The runs on file are of other data or code: overbuild sensitivity makes them anew."
    )
    said = components_on_file(data_dir(), data_dir() / "filed", asked.as_of).said
    rows = {row["model"]: row for row in agreement(runs["rows"]["primary"], said)}
    assert rows["baserate"]["gap"] == pytest.approx(0, abs=1e-6)
    assert all(row["errors"] < 4 for model, row in rows.items() if model != "baserate"), rows


@pytest.mark.slow
def test_runs_do_not_depend_on_how_they_are_spread(tmp_path: Path):
    distributed = pytest.importorskip("distributed")
    one, cost = specification_runs(CURVE, folder=tmp_path / "one")
    two, _ = specification_runs(CURVE, folder=tmp_path / "two", workers=2)
    options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(**options) as cluster:
        three, _ = specification_runs(CURVE, folder=tmp_path / "three", cluster=cluster.scheduler_address)
    assert one == two == three
    assert cost.done == cost.units == len(one["rows"]) and cost.projected_seconds == pytest.approx(
        cost.seconds
    )
