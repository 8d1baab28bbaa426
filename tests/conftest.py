"""A tiny data folder in the project's layout, the command line in-process, and the project's own data."""

from __future__ import annotations

import csv
import hashlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from overbuild.core.periods import label, ordinal, period_end
from overbuild.locations import data_dir
from overbuild.sources.cells import PROVENANCE, TIDY

FIRMS = "hyperscalers/financials_quarterly.csv"
MACRO = "macro/quarterly.csv"
BOOMS = "history/booms.csv"
QUARTERS = tuple(label(ordinal("2018Q1") + i, "Q") for i in range(16))

CATALOGUE = [
    "file",
    "title",
    "source",
    "citation_key",
    "accessed",
    "licence",
    "may_be_redistributed",
    "sha256",
    "rows",
]
CODEBOOK = ["series", "label", "unit", "kind", "definition", "minimum", "maximum", "file"]

LAGS = """
[sec_quarterly]
days = 45

[nipa]
days = 30

[boom_outcome]
years = 5
month_day = "12-31"

[collected]
reason = "known when it was collected"
"""

PERIMETER = """
[ai]
title = "Two firms"
caveat = ""
base_year = "2019"
series = ["capex_cash", "revenue", "operating_cash_flow", "gdp"]

[ai.firms]
Alpha = "capex_cash"
Beta = "capex_cash"

[ai.perimeters.two_firms]
layer = "capex"
revenue = "revenue"
operating_cash_flow = "operating_cash_flow"

[ai.perimeters.alpha]
layer = "capex_alpha"
""" + "".join(
    f"""
[[ai.layers]]
name = "{name}"
unit = "USD million"
frequency = "Q"
series = ["{series}"]
entities = {entities}
meaning = "{name}"
"""
    for name, series, entities in (
        ("capex", "capex_cash", '["Alpha", "Beta"]'),
        ("capex_alpha", "capex_cash", '["Alpha"]'),
        ("revenue", "revenue", '["Alpha", "Beta"]'),
        ("operating_cash_flow", "operating_cash_flow", '["Alpha", "Beta"]'),
        ("gdp", "gdp", '["United States"]'),
    )
)


@dataclass(frozen=True)
class Outcome:
    """What a command left: exit status, standard output, standard error."""

    code: int
    out: str
    err: str


