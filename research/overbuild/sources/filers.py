"""The firms that file with the SEC, and the tags that each of them really uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from overbuild.errors import UnknownNameError

type Tags = Mapping[str, tuple[str, ...]]
"""Series to its tags of the US GAAP taxonomy, most preferred first."""

PPE = "PaymentsToAcquirePropertyPlantAndEquipment"
PRODUCTIVE = "PaymentsToAcquireProductiveAssets"
CONTRACTS = "RevenueFromContractWithCustomerExcludingAssessedTax"
TOTAL = "Revenues"
BEFORE_2018 = "SalesRevenueNet"

COMMON: dict[str, tuple[str, ...]] = {
    "operating_cash_flow": ("NetCashProvidedByUsedInOperatingActivities",),
    "operating_income": ("OperatingIncomeLoss",),
    "net_income": ("NetIncomeLoss",),
    "depreciation_and_amortization": (
        "DepreciationDepletionAndAmortization",
        "DepreciationAmortizationAndAccretionNet",
        "DepreciationAndAmortization",
    ),
}
"""Series whose tags are the same for every firm.

Company facts hold standard tags only: where a firm tags depreciation with a name of its own, as Microsoft
does, there is no row.
"""

LEASES = {"finance_lease_principal_payments": ("FinanceLeasePrincipalPayments",)}

PLANT_ONLY = {"depreciation": ("Depreciation",)}
"""Depreciation of plant alone, which is not to be pooled with depreciation and amortization."""


@dataclass(frozen=True)
class Firm:
    """A filer: its name in the data, its central index key, and the tags of each series.

    ``since`` is the first filing day that counts: what Yandex filed is not Nebius.
    """

    name: str
    cik: int
    tags: Tags
    since: date = date.min

    @property
    def path(self) -> str:
        """Where its facts are."""
        return f"/api/xbrl/companyfacts/CIK{self.cik:010d}.json"


FIRMS = (
    Firm(
        "Microsoft",
        789019,
        COMMON | LEASES | PLANT_ONLY | {"capex_cash": (PPE,), "revenue": (CONTRACTS, TOTAL, BEFORE_2018)},
    ),
    # Alphabet's contract revenue leaves out gains on hedges, so the total comes first.
    Firm(
        "Alphabet",
        1652044,
        COMMON | LEASES | PLANT_ONLY | {"capex_cash": (PPE,), "revenue": (TOTAL, CONTRACTS, BEFORE_2018)},
    ),
    # Amazon tags gross purchases apart since 2018; what it filed before is net of incentives: another series.
    Firm(
        "Amazon",
        1018724,
        COMMON
        | {
            "capex_cash": (PRODUCTIVE,),
            "capex_cash_net_of_proceeds": ("PaymentsForProceedsFromProductiveAssets", PPE),
            "revenue": (CONTRACTS, TOTAL, BEFORE_2018),
        },
    ),
    Firm(
        "Meta",
        1326801,
        COMMON | LEASES | {"capex_cash": (PPE, PRODUCTIVE), "revenue": (CONTRACTS, TOTAL, BEFORE_2018)},
    ),
    Firm("Oracle", 1341439, COMMON | {"capex_cash": (PPE,), "revenue": (TOTAL, CONTRACTS, BEFORE_2018)}),
    Firm(
        "NVIDIA",
        1045810,
        COMMON | {"capex_cash": (PRODUCTIVE, PPE), "revenue": (TOTAL, CONTRACTS, BEFORE_2018)},
    ),
    Firm("CoreWeave", 1769628, COMMON | {"capex_cash": (PPE, PRODUCTIVE), "revenue": (CONTRACTS, TOTAL)}),
    Firm(
        "Nebius",
        1513845,
        COMMON
        | {
            "capex_cash": (PPE, PRODUCTIVE),
            "revenue": (TOTAL, CONTRACTS),
            "net_income": ("NetIncomeLoss", "ProfitLoss"),
        },
        since=date(2024, 7, 15),
    ),
    Firm("IREN", 1878848, COMMON | {"capex_cash": (PPE, PRODUCTIVE), "revenue": (TOTAL, CONTRACTS)}),
)


def chosen_firms(names: Sequence[str] | None) -> tuple[Firm, ...]:
    """Return the named firms, or all of them.

    Raises
    ------
    UnknownNameError
        For a name that is not in the table.
    """
    by_name = {firm.name: firm for firm in FIRMS}
    for name in names or ():
        if name not in by_name:
            raise UnknownNameError("firm", name, list(by_name))
    return FIRMS if names is None else tuple(by_name[name] for name in dict.fromkeys(names))
