"""Layers from tidy rows: sums that are whole or nothing, joins, scales, grades."""

from __future__ import annotations

import math
from datetime import date

import pandas as pd
import pytest

from overbuild.core.periods import containing, period_end
from overbuild.episodes.layers import histories, layer_of, layers_of, recipe_rows


def rows(series, entity, values, *, frequency="Q", grade="B", source="s1"):
    """Return tidy rows; a value may be given for a period or for a day."""
    ends = [date.fromisoformat(p) if frequency == "D" else period_end(p) for p in values]
    return pd.DataFrame(
        {
            "series": series,
            "entity": entity,
            "frequency": frequency,
            "period": list(values),
            "period_end": ends,
            "value": [float(v) for v in values.values()],
            "grade": grade,
            "source_id": source,
        }
    )


def quarters(first, *values):
    year, quarter = int(first[:4]), int(first[5])
    return {f"{year + (quarter - 1 + i) // 4}Q{(quarter - 1 + i) % 4 + 1}": v for i, v in enumerate(values)}


def recipe(**keys):
    base = {
        "name": "capex",
        "unit": "USD million",
        "frequency": "Q",
        "series": ["c"],
        "entities": ["a", "b"],
        "meaning": "m",
    }
    return base | keys


def built(table, recipe):
    layer = layer_of(table, recipe)
    assert layer is not None
    return layer


def values(layer):
    return {p: None if math.isnan(v) else v for p, v in layer.values.items()}


def test_a_sum_is_whole_or_nothing():
    table = pd.concat(
        [rows("c", "a", quarters("2020Q1", 1, 2, 3, 4, 5)), rows("c", "b", quarters("2020Q2", 10, 20, 30))]
    )
    table = table.loc[~((table["entity"] == "b") & (table["period"] == "2020Q3"))]
    assert values(built(table, recipe())) == {"2020Q2": 12.0, "2020Q3": None, "2020Q4": 34.0}


def test_a_firm_that_is_not_there_leaves_nothing():
    assert layer_of(rows("c", "a", quarters("2020Q1", 1, 2)), recipe()) is None
    assert layer_of(rows("x", "a", quarters("2020Q1", 1, 2)), recipe()) is None


def test_a_mean_takes_what_is_there():
    table = pd.concat([rows("c", "a", quarters("2020Q1", 1, 3)), rows("c", "b", quarters("2020Q2", 5))])
    assert values(built(table, recipe(combine="mean"))) == {"2020Q1": 1.0, "2020Q2": 4.0}


def test_whole_years_of_quarters():
    table = rows("c", "a", quarters("2019Q4", 9, 1, 2, 3, 4, 5, 6))
    one = recipe(entities=["a"], frequency="A")
    assert values(built(table, one | {"of_year": "sum"})) == {"2020": 10.0}
    assert values(built(table, one | {"of_year": "mean"})) == {"2020": 2.5}


def test_dated_points_fall_in_their_year_and_the_last_counts():
    table = rows("c", "a", {"2001-06-30": 3, "2001-12-01": 2, "2005-06-30": 5}, frequency="D")
    layer = built(table, recipe(entities=["a"], frequency="A", of_year="at", scale=0.01, normal=0.5))
    assert values(layer) == {"2001": 0.04, "2002": None, "2003": None, "2004": None, "2005": 0.1}
    assert containing(date(2001, 12, 1), "A") == "2001"


def test_normal_is_a_mean_of_periods():
    table = rows("c", "a", quarters("2020Q1", 80, 120, 50))
    layer = built(table, recipe(entities=["a"], normal=["2020Q1", "2020Q2"]))
    assert values(layer) == {"2020Q1": 0.8, "2020Q2": 1.2, "2020Q3": 0.5}


