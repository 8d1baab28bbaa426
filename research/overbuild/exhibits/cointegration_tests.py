"""Table: whether spending is tied in levels to its fundamentals, before the boom and through it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import typographic

ID = "cointegration_tests"
TITLE = "Is spending tied to its fundamentals in levels? Bootstrap p-values before the boom and through it"
NOTE = (
    "p-values of no relation in levels, each from {draws} systems drawn without one and as long as the "
    "sample: Pesaran, Shin and Smith’s bounds F and t, Engle and Granger’s t, Johansen’s trace of rank 0; "
    "T counts periods. Before: to the end of the window of estimation; through: to the last known quarter "
    "of AI, to 2005 for telecom. Capex of each firm; one lagged difference, none for Amazon, whose gross "
    "capex begins in 2018; seasonal dummies for firms. Many tests: at 5 % one in twenty rejects by "
    "chance. Telecom is a hindcast on revised data; one event. Sources: SEC filings, grades A to C; BEA "
    "infrastructure accounts, grade B; national accounts, grade A."
)
NEEDS = ("gap",)
DATA = ()
TESTS = {"bounds_f": "F", "bounds_t": "t", "engle_granger": "E-G", "trace": "trace"}
PERIMETERS = {"communications": "Communications", "information_processing": "Inf. processing, {era}"}
ERAS = {"ai": "AI", "telecom": "telecom"}
COLUMNS = {
    "what": "",
    **{f"before_{c}": n for c, n in {"periods": "T", **TESTS}.items()},
    **{f"through_{c}": n for c, n in {"periods": "through: T", **TESTS}.items()},
}
FORMATS: Mapping[str, str] = {
    f"{w}_{c}": ("d" if c == "periods" else ".2f") for w in ("before", "through") for c in ("periods", *TESTS)
}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    result = inputs.result("gap")
    frame = pd.DataFrame(
        [r for era in ERAS for r in _rows(result[era]["tests"], era)], columns=pd.Index(list(COLUMNS))
    )
    note = NOTE.format(draws=f"{result['ai']['tests'][0]['draws']:,}")
    return Table(ID, TITLE, typographic(note), frame, "l" + "r" * (len(COLUMNS) - 1), FORMATS, COLUMNS)


def _rows(tests: list[dict[str, Any]], era: str) -> Iterator[dict[str, Any]]:
    keys = dict.fromkeys((t["perimeter"], t["unit"], t["fundamentals"]) for t in tests)
    for perimeter, unit, on in keys:
        mine = [t for t in tests if (t["perimeter"], t["unit"], t["fundamentals"]) == (perimeter, unit, on)]
        name = (PERIMETERS.get(perimeter) or str(unit)).format(era=ERAS[era])
        row: dict[str, Any] = {"what": f"{name} on {on.replace('gdp', 'GDP')}"}
        for t in mine:
            row[f"{t['window']}_periods"] = t["periods"]
            if t["test"] in TESTS:
                row[f"{t['window']}_{t['test']}"] = t["p_value"]
        yield row
