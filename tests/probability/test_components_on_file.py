"""Weights of the curve are those that the headline takes, and its sum is then the headline."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from overbuild.errors import InputError
from overbuild.locations import data_dir
from overbuild.probability.components_on_file import components_on_file
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


def test_a_day_of_which_nothing_is_on_file_is_refused():
    with pytest.raises(InputError, match=r"Available: .*2026-11-22"):
        components_on_file(data_dir(), FILED, date(2026, 11, 23))
