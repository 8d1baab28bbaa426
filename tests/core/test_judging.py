"""The rules of O1 to O5 on arrays, against plain loops and the telecom record."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overbuild.core.judging import (
    RULES,
    STATES,
    above_log_level,
    below_level,
    drawdown,
    faster_fall,
    longest_possible_run,
    low_utilisation,
    needed_fall,
    needed_run,
    trailing_year,
)

NAN = math.nan
O3 = {"fall": 0.30, "window_years": 3.0}
O2 = {"ratio": 0.5, "years": 1.0, "annual_years": 2.0}
O5 = {"excess": 0.20, "years": 2.0}

NARROW = {
    **{"1994": 40.563, "1995": 44.014, "1996": 49.725, "1997": 54.819, "1998": 57.592, "1999": 71.684},
    **{"2000": 92.503, "2001": 84.023, "2002": 61.248, "2003": 54.345, "2004": 58.771, "2005": 63.531},
}
"""US private investment in communication structures and equipment, USD billion (BEA fixed assets)."""

flows = st.lists(st.integers(0, 20).map(float), min_size=1, max_size=24)


def row(*values: float) -> np.ndarray:
    return np.array([values], dtype=float)


def verdict(judgement: Any) -> bool | None:
    return None if np.isnan(judgement.holds[0]) else bool(judgement.holds[0])


def every(values: list[float], quarters: int = 4) -> np.ndarray:
    """A flow whose trailing year at the end of year i is four times ``values[i]``."""
    return np.repeat(np.array(values, dtype=float), quarters)[None, :]


# Spending -----------------------------------------------------------------------------------------


def test_trailing_year() -> None:
    x = row(1, 2, 3, 4, 5, NAN, 7, 8, 9, 10)
    expected = [NAN, NAN, NAN, 10, 14, NAN, NAN, NAN, NAN, 34]
    np.testing.assert_array_equal(trailing_year(x, 4)[0], expected)
    np.testing.assert_array_equal(trailing_year(x, 1), x)
    assert np.isnan(trailing_year(row(1, 2, 3), 4)).all()


def plain_drawdown(x: list[float], per_year: int, fall: float, window: int) -> tuple[bool, int]:
    """The definition of O3 word by word, on a complete record of whole numbers (fall in tenths)."""
    flow = [sum(x[t - per_year + 1 : t + 1]) for t in range(per_year - 1, len(x))]
    for t in range(len(flow)):
        peak = max(flow[: t + 1])
        last = max(s for s in range(t + 1) if flow[s] == peak)
        if peak > 0 and t - last <= window and 10 * flow[t] <= round(10 - 10 * fall) * peak:
            return True, t + per_year - 1
    return False, -1


@given(flows, st.sampled_from([1, 4]), st.sampled_from([0.2, 0.3, 0.4]), st.sampled_from([1, 2, 3]))
def test_drawdown_is_its_definition(x: list[float], per_year: int, fall: float, window: int) -> None:
    judged = drawdown(np.array([x]), per_year, {"fall": fall, "window_years": window})
    if len(x) < per_year:
        assert verdict(judged) is None
        return
    held, first = plain_drawdown(x, per_year, fall, window * per_year)
    assert verdict(judged) is held
    assert judged.first[0] == first


@given(flows, st.floats(1e-9, 1e9), st.sampled_from([1, 4]))
def test_drawdown_does_not_depend_on_the_unit_of_money(x: list[float], scale: float, per_year: int) -> None:
    one, other = drawdown(np.array([x]), per_year, O3), drawdown(scale * np.array([x]), per_year, O3)
    np.testing.assert_array_equal(one.holds, other.holds)
    np.testing.assert_array_equal(one.first, other.first)
    np.testing.assert_allclose(one.value, other.value, atol=1e-12)


@given(st.lists(flows.filter(lambda x: len(x) >= 8).map(lambda x: x[:8]), min_size=2, max_size=4))
def test_draws_are_judged_one_by_one(rows: list[list[float]]) -> None:
    together = drawdown(np.array(rows), 4, O3)
    alone = [drawdown(np.array([r]), 4, O3) for r in rows]
    np.testing.assert_array_equal(together.holds, [a.holds[0] for a in alone])
    np.testing.assert_array_equal(together.first, [a.first[0] for a in alone])


@pytest.mark.parametrize("peak", [0.1, 1.1, 3.0, 7.7, 10.0, 92.5, 1e12])
@pytest.mark.parametrize("fall", [0.2, 0.3, 0.4])
def test_exactly_at_the_threshold_counts(peak: float, fall: float) -> None:
    for trough in (peak * (1 - fall), peak - fall * peak, peak / 10 * round(10 * (1 - fall))):
        assert verdict(drawdown(row(peak, trough), 1, {"fall": fall, "window_years": 3})) is True
    assert (
        verdict(drawdown(row(peak, peak * (1 - fall) * 1.0001), 1, {"fall": fall, "window_years": 3}))
        is False
    )


def test_a_drawdown_by_quarter_is_of_the_trailing_year() -> None:
    """One bad quarter is not a bad year; seasons are not falls."""
    assert verdict(drawdown(row(10, 10, 10, 10, 0, 10, 10, 10), 4, O3)) is False
    assert verdict(drawdown(row(1, 1, 1, 17, 1, 1, 1, 17), 4, O3)) is False
    judged = drawdown(every([10, 7]), 4, O3)
    assert verdict(judged) is True
    assert judged.first[0] == 7
    assert judged.value[0] == pytest.approx(0.3)


@pytest.mark.parametrize(("years", "expected"), [(1, True), (2, True), (3, True), (4, False)])
def test_a_peak_can_be_too_old(years: int, expected: bool) -> None:
    flat = [8.0] * (years - 1)
    assert verdict(drawdown(np.array([[10, *flat, 6.9]]), 1, O3)) is expected
    by_quarter = [10.0] * 4 + [8.0] * (4 * years - 4) + [6.9] * 4
    assert verdict(drawdown(np.array([by_quarter]), 4, O3)) is expected
    assert verdict(drawdown(np.array([[*by_quarter[:-4], *[6.9] * 3]]), 4, O3)) is False


def test_a_peak_that_is_reached_again_counts_from_then() -> None:
    assert verdict(drawdown(row(10, 8, 8, 8, 10, 8, 8, 6.9), 1, O3)) is True
    assert verdict(drawdown(row(10, 8, 8, 8, 9.9, 8, 8, 6.9), 1, O3)) is False


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        ((NAN, NAN, 5, 6), False),
        ((5, NAN, 6), None),
        ((5, 6, NAN), None),
        ((10, 6, NAN), True),
        ((10, NAN, 6), True),
        ((NAN, NAN), None),
        ((0, 0, 0), False),
        ((0, 10, 0), True),
        ((-5, -9), False),
        ((3, -1), True),
    ],
)
def test_gaps_and_zeros(x: tuple[float, ...], expected: bool | None) -> None:
    assert verdict(drawdown(row(*x), 1, O3)) is expected


def test_without_a_peak_there_is_no_fall_to_speak_of() -> None:
    assert np.isnan(drawdown(row(0, 0, 0), 1, O3).value[0])


def test_a_gap_of_a_quarter_hides_the_four_years_it_belongs_to() -> None:
    x = every([10, 10, 10])
    assert verdict(drawdown(x, 4, O3)) is False
    x[0, 5] = NAN
    assert verdict(drawdown(x, 4, O3)) is None
    x[0, 9:] = 1
    assert verdict(drawdown(x, 4, O3)) is True


def test_the_fall_on_bea_narrow() -> None:
    x = np.array([list(NARROW.values())])
    peak = NARROW["2000"]
    falls = [1 - NARROW[y] / peak for y in ("2001", "2002", "2003")]
    assert [round(100 * f, 1) for f in falls] == [9.2, 33.8, 41.3]
    judged = drawdown(x, 1, O3)
    years = list(NARROW)
    assert years[judged.first[0]] == "2002"
    assert years[drawdown(x, 1, {**O3, "fall": 0.4}).first[0]] == "2003"
    assert judged.value[0] == pytest.approx(falls[-1])


# Utilisation --------------------------------------------------------------------------------------


def test_how_long_low_use_must_last() -> None:
    assert (needed_run(O2, 4), needed_run(O2, 1), needed_run(O2, 12)) == (4, 2, 12)
    assert (needed_run({"years": 3.0}, 4), needed_run({"years": 3.0}, 1)) == (12, 3)


@pytest.mark.parametrize(
    ("u", "expected"),
    [
        ((0.9, 0.4, 0.4, 0.4, 0.4), True),
        ((0.9, 0.4, 0.4, 0.4, 0.6), False),
        ((0.9, 0.4, 0.4, 0.4, 0.5, 0.4, 0.4, 0.4), False),
        ((0.9, 0.9, 0.9, 0.9, 0.9), False),
    ],
)
def test_low_use_without_a_break(u: tuple[float, ...], expected: bool) -> None:
    assert verdict(low_utilisation(row(*u), 4, O2)) is expected


@pytest.mark.parametrize("normal", [0.807, 80.7, 0.3, 1.1])
def test_half_is_not_below_half(normal: float) -> None:
    assert verdict(low_utilisation(np.full((1, 9), 0.5 * normal) / normal, 4, O2)) is False
    assert verdict(low_utilisation(np.full((1, 9), 0.4999 * normal) / normal, 4, O2)) is True


@pytest.mark.parametrize(
    ("u", "expected", "years"),
    [
        ((0.3, NAN, NAN, 0.4), True, 4),
        ((0.9, NAN, NAN, 0.9), False, 0),
        ((0.9, NAN, 0.4), None, 1),
        ((0.9, 0.4, NAN, 0.9), None, 1),
        ((0.9, 0.4, 0.9), False, 1),
        ((NAN, 0.4, NAN), None, 1),
        ((NAN, 0.4, 0.9), None, 1),
        ((0.4, 0.9), None, 1),
        ((NAN, NAN, 0.9, 0.9), False, 0),
        ((0.9, NAN), False, 0),
        ((0.9, NAN, NAN), None, 0),
        ((NAN, NAN), None, NAN),
    ],
)
def test_dated_observations_are_bridged_and_nothing_else_is_assumed(
    u: tuple[float, ...], expected: bool | None, years: float
) -> None:
    judged = low_utilisation(row(*u), 1, O2)
    assert verdict(judged) is expected
    np.testing.assert_array_equal(judged.value, [years])


def test_the_longest_low_time_is_in_years() -> None:
    assert low_utilisation(row(0.9, 0.4, 0.4, 0.4, 0.9, 0.4), 4, O2).value[0] == 0.75


def test_fibre_as_potential_capacity_and_as_lit() -> None:
    """2.6 % of capacity in use in 2001 and 5 % in 2005 bridge four years; one figure for lit trunks none."""
    potential = row(NAN, 0.026, NAN, NAN, NAN, 0.05)
    judged = low_utilisation(potential, 1, O2)
    assert verdict(judged) is True
    assert judged.value[0] == 5
    assert judged.first[0] == 2
    assert verdict(low_utilisation(row(NAN, NAN, 0.35, NAN, NAN), 1, O2)) is None


def test_utilisation_of_equipment_makers_is_a_near_miss() -> None:
    """The low of 40.4 against half of 80.7: below for no year, and not by luck of rounding."""
    u = row(93.4, 85.8, 74.3, 64.0, 55.5, 50, 46, 43, 40.4, 42, 45) / 80.7
    assert verdict(low_utilisation(u, 4, O2)) is False
    assert u.min() - 0.5 == pytest.approx(0.0006, abs=1e-4)


flag_rows = st.lists(st.sampled_from([0.0, 1.0, NAN]), min_size=1, max_size=7)


def run_of(flags: tuple[float, ...], need: int) -> bool:
    return any(all(f == 1 for f in flags[t : t + need]) for t in range(len(flags) - need + 1))


def plain_run(flags: list[float], need: int) -> bool | None:
    """Kleene by enumeration of everything that is not known, before the record where it starts with a 1."""
    known = [f for f in flags if not math.isnan(f)]
    if not known:
        return None
    first = next(t for t, f in enumerate(flags) if not math.isnan(f))
    record = flags[first:]
    before = [[0.0] * need, [1.0] * need] if known[0] == 1 else [[0.0] * need]
    choices = [(0.0, 1.0) if math.isnan(f) else (f,) for f in record]
    verdicts = {run_of((*b, *filled), need) for b in before for filled in itertools.product(*choices)}
    return verdicts.pop() if len(verdicts) == 1 else None


@given(flag_rows, st.integers(1, 4))
def test_runs_are_kleene_logic(flags: list[float], years: int) -> None:
    thresholds = {"excess": 0.5, "years": float(years)}
    assert verdict(faster_fall(np.array([flags]), 1, thresholds)) is plain_run(flags, years)
    bridged = list(flags)
    known = [t for t, f in enumerate(flags) if not math.isnan(f)]
    for a, b in itertools.pairwise(known):
        if flags[a] == flags[b]:
            bridged[a:b] = [flags[a]] * (b - a)
    low = low_utilisation(1 - np.array([flags]), 1, {"ratio": 0.5, "years": float(years)})
    assert verdict(low) is plain_run(bridged, years)


def test_longest_possible_run() -> None:
    flags = np.array([[NAN, 0, 1, NAN, 0], [NAN, 1, NAN, NAN, 0], [NAN, NAN, 0, NAN, NAN], [NAN] * 5])
    np.testing.assert_array_equal(longest_possible_run(flags, 3), [2, 7, 2, 8])


# Price --------------------------------------------------------------------------------------------


def test_overlapping_years_cover_the_time_asked_for() -> None:
    assert (needed_fall(O5, 1), needed_fall(O5, 4), needed_fall({"years": 1.0}, 4)) == (2, 5, 1)


@pytest.mark.parametrize(
    ("excess", "per_year", "expected", "value"),
    [
        ((0.1, 0.25, 0.22, 0.1), 1, True, 0.22),
        ((0.1, 0.25, 0.1, 0.25), 1, False, 0.1),
        ((0.0, 0.3, 0.3, 0.3, 0.3, 0.25), 4, True, 0.25),
        ((0.0, 0.3, 0.3, 0.3, 0.3, 0.1), 4, False, 0.1),
        ((NAN, NAN, NAN, NAN, 0.1, 0.1, 0.1, 0.1, 0.1), 4, False, 0.1),
        ((0.1, NAN), 1, False, NAN),
        ((0.1, 0.3, NAN), 1, None, 0.1),
        ((0.3,), 1, None, NAN),
        ((0.1,), 1, False, NAN),
        ((NAN, NAN, NAN), 1, None, NAN),
        ((0.5 - 0.3, 0.7 - 0.5), 1, True, 0.2),
    ],
)
def test_faster_fall(excess: tuple[float, ...], per_year: int, expected: bool | None, value: float) -> None:
    judged = faster_fall(row(*excess), per_year, O5)
    assert verdict(judged) is expected
    np.testing.assert_allclose(judged.value, [value])


# States -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "expected", "value", "first"),
    [
        ((2.0, 0.9), True, 0.9, 1),
        ((0.9, 2.0), False, 2.0, -1),
        ((2.0, 0.9, NAN), True, 0.9, 1),
        ((1.0,), False, 1.0, -1),
        ((0.1 * 3 / 0.3,), False, 1.0, -1),
        ((NAN, NAN), None, NAN, -1),
    ],
)
def test_below_level(x: tuple[float, ...], expected: bool | None, value: float, first: int) -> None:
    judged = below_level(row(*x), 1, {"level": 1.0})
    assert verdict(judged) is expected
    np.testing.assert_allclose(judged.value, [value])
    assert judged.first[0] == first


@pytest.mark.parametrize(("ratio", "expected"), [(1.44, False), (1.5, False), (1.51, True), (NAN, None)])
def test_above_log_level(ratio: float, expected: bool | None) -> None:
    judged = above_log_level(row(0.0, np.log(ratio)), 1, {"ratio": 1.5})
    # The last *known* value decides, so an unknown end leaves the zero before it.
    assert verdict(judged) is (False if expected is None else expected)
    assert verdict(above_log_level(row(np.log(ratio)), 1, {"ratio": 1.5})) is expected


# All ----------------------------------------------------------------------------------------------

ALL = {**O3, **O2, **O5, "level": 1.0}


@pytest.mark.parametrize("name", list(RULES))
@pytest.mark.parametrize("per_year", [1, 4])
def test_every_rule_gives_well_formed_judgements(name: str, per_year: int) -> None:
    """No warning, whatever the array; unknown when nothing is known; a date exactly where it holds."""
    rng = np.random.default_rng(5)
    for length in (1, 3, 4, 9, 20):
        x = rng.choice([NAN, 0.0, 0.2, 0.6, 1.0, 3.0, -1.0], size=(200, length))
        x[0] = NAN
        judged = RULES[name](x, per_year, _thresholds(name))
        assert judged.holds.shape == judged.value.shape == judged.first.shape == (200,)
        assert set(np.unique(judged.holds[~np.isnan(judged.holds)])) <= {0.0, 1.0}
        np.testing.assert_array_equal(judged.first >= 0, judged.holds == 1)
        assert np.isnan(judged.holds[0])
        assert np.isnan(judged.value[0])
        assert not np.isinf(judged.value).any()


@pytest.mark.parametrize("name", [n for n in RULES if n not in STATES])
@given(st.data())
def test_what_was_met_stays_met(name: str, data: st.DataObject) -> None:
    values = data.draw(st.lists(st.sampled_from([NAN, 0.0, 0.3, 1.0, 3.0]), min_size=2, max_size=10))
    cut = data.draw(st.integers(1, len(values) - 1))
    whole, part = (RULES[name](np.array([v]), 1, _thresholds(name)) for v in (values, values[:cut]))
    if part.holds[0] == 1:
        assert whole.holds[0] == 1
        assert whole.first[0] == part.first[0]


def _thresholds(name: str) -> Mapping[str, float]:
    return {"faster_fall": O5, "drawdown": O3}.get(name, ALL)
