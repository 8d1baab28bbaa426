r"""What a GPU-hour costs owned and rented, from one contract and what is assumed beside it.

Rented: value a year over GPUs times 8,760 hours. Owned, with the annuity factor CRF = w / (1 - (1 + w)^-L),

    [G + X (1 - r (1 + w)^-L)] CRF / (GPUs 8,760) + opex,

G the equipment, worth nothing after L years, X the shell, of which the part r is recovered then. A buyer of
equipment at the contract's price is meant: a hyperscaler may pay less, which is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from overbuild.episodes.databook import USED_GRADES, DataBook
from overbuild.errors import InputError
from overbuild.games.contest import require
from overbuild.models.user_cost import capital_recovery_factor

HOURS = 8760.0
CONTRACT = "iren_microsoft_2025"
FILES = ("contracts/contracts.csv", "hyperscalers/prices.csv")
CONTEXT = ("microsoft_neoclouds_tally_2025", "microsoft_leases_2026")
SPOT, RENEWAL = "gpu_rental_index_silicon_data", "gpu_rental_contract_1y"


@dataclass(frozen=True)
class Deal:
    """A contract as far as prices need it: USD million a year, USD million of equipment, number of GPUs."""

    value_year: float
    equipment: float
    gpus: float

    def __post_init__(self) -> None:
        for name in ("value_year", "equipment", "gpus"):
            value = getattr(self, name)
            require(bool(0 < value < np.inf), f"{name} = {value:g}", "expected a number above 0")

    @property
    def rent_price(self) -> float:
        """USD per GPU-hour."""
        return 1e6 * self.value_year / (self.gpus * HOURS)


def own_cost(
    deal: Deal,
    *,
    shell: ArrayLike,
    recovered: ArrayLike,
    opex_share: ArrayLike,
    years: ArrayLike,
    cost_of_capital: ArrayLike,
) -> NDArray[np.float64]:
    """Return USD per GPU-hour of owning.

    Parameters
    ----------
    deal
        Price, equipment and GPUs.
    shell
        USD million for the whole site.
    recovered
        Part of the shell's cost that is got back after ``years``.
    opex_share
        Running cost over the contract's value.
    years
        Over which equipment is used up.
    cost_of_capital
        A year, above 0.
    """
    w, life = np.asarray(cost_of_capital, dtype=float), np.asarray(years, dtype=float)
    left = np.asarray(shell) * (1 - np.asarray(recovered) * (1 + w) ** -life)
    factor = np.vectorize(capital_recovery_factor)(w, life)
    capital = (deal.equipment + left) * factor * 1e6 / (deal.gpus * HOURS)
    return capital + np.asarray(opex_share) * deal.rent_price


def deal_known(folder: Path, as_of: date, gpus: float) -> Deal:
    """Return the deal as it was known on a day.

    Raises
    ------
    InputError
        If its row was not known yet, or is of a grade that carries no result.
    """
    row = _contracts(folder, as_of).get(CONTRACT)
    if row is None or row["grade"] not in USED_GRADES:
        raise InputError(
            f"The contract '{CONTRACT}' was not known on {as_of} from a source of grade A, B or C; own or "
            "rent takes its price from it. Ask for 2025-11-03 or a later day."
        )
    return Deal(float(row["value"]) / float(row["term_years"]), float(row["hardware_capex"]), gpus)


def context_known(folder: Path, as_of: date) -> dict[str, Any]:
    """Return what was seen of Microsoft's renting and of market prices on a day; nothing rests on it.

    Returns
    -------
    dict
        ``commitments``: USD million with grade, rows that must not be added up; ``prices``: the newest of a
        series and machine, USD per GPU-hour, grades A to C.
    """
    rows = _contracts(folder, as_of)
    table = DataBook.load(folder, FILES).table
    wanted = table["series"].isin((SPOT, RENEWAL)) & table["grade"].isin(USED_GRADES)
    known = table.loc[wanted & (table["available_from"] <= as_of)].sort_values(["period_end", "vintage"])
    newest = {(r["series"], r["entity"]): r for r in known.to_dict("records")}
    return {
        "commitments": {
            n: {"value": float(rows[n]["value"]), "grade": rows[n]["grade"]} for n in CONTEXT if n in rows
        },
        "prices": [
            {"series": s, "machine": m, "value": r["value"], "period": r["period"], "grade": r["grade"]}
            for (s, m), r in newest.items()
        ],
    }


def _contracts(folder: Path, as_of: date) -> Mapping[str, Mapping[str, Any]]:
    contracts = DataBook.load(folder, FILES).contracts
    return {r["contract_id"]: r for r in contracts.to_dict("records") if r["available_from"] <= as_of}
