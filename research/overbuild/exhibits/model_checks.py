"""Table: the checks of each model, the marks fixed before they were run, what came out, what stays open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import interval_name, number, span, typographic

ID = "model_checks"
TITLE = "Checks of the two outside views: marks, values and verdicts"
NOTE = (
    "Marks were fixed before the checks were run. Each check simulates {simulations} data sets with as many "
    "clusters and cases as the data hold: known rates of {rates}, correlations within a series of "
    "{of_baserate} and within a cluster of booms of {of_analogues}. Bias and least coverage are the worst of "
    "these cases, mean coverage is that over them, of 90 % intervals. Ranks: true rates drawn from the prior "
    "and ranked in the posterior of the data that they gave, with a correlation drawn from its prior "
    "(simulation-based calibration). Unevenness: share of data replicated from the "
    "posterior in which clusters differ at least as much as in the observed ones. Forecast: the forecaster "
    "applied to simulated panels of annual growth whose true chance of a fall is known. Learnt: share of the "
    "variance of the prior that is gone. Rows with “beside it” show why another interval is not "
    "printed first and decide nothing. Not identified by the base rate: {not_baserate}. Not identified by "
    "past booms: {not_analogues}. Clusters and cases are counted from series and booms that hold telecom: "
    "hindcast on revised data; one event. Sources: BEA infrastructure accounts, copy of August 2021, grade "
    "B; list of investment booms compiled from the literature, grades B and C."
)
NEEDS = ("checks",)
DATA = ()

MODELS = {"baserate": "Base rate", "analogues": "Past booms"}
CLUSTERS = {"baserate": "series", "analogues": "cluster"}
CHECKS = {
    "prior_predictive": "Prior predictive",
    "recovery": "Known rates",
    "coverage": "Known rates",
    "calibration": "Ranks of true rates",
    "posterior_predictive": "Unevenness of clusters",
    "forecast_recovery": "Forecast of known chances",
    "forecast_coverage": "Forecast of known chances",
}
VERDICTS = {True: "passed", False: "failed"}
COLUMNS = ("model", "check", "value", "mark", "verdict")


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    result = inputs.result("checks")
    marks, models = result["marks"], result["models"]
    rows = [row for name in MODELS if name in models for row in _rows(name, models[name], marks)]
    frame = pd.DataFrame(rows, columns=pd.Index(COLUMNS))
    headings = {
        "model": "Model",
        "check": "Check",
        "value": "Value",
        "mark": "Mark",
        "verdict": "Verdict",
    }
    note = NOTE.format(
        simulations=f"{marks['simulations']:,d}",
        rates=_listed(marks["rates"]),
        **{f"of_{name}": _listed(marks[name]["correlation"]) for name in MODELS},
        **{f"not_{name}": models[name]["not_identified"] for name in MODELS},
    )
    return Table(ID, TITLE, typographic(note), frame, "lprrl", {"value": ".3f"}, headings)


def _rows(name: str, found: Mapping[str, Any], marks: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    model, cluster = MODELS[name], CLUSTERS[name]
    for v in found["verdicts"]:
        check = f"{CHECKS[v['check']]}: {v['what']}{_by(v['check'], found, cluster)}"
        yield (model, check, v["value"], _mark(v["low"], v["high"]), VERDICTS[v["passed"]])
    rate = next(p for p in found["prior_to_posterior"] if p["quantity"] == "rate")
    before, after = span(rate["prior_low"], rate["prior_high"]), span(rate["low"], rate["high"])
    check = f"Prior to posterior: learnt, the rate within {before} before and {after} after"
    verdict = "prior-driven" if rate["evidence"] == "prior-driven" else "passed"
    yield (model, check, rate["learnt"], _mark(marks["learnt"], None), verdict)
    ranks = {c["posterior"]: min(c["chi_square"], c["ecdf"]) for c in found["calibration"] if c["clustered"]}
    yield from _beside(model, "Known rates", found["recovery"], found["interval"], cluster, marks, ranks)
    printed = found["forecast_interval"]
    yield from _beside(model, "Forecast of known chances", found["forecast"], printed, cluster, marks, {})


def _beside(
    model: str,
    check: str,
    rows: Sequence[Mapping[str, Any]],
    printed: str,
    cluster: str,
    marks: Mapping[str, Any],
    ranks: Mapping[str, float],
) -> Iterator[tuple[Any, ...]]:
    """Yield what each interval that is not printed first would have reached."""
    for method in dict.fromkeys(r["method"] for r in rows if r["method"] != printed):
        cover = [r["coverage"] for r in rows if r["method"] == method]
        least, mean = min(cover), sum(cover) / len(cover)
        reached = least >= marks["coverage"] and mean <= marks["coverage_mean"]
        also = f"mean {number(mean, '.3f')}"
        if method in ranks:
            reached = reached and ranks[method] >= marks["p_value"]
            also = f"{also}, p-value of ranks {number(ranks[method], '.3f')}"
        named = f"{check}, beside it: least coverage ({also}), {interval_name(method, cluster)}"
        mark, verdict = _mark(marks["coverage"], None), "reaches the marks" if reached else "misses"
        yield (model, named, least, mark, verdict)


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
