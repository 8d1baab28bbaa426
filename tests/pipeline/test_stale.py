"""Nothing stale, nothing redone for nothing: one change in a copy of the project, and what it sets off."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from overbuild.exhibits.registry import exhibits
from overbuild.locations import require_root
from overbuild.pipeline.task_combination import RESULTS as COMBINED
from overbuild.pipeline.task_hindcasts import RESULTS as SCORED
from overbuild.pipeline.task_models import RESULTS as MODELLED
from overbuild.pipeline.task_results import RESULTS
from overbuild.pipeline.task_sensitivity import RESULTS as TURNED
from overbuild.pipeline.task_simulation import RESULTS as SIMULATED

pytestmark = pytest.mark.build

BUILD = """
import json, sys
from overbuild.pipeline.build import build
report = build(progress=False, **json.loads(sys.argv[1]))
print(json.dumps(report.to_dict()))
"""
SOURCES = ("pyproject.toml", "README.md", "data", "research", "paper")
LATE = {"captions", "numbers", "paper", "readme"}
"""Steps that gather: redone only when what they gather has changed in content."""
FOLLOW = {"checks"}
"""Results that put the answers on file side by side."""
SHARES = "research/overbuild/exhibits/share_of_gdp.py"
PRIOR = "[analogues.rate]\nvalue = [0.5, 0.5]"
O2_RATIO = "thresholds = { ratio = 0.5, years = 1.0"


class Copy:
    """A copy of the project, built in processes of its own so that changed code is really loaded."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def build(self, **options: Any) -> dict[str, Any]:
        environment = {
            **os.environ,
            "OVERBUILD_ROOT": str(self.root),
            "PYTHONPATH": str(self.root / "research"),
        }
        command = [sys.executable, "-c", BUILD, json.dumps(options)]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, cwd=self.root
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} has no '{old}'"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def append(self, file: str, text: str) -> Callable[[], Any]:
        """Add text to a file and return what takes it away again."""
        path = self.root / file
        before = path.read_text(encoding="utf-8")
        path.write_text(before + text, encoding="utf-8")
        return lambda: path.write_text(before, encoding="utf-8")

    def change_cell(self, file: str, row: int, column: str, other: dict[str, str]) -> None:
        """Change one cell and the checksum of its file, as a contributor would.

        ``other`` says what a value becomes; any other value becomes the first of its keys.
        """
        path = self.root / "data" / file
        changed = lambda r: {column: other.get(r[column], next(iter(other)))}  # noqa: E731
        _rewrite(path, lambda i, r: r | changed(r) if i == row else r)
        digest = {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        catalogue = self.root / "data" / "catalogue.csv"
        _rewrite(catalogue, lambda _, r: r | digest if r["file"] == file else r)


def _rewrite(path: Path, change: Any) -> None:
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(change(i, row) for i, row in enumerate(rows))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """Return a copy that has been built."""
    root = tmp_path_factory.mktemp("project")
    ignored = shutil.ignore_patterns("__pycache__", "*.pdf", "figures", "tables")
    for name in SOURCES:
        source = require_root() / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=ignored)
        else:
            shutil.copy(source, root / name)
    built = Copy(root)
    report = built.build(workers=2)
    assert report["failed"] == [], report["messages"]
    return built


def test_one_change_after_another(copy: Copy) -> None:
    """One copy serves all changes in turn, since to build it takes longest."""
    without_a_change(copy)
    the_code_of_one_exhibit(copy)
    an_exhibit_that_fails(copy)
    one_cell_of_data(copy)
    one_threshold(copy)
    an_answer_on_file(copy)
    one_prior(copy)
    a_quick_build(copy)
    a_cell_without_its_checksum(copy)


def without_a_change(copy: Copy) -> None:
    start = time.perf_counter()
    report = copy.build()
    assert (report["built"], report["failed"]) == ([], [])
    assert set(report["skipped"]) >= {e.id for e in exhibits()} | LATE
    assert time.perf_counter() - start < 20


def the_code_of_one_exhibit(copy: Copy) -> None:
    copy.append(SHARES, "\nREMARK = 'no number changes'\n")
    report = copy.build()
    assert report["failed"] == []
    assert report["built"] == ["share_of_gdp"]


