"""Table: how often the explosive-root tests reject at 5 %, without and with a bubble."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.psy_size_shares import PROCESSES, shares
from overbuild.exhibits.wording import number, typographic

ID = "psy_size"
TITLE = "Rejections at 5 % nominal, plain and robust tests for explosive roots"
NOTE = (
    "Per cent of paths of n observations that GSADF rejects at {size} %. Columns: Gauss, the null, a "
    "Gaussian random walk with drift 1/n; t3, Student shocks; SV, log variance a nearly nonstationary "
    "autoregression (Sarkar and Wells); up and down, standard deviation times 3 or 1/3 from the middle "
    "on; drift, 0.2 standard deviations a period; hump, a technology that lifts a fundamental and lets it "
    "fall, no bubble. Then power: the bubble of Phillips, Shi and Yu, and the same with SV. No lags "
    "unless said. Critical values: MC, {draws} Gaussian random walks; wild, {bootstraps} wild-bootstrap "
    "paths with normal multipliers, or signs (Rademacher); known SV, Monte Carlo with the very volatility "
    "of column SV; lines, the published ones, by which windows from the first observation are dated (any "
    "episode counts). Proxy: the hump itself is observed; late: a proxy {late} of the sample late. Power "
    "is not adjusted for size. Monte Carlo standard error at {size} %: {errors}."
)
NEEDS = ("psy_size",)
DATA = ()
ROWS = {
    ("plain0", "montecarlo"): "plain, MC",
    ("plain0", "wild"): "plain, wild",
    ("plain0", "wild_signs"): "plain, wild, signs",
    ("plain1", "montecarlo"): "plain, 1 lag, MC",
    ("plain1", "wild"): "plain, 1 lag, wild",
    ("plain1", "wild_signs"): "plain, 1 lag, wild, signs",
    ("plain0", "volatile"): "plain, known SV",
    ("sign", "montecarlo"): "signs, MC",
    ("centred", "montecarlo"): "centred signs, MC",
    ("coefficient", "montecarlo"): "coefficient, MC",
    ("coefficient", "volatile"): "coefficient, known SV",
    ("coefficient", "wild_signs"): "coefficient, wild, signs",
    ("coefficient", "published"): "coefficient, lines",
    ("proxy", "montecarlo"): "proxy, MC",
    ("proxy1", "montecarlo"): "proxy, 1 lag, MC",
    ("proxy", "wild_signs"): "proxy, wild, signs",
    ("late", "montecarlo"): "late proxy, MC",
}
"""Test and critical values to what the table calls them."""
HEADINGS = {
    "null": "Gauss",
    "t3": "t3",
    "volatile": "SV",
    "break_up": "up",
    "break_down": "down",
    "drift": "drift",
    "hump": "hump",
    "bubble": "bubble",
    "bubble_volatile": "bubble SV",
}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    result = inputs.result("psy_size")
    found = shares(result)
    rows = [
        (n, name, *(_cell(found.get((n, process, test, values))) for process in PROCESSES))
        for n in sorted({n for n, *_ in found})
        for (test, values), name in ROWS.items()
    ]
    columns = pd.Index(["n", "test", *PROCESSES])
    note = NOTE.format(
        size=number(100 * result["size"], ".0f"),
        draws=result["draws"],
        bootstraps=result["bootstraps"],
        late=number(result["late"], ".0%"),
        errors=_errors(result),
    )
    return Table(
        ID,
        TITLE,
        typographic(note),
        pd.DataFrame(rows, columns=columns),
        "rl" + "r" * len(PROCESSES),
        {},
        {"n": "n", "test": "Test, critical values", **HEADINGS},
    )


def _cell(share: float | None) -> str:
    return number(None if share is None else 100 * share, ".1f")


def _errors(result: Mapping[str, Any]) -> str:
    paths = {row[0]: row[4] for row in result["rows"]}
    size = result["size"]
    each = [f"{100 * (size * (1 - size) / paths[n]) ** 0.5:.1f} (n = {n})" for n in sorted(paths)]
    return ", ".join(each)
