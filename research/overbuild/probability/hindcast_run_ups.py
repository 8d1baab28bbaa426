"""The rule's run-ups, each forecast at its date from other series: a fall within five years or none.

Left out is the whole cluster of the series: for the parts of telecom's narrow perimeter that is all of
telecom. What remains of look-ahead: other series are used with all of their years, also those after the date;
beside it stands the same with nothing later than the date (``real_time``), where the cases suffice. A year
of a series is published in the next: a case whose last known year is k stands at the end of year k + 1.

A case whose series already stood as low as the rule asks is set apart (``known``): it is no forecast.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from overbuild.models.regimes import NARROW
from overbuild.probability.hindcast_cases import Hindcast
from overbuild.probability.hindcast_counts import Counts, base_rate, boom_age, constant, crash_logit
from overbuild.probability.hindcast_data import HindcastData, cluster_of
from overbuild.probability.hindcast_rows import Target, row
from overbuild.probability.runup_cases import age_of
from overbuild.probability.runups import Panel, at_least, drawdown

PANEL = "run_ups"
LOOK_AHEAD = (
    "each series is forecast from the others and from its own years to the date; the others are used with "
    "all of their years, also later ones"
)


LOW = "the series already stood the rule's fall below an old peak: no forecast, and not scored"


def run_ups(data: HindcastData, left_out: Mapping[str, Any]) -> dict[str, Any]:
    """Return rows of every resolved run-up and model, and the same in real time.

    Parameters
    ----------
    data
        Series and cases.
    left_out
        Member to what the regime model without it says of its cases (`hindcast_regimes.left_out`), in the
        order of `HindcastData.by_member`.
    """
    regimes = regime_chances(data, left_out)
    rows, real_time, known = [], [], []
    for case in data.run_ups:
        made = _rows(data, case, counted(data, case), regimes[case])
        if stands_low(data, case):
            known += made
            continue
        rows += made
        real_time += _rows(data, case, counted(data, case, real_time=True), None)
    apart = {"targets": len({r["target"] for r in known}), "why": LOW, "rows": known}
    return {"rows": rows, "real_time": real_time, "known": apart, "look_ahead": LOOK_AHEAD}


def target_of(data: HindcastData, case: Hindcast) -> Target:
    """Return a resolved run-up as a target, dated at the end of the year in which its last year is published.

    Raises
    ------
    ValueError
        If the case is not resolved.
    """
    happened = data.happened(case)
    if happened is None:
        raise ValueError(f"{case} is not resolved.")
    name, day = f"{case.series} {case.known}", f"{case.known + 1}-12-31"
    return Target(PANEL, name, cluster_of(case.series), day, f"{case.by}Q4", case.event, happened)


def stands_low(data: HindcastData, case: Hindcast) -> bool:
    """Return whether a series stands below its running peak by the rule's fall in its last known year.

    Where it does, the label of the rule is all but decided: unless an old peak is passed, the series has
    fallen.
    """
    past = data.series[case.series].loc[: case.known].dropna().to_numpy(dtype=float)
    return bool(at_least(drawdown(past[None, :]), data.rule.fall)[0, -1])


def counts_without(data: HindcastData, series: str, until: int | None = None) -> Counts:
    """Return what can be counted in the series of other clusters, to a year or in all years."""
    without = NARROW if cluster_of(series) != series or series == "telecom" else (series,)
    panel = without_series(data.panel, without, until)
    return Counts(panel, data.rule, data.choices, round(data.fall["window_years"]))


def without_series(panel: Panel, without: Sequence[str], until: int | None = None) -> Panel:
    """Return a panel without some series, and without the years after one."""
    rows = [i for i, n in enumerate(panel.names) if n not in without]
    keep = panel.years <= (panel.years[-1] if until is None else until)
    names = tuple(panel.names[i] for i in rows)
    return Panel(names, panel.years[keep], panel.level[rows][:, keep], panel.measured[rows][:, keep])


def counted(data: HindcastData, case: Hindcast, *, real_time: bool = False) -> dict[str, float | str]:
    """Return what counting says of a case: model to its chance or its reason for silence."""
    counts = counts_without(data, case.series, case.known if real_time else None)
    past = data.series[case.series].loc[: case.known].dropna()
    age = age_of(past.to_numpy(dtype=float))
    return {
        "baserate": base_rate(counts, past, case),
        "crash_regression": crash_logit(counts, past, case),
        "boom_age": boom_age(counts, age, case),
        "constant": constant(counts, case),
        "coin": 0.5,
    }


def regime_chances(
    data: HindcastData, left_out: Mapping[str, Any]
) -> dict[Hindcast, tuple[float | str, bool]]:
    """Return each case's chance by the regime model, or why it is silent, and whether the fit converged."""
    found = {}
    for member, cases in data.by_member().items():
        unit = left_out[member]
        for case, chance, why in zip(cases, unit["chances"], unit["abstains"], strict=True):
            found[case] = (why if chance is None else float(chance), bool(unit["passed"]))
    return found


def _rows(
    data: HindcastData,
    case: Hindcast,
    said: Mapping[str, float | str],
    regimes: tuple[float | str, bool] | None,
) -> list[dict[str, Any]]:
    where = target_of(data, case)
    evidence = {"crash_regression": "direct", "boom_age": "direct"}
    made = [row(where, model, p, evidence=evidence.get(model, "rule")) for model, p in said.items()]
    if regimes is not None:
        status = "hindcast" if regimes[1] else "failed"
        made.insert(1, row(where, "regimes", regimes[0], evidence="paths", status=status))
    return made
