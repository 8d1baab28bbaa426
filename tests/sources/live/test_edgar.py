from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from overbuild.errors import InputError, ServiceError, UnknownNameError
from overbuild.sources.edgar import check_document, edgar_service, facts_of, firm_rows
from overbuild.sources.filers import CONTRACTS, FIRMS, PPE, PRODUCTIVE, Firm, chosen_firms
from overbuild.sources.vintages import Row

TODAY = date(2026, 11, 22)
OCF = "NetCashProvidedByUsedInOperatingActivities"
MICROSOFT_ENDS = ["2024-09-30", "2024-12-31", "2025-03-31", "2025-06-30"]


def firm(name: str) -> Firm:
    return chosen_firms([name])[0]


def rows_of(filer: Any, series: str, as_of: date = TODAY) -> list[Row]:
    return [r for r in firm_rows(filer.document, firm(filer.name), as_of)[0] if r.series == series]


def figures(rows: list[Row]) -> dict[str, str]:
    return {r.period: r.value for r in rows}


def test_microsoft_a_june_year(filer: Any) -> None:
    microsoft = filer("Microsoft").year(PPE, "2024-07-01", MICROSOFT_ENDS, [14923, 15804, 16745, 17079])
    rows = rows_of(microsoft, "capex_cash")
    assert figures(rows) == {"2024Q3": "14923", "2024Q4": "15804", "2025Q1": "16745", "2025Q2": "17079"}
    last = rows[-1]
    assert (last.period_end, last.status, last.available_from, last.vintage) == (
        "2025-06-30",
        "derived",
        "2025-07-30",
        "2025-07-30",
    )
    assert (last.unit, last.frequency, last.available_rule, last.grade, last.source_id) == (
        "USD million",
        "Q",
        "stated",
        "B",
        "edgar",
    )
    assert last.note == f"us-gaap:{PPE} difference of year-to-date figures, Form 10-K"
    assert rows[0].status == "actual"


def test_oracle_ends_in_may_and_keeps_its_true_end(filer: Any) -> None:
    ends = ["2025-08-31", "2025-11-30", "2026-02-28", "2026-05-31"]
    oracle = filer("Oracle").year(PPE, "2025-06-01", ends, [8502, 12033, 9000, 11000])
    rows = rows_of(oracle, "capex_cash")
    assert [(r.period, r.period_end) for r in rows] == [
        ("2025Q3", "2025-08-31"),
        ("2025Q4", "2025-11-30"),
        ("2026Q1", "2026-02-28"),
        ("2026Q2", "2026-05-31"),
    ]


def test_nvidia_with_a_year_of_53_weeks(filer: Any) -> None:
    ends = ["2015-04-26", "2015-07-26", "2015-10-25", "2016-01-31"]
    nvidia = filer("NVIDIA").year(PRODUCTIVE, "2015-01-26", ends, [30, 25, 18, 13])
    nvidia.year(
        PRODUCTIVE, "2016-02-01", ["2016-05-01", "2016-07-31", "2016-10-30", "2017-01-29"], [55, 36, 38, 47]
    )
    assert figures(rows_of(nvidia, "capex_cash")) == {
        "2015Q1": "30", "2015Q2": "25", "2015Q3": "18", "2015Q4": "13",
        "2016Q1": "55", "2016Q2": "36", "2016Q3": "38", "2016Q4": "47",
    }  # fmt: skip


