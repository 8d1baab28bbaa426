"""Files of games: each kind read, every fault told at once, and the command on them."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from overbuild.errors import CheckFailedError, InputError
from overbuild.games import entry_report
from overbuild.games.binary import BinaryGame
from overbuild.games.entry import EntryGame, PayoffTable, class_of
from overbuild.games.entry_file import read_game
from overbuild.games.entry_report import report
from overbuild.games.qre_path import follow

ENTRY = """
[entry]
firms = 5
surplus = 0.9
pass_through = 0.2
business_at_risk = 1.5

[users]
first = 0.5
"""
TABLE = """
[table]
builder = [10, 3]
holder = [9, 1]
"""
PAYOFFS = """
[payoffs]
firms = ["row", "column"]

[payoffs.row]
hh = 9
hb = 0
bh = 0
bb = 1

[payoffs.column]
hh = 0
hb = 1
bh = 1
bb = 0
"""


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "my_game.toml"
    path.write_text(text)
    return path


def faults(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(InputError) as told:
        read_game(file(tmp_path, text))
    lines = str(told.value).splitlines()
    assert all(line.startswith("my_game.toml: ") for line in lines)
    return [line.removeprefix("my_game.toml: ") for line in lines]


def test_each_kind_is_read(tmp_path: Path):
    entry = read_game(file(tmp_path, ENTRY))
    assert entry.game == EntryGame(5, surplus=0.9, pass_through=0.2, business_at_risk=1.5)
    assert entry.users == {"first": 0.5}
    parts = ENTRY.replace("surplus = 0.9", "surplus = 0.9\noutlay = 2\nfunds = 1\noutside_premium = 0.5")
    costly = read_game(file(tmp_path, parts)).game
    assert isinstance(costly, EntryGame) and costly.cost == 2.5
    table = read_game(file(tmp_path, TABLE)).game
    assert isinstance(table, PayoffTable) and class_of(table) == "strict_dilemma"
    unlike = read_game(file(tmp_path, PAYOFFS)).game
    assert isinstance(unlike, BinaryGame) and unlike.names == ("row", "column")
    assert unlike.payoffs[0, 0, 0] == 9 and unlike.payoffs[1, 1, 0] == 1


def test_all_faults_of_an_entry_game_are_told_at_once(tmp_path: Path):
    text = (
        "[entry]\nfirms = 1\nsurplus = -2\ncost = -1\ncolour = 3\npass_through = 'half'\noutlay = 1\n"
        "[users]\npassed_on = 2\n[other]\n"
    )
    told = faults(tmp_path, text)
    assert [line.split(" ")[0] for line in told] == [
        "other", "entry.colour", "entry.firms", "entry.surplus", "entry.pass_through", "entry.cost",
        "entry.cost", "users.passed_on",
    ]  # fmt: skip
    assert "expected a whole number from 2 to 20" in told[2] and "expected 0 or more" in told[3]
    assert faults(tmp_path, "[entry]\nfunds = 1.0\n") == [
        "entry.firms is missing; give it.",
        "entry.surplus is missing; give it.",
        "entry.funds without entry.outlay; give the outlay that it belongs to.",
    ]
    assert faults(tmp_path, "[entry]\nfirms = 2\nsurplus = 1\noutlay = 1\nsalvage = 3\n") == [
        "cost = -2; expected 0 or more."
    ]


def test_a_missing_firm_is_told_by_name(tmp_path: Path):
    without = PAYOFFS.replace("[payoffs.column]", "[payoffs.columm]")
    told = faults(tmp_path, without)
    assert told[0].startswith("payoffs.columm is not known")
    assert told[1] == (
        "firm 'column' is missing; expected a table [payoffs.column] with its pay-off for each of the 4 "
        "profiles hh to bb."
    )
    assert faults(tmp_path, PAYOFFS.replace("hb = 0\n", "")) == [
        "payoffs.row lacks hb; expected a pay-off for each profile."
    ]
    assert (
        "payoffs.firms names 1; expected 2 to 12 firms" in faults(tmp_path, '[payoffs]\nfirms = ["a"]\n')[0]
    )
    assert "names that differ" in faults(tmp_path, '[payoffs]\nfirms = ["a", "a"]\n')[0]
    assert "a list of the firms' names" in faults(tmp_path, "[payoffs]\n")[0]


def test_a_table_has_as_many_pay_offs_of_holders_as_of_builders(tmp_path: Path):
    assert (
        "table.builder has 2 pay-offs and table.holder 1"
        in faults(tmp_path, TABLE.replace("[9, 1]", "[9]"))[0]
    )
    assert "table has pay-offs of 1 firms" in faults(tmp_path, "[table]\nbuilder = [1]\nholder = [2]\n")[0]
    assert "table.builder is missing" in faults(tmp_path, "[table]\nholder = [2, 3]\n")[0]
    assert "table.holder = ['x', 1]" in faults(tmp_path, "[table]\nbuilder = [1, 2]\nholder = ['x', 1]\n")[0]


def test_a_file_holds_one_game(tmp_path: Path):
    assert faults(tmp_path, "") == ["has none of them; expected one of [entry], [table] and [payoffs]."]
    assert faults(tmp_path, ENTRY + TABLE)[0].startswith("has [entry] and [table]; expected one of")
    assert faults(tmp_path, "table = 3\n") == ["table = 3; expected a table, [table]."]
    with pytest.raises(InputError, match=r"my_game\.toml is not readable as TOML"):
        read_game(file(tmp_path, "[entry\n"))
    with pytest.raises(InputError, match="is not there"):
        read_game(tmp_path / "absent.toml")


def test_the_report_of_a_dilemma(tmp_path: Path):
    given = read_game(file(tmp_path, ENTRY))
    assert isinstance(given.game, EntryGame)
    found = report(given.game, precision=4.0, users=given.users).to_dict()
    assert found["class"] == "strict_dilemma" and found["best"] == 0
    assert found["nash"]["pure"] == [
        {"builders": 5, "profiles": 1, "strict": True, "welfare_loss": pytest.approx(found["welfare_loss"])}
    ]
    assert found["qre"]["principal"] == pytest.approx(0.8882550188771007, abs=1e-9)
    assert found["qre"]["converged"] and not found["qre"]["folds"]
    assert found["users_surplus"][1] == pytest.approx(0.45)
    assert found["repeated"]["threshold"] == pytest.approx(0.18983, abs=1e-5)
    assert (
        report(given.game)
        .sentence()
        .startswith("Strict prisoner’s dilemma. Builders in pure equilibrium: 5.")
    )
    json.dumps(found, allow_nan=False)


def test_unlike_firms_written_alike_are_solved_as_like(tmp_path: Path):
    first = np.array([[9.0, 1.0], [10.0, 3.0]])
    game = BinaryGame(("a", "b"), np.stack([first, first.T]))
    assert report(game).to_dict() == report(read_game(file(tmp_path, TABLE)).game).to_dict()


def test_the_command_prints_json_or_words_and_leaves_with_a_message(cli: Any, tmp_path: Path):
    made = cli("game", str(file(tmp_path, PAYOFFS)), "--precision", "2", "--json")
    found = json.loads(made.out)
    assert {"class", "nash", "qre", "welfare_loss"} <= set(found) and found["class"] == "mixed"
    assert found["nash"]["pure"] == [] and found["welfare_loss"] is None
    words = cli("game", str(file(tmp_path, TABLE)))
    assert words.code == 0 and "lasts from a discount factor of 0.143 on" in words.out
    wrong = cli("game", str(file(tmp_path, TABLE)), "--precision", "-1")
    assert wrong.code == 2 and "expected a finite number above 0" in wrong.err


def test_what_did_not_converge_is_not_given_as_an_equilibrium(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    game = read_game(file(tmp_path, PAYOFFS)).game
    monkeypatch.setattr(entry_report, "follow", partial(follow, steps=5))
    with pytest.raises(CheckFailedError, match="no equilibrium is given"):
        report(game, precision=50.0)
