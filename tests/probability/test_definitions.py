"""The frozen definitions, and what is said of a file that is not as it should be."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from overbuild.core.judging import RULES
from overbuild.errors import InputError, UnknownNameError
from overbuild.locations import data_dir
from overbuild.probability.definitions import (
    IDS,
    THRESHOLDS,
    definitions_of,
    event_named,
    events_for,
    read_definitions,
    table_named,
)

GOOD = """
[O1]
title = "Cash"
rule = "below_level"
layer = "value_over_cost"
thresholds = { level = 1.0 }

[O2]
title = "Physical"
rule = "low_utilisation"
layer = "utilisation"
thresholds = { ratio = 0.5, years = 1 }

[O3]
title = "Spending"
rule = "drawdown"
layer = "capex"
thresholds = { fall = 0.3, window_years = 3 }
grid = { fall = [0.2], window_years = [3] }

[O3.variants.elsewhere]
episodes = ["telecom"]
title = "Spending elsewhere"

[O4]
title = "Gap"
rule = "above_log_level"
layer = "gap"
thresholds = { ratio = 1.5 }

[O5]
title = "Price"
rule = "faster_fall"
layer = "excess"
thresholds = { excess = 0.2, years = 2 }

[composite]
title = "Core"
rule = "composite"
parts = ["O1/primary", "O2", "O3/primary"]

[truth_table]
vintages = ["1997"]
horizons_years = [2]
falls = [0.3]
layers = ["capex"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "definitions.toml"
    path.write_text(GOOD)
    return path


def test_the_thresholds_are_those_of_the_paper():
    """Round numbers, fixed before any probability; a change here is a new definition."""
    events = {i: found[0] for i, found in events_for("ai").items()}
    assert {i: dict(e.thresholds) for i, e in events.items()} == {
        "O1": {"level": 1.0},
        "O2": {"ratio": 0.5, "years": 1.0, "annual_years": 2.0, "shortest_fall_years": 2.0},
        "O3": {"fall": 0.3, "window_years": 3.0},
        "O4": {"ratio": 1.5},
        "O5": {"excess": 0.2, "years": 2.0},
        "composite": {},
    }
    assert [p.definition for p in events["composite"].parts] == ["O1", "O2", "O3"]
    assert dict(event_named("O3/severe").thresholds) == {"fall": 0.4, "window_years": 3.0}
    definitions = read_definitions()
    assert definitions["frozen"] == date(2026, 11, 22)
    assert definitions["headline"] == {"event": "O3", "by": "2028Q4"}
    assert definitions["core_composite_by"] == "2030Q4"
    assert all(definitions[i]["reason"] for i in IDS)


def test_every_rule_has_its_thresholds():
    assert set(THRESHOLDS) == set(RULES)


def test_variants_are_those_of_the_episode(file):
    assert [e.name for e in events_for("ai", path=file)["O3"]] == ["O3"]
    telecom = events_for("telecom", by="2003", path=file)
    assert [e.name for e in telecom["O3"]] == ["O3 by 2003", "O3/elsewhere by 2003"]
    assert [p.by for p in telecom["composite"][0].parts] == ["2003"] * 3
    assert {e.variant for e in events_for("ai")["O3"]}.isdisjoint({"broad", "supplier_orders"})


def test_an_event_by_name(file):
    assert event_named("O3", path=file) == event_named("O3/primary", path=file)
    assert event_named("O3/elsewhere", "telecom", path=file).title == "Spending elsewhere"
    with pytest.raises(
        UnknownNameError, match=r"No event 'O3/elsewhere'\. Available: O1, O2, O3, O4, O5, composite"
    ):
        event_named("O3/elsewhere", "ai", path=file)


def test_the_file_is_read_again_when_it_changes(file):
    file.write_text(GOOD.replace("fall = 0.3,", "fall = 0.35,"))
    assert event_named("O3", path=file).thresholds["fall"] == 0.35


def test_a_data_folder_may_have_its_own(tmp_path, file):
    assert definitions_of(tmp_path) == file
    assert definitions_of(tmp_path / "none") is None and definitions_of(None) is None


BAD = {
    "no event": ("[O4]", "[X4]", r"lacks the event \[O4\]"),
    "an event that is no table": ("[O1]", "O1 = 3\n[X1]", r"lacks the event \[O1\]"),
    "no rule": ('rule = "drawdown"\n', "", "definitions.toml, O3: lacks 'rule'"),
    "an unknown rule": (
        '"drawdown"',
        '"collapse"',
        "No rule .definitions.toml, O3. 'collapse'. Available: above_log",
    ),
    "no layer": ('layer = "gap"\n', "", "definitions.toml, O4: lacks 'layer'"),
    "no thresholds": ("thresholds = { level = 1.0 }\n", "", "O1: lacks 'thresholds'"),
    "a threshold too few": ("fall = 0.3, ", "", "O3: the rule 'drawdown' lacks the threshold 'fall'"),
    "a threshold in words": (
        "ratio = 1.5",
        'ratio = "half"',
        "O4: the threshold ratio = 'half' is not a number",
    ),
    "a part that is not there": (
        "O1/primary",
        "O1/secret",
        "composite: names 'O1/secret', which is not defined",
    ),
    "two parts": ('"O2", ', "", "composite: a composite has three parts, such as O1/primary; found 2"),
    "no TOML": ("[O1]", "[O1", "definitions.toml is not readable as TOML"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_definition_is_named(file, what):
    old, new, problem = BAD[what]
    assert old in GOOD
    file.write_text(GOOD.replace(old, new))
    with pytest.raises(InputError, match=problem):
        events_for("ai", path=file)


def test_a_variant_that_is_not_as_it_should_be_is_named(file):
    file.write_text(GOOD.replace('episodes = ["telecom"]', 'episodes = ["telecom"]\nrule = "none"'))
    with pytest.raises(InputError, match=r"No rule \(definitions.toml, O3/elsewhere\) 'none'"):
        events_for("telecom", path=file)
    assert events_for("ai", path=file)


@pytest.mark.parametrize(
    ("name", "old"),
    [("truth_table", "falls = [0.3]\n"), ("truth_table", "[truth_table]\n"), ("O3.grid", "grid =")],
)
def test_a_table_that_is_not_there(file, name, old):
    assert table_named(name, path=file)
    file.write_text(GOOD.replace(old, old and "x = " if old == "grid =" else ""))
    with pytest.raises(InputError, match=rf"definitions\.toml, {name}: lacks the list"):
        table_named(name, path=file)


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match=r"none\.toml is missing from"):
        read_definitions(tmp_path / "none.toml")
    (tmp_path / "x.toml").write_bytes(b"\xff")
    with pytest.raises(InputError, match="is not UTF-8 text"):
        read_definitions(tmp_path / "x.toml")
    with pytest.raises(InputError, match="cannot be read"):
        read_definitions(tmp_path)


@pytest.mark.parametrize("by", ["soon", "2028Q5", "28"])
def test_a_horizon_that_is_no_period(by):
    with pytest.raises(InputError, match=f"'{by}' is not a year"):
        events_for("ai", by=by)


def test_every_layer_of_an_event_is_read_computed_or_said_to_be_missing(project_data):
    """A misspelt layer would be judged unknown for ever."""
    from overbuild import load_episode

    perimeters = tomllib.loads((project_data / "perimeter.toml").read_text(encoding="utf-8"))
    assert data_dir() == project_data
    for name in ("ai", "telecom"):
        told = {*load_episode(name).layers, *perimeters[name]["missing"]}
        needed = {e.layer for found in events_for(name).values() for e in found if e.layer}
        assert needed <= told, name
