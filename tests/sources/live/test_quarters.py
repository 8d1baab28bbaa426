from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overbuild.sources.quarters import Fact, Quarter, quarter_vintages

YEAR = ("2023-01-01", ["2023-03-31", "2023-06-30", "2023-09-30", "2023-12-31"])
FILED = ["2023-04-27", "2023-07-27", "2023-10-26", "2024-02-02"]


def fact(start: str, end: str, value: float, filed: str, form: str = "10-Q") -> Fact:
    return Fact(
        *(date.fromisoformat(d) for d in (start, end, filed)), accession=filed, value=value, form=form
    )


def year_to_date(values: list[float]) -> list[Fact]:
    start, ends = YEAR
    return [fact(start, end, sum(values[: i + 1]), FILED[i]) for i, end in enumerate(ends)]


def latest(quarters: list[Quarter]) -> dict[str, float]:
    return {q.end.isoformat(): q.value for q in sorted(quarters, key=lambda q: q.known)}


def test_year_to_date_becomes_quarters_known_when_filed() -> None:
    quarters, conflicts = quarter_vintages(year_to_date([100e6, 120e6, 90e6, 150e6]))
    assert not conflicts
    assert [(q.end.isoformat(), q.value, q.known.isoformat(), q.derived) for q in quarters] == [
        ("2023-03-31", 100e6, "2023-04-27", False),
        ("2023-06-30", 120e6, "2023-07-27", True),
        ("2023-09-30", 90e6, "2023-10-26", True),
        ("2023-12-31", 150e6, "2024-02-02", True),
    ]


def test_a_missing_year_to_date_figure_takes_its_two_quarters_with_it() -> None:
    facts = year_to_date([100e6, 120e6, 90e6, 150e6])
    del facts[1]
    quarters, _ = quarter_vintages(facts)
    assert set(latest(quarters)) == {"2023-03-31", "2023-12-31"}


def test_a_reported_quarter_is_preferred_and_needs_no_year_to_date() -> None:
    facts = year_to_date([100e6, 120e6, 90e6, 150e6])
    facts.append(fact("2023-04-01", "2023-06-30", 120.4e6, FILED[1]))
    del facts[0]
    quarters, conflicts = quarter_vintages(facts)
    second = next(q for q in quarters if q.end == date(2023, 6, 30))
    assert (second.value, second.derived, conflicts) == (120.4e6, False, [])


def test_a_quarter_tagged_with_the_year_to_date_figure_is_refused_and_told() -> None:
    facts = year_to_date([100e6, 120e6, 90e6, 150e6])
    facts.append(fact("2023-04-01", "2023-06-30", 220e6, FILED[1]))
    quarters, conflicts = quarter_vintages(facts)
    assert "2023-06-30" not in latest(quarters)
    assert [(c.end, c.reported, c.difference) for c in conflicts][:1] == [(date(2023, 6, 30), 220e6, 120e6)]


def test_twelve_months_that_trail_are_not_taken_for_a_fiscal_year() -> None:
    facts = [*year_to_date([100e6, 120e6, 90e6, 150e6]), fact("2022-10-01", "2023-09-30", 999e6, FILED[2])]
    quarters, conflicts = quarter_vintages(facts)
    assert latest(quarters)["2023-09-30"] == 90e6
    assert not conflicts


def test_restatements_are_vintages_and_wait_for_both_figures() -> None:
    """The year to date is restated in the next year's reports; a difference never mixes two bases."""
    facts = year_to_date([100e6, 120e6, 90e6, 150e6])
    start, ends = YEAR
    again = ["2024-04-25", "2024-07-25", "2024-10-24", "2025-02-01"]
    restated = [110e6, 130e6, 95e6, 160e6]
    facts += [fact(start, end, sum(restated[: i + 1]), again[i]) for i, end in enumerate(ends)]
    quarters, conflicts = quarter_vintages(facts)
    assert not conflicts
    for i, end in enumerate(ends):
        versions = [(q.known.isoformat(), q.value) for q in quarters if q.end.isoformat() == end]
        original = [100e6, 120e6, 90e6, 150e6][i]
        assert versions == [(FILED[i], original), (again[i], restated[i])]


def test_a_restated_year_alone_changes_no_quarter() -> None:
    facts = [
        *year_to_date([100e6, 120e6, 90e6, 150e6]),
        fact(*("2023-01-01", "2023-12-31"), 500e6, "2026-02-01", "10-K"),
    ]
    quarters, _ = quarter_vintages(facts)
    assert latest(quarters)["2023-12-31"] == 150e6


