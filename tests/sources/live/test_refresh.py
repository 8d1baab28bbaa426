from __future__ import annotations

import csv
import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from overbuild.errors import DataError, InputError, ServiceError
from overbuild.sources import vintages
from overbuild.sources.filers import FIRMS, PPE, PRODUCTIVE
from overbuild.sources.http import Manners
from overbuild.sources.refresh import refresh_edgar, refresh_fred
from overbuild.sources.schema import is_date, is_number, period_fits, schema_faults, tidy_faults, tidy_schema

TODAY = date(2026, 11, 22)
LATER = date(2027, 2, 15)
THREE = ["Microsoft", "Oracle", "Meta"]
ENDS = {
    "Microsoft": ("2024-07-01", ["2024-09-30", "2024-12-31", "2025-03-31", "2025-06-30"]),
    "Oracle": ("2025-06-01", ["2025-08-31", "2025-11-30", "2026-02-28", "2026-05-31"]),
    "Meta": ("2025-01-01", ["2025-03-31", "2025-06-30", "2025-09-30", "2025-12-31"]),
}


@pytest.fixture
def edgar(service: Any, filer: Any, reply: Any, facts_path: Any) -> Any:
    """Serve three firms with four quarters each."""
    for name, (start, ends) in ENDS.items():
        service.routes[facts_path(name)] = [
            reply(filer(name).year(PPE, start, ends, [10, 20, 30, 40]).document)
        ]
    return service


@pytest.fixture
def run(service: Any, manners: Manners, tmp_path: Path) -> Any:
    def start(as_of: date = TODAY, firms: list[str] | None = None, **more: Any) -> Any:
        settings: dict[str, Any] = {"out": tmp_path, "base_url": service.url, "manners": manners} | more
        return refresh_edgar(as_of=as_of, firms=THREE if firms is None else firms, **settings)

    return start


