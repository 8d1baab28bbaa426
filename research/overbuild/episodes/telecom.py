"""Evidence on telecom that is not one series: what creditors got, gaps between capacity and demand.

Hindcast evidence on one event. Sources and grades are those of the rows; the arithmetic is here and in the
paper.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from overbuild.episodes.layers import Layer

US = "United States"
ROUNDING = 5000.0
"""Half the unit, USD million, to which the excess of 50 billion was rounded by its author."""


def evidence_layers(table: pd.DataFrame, layers: Mapping[str, Layer]) -> tuple[Layer, ...]:
    """Return the computed layers, each with its range as ``<name>_low`` and ``<name>_high``.

    Parameters
    ----------
    table
        Tidy rows, one per (series, entity, period).
    layers
        The layers read so far.

    Returns
    -------
    tuple of Layer
        Only those whose rows are all known.
    """
    made = (
        _long_haul(table),
        _clec(table),
        _capital_gap(table, layers),
        _capacity_gap(table),
        _price_fall(table),
    )
    return tuple(x for group in made for x in group)


def _long_haul(table: pd.DataFrame) -> Iterable[Layer]:
    firm = "Global Crossing"
    names = (
        "creditors_cash",
        "creditors_notes",
        "reorganisation_equity_price",
        "reorganisation_equity_share_sold",
        "petition_debt",
        "petition_assets",
    )
    found = {s: _value(table, s, firm) for s in names}
    if any(v is None for v in found.values()):
        return ()
    cash, notes, price, percent_sold, debt, assets = (v for v in found.values() if v is not None)
    received = cash + notes + price * (100 / percent_sold - 1)
    meaning = (
        f"Global Crossing's creditors received USD {received / 1e3:.2f} billion in cash, notes and shares "
        f"for {debt / 1e3:.1f} billion of debt: {100 * received / debt:.1f} cents per dollar "
        f"({100 * received / assets:.1f} per dollar of book assets); a proxy, from a firm that failed"
    )
    of_debt, of_assets = received / debt, received / assets
    rows = _rows(table, [*names], firm)
    return _ranged("value_over_cost_long_haul", "ratio", "2002", (of_debt, of_assets, of_debt), rows, meaning)


def _clec(table: pd.DataFrame) -> Iterable[Layer]:
    caps = _rows(table, ["clec_market_capitalisation"], US)
    recovery = _rows(table, ["bond_recovery_rate"], "World")
    if len(caps) < 2 or recovery.empty:
        return ()
    kept = caps["value"].iloc[-1] / caps["value"].iloc[0]
    bonds = recovery["value"].iloc[-1] / 100
    meaning = (
        f"Market value of competitive local carriers fell to {100 * kept:.1f} % of its 1999 level by "
        f"February 2002; defaulted bonds (all sectors) recovered {100 * bonds:.0f} cents in 2001; "
        "proxies of value over cost, from firms that failed"
    )
    rows = pd.concat([caps, recovery])
    return _ranged("value_over_cost_clec", "ratio", "2002", (kept, kept, bonds), rows, meaning)


def _capital_gap(table: pd.DataFrame, layers: Mapping[str, Layer]) -> Iterable[Layer]:
    excess = _rows(table, ["excess_capex_rhk"], None)
    spending = layers.get("capex")
    if excess.empty or spending is None or not {"1999", "2000"} <= set(spending.values.index):
        return ()
    spent = float(spending.values.loc["1999":"2000"].sum())
    too_much = float(excess["value"].iloc[-1])
    gap, low, high = (math.log(spent / (spent - too_much - d)) for d in (0.0, -ROUNDING, ROUNDING))
    meaning = (
        f"Spending of 1999-2000 (USD {spent / 1e3:.0f} billion, narrow) over the same less RHK's excess of "
        f"{too_much / 1e3:.0f} billion (North American wireline, a round figure): near the threshold, a "
        "flow as a proxy of capital, and the perimeters differ"
    )
    made = _ranged("capital_gap", "log ratio", "2000", (gap, low, high), excess, meaning)
    sources = tuple(sorted({*made[0].sources, *spending.sources}))
    return tuple(replace(x, sources=sources, grade=max(x.grade, spending.grade)) for x in made)


def _capacity_gap(table: pd.DataFrame) -> Iterable[Layer]:
    multiples = ["transmission_capacity_multiple", "transmission_demand_multiple"]
    built, demand = (_value(table, s, "World") for s in multiples)
    rates = _rows(table, ["us_backbone_rate_low", "us_backbone_rate_high"], US)
    ends = rates[rates["period"].isin(["1998", "2002"])].pivot(
        index="series", columns="period", values="value"
    )
    if not built or not demand or ends.shape != (2, 2):
        return ()
    traffic = math.sqrt(math.prod(ends["2002"] / ends["1998"]))
    meaning = (
        f"Transmission capacity times {built:.0f} in four years against demand times {demand:.0f} (Odlyzko) "
        f"to times {traffic:.0f} (backbone traffic 1998-2002)"
    )
    rows = pd.concat([_rows(table, multiples, "World"), rates])
    gap, low = math.log(built / demand), math.log(built / traffic)
    return _ranged("capacity_gap", "log ratio", "2001", (gap, low, gap), rows, meaning)


def _price_fall(table: pd.DataFrame) -> Iterable[Layer]:
    rows = _rows(table, ["stm1_price"], None)
    prices = dict(zip(rows["period"], rows["value"], strict=True))
    if not {"1999", "2001"} <= set(prices):
        return ()
    fall = 1 - math.sqrt(prices["2001"] / prices["1999"])
    meaning = f"Price of an STM-1 circuit, US-UK, fell {100 * fall:.0f} % a year from 1999 to 2001"
    return (_layer("price_fall", "fraction per year", {"2000": fall, "2001": fall}, rows, meaning),)


def _ranged(
    name: str, unit: str, period: str, ends: tuple[float, float, float], rows: pd.DataFrame, meaning: str
) -> tuple[Layer, ...]:
    """Return the layer, its low and its high end, from the three values in that order."""
    named = zip((name, f"{name}_low", f"{name}_high"), ends, strict=True)
    return tuple(_layer(n, unit, {period: v}, rows, meaning) for n, v in named)


def _layer(name: str, unit: str, values: dict[str, float], rows: pd.DataFrame, meaning: str) -> Layer:
    sources = tuple(sorted(set(rows["source_id"])))
    return Layer(name, unit, pd.Series(values, dtype=float), str(max(rows["grade"])), sources, meaning)


def _rows(table: pd.DataFrame, series: list[str], entity: str | None) -> pd.DataFrame:
    rows = table.loc[table["series"].isin(series)]
    mine = rows if entity is None else rows.loc[rows["entity"] == entity]
    return mine.sort_values(by="period_end", kind="stable")


def _value(table: pd.DataFrame, series: str, entity: str) -> float | None:
    rows = _rows(table, [series], entity)
    return None if rows.empty else float(rows["value"].iloc[-1])