def test_a_restatement_is_a_vintage_by_filing_date(filer: Any) -> None:
    """Meta: 2023 was first reported gross (27,266) and later net of proceeds (27,045)."""
    ends = ["2023-03-31", "2023-06-30", "2023-09-30", "2023-12-31"]
    meta = filer("Meta").year(PPE, "2023-01-01", ends, [6842, 6216, 6543, 7665])
    totals = [6823, 12957, 19453, 27045]
    for end, total, filed in zip(
        ends, totals, ["2024-04-25", "2024-08-01", "2024-10-31", "2025-01-30"], strict=True
    ):
        meta.report(PPE, "2023-01-01", end, total, filed)
    rows = rows_of(meta, "capex_cash")
    assert [(r.value, r.vintage) for r in rows if r.period == "2023Q4"] == [
        ("7665", "2024-01-30"),
        ("7592", "2025-01-30"),
    ]
    assert [(r.value, r.vintage) for r in rows if r.period == "2023Q1"] == [
        ("6842", "2023-04-30"),
        ("6823", "2024-04-25"),
    ]
    first = {r.period: float(r.value) for r in rows if r.vintage < "2024-02-01"}
    last = {r.period: float(r.value) for r in sorted(rows, key=lambda r: r.vintage)}
    assert (sum(first.values()), sum(last.values())) == (27266, 27045)


def test_nothing_filed_after_the_day_is_known_on_it(filer: Any) -> None:
    microsoft = filer("Microsoft").year(PPE, "2024-07-01", MICROSOFT_ENDS, [14923, 15804, 16745, 17079])
    microsoft.report(PPE, "2024-07-01", "2024-09-30", 14000, "2025-10-29")
    before = rows_of(microsoft, "capex_cash", date(2025, 7, 29))
    assert figures(before) == {"2024Q3": "14923", "2024Q4": "15804", "2025Q1": "16745"}
    on_the_day = rows_of(microsoft, "capex_cash", date(2025, 7, 30))
    assert [r for r in rows_of(microsoft, "capex_cash") if r.vintage <= "2025-07-30"] == on_the_day
    assert all(r.available_from >= r.period_end for r in on_the_day)


def test_a_firm_that_changed_its_tag(filer: Any) -> None:
    nvidia = filer("NVIDIA").year(
        PPE, "2023-01-30", ["2023-04-30", "2023-07-30", "2023-10-29"], [248, 289, 278]
    )
    nvidia.year(
        PRODUCTIVE,
        "2024-01-29",
        ["2024-04-28", "2024-07-28", "2024-10-27", "2025-01-26"],
        [369, 977, 813, 1077],
    )
    nvidia.report(PRODUCTIVE, "2023-01-30", "2024-01-28", 1069, "2024-02-21", "10-K")
    nvidia.report(PRODUCTIVE, "2023-01-30", "2023-04-30", 250, "2024-05-29")
    rows = rows_of(nvidia, "capex_cash")
    assert [(r.value, r.note.split()[0]) for r in rows if r.period == "2023Q1"] == [
        ("248", f"us-gaap:{PPE}"),
        ("250", f"us-gaap:{PRODUCTIVE}"),
    ]
    assert "2023Q4" not in figures(rows)  # year and nine months stand under different tags: never crossed
    assert figures(rows)["2024Q4"] == "1077"


def test_amazon_gross_and_net_are_two_series(filer: Any) -> None:
    """Amazon's older tag is net of incentives; trailing twelve months stand beside the year to date."""
    ends = ["2017-03-31", "2017-06-30", "2017-09-30", "2017-12-31"]
    amazon = filer("Amazon").year(PPE, "2017-01-01", ends, [1861, 2501, 2659, 3036])
    amazon.report(PPE, "2016-10-01", "2017-09-30", 9027, "2017-10-27")
    amazon.report(PRODUCTIVE, "2017-07-01", "2017-09-30", 3074, "2018-10-26")
    assert figures(rows_of(amazon, "capex_cash")) == {"2017Q3": "3074"}
    assert figures(rows_of(amazon, "capex_cash_net_of_proceeds")) == dict(
        zip(["2017Q1", "2017Q2", "2017Q3", "2017Q4"], ["1861", "2501", "2659", "3036"], strict=True)
    )