def files(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def test_a_vintage_is_written_and_told(edgar: Any, run: Any, tmp_path: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    report = run(progress=lambda *step: seen.append(step))
    assert seen == [(0, 3, "CIK0000789019"), (1, 3, "CIK0001341439"), (2, 3, "CIK0001326801")]
    assert (report.vintage, report.rows, report.file) == (TODAY, 12, tmp_path / "edgar_2026-11-22.csv")
    told = report.to_dict()
    assert told["vintage"] == "2026-11-22"
    assert told["rows"] == 12
    assert {"vintage", "rows", "changed"} <= set(told)
    json.dumps(told)
    assert "edgar_2026-11-22.csv holds 12 rows" in report.sentence
    assert "Oracle revenue: no single quarter in USD under Revenues" in " ".join(report.problems)
    assert [a.headers["User-Agent"] for a in edgar.asked] == ["Test Reader reader@example.org"] * 3
    assert set(files(tmp_path)) == {
        "edgar_2026-11-22.csv",
        *(f"raw/edgar_2026-11-22/CIK{f.cik:010d}.json" for f in FIRMS if f.name in THREE),
    }


def test_the_vintage_fits_the_schema_of_the_data(edgar: Any, run: Any) -> None:
    import pandas as pd

    report = run()
    with report.file.open(newline="") as lines:
        table = pd.DataFrame(list(csv.DictReader(lines)), dtype=str)
    table["row"] = range(2, len(table) + 2)
    codebook = pd.DataFrame({"unit": "USD million", "minimum": 0.0, "maximum": 1e6}, index=["capex_cash"])
    assert schema_faults(table, tidy_schema(("nipa",), frozenset({"edgar"})), "x") == []
    assert tidy_faults(table, codebook, lambda *_: None, "x") == []
    assert all(
        is_number(v) and is_date(d) and period_fits(p, "Q")
        for v, d, p in zip(table["value"], table["vintage"], table["period"], strict=True)
    )
    assert list(table["value"]) == [str(v) for _ in THREE for v in (10, 20, 30, 40)]


def test_changes_are_told_against_the_vintage_before(
    edgar: Any, run: Any, filer: Any, reply: Any, facts_path: Any
) -> None:
    first = run()
    meta = (
        filer("Meta")
        .year(PPE, *ENDS["Meta"], [10, 20, 30, 40])
        .report(PPE, "2025-01-01", "2025-03-31", 11, "2026-04-30")
    )
    meta.report(PPE, "2026-01-01", "2026-03-31", 99, "2026-04-30")
    edgar.routes[facts_path("Meta")] = [reply(meta.document)]
    held = first.file.read_bytes()
    second = run(LATER)
    assert second.against == first.file
    assert second.to_dict()["changed"] == [
        {"series": "capex_cash", "entity": "Meta", "period": "2025Q1", "old": 10.0, "new": 11.0},
        {"series": "capex_cash", "entity": "Meta", "period": "2026Q1", "old": None, "new": 99.0},
    ]
    assert "1 figures are new and 1 differ from edgar_2026-11-22.csv" in second.sentence
    assert first.file.read_bytes() == held


def test_the_first_vintage_is_compared_with_the_shipped_data(
    edgar: Any, run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = tmp_path / "data" / "hyperscalers" / "financials_quarterly.csv"
    row = vintages.Row(
        "capex_cash",
        "Oracle",
        "Q",
        "2025Q3",
        "2025-08-31",
        "10",
        "USD million",
        "actual",
        "A",
        "2025-10-15",
        "sec_quarterly",
        "2026-11-20",
        "s1",
    )
    vintages.write_whole(
        shipped, vintages.as_csv([row, replace(row, period="2025Q4", period_end="2025-11-30", value="21")])
    )
    monkeypatch.setattr("overbuild.locations.data_dir", lambda: tmp_path / "data")
    report = run(firms=["Oracle"])
    assert report.against == shipped
    assert [(c.period, c.old, c.new) for c in report.changed] == [
        ("2025Q4", 21.0, 20.0),
        ("2026Q1", None, 30.0),
        ("2026Q2", None, 40.0),
    ]


def test_the_same_day_again_is_the_same_vintage_or_the_next_number(
    edgar: Any, run: Any, filer: Any, reply: Any, facts_path: Any, tmp_path: Path
) -> None:
    run()
    before = files(tmp_path)
    assert run().file.name == "edgar_2026-11-22.csv"
    assert files(tmp_path) == before
    edgar.routes[facts_path("Meta")] = [
        reply(filer("Meta").year(PPE, *ENDS["Meta"], [10, 20, 30, 41]).document)
    ]
    report = run()
    assert report.file.name == "edgar_2026-11-22_2.csv"
    assert [(c.period, c.new) for c in report.changed] == [("2025Q4", 41.0)]
    assert {k: v for k, v in files(tmp_path).items() if k in before} == before
    assert "raw/edgar_2026-11-22_2/CIK0001326801.json" in files(tmp_path)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"status": 404, "body": "<html>NoSuchKey</html>"}, "HTTP 404; SEC holds no facts at that address"),
        (
            {"status": 403, "body": "<html>Undeclared Automated Tool</html>"},
            "HTTP 403; SEC refuses callers too fast or undeclared",
        ),
        ({"status": 500}, r"HTTP 500 \(asked 4 times\)"),
        ({"status": 429, "headers": {"Retry-After": "600"}}, "wait 600 seconds"),
        ({"body": '{"cik": 1326801, "facts": {"us-g'}, r"cut off or is not JSON \(asked 4 times\)"),
        ({"body": "<html>Maintenance</html>"}, r"a web page, not JSON \(asked 4 times\)"),
        ({"body": {"cik": 1326801, "entityName": "Meta", "facts": {}}}, "it holds no facts"),
        (
            {"body": {"cik": 1018724, "entityName": "Amazon", "facts": {"us-gaap": {}}}},
            "it is of CIK 1018724",
        ),
        ({"closed": True}, r"broke off \(\w+\) \(asked 4 times\)"),
        ({"body": "{}", "slow": 0.7}, r"no answer in time \(asked 4 times\)"),
    ],
)
def test_a_fault_of_one_firm_writes_nothing_and_keeps_the_old(
    bad: dict[str, Any], said: str, edgar: Any, run: Any, reply: Any, facts_path: Any, tmp_path: Path
) -> None:
    held = run(date(2026, 10, 1)).file
    before = files(tmp_path)
    edgar.routes[facts_path("Meta")] = [reply(**bad)]
    with pytest.raises(ServiceError, match=said) as error:
        run()
    assert str(error.value).startswith("Asked SEC EDGAR for the facts of Meta: ")
    assert str(error.value).endswith("No vintage was written; edgar_2026-10-01.csv stays as it is.")
    assert "\n" not in str(error.value)
    after = files(tmp_path)
    assert {k: v for k, v in after.items() if not k.startswith("raw/edgar_2026-11-22.partial/")} == before
    assert held.exists()


