"""Backtest: results are taken from file by key, fits are resumed, bad input is refused in one message."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from overbuild.core.saving import save_json
from overbuild.errors import InputError
from overbuild.locations import data_dir
from overbuild.pipeline import hindcast_fits as fits
from overbuild.pipeline.backtest import RESULTS, Backtest, _of_simulation, backtest, compact
from overbuild.pipeline.hindcast_fits import Work, rounded

DAY = date(2026, 11, 22)


def work(folder: Path, **options: Any) -> Work:
    return Work(DAY, filed=folder / "filed", home=folder, **options)


def doubled(number: int) -> dict[str, float]:
    return {"twice": 2.0 * number}


def fails_at_two(number: int) -> dict[str, float]:
    if number == 2:
        raise KeyboardInterrupt
    return doubled(number)


def test_fits_are_resumed_and_filed_under_their_key(tmp_path: Path) -> None:
    here, jobs = work(tmp_path), {str(i): i for i in range(4)}
    with pytest.raises(KeyboardInterrupt):
        fits._units(here, "mine", "key", fails_at_two, jobs, "fits")
    assert not here.path("mine").is_file()
    seen: list[int] = []
    watched = replace(here, progress=lambda done, total, what: seen.append(done))
    made = fits._units(watched, "mine", "key", doubled, jobs, "fits")
    assert made == {name: doubled(i) for name, i in jobs.items()} and seen == [2, 3, 4]
    assert fits._units(here, "mine", "key", fails_at_two, jobs, "fits") == made
    with pytest.raises(KeyboardInterrupt):
        fits._units(here, "mine", "another", fails_at_two, jobs, "fits")


def test_the_number_of_workers_changes_no_fit(tmp_path: Path) -> None:
    jobs = {str(i): i for i in range(3)}
    one = fits._units(work(tmp_path / "one"), "mine", "key", doubled, jobs, "fits")
    assert fits._units(work(tmp_path / "two", workers=2), "mine", "key", doubled, jobs, "fits") == one


def test_another_folder_is_read_and_not_written(tmp_path: Path) -> None:
    save_json(tmp_path / "theirs" / "hindcasts" / "mine.json", {"key": "key", "units": {}})
    here = work(tmp_path, also=tmp_path / "theirs")
    assert here.found("mine", "key") == {"key": "key", "units": {}}
    assert here.found("mine", "other") is None
    assert replace(here, again=True).found("mine", "key") is None


def test_what_is_filed_is_json_with_a_line_an_entry() -> None:
    content = {"key": "k", "rows": [{"a": 1.0, "b": None}, {"a": 2.0, "b": "–"}], "none": [], "x": {"y": 1}}
    text = compact(content)
    assert json.loads(text) == content
    assert '\n{"a":1.0,"b":null},\n' in text
    assert rounded({"p": 0.123456789, "q": [1, True, None]}) == {"p": 0.123457, "q": [1, True, None]}


def test_a_simulation_speaks_of_the_targets_of_the_others() -> None:
    said = {"event": "O3", "by": "2002Q4", "as_of": "1999-12-31", "probability": 0.3, "abstains": ""}
    said |= {"evidence": "paths", "status": "hindcast", "passed": True}
    other = {**said, "by": "2009Q4"}
    asked = {("1999-12-31", "O3", "2002Q4"): ("telecom spending 1999 +3", True)}
    (row,) = _of_simulation([said, other], asked)
    assert (row["model"], row["target"], row["happened"]) == ("simulation", "telecom spending 1999 +3", True)
    (failed,) = _of_simulation([{**said, "passed": False}], asked)
    assert failed["status"] == "failed"


def test_what_cannot_be_used_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"lacks definitions\.toml"):
        backtest(data=tmp_path)
    with pytest.raises(InputError, match="scheduler"):
        backtest(cluster="nowhere")


def test_results_on_file_are_whole() -> None:
    found = {n: json.loads((data_dir() / "filed/hindcasts" / f"{n}.json").read_text()) for n in RESULTS}
    made = Backtest(found).to_dict()
    assert {"vintages", "run_ups", "episodes", "scores"} <= set(made)
    assert "hindcast on revised data; one event" in made["label"]
    rows = [r for n in RESULTS for r in found[n]["rows"]]
    assert {r["panel"] for r in rows} == {"telecom_spending", "telecom_suppliers", "run_ups", "booms"}
    keys = [(r["panel"], r["target"], r["model"]) for r in rows]
    assert len(keys) == len(set(keys))
    assert all(isinstance(r["happened"], bool) for r in rows)
    outcomes = {}
    for r in rows:
        assert outcomes.setdefault((r["panel"], r["target"]), r["happened"]) == r["happened"]
    assert found["telecom"]["near_miss"]["holds"] is False
    assert len(Backtest(found).frame()) == len(made["scores"]) and Backtest(found).sentence()
