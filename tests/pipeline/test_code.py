"""The files that a module rests on are found from the code alone."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from overbuild.locations import PACKAGE
from overbuild.pipeline.code import Sources, fingerprint, sources_of

FILES = {
    "__init__.py": "_PUBLIC = {'score': 'toy.deep.scores'}\n",
    "plain.py": "import json\nimport toy.used\n",
    "used.py": "",
    "unused.py": "",
    "inside.py": "def f():\n    from toy.used import x\n    return x\n",
    "typed.py": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from toy.unused import X\n"
        "else:\n    import toy.used\n"
    ),
    "lazy.py": "from toy import score\n",
    "dynamic.py": "from importlib import import_module\nimport_module('toy.used')\nimport_module(name)\n",
    "whole.py": "from toy import deep\n",
    "submodule.py": "from toy.deep import levels\n",
    "deep/__init__.py": "from toy.deep.levels import depth\n",
    "deep/levels.py": "from ..used import x\n",
    "deep/scores.py": "from . import levels\nfrom .circle import y\n",
    "deep/circle.py": "from toy.deep.scores import z\n",
}


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    package = tmp_path / "toy"
    for name, text in FILES.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text)
    return package


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("toy.plain", {"plain.py", "used.py"}),
        ("toy.inside", {"inside.py", "used.py"}),
        ("toy.typed", {"typed.py", "used.py"}),
        ("toy.dynamic", {"dynamic.py", "used.py"}),
        ("toy.whole", {"whole.py", "deep/__init__.py", "deep/levels.py", "used.py"}),
        ("toy.submodule", {"submodule.py", "deep/__init__.py", "deep/levels.py", "used.py"}),
        (
            "toy.lazy",
            {"lazy.py", "deep/__init__.py", "deep/scores.py", "deep/circle.py", "deep/levels.py", "used.py"},
        ),
    ],
)
def test_imports_are_followed(toy: Path, module: str, expected: set[str]) -> None:
    assert {p.relative_to(toy).as_posix() for p in sources_of(module, toy)} == expected


def test_an_unknown_module_is_refused(toy: Path) -> None:
    with pytest.raises(ModuleNotFoundError, match=r"No module 'toy\.nothing'"):
        sources_of("toy.nothing", toy)


def test_the_fingerprint_follows_what_is_used_and_nothing_else(toy: Path) -> None:
    before = fingerprint("toy.plain", package=toy)
    (toy / "unused.py").write_text("changed = 1\n")
    os.utime(toy / "used.py")
    assert fingerprint("toy.plain", package=toy) == before
    (toy / "used.py").write_text("changed = 1\n")
    assert fingerprint("toy.plain", package=toy) != before


def test_a_new_import_is_seen_in_the_same_process(toy: Path) -> None:
    assert toy / "unused.py" not in sources_of("toy.plain", toy)
    (toy / "plain.py").write_text("import toy.unused  # and more text\n")
    os.utime(toy / "plain.py", ns=(1, 1))
    assert toy / "unused.py" in sources_of("toy.plain", toy)


def test_the_order_of_modules_does_not_matter(toy: Path) -> None:
    assert fingerprint("toy.plain", "toy.lazy", package=toy) == fingerprint(
        "toy.lazy", "toy.plain", package=toy
    )


def test_the_whole_package_is_read_quickly() -> None:
    start = time.perf_counter()
    sources = Sources()
    for module in sources.modules:
        sources.fingerprint(module)
    assert time.perf_counter() - start < 3.0


def test_core_rests_on_nothing_above_it() -> None:
    above = {p.relative_to(PACKAGE).parts[0] for p in sources_of("overbuild.core")}
    assert above <= {"core", "settings.py", "locations.py", "randomness.py", "errors.py"}
