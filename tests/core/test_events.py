"""Events: what a path decides, by when, and what arithmetic excludes."""

from __future__ import annotations

import itertools
import math
import pickle
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from overbuild.core import Event, Paths, Snapshot, Verdicts
from overbuild.core.periods import ordinal, span, years_after
from overbuild.errors import UnknownNameError

NAN = math.nan
DAY = date(2026, 11, 22)
O1 = Event("O1", "primary", "value_over_cost", "below_level", thresholds={"level": 1.0})
O2 = Event(
    *("O2", "primary", "utilisation", "low_utilisation"),
    thresholds={"ratio": 0.5, "years": 1.0, "annual_years": 2.0, "shortest_fall_years": 2.0},
)
O3 = Event("O3", "primary", "capex", "drawdown", thresholds={"fall": 0.3, "window_years": 3.0})
O4 = Event("O4", "primary", "capital_gap", "above_log_level", thresholds={"ratio": 1.5})
O5 = Event("O5", "primary", "excess_price_fall", "faster_fall", thresholds={"excess": 0.2, "years": 2.0})
CORE = Event("composite", "primary", "", "composite", parts=(O1, O2, O3))

NARROW = {
    **{"1994": 40.563, "1995": 44.014, "1996": 49.725, "1997": 54.819, "1998": 57.592, "1999": 71.684},
    **{"2000": 92.503, "2001": 84.023, "2002": 61.248, "2003": 54.345, "2004": 58.771, "2005": 63.531},
}
"""US private investment in communication structures and equipment, USD billion (BEA fixed assets)."""


def make(first: str, last: str, **layers: Any) -> Paths:
    values = {name: np.atleast_2d(np.array(v, dtype=float)) for name, v in layers.items()}
    return Paths(span(first, last), values, dict.fromkeys(values, ""), "history", DAY)


def known(*histories: Paths) -> Snapshot:
    return Snapshot(DAY, "vintage", pd.DataFrame({"available_from": [DAY]}), histories=histories)


def verdict(event: Event, paths: Paths) -> bool | None:
    return event.judge(paths).one()


# The telecom truth table --------------------------------------------------------------------------

TABLE = {
    0.3: {"1997": (0, 0, 0), "1998": (0, 0, 1), "1999": (0, 1, 1), "2000": (1, 1, 1), "2001": (1, 1, 1)},
    0.4: {"1997": (0, 0, 0), "1998": (0, 0, 0), "1999": (0, 0, 1), "2000": (0, 1, 1), "2001": (1, 1, 1)},
}


@pytest.mark.parametrize(("fall", "vintage"), list(itertools.product(TABLE, TABLE[0.3])))
def test_hindcast_labels_on_bea_narrow(fall: float, vintage: str) -> None:
    narrow = make("1994", "2005", capex=list(NARROW.values()))
    event = O3.with_thresholds(fall=fall)
    labels = tuple(int(verdict(event.dated(years_after(vintage, h)), narrow) or 0) for h in (2, 3, 4))
    assert labels == TABLE[fall][vintage]
    scaled = make("1994", "2005", capex=[1e6 * v for v in NARROW.values()])
    assert labels == tuple(int(verdict(event.dated(years_after(vintage, h)), scaled) or 0) for h in (2, 3, 4))


def test_the_labels_see_nothing_that_comes_later() -> None:
    changed = {**NARROW, "2004": 1e9, "2005": NAN}
    for by in span("1999", "2003"):
        one = O3.dated(by).judge(make("1994", "2005", capex=list(NARROW.values())))
        other = O3.dated(by).judge(make("1994", "2005", capex=list(changed.values())))
        np.testing.assert_array_equal(one.holds, other.holds)
        np.testing.assert_array_equal(one.value, other.value)


# What an event is ---------------------------------------------------------------------------------


def test_names() -> None:
    severe = Event("O3", "severe", "capex", "drawdown")
    assert (O3.name, severe.name, severe.dated("2028Q4").name) == ("O3", "O3/severe", "O3/severe by 2028Q4")
    assert severe.dated("2028Q4").definition == "O3/severe"


