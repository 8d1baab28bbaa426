"""``overbuild psy``: a user's file in, numbers of another program out, and plain refusals."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

REFERENCE = Path(__file__).parents[1] / "reference"
FAST = ("--replications", "39")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder of the user's, to which also intermediate results go."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OVERBUILD_ROOT", str(tmp_path / "checkout"))
    table = pd.read_csv(REFERENCE / "psy_series.csv", comment="#")
    months = [f"{2000 + i // 12}-{i % 12 + 1:02d}" for i in range(len(table))]
    table.insert(0, "month", months)
    table.to_csv("mine.csv", index=False)
    return tmp_path


def test_json_holds_the_numbers_of_exuber(place, cli):
    outcome = cli(
        "psy", "mine.csv", "--column", "simpsy1_100", "--lags", 1, "--min-window", 19, *FAST, "--json"
    )
    assert (outcome.code, outcome.err) == (0, "")
    found = json.loads(outcome.out)
    expected = pd.read_csv(REFERENCE / "psy_sequences.csv", comment="#").query(
        "series == 'simpsy1_100' and lags == 1"
    )
    np.testing.assert_allclose(found["bsadf"], expected["bsadf"], atol=1e-9)
    row = pd.read_csv(REFERENCE / "psy_statistics.csv", comment="#").query(
        "series == 'simpsy1_100' and lags == 1"
    )
    for name in ("adf", "sadf", "gsadf"):
        assert found[name] == pytest.approx(float(row[name].iloc[0]), abs=1e-9)
    assert (found["min_window"], found["lags"], found["dates"][0]) == (19, 1, "2001-09")
    assert set(found["p_values"]) == {"adf", "sadf", "gsadf"}
    assert {"start", "peak", "end", "duration", "ongoing"} <= set(found["episodes"][0])


def test_people_can_read_it_and_the_second_time_is_from_what_was_kept(place, cli):
    first = cli("psy", "mine.csv", "--column", "evans100x20", "--critical-values", "wild", *FAST)
    assert first.code == 0
    assert first.out.startswith("evans100x20: GSADF 5.44 ")
    assert "Null Hypothesis: " in first.out and "nan" not in first.out.lower()
    kept = list((place / "checkout" / "build" / "explosive").iterdir())
    assert len(kept) == 1
    assert cli("psy", "mine.csv", "--column", "evans100x20", "--critical-values", "wild", *FAST) == first


@pytest.mark.parametrize("method", ["montecarlo", "wild", "familywise", "sieve"])
def test_workers_and_seed(place, cli, method):
    ask = ("psy", "mine.csv", "--column", "evans100x20", "--critical-values", method, "--json")
    ask = (*ask, "--replications", 99)
    alone = cli(*ask, "--seed", 7).out
    for kept in (place / "checkout" / "build" / "explosive").iterdir():
        kept.unlink()
    assert cli(*ask, "--seed", 7, "--workers", 2).out == alone
    assert cli(*ask, "--seed", 8).out != alone


def test_several_columns_and_a_panel(place, cli):
    ask = ("psy", "mine.csv", "--column", "evans100x20", "--column", "simblan_100", "--json", *FAST)
    each = json.loads(cli(*ask).out)["results"]
    assert [r["series"] for r in each] == ["evans100x20", "simblan_100"]
    panel = json.loads(cli(*ask, "--panel", "--critical-values", "sieve").out)
    np.testing.assert_allclose(panel["bsadf"], np.mean([r["bsadf"] for r in each], axis=0), atol=1e-12)


def test_a_picture_is_written_whole(place, cli):
    assert cli("psy", "mine.csv", "--column", "simpsy1_100", *FAST, "--plot", "it.png").code == 0
    assert Path("it.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("variant", "title"),
    [
        ("sign", "cumulated signs of changes, windows"),
        ("centred", "changes less their median"),
        ("volatility", "normalised coefficient"),
    ],
)
def test_a_variant_is_chosen_by_name(place, cli, variant, title):
    ask = ("psy", "mine.csv", "--column", "evans100x20", *FAST, "--json", "--variant", variant)
    found = json.loads(cli(*ask).out)
    assert title in found["test"]
    assert found["rule"] == ("published" if variant == "volatility" else "pointwise")
    assert found["dated_by"] == ("badf" if variant == "volatility" else "bsadf")


def test_what_a_proxy_leaves_is_tested(place, cli):
    ask = ("psy", "mine.csv", "--column", "evans100x20", *FAST, "--json", "--variant", "technology")
    found = json.loads(cli(*ask, "--proxy", "simpsy1_100=productivity").out)
    assert "residual of a projection on simpsy1_100" in found["test"]
    price = cli(*ask, "--proxy", "simpsy1_100=investment", "--price", "--critical-values", "volatile")
    assert "stochastic volatility" in json.loads(price.out)["critical_values_by"]


def test_the_lines_of_a_variant_are_drawn(place, cli):
    ask = ("psy", "mine.csv", "--column", "evans100x20", *FAST, "--variant", "volatility")
    assert cli(*ask, "--plot", "it.png").code == 0
    assert Path("it.png").read_bytes().startswith(b"\x89PNG")


def table(place: Path, text: str) -> None:
    (place / "own.csv").write_text(text, encoding="utf-8")


def lines(change: dict[int, str] | None = None, count: int = 60) -> str:
    rng = np.random.default_rng(0)
    rows = [
        f"{1990 + i // 12}-{i % 12 + 1:02d},{v:.6f}" for i, v in enumerate(np.cumsum(rng.normal(size=count)))
    ]
    for i, row in (change or {}).items():
        rows[i] = row
    return "\n".join(["month,price", *rows]) + "\n"


REFUSED = {
    "no file": (None, ("--column", "price"), "There is no file 'own.csv'"),
    "an empty file": ("", ("--column", "price"), "own.csv holds no observations"),
    "an unknown column": (
        lines(),
        ("--column", "prize"),
        "No column of own.csv 'prize'. Available: month, price.",
    ),
    "an unknown column of dates": (
        lines(),
        ("--column", "price", "--dates", "day"),
        "No column of own.csv 'day'",
    ),
    "words": (
        lines({3: "1990-04,n/a", 5: "1990-06,1e999"}),
        ("--column", "price"),
        "own.csv, row 5, column price: 'n/a' is not a finite number; leave a missing value empty\n"
        "own.csv, row 7, column price: '1e999' is not a finite number",
    ),
    "a hole": (lines({9: "1990-10,"}), ("--column", "price"), "price: missing values at 1990-10."),
    "a bad date": (
        lines({9: "Oct 1990,1"}),
        ("--column", "price"),
        "own.csv, row 11, column month: 'Oct 1990' is no date; expected days (1999-06-30)",
    ),
    "a date twice": (
        lines({9: "1990-09,1"}),
        ("--column", "price"),
        "price: the date 1990-09 is there twice",
    ),
    "a date out of order": (
        lines({9: "1980-09,1"}),
        ("--column", "price"),
        "price: 1980-09 comes after 1990-09",
    ),
    "a row too long": (
        lines({9: "1990-10,1,2"}),
        ("--column", "price"),
        "own.csv, row 11: 3 cells; expected 2",
    ),
    "a column twice": (
        lines().replace("month,price", "price,price"),
        ("--column", "price"),
        "the column 'price' is there twice",
    ),
    "no text": (b"\xff\xfe\x00", ("--column", "price"), "'own.csv' cannot be read as a CSV file in UTF-8"),
    "a logarithm": (lines(), ("--column", "price", "--log"), "has no logarithm; expected positive values"),
    "few observations": (lines(count=5), ("--column", "price"), "price: 5 observations; expected 10 or more"),
    "a window": (lines(), ("--column", "price", "--min-window", "2"), "leaves no degrees of freedom"),
    "a long window": (lines(), ("--column", "price", "--min-window", "60"), "60 observations are too few"),
    "lags": (lines(), ("--column", "price", "--lags", "50"), "lags 50: expected"),
    "a method": (
        lines(),
        ("--column", "price", "--critical-values", "magic"),
        "No kind of critical values 'magic'. Available: familywise, montecarlo, sieve, volatile, wild.",
    ),
    "replications": (lines(), ("--column", "price", "--replications", "5"), "5 replications give no 5 %"),
    "a cluster": (
        lines(),
        ("--column", "price", "--cluster", "nowhere"),
        "is not the address of a dask scheduler",
    ),
    "a picture": (lines(), ("--column", "price", "--plot", "x.doc"), "--plot x.doc: expected .png"),
    "a folder": (lines(), ("--column", "price", "--plot", "none/x.png"), "there is no folder 'none'"),
    "a panel of one": (lines(), ("--column", "price", "--panel"), "A panel needs two series"),
    "a variant": (
        lines(),
        ("--column", "price", "--variant", "robust"),
        "No variant 'robust'. Available: centred, plain, sign, technology, volatility.",
    ),
    "lags of signs": (
        lines(),
        ("--column", "price", "--variant", "sign", "--lags", "1"),
        "it has no lags and no trend",
    ),
    "technology without a proxy": (
        lines(),
        ("--column", "price", "--variant", "technology"),
        "--variant technology needs --proxy C=KIND",
    ),
    "a proxy of the plain test": (lines(), ("--column", "price", "--proxy", "x=price"), "no other variant"),
    "a proxy of no kind": (
        lines(),
        ("--column", "price", "--variant", "technology", "--proxy", "price"),
        "--proxy price: expected a column and its kind, for example users=adoption.",
    ),
    "a proxy that is the series": (
        lines(),
        ("--column", "price", "--variant", "technology", "--proxy", "price=adoption"),
        "the proxies explain it without error",
    ),
    "a proxy that is spending": (
        lines(),
        ("--column", "price", "--variant", "technology", "--proxy", "price=investment"),
        "investment holds the spending that is tested",
    ),
    "published lines of the plain test": (
        lines(),
        ("--column", "price", "--rule", "published", *FAST),
        "have no published lines by date",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_bad_input_is_one_plain_message(place, cli, what):
    text, options, message = REFUSED[what]
    if isinstance(text, bytes):
        (place / "own.csv").write_bytes(text)
    elif text is not None:
        table(place, text)
    before = sorted(place.rglob("*"))
    outcome = cli("psy", "own.csv", *options)
    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err
    assert sorted(place.rglob("*")) == before
