"""Every command and every call that the README shows is run; a reader gets what they were told."""

from __future__ import annotations

import re
import shlex
from datetime import date
from pathlib import Path

import pytest

import overbuild
from overbuild.locations import project_root

ELSEWHERE = ("build", "data refresh")
"""Run by their own tests: they write into the project or ask a live service."""
MY_BOOM = "firm,period,capex,revenue\n" + "".join(
    f"Acme,{2010 + i},{x},50\n" for i, x in enumerate((5, 9, 6, 5))
)


def readme() -> str:
    root = project_root()
    file = root / "README.md" if root else Path("README.md")
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def commands() -> list[str]:
    inline = re.findall(r"`overbuild ([a-z][^`]*)`", readme())
    shown = re.findall(r"^(?:\.venv/bin/)?overbuild ([^#\n]+)", readme(), re.MULTILINE)
    return sorted({c.strip() for c in (*inline, *shown) if not c.startswith(ELSEWHERE) and "..." not in c})


def calls() -> list[str]:
    rows = [line for line in readme().splitlines() if line.startswith("|") and "`overbuild " in line]
    return sorted({c for row in rows for c in re.findall(r"`([^`]+)`", row) if "(" in c})


def test_the_readme_shows_something():
    assert len(commands()) > 4 and len(calls()) > 4


@pytest.mark.parametrize("command", commands())
def test_a_command_of_the_readme(command, cli, tmp_path, monkeypatch):
    (tmp_path / "my_boom.csv").write_text(MY_BOOM)
    monkeypatch.chdir(tmp_path)
    outcome = cli(*shlex.split(command))
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out


@pytest.mark.parametrize("call", calls())
def test_a_call_of_the_readme(call, tmp_path, monkeypatch):
    (tmp_path / "my_boom.csv").write_text(MY_BOOM)
    monkeypatch.chdir(tmp_path)
    names = {name: getattr(overbuild, name) for name in overbuild.__all__}
    assert eval(call, {"date": date, **names}) is not None
