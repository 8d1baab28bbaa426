"""The exhibits and numbers of the entry game draw what was computed; made-up results."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.numbers_entry import numbers
from overbuild.exhibits.registry import exhibit, make
from overbuild.games.entry import CLASSES
from overbuild.locations import paper_dir


def class_map() -> dict[str, Any]:
    codes = np.full((20, 20), CLASSES.index("hold"))
    codes[10:] = CLASSES.index("harmony")
    other = codes.copy()
    other[:, 18:] = CLASSES.index("mixed")
    middles = ((np.arange(20) + 0.5) / 10).tolist()
    return {
        "firms": 5, "expansion": 0.5, "pass_through": 0.3, "business_at_risk": middles, "surplus": middles,
        "classes": list(CLASSES), "codes": {"0": codes.tolist(), "0.5": other.tolist()},
    }  # fmt: skip


def quantal() -> dict[str, Any]:
    branch = {"share": [0.5, 0.8, 0.9], "precision": [0.0, 2.0, 5.0], "ends": [1.0]}
    folded = {"share": [0.1, 0.2, 0.3], "precision": [5.0, 3.0, 5.0], "ends": [0.0, 0.4]}
    return {
        "class": "trap", "firms": 5, "solved": 100, "mixed": [0.4], "precisions": [1.0, 32.0],
        "parameters": {"surplus": 0.3, "expansion": 0.8, "business_at_risk": 1.7, "regret": 0.4},
        "branches": [
            {**branch, "principal": True, "folds": []},
            {**folded, "principal": False, "folds": [{"precision": 3.0, "share": 0.2}]},
        ],
        "several": {
            p: {"by_precision": [0.0, 0.1], "at_own": 0.012} for p in ("main", "wide_expansion", "neutral")
        },
    }  # fmt: skip


def believed() -> dict[str, Any]:
    even = {c: 1 / len(CLASSES) for c in CLASSES}
    table = {c: {"probability": p, "mc_error": 0.001} for c, p in even.items()}
    return {
        "draws": 20_000,
        "classes": dict.fromkeys(("main", "wide_expansion", "neutral"), table),
        "rented": {"0": even, "0.3": even, "0.6": {**even, "strict_dilemma": 0.0, "hold": 2 / 9}},
        "at_risk": {"0.5": even, "1": even, "2": {**even, "strict_dilemma": 0.3, "hold": 0.0}},
        "patience": {p: {"q05": 0.1, "q50": 0.6, "q95": 0.9} for p in ("main", "wide_expansion", "neutral")},
    }


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    return {"entry_map": class_map(), "entry_branches": quantal(), "entry_priors": believed()}


def drawn(name: str, results: dict[str, Any]) -> Figure:
    made = make(name, Inputs({n: results[n] for n in exhibit(name).needs}))
    assert isinstance(made, Figure)
    return made


def test_the_map_keeps_where_each_class_starts_and_ends(results: dict[str, Any]):
    made = drawn("entry_classes", results)
    left, right = (where(made.data, panel=p) for p in "AB")
    assert len(left) == 40 and set(left["class"]) == {"hold", "harmony"}
    assert set(floats(left, "surplus_from").round(9).tolist()) == {0.0, 1.0}
    assert floats(left, "surplus_to").max() == pytest.approx(2.0)
    assert list(right["class"]).count("mixed") == 2
    texts = [t.get_text() for t in made.figure.axes[0].texts]
    assert texts == ["harmony", "hold"] or texts == ["hold", "harmony"]
    assert made.figure.axes[1].get_title(loc="left").startswith("B. Renting avoids 50")
    assert "Five like firms" in made.note


def test_the_branches_keep_their_fold_and_their_kind(results: dict[str, Any]):
    made = drawn("qre_branches", results)
    assert where(made.data, what="fold")[["precision", "share"]].to_numpy().tolist() == [[3.0, 0.2]]
    assert set(where(made.data, panel="A")["what"]) == {"principal", "branch 1", "fold"}
    assert where(made.data, what="neutral")["share"].tolist() == [0.0, 0.1]
    assert "surplus 0.3, expansion 0.8" in made.note and "probability 0.40" in made.note


def test_the_numbers_are_those_of_the_results_and_the_section_quotes_no_other(results: dict[str, Any]):
    told = numbers(results)
    assert told["main"]["dilemma"]["text"] == "22" and told["rented"]["most"]["dilemma"]["text"] == "11"
    assert told["at_risk"]["twice"]["dilemma"]["text"] == "41" and told["at_risk_most"]["text"] == "2"
    assert told["rented_most"]["text"] == "60" and told["fold"]["precision"]["text"] == "3.0"
    assert told["several"]["main"] == {
        "own": {"value": 0.012, "text": "1.2"}, "sharpest": {"value": 0.1, "text": "10"}
    }  # fmt: skip
    text = (paper_dir() / "sections" / "entry.typ").read_text(encoding="utf-8")
    quoted = re.findall(r'#num\("entry\.([\w.]+)"\)', text)
    quoted += [
        f"{n}.{end}" for n in re.findall(r'#between\("entry\.([\w.]+)"\)', text) for end in ("low", "high")
    ]
    assert len(quoted) > 15
    for name in quoted:
        value: Any = told
        for part in name.split("."):
            value = value[part]
        assert set(value) == {"value", "text"}
