"""Table: the two build-outs side by side, each in the year in which its share of GDP was the highest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from overbuild.core.periods import PER_YEAR, ordinal
from overbuild.episodes.clock import ABOVE, YEARS
from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.tables import MISSING
from overbuild.exhibits.wording import listed, number, percent

ID = "two_eras"
TITLE = "The telecom and the AI build-out, like for like"
NOTE = (
    "Telecom: hindcast on revised data; one event. Each column stands at the year with the highest share "
    "of GDP; the last one at the latest trailing year. Capex is nominal: telecom is BEA investment in the "
    "United States (narrow: communications structures and equipment; broad: with software and computers "
    "of the same industries); AI is cash capex of {firms}, worldwide and for all their business, over US "
    "GDP; four is without {without}. Take-off, one year for each episode (of telecom looked for after the "
    "break-up of AT&T): the first in which the share of the narrow perimeter, or of the five firms, "
    "exceeds {above} times its mean of the {mean} years before; with {first} as the first year of the "
    "firms' figures the rule cannot look further back than the year marked ≤. Hedonic: chained dollars "
    "with quality-adjusted equipment prices, a volume. Information processing is all private US "
    "investment in such equipment and software: context, of which neither sector is a part as a whole. "
    "Operating cash flow, revenue and concentration (Herfindahl index of capex by firm) are not known for "
    "telecom as a sector. Grade: the worst among the rows used. Sources: BEA infrastructure accounts and "
    "national accounts, company filings."
)
NEEDS = ("measures_telecom", "measures_ai")
DATA = ()

SPANS = (1, 2, 4)
"""Years of growth into the year that is shown."""
AFTER = 3
"""Years after the peak in which the fall is looked for, as in O3."""
CONTEXT = "information_processing"
FOUR = 4
"""The perimeter of four firms is that of five without the last."""
HEADINGS = {
    "measure": "",
    "telecom_narrow": "Telecom narrow",
    "telecom_broad": "Telecom broad",
    "ai_four_firms": "AI four",
    "ai_big_five": "AI five",
    "ai_latest": "AI five, latest",
}

Year = Mapping[str, Any]


@dataclass(frozen=True)
class Era:
    """One perimeter of one episode.

    Attributes
    ----------
    years
        Year to its measures.
    context
        Year to those of all information processing investment.
    at
        The year that is shown.
    zero
        Year of take-off of the episode; empty where the rule is never met.
    bounded
        Whether take-off may have come before the first year that the rule can look at.
    """

    years: Mapping[str, Year]
    context: Mapping[str, Year]
    at: str
    zero: str
    bounded: bool

    @property
    def share_at_zero(self) -> float | None:
        """Share of GDP in the year of take-off, per cent."""
        return self.years[self.zero]["share_of_gdp"] if self.zero in self.years else None


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    telecom, ai = inputs.result("measures_telecom"), inputs.result("measures_ai")
    eras = {
        "telecom_narrow": _era(telecom, "narrow"),
        "telecom_broad": _era(telecom, "broad"),
        "ai_four_firms": _era(ai, "four_firms"),
        "ai_big_five": _era(ai, "big_five"),
    }
    columns = {name: _column(era) for name, era in eras.items()}
    columns["ai_latest"] = _latest(ai, eras["ai_big_five"])
    cells = {name: list(column.values()) for name, column in columns.items()}
    frame = pd.DataFrame({"measure": list(columns["ai_latest"])} | cells)
    firms = list(ai["latest"])
    note = NOTE.format(
        firms=listed(firms),
        without=listed(firms[FOUR:]),
        above=number(ABOVE, "g"),
        mean=YEARS,
        first=min(eras["ai_big_five"].years),
    )
    return Table(ID, TITLE, note, frame, "prrrrr", headings=HEADINGS)


def _era(measures: Mapping[str, Any], perimeter: str) -> Era:
    years = _years(measures, perimeter)
    shares = {y: r["share_of_gdp"] for y, r in years.items() if r["share_of_gdp"] is not None}
    zero = measures["take_off"] or ""
    earliest = sorted(_years(measures, measures["perimeter"]))[YEARS:]
    return Era(
        years=years,
        context=_years(measures, CONTEXT),
        at=max(shares, key=lambda y: shares[y]),
        zero=zero,
        bounded=zero in earliest[:1],
    )


def _years(measures: Mapping[str, Any], perimeter: str) -> dict[str, Year]:
    rows = [r for r in measures["annual"] if r["perimeter"] == perimeter]
    return {r["period"]: r for r in rows if r["capex"] is not None}


def _column(era: Era) -> dict[str, str]:
    row, context = era.years[era.at], era.context[era.at]
    later = [
        era.years[str(y)] for y in range(int(era.at) + 1, int(era.at) + AFTER + 1) if str(y) in era.years
    ]
    fall = max((1 - r["capex"] / row["capex"] for r in later), default=row["drawdown"])
    return _cells(
        at=era.at,
        row=row,
        era=era,
        years_since=ordinal(era.at) - ordinal(era.zero) if era.zero else None,
        growth=[_growth(era, "capex", n) for n in SPANS],
        real=[_growth(era, name, SPANS[-1]) for name in ("capex_deflated", "capex_hedonic")],
        of_context=row["capex"] / context["capex"],
        context_share=context["share_of_gdp"],
        concentration=row["concentration"],
        fall=fall,
        grade=row["grade"],
    )


def _latest(measures: Mapping[str, Any], era: Era) -> dict[str, str]:
    """Return the column of the latest trailing year, which ends so many quarters after that of year 0."""
    trailing, step = measures["trailing"], PER_YEAR["Q"]
    row, firms = trailing[-1], list(measures["latest"].values())
    capex = [f["capex"] for f in firms]
    together = {f["period"] for f in firms} == {row["period"]}
    since = (ordinal(row["period"]) - ordinal(f"{era.zero}Q4")) / step if era.zero else None
    return _cells(
        at=row["period"],
        row=row,
        era=era,
        years_since=since,
        growth=[_over(trailing, n * step) for n in SPANS],
        real=[None, None],
        of_context=None,
        context_share=None,
        concentration=sum((c / sum(capex)) ** 2 for c in capex) if together else None,
        fall=row["drawdown"],
        grade=max(f["grade"] for f in firms),
    )


def _cells(
    at: str,
    row: Year,
    era: Era,
    years_since: float | None,
    growth: Sequence[float | None],
    real: Sequence[float | None],
    of_context: float | None,
    context_share: float | None,
    concentration: float | None,
    fall: float,
    grade: str,
) -> dict[str, str]:
    before, after = ("≤ ", "≥ ") if era.bounded else ("", "")
    longest = SPANS[-1]
    return {
        "Year, or year to": at,
        "Capex, USD billion": number(row["capex"], ",.1f"),
        "Share of GDP, %": number(row["share_of_gdp"]),
        "Share of GDP at take-off, %": number(era.share_at_zero),
        "Year of take-off": before + era.zero if era.zero else MISSING,
        "Years since take-off": MISSING if years_since is None else after + number(years_since, "g"),
        **{
            f"Growth over {n} {'year' if n == 1 else 'years'}, %": percent(g)
            for n, g in zip(SPANS, growth, strict=True)
        },
        f"Growth over {longest} years, GDP prices, %": percent(real[0]),
        f"Growth over {longest} years, hedonic, %": percent(real[1]),
        "Capex over information processing, %": percent(of_context),
        "Information processing over GDP, %": number(context_share),
        "Capex over operating cash flow": number(row["capex_to_operating_cash_flow"]),
        "Capex over revenue": number(row["capex_to_revenue"]),
        "Concentration (Herfindahl)": number(concentration),
        f"Fall within {AFTER} years, to date, %": percent(fall),
        "Grade": grade,
    }


def _growth(era: Era, name: str, span: int) -> float | None:
    now = era.years[era.at][name]
    before = era.years.get(str(int(era.at) - span), {}).get(name)
    return now / before - 1 if now is not None and before else None


def _over(trailing: Sequence[Year], quarters: int) -> float | None:
    return trailing[-1]["capex"] / trailing[-1 - quarters]["capex"] - 1 if len(trailing) > quarters else None
