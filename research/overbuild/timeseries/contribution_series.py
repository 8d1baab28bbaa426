"""Values and quantities of the parts whose contribution is asked for, from one snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from overbuild.core.frozen import Frozen
from overbuild.episodes.flows import by_year
from overbuild.errors import InputError
from overbuild.timeseries.fundamentals import read

if TYPE_CHECKING:
    from overbuild.core import Snapshot

MONEY: Mapping[str, str] = Frozen(
    {
        "information_processing_equipment": "information_processing_equipment",
        "software": "software_investment",
        "nonresidential_investment": "nonresidential_investment",
    }
)
"""Component to its series at current prices."""
QUANTITIES: Mapping[str, str] = Frozen(
    {
        "information_processing_equipment": "information_processing_equipment_real",
        "software": "software_real",
        "nonresidential_investment": "nonresidential_investment_real",
    }
)
"""Component to its series in chained dollars, whose growth is used and whose level never is."""
PRICES: Mapping[str, str] = Frozen(
    {
        "computers": "bea_computers_51x_deflator",
        "other_equipment": "bea_comm_equipment_deflator",
        "software": "bea_software_51x_deflator",
    }
)
"""Component to the price index of the industry's infrastructure accounts that stands for it before 2010."""
PUBLISHED: Mapping[str, str] = Frozen(
    {
        "information_processing_equipment": "contribution_information_processing_equipment",
        "software": "contribution_software",
        "nonresidential_investment": "contribution_nonresidential_investment",
    }
)
CONSTRUCTION = "datacentre_construction"
SERIES = tuple(
    sorted(
        {
            *MONEY.values(),
            *QUANTITIES.values(),
            *PRICES.values(),
            CONSTRUCTION,
            "bea_comm_structures",
            "bea_comm_structures_real",
            "computers_investment",
            "contribution_consumption",
            "contribution_intellectual_property",
            "gdp",
            "gdp_annual",
            "gdp_deflator",
            "gdp_real",
            "gdp_real_annual",
            "information_processing_investment",
        }
    )
)
"""All that is read."""


@dataclass(frozen=True, eq=False)
class Part:
    """One part of GDP.

    Attributes
    ----------
    name
        Component.
    frame
        By period: ``nominal``, ``quantity``, ``gdp``, ``gdp_real``.
    grade
        The worst grade among its figures; C where a price index of an industry stands for that of a class.
    """

    name: str
    frame: pd.DataFrame
    grade: str


def quarterly_parts(snapshot: Snapshot) -> tuple[list[Part], list[dict[str, Any]]]:
    """Return the parts by quarter, and what could not be made.

    Data-centre construction has no price index: it is deflated by the implicit price of nonresidential
    investment (grade C). A second reading with the deflator of GDP is the component
    ``datacentre_construction_gdp_price``.
    """
    gdp = _gdp(snapshot, "gdp", "gdp_real")
    makers: dict[str, Callable[[], tuple[pd.DataFrame, str]]] = {
        name: lambda name=name: _chained(snapshot, name) for name in MONEY
    }
    makers[CONSTRUCTION] = lambda: _construction(snapshot, _price(snapshot))
    makers[f"{CONSTRUCTION}_gdp_price"] = lambda: _construction(snapshot, read(snapshot, "gdp_deflator")[0])
    return _made(makers, gdp)


def annual_parts(snapshot: Snapshot) -> tuple[list[Part], list[dict[str, Any]]]:
    """Return the parts by year with prices of the infrastructure accounts, and what could not be made."""
    gdp = _gdp(snapshot, "gdp_annual", "gdp_real_annual")
    makers: dict[str, Callable[[], tuple[pd.DataFrame, str]]] = {
        "computers": lambda: _deflated(snapshot, "computers", "computers_investment"),
        "other_equipment": lambda: _deflated(
            snapshot, "other_equipment", "information_processing_equipment", "computers_investment"
        ),
        "software": lambda: _deflated(snapshot, "software", "software_investment"),
        "communications_structures": lambda: _structures(snapshot),
    }
    return _made(makers, gdp)


def chained_years(snapshot: Snapshot) -> list[Part]:
    """Return equipment and software by year with BEA's own chained dollars; empty where not known."""
    try:
        gdp = _gdp(snapshot, "gdp_annual", "gdp_real_annual")
        parts = [(n, *_chained(snapshot, n)) for n in ("information_processing_equipment", "software")]
    except InputError:
        return []
    years = [
        (n, frame.apply(lambda c: by_year(c, "mean")).join(gdp, how="inner"), g) for n, frame, g in parts
    ]
    return [Part(n, frame.dropna(), grade) for n, frame, grade in years if len(frame.dropna()) > 1]


def intellectual_property(snapshot: Snapshot) -> pd.Series:
    """Return the published contribution of intellectual property: software, research and originals."""
    try:
        return read(snapshot, "contribution_intellectual_property")[0].dropna()
    except InputError:
        return pd.Series(dtype=float)


def _made(
    makers: Mapping[str, Callable[[], tuple[pd.DataFrame, str]]], gdp: pd.DataFrame
) -> tuple[list[Part], list[dict[str, Any]]]:
    parts, refused = [], []
    for name, make in makers.items():
        try:
            frame, grade = make()
        except InputError as error:
            refused.append({"component": name, "why": str(error)})
            continue
        whole = frame.join(gdp, how="inner").dropna()
        if len(whole) < 2:
            refused.append({"component": name, "why": f"{name}: fewer than two periods are known."})
        else:
            parts.append(Part(name, whole, grade))
    return parts, refused


def _gdp(snapshot: Snapshot, nominal: str, real: str) -> pd.DataFrame:
    return pd.DataFrame({"gdp": read(snapshot, nominal)[0], "gdp_real": read(snapshot, real)[0]})


def _chained(snapshot: Snapshot, name: str) -> tuple[pd.DataFrame, str]:
    nominal, of = read(snapshot, MONEY[name])
    quantity, also = read(snapshot, QUANTITIES[name])
    return pd.DataFrame({"nominal": nominal, "quantity": quantity}).dropna(), max([*of, *also])


def _price(snapshot: Snapshot) -> pd.Series:
    return (
        read(snapshot, "nonresidential_investment")[0] / read(snapshot, "nonresidential_investment_real")[0]
    )


def _construction(snapshot: Snapshot, price: pd.Series) -> tuple[pd.DataFrame, str]:
    months, _ = read(snapshot, CONSTRUCTION)
    known = months.dropna()
    quarters = known.groupby(lambda m: f"{m[:4]}Q{(int(m[5:]) + 2) // 3}").agg(["mean", "count"])
    nominal = quarters.loc[quarters["count"] == 3, "mean"]
    return pd.DataFrame(
        {"nominal": nominal, "quantity": nominal / price.reindex(nominal.index)}
    ).dropna(), "C"


def _deflated(
    snapshot: Snapshot, name: str, series: str, less: str | None = None
) -> tuple[pd.DataFrame, str]:
    nominal = read(snapshot, series)[0]
    if less is not None:
        nominal = nominal - read(snapshot, less)[0]
    years = by_year(nominal, "mean")
    price, _ = read(snapshot, PRICES[name])
    return pd.DataFrame({"nominal": years, "quantity": years / price.reindex(years.index)}).dropna(), "C"


def _structures(snapshot: Snapshot) -> tuple[pd.DataFrame, str]:
    nominal, _ = read(snapshot, "bea_comm_structures")
    quantity, _ = read(snapshot, "bea_comm_structures_real")
    return pd.DataFrame({"nominal": nominal, "quantity": quantity}).dropna(), "C"
