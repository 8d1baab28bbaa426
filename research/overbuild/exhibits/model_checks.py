"""Table: the checks of each model, the marks fixed before they were run, what came out, what stays open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import capital, interval_name, number, span, typographic

ID = "model_checks"
TITLE = "Checks of the two outside views: marks, values and verdicts"
NOTE = (
    "Marks were fixed before the checks were run. Each check simulates {simulations} data sets with as many "
    "clusters and cases as the data hold: known rates of {rates}, correlations within a series of "
    "{of_baserate} and within a cluster of booms of {of_analogues}. Bias and least coverage are the worst of "
    "these cases, mean coverage is that over them, of 90 % intervals. Ranks: true rates drawn from the prior "
    "and ranked in the posterior of the data that they gave, with a correlation drawn from its prior "
    "(simulation-based calibration); p-values of uniformity. Unevenness: share of data replicated from the "
    "posterior in which clusters differ at least as much as in the observed ones. Forecast: the forecaster "
    "applied to simulated panels of annual growth whose true chance of a fall is known. Learnt: share of the "
    "variance of the prior that is gone. Rows of other intervals show why they are not printed first and "
    "decide nothing. Clusters and cases counted from series and booms that hold telecom: hindcast on revised "
    "data; one event. Sources: BEA infrastructure accounts, copy of August 2021, grade B; list of investment "
    "booms compiled from the literature, grades B and C."
)
NEEDS = ("checks",)
DATA = ()

MODELS = {"baserate": "Base rate", "analogues": "Past booms"}
CLUSTERS = {"baserate": "series", "analogues": "cluster"}
CHECKS = {
    "prior_predictive": "Prior predictive",
    "recovery": "Known rates",
    "coverage": "Coverage",
    "calibration": "Ranks",
    "posterior_predictive": "Unevenness",
    "forecast_recovery": "Forecast, known chances",
    "forecast_coverage": "Forecast, coverage",
}
VERDICTS = {True: "passed", False: "failed"}
COLUMNS = ("model", "check", "what", "value", "mark", "verdict")


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    result = inputs.result("checks")
    marks, models = result["marks"], result["models"]
    rows = [row for name in MODELS if name in models for row in _rows(name, models[name], marks)]
    frame = pd.DataFrame(rows, columns=pd.Index(COLUMNS))
    headings = {
        "model": "Model",
        "check": "Check",
        "what": "What",
        "value": "Value",
        "mark": "Mark",
        "verdict": "Verdict",
    }
    note = NOTE.format(
        simulations=f"{marks['simulations']:,d}",
        rates=_listed(marks["rates"]),
        of_baserate=_listed(marks["baserate"]["correlation"]),
        of_analogues=_listed(marks["analogues"]["correlation"]),
    )
    return Table(ID, TITLE, typographic(note), frame, "llprrl", {}, headings)


def _rows(name: str, found: Mapping[str, Any], marks: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    model, cluster = MODELS[name], CLUSTERS[name]
    for verdict in found["verdicts"]:
        named = f"{capital(verdict['what'])}{_by(verdict['check'], found, cluster)}"
        value, mark = number(verdict["value"], ".3f"), _mark(verdict["low"], verdict["high"])
        yield (model, CHECKS[verdict["check"]], named, value, mark, VERDICTS[verdict["passed"]])
    rate = next(p for p in found["prior_to_posterior"] if p["quantity"] == "rate")
    share, driven = number(rate["learnt"], ".3f"), rate["evidence"] == "prior-driven"
    before, after = span(rate["prior_low"], rate["prior_high"]), span(rate["low"], rate["high"])
    what = f"Learnt: rate within {before} before, {after} after"
    mark = _mark(marks["learnt"], None)
    yield (model, "Prior to posterior", what, share, mark, "prior-driven" if driven else "passed")
    yield from _others(model, "Coverage", found["recovery"], found["interval"], cluster, marks)
    if found["forecast"]:
        printed = found["forecast_interval"]
        yield from _others(model, "Forecast, coverage", found["forecast"], printed, cluster, marks)
    yield (model, "Not identified", capital(found["not_identified"]), None, None, None)


def _others(
    model: str,
    check: str,
    found: Sequence[Mapping[str, Any]],
    printed: str,
    cluster: str,
    marks: Mapping[str, Any],
) -> Iterator[tuple[Any, ...]]:
    """Yield least and mean coverage of each interval that is not printed first."""
    for method in dict.fromkeys(r["method"] for r in found):
        cover = [r["coverage"] for r in found if r["method"] == method]
        if method != printed:
            mean = sum(cover) / len(cover)
            reached = min(cover) >= marks["coverage"] and mean <= marks["coverage_mean"]
            what = f"Beside it, least and mean: {interval_name(method, cluster)}"
            value = f"{number(min(cover), '.3f')}, {number(mean, '.3f')}"
            mark = f"≥ {marks['coverage']:g}, ≤ {marks['coverage_mean']:g}"
            yield (model, check, what, value, mark, "reaches them" if reached else "misses")


def _by(check: str, found: Mapping[str, Any], cluster: str) -> str:
    """Return which interval or posterior a verdict is on."""
    if check == "forecast_coverage":
        return f", {interval_name(found['forecast_interval'], cluster)}"
    shown = check in ("coverage", "calibration", "posterior_predictive")
    return f", {interval_name(found['interval'], cluster)}" if shown else ""


def _mark(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"{number(low, 'g')} to {number(high, 'g')}"
    return f"≥ {number(low, 'g')}" if low is not None else f"≤ {number(high, 'g')}"


def _listed(values: Sequence[float]) -> str:
    return ", ".join(f"{v:g}" for v in values)
