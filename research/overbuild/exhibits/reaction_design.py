"""Table: bias and coverage of every estimator and inference in made-up panels of the size of ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.reaction_estimates import WORLDS
from overbuild.exhibits.wording import number, typographic

ID = "reaction_design"
TITLE = "The reaction to rivals in made-up panels: bias, coverage of 90 % intervals and size"
NOTE = (
    "Panels of {quarters} quarters and five firms with our weights, {replications} each, four seasons taken "
    "out. Bias and coverage of the 90 % interval (the instrument’s is Anderson and Rubin’s) where the true "
    "reaction is 0, first with firms’ own shocks alone; power: how often the interval leaves out 0 where it "
    "is {truth}, same shocks. Long: bias in {long_panels} panels of {long} quarters with the common shock, "
    "then with shocks to products. Monte Carlo errors of a bias: {error} without common shocks, "
    "{error_product} with shocks to products, {error_long} in long panels, at most. Common: a lasting shock "
    "with unequal loadings, s.d. {common} of a firm’s own. Prod.: that and shocks to cloud, advertising and "
    "models, in proportion to the exposures that make the weights. Below: coverage of one estimator under "
    "other inference, one less the size of the test at 10 %, {few} panels. With equal weights and time "
    "effects the reaction has no estimate: what is left of rivals’ moves is {distance}."
)
NEEDS = ("reaction_design",)
DATA = ()
TITLES = {
    "ols": "Least squares",
    "two_way": "Time effects",
    "cce": "Common correlated effects",
    "factors_1": "One interactive factor",
    "factors_2": "Two interactive factors",
    "giv": "Granular instrument",
}
INFERENCES = {
    "cr1_firm": "CR1, five firms",
    "cr1_time": "CR1, quarters",
    "cr2_time": "CR2, quarters",
    "wild_firm": "wild bootstrap, five firms",
    "wild_time": "wild bootstrap, quarters",
    "shifted": "shifts in time",
    "relabelled": "relabelled firms",
}
SHOWN = (
    ("ols", "cr2_time"), ("ols", "wild_firm"), ("ols", "shifted"),
    ("two_way", "cr1_firm"), ("two_way", "wild_firm"), ("two_way", "wild_time"), ("two_way", "relabelled"),
)  # fmt: skip
ROUNDING = 1e-10
COLUMNS = {
    "what": "",
    "bias_none": "Bias",
    "bias_common": "common",
    "bias_product": "prod.",
    "cover_none": "Cover",
    "cover_common": "common",
    "cover_product": "prod.",
    "power": "Power",
    "long_common": "Long",
    "long_product": "prod.",
}
FORMATS: Mapping[str, str] = {c: ".2f" for c in COLUMNS if c != "what"}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    design = inputs.result("reaction_design")
    frame = pd.DataFrame([*_rows(design), *_sizes(design)], columns=pd.Index(list(COLUMNS)))
    left = design["equal_weights"]["distance"]
    note = NOTE.format(
        quarters=design["quarters"],
        replications=design["replications"],
        truth=design["truth"],
        long=design["long"],
        long_panels=design["few"],
        error=_largest(design, "none", design["quarters"]),
        error_product=_largest(design, "product", design["quarters"]),
        error_long=_largest(design, None, design["long"]),
        common=design["common"],
        few=design["sizes"][0]["replications"],
        distance="nothing but rounding" if left < ROUNDING else f"{left:.0e}",
    )
    return Table(ID, TITLE, typographic(note), frame, "p" + "r" * (len(COLUMNS) - 1), FORMATS, COLUMNS)


def _largest(design: Mapping[str, Any], world: str | None, quarters: int) -> str:
    """Return the largest Monte Carlo error of a bias where the truth is none."""
    errors = [
        r["error"]
        for r in design["rows"]
        if r["quarters"] == quarters and r["truth"] == 0 and r["world"] == (world or r["world"])
    ]
    return number(max(errors))


def _rows(design: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    short = design["quarters"]
    found = {(r["world"], r["truth"], r["quarters"], r["estimator"]): r for r in design["rows"]}
    long, largest = design["long"], design["truth"]
    for name, title in TITLES.items():
        at = [found[w, 0.0, short, name] for w in WORLDS]
        yield (
            title,
            *(r["bias"] for r in at),
            *(r["coverage"] for r in at),
            found["none", largest, short, name]["rejects"],
            *(found[w, 0.0, long, name]["bias"] for w in ("common", "product")),
        )


def _sizes(design: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    found = {(r["world"], r["estimator"], r["inference"]): r["size"] for r in design["sizes"]}
    for name, inference in SHOWN:
        title = f"{TITLES[name]}: {INFERENCES[inference]}"
        covers = (1 - found[w, name, inference] for w in WORLDS)
        yield (title, None, None, None, *covers, None, None, None)
