"""Shocks to the shipped network: bookkeeping, order, what nothing lost means, and the circular deals."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from overbuild.errors import InputError
from overbuild.finance import contagion
from overbuild.finance.contagion_draws import Drawn, draw
from overbuild.finance.contagion_results import answer, draws_of, result
from overbuild.finance.network import Amount, Financing, Liability, Network, Node
from overbuild.finance.network_file import FILE, read_network
from overbuild.finance.recirculation import external_ratio, financed, purchases, shares, unspent
from overbuild.finance.shocks import (
    BASE,
    HOLDERS,
    Setting,
    amounts,
    cleared,
    destroyed,
    losses,
    sunk,
)
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


@pytest.mark.parametrize("name", [*contagion.SETTINGS, "free"])
@pytest.mark.parametrize("shock", [0.2, 0.6, 1.0])
def test_losses_add_up_to_what_is_lost(network, drawn, shock, name):
    setting = Setting(bankruptcy=False) if name == "free" else contagion.SETTINGS[name]
    before, after = (cleared(network, drawn, x, setting) for x in (0.0, shock))
    total = sum(losses(network, before, after).values())
    expected = shock * drawn.cash["ai"].sum(axis=1) - after.saved.sum(axis=1) + destroyed(before, after)
    kept = np.where(after.cleared.default, 0.0, after.uninvested).sum(axis=1)
    np.testing.assert_allclose(total, expected + kept + sunk(before, after), atol=1e-4)
    assert name != "free" or np.abs(after.cleared.destroyed).max() < 1e-6


def test_every_kind_of_node_has_a_holder(network):
    assert {n.kind for n in network.nodes} == {k for kinds in HOLDERS.values() for k in kinds}


def test_without_a_shock_the_whole_schedule_is_owed_and_cancelling_grows_with_it(network, drawn):
    due = np.array([v.due * (not v.capitalised) for v in network.liabilities])
    calm = amounts(network, drawn, 0.0)
    np.testing.assert_allclose(calm.due, due * drawn.scale)
    for setting in (BASE, Setting(all_cancelled=True)):
        assert amounts(network, drawn, 0.0, setting).cancelled.max() == 0
    half, whole = (amounts(network, drawn, x).cancelled for x in (0.5, 1.0))
    np.testing.assert_allclose(whole, (1 - drawn.firmness) * calm.scheduled)
    np.testing.assert_allclose(half, whole / 2)
    np.testing.assert_allclose(amounts(network, drawn, 0.1, Setting(all_cancelled=True)).cancelled, whole)
    debt = [v.firmness == "debt" for v in network.liabilities]
    assert whole[:, debt].max() == 0


def test_where_nobody_can_cancel_a_larger_shock_takes_more_from_every_holder(network, drawn):
    firm = replace(drawn, firmness=np.ones_like(drawn.firmness))
    runs = [cleared(network, firm, x) for x in (0.0, 0.2, 0.4, 0.6, 1.0)]
    for less, more in pairwise(runs):
        assert not (less.cleared.default & ~more.cleared.default).any()
        assert (more.cleared.equity <= less.cleared.equity + more.repaid + 1e-6).all()
        assert (more.unpaid >= less.unpaid - 1e-6).all()


def test_less_firm_contracts_cost_suppliers_more(network, drawn):
    found = []
    for f in (1.0, 0.5, 0.0):
        made = replace(drawn, firmness=np.full_like(drawn.firmness, f))
        runs = [cleared(network, made, x) for x in (0.0, 0.4)]
        found.append(losses(network, *runs)["suppliers"].mean())
    assert found[0] < found[1] < found[2]


def test_without_a_shock_nothing_is_lost_whatever_holds(network, drawn):
    found = contagion.at_shock(network, drawn, 0.0)
    assert all(found[k]["mean"] == 0 for k in ("total", "lost", "cancelled", "unpaid", "called"))
    assert all(v == 0 for v in found["debtrank"]["value"].values())
    for made in contagion.variants(network, drawn, drawn, 0.0).values():
        assert all(v["mean"] == 0 for v in made["losses"].values()) and made["before"] == made["defaults"]


def test_variants_move_what_they_should(network, drawn):
    found = contagion.variants(network, drawn, drawn, 0.6)
    assert found["common"] == found["base"]
    assert (
        found["markets_open"]["others_fail"] < found["base"]["others_fail"] < found["together"]["others_fail"]
    )
    for name in ("no_funding", "no_rollover", "no_sponsors"):
        lenders = [found[n]["losses"]["lenders"]["mean"] for n in ("base", name)]
        assert lenders[1] > lenders[0], name
    assert found["delivered"]["losses"]["lenders"] != found["base"]["losses"]["lenders"]
    at = contagion.at_shock(network, drawn, 0.6)
    assert at["without_costs"]["destroyed"]["mean"] == pytest.approx(0.0, abs=1e-6)
    assert at["destroyed"]["mean"] > 0 and at["losses"] == found["base"]["losses"]
    for d in at["defaults"].values():
        assert d["direct"] + d["cascade"] == pytest.approx(d["probability"])
        assert d["by_cancellation"] <= d["direct"]
    for h in HOLDERS:
        assert at["landed"][h]["mean"] + at["transmitted"][h]["mean"] == pytest.approx(
            at["losses"][h]["mean"]
        )


def test_nothing_is_owed_on_a_site_before_it_is_delivered(network, drawn):
    vehicles = list(network.of_kind("vehicle"))
    assert cleared(network, drawn, 0.4).due[:, vehicles].max() == 0
    due = cleared(network, drawn, 0.4, Setting(delivered=True)).due[:, vehicles].sum(axis=2)
    assert due.min() > 1000


def test_an_event_that_was_not_seen_has_an_error():
    assert contagion.simulation_error(0.0, 1000) == pytest.approx(0.003)
    assert contagion.simulation_error(0.5, 100) == pytest.approx(0.05)


def test_debtrank_takes_more_from_lenders_and_shareholders_than_clearing(network, drawn):
    found = contagion.at_shock(network, drawn, 0.4)["debtrank"]
    for holder in ("lenders", "shareholders", "suppliers"):
        assert found["value"][holder] > found["clearing"][holder]


def test_the_curve_rises_and_first_defaults_are_shares(network, drawn):
    found = contagion.curve(network, drawn, drawn, (0.0, 0.3, 0.6, 1.0))
    rising = ("OpenAI", "Anthropic", "CoreWeave")
    assert all(np.diff(found["base"][n]).min() >= 0 for n in rising)
    assert sum(found["first"].values()) + found["none"] >= 1 - 1e-9
    assert found["first"]["Banks"] == 0


def test_draws_follow_their_priors(network, priors):
    many = draw(network, priors, 20_000, np.random.default_rng(1))
    means = {"take_or_pay": 0.9, "framework": 0.5, "memorandum": 0.2, "debt": 1.0}
    expected = [means[v.firmness] for v in network.liabilities]
    np.testing.assert_allclose(many.firmness.mean(axis=0), expected, atol=0.01)
    logs = np.log(many.cash["ai"][:, [network.index(n) for n in ("OpenAI", "Anthropic")]])
    assert np.corrcoef(logs.T)[0, 1] == pytest.approx(priors["cash_common"], abs=0.03)
    np.testing.assert_allclose(many.cash["ai"].mean(axis=0), network.money("ai"), rtol=0.03)
    np.testing.assert_allclose(many.costs.mean(axis=0), network.money("costs"), rtol=0.03)
    for name, assumed in (("OpenAI", True), ("Microsoft", True), ("Meta", False)):
        part = "ai" if assumed else "other"
        found = np.log(many.cash[part][:, network.index(name)]).std()
        assert found == pytest.approx(priors["cash_assumed" if assumed else "cash_filed"], rel=0.03), name
    spread = [priors["amount_assumed"] * (v.assumed and v.firmness != "debt") for v in network.liabilities]
    np.testing.assert_allclose(np.log(many.scale).std(axis=0), spread, rtol=0.03)
    assert many.scale.mean() == pytest.approx(1.0, abs=0.01)
    assert many.alpha.mean() == pytest.approx(0.8, abs=0.01)
    assert many.committed.mean() == pytest.approx(0.5, abs=0.01)
    lease = [v.backed for v in network.liabilities]
    whole = Setting(delivered=True)
    half = amounts(network, many, 0.5, Setting(delivered=True, backed=False)).due
    np.testing.assert_allclose((half / amounts(network, many, 0.5, whole).due)[0], np.where(lease, 0.5, 1.0))
    pace = amounts(network, many, 0.5, Setting(delivered=True, full_pace=True)).due
    pace = pace / amounts(network, many, 0.5, whole).due
    np.testing.assert_allclose(pace[0], [1 / v.begun for v in network.liabilities])


def test_a_deal_has_one_draw_of_firmness_and_a_common_factor_ties_it_to_cash(network, priors):
    many = draw(network, priors, 20_000, np.random.default_rng(1), common=0.5)
    deal = [k for k, v in enumerate(network.liabilities) if v.rows[:1] == ("azure_anthropic_2025",)]
    stakes = [k for k, f in enumerate(network.financing) if f.deal == "azure_anthropic_2025"]
    assert len(deal) == 1 and len(stakes) == 2
    for k in stakes:
        np.testing.assert_array_equal(many.invested[:, k], many.firmness[:, deal[0]])
    cash = np.log(many.cash["ai"][:, network.index("OpenAI")])
    assert np.corrcoef(cash, many.firmness[:, deal[0]])[0, 1] == pytest.approx(0.5, abs=0.05)
    alone = draw(network, priors, 20_000, np.random.default_rng(1), common=0.0)
    assert abs(np.corrcoef(np.log(alone.cash["ai"][:, 0]), alone.firmness[:, deal[0]])[0, 1]) < 0.03
    np.testing.assert_allclose(many.firmness.mean(axis=0), alone.firmness.mean(axis=0), atol=0.01)


def test_money_put_in_is_the_amount_times_firmness(network, priors):
    many = draw(network, priors, 20_000, np.random.default_rng(1))
    put_in = financed(network, many)[:, network.index("NVIDIA"), network.index("Anthropic")]
    assert put_in.mean() == pytest.approx(0.5 * 5000, rel=0.02)
    into = financed(network, many)[:, network.index("NVIDIA"), network.index("OpenAI")]
    assert into.mean() == pytest.approx(0.2 * 10_000, rel=0.03)


def made_up(money, liabilities, firm=1.0, stakes=0, **given) -> Drawn:
    one, nodes = np.ones((1, 1)), money["ai"].shape[1]
    rest = {"closing": np.zeros(1), "committed": np.ones(1)} | given
    return Drawn(
        firm * np.ones((1, liabilities)), np.ones((1, liabilities)), np.ones((1, stakes)), money,
        np.zeros((1, nodes)), rest.pop("unit_cost", np.zeros((1, nodes))), alpha=one[0], beta=one[0], **rest
    )  # fmt: skip


def test_a_shock_by_hand_cancelled_lent_and_refinanced():
    """A buys 10 of B on loans and 20 of C in cash, and owes D 12, of which 8 is repayment."""
    nodes = (
        Node("A", "neocloud", capex=Amount(6.0)), Node("B", "supplier"), Node("C", "supplier"),
        Node("D", "lender"),
    )  # fmt: skip
    owed = (
        Liability("A", "B", "framework", 10, 10, lent="open", investment=True),
        Liability("A", "C", "framework", 20, 20),
        Liability("A", "D", "debt", 12, 12, principal=8.0),
    )
    money = {
        "liquidity": np.array([[60.0, 0, 0, 0]]),
        "other": np.zeros((1, 4)),
        "ai": np.array([[10.0, 0, 0, 0]]),
    }
    unit = np.array([[0.0, 0.5, 0.5, 0.0]])
    drawn = made_up(money, 3, firm=0.5, closing=np.array([0.5]), unit_cost=unit)
    drawn.firmness[:, 2] = 1.0
    net = Network(nodes, owed)
    calm, hit = cleared(net, drawn, 0.0), cleared(net, drawn, 0.4)
    assert calm.cleared.equity[0].tolist() == pytest.approx([70 - 20 - 4, 5.0, 10.0, 4.0])
    # 20 % of orders is cancelled; markets give 0.8: loans of 6.4 for 8, refinancing of 6.4 for 8, capex of 6.
    assert hit.cancelled[0].tolist() == pytest.approx([2.0, 4.0, 0.0])
    assert hit.due[0, 0].tolist() == pytest.approx([0.0, 8.0, 16.0, 12 - 6.4])
    left = 60 + 6 + 6.4 - 8 - 16 - 5.6 - 1.2
    assert hit.cleared.equity[0].tolist() == pytest.approx([left, 4.0, 8.0, 5.6])
    assert hit.called[0, 0] == pytest.approx(1.2 + (10 - 6.4) + 1.6)
    made = losses(net, calm, hit)
    assert made["shareholders"][0] == pytest.approx(4.0 - 4.0)
    assert made["suppliers"][0] == pytest.approx(1.0 + 2.0) and made["lenders"][0] == pytest.approx(0.0)
    shut = cleared(net, drawn, 0.4, Setting(lending=0.0, refinancing=0.0))
    assert shut.due[0, 0, 3] == pytest.approx(12.0) and shut.costs[0, 0] == pytest.approx(6.0)
    assert shut.cleared.equity[0, 0] == pytest.approx(66 - 8 - 16 - 12 - 6)


def test_a_failure_by_cancellation_is_told_from_a_cascade():
    nodes = (Node("A", "laboratory"), Node("B", "cloud"), Node("C", "lender"))
    owed = (Liability("A", "B", "framework", 10, 10), Liability("B", "C", "debt", 8, 8))
    money = {"liquidity": np.array([[50.0, 0, 0]]), "other": np.zeros((1, 3)), "ai": np.zeros((1, 3))}
    drawn = made_up(money, 2, firm=0.0)
    drawn.firmness[:, 1] = 1.0
    found = cleared(Network(nodes, owed), drawn, 0.5)
    assert found.direct[0].tolist() == found.by_cancellation[0].tolist() == [False, True, False]
    assert not found.cascade.any()


def test_a_cascade_is_told_from_a_direct_failure():
    nodes = (Node("A", "laboratory"), Node("B", "cloud"), Node("C", "lender"))
    owed = (Liability("A", "B", "debt", 10, 10), Liability("B", "C", "debt", 8, 8))
    money = {"liquidity": np.zeros((1, 3)), "other": np.zeros((1, 3)), "ai": np.array([[12.0, 0.0, 0.0]])}
    found = cleared(Network(nodes, owed), made_up(money, 2), 0.5)
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


def test_money_put_in_is_capped_by_purchases_and_counted_direct_only_where_it_returns():
    nodes = (Node("Lab", "laboratory"), Node("Cloud", "cloud"), Node("Chips", "supplier"))
    owed = (Liability("Lab", "Cloud", "take_or_pay", 10, 10), Liability("Cloud", "Chips", "framework", 6, 6))
    lent = (Financing("Chips", "Lab", "debt", 25.0), Financing("Cloud", "Lab", "debt", 5.0))
    web = Network(nodes, owed, lent)
    bought = purchases(web, np.array([[10.0, 6.0]]))
    put_in = financed(web, made_up({"ai": np.zeros((1, 3))}, 2, stakes=2))
    assert external_ratio(*shares(bought, put_in))[0] == pytest.approx(1 - 10 / 16)
    assert external_ratio(*shares(bought, put_in, direct=True))[0] == pytest.approx(1 - 5 / 16)


def test_debt_and_intentions_are_no_purchases(network):
    bought = purchases(network, np.array([[v.due for v in network.liabilities]]))[0]
    assert bought[network.index("Banks")].sum() == 0
    assert bought[:, network.index("NVIDIA")].sum() == pytest.approx(1300 / 4)
    assert bought[network.index("NVIDIA"), network.index("CoreWeave")] == pytest.approx(15_500)
    nobody = Network((*network.nodes, Node("X", "cloud")), network.liabilities,
                     (Financing("NVIDIA", "X", "debt", 5.0),))  # fmt: skip
    assert unspent(nobody) == ["NVIDIA into X"] and not unspent(network)


def test_the_result_is_small_and_plain_and_shows_what_it_rests_on(filed):
    found = filed
    assert len(json.dumps(found)) < 200_000
    assert found["share_on_priors"] > 0.9
    assert found["recirculation"]["radius"] == 0 and found["shocks"]["40"]["variants"].keys() == set(
        contagion.SETTINGS
    )
    assert 0 < found["recirculation"]["all"]["q05"] < found["recirculation"]["all"]["q95"] < 1
    ratio, passed = draws_of(found)
    assert ratio.as_of == passed.as_of == DAY and ratio.name == "contagion_external_revenue_ratio"
    assert 0.8 < ratio.values.mean() < 1 and passed.values.min() >= 0 and passed.values.max() < 3
    labs = found["laboratories"]["OpenAI"]
    assert labs["by_cash"]["0.5"] > labs["by_cash"]["1"] > labs["by_cash"]["2"]
    assert abs(labs["cash"]) > abs(labs["firmness"])


def test_the_command_prints_its_keys_and_refuses_what_is_no_share(cli, tmp_path):
    found = json.loads(cli("contagion", "--draws", "50", "--shock", "0.6", "--seed", "3", "--json").out)
    keys = {"clearing", "defaults", "losses", "external_revenue_ratio", "share_on_priors", "variants"}
    assert keys <= set(found) and found["shock"] == 0.6
    assert found["external_revenue_ratio"]["mean"] < found["external_revenue_ratio_all"]["mean"]
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
