"""AI's sub-forecasts: origins, rows and scores; nothing known later moves a forecast."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from overbuild.episodes import Episode
from overbuild.episodes.databook import DataBook
from overbuild.games.guidance_cases import SERIES
from overbuild.locations import data_dir
from overbuild.probability import ai_forecasts
from overbuild.probability.ai_forecasts import Work, quarterly_forecasts, rival_forecasts, rows_of
from overbuild.probability.ai_origins import Origin, known_flows, origins
from overbuild.probability.ai_scores import growth_correlation, scores
from overbuild.probability.continuous import Target, log_density, row

TODAY = date(2026, 11, 22)
TARGET = Target("ai_capex", "2024Q4", "2025-02-14", "2025Q1", 1)


@lru_cache
def book() -> DataBook:
    return DataBook.load(None)


@lru_cache
def today() -> Episode:
    return Episode("ai", book(), TODAY, SERIES)


def poisoned(day: str) -> DataBook:
    table = book().table
    value = table["value"].to_numpy(float)
    later = (table["available_from"] > date.fromisoformat(day)).to_numpy(bool)
    return replace(book(), table=table.assign(value=np.where(later, 1e6 * value, value)))


def work(*which: str, **options: Any) -> Work:
    chosen = tuple(o for o in origins(today()) if o.period in which)
    return Work(str(data_dir()), chosen, known_flows(today().snapshot), **options)


def seen(monkeypatch: pytest.MonkeyPatch, of: DataBook) -> None:
    def on(day: str, data: Path | None) -> Episode:
        del data
        return Episode("ai", of, date.fromisoformat(day), SERIES)

    monkeypatch.setattr(ai_forecasts, "episode_on", on)


def test_origins_are_the_first_days_on_which_all_firms_had_reported() -> None:
    every = origins(today())
    assert (every[0], every[-1].period) == (Origin("2019Q4", "2020-02-14"), "2026Q1")
    for origin in (every[0], every[13], every[-1]):
        known = known_flows(book().at(date.fromisoformat(origin.day), "ai"))
        assert {max(k) for k in known.values()} == {origin.period}


@pytest.mark.parametrize("origin", ["2020Q1", "2024Q4"])
def test_nothing_known_later_moves_a_rival(monkeypatch: pytest.MonkeyPatch, origin: str) -> None:
    asked = work(origin, draws=200)
    seen(monkeypatch, book())
    clean = rival_forecasts(asked)
    seen(monkeypatch, poisoned(asked.origins[0].day))
    assert rival_forecasts(asked) == clean
    models = {r["model"] for r in clean["rows"]}
    assert ("guidance" in models) == (origin == "2024Q4") and {"random_walk", "arima"} <= models


@pytest.mark.slow
def test_nothing_known_later_moves_the_regimes(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = work("2020Q4", "2021Q1", "2021Q2", draws=500, sampling=(2, 200))
    seen(monkeypatch, book())
    clean = quarterly_forecasts(asked)
    seen(monkeypatch, poisoned(asked.origins[-1].day))
    assert quarterly_forecasts(asked) == clean
    assert [a["origin"] for a in clean["abstentions"]] == ["2020Q4"]
    assert [s["origin"] for s in clean["steps"]] == ["2021Q1", "2021Q2"]


def test_cash_flow_is_the_same_for_all_models_but_for_capex() -> None:
    asked = work("2024Q4")
    rng = np.random.default_rng(1)
    cash, noise = np.exp(rng.normal(5, 0.1, (4000, 4))), rng.normal(size=(4000, 4))
    low, high = (rows_of(asked, asked.origins[0], "m", np.log(x + noise), cash) for x in (60, 70))
    free = [[r for r in rows if r["panel"] == "ai_free_cash_flow"] for rows in (low, high)]
    for a, b in zip(*free, strict=True):
        assert a["mean"] - b["mean"] == pytest.approx(10, rel=1e-3) and a["value"] == b["value"]
        assert a["quantiles"] == pytest.approx([x + 10 for x in b["quantiles"]], rel=1e-3)


def test_a_step_that_is_not_spoken_of_has_no_row() -> None:
    asked = work("2024Q4")
    logs = np.full((100, 4), 4.0) + np.random.default_rng(2).normal(0, 0.1, (100, 4))
    logs[:, 1:] = np.nan
    made = rows_of(asked, asked.origins[0], "guidance", logs, np.full((100, 4), 200.0), passed=False)
    assert [(r["horizon"], r["status"]) for r in made] == [(1, "failed"), (1, "failed")]


def test_a_row_holds_the_scores_of_log_growth() -> None:
    rng = np.random.default_rng(3)
    made = row(TARGET, "m", 50 * np.exp(rng.normal(0.1, 0.2, 40_000)), 60.0, rng, last=50.0)
    came = np.log(1.2)
    assert made["log_score"] == pytest.approx(norm.logpdf(came, 0.1, 0.2), abs=0.03)
    assert made["pit"] == pytest.approx(norm.cdf(came, 0.1, 0.2), abs=0.01)
    assert made["mean"] == pytest.approx(50 * np.exp(0.1), rel=0.01)
    assert made["error"] == pytest.approx(came - 0.1, abs=0.01)
    assert (made["target"], made["cluster"]) == ("ai_capex/2024Q4/1", "2024Q4")


def test_a_density_from_draws_is_the_normal_one() -> None:
    draws = np.random.default_rng(4).normal(2, 3, 40_000)
    for value in (2.0, -2.0, 7.0):
        assert log_density(draws, value) == pytest.approx(norm.logpdf(value, 2, 3), abs=0.05)


def made_up(model: str, shift: float, origins_of: int = 12) -> list[dict[str, Any]]:
    rng = np.random.default_rng(5)
    rows = []
    for i in range(origins_of):
        origin = f"{2020 + i // 4}Q{i % 4 + 1}"
        target = Target("ai_capex", origin, "2025-01-01", "2026Q1", 1)
        draws = np.exp(shift + rng.normal(0.0, 0.2, 2000))
        rows.append(row(target, model, draws, float(np.exp(rng.normal(0, 0.2))), rng, last=1.0))
    return rows


def test_scores_say_who_won_on_the_same_origins() -> None:
    rows = [*made_up("random_walk", 0.6), *made_up("better", 0.0)[4:]]
    found = {s["model"]: s for s in scores(rows)}
    assert found["random_walk"]["won"] is None and found["random_walk"]["n"] == 12
    better = found["better"]
    assert better["won"] and better["skill"] > 0 and better["n"] == 8 and better["first"] == "2021Q1"
    assert better["test"]["p_value"] < 0.05 and better["test"]["difference"] < 0
    assert found["random_walk"]["pit"]["p_value"] < 0.05 < better["pit"]["p_value"]


def test_too_few_cases_have_no_test() -> None:
    rows = [*made_up("random_walk", 0.6, 2), *made_up("better", 0.0, 2)]
    better = next(s for s in scores(rows) if s["model"] == "better")
    assert better["test"] is None and better["pit"] is None and better["n"] == 2


def test_correlation_of_growth_less_its_season() -> None:
    rng = np.random.default_rng(6)
    season = np.tile([0.1, -0.1, 0.2, -0.2], 10)
    shocks = rng.normal(0, 0.1, (40, 2))
    shocks[:, 1] = 0.8 * shocks[:, 0] + 0.06 * shocks[:, 1] / 0.1
    levels = np.exp((season[:, None] + shocks).cumsum(axis=0))
    quarters = [f"{2010 + i // 4}Q{i % 4 + 1}" for i in range(40)]
    flows = {str(k): dict(zip(quarters, levels[:, k], strict=True)) for k in range(2)}
    assert growth_correlation(flows)["correlation"] == pytest.approx(
        0.8 * 0.1 / np.hypot(0.08, 0.06), abs=0.2
    )