def test_dating_a_composite_dates_its_parts() -> None:
    assert [p.by for p in (CORE.dated("2030"), *CORE.dated("2030").parts)] == ["2030"] * 4
    assert CORE.by == CORE.parts[0].by == ""


def test_thresholds_cannot_be_changed_in_place() -> None:
    assert O3.with_thresholds(fall=0.4).thresholds == {"fall": 0.4, "window_years": 3.0}
    assert O3.thresholds["fall"] == 0.3
    with pytest.raises(TypeError):
        O3.thresholds["fall"] = 0.4  # type: ignore[index]
    with pytest.raises(UnknownNameError, match=r"No threshold 'falls'\. Available: fall, window_years"):
        O3.with_thresholds(falls=0.4)


def test_events_are_values() -> None:
    again = Event("O3", "primary", "capex", "drawdown", thresholds={"window_years": 3.0, "fall": 0.3})
    assert again == O3
    assert {again: 1}[O3] == 1
    assert pickle.loads(pickle.dumps(CORE.dated("2030"))) == CORE.dated("2030")


@pytest.mark.parametrize(
    ("error", "message", "arguments"),
    [
        (UnknownNameError, "No rule 'crash'. Available: above_log_level", {"rule": "crash"}),
        (ValueError, "three parts", {"rule": "composite"}),
        (ValueError, "three parts", {"rule": "drawdown", "parts": (O1,)}),
        (ValueError, "three parts", {"rule": "drawdown", "parts": (O1, O2, O3)}),
        (ValueError, "not a year", {"rule": "drawdown", "by": "2028-12-31"}),
    ],
)
def test_what_is_refused(error: type[Exception], message: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(error, match=message):
        Event("O3", "primary", "capex", **arguments)


# What a path decides ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "expected", "when"),
    [
        ("2000", False, ""),
        ("2001", True, "2001"),
        ("2001Q4", True, "2001"),
        ("2001Q3", False, ""),
        ("", True, "2001"),
    ],
)
def test_by_on_annual_paths(by: str, expected: bool, when: str) -> None:
    judged = O3.dated(by).judge(make("1999", "2002", capex=[9, 10, 6, 6]))
    assert judged.one() is expected
    assert judged.when[0] == when


@pytest.mark.parametrize(
    ("by", "expected", "when"),
    [("2001Q1", False, ""), ("2001Q2", True, "2001Q2"), ("2001", True, "2001Q2"), ("2001-05", False, "")],
)
def test_by_on_quarterly_paths(by: str, expected: bool, when: str) -> None:
    judged = O3.dated(by).judge(make("2000Q1", "2001Q4", capex=[10, 10, 10, 10, 5, 2, 2, 2]))
    assert judged.one() is expected
    assert judged.when[0] == when


@pytest.mark.parametrize(
    ("event", "layer", "values", "expected"),
    [
        (O3, "capex", [10, 6, 6, 6], True),
        (O3, "capex", [10, 9, 9, 9], None),
        (O2, "utilisation", [0.9, 0.4, 0.4, 0.9], True),
        (O2, "utilisation", [0.9, 0.9, 0.9, 0.9], None),
        (O5, "excess_price_fall", [0.1, 0.3, 0.3, 0.1], True),
        (O5, "excess_price_fall", [0.1, 0.1, 0.3, 0.1], None),
        (O1, "value_over_cost", [2, 2, 2, 0.5], None),
        (O4, "capital_gap", [0, 0, 0, 1.0], None),
    ],
)
def test_a_path_that_ends_early_makes_nothing_false(
    event: Event, layer: str, values: list[float], expected: bool | None
) -> None:
    """Nor does it decide a state at the end, which may still change."""
    judged = event.dated("2006").judge(make("2000", "2003", **{layer: values}))
    assert judged.one() is expected
    assert (judged.when[0] == "") is (expected is None)
    assert judged.why_unknown == (
        "" if expected else f"'{layer}' is known to 2003 and the event may happen until 2006"
    )
    assert verdict(event.dated("2003"), make("2000", "2003", **{layer: values})) is not None


