"""Steps are redone when, and only when, something that they rest on has changed."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from overbuild.core.saving import save_text
from overbuild.errors import InputError, UnknownNameError
from overbuild.pipeline.code import Sources
from overbuild.pipeline.report import BuildReport
from overbuild.pipeline.run import run
from overbuild.pipeline.step import Step, needed

Files = dict[str, Path]


def join(reads: Files, settings: dict[str, Any], produces: Files) -> None:
    print("a step may print; nobody sees it")
    text = "".join(p.read_text() for _, p in sorted(reads.items()))
    for path in produces.values():
        save_text(path, text + str(settings.get("value", "")))


def fail(reads: Files, settings: dict[str, Any], produces: Files) -> None:
    raise ValueError("the third row\nis wrong")


def refuse(reads: Files, settings: dict[str, Any], produces: Files) -> None:
    raise InputError("The third row is wrong.")


def interrupt(reads: Files, settings: dict[str, Any], produces: Files) -> None:
    raise KeyboardInterrupt


@pytest.fixture
def steps(tmp_path: Path) -> dict[str, Step]:
    """Two chains that share no file but the first: raw -> left -> end, raw -> right."""
    (tmp_path / "raw").write_text("raw ")
    (tmp_path / "other").write_text("other ")

    def step(name: str, *reads: str, **options: Any) -> Step:
        files = {r: tmp_path / r for r in reads}
        return Step(name, join, files, {"file": tmp_path / name}, **options)

    return {
        "left": step("left", "raw", settings={"value": {"fall": 0.3}}, modules=("toy.used",)),
        "right": step("right", "raw", modules=("toy.other",)),
        "end": step("end", "left", "other"),
    }


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "toy"
    folder.mkdir()
    for name in ("__init__", "used", "other"):
        (folder / f"{name}.py").write_text("")
    return folder


@pytest.fixture
def built(tmp_path: Path, package: Path) -> Callable[..., BuildReport]:
    def build(steps: dict[str, Step], **options: Any) -> BuildReport:
        return run(tuple(steps.values()), tmp_path / "build", Sources(package), **options)

    return build


Build = Callable[..., BuildReport]


def test_everything_is_built_once(
    steps: dict[str, Step], built: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    assert set(built(steps).built) == {"left", "right", "end"}
    again = built(steps)
    assert (again.built, set(again.skipped), again.failed) == ((), {"left", "right", "end"}, ())
    assert capsys.readouterr() == ("", "")


def test_a_touched_file_makes_nothing_stale(steps: dict[str, Step], built: Build, tmp_path: Path) -> None:
    built(steps)
    (tmp_path / "raw").write_text("raw ")
    assert built(steps).built == ()


def test_a_changed_file_redoes_what_reads_it_and_what_follows(
    steps: dict[str, Step], built: Build, tmp_path: Path
) -> None:
    built(steps)
    (tmp_path / "other").write_text("changed ")
    assert built(steps).built == ("end",)
    (tmp_path / "raw").write_text("changed ")
    assert set(built(steps).built) == {"left", "right", "end"}


def test_a_changed_setting_redoes_its_step(steps: dict[str, Step], built: Build) -> None:
    built(steps)
    changed = steps | {"left": replace(steps["left"], settings={"value": {"fall": 0.4}})}
    assert set(built(changed).built) == {"left", "end"}
    assert built(changed).built == ()


def test_an_option_makes_nothing_stale(steps: dict[str, Step], built: Build) -> None:
    built(steps | {"left": replace(steps["left"], options={"refit": False})})
    assert built(steps | {"left": replace(steps["left"], options={"refit": True})}).built == ()


def test_changed_code_redoes_its_steps_and_what_changes_after(
    steps: dict[str, Step], built: Build, package: Path
) -> None:
    built(steps)
    (package / "used.py").write_text("x = 1\n")
    assert built(steps).built == ("left",)


def test_a_product_that_is_lost_or_altered_is_made_again(
    steps: dict[str, Step], built: Build, tmp_path: Path
) -> None:
    built(steps)
    (tmp_path / "right").unlink()
    assert built(steps).built == ("right",)
    (tmp_path / "right").write_text("by hand")
    assert built(steps).built == ("right",)
    assert (tmp_path / "right").read_text() == "raw "


def test_a_step_that_writes_over_its_own_file_does_not_loop(built: Build, tmp_path: Path) -> None:
    (tmp_path / "raw").write_text("raw")
    page = tmp_path / "page"
    page.write_text("by hand")
    steps = {"page": Step("page", join, {"raw": tmp_path / "raw"}, {"page": page})}
    assert built(steps).built == ("page",)
    assert built(steps).built == ()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_step_that_fails_stops_those_that_need_it_and_no_others(
    steps: dict[str, Step], built: Build, workers: int
) -> None:
    report = built(steps | {"left": replace(steps["left"], function=fail)}, workers=workers)
    assert report.built == ("right",)
    assert set(report.failed) == {"left", "end"}
    assert list(report.lines()) == [
        "left: ValueError: the third row is wrong",
        "end: not done, because a step before it failed",
    ]
    assert "in fail" in "\n".join(report.lines(verbose=True))
    assert set(built(steps).built) == {"left", "end"}


def test_a_message_for_the_user_is_given_as_it_is(steps: dict[str, Step], built: Build) -> None:
    report = built({"left": replace(steps["left"], function=refuse)})
    assert list(report.lines()) == ["left: The third row is wrong."]
    assert report.to_dict()["messages"] == {"left": "The third row is wrong."}


def test_the_number_of_workers_changes_nothing(steps: dict[str, Step], built: Build, tmp_path: Path) -> None:
    built(steps)
    alone = {name: (tmp_path / name).read_bytes() for name in steps}
    for name in steps:
        (tmp_path / name).unlink()
    assert set(built(steps, workers=2).built) == set(steps)
    assert {name: (tmp_path / name).read_bytes() for name in steps} == alone
    assert built(steps, workers=2).built == ()


def test_an_interruption_keeps_what_is_done(steps: dict[str, Step], built: Build, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        built(steps | {"end": replace(steps["end"], function=interrupt)})
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]
    report = built(steps)
    assert "end" in report.built
    assert "left" in report.skipped


@pytest.mark.parametrize("address", ["nonsense", "http:/x", ""])
def test_an_address_that_is_none_is_refused(steps: dict[str, Step], built: Build, address: str) -> None:
    pytest.importorskip("distributed")
    with pytest.raises(InputError, match="is not the address of a dask scheduler"):
        built(steps, cluster=address)


def test_steps_that_are_named_bring_what_they_need(steps: dict[str, Step]) -> None:
    every = tuple(steps.values())
    assert needed(every, ()) == every
    assert {s.id for s in needed(every, ("end",))} == {"left", "end"}
    with pytest.raises(UnknownNameError, match=r"No step of the build 'up'\. Available: end, left, right"):
        needed(every, ("up",))


def test_what_was_read_before_is_read_again(built: Build, tmp_path: Path) -> None:
    from overbuild.probability.definitions import read_definitions

    path = tmp_path / "definitions.toml"
    path.write_text("[O3]\nfall = 0.3\n")
    assert read_definitions(path)["O3"]["fall"] == 0.3
    path.write_text("[O3]\nfall = 0.4\n")
    built({})
    assert read_definitions(path)["O3"]["fall"] == 0.4


def test_code_that_changed_after_it_was_loaded_is_not_run(
    steps: dict[str, Step], built: Build, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys
    import types

    built(steps)
    monkeypatch.setitem(sys.modules, "toy.used", types.ModuleType("toy.used"))
    os.utime(package / "used.py", (0, 0))
    built(steps)
    (package / "used.py").write_text("x = 2\n")
    os.utime(package / "used.py", (4e9, 4e9))
    with pytest.raises(InputError, match=r"toy\.used changed after Python loaded it"):
        built(steps)
