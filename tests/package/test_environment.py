"""The environment is exact, comes from any index, and the package is quick to start."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

import overbuild

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.txt").read_text(encoding="utf-8")
PACKAGE = ROOT / "research" / "overbuild"


def pins() -> dict[str, Version]:
    return {
        canonicalize_name(name): Version(version)
        for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", LOCK, flags=re.MULTILINE)
    }


def direct_dependencies() -> list[Requirement]:
    extras = PROJECT["project"]["optional-dependencies"]
    lines = [*PROJECT["project"]["dependencies"], *(line for extra in extras.values() for line in extra)]
    return [Requirement(line) for line in lines]


def test_the_lock_holds_pins_and_hashes_and_nothing_else():
    pin = r"[A-Za-z0-9._-]+==[^ ;\\]+(?: ; [^\\]+)? \\\n"
    digest = r"    --hash=sha256:[0-9a-f]{64}"
    block = rf"{pin}{digest}(?: \\\n{digest})*\n"
    leftover = re.sub(block, "", LOCK)
    assert leftover == ""


@pytest.mark.parametrize(
    "trace", ["https:", "http:", "://", "--index", "--extra-index", "--find-links", "--trusted"]
)
def test_the_lock_names_no_host(trace):
    assert trace not in LOCK


@pytest.mark.parametrize("needed", direct_dependencies(), ids=lambda r: r.name)
def test_every_direct_dependency_is_pinned_within_its_bounds(needed):
    pinned = pins()
    name = canonicalize_name(needed.name)
    assert name in pinned, f"{needed.name} is not in requirements.txt: run `make lock`"
    assert needed.specifier.contains(pinned[name], prereleases=True)


def test_the_set_up_script_looks_for_the_versions_the_package_allows():
    script = (ROOT / ".ci" / "environment").read_text(encoding="utf-8")
    found = re.search(r'^versions="([0-9. ]+)"$', script, flags=re.MULTILINE)
    assert found is not None
    sought = found.group(1).split()
    allowed = SpecifierSet(PROJECT["project"]["requires-python"])
    assert sought == [f"3.{minor}" for minor in range(30) if f"3.{minor}" in allowed]
    assert (ROOT / ".python-version").read_text(encoding="utf-8").strip() in sought


def test_a_missing_python_is_one_plain_message(tmp_path):
    """Every interpreter is a stub that fails as a pyenv shim does, and there is no uv to download another."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("sh", "cat", "dirname", "head", "ln", "mkdir", "readlink", "rm", "sed", "sleep", "tr"):
        path = shutil.which(tool)
        assert path is not None
        (tools / tool).symlink_to(path)
    for name in ("python3.12", "python3", "python"):
        stub = tools / name
        stub.write_text("#!/bin/sh\necho 'command not found' >&2\nexit 127\n", encoding="utf-8")
        stub.chmod(0o755)
    clone = tmp_path / "clone"
    (clone / ".ci").mkdir(parents=True)
    for name in (".ci/environment", ".python-version", "requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, clone / name)

    run = subprocess.run(
        ["sh", ".ci/environment"],
        cwd=clone,
        env={"PATH": str(tools), "HOME": str(tmp_path), "PYENV_ROOT": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert run.returncode == 2
    assert run.stdout == ""
    assert run.stderr.count("\n") == 1
    assert "Python 3.12" in run.stderr
    assert not (clone / ".boot" / "turn").is_symlink()


def test_the_import_contract_places_every_part_of_the_package():
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    layers = next(c["layers"] for c in contracts if c["type"] == "layers")
    placed = {name.strip(" ()") for layer in layers for name in re.split(r"[|:]", layer)}
    parts = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    parts |= {path.stem for path in PACKAGE.glob("*.py") if path.stem != "__init__"}
    assert {f"overbuild.{part}" for part in parts} - placed == set()


def test_the_version_is_the_same_everywhere():
    version = PROJECT["project"]["version"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert overbuild.__version__ == version
    assert f"\nversion: {version}\n" in citation
    assert version in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


STARTS = {"import overbuild": ["-c", "import overbuild"], "overbuild --help": ["-m", "overbuild", "--help"]}


@pytest.mark.parametrize("arguments", STARTS.values(), ids=STARTS.keys())
def test_the_package_starts_within_a_second(arguments):
    def seconds() -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, check=True)
        return time.perf_counter() - start

    assert min(seconds() for _ in range(3)) < 1.0
