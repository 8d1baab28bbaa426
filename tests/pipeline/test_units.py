"""Units of work are kept, resumed and the same on any number of workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from overbuild.pipeline.units import Cost, cost, on_file, worked
from overbuild.randomness import stream


def drawn(number: int) -> float:
    return float(stream(f"units/{number}").standard_normal())


def fails_at_two(number: int) -> float:
    if number == 2:
        raise KeyboardInterrupt
    return drawn(number)


UNITS = {f"unit-{i}": i for i in range(4)}


def test_the_number_of_workers_changes_nothing(tmp_path: Path) -> None:
    one = worked(drawn, UNITS, tmp_path / "one")
    assert worked(drawn, UNITS, tmp_path / "two", workers=2) == one
    assert list(one) == list(UNITS)


def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        worked(fails_at_two, UNITS, tmp_path)
    kept = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("*.json")}
    assert sorted(kept) == ["unit-0.json", "unit-1.json"]
    seen: list[tuple[int, int]] = []
    made = worked(drawn, UNITS, tmp_path, progress=lambda done, total, what: seen.append((done, total)))
    assert made == {name: drawn(i) for name, i in UNITS.items()}
    assert seen == [(2, 4), (3, 4), (4, 4)]
    assert {p: (tmp_path / p).stat().st_mtime_ns for p in kept} == kept


def test_a_damaged_file_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "unit-1.json").write_text("{", encoding="utf-8")
    assert worked(drawn, {"unit-1": 1}, tmp_path) == {"unit-1": drawn(1)}


def test_a_summary_of_another_key_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "summary.json"
    assert on_file(path) is None
    path.write_text('{"key": "a"}', encoding="utf-8")
    assert on_file(path, "a") == {"key": "a"}
    assert on_file(path, "b") is None


SLOW_WORK = """
import sys, time
from pathlib import Path
sys.path.insert(0, {here!r})
from test_units import UNITS, drawn_slowly
from overbuild.pipeline.units import worked
worked(drawn_slowly, UNITS, Path({home!r}))
"""


def drawn_slowly(number: int) -> float:
    time.sleep(0.25)
    return drawn(number)


def test_a_killed_process_loses_only_the_unit_it_was_at(tmp_path: Path) -> None:
    code = SLOW_WORK.format(here=str(Path(__file__).parent), home=str(tmp_path))
    process = subprocess.Popen([sys.executable, "-c", code], env=dict(os.environ))
    for _ in range(600):
        if (tmp_path / "unit-1.json").exists():
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    kept = {p.name: p.stat().st_mtime_ns for p in tmp_path.glob("unit-*.json")}
    assert {"unit-0.json", "unit-1.json"} <= set(kept) and len(kept) < len(UNITS)
    assert worked(drawn, UNITS, tmp_path) == {name: drawn(i) for name, i in UNITS.items()}
    assert {p: (tmp_path / p).stat().st_mtime_ns for p in kept} == kept


@pytest.fixture
def scheduler() -> Iterator[str]:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, protocol="tcp", dashboard_address=None
    ) as here:
        yield here.scheduler_address


def test_a_cluster_gives_what_one_process_gives(tmp_path: Path, scheduler: str) -> None:
    one = worked(drawn, UNITS, tmp_path / "one")
    assert worked(drawn, UNITS, tmp_path / "cluster", cluster=scheduler) == one


def test_cost_is_measured_and_projected(tmp_path: Path) -> None:
    assert cost(UNITS, tmp_path) == Cost(0, 4, 0.0, None, None, None)
    told: list[str] = []
    worked(drawn_slowly, {"unit-0": 0}, tmp_path)
    found = cost(UNITS, tmp_path, workers=2)
    assert found.seconds_a_unit is not None and 0.25 <= found.seconds_a_unit < 1
    assert (found.done, found.units) == (1, 4)
    assert found.projected_seconds == pytest.approx(2 * found.seconds)
    assert found.remaining_seconds == pytest.approx(2 * found.seconds)
    worked(drawn, UNITS, tmp_path, progress=lambda done, total, what: told.append(what))
    assert told[0] == "units, about 1 min left" and told[-1] == "units"
    assert cost(UNITS, tmp_path).remaining_seconds == 0
