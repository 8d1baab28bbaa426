"""A contract's file: read, and refused with every fault told together."""

import shutil

import pytest

from overbuild.errors import InputError, UnknownNameError
from overbuild.finance.contract_file import BUILT_IN, contract_of, read_contract
from overbuild.locations import data_dir

IREN = data_dir() / "contracts" / "iren.toml"


@pytest.fixture
def changed(tmp_path):
    def change(*pairs, add=""):
        text = IREN.read_text(encoding="utf-8")
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new, 1)
        file = tmp_path / "mine.toml"
        file.write_text(text + add, encoding="utf-8")
        return file

    return change


@pytest.mark.parametrize("name", BUILT_IN)
def test_shipped_files_are_read(name):
    contract = contract_of(name, data_dir())
    assert contract.name == name and contract.figures
    assert sum(t.share for t in contract.tranches) == pytest.approx(1, abs=1e-6)
    assert all(f.source or f.assumed for f in contract.figures)


def test_a_users_file_is_read_by_its_path(tmp_path):
    shutil.copy(IREN, tmp_path / "mine.toml")
    mine = contract_of(str(tmp_path / "mine.toml"), data_dir())
    assert mine.name == "mine" and mine.value == 9.7


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        (
            [("share = 0.25", "share = 0.5")],
            "the tranches exceed the value: their shares add up to 1.25, USD 12",
        ),
        ([("share = 0.25", "share = 0.2")], "the shares of the tranches add up to 0.95; expected 1"),
        (
            [('runs_from = "delivery"', 'runs_from = "start"'), ("month = 12\n", "month = 60\n")],
            "tranches 4: the term ends in month 60, not after its delivery in month 60",
        ),
        ([('buyer = "microsoft"', 'buyer = "apple"')], "contract.buyer = 'apple' is an unknown party"),
        ([('lender = "banks"', 'lender = "bank"')], "loans 2: lender = 'bank' is an unknown party"),
        ([("rate = 0.0596", "rate = -0.01")], "loans 1: rate = -0.01; expected a rate a year from 0 to 1"),
        ([("rate = 0.0596", 'rate = "six"')], "loans 1: rate = 'six'; expected a rate"),
        ([("amount = 2.10", "amount = nan")], "loans 1: amount = nan; expected a number above 0"),
        (
            [("month = 3\n", "month = 3\nmonths = 3\n")],
            "tranches 1: unknown key 'months'; known are share, month",
        ),
        ([("maturity = 72\n", "")], "loans 1: lacks 'maturity'; expected whole months"),
        ([("value = { is = 9.7", "value = { is = -9.7")], "contract.value = -9.7; expected a number above 0"),
        ([("value = { is = 9.7, source", "value = { is = 9.7, sauce")], "unknown mark 'sauce'"),
        (
            [('value = { is = 9.7, source = "iren_microsoft_2025" }', "value = { is = 9.7 }")],
            "contract.value: say what it rests on",
        ),
        (
            [('value = { is = 9.7, source = "iren_microsoft_2025" }', "value = 9.7")],
            "contract.value = 9.7; expected { is = ...",
        ),
        ([("[opex]", "[opexx]")], "[opex] is missing; it has the keys basis, amount"),
        ([("maturity = 72", "maturity = 11")], "loans 1: matures in month 11; expected after month 12"),
        (
            [("lead = { is = 3", "lead = { is = 9")],
            "is due in month 3 and shell.lead = 9 is before the start",
        ),
        ([("[0, 0, 1, 1, 1]", "[0, 0, 1, 1, 1, 1]")], "prepayment.credit has 6 years"),
        ([("months = { is = 24", "months = { is = 36")], "renewal.months = 36 goes beyond the useful life"),
        ([('basis = "fixed"', 'basis = "half"')], "opex.basis = 'half'; expected 'fixed' or 'share'"),
        ([("is = 2026-01-01", "is = 1")], "contract.start = 1; expected a date"),
        ([("is = 2026-01-01", "is = 9995-01-01")], "expected a date of the years 1990 to 2100"),
        ([("{ is = 0.97, low = 0.95", "{ is = 0, low = 0")], "availability = 0; expected a share above 0"),
        (
            [("value = { is = 9.7", f"value = {{ is = {'9' * 400}")],
            "expected a number above 0, at most 1e+12",
        ),
        (
            [("value = { is = 9.7", "value = { is = 1e300")],
            "contract.value = 1e+300; expected a number above",
        ),
        ([('seller = "iren"', 'seller = "microsoft"')], "buyer and contract.seller are both 'microsoft'"),
        ([("amount = 2.10", "amount = 50.0")], "the loans add up to 51.55 and equipment and shell cost 8.8"),
        ([("low = 2.0, high = 3.2", "low = 4.0, high = 3.2")], "shell.cost: 3 is not within its range"),
        ([("weak = true", 'weak = "yes"')], "contract.gpus.weak = 'yes'; expected true or false"),
        ([("leans_on = [", "leans_on = [1, ")], "'leans_on' = [1, "),
    ],
)
def test_what_does_not_fit_is_named(changed, pairs, said):
    with pytest.raises(InputError) as told:
        read_contract(changed(*pairs))
    assert said in str(told.value)
    assert all(line.startswith("mine.toml: ") for line in str(told.value).splitlines())


def test_a_source_must_be_a_row(changed):
    file = changed(('"iren_dell_2025"', '"iren_dell_1925"'))
    assert read_contract(file).equipment.cost == 5.8
    with pytest.raises(InputError, match=r"'iren_dell_1925' is no row of contracts\.csv"):
        contract_of(str(file), data_dir())


def test_a_term_that_is_too_short_is_the_only_fault_told(changed):
    with pytest.raises(InputError) as told:
        read_contract(
            changed(
                ('runs_from = "delivery"', 'runs_from = "start"'), ("term = { is = 60", "term = { is = 9")
            )
        )
    assert all("the term ends in month 9" in line for line in str(told.value).splitlines())


def test_every_fault_is_told_together(changed):
    with pytest.raises(InputError) as told:
        read_contract(
            changed(
                ("rate = 0.0596", "rate = -1"),
                ('buyer = "microsoft"', 'buyer = "apple"'),
                add="\n[extra]\nx = 1\n",
            )
        )
    lines = str(told.value).splitlines()
    assert len(lines) == 3
    for word in ("rate = -1", "'apple'", "'extra' is no part of a contract"):
        assert any(word in line for line in lines)


def test_a_file_that_is_not_there_or_not_toml(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_contract(tmp_path / "none.toml")
    bad = tmp_path / "bad.toml"
    bad.write_text("x = = 1")
    with pytest.raises(InputError, match="not readable as TOML"):
        read_contract(bad)
    bad.write_text("x = " + "9" * 5000)
    with pytest.raises(InputError, match="not readable as TOML"):
        read_contract(bad)
    with pytest.raises(UnknownNameError, match=r"Available: FILE\.toml, coreweave-openai, iren"):
        contract_of("nix", data_dir())


@pytest.mark.parametrize("text", ["", "tranches = 3\nloans = [1]\ncontract = 2\nparties = 1\n"])
def test_nonsense_is_refused_in_words(tmp_path, text):
    file = tmp_path / "odd.toml"
    file.write_text(text)
    with pytest.raises(InputError, match=r"\[\[tranches\]\] is missing"):
        read_contract(file)