def test_revenue_reported_by_quarter_with_its_fourth_from_the_year(filer: Any) -> None:
    ends = ["2024-03-31", "2024-06-30", "2024-09-30"]
    alphabet = filer("Alphabet")
    starts = ["2024-01-01", "2024-04-01", "2024-07-01"]
    for start, end, value, total in zip(
        starts, ends, [80539, 84742, 88268], [80539, 165281, 253549], strict=True
    ):
        filed = (date.fromisoformat(end) + timedelta(days=25)).isoformat()
        alphabet.report("Revenues", start, end, value, filed).report(
            "Revenues", "2024-01-01", end, total, filed
        )
        alphabet.report(CONTRACTS, start, end, value - 100, filed)
    alphabet.report("Revenues", "2024-01-01", "2024-12-31", 350018, "2025-02-05", "10-K")
    rows = rows_of(alphabet, "revenue")
    assert [(r.period, r.value, r.status) for r in rows] == [
        ("2024Q1", "80539", "actual"),
        ("2024Q2", "84742", "actual"),
        ("2024Q3", "88268", "actual"),
        ("2024Q4", "96469", "derived"),
    ]


def test_negative_cash_flow_keeps_its_sign(filer: Any) -> None:
    ends = ["2022-03-31", "2022-06-30", "2022-09-30", "2022-12-31"]
    amazon = filer("Amazon").year(OCF, "2022-01-01", ends, [-2790, 8965, 11404, 29173])
    assert figures(rows_of(amazon, "operating_cash_flow")) == dict(
        zip(["2022Q1", "2022Q2", "2022Q3", "2022Q4"], ["-2790", "8965", "11404", "29173"], strict=True)
    )


def test_what_yandex_filed_is_not_nebius_and_roubles_are_not_dollars(filer: Any) -> None:
    nebius = filer("Nebius").year(PPE, "2023-01-01", ["2023-03-31", "2023-06-30"], [500, 600])
    nebius.year(PPE, "2025-01-01", ["2025-03-31", "2025-06-30"], [544, 511])
    document = nebius.document
    document["facts"]["us-gaap"]["Revenues"] = {
        "units": {"RUB": document["facts"]["us-gaap"][PPE]["units"]["USD"]}
    }
    rows, problems = firm_rows(document, firm("Nebius"), TODAY)
    assert figures(rows) == {"2025Q1": "544", "2025Q2": "511"}
    assert any(p.startswith("Nebius revenue: no single quarter in USD under Revenues") for p in problems)


def test_contradictions_are_told_and_not_used(filer: Any) -> None:
    meta = filer("Meta").year(PPE, "2025-01-01", ["2025-03-31", "2025-06-30"], [12941, 16538])
    meta.report(PPE, "2025-04-01", "2025-06-30", 29479, "2025-07-30")
    rows, problems = firm_rows(meta.document, firm("Meta"), TODAY)
    assert figures(rows) == {"2025Q1": "12941"}
    told = f"Meta capex_cash, quarter to 2025-06-30, filed 2025-07-30: {PPE} says 29,479 USD million and its "
    assert told + "year-to-date figures say 16,538; neither is used." in problems


def test_two_fiscal_quarters_in_one_calendar_quarter_are_told(filer: Any) -> None:
    iren = filer("IREN").report(PPE, "2025-01-01", "2025-03-31", 10, "2025-05-01")
    iren.report(PPE, "2025-01-15", "2025-04-14", 12, "2025-05-20")
    rows, problems = firm_rows(iren.document, firm("IREN"), TODAY)
    assert figures(rows) == {"2025Q1": "10"}
    assert any("two fiscal quarters are 2025Q1; only that to 2025-03-31 is used" in p for p in problems)


@pytest.mark.parametrize("name", [f.name for f in FIRMS])
def test_every_firm_has_its_tags_and_an_address(name: str) -> None:
    one = firm(name)
    assert {"capex_cash", "revenue", "operating_cash_flow", "operating_income", "net_income"} <= set(one.tags)
    assert one.path == f"/api/xbrl/companyfacts/CIK{one.cik:010d}.json"


