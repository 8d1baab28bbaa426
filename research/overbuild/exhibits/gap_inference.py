"""Table: size and power of the cointegration tests, and coverage of the gap's intervals, in drawn systems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.wording import typographic

ID = "gap_inference"
TITLE = "Tests and intervals of the gap in drawn systems of 40 and 80 periods"
NOTE = (
    "Above: share of {count} systems in which a test at 5 % rejects that there is no relation in levels, "
    "by published critical values and by those of the bootstrap ({draws} draws); the published "
    "Engle-Granger values hold MacKinnon’s correction for T, the others are asymptotic, and of the bounds "
    "t none is used. With speed 0 there is no relation and the share should be 0.05 (Monte Carlo error "
    "{error}); with −0.3 it is power. Below: share of systems in which the interval of nine draws in ten "
    "holds what spending then was, 4, 8 and 12 periods after a window of T: first with the parameters "
    "taken as known, then by the bias-corrected bootstrap that is used; it should be 0.90."
)
NEEDS = ("gap_experiments",)
DATA = ()
TESTS = {
    "bounds_f": "Bounds F",
    "engle_granger": "Engle-Granger t",
    "trace": "Johansen trace",
    "maximum_eigenvalue": "Johansen largest root",
    "bounds_all": "All three bounds tests",
}
WORLDS = {(0.0, 0.0): "no relation", (0.0, 0.5): "no relation, persistent growth", (-0.3, 0.0): "speed −0.3"}
HORIZONS = (4, 8, 12)
COLUMNS = {
    "what": "",
    "world": "System",
    "published_40": "T = 40",
    "bootstrap_40": "bootstrap",
    "published_80": "T = 80",
    "bootstrap_80": "bootstrap",
}
FORMATS: Mapping[str, str] = {c: ".2f" for c in COLUMNS if c not in ("what", "world")}
EQUATIONS = {"error_correction": "Levels", "accelerator": "Accelerator"}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    cells = inputs.result("gap_experiments")["cells"]
    frame = pd.DataFrame([*_tests(cells), *_intervals(cells)], columns=pd.Index(list(COLUMNS)))
    size = next(c for c in cells if c["kind"] == "size")
    note = NOTE.format(count=f"{size['count']:,}", draws=size["draws"], error=f"{size['standard_error']:.3f}")
    return Table(ID, TITLE, typographic(note), frame, "llrrrr", FORMATS, COLUMNS)


def _tests(cells: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for test, title in TESTS.items():
        for (speed, persistence), world in WORLDS.items():
            row: dict[str, Any] = {"what": title, "world": world}
            for c in cells:
                if (c["kind"], c["speed"], c["persistence"]) == ("size", speed, persistence):
                    row[f"published_{c['periods']}"] = c.get(f"{test}_published")
                    row[f"bootstrap_{c['periods']}"] = c[f"{test}_bootstrap"]
            yield row


def _intervals(cells: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield coverage: parameters known in the columns of published values, uncertain in the others."""
    worlds = dict.fromkeys((c["speed"], c["equation"]) for c in cells if c["kind"] == "coverage")
    for speed, equation in worlds:
        for h in HORIZONS:
            world = f"speed −{abs(speed)}" if speed else "no relation"
            row: dict[str, Any] = {
                "what": f"{EQUATIONS[equation]}, {h} ahead",
                "world": world,
            }
            for c in cells:
                if (c["kind"], c["speed"], c["equation"]) == ("coverage", speed, equation):
                    row[f"published_{c['periods']}"] = c[f"plug_in_{h}"]
                    row[f"bootstrap_{c['periods']}"] = c[f"full_{h}"]
            yield row
