"""The film: what each model says of telecom at each vintage, beside booms of the same age that stayed quiet.

Telecom and the quiet booms are asked alike: the series' own cluster is left out of what is learnt, its years
to the year before the vintage are known. Beside it stands telecom as each model saw it on the day. A boom
that stands low, or that did fall within the years asked, is not among the quiet ones of that age.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, product
from typing import Any

import numpy as np

from overbuild.probability.hindcast_cases import TELECOM, TROUGH, YEARS_AHEAD, Hindcast
from overbuild.probability.hindcast_counts import base_rate, boom_age, constant
from overbuild.probability.hindcast_data import HindcastData
from overbuild.probability.hindcast_run_ups import counts_without, regime_chances, stands_low
from overbuild.probability.runup_cases import age_of

EQUAL = "equal_weights"
COMBINED = ("baserate", "regimes")
MODELS = ("baserate", "regimes", EQUAL, "boom_age", "constant")
RISE = (1998, 1999, 2000)
PEAK_VINTAGE = 2000


def film(data: HindcastData, left_out: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return one row a boom, horizon and model that speaks: ages and what it says at each; telecom first."""
    regimes = regime_chances(data, left_out)
    rows: dict[tuple[str, int, str], dict[str, Any]] = {}
    for case in (*data.telecom, *data.quiet):
        happened = data.happened(case)
        if happened is None or (case.boom != TELECOM and happened) or stands_low(data, case):
            continue
        said = {**asked(data, case), "regimes": regimes[case][0]}
        spoken = [p for p in (said[m] for m in COMBINED) if not isinstance(p, str)]
        said[EQUAL] = float(np.mean(spoken)) if len(spoken) == len(COMBINED) else "a part is silent"
        years = case.by - case.vintage
        for model in (m for m in MODELS if not isinstance(said[m], str)):
            start = {"boom": case.boom, "series": case.series, "years": years, "model": model}
            row = rows.setdefault((case.boom, years, model), {**start, "age": [], "probability": []})
            row["age"].append(case.age)
            row["probability"].append(said[model])
    return list(rows.values())


def findings(rows: Sequence[Mapping[str, Any]], seen: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return by model and horizon whether telecom rises through 1998-2000 and quiet booms stay below it.

    Parameters
    ----------
    rows
        The film.
    seen
        Rows of telecom's spending as the models saw it on the day (`hindcast_telecom.spending`).
    """
    age = PEAK_VINTAGE - TROUGH
    found = []
    for model, years in product(MODELS, YEARS_AHEAD):
        mine = {r["boom"]: by_age(r) for r in rows if (r["model"], r["years"]) == (model, years)}
        telecom = {a + TROUGH: p for a, p in mine.pop(TELECOM, {}).items()}
        at_age = [of[age] for of in mine.values() if age in of]
        largest = [max(p for a, p in of.items() if a <= age) for of in mine.values() if min(of) <= age]
        peak, path = telecom.get(PEAK_VINTAGE), [telecom.get(v) for v in RISE]
        seen_path = [_as_seen(seen, model, years).get(str(v)) for v in RISE]
        found.append(
            {
                "model": model,
                "years": years,
                "telecom": {str(v): p for v, p in sorted(telecom.items())},
                "as_seen": _as_seen(seen, model, years),
                "rises": _rises(path),
                "rises_as_seen": _rises(seen_path),
                "quiet": len(at_age),
                "below": None if peak is None else sum(p < peak for p in at_age),
                "quiet_median": float(np.median(at_age)) if at_age else None,
                "quiet_highest": max(at_age, default=None),
                "booms": len(largest),
                "ever_below": None if peak is None else sum(p < peak for p in largest),
            }
        )
    return found


def by_age(row: Mapping[str, Any]) -> dict[int, float]:
    """Return age to probability of a row of the film."""
    return dict(zip(row["age"], row["probability"], strict=True))


def asked(data: HindcastData, case: Hindcast) -> dict[str, float | str]:
    """Return what counting says of a case, its cluster left out."""
    counts = counts_without(data, case.series)
    past = data.series[case.series].loc[: case.known].dropna()
    bare = replace(case, boom="", age=-1)
    return {
        "baserate": base_rate(counts, past, bare),
        "boom_age": boom_age(counts, age_of(past.to_numpy(dtype=float)), bare),
        "constant": constant(counts, bare),
    }


def _rises(path: Sequence[float | None]) -> bool | None:
    """Return whether each value lies above the one before; None where one is missing."""
    known = [p for p in path if p is not None]
    return None if len(known) < len(path) else all(a < b for a, b in pairwise(known))


def _as_seen(seen: Sequence[Mapping[str, Any]], model: str, years: int) -> dict[str, float]:
    def chance(name: str) -> dict[str, float]:
        end = f" +{years}"
        return {
            r["as_of"][:4]: float(r["probability"])
            for r in seen
            if r["model"] == name and r["target"].endswith(end) and r["probability"] is not None
        }

    if model != EQUAL:
        return chance(model)
    parts = [chance(m) for m in COMBINED]
    return {v: float(np.mean([p[v] for p in parts])) for v in parts[0] if all(v in p for p in parts)}
