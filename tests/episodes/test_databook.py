"""What was known on a day: no row from later, the vintage of then, whatever the order of the rows."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import overbuild
from overbuild.core.snapshot import Snapshot
from overbuild.episodes import DataBook, Episode, load_episode
from overbuild.episodes.databook import known_rows
from overbuild.episodes.measures import measures
from overbuild.errors import DataError, UnknownNameError

FIRMS = "hyperscalers/financials_quarterly.csv"
MACRO = "macro/quarterly.csv"
EPISODES = st.sampled_from(["ai", "telecom", "us_gas_turbines"])
DAYS = st.dates(date(1950, 1, 1), date(2027, 6, 30))
KEY = ["series", "entity", "period"]


@pytest.fixture(scope="module")
def book(project_data):
    return DataBook.load(project_data)


def poisoned(book: DataBook, as_of: date) -> DataBook:
    """Return the book with every figure that was available later than a day multiplied by a million."""
    later = book.table["available_from"] > as_of
    value = book.table["value"].where(~later, book.table["value"] * 1e6)
    note = book.table["note"].where(~later, "poison")
    booms = book.booms
    if not booms.empty:
        booms = booms.assign(note=booms["note"].where(booms["available_from"] <= as_of, "poison"))
    return replace(book, table=book.table.assign(value=value, note=note), booms=booms)


def told(book: DataBook, as_of: date, episode: str):
    """Return all that the package says of an episode on a day, or the refusal."""
    known = Episode(episode, book, as_of)
    try:
        measured = measures(known).to_dict()
    except overbuild.errors.InputError as error:
        measured = str(error)
    return known.snapshot.digest, [p.digest for p in known.snapshot.histories], measured


@pytest.mark.parametrize(
    ("episode", "as_of"),
    [
        ("telecom", date(1998, 12, 31)),
        ("telecom", date(2001, 6, 30)),
        ("ai", date(2019, 5, 1)),
        ("ai", date(2024, 8, 1)),
        ("us_gas_turbines", date(2001, 1, 1)),
    ],
)
def test_poisoned_rows_from_later_change_nothing(book, episode, as_of):
    poison = poisoned(book, as_of)
    assert "poison" in set(poison.table["note"])
    assert told(poison, as_of, episode) == told(book, as_of, episode)
    later = as_of + timedelta(days=730)
    assert poison.at(later, episode).digest != book.at(later, episode).digest


@settings(max_examples=6, deadline=None)
@given(DAYS, EPISODES)
def test_no_day_sees_a_later_row(book, as_of, episode):
    snapshot = book.at(as_of, episode)
    assert (snapshot.table["available_from"] <= as_of).all()
    assert not snapshot.table.duplicated(KEY).any()
    assert set(snapshot.table["grade"]) <= {"A", "B", "C"}
    assert snapshot.booms is not None and (snapshot.booms["available_from"] <= as_of).all()
    assert (snapshot.realtime == "vintage") == (snapshot.table["vintage"] <= as_of).all()
    assert all(p.as_of == as_of for p in snapshot.histories)
    assert told(poisoned(book, as_of), as_of, episode) == told(book, as_of, episode)


@settings(max_examples=8, deadline=None)
@given(DAYS, st.integers(0, 4000), EPISODES)
def test_knowledge_only_grows(book, day, more, episode):
    early, late = (
        set(book.at(d, episode).table[KEY].itertuples(index=False)) for d in (day, day + timedelta(days=more))
    )
    assert early <= late


@settings(max_examples=3, deadline=None)
@given(DAYS, EPISODES, st.integers(0, 10**6))
def test_the_order_of_the_rows_does_not_matter(book, as_of, episode, seed):
    shuffled = replace(
        book,
        table=book.table.sample(frac=1, random_state=seed),
        booms=book.booms.sample(frac=1, random_state=seed),
    )
    assert shuffled.at(as_of, episode).digest == book.at(as_of, episode).digest
    assert told(shuffled, as_of, episode) == told(book, as_of, episode)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"),
            st.integers(0, 3),
            st.integers(0, 30),
            st.integers(0, 30),
            st.sampled_from("ABCD"),
        ),
        max_size=12,
        unique_by=lambda r: (r[0], r[1], r[3]),
    ),
    st.integers(0, 35),
    st.randoms(),
)
def test_the_newest_vintage_of_the_day_else_the_oldest(rows, day, random):
    """Against a plain reading of the rule, row by row."""
    start = date(2000, 1, 1)
    records = [
        {
            "series": series,
            "entity": "x",
            "period": f"{1990 + period}",
            "period_end": date(1990 + period, 12, 31),
            "available_from": start + timedelta(days=available),
            "vintage": start + timedelta(days=vintage),
            "grade": grade,
            "value": float(i),
        }
        for i, (series, period, available, vintage, grade) in enumerate(rows)
    ]
    random.shuffle(records)
    as_of = start + timedelta(days=day)
    expected, late = {}, False
    usable = [r for r in records if r["available_from"] <= as_of and r["grade"] != "D"]
    for key in {(r["series"], r["period"]) for r in usable}:
        mine = [r for r in usable if (r["series"], r["period"]) == key]
        in_time = [r for r in mine if r["vintage"] <= as_of]
        late |= not in_time
        chosen = (
            max(in_time, key=lambda r: r["vintage"]) if in_time else min(mine, key=lambda r: r["vintage"])
        )
        expected[key] = chosen["value"]
    columns = ["series", "entity", "period", "period_end", "available_from", "vintage", "grade", "value"]
    found, realtime = known_rows(pd.DataFrame(records, columns=pd.Index(columns)), as_of)
    assert {(r["series"], r["period"]): r["value"] for r in found.to_dict("records")} == expected
    assert realtime == ("lagged_revised" if late else "vintage")


def test_vintages_of_the_data_folder(folder):
    """A figure first printed as 130 and revised to 140: each day sees its own."""
    rows = folder.read(FIRMS)
    revised = rows[3] | {
        "value": "140",
        "vintage": "2021-03-31",
        "available_from": "2021-03-31",
        "available_rule": "stated",
    }
    folder.write(FIRMS, [*rows, revised])
    folder.change(FIRMS, 5, vintage="2019-02-14")
    folder.settle()
    book = DataBook.load(folder.path)

    def seen(day: date) -> float:
        rows = book.series("capex_cash", "Alpha", day)
        return rows.loc[rows["period"] == "2018Q4", "value"].tolist()[0]

    assert seen(date(2020, 1, 1)) == 130
    assert seen(date(2021, 3, 30)) == 130
    assert seen(date(2021, 3, 31)) == 140
    assert book.at(date(2020, 1, 1)).realtime == "lagged_revised"
    assert book.at(date(2022, 6, 30)).realtime == "vintage"


def test_grade_d_is_shown_and_used_by_nothing(folder):
    folder.change(FIRMS, 5, grade="D", value="400000")
    folder.settle()
    book = DataBook.load(folder.path)
    assert "D" not in set(book.at(book.newest).table["grade"])
    assert "D" in set(book.series("capex_cash")["grade"])
    capex = Episode("ai", book, book.newest).layer("capex").values
    assert capex.isna().to_dict()["2018Q4"]
    assert max(capex.dropna()) < 1000


def test_ragged_edges_are_told(folder):
    """Beta's quarters end a month early; on some days one firm has reported and the other has not."""
    book = DataBook.load(folder.path)
    whole = measures(Episode("ai", book, book.newest))
    assert whole.ragged == ("Beta reports to 2021Q4 (period ended 2021-11-30); the sector ends in 2021Q4",)
    between = measures(Episode("ai", book, date(2022, 1, 20)))
    assert between.latest["Alpha"]["period"] == "2021Q3" and between.latest["Beta"]["period"] == "2021Q4"
    assert between.trailing["period"].iloc[-1] == "2021Q3"
    assert between.ragged == ("Beta reports to 2021Q4 (period ended 2021-11-30); the sector ends in 2021Q3",)
    early = measures(Episode("ai", book, date(2018, 12, 31)))
    assert early.ragged == (
        "Alpha has no whole year of figures yet",
        "Beta has no whole year of figures yet",
    )


