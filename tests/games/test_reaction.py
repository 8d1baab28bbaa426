"""Tests of what is said of the estimates: verdicts, sentence, inference that suits, factors not found."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from overbuild.games import reaction_estimators
from overbuild.games.reaction import RESAMPLED, _row, _sentence, predictions, randomised, verdict
from overbuild.games.reaction_estimators import NotConvergedError, cce, estimate, interactive
from overbuild.games.reaction_inference import relabellings
from overbuild.games.reaction_panel import FIRMS, ReactionPanel, equal_weights, overlap_weights
from overbuild.games.reaction_simulation import World, simulate
from overbuild.games.reaction_sweeps import Interval, interval_cr1

EXPOSURE = np.array(
    [[0.7, 0.05, 0.25], [0.3, 0.45, 0.25], [0.75, 0.15, 0.1], [0.01, 0.74, 0.25], [0.9, 0.01, 0.09]]
)
WEIGHTS = overlap_weights(EXPOSURE)


def made(seed: int = 1, **told: float) -> ReactionPanel:
    return simulate(World(**told), 40, WEIGHTS, EXPOSURE, np.random.default_rng(seed))


@pytest.mark.parametrize(
    ("low", "high", "sign", "expected"),
    [
        (0.2, 0.5, 1, "as predicted"),
        (-0.5, -0.2, 1, "opposite"),
        (-0.5, -0.2, -1, "as predicted"),
        (0.2, 0.5, -1, "opposite"),
        (-0.05, 0.08, -1, "no effect of note"),
        (0.05, 0.5, 1, "undecided"),
        (-0.5, 0.5, -1, "undecided"),
    ],
)
def test_verdicts(low: float, high: float, sign: int, expected: str) -> None:
    found = Interval((low + high) / 2, 0.1, 10.0, low, high, 0.1)
    assert verdict(found, sign, 0.1) == expected


def row(name: str, b: float | None, low: float | None, high: float | None, **more: Any) -> dict[str, Any]:
    told = {"estimator": name, "title": name.title(), "b": b, "low": low, "high": high}
    return told | {"identified": True, "converged": True} | more


def test_sentence_says_what_the_intervals_hold() -> None:
    naive, wide = row("ols", 0.9, 0.8, 1.0), row("two_way", 0.1, -0.3, 0.5)
    found = _sentence([naive, wide, row("giv", 0.3, None, 0.9)], 0.1)
    assert "0.10 to 0.30" in found and "cannot be told" in found
    assert "not identified" not in found
    found = _sentence([naive, wide, row("cce", 0.4, 0.2, 0.6)], 0.1)
    assert "the interval of cce leaves out zero" in found
    assert "none leaves out zero" in _sentence([row("two_way", 0.0, -0.05, 0.05)], 0.1)


def test_sentence_tells_factors_that_were_not_found() -> None:
    lost = row("factors_2", None, None, None, converged=False)
    assert "factors_2: it did not converge" in _sentence([row("two_way", 0.1, -0.3, 0.5), lost], 0.1)
    assert "did not converge" in _sentence([lost], 0.1)


def test_factors_not_found_are_not_said_to_be_not_identified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaction_estimators, "CONVERGED", -1.0)
    panel = made()
    with pytest.raises(NotConvergedError, match="did not converge"):
        interactive(panel, 1)
    found = estimate(panel, "factors_1")
    assert (found["identified"], found["converged"], found["b"]) == (True, False, None)
    equal = estimate(panel.with_weights(equal_weights(5)), "two_way")
    assert (equal["identified"], equal["converged"], equal["b"]) == (False, True, None)
    assert randomised(panel, "factors_1") is None


def test_averages_are_made_again_under_each_relabelling() -> None:
    panel = made(2, common=0.8)

    def size(w: np.ndarray) -> float:
        i = interval_cr1(cce(panel.with_weights(w)))
        return abs(i.b / i.se)

    every = np.array([size(w) for w in relabellings(panel.weights)])
    assert randomised(panel, "cce") == pytest.approx(np.mean(every >= every[0] * (1 - 1e-9)))


@pytest.mark.parametrize("name", ["ols", "cce", "giv"])
def test_only_effects_that_growth_does_not_make_are_resampled(name: str) -> None:
    found = _row(made(3), name, 1, 49, 1)
    assert (found["p_wild_time"] is not None) == (name in RESAMPLED)
    assert 0 < found["p_randomisation"] <= 1


def test_ends_of_the_instrument_are_those_of_its_robust_set() -> None:
    found = estimate(made(4), "giv")
    assert [found["low"], found["high"]] == [found["robust"][0][0], found["robust"][-1][1]]
    assert found["interval_2sls"] != [found["low"], found["high"]]


def test_predictions_have_their_sign_and_guidance_is_not_tested() -> None:
    strain = np.where(np.random.default_rng(5).uniform(size=(400, 5)) < 0.3, 1.5, 0.5)
    world = World(0.6, strained=-0.6)
    panel = simulate(world, 400, WEIGHTS, EXPOSURE, np.random.default_rng(6), strain)
    renters = {f"firm {i + 1}": i in (0, 4) for i in range(len(FIRMS))}
    found = {p["id"]: p for p in predictions(panel, {"rope": 0.1, "renters": renters})}
    assert found["i"]["verdict"] == "as predicted" and found["i"]["b"] < -0.3
    assert found["ii"]["b"] == pytest.approx(0, abs=0.3)
    assert found["v"]["verdict"] == "not testable"
