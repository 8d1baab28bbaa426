"""Table: dates of explosive prices in both eras, beside those that others published."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import typographic

ID = "explosive_dates"
TITLE = "When were prices explosive? Our dates beside published ones"
NOTE = (
    "Fifteen years of months to the one named, or what there is. Any: probability of at least one "
    "explosion of {shortest} months or more in the window (prior {prior}). Dates: median with 5 % and 95 "
    "% points of the most probable episode, among draws that have one; “open”: not yet. This: share of "
    "draws with any explosion that hold this one. Now: probability that the last month is explosive. An "
    "episode is claimed where the product of the two probabilities is one half or more ({claimed}); other "
    "dates are those of an explosion that more likely than not did not happen. Many rows are many looks: "
    "one that stands out is less than it would be alone. Published: Phillips, Wu and Yu (2011) and "
    "Phillips, Shi and Yu (2015), whose tests hold volatility constant and see samples of decades, and "
    "Basele, Phillips and Shi (2025). Telecom: hindcast on revised data; one event. Learnt, of prior "
    "variance, NASDAQ to the end of 2006 and AI hardware: {learnt}. {short}"
)
NEEDS = ("estimate_explosive_ai", "estimate_explosive_telecom", "estimate_explosive_telecom_full")
DATA = ()
HEADINGS: Mapping[str, str] = {
    "series": "Series, to",
    "any": "Any",
    "this": "This",
    "start": "Start",
    "peak": "Peak",
    "end": "End",
    "now": "Now",
    "published": "Published",
}
FORMATS: Mapping[str, str] = {"any": ".2f", "this": ".2f", "now": ".2f"}
NAMES = {"explosive_root": "explosive root", "stay_explosive": "chance of going on"}
OF = {
    "estimate_explosive_telecom": "telecom",
    "estimate_explosive_telecom_full": "telecom",
    "estimate_explosive_ai": "ai",
}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    results = {name: inputs.result(name) for name in OF}
    rows = [row for result in results.values() for row in _rows(result["findings"])]
    frame = pd.DataFrame(rows, columns=pd.Index(list(HEADINGS)))
    ai = results["estimate_explosive_ai"]
    full = results["estimate_explosive_telecom_full"]
    learnt = "; ".join(
        f"{label} {share_learnt(full, name)} and {share_learnt(ai, name)}" for name, label in NAMES.items()
    )
    note = NOTE.format(
        shortest=ai["findings"]["shortest_episode_months"],
        prior=f"{ai['findings']['prior_any_long']:.2f}",
        learnt=learnt,
        claimed=_claimed(results.values()),
        short=_short(ai["findings"]),
    )
    return Table(ID, TITLE, typographic(note), frame, "prrppprp", FORMATS, HEADINGS)


def share_learnt(result: Mapping[str, Any], parameter: str) -> str:
    """Return the share of a parameter's prior variance that was learnt, in per cent."""
    row = next(p for p in result["parameters"] if p["parameter"] == parameter)
    return "unknown" if row["learnt"] is None else f"{max(row['learnt'], 0.0):.0%}"


def _rows(found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    published = {p["series"]: _dates(p) for p in found["published"]}
    for one in (found, *found["beside"]):
        if one.get("left_out"):
            yield {"series": f"{one['title']}: too short"} | {"published": published.get(one["series"], "")}
            continue
        main = max(one["episodes"], key=lambda e: e["probability"], default=None)
        failed = one.get("diagnostics") and not one["diagnostics"]["passed"]
        yield {
            "series": f"{one['title']}, {one['months'][-1]}" + (" (few draws)" if failed else ""),
            "any": one["any_long"],
            "this": main["given_any"] if main else None,
            **({k: _band(main[k]) for k in ("start", "peak", "end")} if main else {}),
            "now": one["now"]["explosive"],
            "published": published.get(one["series"], ""),
        }


def _claimed(results: Iterable[Mapping[str, Any]]) -> str:
    every = [one for r in results for one in (r["findings"], *r["findings"]["beside"])]
    names = [
        f"{one['title']} to {one['months'][-1]}"
        for one in every
        if not one.get("left_out") and any(e["claimed"] for e in one["episodes"])
    ]
    return ", ".join(names) or "none"


def _band(points: Mapping[str, str | None]) -> str:
    low, mid, high = (points[q] or "open" for q in ("q05", "q50", "q95"))
    return mid if low == mid == high else f"{mid} ({low} to {high})"


def _dates(published: Mapping[str, Any]) -> str:
    return f"{published['start']} to {published['end']}" if published["end"] else f"from {published['start']}"


def _short(found: Mapping[str, Any]) -> str:
    parts = [f"{r['ratio']}, {r['quarters']} quarters of the {r['needed']} needed" for r in found["ratios"]]
    return f"Shown, no claim: {'; '.join(parts)}." if parts else ""
