"""A series written for other programs reads back equal."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from overbuild import DataBook
from overbuild.episodes.export import export_series, series_dict
from overbuild.errors import InputError

DATES = ["period_end", "available_from", "vintage"]


def equal(rows, back, name):
    assert back[name].tolist() == rows["value"].tolist()
    for column in ("entity", "period", "grade", "source_id", "note"):
        assert back[column].astype(object).fillna("").tolist() == rows[column].tolist()
    for column in DATES:
        assert pd.to_datetime(back[column]).dt.date.tolist() == rows[column].tolist()


@pytest.mark.parametrize(
    "series", ["capex_cash", "information_processing_investment", "railroad_miles_built"]
)
def test_what_is_exported_reads_back_equal(project_data, tmp_path, series):
    book = DataBook.load(project_data)
    rows = book.series(series)
    for ending in ("csv", "dta"):
        export_series(rows, book, tmp_path / f"x.{ending}")
    equal(rows, pd.read_csv(tmp_path / "x.csv", dtype={"period": str}), series)
    equal(rows, pd.read_stata(tmp_path / "x.dta"), series[:32])
    with pd.io.stata.StataReader(tmp_path / "x.dta") as reader:
        entry = book.codebook.loc[series]
        assert reader.variable_labels()[series[:32]] == f"{entry['label']} ({entry['unit']})"[:80]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["x.csv", "x.dta"]


def test_every_series_of_the_project_fits_stata(project_data, tmp_path):
    """The longest name and the longest note of all series, in one file each."""
    book = DataBook.load(project_data)
    names = {
        max(book.table["series"], key=len),
        book.table.loc[book.table["note"].str.len().idxmax(), "series"],
    }
    for name in names:
        rows = book.series(str(name))
        export_series(rows, book, tmp_path / "x.dta")
        equal(rows, pd.read_stata(tmp_path / "x.dta"), str(name)[:32])


def test_where_nothing_can_be_written_nothing_is(folder, tmp_path):
    book = DataBook.load(folder.path)
    rows = book.series("gdp")
    (tmp_path / "folder.csv").mkdir()
    before = sorted(tmp_path.rglob("*"))
    for path, problem in (
        (tmp_path / "x.xlsx", r"ends in '\.xlsx'; expected \.csv or \.dta"),
        (tmp_path / "x", "ends in ''"),
        (tmp_path / "none" / "x.csv", "There is no folder"),
        (tmp_path / "folder.csv", "is a folder"),
    ):
        with pytest.raises(InputError, match=problem):
            export_series(rows, book, path)
    assert sorted(tmp_path.rglob("*")) == before


def test_an_export_replaces_the_old_file_whole(folder, tmp_path):
    book = DataBook.load(folder.path)
    target = tmp_path / "x.csv"
    target.write_text("old")
    export_series(book.series("gdp"), book, target)
    assert target.read_text().startswith("series,entity,period,period_end,gdp,status")
    assert len(target.read_text().splitlines()) == 17


def test_a_series_without_a_description(folder, cli):
    rows = folder.read("codebook.csv")
    folder.write("codebook.csv", [r for r in rows if r["series"] != "gdp"])
    for options in ((), ("--json",), ("--export", folder.path / "x.dta")):
        outcome = cli("data", "show", "gdp", "--data", folder.path, *options)
        assert (outcome.code, outcome.out) == (2, "")
        assert "Series 'gdp' is not in codebook.csv" in outcome.err


def test_a_series_as_plain_types(folder):
    book = DataBook.load(folder.path)
    content = json.loads(json.dumps(series_dict(book.series("capex_cash", "Beta"), book)))
    assert (content["series"], content["unit"], content["grades"]) == ("capex_cash", "USD million", ["A"])
    assert content["sources"] == {"s1": "Reference s1"}
    first = content["values"][0]
    assert (first["period"], first["period_end"], first["value"]) == ("2018Q1", "2018-02-28", 50.0)
