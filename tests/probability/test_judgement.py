"""What happened, held against the definitions: the table of the paper, and the labels of the hindcast."""

from __future__ import annotations

import json
import math
from datetime import date

import pytest

from overbuild.errors import InputError
from overbuild.probability.judgement import score

LABELS = {
    0.30: {1997: (0, 0, 0), 1998: (0, 0, 1), 1999: (0, 1, 1), 2000: (1, 1, 1), 2001: (1, 1, 1)},
    0.40: {1997: (0, 0, 0), 1998: (0, 0, 0), 1999: (0, 0, 1), 2000: (0, 1, 1), 2001: (1, 1, 1)},
}
"""BEA narrow: O3 by the end of the vintage and 2, 3, 4 years; written down before any model was fitted."""


@pytest.fixture(scope="module")
def telecom(project_data):
    return score("telecom", data=project_data)


@pytest.fixture(scope="module")
def ai(project_data):
    return score("ai", data=project_data)


def judged(found):
    return {j.event.definition: j for js in found.judged.values() for j in js}


TELECOM = {
    "O1": None,
    "O1/long_haul": True,
    "O1/clec": True,
    "O2": None,
    "O2/potential": True,
    "O2/three_years": None,
    "O2/suppliers": False,
    "O3": True,
    "O3/severe": True,
    "O3/broad": True,
    "O3/broad_severe": True,
    "O3/real": True,
    "O3/information_processing": False,
    "O3/supplier_orders": True,
    "O3/supplier_shipments": True,
    "O4": None,
    "O4/potential": True,
    "O5": None,
    "composite": None,
    "composite/long_haul": True,
    "composite/clec": True,
}


def test_telecom_scores_as_the_paper_says(telecom):
    assert {name: j.holds for name, j in judged(telecom).items()} == TELECOM


def test_every_verdict_on_telecom_says_what_it_rests_on(telecom):
    for name, j in judged(telecom).items():
        if j.holds is None:
            assert j.why_unknown, name
        else:
            assert j.evidence and j.grade in ("A", "B", "C") and j.sources, name


def test_the_numbers_behind_telecom(telecom):
    found = judged(telecom)
    assert found["O1/long_haul"].value == pytest.approx(0.053, abs=0.0005)
    assert "5.3 cents per dollar" in found["O1/long_haul"].evidence
    assert found["O1/clec"].value == pytest.approx(3.77 / 86.4, abs=0.0005)
    assert found["O1/clec"].high == pytest.approx(0.21)
    assert found["O3"].value == pytest.approx(0.413, abs=0.0005)
    assert "peak 2000, then -9.2 % (2001), -33.8 % (2002), -41.3 % (2003)" in found["O3"].evidence
    assert (found["O3"].when, found["O3/severe"].when) == ("2002", "2003")
    assert found["O3/broad_severe"].value == pytest.approx(0.402, abs=0.0005)
    assert "-8.3 % (2001), -32.9 % (2002), -40.2 % (2003)" in found["O3/broad_severe"].evidence
    assert 0.1 < found["O3/information_processing"].value < 0.2
    assert found["O3/supplier_orders"].value == pytest.approx(0.59, abs=0.005)
    assert found["O3/supplier_shipments"].value == pytest.approx(0.52, abs=0.006)
    assert found["O4"].value == pytest.approx(math.log(164 / 114), abs=0.005)
    assert found["O4"].low < math.log(1.5) < found["O4"].high
    assert "near the threshold" in found["O4"].evidence
    assert found["O4/potential"].value == pytest.approx(4.83, abs=0.005)
    assert found["O4/potential"].low == pytest.approx(3.45, abs=0.05)


def test_the_near_miss_of_the_suppliers_is_printed_as_one(telecom, project_data):
    from overbuild import load_episode

    near = judged(telecom)["O2/suppliers"]
    assert near.evidence.endswith("lowest 0.501 of normal in 2002Q4, against 0.5; a near miss")
    table = load_episode("telecom", data=project_data).snapshot.table
    use = table[table["series"] == "g17_utilisation_comm_equipment"].set_index("period")["value"]
    normal = float(use.loc["1985Q1":"1994Q4"].mean())
    assert str(use.idxmin()) == "2002Q4"
    assert min(use) == pytest.approx(40.4, abs=0.05)
    assert normal / 2 == pytest.approx(40.35, abs=0.02)


