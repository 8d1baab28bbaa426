"""Table: the two build-outs side by side, each in the year in which its share of GDP was the highest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from overbuild.core.periods import PER_YEAR, ordinal
from overbuild.episodes.clock import ABOVE, YEARS, take_off
from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.tables import MISSING
from overbuild.exhibits.wording import listed, number, percent

ID = "two_eras"
TITLE = "The telecom and the AI build-out, like for like"
NOTE = (
    "Telecom: hindcast on revised data; one event. Each column stands at the year with the highest share of GDP; the "
    "last one at the latest trailing year. Capex is nominal: telecom is BEA investment in the "
    "United States (narrow: communications structures and equipment; broad: with software and computers of the same "
    "industries); AI is cash capex of {firms}, worldwide and for all their business, over US GDP; four is without {without}. "
    "Take-off is the first year since the lowest share of the {back} years before in which the share exceeds {above} times "
    "the mean of the {mean} years before it; with {first} as the first year of the firms' figures the rule cannot look further back than the year marked ≤. "
    "Hedonic: chained dollars with quality-adjusted equipment prices, a volume. Information processing is all private "
    "US investment in such equipment and software: context, of which neither sector is a part as a whole. Operating cash flow, "
    "revenue and concentration (Herfindahl index of capex by firm) are not known for telecom as a sector. Grade: the "
    "worst among the rows used. Sources: BEA infrastructure accounts and national accounts, company filings."
)
NEEDS = ("measures_telecom", "measures_ai")
DATA = ()

SPANS = (1, 2, 4)
"""Years of growth into the year that is shown."""
LOOK_BACK = 10
"""Years before the highest share in which the lowest is looked for, from which take-off is counted."""
AFTER = 3
"""Years after the peak in which the fall is looked for, as in O3."""
CONTEXT = "information_processing"
FOUR = 4
"""The perimeter of four firms is that of five without the last."""


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
    frame = pd.DataFrame({"measure": list(columns["ai_latest"])} | {k: list(v.values()) for k, v in columns.items()})
    headings = {
        "measure": "",
        "telecom_narrow": "Telecom narrow",
        "telecom_broad": "Telecom broad",
        "ai_four_firms": "AI four",
        "ai_big_five": "AI five",
        "ai_latest": "AI five, latest",
    }
    firms = list(ai["latest"])
    note = NOTE.format(
        first=eras["ai_big_five"].capex.index[0],
        firms=listed(firms),
        without=listed(firms[FOUR:]),
        back=LOOK_BACK,
        above=number(ABOVE, "g"),
        mean=YEARS,
    )
    return Table(ID, TITLE, note, frame, "prrrrr", headings=headings)


@dataclass(frozen=True)
class Era:
    """One perimeter of one episode.

    Attributes
    ----------
    rows
        Year to its measures.
    context
        Year to all information processing investment, USD billion, and its share of GDP.
    capex, share
        Indexed by year.
    at
        The year that is shown.
    zero
        Year of take-off; empty where the rule is never met.
    bounded
        Whether take-off may have come before the first year that the rule can look at.
    """

    rows: Mapping[str, Mapping[str, Any]]
    context: Mapping[str, Mapping[str, Any]]
    capex: pd.Series
    share: pd.Series
    at: str
    zero: str
    bounded: bool


def _era(measures: Mapping[str, Any], perimeter: str) -> Era:
    rows = _rows(measures, perimeter)
    capex = pd.Series({p: r["capex"] for p, r in rows.items()}, dtype=float)
    share = pd.Series({p: r["share_of_gdp"] for p, r in rows.items()}, dtype=float).dropna()
    at = str(share.idxmax())
    low = str(share.loc[:at].iloc[-LOOK_BACK - 1 :].idxmin())
    since = share.iloc[max(share.index.get_indexer([low])[0] - YEARS + 1, 0) :]
    zero = take_off(since.loc[:at]) or ""
    bounded = bool(zero) and zero == share.index[min(YEARS, len(share) - 1)]
    return Era(rows, _rows(measures, CONTEXT), capex, share, at, zero, bounded)


def _rows(measures: Mapping[str, Any], perimeter: str) -> dict[str, Mapping[str, Any]]:
    return {r["period"]: r for r in measures["annual"] if r["perimeter"] == perimeter and r["capex"] is not None}


def _column(era: Era) -> dict[str, str]:
    row, context = era.rows[era.at], era.context[era.at]
    later = era.capex.loc[era.at :].iloc[: AFTER + 1]
    fall = 1 - later.min() / later.iloc[0] if len(later) > 1 else row["drawdown"]
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
    trailing, step = measures["trailing"], PER_YEAR["Q"]
    row, firms = trailing[-1], list(measures["latest"].values())
    capex = [f["capex"] for f in firms]
    together = {f["period"] for f in firms} == {row["period"]}
    zero_end = ordinal(f"{era.zero}Q4") if era.zero else None
    return _cells(
        at=row["period"],
        row=row,
        era=era,
        years_since=None if zero_end is None else (ordinal(row["period"]) - zero_end) / step,
        growth=[_ratio(row["capex"], trailing, n * step) for n in SPANS],
        real=[None, None],
        of_context=None,
        context_share=None,
        concentration=sum((c / sum(capex)) ** 2 for c in capex) if together else None,
        fall=row["drawdown"],
        grade=max(f["grade"] for f in firms),
    )


def _cells(
    at: str,
    row: Mapping[str, Any],
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
        "Share of GDP at take-off, %": number(era.share[era.zero]) if era.zero else MISSING,
        "Year of take-off": before + era.zero if era.zero else MISSING,
        "Years since take-off": MISSING if years_since is None else after + number(years_since, "g"),
        **{
            f"Growth over {n} {'year' if n == 1 else 'years'}, %": percent(g)
            for n, g in zip(SPANS, growth, strict=True)
        },
        f"Over {longest} years, at GDP prices, %": percent(real[0]),
        f"Over {longest} years, hedonic volume, %": percent(real[1]),
        "Over information processing, %": percent(of_context),
        "Information processing over GDP, %": number(context_share),
        "Capex over operating cash flow": number(row.get("capex_to_operating_cash_flow")),
        "Capex over revenue": number(row.get("capex_to_revenue")),
        "Concentration (Herfindahl)": number(concentration),
        f"Fall within {AFTER} years, to date, %": percent(fall),
        "Grade": grade,
    }


def _growth(era: Era, name: str, span: int) -> float | None:
    earlier = str(int(era.at) - span)
    now, before = era.rows[era.at][name], era.rows.get(earlier, {}).get(name)
    return now / before - 1 if now is not None and before else None


def _ratio(now: float, trailing: Sequence[Mapping[str, Any]], quarters: int) -> float | None:
    return now / trailing[-1 - quarters]["capex"] - 1 if len(trailing) > quarters else None
