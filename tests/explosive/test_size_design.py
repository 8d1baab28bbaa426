"""The design of size and power: each number by hand on a small unit, and what is on file."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import overbuild
import overbuild.locations
from overbuild.exhibits.psy_size_shares import SIZES, shares
from overbuild.explosive import MonteCarlo, RecursiveADF, critical_values
from overbuild.explosive import size_design as design
from overbuild.pipeline import size_power
from overbuild.randomness import stream

N = 60
ENOUGH = 4.0
"""Standard errors between a share and what it should be."""


@pytest.fixture(scope="module")
def critical():
    found = {}
    for null in design.NULLS:
        drawn = design.null_draws(design.NullDraws(N, null, 0, 1))
        found |= {name: float(np.quantile(d, 1 - design.SIZE)) for name, d in drawn.items()}
    return tuple(found.items())


def test_a_unit_by_hand(critical, monkeypatch):
    monkeypatch.setattr(design, "BATCH", 20)
    cell = design.Cell(N, "break_up", 2, 1, critical)
    found = design.rejections(cell)
    rng = stream(f"explosive/size/break_up/{N}", seed=1, index=2)
    paths = design.processes(N)["break_up"].paths(20, N, rng)
    plain = RecursiveADF().sequences(paths).gsadf
    assert found["plain0.montecarlo.gsadf"] == np.sum(plain > dict(critical)["plain0.montecarlo.gsadf"])
    assert found == design.rejections(cell)
    assert found != design.rejections(replace(cell, index=3))
    assert all(0 <= v <= 20 for v in found.values())
    assert not any(name.startswith(design.ADJUSTED) for name in found)
    assert {"proxy.wild.gsadf", "late.montecarlo.sadf"} <= set(
        design.rejections(replace(cell, process="hump"))
    )


def test_a_bootstrap_that_never_exceeds_rejects_and_one_that_always_does_not(critical, monkeypatch):
    monkeypatch.setattr(design, "BATCH", 5)
    for value, expected in ((-np.inf, 5), (np.inf, 0)):

        def drawn(values, kind, wild, rng, value=value):
            line = np.full((design.BOOTSTRAPS, 3), value)
            return {name: design.Sequences(line, line) for name in wild}

        monkeypatch.setattr(design, "_bootstraps", drawn)
        found = design.rejections(design.Cell(N, "null", 0, 1, critical))
        assert {v for name, v in found.items() if ".wild" in name} == {expected}


def test_critical_values_are_those_of_the_package(critical):
    for name, test in design.tests(N).items():
        found = critical_values(test, MonteCarlo(replications=1999), np.zeros(N)).draws["gsadf"]
        tail = np.mean(found > dict(critical)[f"{name}.montecarlo.gsadf"])
        error = np.sqrt(0.05 * 0.95 * (1 / found.size + 1 / design.DRAWS_BATCH))
        assert abs(tail - design.SIZE) < ENOUGH * error


def test_the_key_knows_every_module_that_the_design_imports():
    """Imports that run: what is only for type checking decides no number."""
    folder = Path(overbuild.__file__).parent / "explosive"
    for module in size_power.MODULES:
        tree = ast.parse((folder / f"{module}.py").read_text())
        tree.body = [node for node in tree.body if not isinstance(node, ast.If)]
        names = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}
        used = {n.removeprefix("overbuild.explosive.") for n in names if n.startswith("overbuild.explosive.")}
        assert used <= set(size_power.MODULES), module


def test_a_small_run_is_filed_and_read_again(tmp_path, monkeypatch):
    monkeypatch.setattr(design, "LENGTHS", (N,))
    monkeypatch.setattr(design, "BATCH", 4)
    found = size_power.measure(most=1, folder=tmp_path)
    path = tmp_path / "table.json"
    size_power.save(path, found)
    assert json.loads(path.read_text()) == found
    assert {row[1] for row in found["rows"]} == set(design.processes(N))
    assert all(row[4] == 4 for row in found["rows"])
    assert size_power.measure(most=1, folder=tmp_path) == found


@pytest.fixture(scope="module")
def filed():
    found = size_power.filed()
    assert found is not None
    return found


def test_what_is_on_file_is_of_this_code_and_small(filed):
    assert filed["key"] == size_power.key_of()
    assert size_power.filed_path(overbuild.locations.data_dir() / "filed").stat().st_size < 60_000


def test_sizes_on_file_are_nominal_where_they_must_be(filed):
    """Under the matching null of each; for signs whatever the variance, for proxies whatever the hump."""
    found, paths = shares(filed), {row[0]: row[4] for row in filed["rows"]}
    exact = [k for k in found if k[3] == "montecarlo" and (k[1] == "null" or k[2] in ("sign", "centred"))]
    exact = [k for k in exact if k[1] in SIZES]
    exact += [
        k for k in found if k[1:] in (("hump", "proxy", "montecarlo"), ("hump", "proxy1", "montecarlo"))
    ]
    exact += [k for k in found if k[1] == "volatile" and k[3] == "volatile"]
    assert len(exact) > 40
    for key in exact:
        error = np.sqrt(0.05 * 0.95 * (1 / paths[key[0]] + 1 / filed["draws"]))
        assert abs(found[key] - filed["size"]) < ENOUGH * error, key
