"""A user's file as an episode: the same as the project's own in every respect."""

from __future__ import annotations

from datetime import date

import pytest

from overbuild import load_episode, measures
from overbuild.errors import DataError, UnknownNameError

LINES = ["firm,period,capex,revenue,operating_cash_flow,gdp"] + [
    f"{firm},{year}Q{q},{capex},100,50,{20_000 if firm == 'Acme' else ''}"
    for firm, capex in (("Acme", 20), ("Bolt", 10))
    for year in (2020, 2021)
    for q in (1, 2, 3, 4)
]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(LINES) + "\n")
    return str(path)


def test_measures_of_a_users_file(file):
    measured = measures(load_episode(file))
    assert (measured.episode, measured.title, measured.unit) == ("own", "mine", "USD million")
    last = measured.annual.iloc[-1]
    assert (last["period"], last["capex"], last["share_of_gdp"]) == ("2021", 120.0, pytest.approx(0.6))
    assert last["concentration"] == pytest.approx(5 / 9)
    assert measured.latest["Acme"]["capex_to_operating_cash_flow_quarter"] == 0.4
    assert measured.ragged == ()
    assert measured.label == "figures as given in mine.csv"


def test_a_users_file_has_no_look_ahead(file):
    early = load_episode(file, date(2021, 5, 15))
    assert early.layer("capex").values.index[-1] == "2021Q1"
    assert load_episode(file).as_of == date(2022, 2, 14)
    assert early.snapshot.digest != load_episode(file).snapshot.digest


def test_a_name_that_is_neither_an_episode_nor_a_file(folder, tmp_path):
    with pytest.raises(UnknownNameError, match=r"No episode 'tulips'\. Available: ai"):
        load_episode("tulips", data=folder.path)
    (tmp_path / "x.CSV").write_text("firm\n")
    with pytest.raises(DataError, match=r"x\.CSV, row 1, column capex: is missing"):
        load_episode(str(tmp_path / "x.CSV"))
