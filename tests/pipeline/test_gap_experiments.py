"""The drawn systems of the gap: resumed, the same however split, on file under the code that made them."""

from __future__ import annotations

from pathlib import Path

from overbuild.pipeline import gap_experiments, task_timeseries
from overbuild.pipeline.plan import Plan
from overbuild.timeseries.gap_experiment import CELLS, replication, summary


def test_a_table_is_the_mean_of_its_systems_and_is_read_again(tmp_path: Path) -> None:
    first = gap_experiments.experiment(most=2, folder=tmp_path)
    kept = sorted(tmp_path.rglob("*.json"))
    times = [p.stat().st_mtime_ns for p in kept]
    again = gap_experiments.experiment(most=2, folder=tmp_path)
    assert first == again and len(kept) == len(CELLS)
    assert times == [p.stat().st_mtime_ns for p in kept]
    alone = summary(CELLS[-1], [replication(CELLS[-1], i) for i in range(2)])
    assert first["cells"][-1]["full_8"] == alone["full_8"]
    assert first["key"] != gap_experiments.key_of()


def test_the_table_on_file_is_that_of_this_code() -> None:
    found = gap_experiments.on_file()
    assert found is not None and found["key"] == gap_experiments.key_of()
    assert [c["count"] for c in found["cells"]] == [c.replications for c in CELLS]


def test_tests_and_intervals_on_file_are_what_they_say() -> None:
    found = gap_experiments.on_file()
    assert found is not None
    for cell in found["cells"]:
        if cell["kind"] == "size" and cell["speed"] == 0:
            kept = ("bounds_f", "bounds_t", "bounds_f_x", "engle_granger", "trace", "maximum_eigenvalue")
            assert all(0.035 < cell[f"{k}_bootstrap"] < 0.07 for k in kept)
        if cell["kind"] == "coverage":
            assert all(0.85 < cell[f"full_{h}"] < 0.95 for h in (4, 8, 12))


def test_every_result_has_its_step(tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to(Path(gap_experiments.data_dir()))
    steps = task_timeseries.steps(Plan(tmp_path, False, False))
    made = {step.produces["result"].stem for step in steps}
    assert made == set(task_timeseries.RESULTS) == {"gap", "contribution", "gap_experiments"}
