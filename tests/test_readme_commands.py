"""Every command and every call that the README shows is run; a reader gets what they were told."""

from __future__ import annotations

import ast
import math
import re
import shlex
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import overbuild
from overbuild.locations import data_dir, project_root

ELSEWHERE = ("build", "data refresh")
"""Run by their own tests: they write into the project or ask a live service."""
LONG = ("estimate regimes", "estimate analogue_regression", "analogues ", "dilemma")
"""Minutes where nothing is compiled yet: run with the slow tests."""
MY_BOOM = "firm,period,capex,revenue\n" + "".join(
    f"Acme,{2005 + i},{x},50\n" for i, x in enumerate((4, 4.4, 4.6, 5, 5.2, 7, 9, 12, 9, 6, 5))
)
MY_BOOMS = "episode,overbuilt,cluster,asset_life_years,debt_financed\n" + "".join(
    f"boom{i},{('yes', 'no', 'yes', 'partly')[i % 4]},c{i // 2},{5 + 3 * i},{('yes', 'no', '')[i % 3]}\n"
    for i in range(14)
)
PRICES = "date,price\n" + "".join(
    f"{2015 + i // 12}-{i % 12 + 1:02d}-28,{100 + 10 * math.sin(i / 5) + 3 * math.cos(7.3 * i):.3f}\n"
    for i in range(100)
)
GAME = "[entry]\nfirms = 5\nsurplus = 0.9\nbusiness_at_risk = 1.5\npass_through = 0.2\n"
OPEN = "episode,asset_life_years,debt_financed\nours,5,yes\ntheirs,,\n"


def readme() -> str:
    root = project_root()
    file = root / "README.md" if root else Path("README.md")
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def commands() -> list[str]:
    inline = re.findall(r"`overbuild ([a-z][^`]*)`", readme())
    shown = re.findall(r"^(?:\.venv/bin/)?overbuild ([^#\n]+)", readme(), re.MULTILINE)
    return sorted({c.strip() for c in (*inline, *shown) if not c.startswith(ELSEWHERE) and "..." not in c})


def marked() -> list[Any]:
    return [pytest.param(c, marks=pytest.mark.slow) if c.startswith(LONG) else c for c in commands()]


def files_into(folder: Path) -> None:
    """Write the files that the README's commands name."""
    (folder / "my_boom.csv").write_text(MY_BOOM)
    (folder / "my_booms.csv").write_text(MY_BOOMS)
    (folder / "open.csv").write_text(OPEN)
    (folder / "my_game.toml").write_text(GAME)
    (folder / "prices.csv").write_text(PRICES)
    shutil.copy(data_dir() / "priors.toml", folder / "my_priors.toml")
    shutil.copy(data_dir() / "contracts" / "iren.toml", folder / "my_contract.toml")


def calls() -> list[str]:
    rows = [line for line in readme().splitlines() if line.startswith("|") and "`overbuild " in line]
    return sorted({c for row in rows for c in re.findall(r"`([^`]+)`", row) if "(" in c})


def test_the_readme_shows_something():
    assert len(commands()) > 4 and len(calls()) > 4


@pytest.mark.parametrize("command", marked())
def test_a_command_of_the_readme(command, cli, tmp_path, monkeypatch):
    files_into(tmp_path)
    monkeypatch.chdir(tmp_path)
    outcome = cli(*shlex.split(command))
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out


@pytest.mark.parametrize("call", calls())
def test_a_call_of_the_readme(call, tmp_path, monkeypatch):
    files_into(tmp_path)
    monkeypatch.chdir(tmp_path)
    names = {name: getattr(overbuild, name) for name in overbuild.__all__}
    assert eval(call, {"date": date, **names}) is not None


def blocks() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", readme(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", blocks())
def test_python_of_the_readme_runs(block):
    names: dict[str, Any] = {}
    exec(block, names)
    if "model" in names:
        assert names["model"].observed(names["snapshot"]) is not None
    for expression, said in re.findall(r"^(\S.*?)  # ([\d.]+|'.*')$", block, re.MULTILINE):
        value, told = eval(expression, names), ast.literal_eval(said)
        assert value == (told if isinstance(told, str) else pytest.approx(told, abs=0.005))
