r"""What a GPU-hour costs owned and rented, from the contract of Microsoft and IREN alone.

Both are levelised by the contract's own monthly model (`overbuild.finance.buyer.rent_or_own`): present value
of what is paid over that of the hours delivered, at the buyer's cost of capital w. Rented: payments, and the
advance that is credited late, which makes renting dearer than the price by 1 + [PV(advance) - PV(credit)] /
PV(payments). Owned: the seller's outlays for equipment, shell and operation over the life L of the equipment,
worth nothing then; of the shell a part is recovered. A hyperscaler may pay less for machines, which is not
known. What the contract's file assumes with a range is drawn triangular over it, its value the mode.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.episodes.databook import USED_GRADES, DataBook
from overbuild.errors import InputError
from overbuild.finance.buyer import rent_or_own
from overbuild.finance.contract import Contract
from overbuild.finance.contract_file import contract_of

type Array = NDArray[np.float64]

CONTRACT = "iren"
FILES = ("contracts/contracts.csv", "hyperscalers/prices.csv")
CONTEXT = ("microsoft_neoclouds_tally_2025", "microsoft_leases_2026")
SPOT, RENEWAL = "gpu_rental_index_silicon_data", "gpu_rental_contract_1y"
ASSUMED = {
    "shell": "shell.cost",
    "shell_recovered": "shell.recovered",
    "opex": "opex.amount",
    "own_years": "equipment.life",
    "cost_of_capital": "buyer.cost_of_capital",
}
"""What is drawn: name to the key of the contract's file. The life is in months there, here in whole years."""
UNUSED = ("loans", "covenants")
"""Parts of the contract that neither price depends on."""


@dataclass(frozen=True)
class Prices:
    """USD per GPU-hour delivered."""

    own: float
    rent: float


def assumed(contract: Contract, size: int, rng: np.random.Generator) -> dict[str, Array]:
    """Return draws of what the contract's file assumes, (draw,); USD billion, whole years, shares."""
    ends = _ranges(contract)
    made = {n: rng.triangular(*e, size) if e[0] < e[2] else np.full(size, e[1]) for n, e in ends.items()}
    return made | {"own_years": np.rint(made["own_years"])}


def as_filed(contract: Contract) -> dict[str, float]:
    """Return the same as the file has it, the mode of every range."""
    return _whole({n: e[1] for n, e in _ranges(contract).items()})


def in_the_mean(contract: Contract) -> dict[str, float]:
    """Return the mean of every range; a mode may lie at its end, as that of the life does."""
    return _whole({n: sum(e) / 3 for n, e in _ranges(contract).items()})


def prices(contract: Contract, at: Mapping[str, float]) -> Prices:
    """Return what an hour costs owned and rented.

    Parameters
    ----------
    contract
        With a count of GPUs.
    at
        A value of each of `ASSUMED`.

    Raises
    ------
    InputError
        If nobody says how many GPUs the contract is for.
    """
    months = 12 * int(at["own_years"])
    held = replace(
        contract,
        term=months,
        value=contract.a_year * months / 12,
        equipment=replace(contract.equipment, life=months, residual=0.0),
        shell=replace(contract.shell, cost=at["shell"], recovered=at["shell_recovered"]),
        opex=replace(contract.opex, amount=at["opex"]),
    )
    rate = at["cost_of_capital"]
    own, rent = rent_or_own(held, rate).own_per_hour, rent_or_own(contract, rate).rent_per_hour
    if own is None or rent is None:
        raise InputError(f"'{contract.title}' has no count of GPUs; give 'gpus' in [contract].")
    return Prices(own, rent)


def contract_known(folder: Path, as_of: date) -> Contract:
    """Return the contract from which prices are taken.

    Raises
    ------
    InputError
        If a row that its prices rest on was not known on that day, or is of a grade that carries no result.
    """
    contract = contract_of(CONTRACT, folder)
    rows = _contracts(folder, as_of)
    used = {f.source for f in contract.figures if f.source and f.key.split(".")[0].split()[0] not in UNUSED}
    missing = sorted(used - {n for n, r in rows.items() if r["grade"] in USED_GRADES})
    if missing:
        raise InputError(
            "Own or rent takes its prices from the contract of Microsoft and IREN; not known on "
            f"{as_of} from a source of grade A, B or C: {', '.join(missing)}. Ask for 2025-11-03 or "
            "later."
        )
    return contract


def terms(contract: Contract) -> dict[str, Any]:
    """Return what is quoted of the contract: price in the contract, count, and figures assumed."""
    keys = ("contract.gpus", *ASSUMED.values())
    figures = {f.key: asdict(f) for f in contract.figures}
    return {
        "price": contract.price,
        "gpus": contract.gpus,
        "prepayment": contract.prepayment.share,
        "figures": [{m: figures[k][m] for m in ("key", "value", "low", "high")} for k in keys],
    }


def context_known(folder: Path, as_of: date) -> dict[str, Any]:
    """Return what was seen of Microsoft's renting and of market prices on a day; nothing rests on it.

    Returns
    -------
    dict
        ``commitments``: USD million with grade, rows that must not be added up; ``prices``: the newest of a
        series and machine, USD per GPU-hour. Grades A to C only.
    """
    rows = _contracts(folder, as_of)
    table = DataBook.load(folder, FILES).table
    wanted = table["series"].isin((SPOT, RENEWAL)) & table["grade"].isin(USED_GRADES)
    known = table.loc[wanted & (table["available_from"] <= as_of)].sort_values(["period_end", "vintage"])
    newest = {(r["series"], r["entity"]): r for r in known.to_dict("records")}
    return {
        "commitments": {
            n: {"value": float(rows[n]["value"]), "grade": rows[n]["grade"]}
            for n in CONTEXT
            if n in rows and rows[n]["grade"] in USED_GRADES
        },
        "prices": [
            {"series": s, "machine": m, "value": r["value"], "period": r["period"], "grade": r["grade"]}
            for (s, m), r in newest.items()
        ],
    }


def _ranges(contract: Contract) -> dict[str, tuple[float, float, float]]:
    """Return low end, value and high end of what is assumed; the value thrice where there is no range."""
    values = {
        "shell.cost": contract.shell.cost,
        "shell.recovered": contract.shell.recovered,
        "opex.amount": contract.opex.amount,
        "equipment.life": contract.equipment.life,
        "buyer.cost_of_capital": contract.terms_of_buyer.cost_of_capital,
    }
    told = {f.key: f for f in contract.figures}
    made = {}
    for name, key in ASSUMED.items():
        unit = 12.0 if name == "own_years" else 1.0
        value, figure = values[key], told.get(key)
        low, high = (None, None) if figure is None else (figure.low, figure.high)
        ends = (value if low is None else low, value, value if high is None else high)
        made[name] = tuple(float(e) / unit for e in ends)
    return made


def _whole(made: dict[str, float]) -> dict[str, float]:
    return made | {"own_years": float(np.rint(made["own_years"]))}


def _contracts(folder: Path, as_of: date) -> Mapping[str, Mapping[str, Any]]:
    contracts = DataBook.load(folder, FILES).contracts
    return {r["contract_id"]: r for r in contracts.to_dict("records") if r["available_from"] <= as_of}
