"""Exhibits and numbers of AI's sub-forecasts draw what was filed; a made-up result, nothing is fitted."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from overbuild.exhibits import style
from overbuild.exhibits.ai_forecasts_named import FORECASTERS
from overbuild.exhibits.base import Figure, Inputs, Table
from overbuild.exhibits.frames import floats, records, where
from overbuild.exhibits.numbers_ai_forecasts import numbers
from overbuild.exhibits.registry import make
from overbuild.exhibits.tables import save
from overbuild.locations import paper_dir

SPEAKS = dict.fromkeys(FORECASTERS, (1, 2, 4)) | {"guidance": (1,)}


def score(panel: str, horizon: int, model: str) -> dict[str, Any]:
    reference = model == "random_walk"
    few = model == "guidance"
    return {
        "panel": panel,
        "horizon": horizon,
        "model": model,
        "n": 6 if few else 20 - horizon,
        "first": "2021Q1",
        "last": "2025Q4",
        "crps": 0.05 * horizon,
        "log_score": 0.5,
        "rmse": 0.1,
        "bias": 0.04,
        "covered_50": 0.5,
        "covered_90": 0.8,
        "pit": None if few else {"p_value": 0.3},
        "reference_crps": None if reference else 0.04,
        "skill": None if reference else -0.25,
        "won": None if reference else False,
        "test": None if reference or few else {"p_value": 0.04},
    }


def forecast(panel: str, origin: int, horizon: int, model: str) -> dict[str, Any]:
    def quarter(i: int) -> str:
        return f"{2020 + i // 4}Q{i % 4 + 1}"

    value = 20 * 1.1 ** (origin + horizon)
    return {
        "panel": panel,
        "cluster": quarter(origin),
        "by": quarter(origin + horizon),
        "horizon": horizon,
        "model": model,
        "value": value,
        "quantiles": list(value * np.array([0.7, 0.8, 0.9, 1.0, 1.1])),
        "pit": (origin + 0.5) / 17,
    }


def result() -> dict[str, Any]:
    panels = ("ai_capex", "ai_free_cash_flow")
    cases = [(p, h, m) for p in panels for m, horizons in SPEAKS.items() for h in horizons]
    step = {"base": "2021Q1", "passed": True}
    fitted = {"refitted": True, "k": None, "effective": 4000.0}
    return {
        "rows": [forecast(p, i, h, m) for p, h, m in cases for i in range(17) if m != "guidance" or i > 10],
        "scores": [score(*case) for case in cases],
        "cash": {"correlation": -0.1, "n": 30},
        "lfo": {
            "threshold": 0.7,
            "least_effective": 400.0,
            "steps": [
                step | fitted | {"origin": "2021Q1"},
                step | {"origin": "2021Q2", "refitted": False, "k": 0.31, "effective": 900.4},
                step | fitted | {"origin": "2021Q3"},
            ],
            "checked": [
                {
                    "target": "ai_capex/2025Q4/1",
                    **{
                        "crps_carried": 0.11,
                        "crps_fitted": 0.1,
                        "log_score_carried": 0.6,
                        "log_score_fitted": 0.7,
                    },
                }
            ],
        },
    }


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    inputs = Inputs({"hindcasts_ai": result()})
    return {name: make(name, inputs) for name in ("ai_subforecasts", "ai_fans")}


def test_the_table_has_a_row_a_horizon_and_model(made: dict[str, Any], tmp_path: Any) -> None:
    table = made["ai_subforecasts"]
    assert isinstance(table, Table)
    save(table, tmp_path)
    rows = records(table.frame)
    assert len(rows) == sum(len(h) for h in SPEAKS.values())
    regimes = rows[0]
    assert (regimes["model"], regimes["capex_skill"], regimes["capex_p"]) == (
        "Regimes, quarterly",
        "−25",
        "0.04",
    )
    assert regimes["capex_crps"] == pytest.approx(5.0) and regimes["cash_crps"] == pytest.approx(0.05)
    walk = next(r for r in rows if r["model"] == "Random walk")
    assert walk["capex_skill"] == walk["capex_p"] == "–"
    assert "42 tests" in table.note and "hindcast on revised data" in table.note


def test_the_figure_shows_forecasts_and_transforms_of_shared_origins(made: dict[str, Any]) -> None:
    figure = made["ai_fans"]
    assert isinstance(figure, Figure)
    fan = where(figure.data, panel="fan")
    assert len(fan) == 17 and np.all(floats(fan, "q05") < floats(fan, "q95"))
    for model in ("quarterly", "random_walk", "arima", "unobserved_components"):
        curve = where(figure.data, panel="pit", model=model)
        assert floats(curve, "value")[-1] == 1 and np.all(np.diff(floats(curve, "place")) > 0)
    assert "17 origins" in figure.note


def test_no_label_covers_another(made: dict[str, Any]) -> None:
    drawing = made["ai_fans"].figure
    with style.applied():
        drawing.draw_without_rendering()
        for axes in drawing.axes:
            heads = [axes.title, axes._left_title, axes.xaxis.label, axes.yaxis.label]
            boxes = [t.get_window_extent().padded(-1.5) for t in heads if t.get_text()]
            assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))


def test_the_section_quotes_only_numbers_that_there_are() -> None:
    found = numbers({"hindcasts_ai": result()})
    text = (paper_dir() / "sections" / "ai_forecasts.typ").read_text()
    for name in re.findall(r'#num\("ai_forecasts\.([^"]+)"\)', text):
        leaf: Any = found
        for part in name.split("."):
            leaf = leaf.get(part, {})
        # A made-up guidance speaks one quarter ahead alone.
        assert set(leaf) == {"value", "text"} or name == "guidance.four", name
    assert found["lfo"]["refitted"]["text"] == "2021Q3" and found["lfo"]["fits"]["value"] == 2
    assert found["lfo"]["difference"]["text"] == "10.0"
