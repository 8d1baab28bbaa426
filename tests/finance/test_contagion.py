"""Shocks to the shipped network: bookkeeping, order, what nothing lost means, and the circular deals."""

from __future__ import annotations

import json
from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from overbuild.errors import InputError
from overbuild.finance import contagion
from overbuild.finance.contagion_results import answer, draws_of, result
from overbuild.finance.network import Financing, Liability, Network, Node
from overbuild.finance.network_file import FILE, read_network
from overbuild.finance.recirculation import external_ratio, financed, purchases, shares
from overbuild.finance.shocks import HOLDERS, Drawn, amounts, cleared, destroyed, draw, losses
from overbuild.games.asked import Asked
from overbuild.locations import data_dir
from overbuild.models.prior_file import read_priors

DAY = date(2026, 11, 20)
DRAWS = 400


@pytest.fixture(scope="module")
def network() -> Network:
    return read_network(data_dir() / FILE, data_dir(), DAY)


@pytest.fixture(scope="module")
def priors():
    return read_priors(data_dir() / "priors.toml").at(DAY).values("contagion")


@pytest.fixture(scope="module")
def drawn(network, priors) -> Drawn:
    return draw(network, priors, DRAWS, np.random.default_rng(5))


@pytest.fixture(scope="module")
def filed():
    return result(Asked(data_dir(), DAY, quick=True))


@pytest.mark.parametrize("bankruptcy", [True, False])
@pytest.mark.parametrize("shock", [0.2, 0.6, 1.0])
def test_losses_add_up_to_what_is_lost(network, drawn, shock, bankruptcy):
    before, after = (cleared(network, drawn, x, bankruptcy=bankruptcy) for x in (0.0, shock))
    total = sum(losses(network, before, after).values())
    expected = shock * drawn.cash["ai"].sum(axis=1) + destroyed(before, after)
    np.testing.assert_allclose(total, expected, atol=1e-4)
    assert bankruptcy or np.abs(after.cleared.destroyed).max() < 1e-6


def test_every_kind_of_node_has_a_holder(network):
    assert {n.kind for n in network.nodes} == {k for kinds in HOLDERS.values() for k in kinds}


def test_a_larger_shock_takes_more_from_every_holder(network, drawn):
    runs = [cleared(network, drawn, x) for x in (0.0, 0.2, 0.4, 0.6, 1.0)]
    for less, more in pairwise(runs):
        assert not (less.cleared.default & ~more.cleared.default).any()
        assert (more.cleared.equity <= less.cleared.equity + 1e-6).all()
        assert (more.unpaid >= less.unpaid - 1e-6).all()


def test_without_a_shock_nothing_is_lost_and_sponsors_do_not_matter(network, drawn):
    found = contagion.at_shock(network, drawn, 0.0)
    assert found["total"]["mean"] == 0 and found["lost"]["mean"] == 0
    assert found["without_sponsors"]["losses"] == found["losses"]
    assert all(v == 0 for v in found["debtrank"]["value"].values())


def test_without_sponsors_lenders_lose_more_and_without_costs_nobody_does(network, drawn):
    found = contagion.at_shock(network, drawn, 0.6)
    assert found["without_sponsors"]["losses"]["lenders"]["mean"] > found["losses"]["lenders"]["mean"]
    assert found["without_costs"]["destroyed"]["mean"] == pytest.approx(0.0, abs=1e-6)
    assert found["destroyed"]["mean"] > 0
    assert all(
        d["direct"] + d["cascade"] == pytest.approx(d["probability"]) for d in found["defaults"].values()
    )


def test_debtrank_writes_down_more_than_clearing_leaves_unpaid(network, drawn):
    found = contagion.at_shock(network, drawn, 0.4)["debtrank"]
    assert all(found["value"][h] >= found["clearing"][h] - 1e-6 for h in HOLDERS)
    assert found["value"]["lenders"] > found["clearing"]["lenders"]


def test_the_curve_rises_and_first_defaults_are_shares(network, drawn):
    found = contagion.curve(network, drawn, (0.0, 0.3, 0.6, 1.0))
    assert all(np.diff(v).min() >= 0 for v in found["backed"].values())
    assert sum(found["first"].values()) + found["none"] >= 1 - 1e-9
    assert found["first"]["Banks"] == 0


def test_draws_follow_their_priors(network, priors):
    many = draw(network, priors, 20_000, np.random.default_rng(1))
    means = {"take_or_pay": 0.9, "framework": 0.5, "memorandum": 0.2, "debt": 1.0}
    expected = [means[v.firmness] for v in network.liabilities]
    np.testing.assert_allclose(many.firmness.mean(axis=0), expected, atol=0.01)
    logs = np.log(many.cash["ai"][:, [network.index(n) for n in ("OpenAI", "Anthropic")]])
    assert np.corrcoef(logs.T)[0, 1] == pytest.approx(priors["cash_common"], abs=0.03)
    np.testing.assert_allclose(np.median(many.cash["ai"], axis=0), network.money("ai"), rtol=0.03)
    assert many.alpha.mean() == pytest.approx(0.8, abs=0.01)
    lease = [v.backed for v in network.liabilities]
    half = amounts(network, many, 0.5, backed=False) / amounts(network, many, 0.5)
    np.testing.assert_allclose(half[0], np.where(lease, 0.5, 1.0))
    pace = amounts(network, many, 0.5, full_pace=True) / amounts(network, many, 0.5)
    np.testing.assert_allclose(pace[0], [1 / v.begun for v in network.liabilities])


