"""An answer on file is found by its key, replaced in one step, and compared with the one before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from overbuild.errors import InputError
from overbuild.probability import filing
from overbuild.probability.filing import Record

O3 = {"event": "O3", "by": "2028Q4", "probability": 0.47, "mc_error": 0.003, "abstains": ""}


def record(**changed: object) -> Record:
    plain = Record(
        model="baserate",
        episode="ai",
        as_of=date(2026, 11, 22),
        data="d",
        priors="p",
        code="c",
        settings={"draws": 1000},
        seed=1,
        versions=filing.versions(),
        seconds=1.5,
        checks={"enough_run_ups": True},
        forecasts=[O3],
        result={"rate": 0.47},
    )
    return replace(plain, **changed)  # pyright: ignore[reportArgumentType]


def test_what_is_filed_is_found_again(tmp_path: Path) -> None:
    path = filing.save(tmp_path, record())
    assert path == tmp_path / "baserate" / f"{record().key}.json"
    assert filing.find(tmp_path, "baserate", record().key) == record()


@pytest.mark.parametrize("field", ["model", "episode", "data", "priors", "code", "seed", "settings", "as_of"])
def test_everything_that_decides_the_answer_is_in_the_key(field: str) -> None:
    other = {"seed": 2, "settings": {"draws": 2}, "as_of": date(2020, 1, 1)}.get(field, "other")
    assert record(**{field: other}).key != record().key


@pytest.mark.parametrize("field", ["seconds", "versions", "result", "checks"])
def test_what_comes_of_it_is_not_in_the_key(field: str) -> None:
    assert record(**{field: {} if field != "seconds" else 9.0}).key == record().key


def test_a_new_answer_takes_the_place_of_the_old_of_the_same_day(tmp_path: Path) -> None:
    filing.save(tmp_path, record())
    others = [record(as_of=date(2020, 1, 1)), record(episode="telecom")]
    kept = {filing.save(tmp_path, other).name for other in others}
    (tmp_path / "baserate" / "old-form.json").write_text("{}")
    new = filing.save(tmp_path, record(code="changed"))
    assert {p.name for p in (tmp_path / "baserate").iterdir()} == {new.name, *kept}
    assert filing.current(tmp_path, "baserate").code == "changed"
    assert filing.current(tmp_path, "baserate", date(2020, 1, 1)).code == "c"
    assert filing.current(tmp_path, "baserate", episode="telecom").episode == "telecom"


def test_the_old_answer_stays_when_the_new_one_cannot_be_written(tmp_path: Path) -> None:
    filing.save(tmp_path, record())
    with pytest.raises(ValueError, match="not JSON compliant"):
        filing.save(tmp_path, record(code="changed", result={"rate": float("nan")}))
    assert [p.name for p in (tmp_path / "baserate").iterdir()] == [f"{record().key}.json"]


def test_an_altered_or_broken_file_is_not_taken_for_an_answer(tmp_path: Path) -> None:
    path = filing.save(tmp_path, record())
    path.write_text(path.read_text().replace('"d"', '"other"'))
    assert filing.find(tmp_path, "baserate", record().key) is None
    path.write_text("{")
    assert filing.find(tmp_path, "baserate", record().key) is None
    with pytest.raises(InputError, match=r"is not an answer on file\. Delete it"):
        filing.read(path)


def test_what_is_missing_is_told_with_its_remedy(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"No answer of model 'baserate' on 'ai' is on file.*overbuild build"
    ):
        filing.current(tmp_path, "baserate")


def test_an_answer_that_failed_a_check_is_refused(tmp_path: Path) -> None:
    filing.save(tmp_path, record(checks={"enough_run_ups": False}))
    with pytest.raises(InputError, match="failed its checks \\(enough_run_ups\\)"):
        filing.current(tmp_path, "baserate")


def test_a_refit_is_compared_in_monte_carlo_standard_errors() -> None:
    again = record(forecasts=[{**O3, "probability": 0.47 + 0.003 * 2**0.5}])
    (change,) = filing.changes(record(), again)
    assert change.standard_errors == pytest.approx(1.0)
    assert str(change) == "O3 by 2028Q4: 0.4700 before, 0.4742 now (+1.0 standard errors)"
    (same,) = filing.changes(record(), record())
    assert same.standard_errors == 0.0
    silent = record(forecasts=[{**O3, "probability": None, "abstains": "no data"}])
    assert "0.4700 before, no probability now" in str(filing.changes(record(), silent)[0])
