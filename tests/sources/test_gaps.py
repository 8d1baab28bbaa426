"""Gaps are found, unless they are listed; what is listed must be there."""

from __future__ import annotations

import pytest

from overbuild.sources.check import check_data

FIRMS = "hyperscalers/financials_quarterly.csv"


def take_out(folder, *lines):
    rows = folder.read(FIRMS)
    folder.write(FIRMS, [r for i, r in enumerate(rows, start=2) if i not in lines])
    folder.settle()


def listed(folder, *gaps):
    rows = [dict(zip(("series", "entity", "after", "before", "reason"), g, strict=True)) for g in gaps]
    folder.write("gaps.csv", rows)


def test_a_row_that_got_lost_is_found_although_the_checksum_was_renewed(folder, cli):
    take_out(folder, 6, 7)
    (fault,) = check_data(folder.path).faults
    assert (fault.file, fault.row, fault.column) == (FIRMS, 6, "period")
    assert fault.problem.startswith("'2019Q3' of Alpha capex_cash follows 2018Q4; fill the gap")
    outcome = cli("data", "check", "--data", folder.path)
    assert outcome.code == 2 and f"{FIRMS}, row 6, column period" in outcome.err


def test_a_listed_gap_is_known(folder):
    take_out(folder, 6, 7)
    listed(folder, ("capex_cash", "Alpha", "2018Q4", "2019Q3", "not reported"))
    assert check_data(folder.path).faults == ()


def test_a_listed_gap_that_is_not_there(folder):
    listed(folder, ("capex_cash", "Alpha", "2018Q4", "2019Q3", "not reported"))
    (fault,) = check_data(folder.path).faults
    assert (fault.file, fault.row, fault.column) == ("gaps.csv", 2, "after")


@pytest.mark.parametrize("lines", [range(4, 14), (3, 5, 7, 9), (2,), (17,)])
def test_handfuls_of_points_and_ragged_ends_have_no_gaps(folder, lines):
    take_out(folder, *lines)
    assert check_data(folder.path).faults == ()


def test_a_row_that_cannot_be_placed_is_told_once_and_not_as_a_gap(folder):
    listed(folder, ("capex_cash", "Alpha", "2018Q4", "2019Q3", "not reported"))
    take_out(folder, 6, 7)
    folder.change(FIRMS, 12, period="2021Q5")
    folder.settle()
    (fault,) = check_data(folder.path).faults
    assert (fault.row, fault.column) == (12, "period")


def test_a_bad_register_of_gaps(folder):
    (folder.path / "gaps.csv").write_text("series,entity\n")
    assert {(f.file, f.column) for f in check_data(folder.path).faults} == {
        ("gaps.csv", "after"),
        ("gaps.csv", "before"),
        ("gaps.csv", "reason"),
    }


def test_every_gap_of_the_project_has_a_reason(project_data):
    lines = (project_data / "gaps.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) > 1 and all(len(line.rsplit(",", 1)[1]) > 10 for line in lines[1:])