def spoilt(**changes: Any) -> dict[str, Any]:
    fact = {
        "start": "2025-01-01",
        "end": "2025-03-31",
        "val": 1,
        "accn": "a",
        "filed": "2025-05-01",
        "form": "10-Q",
    }
    fact = {k: v for k, v in (fact | changes).items() if v != "absent"}
    return {"cik": 1326801, "facts": {"us-gaap": {PPE: {"units": {"USD": [fact]}}}}}


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ([], "not a company-facts document"),
        ("text", "not a company-facts document"),
        ({"cik": 1326801}, "not a company-facts document"),
        ({"cik": 1326801, "facts": []}, "not a company-facts document"),
        ({"cik": 789019, "facts": {"us-gaap": {PPE: {}}}}, "of CIK 789019, not 1326801"),
        ({"cik": 1326801, "facts": {}}, "holds no facts"),
        ({"cik": 1326801, "facts": {"us-gaap": {}}}, "holds no facts"),
        (spoilt(val="1"), "val '1' is not a number"),
        (spoilt(val=True), "is not a number"),
        (spoilt(val=float("inf")), "is not a number"),
        (spoilt(val=10**400), "OverflowError"),
        (spoilt(val="absent"), "KeyError: 'val'"),
        (spoilt(filed="absent"), "KeyError: 'filed'"),
        (spoilt(filed="yesterday"), "yesterday"),
        (spoilt(end="2025-02-30"), f"an entry of {PPE} is malformed"),
        (spoilt(start=20250101), f"an entry of {PPE} is malformed"),
        ({"cik": 1326801, "facts": {"us-gaap": {PPE: {"units": {"USD": ["?"]}}}}}, "malformed"),
        ({"cik": 1326801, "facts": {"us-gaap": {PPE: [1]}}}, "malformed"),
        ({"cik": 1326801, "facts": {"us-gaap": "none"}}, "malformed"),
    ],
)
def test_a_document_of_another_shape_is_refused(document: Any, why: str) -> None:
    with pytest.raises(ServiceError) as error:
        check_document(document, firm("Meta"))
    assert str(error.value).startswith(
        "Asked SEC EDGAR for the facts of Meta: the answer is not usable, since "
    )
    assert why in str(error.value)


@pytest.mark.parametrize(
    "odd", [{"start": "absent"}, {"val": None}, {"filed": "2025-03-01"}, {"start": "2025-04-01"}]
)
def test_entries_that_are_no_flows_are_left_out(odd: dict[str, Any]) -> None:
    document = spoilt(**odd)
    assert facts_of(document, PPE, firm("Meta")) == []
    with pytest.raises(ServiceError, match="holds none of the figures that are used"):
        check_document(document, firm("Meta"))


def test_cik_may_be_padded_text(filer: Any) -> None:
    document = filer("Meta").report(PPE, "2025-01-01", "2025-03-31", 1, "2025-05-01").document
    check_document(document | {"cik": "0001326801"}, firm("Meta"))


@pytest.mark.parametrize(
    "agent", [None, "", "Jane Doe", "jane@", "Jane\x00 jane@example.org", "Łucja lucja@example.org"]
)
def test_a_caller_who_is_not_declared_is_refused(agent: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OVERBUILD_USER_AGENT", raising=False)
    if agent is not None and "\x00" not in agent:
        monkeypatch.setenv("OVERBUILD_USER_AGENT", agent)
    with pytest.raises(InputError, match=r"OVERBUILD_USER_AGENT is not (set|usable)"):
        edgar_service()


def test_an_unknown_firm_is_told_with_those_there_are() -> None:
    with pytest.raises(UnknownNameError, match=r"No firm 'Mera'\. Available: Alphabet, Amazon, CoreWeave"):
        chosen_firms(["Meta", "Mera"])
