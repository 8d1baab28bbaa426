"""The register of series: read whole, checked, and made into series of what was known on a day."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from overbuild.core import Snapshot
from overbuild.core.periods import label, ordinal
from overbuild.episodes import DataBook
from overbuild.errors import InputError
from overbuild.explosive.evidence import FEWEST_SHOWN, subjects_of
from overbuild.explosive.observed import longest_stretch, observed
from overbuild.explosive.register import FILE, Listed, read_register

ENTRY = """
[[series]]
id = "a"
title = "A"
group = "G"
era = "ai"
form = "level"
frequency = "Q"
series = ["x"]
entities = ["E"]
reason = "R"
"""
AS_OF = date(2026, 11, 22)


def listed(**given: object) -> Listed:
    base: dict[str, object] = {
        "id": "a",
        "title": "A",
        "group": "G",
        "era": "ai",
        "form": "level",
        "frequency": "Q",
        "series": ("x",),
        "entities": ("E",),
        "reason": "R",
    }
    return Listed(**(base | given))  # type: ignore[arg-type]


def snapshot(values: dict[tuple[str, str], dict[str, float]]) -> Snapshot:
    rows = [
        {
            "series": series,
            "entity": entity,
            "frequency": "M" if "-" in period else "Q",
            "period": period,
            "value": value,
            "available_from": AS_OF - timedelta(days=1),
        }
        for (series, entity), of in values.items()
        for period, value in of.items()
    ]
    return Snapshot(AS_OF, "vintage", pd.DataFrame(rows))


def quarters(count: int, first: str = "2010Q1") -> list[str]:
    return [label(ordinal(first) + i, "Q") for i in range(count)]


def test_the_projects_register_gives_series_or_says_why_not(project_data):
    register = read_register(project_data)
    subjects, missing = subjects_of(register, project_data, AS_OF)
    assert len(subjects) + len(missing) == len(register.series) + len(register.missing)
    assert all(len(s.series) >= FEWEST_SHOWN for s in subjects)
    found = {s.listed.id: s.series for s in subjects}
    assert found["nasdaq"].calendar[0] == "1971-02"
    assert {"capex_revenue_five", "gpu_h100", "telecom_shares", "datacentre_construction"} <= set(found)
    assert "fewer than 20" in missing["B200 rent, matched providers"]


def test_a_series_of_an_earlier_day_ends_before_it(project_data):
    """No look-ahead: also what the register tests as of an earlier day."""
    register = read_register(project_data)
    subjects, _ = subjects_of(register, project_data, AS_OF)
    known = {s.listed.id: s for s in subjects}
    assert known["nasdaq_1999"].series.calendar[-1] < "1999-12"
    assert known["nasdaq_1999"].realtime == "lagged_revised"
    early, _ = subjects_of(register, project_data, date(2015, 6, 30))
    assert max(str(s.series.calendar[-1]) for s in early if s.listed.frequency == "M") < "2015-06"


def test_a_file_of_ones_own_is_read_and_its_faults_are_told(tmp_path):
    faults = {
        ENTRY + "colour = 1\n": "'colour' is no field",
        ENTRY.replace('reason = "R"\n', ""): "'reason' is not given",
        ENTRY.replace('"level"', '"square"'): "form 'square': expected one of log, level, return",
        ENTRY + ENTRY: "a is there twice",
        "": "names no series",
        "[[series": "is not readable as TOML",
        ENTRY + "trailing = 0\n": "trailing: expected 1 or more",
        ENTRY.replace('"level"', '"return"') + "trailing = 4\n": "returns are cumulated",
    }
    (tmp_path / FILE).write_text(ENTRY)
    assert read_register(tmp_path).series == (listed(),)
    for text, message in faults.items():
        (tmp_path / FILE).write_text(text)
        with pytest.raises(InputError, match=message):
            read_register(tmp_path)


def test_ratios_of_sums_over_four_quarters():
    q = quarters(20)
    x = {p: float(i + 1) for i, p in enumerate(q)}
    y = dict.fromkeys(q, 2.0)
    known = snapshot({("x", "E"): x, ("x", "F"): x, ("y", "E"): y, ("y", "F"): y})
    found = observed(listed(entities=("E", "F"), over="y", trailing=4), known)
    assert found.calendar == tuple(q[3:])
    # (1 + 2 + 3 + 4) / 8 of each firm, and of both
    np.testing.assert_allclose(found.values, 10 / 8 + np.arange(17) / 2, rtol=1e-15)


def test_cumulated_returns_over_a_price_level_of_another_entity():
    months = [label(ordinal("2010-01") + i, "M") for i in range(13)]
    returns = {p: 100.0 if i % 2 else -50.0 for i, p in enumerate(months[1:])}
    prices = {p: 1.01**i for i, p in enumerate(months)}
    known = snapshot({("x", "E"): returns, ("cpi", "US"): prices})
    found = observed(listed(form="return", frequency="M", over="cpi", over_entity="US"), known)
    expected = np.log([1.0 if i % 2 == 0 else 0.5 for i in range(13)]) - np.arange(13) * np.log(1.01)
    assert found.calendar == tuple(months)
    np.testing.assert_allclose(found.values, expected, rtol=1e-12)


def test_the_longest_stretch_without_a_gap_or_a_denominator_below_zero_is_taken():
    q = quarters(40)
    x = {p: 1.0 + i for i, p in enumerate(q) if i != 12}
    y = {p: -1.0 if i == 30 else 1.0 for i, p in enumerate(q)}
    found = observed(listed(over="y"), snapshot({("x", "E"): x, ("y", "E"): y}))
    assert found.calendar == tuple(q[13:30])
    assert longest_stretch([]) == []
    assert longest_stretch(["2001", "2003"]) == ["2003"]


def test_what_is_not_known_or_has_no_logarithm_is_told():
    q = quarters(20)
    known = snapshot({("x", "E"): {p: -1.0 - i for i, p in enumerate(q)}})
    with pytest.raises(InputError, match="not all of it is known as of 2026-11-22"):
        observed(listed(entities=("E", "F")), known)
    with pytest.raises(InputError, match="has no logarithm"):
        observed(listed(form="log"), known)


def test_every_named_series_is_in_the_book(project_data):
    assert set(read_register(project_data).names) <= set(DataBook.load(project_data).table["series"])