def test_the_first_period_of_a_path_counts() -> None:
    paths = make("2000", "2002", value_over_cost=[0.9, 2, 2], capex=[10, 6, 6])
    assert O1.dated("2000").judge(paths).when[0] == "2000"
    assert verdict(O3.dated("2000"), paths) is False


def test_other_reasons_for_not_knowing() -> None:
    paths = make("2000", "2002", capex=[[10, NAN, 9], [10, 6, NAN]])
    assert O1.judge(paths).why_unknown == "no layer 'value_over_cost' in these paths"
    assert O3.dated("1999").judge(paths).why_unknown == "the paths start after 1999"
    judged = O3.dated("2002").judge(paths)
    assert judged.why_unknown == "'capex' is not observed closely enough to decide"
    np.testing.assert_array_equal(judged.holds, [NAN, 1])
    np.testing.assert_array_equal(judged.when, ["", "2001"])
    assert verdict(CORE, Paths(("2000",), {}, {}, "history", DAY)) is None


# The composite ------------------------------------------------------------------------------------

CASH = {True: [2, 2, 0.5], False: [2, 2, 2], None: [NAN, NAN, NAN]}
USE = {True: [0.9, 0.4, 0.4], False: [0.9, 0.9, 0.9], None: [0.9, NAN, 0.4]}
SPENDING = {True: [10, 6, 6], False: [10, 10, 10], None: [10, NAN, 10]}


@pytest.mark.parametrize(("cash", "use", "spending"), list(itertools.product((True, False, None), repeat=3)))
def test_the_composite_is_kleene_logic(cash: bool | None, use: bool | None, spending: bool | None) -> None:
    paths = make("2000", "2002", value_over_cost=CASH[cash], utilisation=USE[use], capex=SPENDING[spending])
    judged = CORE.dated("2002").judge(paths)
    disjunction = True if use or spending else None if None in (use, spending) else False
    expected = False if False in (cash, disjunction) else None if None in (cash, disjunction) else True
    assert judged.one() is expected
    assert bool(judged.why_unknown) is (expected is None)
    assert bool(judged.when[0]) is (expected is True)
    assert np.isnan(judged.value).all()
    if expected is None:
        named = {part for part, v in (("O1", cash), ("O2", use), ("O3", spending)) if v is None}
        assert {reason.split(":")[0] for reason in judged.why_unknown.split("; ")} == named


def test_the_composite_names_what_is_missing_on_the_draws_that_lack_it() -> None:
    paths = make(
        "2000",
        "2002",
        value_over_cost=[CASH[False], CASH[True]],
        utilisation=[USE[None], USE[False]],
        capex=[SPENDING[False], SPENDING[None]],
    )
    judged = CORE.dated("2002").judge(paths)
    np.testing.assert_array_equal(judged.holds, [0, NAN])
    assert judged.why_unknown == "O3: 'capex' is not observed closely enough to decide"


@pytest.mark.parametrize(
    ("cash", "use", "spending", "when"),
    [
        ([2, 2, 2, 0.5], [0.9, 0.4, 0.4, 0.4], [10, 10, 10, 10], "2003"),
        ([0.5, NAN, NAN, NAN], [0.9, 0.4, 0.4, 0.4], [10, 10, 10, 10], "2002"),
        ([0.5, NAN, NAN, NAN], [0.9, 0.9, 0.9, 0.9], [10, 10, 10, 6], "2003"),
        ([0.5, NAN, NAN, NAN], [0.9, 0.4, 0.4, 0.4], [10, 6, 6, 6], "2001"),
        ([0.5, NAN, NAN, NAN], [0.9, 0.4, 0.4, 0.4], [10, 10, 10, 6], "2002"),
    ],
)
def test_when_the_composite_first_held(
    cash: list[float], use: list[float], spending: list[float], when: str
) -> None:
    """When O1 and the first of O2 and O3 had both happened."""
    paths = make("2000", "2003", value_over_cost=cash, utilisation=use, capex=spending)
    assert CORE.judge(paths).when[0] == when


