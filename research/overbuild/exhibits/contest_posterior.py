"""Table: decisiveness, ratios, dissipation and slope of the contest, before and after, AI beside telecom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import listed, number, percent, typographic, with_range

ID = "contest_posterior"
TITLE = "The investment contest: prior and posterior"
NOTE = (
    "Median and 90 % interval. Over joint profit’s, break-even, the planner’s: equilibrium capacity over "
    "that of the benchmark, the last with the prior of the transfer or with a set one; prize spent: on "
    "capacity; slope: of the best reply. Decisiveness is read from {firms}, {first} to {last}, against "
    "cumulated capex of the whole firm, Amazon’s warehouses included; telecom’s from {carriers}, "
    "{telecom_first} to {telecom_last}, against total assets. {contenders} firms in AI’s contest, "
    "{telecom_contenders} in telecom’s, fixed. The elasticity of the prize and the share of it that is a "
    "transfer are priors (medians {eta} and {sigma}). Learnt: share of the prior variance that is gone; "
    "of a ratio, one less the squared ratio of the widths of the interval of its log; below 0 where it "
    "widened. The level of the decisiveness rests on the prior of the reliability of capital. A description "
    "and no effect: expected revenue brings capital too. Telecom is a hindcast on "
    "revised data; one event. Filings, grades A to C."
)
NEEDS = ("estimate_contest_ai", "estimate_contest_telecom_full")
DATA = ()
COLUMNS = {
    "what": "",
    "ai_prior": "AI, prior",
    "ai": "AI, posterior",
    "learnt": "Learnt",
    "telecom_prior": "Telecom, prior",
    "telecom": "Telecom, posterior",
}
ROWS = (
    ("rivalry_ratio", "Over joint profit’s"),
    ("break_even_ratio", "Over break-even"),
    ("overbuild_ratio", "Over the planner’s"),
)


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    results = [inputs.result(name) for name in NEEDS]
    ai, telecom = (r["findings"] for r in results)
    frame = pd.DataFrame(_rows(ai, telecom), columns=pd.Index(list(COLUMNS)))
    priors = {p["parameter"]: p for p in results[0]["parameters"]}
    note = NOTE.format(
        firms=listed(ai["firms"]),
        first=ai["first"],
        last=ai["today"],
        carriers=listed(telecom["firms"]),
        telecom_first=telecom["first"],
        telecom_last=telecom["today"],
        contenders=ai["contenders"],
        telecom_contenders=telecom["contenders"],
        eta=number(priors["elasticity"]["q50"]),
        sigma=number(priors["transfer_share"]["q50"]),
    )
    return Table(ID, TITLE, typographic(note), frame, "lrrrrr", {}, COLUMNS)


def _rows(ai: Mapping[str, Any], telecom: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    a, t = (_split(f["decisiveness"]) for f in (ai, telecom))
    yield _both("Decisiveness", a, t)
    for key, title in ROWS:
        yield _both(title, ai[key], telecom[key])
        if key != "break_even_ratio":
            yield _above("above 1, %", ai[key], telecom[key])
    pairs = zip(ai["overbuild_by_transfer_share"], telecom["overbuild_by_transfer_share"], strict=True)
    for one, other in pairs:
        yield _both(f"… {100 * one['transfer_share']:.0f} % transfer", one, other)
    yield _both("Prize spent", ai["dissipation"], telecom["dissipation"])
    yield _both("Slope", ai["reaction_slope"], telecom["reaction_slope"])


def _split(told: Mapping[str, float]) -> dict[str, Any]:
    names = ("q05", "q50", "q95")
    return {
        "posterior": {q: told[q] for q in names},
        "prior": {q: told[f"prior_{q}"] for q in names},
        "learnt": told["learnt"],
    }


def _both(title: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        title,
        _interval(one["prior"]),
        _interval(one["posterior"]),
        number(one["learnt"]),
        _interval(other["prior"]),
        _interval(other["posterior"]),
    )


def _above(title: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[str, ...]:
    cells = [percent(side["above"], 0) for of in (one, other) for side in (of["prior"], of["posterior"])]
    return (title, cells[0], cells[1], "", cells[2], cells[3])


def _interval(q: Mapping[str, float]) -> str:
    spec = ".2f" if q["q95"] < 10 else ".1f" if q["q95"] < 100 else ".0f"
    return with_range(q["q50"], q["q05"], q["q95"], spec)
