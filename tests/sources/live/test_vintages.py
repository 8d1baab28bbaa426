from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from overbuild.errors import DataError, InputError
from overbuild.sources.cells import TIDY
from overbuild.sources.vintages import COLUMNS, Change, Row, as_csv, changes, decimal, place_of, write_whole


def row(value: str, period: str = "2024Q1", vintage: str = "2024-04-25") -> Row:
    return Row(
        "capex_cash",
        "Meta",
        "Q",
        period,
        "2024-03-31",
        value,
        "USD million",
        "actual",
        "B",
        vintage,
        "stated",
        vintage,
        "edgar",
    )


def test_the_columns_are_those_of_the_data() -> None:
    assert COLUMNS == TIDY


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (6400.0, "6400"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (-12.345678, "-12.345678"),
        (1e20, "1" + "0" * 20),
        (1.5e-7, "0.00000015"),
    ],
)
def test_numbers_are_plain_digits(value: float, text: str) -> None:
    assert decimal(value) == text


def put(folder: Path, day: str, text: str) -> tuple[str, str | None]:
    path, before = place_of(folder, "edgar", date.fromisoformat(day), text)
    if not path.exists():
        write_whole(path, text)
    return path.name, before.name if before else None


def test_a_second_vintage_of_a_day_is_put_beside_the_first(tmp_path: Path) -> None:
    assert put(tmp_path, "2026-10-01", "old") == ("edgar_2026-10-01.csv", None)
    assert put(tmp_path, "2026-11-22", "one") == ("edgar_2026-11-22.csv", "edgar_2026-10-01.csv")
    assert put(tmp_path, "2026-11-22", "one") == ("edgar_2026-11-22.csv", "edgar_2026-10-01.csv")
    assert put(tmp_path, "2026-11-22", "two") == ("edgar_2026-11-22_2.csv", "edgar_2026-11-22.csv")
    assert put(tmp_path, "2026-11-22", "three") == ("edgar_2026-11-22_3.csv", "edgar_2026-11-22_2.csv")
    assert put(tmp_path, "2026-11-22", "two") == ("edgar_2026-11-22_2.csv", "edgar_2026-11-22.csv")
    assert put(tmp_path, "2026-01-01", "earlier") == ("edgar_2026-01-01.csv", None)
    assert (tmp_path / "edgar_2026-11-22.csv").read_text() == "one"


def test_the_number_of_a_removed_vintage_is_not_used_again(tmp_path: Path) -> None:
    for text in ("one", "two", "three"):
        put(tmp_path, "2026-11-22", text)
    (tmp_path / "edgar_2026-11-22_2.csv").unlink()
    assert put(tmp_path, "2026-11-22", "four")[0] == "edgar_2026-11-22_4.csv"


def test_changes_are_newest_against_newest(tmp_path: Path) -> None:
    old = tmp_path / "old.csv"
    old.write_text(as_csv([row("6400"), row("6500", vintage="2025-04-25"), row("1", "1999Q4")]))
    new = [row("6400"), row("6450", vintage="2026-04-25"), row("7000", "2024Q2"), row("1", "1999Q4")]
    assert changes(new, old) == (
        Change("capex_cash", "Meta", "2024Q1", 6500.0, 6450.0),
        Change("capex_cash", "Meta", "2024Q2", None, 7000.0),
    )
    assert changes([row("6500")], old) == ()
    assert changes(new, None) == ()


@pytest.mark.parametrize("spoilt", ["series,entity\n", "", "x" * 50, "value"])
def test_a_spoilt_earlier_vintage_is_named(spoilt: str, tmp_path: Path) -> None:
    old = tmp_path / "old.csv"
    old.write_text(as_csv([row("much")]) if spoilt == "value" else spoilt)
    with pytest.raises(DataError, match=r"old\.csv"):
        changes([row("1")], old)


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_an_interrupted_write_leaves_nothing(
    fault: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = tmp_path / "file.csv"
    held.write_text("held")

    def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(InputError if isinstance(fault, OSError) else KeyboardInterrupt):
        write_whole(held, "new")
    assert [p.name for p in tmp_path.iterdir()] == ["file.csv"]
    assert held.read_text() == "held"


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="Choose another folder with --out"):
        write_whole(tmp_path / "file" / "x.csv", "text")
