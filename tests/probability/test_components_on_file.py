"""Weights of the curve are those that the headline takes, and its sum is then the headline."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from overbuild.errors import InputError
from overbuild.locations import data_dir
from overbuild.probability import components_on_file as components_module
from overbuild.probability.components_on_file import agreement, components_on_file
from overbuild.probability.definitions import read_definitions
from overbuild.probability.headline import probability_of_overbuild
from overbuild.probability.specification_curve import mixed

DAY = date(2026, 11, 22)
FILED = data_dir() / "filed"


def test_the_sum_of_the_components_is_the_headline():
    found = components_on_file(data_dir(), FILED, DAY)
    headline = probability_of_overbuild().headline
    row = {m: said["probability"] for m, said in found.said.items()}
    mass = read_definitions()["combination"]["unknown_model_mass"]
    assert not found.left_out
    assert mixed(row, "headline", mass, found.weights) == pytest.approx(headline["probability"], abs=1e-12)
    terms = {t["model"]: t["weight"] / (1 - mass) for t in headline["terms"] if t["model"] in found.weights}
    assert dict(found.weights) == pytest.approx(terms)
    assert sum(found.weights.values()) == pytest.approx(1) and found.counted


def test_a_model_that_failed_its_checks_has_no_weight(tmp_path: Path):
    shutil.copytree(
        FILED, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("draws", "specification")
    )
    for path in (tmp_path / "regimes").glob("*.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        record["checks"] = dict.fromkeys(record["checks"], False)
        path.write_text(json.dumps(record), encoding="utf-8")
    found = components_on_file(data_dir(), tmp_path, DAY)
    assert found.weights["regimes"] == 0 and "regimes" not in found.counted
    assert sum(found.weights.values()) == pytest.approx(1)


def test_weights_of_other_models_are_told_and_shared(monkeypatch: pytest.MonkeyPatch):
    every = components_on_file(data_dir(), FILED, DAY).weights
    monkeypatch.setattr(components_module, "COMPONENTS", ("baserate", "regimes"))
    found = components_on_file(data_dir(), FILED, DAY)
    both = every["baserate"] + every["regimes"]
    assert found.weights["baserate"] == pytest.approx(every["baserate"] / both)
    assert found.left_out["quarterly"] == pytest.approx(every["quarterly"])


def test_agreement_is_told_in_standard_errors():
    said = {
        "baserate": {"probability": 0.2, "mc_error": 0.0},
        "regimes": {"probability": 0.1, "mc_error": 0.003},
        "simulation": {"probability": 0.1, "mc_error": 0.004},
    }
    found = agreement({"baserate": 0.2, "regimes": None, "simulation": 0.11, "simulation_error": 0.003}, said)
    assert [row["model"] for row in found] == ["baserate", "simulation"]
    assert found[0]["errors"] is None and found[1]["errors"] == pytest.approx(2.0)


def test_a_day_of_which_nothing_is_on_file_is_refused():
    with pytest.raises(InputError, match=r"Available: .*2026-11-22"):
        components_on_file(data_dir(), FILED, date(2026, 11, 23))
