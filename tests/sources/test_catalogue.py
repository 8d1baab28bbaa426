"""The registers, and when a figure first became known."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest

from overbuild.errors import DataError
from overbuild.sources.catalogue import first_available, load_registers, update_checksums


@pytest.mark.parametrize(
    ("rule", "end", "expected"),
    [
        ({"days": 45}, date(2026, 6, 30), date(2026, 8, 14)),
        ({"years": 1, "month_day": "10-31"}, date(2000, 12, 31), date(2001, 10, 31)),
        ({"years": 5, "month_day": "12-31"}, date(2000, 12, 31), date(2005, 12, 31)),
        ({"reason": "collected"}, date(2000, 12, 31), None),
    ],
)
def test_rules_of_availability(rule, end, expected):
    assert first_available(rule, end) == expected


def test_registers_are_read(folder):
    registers = load_registers(folder.path)
    assert registers.sources == {"s1": "Reference s1", "s2": "Reference s2"}
    assert registers.codebook.loc["capex_cash", ["minimum", "maximum"]].tolist() == [0.0, 500_000.0]
    assert registers.codebook.loc["operating_cash_flow", ["minimum", "maximum"]].tolist() == [
        -float("inf"),
        float("inf"),
    ]
    assert registers.first_available("nipa", date(2020, 3, 31)) == date(2020, 4, 30)
    assert registers.first_available("none", date(2020, 3, 31)) is None
    assert registers.columns("history/booms.csv")[:3] == ("boom", "overbuilt", "peak_year")


def test_all_faults_of_all_registers_are_told(folder):
    folder.change("codebook.csv", 2, maximum="much")
    folder.write("sources.csv", [*folder.read("sources.csv"), {"source_id": "s1", "reference": "again"}])
    (folder.path / "release_lags.toml").unlink()
    with pytest.raises(DataError) as refused:
        load_registers(folder.path)
    assert {(f.file, f.row, f.column) for f in refused.value.faults} == {
        ("codebook.csv", 2, "maximum"),
        ("sources.csv", 4, "source_id"),
        ("release_lags.toml", 0, ""),
    }


def test_checksums_follow_the_files(folder):
    assert update_checksums(folder.path) == ()
    folder.change("macro/quarterly.csv", 3, value="1")
    (fault,) = load_registers(folder.path).checksum_faults()
    assert fault.file == "macro/quarterly.csv"
    assert load_registers(folder.path).checksum_faults(("history/booms.csv",)) == []
    assert update_checksums(folder.path) == ("macro/quarterly.csv",)
    assert load_registers(folder.path).checksum_faults() == []


def test_checksums_of_a_missing_file_are_refused_and_nothing_is_written(folder):
    folder.change("macro/quarterly.csv", 3, value="1")
    (folder.path / "history/booms.csv").unlink()
    before = folder.state()
    with pytest.raises(DataError, match=r"history/booms\.csv: is missing"):
        update_checksums(folder.path)
    assert folder.state() == before


def test_every_rule_of_the_project_says_when_or_says_why_not(project_data):
    rules = tomllib.loads((project_data / "release_lags.toml").read_text(encoding="utf-8"))
    for name, rule in rules.items():
        assert rule["reason"], name
        day = first_available(rule, date(2020, 12, 31))
        assert day is None or day > date(2020, 12, 31), name