def test_a_cascade_is_told_from_a_direct_failure():
    nodes = (Node("A", "laboratory"), Node("B", "cloud"), Node("C", "lender"))
    owed = (Liability("A", "B", "debt", 10, 10), Liability("B", "C", "debt", 8, 8))
    one = np.ones((1, 1))
    money = {"liquidity": np.zeros((1, 3)), "other": np.zeros((1, 3)), "ai": np.array([[12.0, 0.0, 0.0]])}
    made = Drawn(np.ones((1, 2)), money, np.zeros(3), one[0], one[0])
    found = cleared(Network(nodes, owed), made, 0.5)
    assert found.direct.tolist() == [[True, False, False]]
    assert found.cascade.tolist() == [[False, True, False]]
    np.testing.assert_allclose(found.unpaid[0, 1, 2], 2.0)


def test_the_external_ratio_by_hand():
    share = np.array([[0.0, 0.3], [0.0, 0.0]])
    assert external_ratio(share, [50.0, 100.0])[0] == pytest.approx(1 - 30 / 150)
    assert external_ratio(np.zeros((2, 2)), [1.0, 1.0])[0] == 1.0


def test_a_closed_circle_of_sellers_is_refused():
    with pytest.raises(InputError, match=r"spectral radius of the financing shares is 1\.000"):
        external_ratio([[0.0, 1.0], [1.0, 0.0]], [1.0, 1.0])
    with pytest.raises(InputError, match="something must be bought"):
        external_ratio([[0.0, 0.0], [0.0, 0.0]], [0.0, 0.0])


def test_money_put_in_is_capped_by_purchases_and_counted_direct_only_where_it_returns(priors):
    nodes = (Node("Lab", "laboratory"), Node("Cloud", "cloud"), Node("Chips", "supplier"))
    owed = (Liability("Lab", "Cloud", "take_or_pay", 10, 10), Liability("Cloud", "Chips", "framework", 6, 6))
    lent = (Financing("Chips", "Lab", "debt", 25.0), Financing("Cloud", "Lab", "debt", 5.0))
    web = Network(nodes, owed, lent)
    bought = purchases(web, np.array([[10.0, 6.0]]))
    put_in = financed(web, priors, 1, np.random.default_rng(0))
    assert external_ratio(*shares(bought, put_in))[0] == pytest.approx(1 - 10 / 16)
    assert external_ratio(*shares(bought, put_in, direct=True))[0] == pytest.approx(1 - 5 / 16)


def test_debt_and_intentions_are_no_purchases(network):
    bought = purchases(network, np.array([[v.due for v in network.liabilities]]))[0]
    assert bought[network.index("Banks")].sum() == 0
    assert bought[:, network.index("NVIDIA")].sum() == pytest.approx(1300 / 4)


def test_the_result_is_small_and_plain_and_shows_what_it_rests_on(filed):
    found = filed
    assert len(json.dumps(found)) < 200_000
    assert found["share_on_priors"] > 0.9
    assert 0 < found["recirculation"]["all"]["q05"] < found["recirculation"]["all"]["q95"] < 1
    ratio, passed = draws_of(found)
    assert ratio.as_of == passed.as_of == DAY and ratio.name == "contagion_external_revenue_ratio"
    assert 0.8 < ratio.values.mean() < 1 and passed.values.min() >= 0 and passed.values.max() < 3
    labs = found["laboratories"]["OpenAI"]
    assert labs["by_cash"]["0.5"] > labs["by_cash"]["1"] > labs["by_cash"]["2"]
    assert abs(labs["cash"]) > abs(labs["firmness"])


def test_the_command_prints_its_keys_and_refuses_what_is_no_share(cli, tmp_path):
    found = json.loads(cli("contagion", "--draws", "50", "--shock", "0.6", "--seed", "3", "--json").out)
    keys = {"clearing", "defaults", "losses", "external_revenue_ratio", "share_on_priors"}
    assert keys <= set(found) and found["shock"] == 0.6
    for wrong in ("1.5", "-0.1", "nan"):
        refused = cli("contagion", "--shock", wrong)
        assert refused.code == 2 and "is not a share" in refused.err
    own = tmp_path / "own.toml"
    own.write_text(
        'matrix = [[0, 10], [5, 0]]\n[nodes.A]\nkind = "cloud"\nliquidity = { value = 1, reason = "x" }\n'
        '[nodes.B]\nkind = "cloud"\n'
    )
    found = json.loads(cli("contagion", own, "--draws", "20", "--json").out)
    assert found["external_revenue_ratio"] is None and found["defaults"]["A"]["probability"] > 0.9
    assert "rests on a prior" in cli("contagion", own, "--draws", "20").out


def test_the_command_and_the_result_agree(network, priors, filed):
    found = answer(network, priors, 0.4, 1000, seed=Asked(data_dir(), DAY).seed)
    same = filed["shocks"]["40"]
    assert found["losses"] == same["losses"] and found["defaults"] == same["defaults"]
