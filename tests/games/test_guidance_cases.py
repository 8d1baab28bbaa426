"""Tests of the guidance cases: pairs, comparability, windows, and the real cases by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from overbuild.games.asked import Asked
from overbuild.games.guidance_cases import Guidance, cases, result, summary
from overbuild.games.reaction_panel import FIRMS
from overbuild.locations import data_dir

A, B, C, D = FIRMS[:4]


def told(
    firm: str, day: str, low: float, high: float, measure: str = "cash", period: str = "2026"
) -> Guidance:
    return Guidance(firm, period, False, date.fromisoformat(day), low, high, measure, "B")


def test_a_revision_is_a_statement_and_the_next_that_differs() -> None:
    rows = cases(
        [
            told("A", "2026-01-10", 10, 20),
            told("A", "2026-02-10", 10, 20),
            told("A", "2026-03-10", 20, 25),
            told("A", "2026-03-10", 50, 50, period="2027"),
        ]
    )
    assert len(rows) == 1
    assert rows[0]["change"] == pytest.approx(22.5 / 15 - 1)
    assert rows[0]["before_day"] == "2026-02-10"


def test_rivals_count_within_the_window_and_on_other_days() -> None:
    said = [
        *(told(f, "2026-01-01", 10, 10) for f in FIRMS[:4]),
        told(A, "2026-03-01", 11, 11),
        told(B, "2026-03-01", 12, 12),
        told(C, "2026-04-15", 13, 13),
        told(D, "2026-04-16", 9, 9),
    ]
    rows = {r["firm"]: r for r in cases(said)}
    assert rows[A]["raised_same_day"] == [B]
    assert rows[A]["raised_before"] == []
    assert rows[A]["raised_after"] == [C]
    assert rows[C]["raised_before"] == sorted([A, B])
    assert rows[D]["raised_before"] == [C]
    found = summary(list(rows.values()), said)
    assert (found["rises"], found["cuts"], found["rises_after_a_rival"]) == (3, 1, 1)


def test_a_day_that_is_not_known_is_in_no_window() -> None:
    said = [
        *(told(f, "2026-01-01", 10, 10) for f in (A, B)),
        replace(told(A, "2026-03-01", 11, 11), dated=False),
        told(B, "2026-03-05", 12, 12),
    ]
    rows = {r["firm"]: r for r in cases(said)}
    assert rows[A]["raised_after"] == [] and rows[B]["raised_before"] == []
    found = summary(list(rows.values()), said)
    assert (found["rises"], found["rises_dated"], found["rises_after_a_rival"]) == (2, 1, 0)
    assert (found["statement_days"], found["statement_days_after_a_rival"]) == (3, 0)


def test_firms_beside_the_five_are_shown_and_not_counted() -> None:
    said = [
        *(told(f, "2026-01-01", 10, 10) for f in (A, "CoreWeave")),
        told("CoreWeave", "2026-03-01", 12, 12),
        told(A, "2026-03-05", 11, 11),
    ]
    rows = {r["firm"]: r for r in cases(said)}
    assert rows["CoreWeave"]["alike"] and not rows["CoreWeave"]["counted"]
    assert rows[A]["raised_before"] == []
    assert summary(list(rows.values()), said)["rises"] == 1


def test_other_measures_are_not_compared() -> None:
    rows = cases([told("A", "2026-01-10", 10, 10), told("A", "2026-02-10", 20, 20, "including leases")])
    assert rows[0]["alike"] is False
    assert "including leases" in rows[0]["why_not"]
    assert summary(rows, [])["rises"] == 0


@pytest.fixture(scope="module")
def found() -> dict:
    return result(Asked(Path(data_dir()), date(2026, 11, 22)))


def test_the_real_cases_of_the_five_firms_are_all_rises(found: dict) -> None:
    s = found["summary"]
    assert (s["revisions"], s["alike"], s["rises"], s["not_alike"], s["apart"]) == (15, 12, 12, 2, 1)
    assert found["estimable"] is False
    unlike = [c for c in found["cases"] if not c["alike"]]
    assert [(c["firm"], c["day"]) for c in unlike] == [("Amazon", "2025-07-31"), ("Microsoft", "2026-07-29")]
    cut = next(c for c in found["cases"] if c["alike"] and c["change"] < 0)
    assert cut["firm"] == "CoreWeave" and cut["apart"] and not cut["counted"]
    assert [c["firm"] for c in found["cases"] if not c["dated"]] == ["Amazon", "Oracle"]
    amazon = next(c for c in found["cases"] if c["firm"] == "Amazon" and c["day"] == "2025-10-30")
    assert (amazon["before"], amazon["after"]) == (118_000, 125_000)
    assert amazon["raised_before"] == ["Alphabet", "Meta"]


def test_grade_d_and_later_statements_are_not_seen(found: dict) -> None:
    assert all(c["grade"] < "D" for c in found["cases"])
    early = result(Asked(Path(data_dir()), date(2025, 8, 15)))
    assert max(c["day"] for c in early["cases"]) <= "2025-08-15"
    assert early["cases"] == [
        c | {"raised_after": early["cases"][i]["raised_after"]}
        for i, c in enumerate(found["cases"][: len(early["cases"])])
    ]