class Folder:
    """A data folder whose files are changed by line and column; `settle` renews the checksums."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, name: str) -> list[dict[str, str]]:
        with (self.path / name).open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))

    def write(self, name: str, rows: list[dict[str, str]], header: list[str] | tuple[str, ...] = ()) -> None:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, list(header) or list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def change(self, name: str, line: int, **cells: str) -> None:
        """Change cells of one line; the header is line 1."""
        rows = self.read(name)
        rows[line - 2].update(cells)
        self.write(name, rows)

    def set_bytes(self, name: str, content: bytes) -> None:
        (self.path / name).write_bytes(content)

    def settle(self) -> None:
        rows = self.read("catalogue.csv")
        for row in rows:
            file = self.path / row["file"]
            if file.is_file():
                content = file.read_bytes()
                filled = [line for line in content.splitlines() if line.strip()]
                row |= {"sha256": hashlib.sha256(content).hexdigest(), "rows": str(len(filled) - 1)}
        self.write("catalogue.csv", rows)

    def state(self) -> dict[str, bytes]:
        """Return the bytes of every file, to see that nothing was written."""
        return {str(p.relative_to(self.path)): p.read_bytes() for p in self.path.rglob("*") if p.is_file()}


def tidy_row(
    series: str, entity: str, period: str, value: float, *, rule: str, **cells: str
) -> dict[str, str]:
    """Return one row of a tidy file, available by its rule of 45 or 30 days."""
    end = date.fromisoformat(cells.get("period_end", period_end(period).isoformat()))
    row = {
        "series": series,
        "entity": entity,
        "frequency": "Q",
        "period": period,
        "period_end": end.isoformat(),
        "value": f"{value:g}",
        "unit": "USD million",
        "status": "actual",
        "grade": "B",
        "available_from": (end + timedelta(days={"sec_quarterly": 45, "nipa": 30}[rule])).isoformat(),
        "available_rule": rule,
        "vintage": "2022-06-30",
        "source_id": "s1",
        "note": "",
    }
    return row | cells


def beta_end(period: str) -> str:
    """Return the end of Beta's quarter, a month before the calendar's."""
    return (period_end(period).replace(day=1) - timedelta(days=1)).isoformat()


def make_folder(path: Path) -> Folder:
    """Write a valid folder: two firms with three series over 16 quarters, GDP, two booms."""
    folder = Folder(path)
    path.mkdir(parents=True)
    firms = []
    for series, alpha, beta in (
        ("capex_cash", 100, 50),
        ("operating_cash_flow", 400, 100),
        ("revenue", 1000, 500),
    ):
        step = 10 if series == "capex_cash" else 0
        for i, q in enumerate(QUARTERS):
            firms.append(tidy_row(series, "Alpha", q, alpha + step * i, rule="sec_quarterly"))
        for q in QUARTERS:
            firms.append(
                tidy_row(series, "Beta", q, beta, rule="sec_quarterly", period_end=beta_end(q), grade="A")
            )
    folder.write(FIRMS, firms)
    folder.write(MACRO, [tidy_row("gdp", "United States", q, 20_000, rule="nipa") for q in QUARTERS])
    booms = [
        {
            "boom": boom,
            "overbuilt": overbuilt,
            "peak_year": peak,
            "period_end": f"{peak}-12-31",
            "status": "actual",
            "grade": "B",
            "available_from": f"{int(peak) + 5}-12-31",
            "available_rule": "boom_outcome",
            "vintage": "2022-06-30",
            "source_id": "s2",
            "note": "",
        }
        for boom, overbuilt, peak in (("canals", "yes", "1837"), ("highways", "no", "1968"))
    ]
    folder.write(BOOMS, booms)
    about = dict.fromkeys(CATALOGUE, "x")
    folder.write("catalogue.csv", [about | {"file": name} for name in (BOOMS, FIRMS, MACRO)])
    described = [
        ("capex_cash", "USD million", "0", "500000", FIRMS),
        ("operating_cash_flow", "USD million", "", "", FIRMS),
        ("revenue", "USD million", "0", "", FIRMS),
        ("gdp", "USD million", "0", "", MACRO),
        ("boom", "text", "", "", BOOMS),
        ("overbuilt", "text", "", "", BOOMS),
        ("peak_year", "years", "1700", "2100", BOOMS),
    ]
    words = {"label": "Label", "kind": "flow", "definition": "As defined."}
    names = ("series", "unit", "minimum", "maximum", "file")
    folder.write("codebook.csv", [words | dict(zip(names, row, strict=True)) for row in described], CODEBOOK)
    folder.write("sources.csv", [{"source_id": s, "reference": f"Reference {s}"} for s in ("s1", "s2")])
    (path / "release_lags.toml").write_text(LAGS)
    (path / "perimeter.toml").write_text(PERIMETER)
    folder.settle()
    return folder


@pytest.fixture(scope="session")
def new_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Folder]:
    """Make as many valid tiny data folders as are asked for."""
    return lambda: make_folder(tmp_path_factory.mktemp("folder") / "data")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A valid tiny data folder."""
    assert folder_columns() == set(TIDY) | set(PROVENANCE)
    return make_folder(tmp_path / "data")


def folder_columns() -> set[str]:
    """Return the columns that the rows of the tiny folder have."""
    return set(tidy_row("gdp", "x", "2020Q1", 1, rule="nipa"))


@pytest.fixture
def cli(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Outcome]]:
    """Run the command line in this process, as the installed command does."""
    from overbuild.__main__ import main

    def run(*arguments: object) -> Outcome:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["overbuild", *map(str, arguments)])
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(bool(stop.code))
        captured = capsys.readouterr()
        assert "Traceback" not in captured.out + captured.err
        return Outcome(code, captured.out, captured.err)

    yield run


@pytest.fixture(scope="session")
def project_data() -> Path:
    """The project's own data folder."""
    return data_dir()
