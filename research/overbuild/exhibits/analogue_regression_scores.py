"""Table: each cluster of booms forecast from the others, by the regression and by simpler rivals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import capital, listed, number, span, typographic

ID = "analogue_regression_scores"
TITLE = "Past booms, each cluster forecast from the others"
NOTE = (
    "Main labels, partly overbuilt counted as not. The regression is fitted anew without each cluster and "
    "forecasts its booms from their covariates; the constant rate is the posterior mean of the share "
    "among the other booms with Jeffreys’ prior; without covariates is the same regression with both "
    "hidden, so that what is left is its prior, its clusters and its allowance for wrong labels. Means "
    "over booms: of the log probability of the label (higher is better; a coin gives {coin}) and of the "
    "squared error (lower is better). Differences: the regression less the rival, with 5 and 95 % points "
    "over resampled clusters. The constant rate can be worse than a coin, since leaving a boom out moves "
    "it away from that boom. Verdict by the log score: {verdict}. Covariates and how well a label is "
    "supported were coded after the fact by readers who knew the outcome, so that the comparison favours "
    "the regression. The second list is what was known at the end of 1999, without telecom; the first "
    "holds telecom: hindcast on revised data; one event. Source: list of investment booms compiled from "
    "the literature, grades B and C."
)
NEEDS = ("estimate_analogue_regression_ai", "estimate_analogue_regression_telecom")
DATA = ()
NAMES = {
    "regression": "Regression",
    "constant": "Constant rate",
    "bare": "Regression without covariates",
    "coin": "A coin",
}
HEADINGS = {
    "list": "List",
    "forecaster": "Forecaster",
    "log": "Log score",
    "log_difference": "Regression better by",
    "brier": "Brier score",
    "brier_difference": "Regression lower by",
}
RIVALS = {"constant": "the constant rate", "bare": "the regression without covariates", "coin": "a coin"}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    found = {"ai": inputs.result(NEEDS[0])["findings"], "1999": inputs.result(NEEDS[1])["findings"]}
    rows = [row for when, f in found.items() for row in _rows(_list(when, f), f["scores"])]
    frame = pd.DataFrame(rows, columns=pd.Index(list(HEADINGS)))
    formats = {"log": ".3f", "brier": ".3f"}
    said = {when: _verdict(f["scores"]["better"]) for when, f in found.items()}
    verdict = f"on all booms {said['ai']}; on those known by 1999 {said['1999']}"
    coin = number(found["ai"]["scores"]["scores"]["coin"]["log"], ".3f")
    note = typographic(NOTE.format(verdict=verdict, coin=coin))
    return Table(ID, TITLE, note, frame, "llrrrr", formats, HEADINGS)


def _verdict(better: Mapping[str, str]) -> str:
    """Say which rivals are beaten, win, or cannot be told apart."""
    groups = {
        "the regression beats": [RIVALS[r] for r, b in better.items() if b == "regression"],
        "it loses to": [RIVALS[r] for r, b in better.items() if b == r],
        "it cannot be told from": [RIVALS[r] for r, b in better.items() if b == "undecided"],
    }
    return ", ".join(f"{what} {listed(names)}" for what, names in groups.items() if names)


def _list(when: str, found: Mapping[str, Any]) -> str:
    scores = found["scores"]
    name = "all" if when == "ai" else "by 1999"
    return f"{scores['booms']} booms in {scores['clusters']} clusters, {name}"


def _rows(name: str, scores: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    for place, (key, shown) in enumerate(NAMES.items()):
        own, by = scores["scores"][key], scores["difference"].get(key)
        gaps = (_gap(by["log"]), _gap(by["brier"], -1.0)) if by else (None, None)
        yield (capital(name) if not place else "", shown, own["log"], gaps[0], own["brier"], gaps[1])


def _gap(by: Mapping[str, float], sign: float = 1.0) -> str:
    """Return by how much the regression is better, with its range."""
    low, high = sorted(sign * by[end] for end in ("low", "high"))
    return f"{number(sign * by['mean'], '.3f')} ({span(low, high, '.3f')})"
