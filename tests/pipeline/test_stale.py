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
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from overbuild.exhibits.registry import Exhibit, exhibits
from overbuild.locations import PACKAGE, require_root

pytestmark = [pytest.mark.build, pytest.mark.xdist_group("copy")]

BUILD = """
import json, sys
from overbuild.pipeline.build import build
report = build(progress=False, **json.loads(sys.argv[1]))
print(json.dumps(report.to_dict()))
"""
SOURCES = ("pyproject.toml", "README.md", "data", "research", "paper")
LATE = {"captions", "numbers", "paper", "readme"}
"""Steps that gather: redone only when what they gather has changed in content."""


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

    def change_cell(self, file: str, row: int, column: str, value: str) -> None:
        """Change one cell and the checksum of its file, as a contributor would."""
        path = self.root / "data" / file
        _rewrite(path, lambda i, r: r | {column: value} if i == row else r)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        _rewrite(
            self.root / "data" / "catalogue.csv",
            lambda _, r: r | {"sha256": digest} if r["file"] == file else r,
        )


def _rewrite(path: Path, change: Any) -> None:
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(change(i, row) for i, row in enumerate(rows))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """Return a copy that has been built."""
    root = tmp_path_factory.mktemp("project")
    ignored = shutil.ignore_patterns("__pycache__", "*.pdf", "figures", "tables")
    for name in SOURCES:
        source = require_root() / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=ignored)
        else:
            shutil.copy(source, root / name)
    copy = Copy(root)
    report = copy.build(workers=2)
    assert report["failed"] == [], report["messages"]
    return copy


@pytest.fixture
def copy(built: Copy) -> Iterator[Copy]:
    """Return the built copy; what a test changes is put back, and built, after it."""
    kept = {
        p: p.read_bytes()
        for name in ("data", "research")
        for p in (built.root / name).rglob("*")
        if p.is_file()
    }
    yield built
    for path in (p for name in ("data", "research") for p in (built.root / name).rglob("*") if p.is_file()):
        if path not in kept and "filed" not in path.parts and "__pycache__" not in path.parts:
            path.unlink()
    for path, content in kept.items():
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
    built.build(workers=2)


def using(*results: str) -> set[str]:
    return {e.id for e in exhibits() if set(results) & set(e.needs)}


def test_without_a_change_nothing_is_done_and_quickly(copy: Copy) -> None:
    start = time.perf_counter()
    report = copy.build()
    assert (report["built"], report["failed"]) == ([], [])
    assert set(report["skipped"]) >= {e.id for e in exhibits()} | LATE
    assert time.perf_counter() - start < 20


def test_one_threshold(copy: Copy) -> None:
    copy.edit(
        "data/definitions.toml",
        "thresholds = { fall = 0.30, window_years",
        "thresholds = { fall = 0.31, window_years",
    )
    report = copy.build(workers=2)
    judged = {"score_ai", "score_telecom", "forecast_baserate", "forecast_analogues", "probability"}
    done = set(report["built"])
    assert report["failed"] == []
    assert judged | using("score_ai", "score_telecom", "probability") <= done
    assert done <= judged | using("score_ai", "score_telecom", "probability") | LATE
    numbers = json.loads((copy.root / "paper" / "numbers.json").read_text())
    assert numbers["thresholds"]["O3_fall"]["value"] == pytest.approx(0.31)


def test_one_cell_of_data(copy: Copy) -> None:
    copy.change_cell("history/booms.csv", 0, "overbuilt", "partly")
    report = copy.build(workers=2)
    done, counted = (
        set(report["built"]),
        {"data_check", "analogue_rate", "forecast_analogues", "data_summary"},
    )
    assert report["failed"] == []
    touched = using("analogue_rate", "probability", "data_summary") | _reading("history/booms.csv")
    assert counted <= done
    assert using("analogue_rate") | _reading("history/booms.csv") <= done
    assert done <= counted | {"probability"} | touched | LATE


def test_a_cell_without_its_checksum_stops_what_rests_on_data(copy: Copy) -> None:
    copy.edit("data/telecom/fibre.csv", "\n", "\n\n")
    report = copy.build()
    assert "differs from its checksum" in report["messages"]["data_check"]
    assert report["built"] == []


def test_the_code_of_one_exhibit(copy: Copy) -> None:
    copy.edit(
        "research/overbuild/exhibits/share_of_gdp.py", '"Years since take-off")', '"Years after take-off")'
    )
    report = copy.build()
    assert report["failed"] == []
    assert set(report["built"]) == {"share_of_gdp", "paper"}


def test_an_exhibit_that_fails_stops_no_other(copy: Copy) -> None:
    copy.edit(
        "research/overbuild/exhibits/share_of_gdp.py",
        '"""Draw both shares."""',
        "raise ValueError('no shares')",
    )
    (copy.root / "paper" / "figures" / "capex_to_cash_flow.svg").unlink()
    report = copy.build()
    assert report["messages"]["share_of_gdp"] == "ValueError: no shares"
    assert set(report["failed"]) == {"share_of_gdp", "captions", "paper", "readme"}
    assert report["built"] == ["capex_to_cash_flow"]


def test_an_answer_on_file_is_used_until_a_refit(copy: Copy) -> None:
    (filed,) = (copy.root / "data" / "filed" / "baserate").glob("*.json")
    record = json.loads(filed.read_text())
    shutil.rmtree(copy.root / "build")
    assert "forecast_baserate" in copy.build(only=["probability"], workers=2)["built"]
    assert json.loads(filed.read_text()) == record
    report = copy.build(only=["probability"], refit=True)
    assert {"forecast_baserate", "forecast_analogues"} <= set(report["built"])
    assert json.loads(filed.read_text())["forecasts"] == record["forecasts"]
    assert any("0.1" in line and "+0.0 standard errors" in line for line in report["changes"]["baserate"])


def test_a_quick_build_touches_nothing_that_is_committed(copy: Copy) -> None:
    before = {p: p.stat().st_mtime_ns for n in SOURCES for p in _files(copy.root / n)}
    report = copy.build(quick=True, only=["first_probability"])
    assert "first_probability" in report["built"]
    assert {p: p.stat().st_mtime_ns for n in SOURCES for p in _files(copy.root / n)} == before
    assert (copy.root / "build" / "quick" / "paper" / "tables" / "first_probability.csv").exists()


def _reading(file: str) -> set[str]:
    found: tuple[Exhibit, ...] = exhibits()
    return {e.id for e in found if file in e.data}


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return [p for p in path.rglob("*") if p.is_file() and "__pycache__" not in p.parts]


def test_the_copy_is_what_is_tested() -> None:
    assert require_root() / "research" / "overbuild" == PACKAGE
