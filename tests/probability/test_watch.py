"""What to watch: due dates, records that are longer by made-up quarters, levels that decide."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from overbuild.core import Paths
from overbuild.errors import InputError
from overbuild.locations import data_dir
from overbuild.probability.definitions import event_named
from overbuild.probability.watch import due, expected_moves, extended, triggers

TIME = tuple(f"{2024 + i // 4}Q{i % 4 + 1}" for i in range(8))


def history(values: list[float]) -> Paths:
    return Paths(TIME, {"capex": np.array([values])}, {"capex": ""}, "history", date(2026, 1, 1))


def test_due_dates_follow_the_rules_of_release():
    lags = data_dir() / "release_lags.toml"
    assert due("sec_quarterly", "2026Q3", lags) == date(2026, 11, 14)
    assert due("sec_annual", "2026Q4", lags) == date(2027, 3, 1)
    with pytest.raises(InputError, match="no rule of days"):
        due("collected", "2026Q4", lags)


def test_a_level_that_decides_decides():
    event = event_named("O3", by="2026Q4")
    record = [10.0, 10, 10, 10, 20, 20, 20, 20]
    found = {row["quarter"]: row for row in triggers(history(record), event, ["2026Q1", "2026Q2", "2026Q4"])}
    assert found["2026Q4"]["level"] == pytest.approx(56) and found["2026Q1"]["known"] == 60
    assert not found["2026Q1"]["possible"] and found["2026Q2"]["possible"]
    for total, holds in ((56.0, 1), (56.5, 0)):
        ahead = np.full((1, 4), total / 4)
        made = Paths(
            TIME + tuple(f"2026Q{k}" for k in range(1, 5)),
            {"capex": np.concatenate([np.array([record]), ahead], axis=1)},
            {"capex": ""},
            "simulated",
            date(2026, 1, 1),
        )
        assert event.judge(made).holds[0] == holds


def test_a_longer_record_keeps_what_was_known(tmp_path: Path):
    from overbuild.episodes import load_episode

    snapshot = load_episode("ai", date(2026, 11, 22)).snapshot
    longer = extended(snapshot, [2e5, 3e5])
    old, new = snapshot.history("capex"), longer.history("capex")
    assert new.time[-2:] == ("2026Q3", "2026Q4")
    assert new.layer("capex")[0, -2:].tolist() == [2e5, 3e5]
    assert np.array_equal(new.layer("capex")[0, :-2], old.layer("capex")[0], equal_nan=True)
    four = old.layer("capex_four_firms")[0, -4:].sum() / old.layer("capex")[0, -4:].sum()
    assert new.layer("capex_four_firms")[0, -1] == pytest.approx(3e5 * four)


def test_figures_come_with_the_largest_first():
    rng = np.random.default_rng(0)
    told = rng.standard_normal(3000)
    event = (told + 0.3 * rng.standard_normal(3000) > 1).astype(float)
    figures = {"nothing": rng.standard_normal(3000), "told": told}
    found = expected_moves(event, figures, np.arange(3000), rng)
    assert [row["figure"] for row in found] == ["told", "nothing"]
    assert all(row["mean"] == pytest.approx(row["probability"], abs=1e-6) for row in found)