@pytest.mark.parametrize("fall", [0.30, 0.40])
def test_the_labels_of_the_hindcast(telecom, fall):
    table = telecom.truth_table
    narrow = table[(table["layer"] == "capex") & (table["fall"] == fall)]
    found = {
        int(v): tuple(int(h) for h in rows.sort_values("horizon")["holds"])
        for v, rows in narrow.groupby("vintage")
    }
    assert found == LABELS[fall]
    assert sorted(set(narrow["horizon"])) == [2, 3, 4]


def test_the_grid_of_thresholds(telecom):
    grid = telecom.grid.set_index(["fall", "window_years"])["holds"].to_dict()
    assert len(grid) == 9
    assert [key for key, holds in grid.items() if not holds] == [(0.4, 2.0)]


def test_prices_fell_faster_than_cost_only_if_cost_fell_slowly(telecom):
    dial = telecom.price_dial.set_index("assumed_cost_fall")
    assert dial["price_fall"].iloc[0] == pytest.approx(0.61, abs=0.005)
    assert dial["holds"].to_dict()[0.4] and not dial["holds"].to_dict()[0.5]
    assert dial.loc[0.68, "excess"] < 0


def test_nothing_has_happened_yet_in_ai_that_can_be_seen(ai):
    found = judged(ai)
    assert found["O3"].holds is False and found["O3"].value < 0.1
    assert {name for name, j in found.items() if j.holds is False} == {
        "O3",
        "O3/severe",
        "O3/real",
        "O3/information_processing",
        "O3/four_firms",
    }
    assert all(j.why_unknown for name, j in found.items() if j.holds is None)
    assert not any(j.holds for j in found.values())


def test_what_was_known_then_decides_what_is_judged(project_data):
    early = judged(score("telecom", date(2001, 12, 31), data=project_data))
    assert early["O3"].holds is False
    assert early["O1/long_haul"].holds is None
    assert judged(score("telecom", date(2003, 12, 31), data=project_data))["O3"].holds is True


def test_the_json_has_what_the_contract_asks_for(telecom, cli):
    content = json.loads(cli("score", "telecom", "--json").out)
    assert content == json.loads(json.dumps(telecom.to_dict()))
    assert set(content["definitions"]) == {"O1", "O2", "O3", "O4", "O5", "composite"}
    for entry in content["definitions"].values():
        for found in (entry["primary"], *entry["variants"]):
            assert {"id", "holds", "value", "evidence"} <= set(found)
    assert content["label"] == "hindcast on revised data; one event"
    assert len(content["truth_table"]) == 60
    frame = telecom.frame()
    assert len(frame) == len(TELECOM) and set(frame["event"]) == {"O1", "O2", "O3", "O4", "O5", "composite"}
    assert telecom.sentence().endswith(
        "(hindcast on revised data; one event): O3 true; O1, O2, O4, O5, composite unknown."
    )


def test_two_firms_in_a_bust(folder):
    """Alpha stops building; what follows is seen in the perimeter of both and judged with its thresholds."""
    name = "hyperscalers/financials_quarterly.csv"
    rows = folder.read(name)
    for row in rows:
        if (row["series"], row["entity"]) == ("capex_cash", "Alpha") and row["period"] >= "2020Q3":
            row["value"] = "20"
    folder.write(name, rows)
    folder.settle()
    found = judged(score("ai", data=folder.path))["O3"]
    assert found.holds is True
    assert found.value == pytest.approx(1 - (4 * 20 + 200) / (160 + 170 + 180 + 190 + 200))
    assert (found.when, found.grade, found.sources) == ("2020Q4", "B", ("s1",))


def test_definitions_of_another_file(folder, tmp_path):
    with pytest.raises(InputError, match=r"none\.toml is missing"):
        score("ai", data=folder.path, definitions=tmp_path / "none.toml")
    (folder.path / "definitions.toml").write_text("[O1]\n")
    with pytest.raises(InputError, match=r"definitions\.toml, O1: lacks 'title'"):
        score("ai", data=folder.path)
