"""Table: hindcasts where the outcome is known, models beside rivals, won or lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.models_named import MODELS
from overbuild.exhibits.wording import typographic

ID = "hindcast_scores"
TITLE = "Hindcasts scored: models beside rivals that know less"
NOTE = (
    "Brier score (small is good) and mean logarithmic score (large is good; probabilities kept to 0.001 "
    "to 0.999), over the cases of which the model speaks; mean probability where the event came and where "
    "it did not. Rivals are marked by a dash. Last columns: difference of Brier scores from the rival on "
    "the cases of both, in parentheses the two-sided p-value of a test that flips the signs of whole "
    "clusters (every flip up to 14 clusters, else 16,384 drawn); “won” and “lost” where that is 0.10 or "
    "less, else not told apart. Telecom is one cluster: its differences tell nobody apart. Spending: "
    "telecom’s O3 two, three and four years after the end of 1995 to 2002. Suppliers: its orders and "
    "shipments, by quarter, while the fall was not in the figures. All of it is hindcast on revised data; "
    "one event. Run-ups: fall of 30 % within five years of the rule’s date, cluster of the series left "
    "out ({low} that stood low already are no forecasts, and not scored). Booms: physically overbuilt, "
    "cluster left out. Constant: of telecom and run-ups, the rate of other series; of booms, of other "
    "clusters. Coin: a half. Age: of the boom alone. Sources: BEA infrastructure accounts, Census M3, "
    "Federal Reserve G.17, list of booms, grade A-C."
)
NEEDS = ("hindcasts_telecom", "hindcasts_run_ups", "hindcasts_booms")
DATA = ()
PANELS: Mapping[str, str] = {
    "telecom_spending": "Spending",
    "telecom_suppliers": "Suppliers",
    "run_ups": "Run-ups",
    "booms": "Booms",
}
NAMES: Mapping[str, str] = {
    **MODELS,
    "baserate": "Base rate",
    "analogues": "Past booms, counted",
    "crash_regression": "Logit on the run-up",
    "simulation": "Inside view",
    "boom_age": "– age of the boom",
    "constant": "– constant rate",
    "random_walk": "– random walk",
    "arima": "– ARIMA",
    "unobserved_components": "– components",
    "coin": "– coin",
}
COLUMNS: Mapping[str, str] = {
    "panel": "Panel",
    "model": "Forecaster",
    "cases": "Cases",
    "brier": "Brier",
    "log": "Log",
    "came": "Came",
    "not": "Did not",
    "constant": "Constant",
    "coin": "Coin",
    "age": "Age",
}
FORMATS: Mapping[str, str] = {"cases": ",d"} | dict.fromkeys(("brier", "log", "came", "not"), ".2f")
DECIDED = ("won", "lost")
SAME = "the same forecasts"


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    scores = [s for name in NEEDS for s in inputs.result(name)["scores"]]
    frame = pd.DataFrame(list(_rows(scores)), columns=pd.Index(list(COLUMNS)))
    note = NOTE.format(low=inputs.result("hindcasts_run_ups")["known"]["targets"])
    return Table(ID, TITLE, typographic(note), frame, "llrrrrrlll", FORMATS, COLUMNS)


def _rows(scores: list[Mapping[str, Any]]) -> Iterator[tuple[Any, ...]]:
    for panel, title in PANELS.items():
        mine = sorted((s for s in scores if s["panel"] == panel), key=lambda s: (s["rival"], s["brier"]))
        for place, s in enumerate(mine):
            against = {a["rival"]: a for a in s["against"]}
            yield (
                title if place == 0 else "",
                NAMES[s["model"]],
                s["cases"],
                s["brier"],
                s["log_floored"],
                s["mean_if_happened"],
                s["mean_if_not"],
                _cell(against.get("constant")),
                _cell(against.get("coin")),
                _cell(against.get("boom_age")),
            )


def _cell(found: Mapping[str, Any] | None) -> str:
    if found is None or "brier" not in found:
        return ""
    middle = typographic(f"{found['brier']:+.3f}")
    if "p_value" not in found:
        return f"{middle}, same" if found["verdict"] == SAME else middle
    verdict = found["verdict"]
    return f"{middle} ({found['p_value']:.2f})" + (f", {verdict}" if verdict in DECIDED else "")
