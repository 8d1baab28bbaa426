"""Independent draws stand where a sampler's stand: same checks where they mean something, same file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from overbuild.models.diagnostics import Diagnostics
from overbuild.models.exact_draws import exact_draws
from overbuild.models.sampler import load


def test_independent_draws_pass_and_come_back_in_order(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=2000), rng.normal(size=(2000, 3))
    made = exact_draws({"a": a, "b": b}, 0.1, labels={"b": {"firm": ("x", "y", "z")}})
    assert (made.draws("a") == a).all()
    assert (made.draws("b") == b).all()
    found = made.diagnostics
    assert found.passed
    assert set(found.checks) == {"r_hat", "ess_bulk"}
    assert found.ess_bulk > 1500
    assert found.to_dict()["e_bfmi"] is None
    assert "draws independent: passed" in found.sentence()
    again = load(made.save(tmp_path / "draws.nc"))
    assert (again.draws("b") == b).all()
    assert list(again.tree["posterior"].coords["firm"].values) == ["x", "y", "z"]
    assert again.diagnostics.passed


def test_too_few_draws_fail_and_groups_that_disagree_are_found() -> None:
    rng = np.random.default_rng(2)
    assert exact_draws({"a": rng.normal(size=200)}, 0.0).diagnostics.checks["ess_bulk"] is False
    apart = np.concatenate([rng.normal(size=500) + k for k in range(4)])
    assert exact_draws({"a": apart}, 0.0).diagnostics.checks["r_hat"] is False


def test_what_was_sampled_is_still_held_to_all_four_checks() -> None:
    found = Diagnostics(1.0, "a", 900.0, "a", 900.0, 0.0, float("nan"))
    assert found.checks == {"r_hat": True, "ess_bulk": True, "divergences": True, "e_bfmi": False}
    assert not found.passed


def test_draws_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(ValueError, match="expected one number"):
        exact_draws({"a": np.zeros(8), "b": np.zeros(9)}, 0.0)
    with pytest.raises(ValueError, match="at least 8"):
        exact_draws({"a": np.zeros(4)}, 0.0)
