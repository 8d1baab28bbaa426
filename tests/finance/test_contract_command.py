"""The command ``contract`` and the results of the shipped contracts."""

import json
from datetime import date
from pathlib import Path

import pytest

from overbuild.core.draws import Draws
from overbuild.finance import contract_results, contract_risks
from overbuild.finance.contract_file import BUILT_IN
from overbuild.games.asked import Asked
from overbuild.locations import data_dir

KEYS = ("irr", "npv", "break_even_price", "price_per_gpu_hour", "dscr", "probability_of_loss", "rent_or_own")


@pytest.mark.parametrize("name", BUILT_IN)
def test_json_has_both_sides(cli, name):
    found = json.loads(cli("contract", name, "--draws", "200", "--json").out)
    assert set(KEYS) <= set(found)
    assert 0 <= found["probability_of_loss"] <= 1
    assert found["rent_or_own"]["advantage"] == pytest.approx(
        found["rent_or_own"]["own"] - found["rent_or_own"]["rent"]
    )


def test_the_sentence_says_what_is_assumed(cli):
    out = cli("contract", "iren", "--draws", "200").out
    assert "figures are assumed" in out and "USD 2.91" in out


def test_seeds(cli):
    first, same, other = (
        cli("contract", "iren", "--draws", "50", "--seed", s, "--json").out for s in ("1", "1", "2")
    )
    assert first == same != other


def test_a_stream_without_a_rate_has_none_and_says_so(cli, tmp_path):
    text = (data_dir() / "contracts/iren.toml").read_text(encoding="utf-8")
    file = tmp_path / "gift.toml"
    file.write_text(
        text.replace("amount = { is = 0.291, low = 0.19, high = 0.39", "amount = { is = 50.0"),
        encoding="utf-8",
    )
    done = cli("contract", str(file), "--draws", "50", "--json")
    found = json.loads(done.out)
    assert done.code == 0 and found["irr"] is None and found["irr_reason"].startswith("No internal rate")
    assert "No internal rate of return" in cli("contract", str(file), "--draws", "50").out


def test_bad_input_ends_with_two(cli, tmp_path):
    file = tmp_path / "bad.toml"
    file.write_text("title = 1\n")
    for arguments in (("nix",), (str(file),), ("iren", "--draws", "0"), ("iren", "--data", str(tmp_path))):
        done = cli("contract", *arguments)
        assert done.code == 2 and "Traceback" not in done.err


@pytest.fixture(scope="module")
def asked():
    return Asked(Path(data_dir()), date(2026, 11, 24), quick=True)


def test_the_result_of_values_is_plain_and_small(asked):
    found = contract_results.result(asked)
    assert set(found["contracts"]) == set(BUILT_IN) and not found["left_out"]
    assert len(json.dumps(found, allow_nan=False)) < 200_000
    iren = found["contracts"]["iren"]
    assert iren["totals"]["unlevered"] == pytest.approx(sum(iren["flows"]["unlevered"]), abs=1e-3)
    assert len(iren["surface"]["unlevered"]) == len(iren["surface"]["shell"])
    assert found["reported_cost_of_finance"]["reported"] == 0.0331
    assert iren["counts"]["source"] + iren["counts"]["assumed"] == len(iren["figures"])


def test_contracts_whose_sources_are_not_known_yet_are_left_out(asked):
    from dataclasses import replace

    found = contract_results.result(replace(asked, as_of=date(2025, 11, 10)))
    assert "iren" in found["left_out"] and "iren_gpu_financing_2026" in found["left_out"]["iren"]
    assert found["reported_cost_of_finance"] is None and list(found["contracts"]) == ["oracle-openai"]
    assert "nebius_prepayments_2026" in found["left_out"]["nebius"]


@pytest.mark.slow
def test_the_result_of_draws_is_plain_and_hands_on_draws(asked):
    found = contract_risks.result(asked)
    assert len(json.dumps(found, allow_nan=False)) < 200_000
    handed = contract_risks.draws_of(found)
    assert [type(d) for d in handed] == [Draws] * 3
    assert handed[0].name == "contract_price_per_gpu_hour_iren" or handed[0].unit
    for said in found["contracts"].values():
        assert all(0 <= p <= 1 for n, p in said["probability"].items() if n != "error")
        assert sum(r["shapley"] for r in said["variance"]["npv"]) == pytest.approx(1)
