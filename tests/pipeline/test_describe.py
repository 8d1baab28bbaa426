"""A step sees the rows and sections that concern it, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from overbuild.errors import InputError, UnknownNameError
from overbuild.pipeline.describe import catalogued, files_of, perimeter, registered, sections


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "catalogue.csv").write_text("file,title,sha256\nmacro/a.csv,A,1\nmacro/b.csv,B,2\n")
    (tmp_path / "codebook.csv").write_text(
        "series,unit,file\ngdp,USD million,macro/a.csv\nrate,percent,macro/b.csv\n"
    )
    (tmp_path / "definitions.toml").write_text("[O2]\nratio = 0.5\n[O3]\nfall = 0.3\n")
    (tmp_path / "perimeter.toml").write_text('[outside_view]\nseries = ["rate"]\n[ai]\nseries = ["gdp"]\n')
    return tmp_path


def test_what_concerns_a_step_is_cut_out(data: Path) -> None:
    assert catalogued(data) == ("macro/a.csv", "macro/b.csv")
    assert files_of(data, ["gdp", "gdp"]) == ("macro/a.csv",)
    before = registered(data, ["macro/a.csv"])
    (data / "catalogue.csv").write_text("file,title,sha256\nmacro/a.csv,A,1\nmacro/b.csv,B,changed\n")
    assert registered(data, ["macro/a.csv"]) == before
    assert registered(data, ["macro/b.csv"]) != before
    assert sections(data / "definitions.toml", ["O3"]) == {"O3": {"fall": 0.3}}
    assert perimeter(data, "ai") == {"series": ["gdp", "rate"]}


def test_what_is_not_there_is_named(data: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"'cpi'\. Available: gdp, rate"):
        files_of(data, ["cpi"])
    with pytest.raises(UnknownNameError, match=r"section of definitions.toml 'O9'\. Available: O2, O3"):
        sections(data / "definitions.toml", ["O9"])
    with pytest.raises(InputError, match=r"catalogue\.csv is missing"):
        catalogued(data / "nowhere")
    (data / "definitions.toml").write_text("[")
    with pytest.raises(InputError, match="not readable as TOML"):
        sections(data / "definitions.toml", ["O3"])
