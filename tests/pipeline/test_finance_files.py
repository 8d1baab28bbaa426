"""What a step of finance says it reads is what its function reads: else results could be stale."""

from __future__ import annotations

from overbuild.finance import contract_results, network_file, portfolio_prices
from overbuild.pipeline.task_finance import FINANCE


def test_the_files_of_a_step_are_those_that_its_function_reads() -> None:
    for name in ("contract_values", "contract_draws"):
        assert set(FINANCE[name].files) == set(contract_results.FILES)
    assert set(FINANCE["contagion_losses"].files) == {network_file.FILE, *network_file.TABLES}
    assert set(FINANCE["rented_shares"].files) >= {*portfolio_prices.FILES, "contracts/iren.toml"}
