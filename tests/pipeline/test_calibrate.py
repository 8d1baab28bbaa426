"""A calibration is the same for any number of workers, and goes on where it was stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

from overbuild.core.digest import digest_of
from overbuild.errors import InputError, UnknownNameError
from overbuild.pipeline import calibrate as module
from overbuild.pipeline.calibrate import Calibrated, calibrate, contents, sizes

FAST = "capital"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("build")


@pytest.fixture(scope="module")
def found(root: Path) -> Calibrated:
    return calibrate(FAST, simulations=12, folder=root)


def without_times(made: Calibrated) -> dict:
    return {k: v for k, v in made.to_dict().items() if "seconds" not in k}


def test_ranks_and_recovery_are_reported(found):
    plain = found.to_dict()
    assert {"ranks", "p_values", "passed", "simulations", "recovery", "table"} <= set(plain)
    assert plain["simulations"] == 12 and all(len(r) == 12 for r in plain["ranks"].values())
    assert all(0 <= x <= plain["levels"] for r in plain["ranks"].values() for x in r)
    assert FAST in found.sentence()


def test_two_workers_give_what_one_gives(found, tmp_path):
    assert without_times(calibrate(FAST, simulations=12, workers=2, folder=tmp_path)) == without_times(found)


def test_a_run_that_was_stopped_goes_on(found, root, monkeypatch):
    files = sorted((root / "calibration" / FAST).glob("*/*.json"))
    files[3].unlink()
    files[5].write_text(files[5].read_text()[:50])
    done = []
    real = module._run
    monkeypatch.setattr(
        module, "_run", lambda job: done.append(f"{job.purpose}-{job.number:04d}") or real(job)
    )
    again = calibrate(FAST, simulations=12, folder=root)
    assert sorted(done) == [files[3].stem, files[5].stem] and without_times(again) == without_times(found)


def test_more_simulations_add_to_those_there_are(found, root, monkeypatch):
    done = []
    real = module._run
    monkeypatch.setattr(module, "_run", lambda job: done.append(job.number) or real(job))
    more = calibrate(FAST, simulations=14, folder=root)
    assert sorted(done) == [12, 13]
    for label, ranks in found.to_dict()["ranks"].items():
        assert more.to_dict()["ranks"][label][:12] == ranks


def test_too_few_and_unknown_are_refused(tmp_path):
    with pytest.raises(InputError, match="--simulations 3"):
        calibrate(FAST, simulations=3, folder=tmp_path)
    with pytest.raises(UnknownNameError, match="No model 'oracle'"):
        calibrate("oracle", folder=tmp_path)
    assert not list(tmp_path.rglob("*"))


def test_revised_values_have_simulations_of_their_own_and_the_same_shape():
    import numpy as np

    assert digest_of(contents({"a": np.ones(2)})) != digest_of(contents({"a": np.array([1.0, 2.0])}))


def test_sizes_do_not_follow_values():
    import numpy as np

    assert sizes({"a": np.ones((2, 3)), "b": [np.zeros(4), "x"]}) == {"a": [2, 3], "b": [[4], None]}
