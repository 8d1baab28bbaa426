"""The command line: help, JSON, exit statuses, and plain messages in place of tracebacks."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

import overbuild
from overbuild.cli import app

COMMANDS = [
    ["data", "check"],
    ["data", "show"],
    ["data", "refresh"],
    ["measures"],
    ["score"],
    ["baserate"],
    ["psy"],
    ["estimate"],
    ["forecast"],
    ["calibrate"],
    ["analogues"],
    ["usercost"],
    ["contest"],
    ["game"],
    ["dilemma"],
    ["race"],
    ["contract"],
    ["contagion"],
    ["probability"],
    ["backtest"],
    ["sensitivity"],
    ["timeseries", "gap"],
    ["timeseries", "contribution"],
    *(["timeseries", name] for name in ("breaks", "regimes", "trend", "response")),
    ["build"],
]
OWN = "firm,period,capex,revenue\nAcme,2019,1,2\nAcme,2020,2,3\n"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_explains_and_gives_an_example(command):
    result = CliRunner().invoke(app, [*command, "--help"], terminal_width=100)
    assert result.exit_code == 0
    assert "Usage: " in result.output and "--json" in result.output
    assert "Example: " in result.output and "overbuild " + " ".join(command) in result.output


def test_every_command_is_in_the_help():
    result = CliRunner().invoke(app, ["-h"])
    assert result.exit_code == 0
    for command in COMMANDS:
        assert command[0] in result.output
    assert CliRunner().invoke(app, []).exit_code in (0, 2)
    assert CliRunner().invoke(app, ["data"]).output.count("refresh")


def test_version(cli):
    assert cli("--version").out == f"{overbuild.__version__}\n"


def objects(text):
    """Return the JSON objects that a text is made of; any other content is an error."""
    decoder, found, text = json.JSONDecoder(), [], text.strip()
    while text:
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:].strip()
    return found


def test_json_is_one_object_and_nothing_else(folder, cli, tmp_path):
    (tmp_path / "mine.csv").write_text(OWN)
    for command, keys in (
        (("data", "check", "--data", folder.path), {"files", "faults"}),
        (("data", "show", "gdp", "--data", folder.path), {"series", "unit", "values"}),
        (("measures", "ai", "--data", folder.path), {"annual", "latest"}),
        (("measures", "ai", "--data", folder.path, "--as-of", "2018-09-01"), {"annual", "latest"}),
        (("score", "ai", "--data", folder.path), {"definitions", "truth_table"}),
        (("measures", tmp_path / "mine.csv"), {"annual", "latest"}),
        (("score", tmp_path / "mine.csv"), {"definitions", "truth_table"}),
    ):
        outcome = cli(*command, "--json")
        assert (outcome.code, outcome.err) == (0, "")
        (content,) = objects(outcome.out)
        assert keys <= set(content)
        assert "NaN" not in outcome.out and "Infinity" not in outcome.out


def test_without_json_people_can_read_it(folder, cli):
    measured = cli("measures", "ai", "--data", folder.path)
    assert measured.out.startswith("Two firms: capex of USD 1,140.0 million in 2021, 5.70 % of GDP")
    assert "Alpha, year to 2021Q4: capex / revenue 0.23, capex / operating cash flow 0.59\n" in measured.out
    scored = cli("score", "ai", "--data", folder.path)
    assert "\nO3/primary: false. " in scored.out and "nan" not in scored.out
    shown = cli("data", "show", "gdp", "--data", folder.path)
    assert shown.out.startswith("gdp: Label (USD million)\nAs defined.\n")
    assert shown.out.endswith("s1: Reference s1\n")


def test_what_is_not_known_is_not_printed_as_a_number(cli, tmp_path):
    (tmp_path / "mine.csv").write_text(OWN)
    measured = cli("measures", tmp_path / "mine.csv")
    assert measured.code == 0
    assert "capex / operating cash flow not known" in measured.out and "nan" not in measured.out.lower()


REFUSED = {
    "an unknown command": (("fly",), "No such command 'fly'"),
    "an unknown option": (("measures", "ai", "--fast"), "No such option"),
    "no argument": (("measures",), "Missing argument"),
    "an unknown episode": (("measures", "tulips"), "No episode 'tulips'. Available: ai"),
    "an unknown episode to score": (("score", "tulips"), "No episode 'tulips'. Available: ai"),
    "an unknown series": (("data", "show", "kapex"), "No series 'kapex'. Available: capex_cash, gdp"),
    "an unknown firm": (("data", "show", "revenue", "--entity", "Gamma"), "Available: Alpha, Beta"),
    "a day in words": (("measures", "ai", "--as-of", "yesterday"), "--as-of 'yesterday' is not a date"),
    "a month": (("measures", "ai", "--as-of", "2019-06"), "expected the ISO form, such as 1999-06-30"),
    "a day that is not": (
        ("data", "show", "gdp", "--as-of", "2019-02-30"),
        "--as-of '2019-02-30' is not a date",
    ),
    "a day before all": (
        ("measures", "ai", "--as-of", "1900-01-01"),
        "No spending of 'ai' was known on 1900-01-01",
    ),
    "a series before all": (("data", "show", "gdp", "--as-of", "1900-01-01"), "was available on 1900-01-01"),
    "a wrong ending": (("data", "show", "gdp", "--export", "x.xlsx"), "expected .csv or .dta"),
    "a missing folder": (("data", "show", "gdp", "--export", "none/x.csv"), "There is no folder 'none'"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_bad_input_is_refused_with_a_plain_message(folder, cli, what, tmp_path, monkeypatch):
    command, problem = REFUSED[what]
    monkeypatch.chdir(tmp_path)
    data = ("--data", folder.path) if command[0] in ("measures", "score", "data") and len(command) > 1 else ()
    before = sorted(tmp_path.rglob("*"))
    outcome = cli(*command, *data)
    assert (outcome.code, outcome.out) == (2, "")
    assert problem in outcome.err
    assert sorted(tmp_path.rglob("*")) == before


def test_an_unknown_service_lists_what_there_is(cli):
    outcome = cli("data", "refresh", "bloomberg")
    assert (outcome.code, outcome.out) == (2, "")
    assert "No live service 'bloomberg'. Available: edgar, fred." in outcome.err


def test_exports_are_written(folder, cli, tmp_path):
    for ending in ("csv", "dta"):
        target = tmp_path / f"gdp.{ending}"
        assert cli("data", "show", "gdp", "--data", folder.path, "--export", target).code == 0
        assert target.stat().st_size > 500


def test_knowledge_of_a_day(folder, cli):
    outcome = cli("data", "show", "gdp", "--data", folder.path, "--as-of", "2018-12-31", "--json")
    assert [v["period"] for v in json.loads(outcome.out)["values"]] == ["2018Q1", "2018Q2", "2018Q3"]


def test_a_failed_piece_of_work_is_exit_status_one(cli, monkeypatch):
    from overbuild.errors import CheckFailedError

    def fail(*_, **__):
        raise CheckFailedError("Failed: x.")

    monkeypatch.setattr("overbuild.episodes.measures.measures", fail)
    monkeypatch.setattr("overbuild.episodes.load_episode", lambda *_: None)
    outcome = cli("measures", "ai")
    assert (outcome.code, outcome.out, outcome.err) == (1, "", "Failed: x.\n")


def test_an_interruption_is_one_line(cli, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("overbuild.episodes.load_episode", stop)
    outcome = cli("measures", "ai")
    assert (outcome.code, outcome.out) == (130, "")
    assert outcome.err == "Stopped. What was finished is kept; nothing is half-written.\n"


def run(*command, **keys):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        [sys.executable, "-m", "overbuild", *map(str, command)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment,
        **keys,
    )


def test_the_program_from_outside(folder, tmp_path):
    """Exit status, streams and working folder, as a shell sees them."""
    (tmp_path / "mine.csv").write_text(OWN)
    good = run("measures", "mine.csv", "--json", cwd=tmp_path)
    assert (good.returncode, good.stderr) == (0, "")
    assert json.loads(good.stdout)["episode"] == "own"
    (tmp_path / "mine.csv").write_text(OWN.replace("2020,2", "2020,-2"))
    bad = run("measures", "mine.csv", "--json", cwd=tmp_path)
    assert (bad.returncode, bad.stdout) == (2, "")
    assert bad.stderr == (
        "mine.csv, row 3, column capex: -2 is negative; expected spending and revenue as positive numbers\n"
    )
    folder.change("macro/quarterly.csv", 4, value="x")
    faulty = run("data", "check", "--data", folder.path, "--json")
    assert faulty.returncode == 2
    assert [f["row"] for f in json.loads(faulty.stdout)["faults"]] == [0, 4]


def test_a_closed_pipe_is_no_traceback(folder):
    command = f"{sys.executable} -m overbuild measures ai --data {folder.path} --json | head -1"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    result = subprocess.run(
        ["/bin/sh", "-c", command], capture_output=True, text=True, timeout=60, check=False, env=environment
    )
    assert result.stdout == "{\n"
    assert "Traceback" not in result.stderr


def test_starting_is_quick():
    """The help needs no pandas: nothing heavy is imported before a command asks for it."""
    code = (
        "import sys, overbuild.cli, overbuild.__main__\n"
        "print([m for m in ('numpy', 'pandas', 'scipy') if m in sys.modules])"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True, env=environment
    )
    assert result.stdout == "[]\n"
