"""The network of a file: amounts come from rows and series, and what is wrong is told, all of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overbuild.episodes.databook import DataBook
from overbuild.errors import InputError
from overbuild.finance.amounts import AGGREGATES, KEYS, Known, clashes
from overbuild.finance.network import PARTS, Liability, Network, Node
from overbuild.finance.network_file import (
    FILE,
    FINANCING_KEYS,
    LIABILITY_KEYS,
    SECTIONS,
    TABLES,
    network_of,
    read_network,
)
from overbuild.locations import data_dir
from overbuild.models.user_cost import capital_recovery_factor

DAY = date(2026, 11, 20)
NODES = """
[nodes.OpenAI]
kind = "laboratory"
liquidity = { value = 10, reason = "made up" }
[nodes.Oracle]
kind = "cloud"
[nodes.Amazon]
kind = "cloud"
"""


@pytest.fixture(scope="module")
def shipped() -> Network:
    return read_network(data_dir() / FILE, data_dir(), DAY)


@pytest.fixture(scope="module")
def known() -> Known:
    return Known.of(DataBook.load(data_dir(), TABLES), DAY)


@pytest.fixture
def read(tmp_path):
    def of(text: str, day: date = DAY) -> Network:
        file = tmp_path / "own.toml"
        file.write_text(text, encoding="utf-8")
        return read_network(file, data_dir(), day)

    return of


def owes(rows: str, more: str = "", to: str = "Oracle") -> str:
    return (
        f'\n[[liabilities]]\nfrom = "OpenAI"\nto = "{to}"\nfirmness = "take_or_pay"\nrows = {rows}\n{more}\n'
    )


def liability(network: Network, debtor: str, creditor: str) -> Liability:
    found = [v for v in network.liabilities if (v.debtor, v.creditor) == (debtor, creditor)]
    assert len(found) == 1
    return found[0]


def test_amounts_are_those_of_the_rows(shipped: Network, known: Known) -> None:
    rows = known.contracts
    aws = liability(shipped, "OpenAI", "Amazon")
    assert aws.headline == rows["aws_openai_2025"]["value"]
    assert aws.due == pytest.approx(aws.headline / rows["aws_openai_2025"]["term_years"])
    assert not aws.assumed and aws.on_prior
    three = liability(shipped, "OpenAI", "CoreWeave")
    assert three.headline == pytest.approx(22400)
    loan = liability(shipped, "IREN", "Banks")
    assert loan.due == pytest.approx(0.79 * 3650 * capital_recovery_factor(0.06, 5.6)) and loan.assumed
    oracle = liability(shipped, "OpenAI", "Oracle")
    assert oracle.due == pytest.approx(0.3 * 300_000 / 5) and oracle.full_pace == pytest.approx(60_000)
    debt = liability(shipped, "CoreWeave", "Private credit")
    assert debt.principal == pytest.approx(debt.due - 0.09 * 51_600)
    into = {(f.provider, f.user): f.amount for f in shipped.financing}
    assert into["NVIDIA", "Anthropic"] == 5000 and into["CoreWeave", "OpenAI"] == 70
    lease, debt = (
        liability(shipped, a, b) for a, b in (("Oracle", "Vantage vehicle"), ("Vantage vehicle", "Banks"))
    )
    assert lease.backed and lease.due == pytest.approx(1.1 * debt.due)


def test_an_annuity_repays_its_loan() -> None:
    left = 100.0
    for _ in range(7):
        left = left * 1.05 - 100 * capital_recovery_factor(0.05, 7)
    assert left == pytest.approx(0.0, abs=1e-9)
    assert capital_recovery_factor(1e-18, 5) == pytest.approx(0.2) and capital_recovery_factor(0.05, 1e-3) > 1
    assert (
        capital_recovery_factor(0.05, float("inf")) == pytest.approx(0.05)
        and capital_recovery_factor(0.0, 4) == 0.25
    )


def test_no_row_of_the_shipped_file_is_used_twice_or_holds_another(shipped: Network, known: Known) -> None:
    rows = [r for v in shipped.liabilities for r in v.rows if r in known.contracts]
    assert len(rows) == len(set(rows))
    assert all(
        known.contracts[r]["kind"] not in AGGREGATES and known.contracts[r]["grade"] != "D" for r in rows
    )
    assert any("grade D" in left for left in shipped.left_out)


def test_share_on_priors_counts_what_no_filing_fixes(shipped: Network) -> None:
    total = sum(v.due for v in shipped.liabilities)
    firm = replace(liability(shipped, "IREN", "Banks"), assumed=False)
    others = tuple(v for v in shipped.liabilities if v.creditor != "Banks" or v.debtor != "IREN")
    made = replace(shipped, liabilities=(*others, firm))
    assert made.share_on_priors == pytest.approx(1 - firm.due / total) and shipped.share_on_priors == 1
    assert 0.5 < made.share_assumed < made.share_on_priors < 1
    assert 0.8 < shipped.cash_assumed < 1 and "Meta" in shipped.nodes_assumed


def test_a_row_that_was_not_known_is_left_out(read) -> None:
    text = NODES + owes('["oracle_openai_2025_09"]') + owes('["aws_openai_2025"]', to="Amazon")
    made = read(text, date(2025, 10, 15))
    assert [v.creditor for v in made.liabilities] == ["Oracle"]
    assert "aws_openai_2025 not known on 2025-10-15" in made.left_out[0]


def test_the_shipped_file_is_read_on_an_earlier_day_of_the_same_year() -> None:
    made = read_network(data_dir() / FILE, data_dir(), date(2026, 6, 30))
    assert not any("IREN, GPUs" in left for left in made.left_out)
    assert {v.debtor for v in made.liabilities if v.backed} == {"Meta", "Oracle"}
    with pytest.raises(InputError, match="known_from = 2026-06-30, and 2026-01-31 was asked for"):
        read_network(data_dir() / FILE, data_dir(), date(2026, 1, 31))


def test_a_lease_goes_with_the_debt_that_it_serves(read) -> None:
    lease = (
        '[[liabilities]]\nfrom = "Oracle"\nto = "Vehicle"\nfirmness = "debt"\nserves = "Vehicle"\n'
        'cover = 1.2\nreason = "x"\n'
    )
    debt = (
        '[[liabilities]]\nfrom = "Vehicle"\nto = "Amazon"\nfirmness = "debt"\nrate = 0.06\nyears = inf\n'
        'rows = ["vantage_oracle_loans_2025"]\nreason = "x"\n'
    )
    text = NODES + '[nodes.Vehicle]\nkind = "vehicle"\n' + lease + debt
    assert [v.due for v in read(text).liabilities] == pytest.approx([2280.0, 1.2 * 2280.0])
    early = read(text, date(2025, 10, 1))
    assert not early.liabilities and len(early.left_out) == 2
    with pytest.raises(InputError, match="expected the creditor, with debt of its own"):
        read(text.replace(debt, ""))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (owes('["oracle_openai_2025_09"]') + owes('["oracle_openai_2025_07"]', "years = 1"), "overlap"),
        (owes('["oracle_openai_2025_07", "oracle_openai_2025_09"]', "years = 5"), "overlap and must not"),
        (owes('["aws_openai_2025"]') + owes('["aws_openai_2025"]', to="Amazon"), "both claim the row"),
        (owes('["stargate_2025"]'), "is a programme"),
        (owes('["aws_backlog_2026"]'), "is a backlog"),
        (owes('["microsoft_neoclouds_tally_2025"]'), "is a tally"),
        (owes('["aws_anthropic_2026"]'), "is of grade D"),
        (owes('["nobody_2025"]'), "no row 'nobody_2025'. Rows: amd_meta_2026"),
        (owes('["azure_openai_2025"]'), "the rows give no one term"),
        (owes('["azure_openai_2025"]', "years = 7"), "assumed without a reason"),
        (owes('["aws_openai_2025"]').replace("OpenAI", "Nobody"), "there is no node 'Nobody'"),
        (owes('["aws_openai_2025"]', to="OpenAI"), "a node cannot owe itself"),
        (owes('["aws_openai_2025"]').replace("take_or_pay", "firm"), "class 'firm' is not known"),
        (owes('["aws_openai_2025"]', 'begun = 2\nreason = "x"'), "begun = 2; expected the share"),
        (owes('["aws_openai_2025"]', "terms = 2"), "has the key 'terms'"),
        ('\n[[liabilities]]\nfrom = "OpenAI"\nto = "Oracle"\nfirmness = "debt"\n'
         'amount = { value = -5, reason = "x" }\n', "-5 is due; expected USD million, 0 or more"),
        ("\nmatrix = [[0, 1], [0, 0]]\n", "expected 3 rows of 3"),
        ("\nmatrix = [[0, 1, 0], [0, 0, -1], [0, 0, 0]]\n", "-1 is due"),
        ("\nmatrix = [[4, 1, 0], [0, 0, 1], [0, 0, 0]]\n", "a node cannot owe itself"),
        ('\n[nodes.X]\nkind = "planet"\n', "of kind 'planet'"),
        ('\n[nodes.X]\nkind = "cloud"\nliquidity = { value = 5 }\n', "assumed without a reason"),
        ('\n[nodes.X]\nkind = "cloud"\nai = { series = "ai_run_rate", entity = "Nobody" }\n',
         "0 rows of 'ai_run_rate'"),
        ("\n[extra]\n", "has the section 'extra'"),
        (owes("3"), "rows = 3; expected a list of row ids"),
        (owes('[["aws_openai_2025"]]'), "expected a list of row ids"),
        (owes("[1]", "used = false"), "rows = [1]; expected a list of row ids"),
        (owes('["aws_openai_2025"]', "reason = 3\nbegun = 0.5"), "reason = 3; expected a text"),
        (owes('["aws_openai_2025"]', "years = 1e-300"), "expected years, 0.1 or more"),
        (owes('["aws_openai_2025"]', "begun = 1" + "0" * 400), "expected a number"),
        (owes('["aws_openai_2025"]', 'lent = "perhaps"'), "lent = 'perhaps'; expected 'open' or"),
        (owes("[]", 'amount = { series = "ai_run_rate" }'), "0 rows of 'ai_run_rate' of 'None'"),
        (owes("[]", 'amount = { series = ["a"], entity = "x" }'), "series = ['a']; expected a text"),
        (owes("[]", 'amount = { value = 1, reason = 3 }'), "reason = 3; expected a text"),
        (owes("[]", 'amount = { series = "ai_run_rate", entity = "OpenAI", quarters = true }'),
         "whole number"),
        ("\n[nodes.X]\nkind = 3\n", "kind = 3; expected a text"),
        ('\n[nodes.X]\nkind = "cloud"\nunit_cost = { value = 2, reason = "x" }\n', "at most 1"),
        ("\n[financing]\nfrom = 1\n", "financing must be written as [[financing]]"),
        ('\n[[financing]]\nfrom = "Oracle"\nto = "OpenAI"\nfirmness = "debt"\nreason = "x"\n'
         'rows = ["aws_anthropic_2026"]\n', "is of grade D"),
        ('\n[[financing]]\nfrom = "Oracle"\nto = "OpenAI"\nfirmness = "debt"\nreason = "x"\n'
         'rows = ["stargate_2025"]\n', "is a programme"),
        ('\n[[financing]]\nfrom = "Oracle"\nto = "OpenAI"\nfirmness = "debt"\nreason = "x"\n'
         'rows = ["aws_openai_2025", "aws_openai_2025"]\n', "claims a row twice"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_refused(read, text: str, said: str) -> None:
    start = text if text.startswith("\nmatrix") else ""
    with pytest.raises(InputError) as error:
        read(start + NODES + (text if not start else ""))
    assert said in str(error.value)


def test_every_fault_is_told_at_once(read) -> None:
    with pytest.raises(InputError) as error:
        read(
            NODES
            + owes('["nobody_2025"]')
            + owes('["stargate_2025"]')
            + owes('["aws_openai_2025"]', to="OpenAI")
        )
    assert len(str(error.value).splitlines()) == 3
    assert all(line.startswith("own.toml: ") for line in str(error.value).splitlines())


@pytest.mark.parametrize("text", ["matrix = [", "", "nodes = 3"])
def test_a_file_that_is_none_is_refused_plainly(read, tmp_path, text: str) -> None:
    with pytest.raises(InputError):
        read(text)
    with pytest.raises(InputError, match="cannot be read"):
        read_network(tmp_path / "none.toml", data_dir(), DAY)


def test_a_chain_is_no_overlap_and_an_expansion_comes_on_top(known: Known) -> None:
    chain = [("Microsoft", "IREN", ("iren_microsoft_2025",)), ("IREN", "Dell", ("iren_dell_2025",))]
    assert not list(clashes(known, chain))
    added = ("coreweave_openai_2025_03", "coreweave_openai_2025_05")
    assert not list(clashes(known, [("OpenAI", "CoreWeave", added)]))
    meta = [("Meta", "Nebius", ("nebius_meta_2025",)), ("Meta", "Nebius", ("nebius_meta_2026",))]
    assert not list(clashes(known, meta))


def test_several_liabilities_of_a_pair_are_added_in_the_matrix() -> None:
    nodes = (Node("A", "cloud"), Node("B", "lender"))
    one = Liability("A", "B", "debt", 5.0, 2.0)
    made = Network(nodes, (one, replace(one, due=3.0)))
    np.testing.assert_array_equal(made.matrix(), [[0.0, 5.0], [0.0, 0.0]])


def test_a_series_within_a_sum_counts_as_used_and_owing_each_other_is_no_second_sum(read, known) -> None:
    part = '{ series = "ai_run_rate", entity = "OpenAI" }'
    text = NODES + owes("[]", f"amount = {part}") + owes("[]", f"amount = {{ sum = [{part}] }}", to="Amazon")
    with pytest.raises(InputError, match="both claim the row 'ai_run_rate of OpenAI'"):
        read(text)
    turned = [
        ("OpenAI", "Oracle", ("oracle_openai_2025_09",)),
        ("Oracle", "OpenAI", ("oracle_openai_2025_07",)),
    ]
    assert any("overlap" in c for c in clashes(known, turned))


def test_a_stake_that_was_not_known_is_named(read) -> None:
    stake = '\n[[financing]]\nfrom = "Amazon"\nto = "OpenAI"\nfirmness = "debt"\nreason = "x"\n'
    made = read(NODES + stake + 'rows = ["aws_openai_2025"]\n', date(2025, 10, 15))
    assert not made.financing and "aws_openai_2025 not known on 2025-10-15" in made.left_out[0]


JUNK = st.recursive(
    st.one_of(
        st.booleans(), st.integers(-3, 3), st.just(10**400), st.floats(), st.just(1e-300),
        st.sampled_from(["OpenAI", "Oracle", "debt", "aws_openai_2025", "open", "x"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(KEYS), inner, max_size=2)
    ),
    max_leaves=3,
)  # fmt: skip
PLAIN = {
    "from": "OpenAI",
    "to": "Oracle",
    "firmness": "take_or_pay",
    "reason": "x",
    "rows": ["aws_openai_2025"],
}


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(st.sampled_from(tuple(LIABILITY_KEYS)), JUNK, max_size=3),
    st.dictionaries(st.sampled_from(tuple(FINANCING_KEYS)), JUNK, max_size=3),
    st.dictionaries(st.sampled_from(("kind", *PARTS)), JUNK, max_size=2),
    st.dictionaries(st.sampled_from(SECTIONS), JUNK, max_size=1),
)
def test_whatever_a_file_holds_it_is_read_or_refused(known, liability, stake, node, sections) -> None:
    nodes = {"OpenAI": {"kind": "laboratory"}, "Oracle": {"kind": "cloud"} | node}
    content = {"nodes": nodes, "liabilities": [PLAIN | liability], "financing": [PLAIN | stake]} | sections
    try:
        made = network_of(content, known, "own.toml")
    except InputError as error:
        assert str(error)
    else:
        assert np.isfinite(made.matrix()).all()
