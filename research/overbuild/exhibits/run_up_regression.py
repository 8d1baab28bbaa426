"""Table: whether the size of a run-up, its age or its acceleration says how it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import number, span, typographic

ID = "run_up_regression"
TITLE = "Logits of the fall on attributes of the run-up"
NOTE = (
    "The fall is that of the base rate, the cases are its run-ups with a known end. Coefficients with "
    "standard errors in brackets: maximum likelihood, clustered by series; Firth’s penalised likelihood, "
    "from the information matrix. With so few series the clustered errors are too small: read signs and "
    "sizes only. The form is that of Greenwood, Shleifer and You (2019), with run-ups of investment in "
    "place of run-ups of prices. Fitted: probability by Firth’s estimates at run-ups of the size named. "
    "Brier: mean squared error of forecasts of each series from the others, of age alone and of a "
    "constant rate; the difference with its 90 % interval by bootstrap of the series (below zero: age "
    "helps). Series of telecom are among the cases: hindcast on revised data; one event. Grade B. Source: "
    "BEA infrastructure accounts, copy of August 2021."
)
NEEDS = ("baserate",)
DATA = ()

NAMES = {
    "log_run_up": "Log run-up",
    "log_age": "Log age",
    "acceleration": "Acceleration",
    "constant": "Constant",
}
ESTIMATES = {"Maximum likelihood": ("beta", "clustered_error"), "Firth": ("firth_beta", "firth_error")}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    rate = inputs.result("baserate")
    fits = pd.DataFrame(rate["regression"], columns=pd.Index(_COLUMNS))
    specifications = sorted(fits["specification"].unique())
    rows = [*_coefficients(fits, specifications), *_sizes(fits, specifications)]
    rows += _scores(rate, fits, specifications)
    headings = {"quantity": ""} | {_name(s): f"({s})" for s in specifications}
    frame = pd.DataFrame(rows, columns=pd.Index(["quantity", *(_name(s) for s in specifications)]))
    return Table(ID, TITLE, typographic(NOTE), frame, "p" + "r" * len(specifications), headings=headings)


_COLUMNS = (
    "specification",
    "covariate",
    "beta",
    "clustered_error",
    "firth_beta",
    "firth_error",
    "cases",
    "falls",
    "series",
)


def _name(specification: int) -> str:
    return f"specification_{specification}"


def _coefficients(fits: pd.DataFrame, specifications: Sequence[int]) -> list[list[str]]:
    found = fits.set_index(["specification", "covariate"])
    return [
        [f"{title}: {name.lower()}", *(_estimate(found, s, covariate, *columns) for s in specifications)]
        for title, columns in ESTIMATES.items()
        for covariate, name in NAMES.items()
    ]


def _estimate(found: pd.DataFrame, specification: int, covariate: str, beta: str, error: str) -> str:
    if (specification, covariate) not in found.index:
        return ""
    row = found.loc[(specification, covariate)]
    return f"{number(row[beta])} ({number(row[error])})"


def _sizes(fits: pd.DataFrame, specifications: Sequence[int]) -> list[list[str]]:
    sizes = fits.groupby("specification")[["cases", "falls", "series"]].first()
    names = {"cases": "Run-ups", "falls": "Falls", "series": "Series"}
    return [[name, *(str(sizes[column][s]) for s in specifications)] for column, name in names.items()]


def _scores(rate: Mapping[str, Any], fits: pd.DataFrame, specifications: Sequence[int]) -> list[list[str]]:
    rows = []
    for fitted in rate["fitted"]:
        label = f"Fitted: run-up of {number(fitted['run_up'] - 1, '.0%')}"
        rows.append(_under("log_run_up", label, number(fitted["probability"]), fits, specifications))
    score = rate["age_score"]
    if score is not None:
        low, high = score["interval"]
        gap = f"{number(score['difference'], '.3f')} ({span(low, high, '.3f')})"
        named = {"age alone": number(score["age"], ".3f"), "constant rate": number(score["constant"], ".3f")}
        for label, text in {**named, "difference": gap}.items():
            rows.append(_under("log_age", f"Brier: {label}", text, fits, specifications))
    return rows


def _under(
    covariate: str, label: str, text: str, fits: pd.DataFrame, specifications: Sequence[int]
) -> list[str]:
    """Return a row whose one figure stands under the specification with that covariate alone."""
    alone = [
        s
        for s in specifications
        if set(fits.loc[fits["specification"] == s, "covariate"]) == {"constant", covariate}
    ]
    return [label, *(text if s in alone[:1] else "" for s in specifications)]
