"""Units of work are kept, resumed and the same on any number of workers."""

from __future__ import annotations

from pathlib import Path

import pytest

from overbuild.pipeline.units import on_file, worked
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