def test_oracle_is_told_to_end_a_month_early(project_data):
    said = [
        line for line in measures(load_episode("ai", data=project_data)).ragged if line.startswith("Oracle")
    ]
    assert len(said) == 1 and "period ended 2026-05-31" in said[0]


def test_a_changed_folder_is_read_again(folder):
    first = DataBook.load(folder.path)
    assert DataBook.load(folder.path) is first
    folder.change(FIRMS, 5, value="131")
    with pytest.raises(DataError, match="differs from its checksum"):
        DataBook.load(folder.path)
    folder.settle()
    assert DataBook.load(folder.path).series("capex_cash", "Alpha")["value"].tolist()[3] == 131


def test_some_files_only(folder):
    book = DataBook.load(folder.path, (MACRO,))
    assert set(book.table["series"]) == {"gdp"} and book.booms.empty
    with pytest.raises(UnknownNameError, match=r"No data file 'x\.csv'\. Available: history/booms\.csv"):
        DataBook.load(folder.path, ("x.csv",))


def test_unknown_names_list_what_there_is(folder):
    book = DataBook.load(folder.path)
    with pytest.raises(UnknownNameError, match="Available: ai"):
        book.at(date(2020, 1, 1), "tulips")
    with pytest.raises(UnknownNameError, match="Available: capex_cash, gdp"):
        book.series("kapex")
    with pytest.raises(UnknownNameError, match="Available: Alpha, Beta"):
        book.series("revenue", "Gamma")


def constructions(name: str) -> set[str]:
    """Return the modules of the package in which a class is called by its name or as an attribute."""
    package = Path(overbuild.__file__).parent
    found = set()
    for file in package.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                if called == name:
                    found.add(file.relative_to(package).as_posix())
    return found


def test_only_the_data_book_makes_snapshots():
    assert constructions(Snapshot.__name__) == {"episodes/databook.py"}
