"""Table: tests and dates of breaks in both eras, in quiet years, and what other detectors see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import typographic

ID = "spending_break_tests"
TITLE = "Breaks in capex intensity: tests, dates, quiet years and other detectors"
NOTE = (
    "Logs of ratios, quarters without their fixed season. Breaks: number by sequential sup-F "
    "tests at 5 %, at "
    "most three, segments of at least 15 % of the sample; dates are the first period of the new segment with "
    "95 % intervals. p: of the sup-F of one break against none and of the CUSUM, by a bootstrap "
    "under no break that keeps "
    "the estimated persistence. r: first autocorrelation of residuals without a break, corrected "
    "for bias and "
    "cut at 0.99. BIC: number of breaks by that criterion, which takes residuals for uncorrelated, as do the "
    "tabulated critical values: they reject a true null in {low} to {high} of simulated series of 40 periods "
    "whose autocorrelation is 0.5 to 0.95, the bootstrap in {size} at most, at the price of little power. "
    "Others: number of breaks of a penalised and of a kernel detector (ruptures). Quiet years: "
    "the years before the "
    "boom, one break at most; a break there is a false alarm. Telecom: hindcast on revised data; one event. "
    "Sources: filings with the SEC, BEA, Census; grades A and B."
)
NEEDS = ("spending_breaks",)
DATA = ()
COLUMNS: Mapping[str, str] = {
    "era": "Era",
    "series": "Series",
    "window": "Years",
    "model": "Breaks in",
    "number": "Breaks",
    "dates": "Dates",
    "p": "p: F",
    "cusum": "CUSUM",
    "correlation": "r",
    "bic": "BIC",
    "others": "Others",
}
ERAS = {"ai": "AI", "telecom": "Telecom"}
SERIES = {
    "capex_to_revenue": "capex / revenue",
    "capex_to_gdp": "capex / GDP",
    "orders_to_gdp": "orders / GDP",
    "information_processing_to_gdp": "all IT / GDP",
}
MODELS = {"level": "level", "level and trend": "level, trend"}
FORMATS: Mapping[str, str] = {"p": ".3f", "cusum": ".3f", "correlation": ".2f", "number": "d", "bic": "d"}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    found = inputs.result("spending_breaks")
    frame = pd.DataFrame(_rows(found), columns=pd.Index(list(COLUMNS)))
    persistent = [d for d in found["design"] if d["periods"] == 40 and d["correlation"] > 0]
    note = NOTE.format(
        low=f"{min(d['asymptotic'] for d in persistent):.0%}",
        high=f"{max(d['asymptotic'] for d in persistent):.0%}",
        size=f"{max(d['size'] for d in persistent):.1%}",
    )
    return Table(ID, TITLE, typographic(note), frame, "llllrprrrrr", FORMATS, COLUMNS)


def _rows(found: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    last = ""
    for row in found["result"]:
        whole = row["window"] == "whole"
        detail = found["detail"][f"{row['era']}.{row['series']}.{row['model']}"] if whole else {}
        counts = {s["name"]: len(s["dates"]) for s in detail.get("detectors") or ()}
        yield (
            "" if row["era"] == last else ERAS[row["era"]],
            SERIES[row["series"]],
            f"{row['first'][:4]}–{row['last'][:4]}" if whole else f"quiet, to {row['last'][:4]}",
            MODELS[row["model"]],
            row["number"],
            "; ".join(_short(d) for d in row["dates"]),
            row["p_sup_f"],
            row["p_cusum"],
            row["correlation"],
            row["by_bic"],
            f"{counts['penalised']}, {counts['kernel']}" if counts else None,
        )
        last = row["era"]


def _short(date: str) -> str:
    """Return a date and its interval without the centuries of the latter: ``2022Q3 (22Q2–23Q1)``."""
    at, _, interval = date.partition(" (")
    low, _, high = interval.rstrip(")").partition(" to ")
    return f"{at} ({low[2:]}–{high[2:]})" if "Q" in at else f"{at} ({low}–{high})"
