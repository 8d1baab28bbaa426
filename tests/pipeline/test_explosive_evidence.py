"""The evidence is taken from file where its key matches, and asked where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from overbuild.core.saving import load_json, save_json
from overbuild.explosive import evidence
from overbuild.explosive.register import FILE
from overbuild.locations import require_root
from overbuild.pipeline.code import Sources
from overbuild.pipeline.plan import Plan
from overbuild.pipeline.task_explosive_evidence import MODULE, STEP, compute, steps
from overbuild.pipeline.task_results import frozen_day


@pytest.fixture
def asked(monkeypatch):
    """Count how often the evidence is asked for, and answer at once."""
    calls = []
    monkeypatch.setattr(evidence, "evidence", lambda question: calls.append(question) or {"family": 0})
    return calls


def test_the_step_reads_the_register_and_files_that_are_there():
    plan = Plan(require_root())
    (step,) = steps(plan)
    assert step.id == STEP and FILE in step.reads
    assert all(path.exists() for name, path in step.reads.items() if name != "data_check")
    assert {"hyperscalers/prices.csv", "markets/monthly.csv", "telecom/investment.csv"} <= set(step.reads)


def test_it_is_asked_once_and_again_where_something_that_decides_it_changed(asked, tmp_path: Path):
    (step,) = steps(Plan(require_root()))
    produces = {"filed": tmp_path / "filed" / "a.json", "result": tmp_path / "b.json"}
    settings = {**step.settings, **step.options}
    compute(dict(step.reads), settings, produces)
    compute(dict(step.reads), settings, produces)
    assert len(asked) == 1
    assert load_json(produces["filed"]) == load_json(produces["result"])
    compute(dict(step.reads), settings | {"quick": True}, produces)
    compute(dict(step.reads), settings | {"quick": True, "refit": True}, produces)
    assert len(asked) == 3


def test_what_is_on_file_is_of_the_code_and_the_data_as_they_stand(tmp_path: Path):
    from datetime import date

    from overbuild.games.asked import Asked

    plan = Plan(require_root())
    (step,) = steps(plan)
    found = load_json(step.produces["filed"])
    question = Asked(plan.data, date.fromisoformat(frozen_day(plan)))
    assert found["key"] == evidence.key_of(question, Sources().fingerprint(MODULE))
    assert {row["id"] for row in found["series"]} >= {"nasdaq", "price_dividend", "ai_hardware", "gpu_h100"}
    save_json(tmp_path / "again.json", found)
    assert load_json(tmp_path / "again.json") == found
