"""The specification curve as units of work: its key, its weights, the same runs however they are spread."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from overbuild.errors import InputError
from overbuild.pipeline.code import Sources
from overbuild.pipeline.specification import Curve, filed, specification_runs, weights_of

CURVE = Curve(date(2026, 11, 22), together=0, paths=50)


def term(model: str, weight: float) -> dict[str, object]:
    return {"model": model, "weight": weight, "probability": 0.1}


def test_weights_are_those_of_the_headline_without_unknown_models():
    terms = [term("baserate", 0.3), term("regimes", 0.15), term("unknown_models", 0.1), term("demand", 0.0)]
    assert weights_of({"terms": terms}) == pytest.approx({"baserate": 2 / 3, "regimes": 1 / 3})
    with pytest.raises(InputError, match="No term of the headline"):
        weights_of({"terms": [term("analogues", 1.0)]})


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
