"""A user's own lists of booms: what is read, and every fault told with row and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from overbuild.episodes.own_booms import read_booms, read_predicted
from overbuild.errors import DataError, InputError
from overbuild.locations import data_dir


def write(folder: Path, text: str, name: str = "mine.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_missing_cells_and_columns_are_empty(tmp_path: Path) -> None:
    table = read_booms(write(tmp_path, "episode,overbuilt,asset_life_years\ncanals,yes,\nroads,no,40\n"))
    assert table["boom"].tolist() == ["canals", "roads"]
    assert table["asset_life_years"].tolist() == ["", "40"]
    assert set(table["cluster"]) == set(table["certainty"]) == {""}


def test_every_fault_is_told(tmp_path: Path) -> None:
    text = (
        "episode,overbuilt,asset_life_years,debt_financed,certainty\n"
        "a,maybe,40,yes,high\na,,forty,perhaps,sure\n,no,-3,no,low\nz,no,9000,,\n"
    )
    with pytest.raises(DataError) as told:
        read_booms(write(tmp_path, text))
    places = {(f.row, f.column) for f in told.value.faults}
    assert places == {
        (2, "overbuilt"),
        (3, "episode"),
        (3, "overbuilt"),
        (3, "asset_life_years"),
        (3, "debt_financed"),
        (3, "certainty"),
        (4, "episode"),
        (4, "asset_life_years"),
        (5, "asset_life_years"),
    }


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("episode,overbuilt,colour\na,yes,red\n", "colour: is not expected"),
        ("episode\na\n", "overbuilt: is missing"),
        ("episode;overbuilt\na;yes\n", "semicolons"),
        ("episode,overbuilt\n", "has a header and no rows"),
        ("", "is empty"),
    ],
)
def test_form_is_checked(tmp_path: Path, text: str, match: str) -> None:
    with pytest.raises(DataError, match=match):
        read_booms(write(tmp_path, text))


def test_no_file_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no file"):
        read_booms(tmp_path / "none.csv")


def test_booms_to_predict_need_no_outcome_and_may_bring_one(tmp_path: Path) -> None:
    lean = read_predicted(write(tmp_path, "episode,asset_life_years\nnext,5\n"))
    assert lean["boom"].tolist() == ["next"]
    assert "overbuilt" not in lean
    full = read_predicted(write(tmp_path, "episode,overbuilt,debt_financed\nnext,whatever,yes\n"))
    assert full["debt_financed"].tolist() == ["yes"]


def test_a_list_in_the_form_of_the_projects_own_is_read(tmp_path: Path) -> None:
    own = data_dir() / "history" / "booms.csv"
    table = read_booms(own)
    assert set(table["overbuilt"]) <= {"yes", "partly", "no", "open"}
    assert {"boom", "cluster", "asset_life_years", "debt_financed"} <= set(table) and "country" not in table
    head = own.read_text(encoding="utf-8").splitlines()[:3]
    new = write(tmp_path, "\n".join([head[0], "never_seen" + head[1][head[1].index(",") :]]) + "\n")
    assert read_predicted(new)["boom"].tolist() == ["never_seen"]
    both = write(tmp_path, f"{head[0]}\n{head[1]}\n{head[1]}\n", "twice.csv")
    with pytest.raises(DataError, match="column boom: 'uk_canal_mania_1790s' appears twice"):
        read_booms(both)
