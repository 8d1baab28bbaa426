"""Files of games: each kind read, every fault told at once, and the command on them."""

from __future__ import annotations

import json
from datetime import date
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
from overbuild.models.prior_file import read_priors

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
    assert (
        "expected a whole number from 2 to 20" in told[2]
        and "expected a finite number from 0 to 1000000" in told[3]
    )
    assert faults(tmp_path, "[entry]\nfunds = 1.0\n") == [
        "entry.firms is missing; give it.",
        "entry.surplus is missing; give it.",
        "entry.funds without entry.outlay; give the outlay that it belongs to.",
    ]
    assert faults(tmp_path, "[entry]\nfirms = 2\nsurplus = 1\noutlay = 1\nsalvage = 3\n") == [
        "cost = -2; expected a finite number, 0 or more."
    ]


@pytest.mark.parametrize("value", ["inf", "nan", "true", "-1", "1e7", "1" + 400 * "0", "0x" + 5000 * "f"])
def test_a_number_that_is_none_or_too_large_is_told_with_its_range(tmp_path: Path, value: str):
    told = faults(tmp_path, f"[entry]\nfirms = 2\noutlay = 1\nsurplus = {value}\nfunds = {value}\n")
    assert [line.split(" = ")[0] for line in told] == ["entry.surplus", "entry.funds"]
    assert told[0].endswith("; expected a finite number from 0 to 1000000.")
    assert told[1].endswith("from 0 to 1000000; leave it out if the firm has enough.")
    assert max(map(len, told)) < 200


def test_what_no_reader_of_toml_takes_is_told(tmp_path: Path):
    for text in ("[entry]\nsurplus = " + 5000 * "9", "a = " + 5000 * "[" + 5000 * "]"):
        with pytest.raises(InputError, match="is not readable as TOML"):
            read_game(file(tmp_path, text))
    assert faults(tmp_path, "[table]\nbuilder = [1e308, 0]\nholder = [0, -1e308]\n") == [
        "table.builder[0] = 1e+308; expected a finite number from -1000000 to 1000000.",
        "table.holder[1] = -1e+308; expected a finite number from -1000000 to 1000000.",
    ]
    assert faults(tmp_path, PAYOFFS.replace("hh = 9", "hh = 1e7")) == [
        "payoffs.row.hh = 10000000.0; expected a finite number from -1000000 to 1000000."
    ]


def test_a_game_out_of_the_range_of_the_solver_is_refused():
    with pytest.raises(InputError, match="from -1000000 to 1000000: give them in units of the cost"):
        report(EntryGame(2, surplus=1e300, business_at_risk=1e300))
    for precision in (0.0, 1e-7, 1e306, np.inf, np.nan):
        with pytest.raises(InputError, match="expected a number from 1e-06 to 10000"):
            report(EntryGame(2, surplus=1.0), precision=precision)
    apart = BinaryGame(("a", "b"), np.stack([[[9.0, 0.0], [0.0, 1.0]], [[0.0, 1000.0], [1.0, 0.0]]]))
    with pytest.raises(InputError, match="precision = 2; expected at most 1 for pay-offs of unlike firms"):
        report(apart, precision=2.0)


@pytest.mark.parametrize("seed", range(4))
def test_games_of_every_size_are_solved_or_refused(seed: int):
    rng = np.random.default_rng(seed)
    for _ in range(25):
        firms, size = int(rng.integers(2, 21)), 10 ** rng.uniform(-300, 6)
        game = PayoffTable(*(size * rng.uniform(-1, 1, (2, firms))))
        try:
            found = report(game, precision=10 ** rng.uniform(-6, 4)).to_dict()
        except CheckFailedError:
            continue
        assert found["qre"]["converged"] and found["nash"]["pure"]


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
    assert "table.holder[0] = 'x'" in faults(tmp_path, "[table]\nbuilder = [1, 2]\nholder = ['x', 1]\n")[0]


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


def test_the_default_precision_is_the_median_of_its_prior():
    held = read_priors().at(date(2026, 11, 22)).values("entry")
    assert held["precision"][0] == entry_report.PRECISION


def test_a_number_of_builders_that_only_some_reach_is_kept_by_lot():
    found = report(PayoffTable(np.array([10.0, 3.0]), np.array([4.0, 1.0])))
    assert "Restraint at the best, by an i.i.d. lot for who builds, lasts from" in found.sentence()
    assert found.to_dict()["repeated"]["least"] is None


def test_an_indifferent_firm_is_said_to_be_in_a_weak_equilibrium_like_or_unlike():
    row, column = np.array([[4.0, 0.0], [3.0, 2.0]]), np.array([[0.0, 1.0], [2.0, 2.0]])
    unlike = report(BinaryGame(("row", "column"), np.stack([row, column])))
    assert unlike.to_dict()["nash"]["pure"] == [
        {"firms": ["row", "column"], "strict": False, "welfare_loss": 1.0}
    ]
    assert unlike.to_dict()["welfare"] == {"hh": 4.0, "hb": 1.0, "bh": 5.0, "bb": 4.0}
    like = report(PayoffTable(np.array([1.0, 1.0]), np.array([1.0, 0.0])))
    assert [e["strict"] for e in like.to_dict()["nash"]["pure"]] == [False, True]
    for told, pure in ((unlike, "row/column (not strict)."), (like, "0 (not strict), 2.")):
        assert "In the class a firm that is indifferent is taken to hold." in told.sentence()
        assert f"Builders in pure equilibrium: {pure}" in told.sentence()


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
    assert wrong.code == 2 and "expected a number from 1e-06 to 10000" in wrong.err


def test_what_did_not_converge_is_not_given_as_an_equilibrium(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    game = read_game(file(tmp_path, PAYOFFS)).game
    monkeypatch.setattr(entry_report, "follow", partial(follow, steps=5))
    with pytest.raises(CheckFailedError, match="no equilibrium is given"):
        report(game, precision=50.0)
