"""The command `contest`: the values of the paper, a file of firms, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

KEYS = {
    "rivalry_ratio", "break_even_ratio", "overbuild_ratio", "dissipation", "reaction_slope", "corrective_tax",
    "participation",
}  # fmt: skip
FIRMS = """
decisiveness = {r}
elasticity = {eta}
[[firm]]
name = "A"
cost = 1
funds = 0.05
[[firm]]
name = "B"
cost = 1.1
"""


def asked(cli, n: float, r: float, eta: float, *more: str):
    return cli(
        "contest", "--firms", str(n), "--decisiveness", str(r), "--elasticity", str(eta), "--json", *more
    )


def test_the_example(cli):
    found = json.loads(asked(cli, 5, 1, 0.5).out)
    assert set(found) >= KEYS and found["participation"] is True
    assert found["rivalry_ratio"] == pytest.approx(3.24)
    assert found["break_even_ratio"] == found["overbuild_ratio"] == pytest.approx(0.81)
    assert found["dissipation"] == pytest.approx(0.90)
    assert found["reaction_slope"] == pytest.approx(-1.65, abs=0.005)
    assert found["corrective_tax"] == pytest.approx(0.80)
    assert json.loads(asked(cli, 5, 0.5, 0.5).out)["rivalry_ratio"] == pytest.approx(1.0)
    assert json.loads(asked(cli, 5, 1, 0.5, "--transfer-share", "0.5").out)["overbuild_ratio"] > 3


def test_without_expansion_ratios_are_null_and_it_says_why(cli):
    found = json.loads(asked(cli, 5, 1, 0).out)
    assert found["rivalry_ratio"] is None and found["corrective_tax"] is None
    assert found["dissipation"] == pytest.approx(0.8) and found["reaction_slope"] == pytest.approx(-1.5)
    assert "does not grow" in found["note"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((1, 1, 0.5), "2 or more"),
        ((5, 1.2, 0.5), "up to 1.125"),
        ((5, 1, 1), "below 1"),
        ((5, 1, -0.1), "0 or more"),
        ((5, -1, 0.5), "above 0"),
        ((5, "nan", 0.5), "above 0"),
        ((5, 0.4, 0.95), "would gain"),
        ((5, 1, 0.5, "--cost", "-1"), "cost = -1"),
        ((5, 1, 0.5, "--transfer-share", "1"), "transfer_share = 1"),
    ],
)
def test_bad_input_is_one_message_with_the_range(cli, options, message):
    found = asked(cli, *options)
    assert found.code == 2 and message in found.err and found.out == ""


def test_options_that_are_missing_are_named(cli):
    found = cli("contest", "--firms", "5")
    assert found.code == 2 and "--decisiveness, --elasticity missing" in found.err


def test_a_file_of_firms(cli, tmp_path: Path):
    file = tmp_path / "firms.toml"
    file.write_text(FIRMS.format(r=0.9, eta=0.4))
    found = json.loads(cli("contest", "--file", str(file), "--json").out)
    first, second = found["firms"]
    assert found["converged"] and first["limit_binds"] and first["capacity"] == pytest.approx(0.05)
    assert first["shadow_price"] > 0 == first["reaction_slope"] and second["shadow_price"] == 0
    assert "shadow_price" in cli("contest", "--file", str(file)).out
    beside = cli("contest", "--file", str(file), "--firms", "5", "--cost", "2")
    assert beside.code == 2 and "--firms, --cost beside --file" in beside.err


def test_no_equilibrium_is_said_and_none_is_returned(cli, tmp_path: Path):
    file = tmp_path / "firms.toml"
    file.write_text(FIRMS.replace("funds = 0.05", "").format(r=5, eta=0.1))
    found = cli("contest", "--file", str(file), "--json")
    assert found.code == 1 and json.loads(found.out)["firms"] == [] and found.err


@pytest.mark.parametrize(("cost", "value"), [("3e7", "1"), ("1", "3e7")])
def test_a_file_whose_capacities_no_number_holds_is_refused_with_what_to_do(cli, tmp_path: Path, cost, value):
    file = tmp_path / "firms.toml"
    firms = "".join(f'[[firm]]\nname = "{name}"\ncost = {cost}\n' for name in "AB")
    file.write_text(f"decisiveness = 0.5\nelasticity = 0.98\nvalue = {value}\n{firms}")
    found = cli("contest", "--file", str(file))
    assert found.code == 2 and "choose other units" in found.err and found.out == ""


def test_endless_funds_are_to_be_left_out(cli, tmp_path: Path):
    file = tmp_path / "firms.toml"
    file.write_text(FIRMS.replace("funds = 0.05", "funds = inf").format(r=0.9, eta=0.4))
    found = cli("contest", "--file", str(file))
    assert found.code == 2 and "firm 1: funds = inf; leave it out" in found.err
