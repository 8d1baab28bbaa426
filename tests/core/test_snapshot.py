"""Snapshots: nothing that was known later gets in."""

from __future__ import annotations

import pickle
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from overbuild.core import Paths, Snapshot
from overbuild.errors import UnknownNameError

DAY = date(2001, 6, 30)


def table(*days: Any, value: float = 1.0) -> pd.DataFrame:
    rows = [("capex", str(1990 + i), value, day) for i, day in enumerate(days)]
    return pd.DataFrame(rows, columns=["series", "period", "value", "available_from"]).astype(
        {"available_from": object}
    )


def history(day: date = DAY, **layers: list[float]) -> Paths:
    years = len(next(iter(layers.values())))
    time = tuple(str(1990 + i) for i in range(years))
    return Paths(
        time, {k: np.array([v]) for k, v in layers.items()}, dict.fromkeys(layers, "USD"), "history", day
    )


def test_the_day_itself_is_known_and_the_next_is_not() -> None:
    assert len(Snapshot(DAY, "vintage", table(date(2001, 1, 1), DAY)).table) == 2
    with pytest.raises(
        ValueError, match="available from 2001-07-01 cannot enter a snapshot as of 2001-06-30"
    ):
        Snapshot(DAY, "vintage", table(date(2001, 7, 1), DAY))


@pytest.mark.parametrize("missing", [None, np.nan, pd.NaT])
def test_a_row_without_a_date_is_refused(missing: Any) -> None:
    with pytest.raises(ValueError, match="without available_from"):
        Snapshot(DAY, "vintage", table(DAY, missing))


def test_booms_are_checked_too() -> None:
    assert Snapshot(DAY, "vintage", table(DAY), booms=table(DAY)).booms is not None
    with pytest.raises(ValueError, match="2002-01-01 cannot enter"):
        Snapshot(DAY, "vintage", table(DAY), booms=table(date(2002, 1, 1)))


def test_histories_are_not_known_later() -> None:
    with pytest.raises(ValueError, match="history known later"):
        Snapshot(DAY, "vintage", table(DAY), histories=(history(date(2001, 7, 1), capex=[1.0]),))


def test_an_empty_snapshot_is_one() -> None:
    assert Snapshot(DAY, "vintage", table()).table.empty


def test_a_snapshot_does_not_change_with_what_it_was_made_from() -> None:
    rows, perimeter = table(DAY), {"firms": ["A", "B"]}
    snapshot = Snapshot(DAY, "vintage", rows, "ai", perimeter)
    rows.loc[0, "value"] = 5.0
    perimeter["firms"] = []
    assert snapshot.table.loc[0, "value"] == 1.0
    assert snapshot.perimeter["firms"] == ["A", "B"]
    with pytest.raises(AttributeError):
        snapshot.as_of = date(2030, 1, 1)  # type: ignore[misc]


def test_the_digest_holds_everything_and_ignores_order() -> None:
    base = Snapshot(DAY, "vintage", table(DAY, DAY), "ai", {"a": {"x": 1, "y": 2}})
    shuffled = Snapshot(DAY, "vintage", table(DAY, DAY).iloc[::-1], "ai", {"a": {"y": 2, "x": 1}})
    others = [
        Snapshot(date(2001, 7, 1), "vintage", table(DAY, DAY), "ai", {"a": {"x": 1, "y": 2}}),
        Snapshot(DAY, "lagged_revised", table(DAY, DAY), "ai", {"a": {"x": 1, "y": 2}}),
        Snapshot(DAY, "vintage", table(DAY, DAY, value=2.0), "ai", {"a": {"x": 1, "y": 2}}),
        Snapshot(DAY, "vintage", table(DAY, DAY), "telecom", {"a": {"x": 1, "y": 2}}),
        Snapshot(DAY, "vintage", table(DAY, DAY), "ai", {"a": {"x": 1, "y": 3}}),
        Snapshot(DAY, "vintage", table(DAY, DAY), "ai", {"a": {"x": 1, "y": 2}}, booms=table(DAY)),
    ]
    assert shuffled.digest == base.digest
    assert len({s.digest for s in (base, *others)}) == 7


def test_the_label_admits_a_hindcast() -> None:
    assert Snapshot(DAY, "vintage", table(DAY)).label == "real-time vintage"
    assert Snapshot(DAY, "lagged_revised", table(DAY)).label == "hindcast on revised data"


def test_histories_by_layer() -> None:
    snapshot = Snapshot(
        DAY, "vintage", table(DAY), histories=(history(capex=[1.0]), history(price=[2.0, 3.0]))
    )
    assert snapshot.history("price").layer("price")[0, 1] == 3
    assert snapshot.has_history("capex")
    assert not snapshot.has_history("backlog")
    with pytest.raises(UnknownNameError, match=r"No layer 'backlog'\. Available: capex, price"):
        snapshot.history("backlog")
    with pytest.raises(UnknownNameError, match="Available: none"):
        Snapshot(DAY, "vintage", table(DAY)).history("backlog")


def test_it_travels_between_processes() -> None:
    snapshot = Snapshot(DAY, "vintage", table(DAY), "ai", {"a": 1}, (history(capex=[1.0]),))
    assert pickle.loads(pickle.dumps(snapshot)).digest == snapshot.digest
