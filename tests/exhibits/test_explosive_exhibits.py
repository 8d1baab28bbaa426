"""The exhibits of explosive regimes draw what the model filed, and say what they do not claim."""

from __future__ import annotations

from typing import Any

import pytest

from overbuild.errors import InputError
from overbuild.exhibits import explosive_dates, explosive_regimes, numbers_explosive
from overbuild.exhibits.base import Inputs
from overbuild.exhibits.frames import floats, where
from overbuild.models.explosive import RANKED
from overbuild.models.explosive_published import published_of

MONTHS = ["1999-10", "1999-11", "1999-12", "2000-01"]


def dates(*points: str | None) -> dict[str, Any]:
    return dict(zip(("q05", "q50", "q95"), points, strict=True))


def series(name: str, any_long: float, episodes: bool = True) -> dict[str, Any]:
    episode = {
        "probability": any_long * 0.8,
        "given_any": 0.8,
        "claimed": any_long > 0.6,
        "start": dates("1999-10", "1999-10", "1999-11"),
        "last": dates("1999-11", "1999-12", "2000-01"),
        "peak": dates("1999-11", "1999-12", None),
        "end": dates("1999-12", None, None),
        "months": 12.0,
        "rise": 0.9,
        "ongoing": 0.2,
    }
    return {
        "series": name,
        "title": name.title(),
        "ratio": False,
        "months": MONTHS,
        "log_level": [0.0, 0.1, 0.3, 0.2],
        "explosive": [0.2, 0.6, 0.5, 0.1],
        "collapse": [0.0, 0.0, 0.1, 0.4],
        "scale": [0.05, 0.05, 0.06, 0.06],
        "exists": any_long,
        "any_long": any_long,
        "now": {"random_walk": 0.5, "explosive": 0.1, "collapse": 0.4},
        "episodes": [episode] if episodes else [],
    }


def estimate(era: str, name: str) -> dict[str, Any]:
    row = {"mean": 0.1, "sd": 0.1, "q05": 0.0, "q50": 0.1, "q95": 0.2, "prior_sd": 0.1, "identified": True}
    beside = [
        series("telecom_shares" if era == "telecom" else "semiconductors", 0.8)
        | {"left_out": None, "diagnostics": {"passed": True}},
        {"series": "price_dividend", "title": "Ratio", "left_out": "too few"},
    ]
    findings = series(name, 0.3) | {
        "prior_any_long": 0.42,
        "prior_exists": 0.5,
        "shortest_episode_months": 6,
        "beside": beside,
        "published": published_of(era),
        "ratios": [
            {"ratio": "capex over revenue", "quarters": 34, "needed": 60, "claim": None, "why": "too short"}
        ],
    }
    return {
        "findings": findings,
        "parameters": [
            row | {"parameter": n, "learnt": 0.05 if n == "explosive_root" else -0.02} for n in RANKED
        ],
    }


@pytest.fixture
def results() -> dict[str, Any]:
    return {
        "estimate_explosive_ai": estimate("ai", "ai_hardware"),
        "estimate_explosive_telecom": estimate("telecom", "nasdaq"),
        "estimate_explosive_telecom_full": estimate("telecom", "nasdaq"),
    }


def test_the_figure_draws_prices_and_probabilities_of_both_eras(results: dict[str, Any]) -> None:
    made = explosive_regimes.build(Inputs(results))
    assert set(made.data["era"]) == {"ai", "telecom"}
    drawn = where(made.data, era="telecom", series="nasdaq")
    assert floats(drawn, "explosive").tolist() == [0.2, 0.6, 0.5, 0.1]
    assert "hindcast on revised data; one event" in made.note
    assert "0.42" in made.note


def test_it_can_be_drawn_without_any_episode(results: dict[str, Any]) -> None:
    for result in results.values():
        result["findings"]["episodes"] = []
    for beside in [b for r in results.values() for b in r["findings"]["beside"]]:
        beside["episodes"] = []
    assert len(explosive_regimes.build(Inputs(results)).data) == 3 * len(MONTHS)
    table: Any = explosive_dates.build(Inputs(results)).frame
    assert table["start"].isna().any()
    assert numbers_explosive.numbers(results)["full"]["start"]["low"]["text"] == "none"


def test_the_table_sets_dates_beside_published_ones(results: dict[str, Any]) -> None:
    made = explosive_dates.build(Inputs(results))
    first = made.frame.iloc[0]
    assert first["series"] == "Nasdaq, 2000-01"
    assert first["start"] == "1999-10 (1999-10 to 1999-11)"
    assert first["end"] == "open (1999-12 to open)"
    assert first["published"] == "from 1995-06"
    assert made.frame["series"].str.contains("too short").sum() == 3
    assert "hindcast on revised data; one event" in made.note
    assert "34 quarters of the 60 needed" in made.note
    assert "explosive root 5 % and 5 %" in made.note.replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_numbers_are_quoted_by_estimate(results: dict[str, Any]) -> None:
    found = numbers_explosive.numbers(results)
    assert found["ai"]["any"]["text"] == "0.30"
    assert found["full"]["learnt"]["stay_explosive"]["text"] == "0"
    assert found["full"]["beside"]["telecom_shares"]["start"]["middle"]["text"] == "1999-10"
    assert found["quarters"]["value"] == 34
    results["estimate_explosive_ai"]["findings"]["any_long"] = None
    with pytest.raises(InputError, match="not known"):
        numbers_explosive.numbers(results)