def test_no_network_is_said_and_the_old_vintage_kept(edgar: Any, run: Any, tmp_path: Path) -> None:
    run(date(2026, 10, 1))
    before = files(tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(ServiceError) as error:
        run(base_url=nobody)
    assert str(error.value) == (
        "Asked SEC EDGAR for the facts of Microsoft: no connection to 127.0.0.1; is there a network? "
        "(asked 4 times). No vintage was written; edgar_2026-10-01.csv stays as it is."
    )
    assert files(tmp_path) == before
    with pytest.raises(ServiceError, match="the data shipped with overbuild stay as they are"):
        run(base_url=nobody, out=tmp_path / "new")


def test_an_unfinished_run_is_continued(
    edgar: Any, run: Any, reply: Any, facts_path: Any, tmp_path: Path
) -> None:
    good = edgar.routes[facts_path("Meta")]
    edgar.routes[facts_path("Meta")] = [reply(status=404)]
    with pytest.raises(ServiceError):
        run()
    assert [a.path for a in edgar.asked] == [facts_path(n) for n in THREE]
    edgar.asked.clear()
    edgar.routes[facts_path("Meta")] = good
    assert run().rows == 12
    assert [a.path for a in edgar.asked] == [facts_path("Meta")]
    assert not list((tmp_path / "raw").glob("*.partial"))
    edgar.asked.clear()
    run(LATER)
    assert len(edgar.asked) == 3


def test_a_spoilt_document_of_an_unfinished_run_is_asked_for_again(
    edgar: Any, run: Any, facts_path: Any, tmp_path: Path
) -> None:
    partial = tmp_path / "raw" / "edgar_2026-11-22.partial"
    partial.mkdir(parents=True)
    (partial / "CIK0000789019.json").write_text('{"cik": 789019, "fac')
    (partial / "CIK0001341439.json").write_text('{"cik": 1, "facts": {}}')
    (partial / "CIK0001326801.json").write_bytes(b"\xff\x00")
    assert run().rows == 12
    assert len(edgar.asked) == 3


def test_a_run_that_is_interrupted_while_writing_leaves_no_vintage(
    edgar: Any, run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Path.replace

    def stop(self: Path, target: Path) -> Path:
        if target.suffix == ".csv":
            raise KeyboardInterrupt
        return original(self, target)

    monkeypatch.setattr(Path, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        run()
    assert all(name.startswith("raw/edgar_2026-11-22.partial/") for name in files(tmp_path))
    monkeypatch.undo()


def test_a_spoilt_earlier_vintage_is_told_before_anything_is_written(
    edgar: Any, run: Any, tmp_path: Path
) -> None:
    (tmp_path / "edgar_2026-10-01.csv").write_text("series,enti")
    with pytest.raises(DataError, match=r"edgar_2026-10-01\.csv"):
        run()
    assert not (tmp_path / "edgar_2026-11-22.csv").exists()


def test_a_day_before_every_filing_is_bad_input(edgar: Any, run: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Nothing was published by 1999-12-31"):
        run(date(1999, 12, 31))
    assert not list(tmp_path.glob("*.csv"))


def test_the_day_is_respected(edgar: Any, run: Any) -> None:
    report = run(date(2025, 10, 30))
    with report.file.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {r["vintage"] for r in rows} == {
        "2024-10-30",
        "2025-01-30",
        "2025-04-30",
        "2025-07-30",
        "2025-09-30",
        "2025-10-30",
    }


def test_all_firms_by_default(
    service: Any, manners: Manners, filer: Any, reply: Any, facts_path: Any, tmp_path: Path
) -> None:
    for firm in FIRMS:
        tag = PRODUCTIVE if firm.name == "Amazon" else PPE
        service.routes[firm.path] = [reply(filer(firm.name).year(tag, *ENDS["Meta"], [1, 2, 3, 4]).document)]
    report = refresh_edgar(as_of=TODAY, out=tmp_path, base_url=service.url, manners=manners)
    assert report.rows == 4 * len(FIRMS)
    assert [a.path for a in service.asked] == [f.path for f in FIRMS]


def fred_pages(service: Any, reply: Any, ids: list[str]) -> None:
    for name in ids:
        entry = {
            "realtime_start": "2026-10-29",
            "realtime_end": "9999-12-31",
            "date": "2026-07-01",
            "value": "12.5",
        }
        described = {"seriess": [{"id": name, "units": "Index 2017=100"}]}
        page = {"count": 1, "offset": 0, "limit": 100000, "observations": [entry]}
        service.routes[name] = lambda asked, d=described, p=page: reply(
            p if asked.path.endswith("observations") else d
        )


def test_fred_writes_a_vintage_and_tells_no_key(
    service: Any, manners: Manners, reply: Any, key: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    fred_pages(service, reply, ["GDP", "GDPDEF", "DGS10"])
    report = refresh_fred(
        as_of=TODAY, out=tmp_path, base_url=service.url, ids=["GDP", "GDPDEF", "DGS10"], manners=manners
    )
    with report.file.open(newline="") as lines:
        rows = [(r["series"], r["period"], r["value"], r["unit"]) for r in csv.DictReader(lines)]
    assert rows == [
        ("gdp", "2026Q3", "12500", "USD million"),
        ("gdp_deflator", "2026Q3", "12.5", "index"),
        ("treasury_10y", "2026Q3", "12.5", "percent"),
    ]
    service.routes["GDP"] = [reply({"error_code": 400, "error_message": f"Bad key {key}."}, status=400)]
    with pytest.raises(ServiceError) as error:
        refresh_fred(as_of=LATER, out=tmp_path, base_url=service.url, ids=["DGS10", "GDP"], manners=manners)
    assert str(error.value) == (
        'Asked FRED for the series GDP: the answer was HTTP 400 ("Bad key ***."). '
        "No vintage was written; fred_2026-11-22.csv stays as it is."
    )
    everything = (
        b"".join(files(tmp_path).values()).decode() + str(report) + json.dumps(report.to_dict()) + caplog.text
    )
    assert key not in everything
    assert all(a.query["api_key"] == key for a in service.asked)


def test_fred_says_what_the_day_is_too_early_for(
    service: Any, manners: Manners, reply: Any, tmp_path: Path
) -> None:
    entry = {
        "realtime_start": "1991-12-04",
        "realtime_end": "1992-01-28",
        "date": "1991-07-01",
        "value": "5709.2",
    }
    service.routes["GDP"] = [reply({"count": 1, "observations": [entry]})]
    report = refresh_fred(
        as_of=date(1995, 1, 1), out=tmp_path, base_url=service.url, ids=["GDP", "GDPC1"], manners=manners
    )
    assert report.problems == ("gdp_real: its first vintage is of 2023-09-28.",)
    assert report.rows == 1


def test_addresses_may_come_from_the_environment(
    edgar: Any, manners: Manners, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVERBUILD_EDGAR_URL", edgar.url)
    assert refresh_edgar(as_of=TODAY, out=tmp_path, firms=THREE, manners=manners).rows == 12


def test_without_a_checkout_a_folder_must_be_named(edgar: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("overbuild.locations.project_root", lambda: None)
    with pytest.raises(InputError, match="--out"):
        refresh_edgar(as_of=TODAY, base_url=edgar.url)


def test_by_default_vintages_go_to_the_build_folder(
    edgar: Any, run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVERBUILD_ROOT", str(tmp_path))
    assert run(out=None).file == tmp_path / "build" / "refresh" / "edgar_2026-11-22.csv"


@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT")
def test_control_c_while_waiting_leaves_no_half_file(
    edgar: Any, reply: Any, facts_path: Any, tmp_path: Path
) -> None:
    edgar.routes[facts_path("Oracle")] = [reply(edgar.routes[facts_path("Oracle")][0].body, slow=20)]
    # A job that a shell started in the background inherits an interrupt that is ignored.
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import datetime, pathlib; from overbuild.sources.refresh import refresh_edgar\n"
        f"out = pathlib.Path({str(tmp_path)!r}); today = datetime.date(2026, 11, 22)\n"
        f"refresh_edgar(as_of=today, out=out, base_url={edgar.url!r}, firms={THREE!r})"
    )
    child = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE)
    while len(edgar.asked) < 2 and child.poll() is None:
        pass
    child.send_signal(signal.SIGINT)
    _, told = child.communicate(timeout=20)
    assert b"KeyboardInterrupt" in told
    assert set(files(tmp_path)) == {"raw/edgar_2026-11-22.partial/CIK0000789019.json"}
    json.loads(next(iter(files(tmp_path).values())))
