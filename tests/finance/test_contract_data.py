"""The shipped contracts agree with the rows of the contract table that they name."""

import csv

import pytest

from overbuild.finance.contract_file import BUILT_IN, contract_of
from overbuild.locations import data_dir


@pytest.fixture(scope="module")
def rows():
    with (data_dir() / "contracts/contracts.csv").open(encoding="utf-8") as file:
        return {r["contract_id"]: r for r in csv.DictReader(file)}


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_source_is_a_row_that_may_be_used(name, rows):
    for figure in contract_of(name, data_dir()).figures:
        assert figure.source or figure.assumed
        if figure.source:
            assert rows[figure.source]["grade"] in "ABC"


def test_values_are_those_of_the_rows(rows):
    columns = {
        "contract.value": ("value", 1000),
        "contract.term": ("term_years", 1 / 12),
        "prepayment.share": ("prepayment_share", 1),
        "equipment.cost": ("hardware_capex", 1000),
    }
    seen = 0
    for name in BUILT_IN:
        for figure in contract_of(name, data_dir()).figures:
            if figure.source and figure.key in columns and name != "coreweave-openai":
                column, factor = columns[figure.key]
                assert float(rows[figure.source][column]) == pytest.approx(figure.value * factor)
                seen += 1
    assert seen >= 7


def test_the_parts_of_the_contract_with_coreweave_add_up_to_the_total_it_states(rows):
    ids = ["coreweave_openai_2025_03", "coreweave_openai_2025_05", "coreweave_openai_2025_09"]
    values = [float(rows[i]["value"]) for i in ids]
    contract = contract_of("coreweave-openai", data_dir())
    assert sum(values) == pytest.approx(1000 * contract.value)
    assert "22,400" in rows[ids[-1]]["value_overlaps"]
    shares = [t.share for t in contract.tranches]
    assert shares == pytest.approx([v / sum(values) for v in values], abs=1e-5)


def test_loans_of_iren_are_those_read(rows):
    contract = contract_of("iren", data_dir())
    assert sum(m.amount for m in contract.loans) * 1000 == pytest.approx(
        float(rows["iren_gpu_financing_2026"]["value"])
    )
    assert contract.loans[0].maturity - contract.loans[0].draw == round(5.6 * 12)
    assert contract.min_dscr == 1.05 and "1.05" in rows["iren_gpu_financing_2026"]["note"]