def test_grades_that_are_not_allowed_do_not_count():
    table = pd.concat(
        [rows("c", "a", quarters("2020Q1", 1, 2)), rows("c", "b", quarters("2020Q1", 1, 2), grade="C")]
    )
    assert layer_of(table, recipe()) is None
    layer = built(table, recipe(grades=["A", "B", "C"]))
    assert (values(layer), layer.grade) == ({"2020Q1": 2.0, "2020Q2": 4.0}, "C")


def test_grade_and_sources_are_those_of_the_rows_that_count():
    table = pd.concat(
        [
            rows("c", "a", quarters("2019Q1", 1, 1, 1), grade="B", source="old"),
            rows("c", "a", quarters("2020Q1", 1, 2), grade="A", source="new"),
            rows("c", "b", quarters("2020Q1", 1, 2), grade="A", source="other"),
        ]
    )
    layer = built(table, recipe())
    assert (layer.grade, layer.sources, layer.frequency) == ("A", ("new", "other"), "Q")


def test_rows_of_another_frequency_are_not_taken():
    table = pd.concat([rows("c", "a", {"2020": 99}, frequency="A"), rows("c", "a", quarters("2020Q1", 1))])
    assert recipe_rows(table, recipe(entities=["a"]))["value"].tolist() == [1.0]


def perimeter(**keys):
    deflator = recipe(name="gdp_deflator", series=["d"], entities=["us"])
    return {"layers": [recipe(entities=["a"]), deflator], "base_year": "2020"} | keys


def test_spending_at_constant_prices():
    table = pd.concat(
        [
            rows("c", "a", quarters("2020Q1", *[100] * 8)),
            rows("d", "us", quarters("2020Q1", *[1.0] * 4, *[2.0] * 4)),
        ]
    )
    real = layers_of(table, perimeter())["capex_real"]
    assert list(real.values) == [100.0] * 4 + [50.0] * 4
    assert real.meaning == "m, at 2020 prices of GDP"
    assert (
        list(layers_of(table, perimeter(base_year="2021"))["capex_real"].values) == [200.0] * 4 + [100.0] * 4
    )


def test_a_base_year_that_is_not_known_yet_gives_way_to_the_last_that_is():
    table = pd.concat(
        [rows("c", "a", quarters("2020Q1", 100, 100)), rows("d", "us", quarters("2020Q1", 1.0, 3.0))]
    )
    real = layers_of(table, perimeter(base_year="2030"))["capex_real"]
    assert list(real.values) == [200.0, 200.0 / 3]
    assert real.meaning.endswith("at 2020 prices of GDP")


def test_no_deflator_no_constant_prices():
    table = rows("c", "a", quarters("2020Q1", 100))
    assert set(layers_of(table, perimeter())) == {"capex"}
    apart = pd.concat([table, rows("d", "us", quarters("2010Q1", 1.0))])
    assert set(layers_of(apart, perimeter())) == {"capex", "gdp_deflator"}


def test_histories_share_time_and_leave_the_unknown_unknown():
    table = pd.concat(
        [rows("c", "a", quarters("2020Q2", 1, 2)), rows("d", "us", quarters("2020Q1", 1.0, 1.0, 1.0, 1.0))]
    )
    (paths,) = histories(table, perimeter(), date(2021, 1, 1))
    assert paths.time == ("2020Q1", "2020Q2", "2020Q3", "2020Q4")
    assert paths.kind == "history" and paths.draws == 1
    assert [None if math.isnan(v) else v for v in paths.layer("capex")[0]] == [None, 1.0, 2.0, None]
    assert histories(table.iloc[:0], perimeter(), date(2021, 1, 1)) == ()


def test_a_layer_that_is_not_there_is_an_error_that_lists_the_others(folder):
    from overbuild import load_episode
    from overbuild.errors import UnknownNameError

    with pytest.raises(
        UnknownNameError, match=r"No layer of episode ai 'x'\. Available: capex, capex_alpha, gdp"
    ):
        load_episode("ai", data=folder.path).layer("x")
