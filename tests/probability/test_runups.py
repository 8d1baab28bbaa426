"""Run-ups and falls: hand-made series, a second implementation, and what must not change the answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overbuild.errors import InputError
from overbuild.probability.panels import panel_of, series_from_table
from overbuild.probability.runups import (
    Panel,
    Rule,
    RunUps,
    deepest_fall,
    drawdown,
    find_run_ups,
    in_force,
    shifted,
    years_in_force,
)

SHORT = Rule(window_years=2, horizon_years=3, floor_usd_million=0.0)


def annual(values: Iterable[float], first: int = 1950) -> pd.Series:
    values = list(values)
    return pd.Series(values, index=range(first, first + len(values)), dtype=float)


def one(*values: float) -> Panel:
    return panel_of({"x": annual(values)})


def found(panel: Panel, rule: Rule) -> list[tuple[str, int, bool, bool]]:
    r: RunUps = find_run_ups(panel, rule)
    rows = zip(r.series, r.year, r.fell, r.resolved, strict=True)
    return [(panel.names[s], int(panel.years[t]), bool(f), bool(k)) for s, t, f, k in rows]


def test_a_doubling_that_falls_is_a_run_up_with_a_fall():
    assert found(one(100, 100, 210, 220, 150, 150), SHORT) == [("x", 1952, True, True)]


def test_a_doubling_that_holds_is_a_run_up_without_one():
    assert found(one(100, 100, 210, 220, 160, 155), SHORT) == [("x", 1952, False, True)]


def test_a_quiet_series_has_no_run_up():
    assert found(one(100, 110, 120, 130, 60, 70, 80), SHORT) == []


def test_exactly_double_and_exactly_thirty_percent_count():
    assert found(one(100, 100, 200, 200, 140, 200), SHORT) == [("x", 1952, True, True)]


def test_the_fall_must_come_within_the_horizon():
    late = one(100, 100, 210, 220, 220, 220, 100)
    assert found(late, SHORT) == [("x", 1952, False, True)]
    assert found(late, replace(SHORT, horizon_years=4)) == [("x", 1952, True, True)]


def test_below_the_floor_a_doubling_does_not_count():
    panel = one(10, 10, 30, 40, 20, 20, 20)
    assert found(panel, replace(SHORT, floor_usd_million=31)) == [("x", 1953, True, True)]
    assert found(panel, replace(SHORT, floor_usd_million=41)) == []


def test_a_window_beyond_the_data_is_unresolved():
    open_end, fallen = one(100, 100, 210, 220), one(100, 100, 210, 100)
    assert found(open_end, SHORT) == [("x", 1952, False, False)]
    assert found(fallen, SHORT) == [("x", 1952, True, False)]


def test_counting_unfinished_falls_adds_those_only():
    rule = replace(SHORT, incomplete="count_falls")
    assert found(one(100, 100, 210, 220), rule) == [("x", 1952, False, False)]
    assert found(one(100, 100, 210, 100), rule) == [("x", 1952, True, True)]


def test_windows_never_overlap_and_the_condition_must_lapse():
    ever_doubling = one(*(100 * 2 ** (i / 2) for i in range(14)))
    assert found(ever_doubling, SHORT) == [("x", 1952, False, True)]
    twice = one(100, 100, 210, 210, 210, 210, 430, 430, 430, 430)
    assert [year for _, year, _, _ in found(twice, SHORT)] == [1952, 1956]
    again = one(100, 210, 100, 210, 210, 210, 210)
    assert [year for _, year, _, _ in found(again, replace(SHORT, window_years=1))] == [1951]
    assert [year for _, year, _, _ in found(again, replace(SHORT, window_years=1, horizon_years=2))] == [
        1951,
        1953,
    ]


def test_an_old_peak_makes_a_recovery_look_like_a_fall():
    recovery = one(1000, 1000, 100, 100, 220, 230, 240, 250)
    (s,) = find_run_ups(recovery, SHORT).series
    assert s == 0
    assert found(recovery, SHORT) == [("x", 1954, True, True)]
    assert found(recovery, replace(SHORT, peak="run_up")) == [("x", 1954, False, True)]


def test_peak_years_leave_out_a_slow_decline():
    slow = one(100, 100, 210, 205, 200, 140, 140)
    rule = replace(SHORT, horizon_years=4)
    assert found(slow, rule) == [("x", 1952, True, True)]
    assert found(slow, replace(rule, peak_years=2)) == [("x", 1952, False, True)]
    assert found(slow, replace(rule, peak_years=3)) == [("x", 1952, True, True)]


def test_a_start_from_nothing_cannot_be_called_a_doubling():
    hit, evaluable = in_force(one(0, 0, 50, 60, 200, 200), SHORT)
    assert not evaluable[0, :4].any() and evaluable[0, 4:].all()
    assert hit[0].tolist() == [False, False, False, False, True, True]


def test_a_gap_leaves_the_window_unresolved():
    panel = one(100, 100, 210, np.nan, 220, 220)
    assert found(panel, SHORT) == [("x", 1952, False, False)]


def test_share_of_gdp_judges_the_share_and_keeps_the_nominal_floor():
    x, gdp = annual([10, 10, 30, 30, 30, 30]), annual([100, 100, 300, 300, 600, 300])
    nominal, share = panel_of({"x": x}, gdp), panel_of({"x": x}, gdp, "share_of_gdp")
    assert len(found(nominal, SHORT)) == 1
    assert found(share, SHORT) == []
    jump = panel_of({"x": annual([10, 10, 10, 10, 10])}, annual([100, 100, 40, 40, 40]), "share_of_gdp")
    assert len(found(jump, SHORT)) == 1
    assert len(found(jump, replace(SHORT, floor_usd_million=9))) == 1
    assert found(jump, replace(SHORT, floor_usd_million=11)) == []


def test_drawdown_and_its_recent_form():
    x = np.array([[100.0, 50.0, 80.0, 120.0, 90.0]])
    assert drawdown(x)[0].tolist() == pytest.approx([0.0, 0.5, 0.2, 0.0, 0.25])
    recent = drawdown(x, peak_years=1)[0]
    assert np.isnan(recent[2]) and recent[1] == pytest.approx(0.5)


def test_shifted_moves_values_and_fills_with_nan():
    x = np.array([[1.0, 2.0, 3.0]])
    assert shifted(x, 1)[0].tolist()[1:] == [1.0, 2.0] and np.isnan(shifted(x, 1)[0, 0])
    assert shifted(x, -1)[0].tolist()[:2] == [2.0, 3.0] and np.isnan(shifted(x, -1)[0, 2])
    assert np.isnan(shifted(x, 3)).all() and np.isnan(shifted(x, -4)).all()
    assert shifted(x, 0).tolist() == x.tolist()


def test_years_in_force_count_from_zero():
    assert years_in_force(np.array([[False, True, True, False, True]]))[0].tolist() == [-1, 0, 1, -1, 0]


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"run_up": 1.0}, "run_up = 1.0"),
        ({"window_years": 0}, "window_years = 0"),
        ({"window_years": 2.5}, "window_years = 2.5"),
        ({"fall": 1.0}, "fall = 1.0"),
        ({"horizon_years": -1}, "horizon_years = -1"),
        ({"floor_usd_million": -5.0}, "floor_usd_million = -5.0"),
        ({"floor_usd_million": float("nan")}, "floor_usd_million = nan"),
        ({"measure": "real"}, "measure = 'real'"),
        ({"peak": "trough"}, "peak = 'trough'"),
        ({"incomplete": "guess"}, "incomplete = 'guess'"),
        ({"peak_years": 0}, "peak_years = 0"),
    ],
)
def test_a_bad_rule_is_refused_by_name(changed: dict, named: str):
    with pytest.raises(InputError, match="expected") as error:
        Rule(**changed)
    assert named in str(error.value)


def test_all_faults_of_a_rule_are_told_together():
    with pytest.raises(InputError) as error:
        Rule(run_up=0.5, fall=2.0)
    assert "run_up = 0.5" in str(error.value) and "fall = 2.0" in str(error.value)


@pytest.mark.parametrize(
    ("series", "said"),
    [
        ({}, "No series"),
        ({"x": pd.Series(dtype=float)}, "'x' is empty"),
        ({"x": pd.Series([1.0, 2.0], index=[1950.5, 1951.5])}, "distinct whole years"),
        ({"x": pd.Series([1.0, 2.0], index=[1950, 1950])}, "distinct whole years"),
        ({"x": annual([1.0, -2.0])}, "-2 in 1951"),
        ({"x": annual([1.0, np.inf])}, "inf in 1951"),
    ],
)
def test_a_bad_series_is_refused_by_name(series: dict[str, pd.Series], said: str):
    with pytest.raises(InputError, match=said):
        panel_of(series)


def test_shares_need_gdp():
    with pytest.raises(InputError, match="needs GDP"):
        panel_of({"x": annual([1.0])}, None, "share_of_gdp")


def test_series_from_table_takes_annual_rows_of_its_names_and_refuses_two_figures_for_a_year():
    table = pd.DataFrame(
        {
            "series": ["a", "a", "b", "c"],
            "frequency": ["A", "A", "Q", "A"],
            "period": ["1951", "1950", "1950Q1", "1950"],
            "value": [2.0, 1.0, 9.0, 9.0],
        }
    )
    taken = series_from_table(table, ["a", "b"])
    assert list(taken) == ["a"] and taken["a"].to_dict() == {1950: 1.0, 1951: 2.0}
    with pytest.raises(InputError, match="several figures"):
        series_from_table(pd.concat([table, table]), ["a"])


def counted_plainly(panel: Panel, rule: Rule) -> list[tuple[int, int, bool, bool]]:
    """The rule once more, as a loop over years, for comparison."""
    out = []
    for row in range(len(panel.names)):
        s = {
            t: panel.measured[row, t] for t in range(panel.years.size) if np.isfinite(panel.measured[row, t])
        }
        last, lapsed = -10_000, True
        for y in sorted(s):
            if s.get(y - rule.window_years, 0) <= 0:
                continue
            hit = (
                s[y] >= rule.run_up * s[y - rule.window_years]
                and panel.level[row, y] >= rule.floor_usd_million
            )
            lapsed = lapsed or not hit
            if not (hit and lapsed and y - last >= rule.horizon_years):
                continue
            last, lapsed = y, False
            peak = s[y] if rule.peak == "run_up" else max(s[t] for t in s if t <= y)
            fell = False
            for t in range(y + 1, y + rule.horizon_years + 1):
                if t in s:
                    peak = max(peak, s[t])
                    fell = fell or s[t] <= (1 - rule.fall) * peak
            complete = all(t in s for t in range(y + 1, y + rule.horizon_years + 1))
            out.append((row, y, fell, complete or (fell and rule.incomplete == "count_falls")))
    return out


values = st.lists(st.integers(0, 60).map(float), min_size=12, max_size=24)
panels = st.lists(values, min_size=1, max_size=3).map(
    lambda rows: panel_of({f"s{i}": annual(r) for i, r in enumerate(rows)})
)
rules = st.builds(
    Rule,
    run_up=st.sampled_from([1.5, 2.0, 3.0]),
    window_years=st.integers(1, 5),
    fall=st.sampled_from([0.25, 0.5]),
    horizon_years=st.integers(1, 6),
    floor_usd_million=st.sampled_from([0.0, 10.0, 30.0]),
    peak=st.sampled_from(["history", "run_up"]),
    incomplete=st.sampled_from(["drop", "count_falls"]),
)


@settings(max_examples=150, deadline=None)
@given(panels, rules)
def test_against_the_rule_written_as_a_loop(panel: Panel, rule: Rule):
    r = find_run_ups(panel, rule)
    rows = list(zip(r.series.tolist(), r.year.tolist(), r.fell.tolist(), r.resolved.tolist(), strict=True))
    assert rows == counted_plainly(panel, rule)


@settings(max_examples=60, deadline=None)
@given(panels, rules, st.floats(1e-3, 1e3))
def test_a_change_of_unit_changes_nothing_when_the_floor_changes_with_it(
    panel: Panel, rule: Rule, unit: float
):
    scaled = Panel(panel.names, panel.years, panel.level * unit, panel.measured * unit)
    there = replace(rule, floor_usd_million=rule.floor_usd_million * unit)
    assert found(scaled, there) == found(panel, rule)


@settings(max_examples=60, deadline=None)
@given(panels, rules)
def test_a_collapse_at_the_end_never_lowers_the_number_of_falls(panel: Panel, rule: Rule):
    x = panel.measured.copy()
    x[:, -1] = 0.0
    before, after = find_run_ups(panel, rule), find_run_ups(Panel(panel.names, panel.years, x, x), rule)
    assert (after.resolved & after.fell).sum() >= (before.resolved & before.fell).sum()


@settings(max_examples=60, deadline=None)
@given(panels, rules)
def test_dates_of_a_series_lie_at_least_a_horizon_apart(panel: Panel, rule: Rule):
    r = find_run_ups(panel, rule)
    for row in np.unique(r.series):
        assert (np.diff(r.year[r.series == row]) >= rule.horizon_years).all()


@settings(max_examples=60, deadline=None)
@given(panels, st.integers(1, 6), st.sampled_from(["history", "run_up"]))
def test_a_longer_horizon_never_finds_a_shallower_fall(panel: Panel, horizon: int, peak: str):
    short, _ = deepest_fall(panel.measured, horizon, peak)  # type: ignore[arg-type]
    long, _ = deepest_fall(panel.measured, horizon + 1, peak)  # type: ignore[arg-type]
    seen = np.isfinite(short)
    assert (long[seen] >= short[seen]).all()
