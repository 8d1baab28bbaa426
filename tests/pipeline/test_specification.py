"""The specification curve as units of work: its key, its weights, the same runs however they are spread."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from overbuild.pipeline.code import Sources
from overbuild.pipeline.specification import Curve, filed, specification_runs

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
