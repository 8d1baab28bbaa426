"""Evidence on telecom that is not one series: what creditors got, gaps between capacity and demand.

Hindcast evidence on one event. Sources and grades are those of the rows; the arithmetic is here and in the paper.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

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
    made = (_long_haul(table), _clec(table), _capital_gap(table, layers), _capacity_gap(table), _price_fall(table))
    return tuple(x for group in made for x in group)


def _long_haul(table: pd.DataFrame) -> Iterable[Layer]:
    firm = "Global Crossing"
    got = {s: _value(table, s, firm) for s in ("creditors_cash", "creditors_notes", "reorganisation_equity_price", "reorganisation_equity_share_sold")}
    debt, assets = _value(table, "petition_debt", firm), _value(table, "petition_assets", firm)
    if None in (*got.values(), debt, assets):
        return ()
    assert debt and assets
    sold = (got["reorganisation_equity_share_sold"] or math.nan) / 100
    kept = (got["reorganisation_equity_price"] or math.nan) / sold * (1 - sold)
    received = (got["creditors_cash"] or 0.0) + (got["creditors_notes"] or 0.0) + kept
    meaning = (
        f"Global Crossing's creditors received USD {received / 1e3:.2f} billion in cash, notes and shares for {debt / 1e3:.1f} billion "
        f"of debt: {100 * received / debt:.1f} cents per dollar ({100 * received / assets:.1f} per dollar of book assets)"
    )
    rows = _rows(table, [*got, "petition_debt", "petition_assets"], firm)
    return _ranged("value_over_cost_long_haul", "ratio", "2002", received / debt, received / assets, received / debt, rows, meaning)


def _clec(table: pd.DataFrame) -> Iterable[Layer]:
    caps = _rows(table, ["clec_market_capitalisation"], US)
    recovery = _rows(table, ["bond_recovery_rate"], "World")
    if len(caps) < 2 or recovery.empty:
        return ()
    kept = caps["value"].iloc[-1] / caps["value"].iloc[0]
    bonds = recovery["value"].iloc[-1] / 100
    meaning = (
        f"Market value of competitive local carriers fell to {100 * kept:.1f} % of its 1999 level by February 2002; "
        f"defaulted bonds (all sectors) recovered {100 * bonds:.0f} cents in 2001"
    )
    return _ranged("value_over_cost_clec", "ratio", "2002", kept, kept, bonds, pd.concat([caps, recovery]), meaning)


def _capital_gap(table: pd.DataFrame, layers: Mapping[str, Layer]) -> Iterable[Layer]:
    excess = _rows(table, ["excess_capex_rhk"], None)
    spending = layers.get("capex")
    if excess.empty or spending is None or not {"1999", "2000"} <= set(spending.values.index):
        return ()
    spent = float(spending.values["1999"] + spending.values["2000"])
    gap, low, high = (math.log(spent / (spent - float(excess["value"].iloc[-1]) - d)) for d in (0.0, -ROUNDING, ROUNDING))
    meaning = (
        f"Spending of 1999-2000 (USD {spent / 1e3:.0f} billion, narrow) over the same less RHK's excess of "
        f"{float(excess['value'].iloc[-1]) / 1e3:.0f} billion (North American wireline, a round figure): near the threshold, and the perimeters differ"
    )
    return _ranged("capital_gap", "log ratio", "2000", gap, low, high, excess, meaning, extra=spending.sources)


def _capacity_gap(table: pd.DataFrame) -> Iterable[Layer]:
    built = _value(table, "transmission_capacity_multiple", "World")
    demand = _value(table, "transmission_demand_multiple", "World")
    rates = _rows(table, ["us_backbone_rate_low", "us_backbone_rate_high"], US)
    ends = rates[rates["period"].isin(["1998", "2002"])].pivot(index="series", columns="period", values="value")
    if not built or not demand or ends.shape != (2, 2):
        return ()
    traffic = float((ends["2002"] / ends["1998"]).prod() ** 0.5)
    meaning = (
        f"Transmission capacity times {built:.0f} in four years against demand times {demand:.0f} (Odlyzko) to times {traffic:.0f} (backbone traffic 1998-2002)"
    )
    rows = pd.concat([_rows(table, ["transmission_capacity_multiple", "transmission_demand_multiple"], "World"), rates])
    return _ranged("capacity_gap", "log ratio", "2001", math.log(built / demand), math.log(built / traffic), math.log(built / demand), rows, meaning)


def _price_fall(table: pd.DataFrame) -> Iterable[Layer]:
    prices = _rows(table, ["stm1_price"], None).set_index("period")["value"]
    if not {"1999", "2001"} <= set(prices.index):
        return ()
    fall = 1 - (prices["2001"] / prices["1999"]) ** 0.5
    rows = _rows(table, ["stm1_price"], None)
    meaning = f"Price of an STM-1 circuit, US-UK, fell {100 * fall:.0f} % a year from 1999 to 2001"
    return (_layer("price_fall", "fraction per year", {"2000": fall, "2001": fall}, rows, meaning),)


def _ranged(
    name: str, unit: str, period: str, value: float, low: float, high: float, rows: pd.DataFrame, meaning: str, extra: tuple[str, ...] = ()
) -> tuple[Layer, ...]:
    ends = {name: value, f"{name}_low": low, f"{name}_high": high}
    return tuple(_layer(n, unit, {period: v}, rows, meaning, extra) for n, v in ends.items())


def _layer(name: str, unit: str, values: dict[str, float], rows: pd.DataFrame, meaning: str, extra: tuple[str, ...] = ()) -> Layer:
    sources = tuple(sorted({*rows["source_id"], *extra}))
    return Layer(name, unit, pd.Series(values, dtype=float), str(max(rows["grade"])), sources, meaning)


def _rows(table: pd.DataFrame, series: list[str], entity: str | None) -> pd.DataFrame:
    rows = table[table["series"].isin(series)]
    return (rows if entity is None else rows[rows["entity"] == entity]).sort_values("period_end", kind="stable")


def _value(table: pd.DataFrame, series: str, entity: str) -> float | None:
    rows = _rows(table, [series], entity)
    return None if rows.empty else float(rows["value"].iloc[-1])
