"""Paths: shapes, freezing, cutting and joining."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pytest

from overbuild.core import Paths
from overbuild.core.periods import span
from overbuild.errors import UnknownNameError

DAY = date(2026, 11, 22)


def make(first: str, last: str, **layers: Any) -> Paths:
    values = {name: np.atleast_2d(np.array(v, dtype=float)) for name, v in layers.items()}
    return Paths(span(first, last), values, dict.fromkeys(values, "USD million"), "simulated", DAY)


def test_what_paths_know_of_themselves() -> None:
    paths = make("1999Q1", "1999Q3", capex=[[1, 2, 3], [4, 5, 6]], revenue=np.ones((2, 3)))
    assert (paths.frequency, paths.per_year, paths.draws, paths.layers) == ("Q", 4, 2, ("capex", "revenue"))
    np.testing.assert_array_equal(paths.layer("capex")[1], [4, 5, 6])
    assert Paths(("1999",), {}, {}, "history", DAY).draws == 1


def test_an_unknown_layer_is_told_what_there_is() -> None:
    with pytest.raises(UnknownNameError, match=r"No layer 'price'\. Available: capex"):
        make("1999", "2000", capex=[1, 2]).layer("price")


@pytest.mark.parametrize(
    ("time", "values", "units", "message"),
    [
        ((), {}, {}, "consecutive"),
        (("1999", "2001"), {}, {}, "consecutive"),
        (("2000", "1999"), {}, {}, "consecutive"),
        (("1999", "2000Q1"), {}, {}, "consecutive"),
        (("1999",), {"a": [1.0]}, {"a": ""}, "shape"),
        (("1999",), {"a": [[1.0, 2.0]]}, {"a": ""}, "shape"),
        (("1999",), {"a": np.empty((0, 1))}, {"a": ""}, "shape"),
        (("1999",), {"a": [[1.0]], "b": [[1.0], [2.0]]}, {"a": "", "b": ""}, "same number of draws"),
        (("1999",), {"a": [[1.0]]}, {}, "same layers"),
        (("1999",), {"a": [[np.inf]]}, {"a": ""}, "infinite"),
    ],
)
def test_what_is_refused(time: tuple[str, ...], values: Any, units: Mapping[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Paths(time, values, units, "history", DAY)


def test_paths_are_frozen_copies() -> None:
    array = np.array([[1.0, 2.0]])
    given_layers = {"capex": array}
    paths = Paths(("1999", "2000"), given_layers, {"capex": "USD"}, "history", DAY)
    array[:] = 9
    given_layers["more"] = array
    assert paths.layers == ("capex",)
    assert paths.layer("capex")[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        paths.layer("capex")[0, 0] = 9
    with pytest.raises(TypeError):
        paths.values["capex"] = array  # type: ignore[index]
    with pytest.raises(AttributeError):
        paths.kind = "simulated"  # type: ignore[misc]


def test_the_digest_holds_everything() -> None:
    base = make("1999", "2000", capex=[1, 2])
    others = [
        make("2000", "2001", capex=[1, 2]),
        make("1999", "2000", capex=[1, 3]),
        make("1999", "2000", spend=[1, 2]),
        Paths(base.time, base.values, {"capex": "USD"}, "simulated", DAY),
        Paths(base.time, base.values, base.units, "history", DAY),
        Paths(base.time, base.values, base.units, "simulated", date(2026, 11, 23)),
    ]
    assert len({p.digest for p in (base, *others)}) == 7
    swapped = make("1999", "2000", b=[1, 2], a=[3, 4]), make("1999", "2000", a=[3, 4], b=[1, 2])
    assert swapped[0].digest == swapped[1].digest


def test_they_travel_between_processes_and_can_be_keys() -> None:
    paths = make("1999", "2000", capex=[1, 2])
    assert pickle.loads(pickle.dumps(paths)).digest == paths.digest
    assert {paths: "kept"}[paths] == "kept"


@pytest.mark.parametrize(
    ("period", "last"),
    [
        ("2000Q1", "2000Q1"),
        ("1999", "1999Q4"),
        ("1999Q3", "1999Q3"),
        ("2000-05", "2000Q1"),
        ("2000-06", "2000Q2"),
        ("2030", "2000Q4"),
    ],
)
def test_until(period: str, last: str) -> None:
    paths = make("1999Q3", "2000Q4", capex=[1, 2, 3, 4, 5, 6]).until(period)
    assert paths.time[-1] == last
    assert paths.layer("capex").shape == (1, len(paths.time))


def test_until_never_keeps_a_year_that_is_not_over() -> None:
    annual = make("1999", "2001", capex=[1, 2, 3])
    assert annual.until("2000Q4").time[-1] == "2000"
    assert annual.until("2001Q2").time[-1] == "2000"
    with pytest.raises(ValueError, match="start in 1999"):
        annual.until("1999Q3")


def test_after_puts_the_history_in_front_of_every_draw() -> None:
    history = make("1999", "2001", capex=[1, 2, 3], revenue=[7, 8, 9])
    future = make("2001", "2002", capex=[[30, 4], [31, 5]], price=[[1, 1], [2, 2]])
    joined = future.after(history)
    assert joined.time == ("1999", "2000", "2001", "2002")
    np.testing.assert_array_equal(joined.layer("capex"), [[1, 2, 30, 4], [1, 2, 31, 5]])
    np.testing.assert_array_equal(joined.layer("price"), [[np.nan, np.nan, 1, 1], [np.nan, np.nan, 2, 2]])
    assert joined.layers == future.layers
    assert (joined.kind, joined.as_of) == (future.kind, future.as_of)


def test_after_takes_the_first_draw_of_a_range_of_evidence() -> None:
    joined = make("2000", "2000", capex=[[5], [6], [7]]).after(make("1999", "1999", capex=[[1], [2]]))
    np.testing.assert_array_equal(joined.layer("capex"), [[1, 5], [1, 6], [1, 7]])


def test_after_leaves_paths_that_start_earlier_as_they_are() -> None:
    history = make("1999", "2001", capex=[1, 2, 3])
    earlier = make("1998", "2002", capex=[0, 1, 2, 3, 4])
    assert earlier.after(history).digest == earlier.digest


@pytest.mark.parametrize(("first", "last"), [("2003", "2004"), ("2002Q1", "2002Q1")])
def test_after_refuses_a_hole_or_another_frequency(first: str, last: str) -> None:
    future = make(first, last, capex=np.ones(len(span(first, last))))
    with pytest.raises(ValueError, match="cannot follow a history that ends in 2001"):
        future.after(make("1999", "2001", capex=[1, 2, 3]))