def test_dates_of_the_composite_by_draw() -> None:
    paths = make(
        "2000",
        "2002",
        value_over_cost=[[0.5, NAN, NAN]] * 3,
        utilisation=[[0.9] * 3] * 3,
        capex=[[10, 6, 6], [10, 10, 6], [10, 10, 10]],
    )
    assert isinstance(CORE.judge(paths), Verdicts)
    np.testing.assert_array_equal(CORE.judge(paths).when, ["2001", "2002", ""])


# What arithmetic excludes -------------------------------------------------------------------------

LEVEL = make("2025Q1", "2026Q2", capex=[25] * 6, utilisation=[1.0] * 6)


@pytest.mark.parametrize(
    ("event", "by", "expected"),
    [
        (O3, "2026Q3", False),
        (O3, "2026Q4", True),
        (O3, "2026", True),
        (O3.with_thresholds(fall=0.8), "2027Q1", False),
        (O3.with_thresholds(fall=0.8), "2027Q2", True),
        (O2, "2028Q4", False),
        (O2, "2029Q1", True),
        (O2, "", True),
        (O1, "2026Q3", True),
        (O4, "2026Q3", True),
        (O5, "2026Q3", True),
    ],
)
def test_possible(event: Event, by: str, expected: bool) -> None:
    assert event.dated(by).possible(known(LEVEL)) is expected


def test_without_a_history_everything_is_possible() -> None:
    for event in (O1, O2, O3, O4, O5, CORE):
        assert event.dated("2026Q3").possible(known())


def test_what_has_already_happened_is_possible() -> None:
    fallen = make("2025Q1", "2026Q2", capex=[10, 10, 10, 10, 2, 2])
    assert verdict(O3, fallen) is True
    assert O3.dated("2026Q2").possible(known(fallen))
    assert O3.dated("2026Q3").possible(known(fallen))


def test_what_has_not_happened_in_time_is_not() -> None:
    assert not O3.dated("2026Q2").possible(known(LEVEL))
    assert not O2.dated("2026Q1").possible(known(LEVEL))
    assert O3.dated("2024Q4").possible(known(LEVEL)), "before the record starts nothing is known"
    assert not O3.dated("2023").possible(known(make("2023", "2025", capex=[80, 90, 100])))


def test_what_is_not_reported_yet_counts_as_open() -> None:
    """The layers of a history share their time, and one may end before another."""
    uneven = make("2025Q1", "2026Q2", capex=[25, 25, 25, 25, NAN, NAN], utilisation=[1.0] * 6)
    assert O3.dated("2026Q2").possible(known(uneven))
    assert not O3.dated("2026Q1").possible(known(uneven))


def test_any_draw_of_a_range_of_evidence_keeps_an_event_open() -> None:
    ends = make("2025Q1", "2026Q2", capex=[[25] * 6, [30, 30, 30, 30, 28, 20]])
    assert O3.dated("2026Q3").possible(known(ends))
    assert not O3.dated("2026Q3").possible(known(make("2025Q1", "2026Q2", capex=[[25] * 6, [30] * 6])))


def test_an_annual_by_against_annual_and_quarterly_histories() -> None:
    annual = make("2023", "2025", capex=[80, 90, 100])
    assert not O3.dated("2026Q3").possible(known(annual)), "the year 2026 is not over by then"
    assert O3.dated("2026").possible(known(annual))
    assert ordinal("2026") - ordinal(annual.time[-1]) == 1


@pytest.mark.parametrize(("by", "expected"), [("2026Q3", False), ("2026Q4", True), ("2030Q4", True)])
def test_the_composite_needs_a_part_that_is_open(by: str, expected: bool) -> None:
    assert CORE.dated(by).possible(known(LEVEL)) is expected