def test_a_year_restated_after_its_nine_months_were_not_changes_no_quarter() -> None:
    """The new presentation came with the annual report: what it did to the first nine months is not known."""
    facts = year_to_date([100e6, 120e6, 90e6, 150e6])
    facts.append(fact("2023-01-01", "2023-09-30", 310e6, "2024-10-24"))
    facts.append(fact("2023-01-01", "2023-12-31", 440e6, "2025-02-01", "10-K"))
    quarters, _ = quarter_vintages(facts)
    assert latest(quarters)["2023-12-31"] == 150e6


def test_a_year_restated_a_second_time_alone_changes_no_quarter() -> None:
    facts = year_to_date([100e6, 120e6, 90e6, 150e6])
    facts.append(fact("2023-01-01", "2023-09-30", 320e6, "2024-10-24"))
    facts.append(fact("2023-01-01", "2023-12-31", 480e6, "2025-02-01", "10-K"))
    facts.append(fact("2023-01-01", "2023-12-31", 900e6, "2026-02-01", "10-K"))
    quarters, _ = quarter_vintages(facts)
    assert [q.value for q in quarters if q.end == date(2023, 12, 31)] == [150e6, 160e6]


def test_the_same_figure_filed_again_is_no_new_vintage() -> None:
    facts = year_to_date([100e6, 120e6, 90e6, 150e6])
    again = [Fact(f.start, f.end, f.filed + timedelta(days=364), "later", f.value) for f in facts]
    assert quarter_vintages([*facts, *again])[0] == quarter_vintages(facts)[0]


def test_a_year_of_53_weeks_and_a_first_day_misdated_by_a_weekend() -> None:
    ends = ["2015-04-26", "2015-07-26", "2015-10-25", "2016-01-31"]
    values = [30e6, 25e6, 18e6, 13e6]
    facts = [
        fact("2015-01-26" if i != 2 else "2015-01-25", end, sum(values[: i + 1]), end)
        for i, end in enumerate(ends)
    ]
    quarters, conflicts = quarter_vintages(facts)
    assert latest(quarters) == dict(zip(ends, values, strict=True))
    assert not conflicts


def test_the_later_filing_of_one_day_counts() -> None:
    first = fact("2023-01-01", "2023-03-31", 1e6, "2023-04-27")
    amended = Fact(first.start, first.end, first.filed, "2023-04-27-2", 2e6, "10-Q/A")
    assert [q.value for q in quarter_vintages([amended, first])[0]] == [2e6]


CALENDARS: list[Callable[[int], tuple[date, list[date]]]] = [
    lambda y: (date(y, 1, 1), [date(y, 3, 31), date(y, 6, 30), date(y, 9, 30), date(y, 12, 31)]),
    lambda y: (date(y, 7, 1), [date(y, 9, 30), date(y, 12, 31), date(y + 1, 3, 31), date(y + 1, 6, 30)]),
    lambda y: (
        date(y, 6, 1),
        [date(y, 8, 31), date(y, 11, 30), date(y + 1, 3, 1) - timedelta(days=1), date(y + 1, 5, 31)],
    ),
]


@settings(deadline=None, max_examples=80)
@given(
    calendar=st.sampled_from(CALENDARS),
    values=st.lists(st.integers(-(10**11), 10**11), min_size=4, max_size=20),
    reported=st.sets(st.integers(0, 19)),
    shuffle=st.randoms(use_true_random=False),
)
def test_cumulated_quarters_are_recovered_exactly(
    calendar: Callable[[int], tuple[date, list[date]]], values: list[int], reported: set[int], shuffle: object
) -> None:
    facts, truth = [], {}
    for i, value in enumerate(values):
        start, ends = calendar(2010 + i // 4)
        end = ends[i % 4]
        filed = end + timedelta(days=30)
        total = sum(values[i - i % 4 : i + 1])
        facts.append(Fact(start, end, filed, str(i), float(total)))
        if i in reported and i % 4:
            facts.append(Fact(ends[i % 4 - 1] + timedelta(days=1), end, filed, str(i), float(value)))
        truth[end] = (float(value), filed)
    shuffle.shuffle(facts)  # type: ignore[attr-defined]
    quarters, conflicts = quarter_vintages(facts)
    assert not conflicts
    assert {q.end: (q.value, q.known) for q in quarters} == truth


@pytest.mark.parametrize("facts", [[], [fact("2023-01-01", "2023-12-31", 1.0, "2024-02-01")]])
def test_nothing_is_guessed_from_nothing(facts: list[Fact]) -> None:
    assert quarter_vintages(facts) == ([], [])
