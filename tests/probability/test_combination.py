"""The combination: terms that sum, floors, zeros, refusals, ranges, and what it never reads."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overbuild.errors import InputError, UnknownNameError
from overbuild.locations import PACKAGE, data_dir
from overbuild.pipeline.code import Sources
from overbuild.probability import probability_of_overbuild, ranges
from overbuild.probability.combination import UNKNOWN, Said, base_rate_of, combined, stack_of, unusable
from overbuild.probability.combination_file import (
    FILE,
    Weights,
    content,
    everything_said,
    impossible_key,
    weights_for,
)
from overbuild.probability.combined_hindcasts import combined_hindcasts
from overbuild.probability.definitions import read_definitions
from overbuild.probability.targets import rows_on_file, targets_of, without_telecom

from .made_up_rows import BASE, ahead, binary, file, file_all, file_rows, forecast, rows

DEFINITIONS = read_definitions()
SETTINGS = DEFINITIONS["combination"]
MASS = SETTINGS["unknown_model_mass"]
KEY = impossible_key(data_dir(), DEFINITIONS)
NAMES = ("baserate", "quarterly", "regimes", "simulation")
PROBABILITY = st.floats(0.0, 1.0)


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filed")
    file_all(folder)
    return folder


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(NAMES), PROBABILITY, st.booleans()), min_size=1, unique_by=lambda s: s[0]
    ),
    st.floats(0.0, 0.5),
    st.booleans(),
    st.sampled_from(["O3", "O1", "composite"]),
)
def test_terms_sum_to_the_probability(given_said, mass, impossible, event) -> None:
    said = [Said(m, p, why_zero="failed its checks" if bad else "") for m, p, bad in given_said]
    usable = [s.model for s in said if not s.why_zero]
    stack = stack_of(usable, rows(), SETTINGS) if usable else None
    found = combined(
        event, "2028Q4", said, stack, mass, base=base_rate_of(event, said), impossible=impossible
    )
    assert all(t.contribution == t.weight * t.probability for t in found.terms)
    assert all(t.weight == 0 and t.contribution == 0 for t in found.terms if t.why_zero)
    if impossible and not usable:
        assert found.probability == 0.0 and not any(t.probability for t in found.terms)
        return
    if not usable:
        assert found.probability is None and "no usable model" in found.note
        return
    assert found.probability is not None
    assert sum(t.contribution for t in found.terms) == pytest.approx(found.probability, abs=1e-12)
    assert sum(t.weight for t in found.terms) == pytest.approx(1.0, abs=1e-12)
    assert 0.0 <= found.probability <= 1.0 + 1e-12
    if impossible:
        assert found.probability == 0.0 and not any(t.probability for t in found.terms)
    elif mass:
        (unknown,) = [t for t in found.terms if t.model == UNKNOWN]
        base = [s.probability for s in said if s.model == "baserate" and s.model in usable and event == "O3"]
        assert unknown.probability == (base[0] if base else 0.5)
        assert ("a half" in unknown.note) == (not base)


def test_if_every_inside_model_fails_the_outside_terms_sum_to_one() -> None:
    said = [Said("baserate", 0.2), Said("regimes", 0.9, why_zero="failed its checks")]
    found = combined("O3", "2028Q4", said, stack_of(["baserate"], rows(), SETTINGS), MASS, base=0.2)
    assert found.probability == pytest.approx(0.2)
    assert {t.model: t.weight for t in found.terms} == {"baserate": 1 - MASS, UNKNOWN: MASS, "regimes": 0.0}


def test_the_base_rate_keeps_a_quarter_however_bad_it_was() -> None:
    bad = [
        r | {"probability": 0.001 if r["happened"] else 0.999} if r["model"] == "baserate" else r
        for r in rows()
    ]
    many = [
        r | {"target": f"{r['target']}/{n}", "cluster": f"{r['cluster']}{n}"} for n in range(30) for r in bad
    ]
    found = stack_of(NAMES[:3], many, SETTINGS)
    assert found.models[0] == "baserate"
    assert (1 - MASS) * found.weights[0] == pytest.approx(SETTINGS["base_rate_weight_floor"])
    free = SETTINGS | {"base_rate_weight_floor": 0.0}
    assert stack_of(NAMES[:3], many, free).weights[0] < 0.05


def test_what_is_learnt_and_what_is_set() -> None:
    nothing = stack_of(NAMES[:3], [], SETTINGS)
    assert set(nothing.origin.values()) == {"set"} and nothing.weights == pytest.approx([1 / 3] * 3)
    found = stack_of(NAMES, rows(), SETTINGS)
    assert found.origin == {
        "baserate": "set",
        "quarterly": "learnt",
        "regimes": "learnt",
        "simulation": "set",
    }
    assert found.seen["at_floor"] == ["baserate"], "a weight that its floor holds up is set"
    assert found.weights[2] == max(found.weights[:3])
    assert found.seen["by_model"]["simulation"] == {"targets": 0, "worth": 0.0}


def test_order_of_rows_and_models_changes_nothing() -> None:
    made, rng = rows(), np.random.default_rng(0)
    shuffled = [made[i] for i in rng.permutation(len(made))]
    one, two = stack_of(NAMES, made, SETTINGS, draws=20), stack_of(NAMES[::-1], shuffled, SETTINGS, draws=20)
    assert one.models == two.models and one.weights == two.weights and one.bootstrap == two.bootstrap


def test_what_targets_are_worth() -> None:
    made = [
        row
        for m in NAMES[:2]
        for row in (
            *(binary("telecom_spending", f"{y}/2", m, 0.1, False) for y in range(1995, 2000)),
            *(binary("telecom_suppliers", f"{q}/2", m, 0.1, False) for q in range(15)),
            *(binary("run_ups", f"a/{n}", m, 0.1, False) for n in range(3)),
            binary("run_ups", "b/0", m, 0.1, True),
            *(binary("booms", f"rail/{n}", m, 0.1, True) for n in range(2)),
            *(ahead(f"2021Q1/{h}", m, 0.0, h) for h in (1, 2, 4)),
            *(ahead(f"2021Q1/{h}", m, 0.0, h) | {"panel": "ai_free_cash_flow"} for h in (1, 2, 4)),
        )
    ]
    found = targets_of(made, NAMES, SETTINGS)
    of = dict(zip(zip(found.panel, found.name, strict=True), found.worth, strict=True))
    assert sum(w for (p, _), w in of.items() if p.startswith("telecom")) == pytest.approx(1.0)
    assert of["run_ups", "a/1"] == pytest.approx(1 / 1.6) and of["run_ups", "b/0"] == 1.0
    assert of["booms", "rail/0"] == pytest.approx(1 / 1.3)
    assert [of["ai_capex", f"2021Q1/{h}"] for h in (1, 2, 4)] == [0.25, 0.125, 0.0625]
    cash = [of["ai_free_cash_flow", f"2021Q1/{h}"] * h for h in (1, 2, 4)]
    assert cash == pytest.approx([0.25 / 3] * 3) and sum(cash) == pytest.approx(0.25)
    assert len({c for p, c in zip(found.panel, found.cluster, strict=True) if "telecom" in p}) == 1


def test_targets_that_compare_no_models_take_no_worth_from_those_that_do() -> None:
    both = [binary("telecom_spending", f"{y}/2", m, 0.1, False) for y in range(3) for m in NAMES[:2]]
    both += [binary("run_ups", "a/0", m, 0.1, False) for m in NAMES[:2]]
    alone = [binary("telecom_suppliers", f"{q}/2", "quarterly", 0.1, False) for q in range(150)]
    alone += [binary("run_ups", f"a/{n}", "quarterly", 0.1, False) for n in range(1, 9)]
    alone += [ahead(f"2021Q1/{h}", "quarterly", 0.0, h) for h in (1, 2, 4)]
    found = targets_of([*both, *alone], NAMES, SETTINGS)
    seen = found.summary(NAMES)
    assert seen["by_panel"]["telecom_spending"]["worth"] == pytest.approx(1.0)
    assert seen["by_panel"]["run_ups"]["worth"] == 1.0 and seen["worth"] == pytest.approx(2.0)
    assert not found.worth[~found.compared].any()
    assert stack_of(NAMES, [*both, *alone], SETTINGS).weights == stack_of(NAMES, both, SETTINGS).weights


def test_the_worth_behind_a_weight_is_printed_beside_its_label(filed: Path) -> None:
    found = probability_of_overbuild(filed=filed)
    worth = found.learnt["seen"]["by_model"]["regimes"]["worth"]
    assert f"(regimes, learnt from {worth:.1f})" in found.sentence()
    assert f"({UNKNOWN}, set)" in found.sentence()


def test_failed_and_prior_driven_hindcasts_count_as_silence() -> None:
    spoiled = [r | {"status": "failed"} if r["model"] == "regimes" else r for r in rows()]
    driven = [r | {"evidence": "prior-driven"} if r["model"] == "regimes" else r for r in rows()]
    without = [r for r in rows() if r["model"] != "regimes"]
    expected = stack_of(NAMES[:3], without, SETTINGS).weights
    for made in (spoiled, driven):
        assert stack_of(NAMES[:3], made, SETTINGS).weights == pytest.approx(expected)
    assert unusable(forecast("O3", "", 0.5, evidence="prior-driven")).startswith("took hardly anything")
    assert unusable(forecast("O3", "", 0.5, status="failed")) == "failed its checks"
    assert unusable(forecast("O3", "", 0.5)) == ""


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ([binary("run_ups", "a/0", "regimes", 0.1, True)] * 2, "speaks twice"),
        ([binary("run_ups", "a/0", m, 0.1, m == "regimes") for m in NAMES], "disagree"),
        ([binary("lottery", "a/0", "regimes", 0.1, True)], "no panel 'lottery'"),
        ([ahead("a/0", "regimes", 0.0, 0)], "no horizon"),
    ],
)
def test_bad_hindcasts_are_refused(made, said) -> None:
    with pytest.raises(InputError, match=said):
        targets_of(made, NAMES, SETTINGS)


def test_the_headline_from_file(filed: Path) -> None:
    found = probability_of_overbuild(filed=filed)
    p = found.headline["probability"]
    assert sum(t["contribution"] for t in found.headline["terms"]) == pytest.approx(p, abs=1e-12)
    assert set(found.weights) == {*NAMES[:3], UNKNOWN} and found.weights[UNKNOWN] == MASS
    assert found.weights["baserate"] >= SETTINGS["base_rate_weight_floor"] - 1e-12
    physical = found.combined["physical_overbuild"]
    assert {t["model"] for t in physical["terms"]} == {"analogues", UNKNOWN}, (
        "another event is never mixed in"
    )
    assert found.combined["O2 by 2028Q4"]["probability"] is None and found.by_event["O2 by 2028Q4"] == []
    for low, high in found.ranges.values():
        assert 0.0 <= low <= p <= high <= 1.0
    by = [found.combined[f"O3 by {h}"]["probability"] for h in BASE]
    assert by == sorted(by)
    json.dumps(found.to_dict(), allow_nan=False)
    assert "Terms: " in found.sentence() and "Three ranges, not to be added up" in found.sentence()


def test_ranges_by_hand(filed: Path) -> None:
    found = probability_of_overbuild(filed=filed)
    w, p = dict(found.weights), {t["model"]: t["probability"] for t in found.headline["terms"]}
    w["baserate"] += w.pop(UNKNOWN)
    error = np.sqrt(sum((w[m] * 0.002) ** 2 for m in ("quarterly", "regimes")))
    assert found.ranges["monte_carlo"] == pytest.approx(
        [found.headline["probability"] - 2 * error, found.headline["probability"] + 2 * error]
    )
    assert found.ranges["parameters"][0] == pytest.approx(sum(w[m] * p[m] / 2 for m in w))
    assert found.ranges["parameters"][1] == pytest.approx(sum(w[m] * p[m] * 2 for m in w))
    other = found.alternatives
    assert other["alone"] == pytest.approx({m: p[m] for m in NAMES[:3]})
    assert other["equal"] == pytest.approx(
        (1 - MASS) * np.mean([p[m] for m in NAMES[:3]]) + MASS * p["baserate"]
    )
    assert set(other["drop_one"]) == set(NAMES[:3])
    assert found.ranges["models"][0] == min(p.values()) and found.ranges["models"][1] == max(p.values())


def test_weights_on_file_are_those_learnt_at_once_and_a_stale_file_is_not_used(
    filed: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "filed"
    shutil.copytree(filed, folder)
    before = probability_of_overbuild(filed=folder)
    made = rows_on_file(folder)
    found = content(everything_said(folder, made), made, DEFINITIONS, [], KEY)
    (folder / FILE).parent.mkdir()
    (folder / FILE).write_text(json.dumps(found, default=list))
    after = probability_of_overbuild(filed=folder)
    assert after.weights == pytest.approx(before.weights) and after.learnt["bootstrap"]["regimes"]
    low, high = after.alternatives["bootstrap"]
    assert low < after.headline["probability"] < high
    file_rows(folder, made[:-5])
    assert probability_of_overbuild(filed=folder).learnt["bootstrap"] == {}


def test_an_impossible_event_is_zero_from_every_component(filed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "filed"
    shutil.copytree(filed, folder)
    made = rows_on_file(folder)
    said = everything_said(folder, made)
    row = {"episode": "ai", "as_of": said[0].as_of.isoformat(), "event": "O3", "by": "2028Q4"}
    (folder / FILE).parent.mkdir()
    (folder / FILE).write_text(json.dumps(content(said, made, DEFINITIONS, [row], KEY), default=list))
    found = probability_of_overbuild(filed=folder)
    assert found.headline["probability"] == 0.0
    assert not any(t["probability"] for t in found.headline["terms"])
    assert set(map(tuple, found.ranges.values())) == {(0.0, 0.0)}
    assert found.combined["O3 by 2027Q4"]["probability"] > 0
    file_rows(folder, made[:-5])
    assert probability_of_overbuild(filed=folder).headline["probability"] == 0.0, "other hindcasts"
    for model in NAMES[:3]:
        shutil.rmtree(folder / model)
        file(folder, model, [forecast("O3", "2028Q4", 0.2)], checks={"coverage": False})
    failed = probability_of_overbuild(filed=folder)
    assert failed.headline["probability"] == 0.0 and "impossible" in failed.headline["note"]
    assert set(map(tuple, failed.ranges.values())) == {(0.0, 0.0)}


def test_impossible_events_stay_so_under_other_rules_of_weighting_but_not_under_other_events(
    tmp_path: Path,
) -> None:
    row = {"episode": "ai", "as_of": "2026-11-22", "event": "O2", "by": "2028Q4"}
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text(json.dumps(content([], rows(), DEFINITIONS, [row], KEY), default=list))
    weighed = {**DEFINITIONS, "combination": {**SETTINGS, "unknown_model_mass": 0.2}}
    moved = {**DEFINITIONS, "O2": {**DEFINITIONS["O2"], "title": "another"}}

    def kept(definitions: Any, made: Any) -> frozenset[tuple[str, str]]:
        return weights_for(tmp_path, "ai", row["as_of"], made, definitions, data_dir()).impossible

    assert kept(weighed, rows()) == kept(DEFINITIONS, rows(2)) == {("O2", "2028Q4")}
    assert kept(moved, rows()) == frozenset()


def test_no_alternative_revives_an_impossible_event_without_a_base_rate() -> None:
    said = [Said(m, 0.0) for m in NAMES[2:]]
    stack, weights = stack_of(NAMES[2:], rows(), SETTINGS), Weights(rows(), SETTINGS)
    found = combined("O2", "2028Q4", said, stack, MASS, impossible=True)
    other = ranges.alternatives(found, said, weights, stack, MASS, impossible=True)
    assert ranges.models(found, other) == [0.0, 0.0]


def test_telecom_is_a_hindcast_whose_weights_do_not_know_telecom(filed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "filed"
    shutil.copytree(filed, folder)
    said = [forecast("O3", "2003Q4", p, status="hindcast") for p in (0.1,)]
    file(folder, "regimes", said, episode="telecom", as_of=date(1999, 12, 31))
    found = probability_of_overbuild("telecom", as_of=date(1999, 12, 31), by="2003", filed=folder)
    assert "hindcast on revised data; one event" in found.sentence() and "later knowledge" in found.sentence()
    assert "telecom's rows left out; the other rows' forecasts still learnt from telecom" in found.sentence()
    assert set(found.weights) == {*NAMES[:3], UNKNOWN}, "hindcasts of the panel stand in for answers on file"
    assert {t["model"]: t["probability"] for t in found.headline["terms"]}["regimes"] == 0.1
    told = combined_hindcasts(folder, data_dir())
    assert {"as_of": "1999-12-31", "by": "2003Q4", "happened": False} | {
        "probability": found.headline["probability"]
    } in told
    upside_down = [
        r | {"happened": not r["happened"]} if r["panel"].startswith("telecom") else r for r in rows()
    ]
    file_rows(folder, upside_down)
    again = probability_of_overbuild("telecom", as_of=date(1999, 12, 31), by="2003", filed=folder)
    assert again.headline == found.headline
    assert all("telecom" not in r["panel"] for r in without_telecom(rows(), ["s1"]))
    assert not [r for r in without_telecom(rows(), ["s1"]) if r["cluster"] == "s1"]


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({"as_of": date(1990, 1, 1)}, InputError, "as of 1990-01-01 are on file. Available: 2026-11-22"),
        ({"by": "2026"}, None, ""),
        ({"by": "2026Q2"}, InputError, "2026Q2 does not lie after 2026-11-22"),
        ({"by": "2029"}, InputError, "by 2029Q4 is filed. Available: 2027Q4, 2028Q4, 2030Q4"),
        ({"by": "soon"}, InputError, "not a year"),
        ({"event": "O9"}, UnknownNameError, "O9"),
        ({"event": "O2"}, InputError, "No usable model speaks of O2 by 2028Q4. Spoken of are: O3 by 2027Q4"),
        ({"event": "physical_overbuild", "by": "2028"}, InputError, "no date of its own"),
        ({"models": ["regimes", "games"]}, UnknownNameError, "games"),
        ({"models": ["analogues"]}, InputError, "analogues: no forecast of O3"),
        ({"episode": "rail"}, InputError, "Available: ai, telecom"),
        ({"episode": "telecom"}, InputError, "--as-of: 1998-12-31, 1999-12-31, 2000-12-31"),
    ],
)
def test_refusals(filed: Path, asked: Any, error, said) -> None:
    if error is None:
        asked, error, said = {"by": "2026"}, InputError, "No forecast of O3 by 2026Q4"
    with pytest.raises(error, match=said):
        probability_of_overbuild(filed=filed, **asked)


def test_no_usable_model_is_refused_and_each_reason_told(filed: Path, tmp_path: Path) -> None:
    for model in NAMES[:3]:
        file(tmp_path, model, [forecast("O3", "2028Q4", 0.2)], checks={"coverage": False})
    file(tmp_path, "quarterly", [forecast("O3", "2028Q4", 0.2, evidence="prior-driven")])
    with pytest.raises(InputError, match=r"regimes failed its checks .coverage.*--model baserate") as raised:
        probability_of_overbuild(filed=tmp_path)
    assert "quarterly took hardly anything from its data" in str(raised.value)
    asked = probability_of_overbuild(filed=tmp_path, models=["regimes"])
    assert asked.headline["probability"] == 0.2 and asked.weights["regimes"] == 1.0
    assert UNKNOWN not in asked.weights and asked.weights["baserate"] == 0.0


def test_what_others_forecast_is_read_by_no_model_and_no_combination(tmp_path: Path) -> None:
    readers = {
        p.relative_to(PACKAGE).as_posix()
        for p in PACKAGE.rglob("*.py")
        if "external_forecasts" in p.read_text(encoding="utf-8")
    }
    assert {r for r in readers if not r.startswith("exhibits/")} == {
        "sources/catalogue.py",
        "episodes/databook.py",
    }
    sources = Sources()
    for module in ("overbuild.probability.headline", "overbuild.probability.combination_file"):
        used = {p.relative_to(PACKAGE).as_posix() for p in sources.of(module)}
        assert not used & readers
    data = tmp_path / "data"
    shutil.copytree(data_dir(), data)
    before = probability_of_overbuild(data=data).to_dict()
    (data / "markets/external_forecasts.csv").unlink()
    assert probability_of_overbuild(data=data).to_dict() == before


@pytest.mark.slow
def test_the_command_answers_within_two_seconds() -> None:
    command = [sys.executable, "-m", "overbuild", "probability", "--json"]
    took, said = [], ""
    for _ in range(3):
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        said = done.stdout
        took.append(time.perf_counter() - start)
    assert set(json.loads(said)) >= {"headline", "by_event", "by_model", "weights", "ranges"}
    assert min(took) < 2.0