def an_exhibit_that_fails(copy: Copy) -> None:
    undo = copy.append(
        SHARES, "\n\ndef build(inputs: Inputs) -> Figure:\n    raise ValueError('no shares')\n"
    )
    (copy.root / "paper" / "figures" / "capex_to_cash_flow.svg").unlink()
    report = copy.build()
    assert report["messages"]["share_of_gdp"] == "ValueError: no shares"
    assert set(report["failed"]) == {"share_of_gdp", "captions", "paper", "readme"}
    assert report["built"] == ["capex_to_cash_flow"]
    undo()


def one_cell_of_data(copy: Copy) -> None:
    """Fits of the regression on booms, and what rests on them, are left out: they take minutes."""
    apart = [
        e.id for e in exhibits() if not set(e.needs) & {*MODELLED, *SCORED, *COMBINED, *SIMULATED, *TURNED}
    ]
    copy.change_cell("history/booms.csv", 0, "overbuilt", {"no": "yes"})
    report = copy.build(workers=2, only=[*apart, *RESULTS])
    done, counted = (
        set(report["built"]),
        {"data_check", "analogue_rate", "forecast_analogues", "data_summary", "checks"},
    )
    listing = {e.id for e in exhibits() if "history/booms.csv" in e.data}
    assert report["failed"] == []
    assert (counted | using("analogue_rate") | listing) & {*apart, *RESULTS, "data_check"} <= done
    assert done <= counted | FOLLOW | using("analogue_rate", "data_summary", "checks") | listing


def one_threshold(copy: Copy) -> None:
    """Forecasts and what follows them are left out: they are redone too, and take long."""
    only = ["events_judged", "threshold_grid", "base_rate", "share_of_gdp", "data_overview"]
    copy.edit("data/definitions.toml", O2_RATIO, O2_RATIO.replace("0.5", "0.45"))
    report = copy.build(only=only)
    assert report["failed"] == [], report["messages"]
    assert set(report["built"]) == {"score_ai", "score_telecom", "events_judged"} | (
        set(only) & using("score_telecom")
    )
    judged = json.loads((copy.root / "build" / "results" / "score_telecom.json").read_text())
    assert judged["definitions"]["O2"]["primary"]["thresholds"]["ratio"] == pytest.approx(0.45)
    copy.edit("data/definitions.toml", O2_RATIO.replace("0.5", "0.45"), O2_RATIO)


def an_answer_on_file(copy: Copy) -> None:
    (filed,) = (copy.root / "data" / "filed" / "analogues").glob("*.json")
    record = json.loads(filed.read_text())
    shutil.rmtree(copy.root / "build")
    assert "forecast_analogues" in copy.build(only=["forecast_analogues"])["built"]
    assert json.loads(filed.read_text()) == record
    report = copy.build(only=["forecast_analogues"], refit=True)
    assert report["built"] == ["forecast_analogues"]
    assert json.loads(filed.read_text())["forecasts"] == record["forecasts"]
    assert any("+0.0 standard errors" in line for line in report["changes"]["analogues"])


def one_prior(copy: Copy) -> None:
    rates = ["forecast_analogues", "analogue_rate", "baserate"]
    copy.build(only=rates)
    before = {p.name for p in (copy.root / "data" / "filed").glob("*/*.json")}
    copy.edit("data/priors.toml", PRIOR, PRIOR.replace("[0.5, 0.5]", "[1.0, 1.0]"))
    report = copy.build(only=rates)
    after = {p.name for p in (copy.root / "data" / "filed").glob("*/*.json")}
    assert set(report["built"]) == {"forecast_analogues", "analogue_rate"}
    assert (len(after - before), len(before - after)) == (1, 1)


def a_quick_build(copy: Copy) -> None:
    before = {p: p.stat().st_mtime_ns for name in SOURCES for p in _files(copy.root / name)}
    report = copy.build(quick=True, only=["base_rate"])
    assert report["built"] == ["data_check", "baserate", "base_rate"]
    assert {p: p.stat().st_mtime_ns for name in SOURCES for p in _files(copy.root / name)} == before
    assert (copy.root / "build" / "quick" / "paper" / "tables" / "base_rate.csv").exists()


def a_cell_without_its_checksum(copy: Copy) -> None:
    copy.edit("data/telecom/fibre.csv", "\n", "\n\n")
    report = copy.build()
    assert "differs from its checksum" in report["messages"]["data_check"]
    assert not {"measures_ai", "score_telecom", "numbers", "paper"} & set(report["built"])


def using(*results: str) -> set[str]:
    return {e.id for e in exhibits() if set(results) & set(e.needs)}


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return [p for p in path.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
