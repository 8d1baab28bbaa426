"""Checks of the project's own models: what is filed, what the headline makes of it, and the command."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from overbuild.errors import InputError, UnknownNameError
from overbuild.probability import answers, filing
from overbuild.probability.answers import MODELS, Answer, answer
from overbuild.probability.calibrate import calibrate
from overbuild.probability.headline import checks_on_file, probability_of_overbuild

AS_OF = date(2026, 11, 22)
BASE = (
    "speaks",
    "in_order",
    "prior_predictive",
    "recovery",
    "coverage",
    "calibration",
    "posterior_predictive",
)


@pytest.fixture(scope="module")
def said() -> dict[str, Answer]:
    return {model: answer(model, "ai", AS_OF, draws=300) for model in MODELS}


def filed(folder: Path, said: dict[str, Answer], **changed: Any) -> Path:
    """File both answers; ``changed`` is of the base rate."""
    for model, a in said.items():
        record = filing.Record(
            model=model,
            episode="ai",
            as_of=AS_OF,
            data="",
            priors="",
            code="",
            settings={},
            seed=0,
            versions={},
            seconds=0.0,
            checks=a.checks,
            forecasts=a.forecasts,
            result=a.result,
        )
        filing.save(folder, replace(record, **changed) if model == "baserate" else record)
    return folder


def test_both_models_pass_their_checks(said: dict[str, Answer]):
    assert tuple(said["analogues"].checks) == BASE
    assert tuple(said["baserate"].checks) == (*BASE, "forecast_recovery", "forecast_coverage")
    for a in said.values():
        assert all(a.checks.values())
        assert {f["status"] for f in a.forecasts} == {"ok"}
        assert len(a.result["checks"]["not_identified"]) > 100


def test_the_interval_that_was_printed_before_misses_the_marks(said: dict[str, Answer]):
    checks = said["baserate"].result["checks"]
    least = checks["verdicts"][2]
    assert least["what"] == "least coverage of the 90 % interval"
    for rows, printed in (("recovery", "beta_binomial"), ("forecast", "korn_graubard")):
        worst = {
            m: min(r["coverage"] for r in checks[rows] if r["method"] == m) for m in (printed, "bootstrap")
        }
        assert worst["bootstrap"] < least["low"] <= worst[printed]
    blind = [c for c in checks["calibration"] if c["posterior"] == "independent"]
    assert {c["clustered"]: c["chi_square"] > 0.01 for c in blind} == {False: True, True: False}


def test_every_spread_is_filed_and_the_printed_one_is_the_forecasts(said: dict[str, Answer]):
    base = said["baserate"]
    printed = {s["by"]: s["spread"] for s in base.result["spreads"] if s["method"] == "korn_graubard"}
    assert printed == {f["by"]: f["spread"] for f in base.forecasts if f["probability"] is not None}
    assert len(base.result["spreads"]) == 5 * len(printed)


def test_an_answer_that_fails_a_check_is_filed_as_failed(monkeypatch: pytest.MonkeyPatch):
    failing = SimpleNamespace(passed={"coverage": False}, to_dict=dict)
    monkeypatch.setattr(answers, "checks_of", lambda *_, **__: failing)
    a = answer("analogues", "ai", AS_OF)
    assert a.checks["coverage"] is False and {f["status"] for f in a.forecasts} == {"failed"}


def test_the_headline_gives_a_failed_model_no_weight_unless_it_is_asked_for(
    tmp_path: Path, said: dict[str, Answer]
):
    passing = probability_of_overbuild(filed=filed(tmp_path / "good", said))
    assert passing.weights == pytest.approx({"baserate": 0.9, "unknown_models": 0.1})
    checks = {**said["baserate"].checks, "coverage": False, "calibration": False}
    failed = filed(tmp_path / "bad", said, checks=checks)
    with pytest.raises(
        InputError, match=r"baserate failed its checks \(coverage, calibration\).*--model baserate"
    ):
        probability_of_overbuild(filed=failed)
    asked = probability_of_overbuild(filed=failed, models=["baserate"])
    assert asked.headline["probability"] == pytest.approx(passing.headline["probability"], abs=1e-12)
    assert checks_on_file(filed=failed)["models"]["baserate"]["filed"]["coverage"] is False


def test_a_forecast_that_is_its_prior_has_no_weight(tmp_path: Path, said: dict[str, Answer]):
    driven = [{**f, "evidence": "prior-driven"} for f in said["baserate"].forecasts]
    folder = filed(tmp_path, said, forecasts=driven)
    with pytest.raises(InputError, match="baserate took hardly anything from its data"):
        probability_of_overbuild(filed=folder)


def test_a_named_model_must_exist_and_speak(tmp_path: Path, said: dict[str, Answer]):
    folder = filed(tmp_path, said)
    with pytest.raises(UnknownNameError, match="'games'"):
        probability_of_overbuild(filed=folder, models=["games"])
    with pytest.raises(InputError, match="analogues: no forecast of O3"):
        probability_of_overbuild(filed=folder, models=["analogues"])


def test_two_models_that_speak_share_the_weight_and_a_failed_one_has_none(
    tmp_path: Path, said: dict[str, Answer]
):
    speaking = tuple({**f, "model": "analogues"} for f in said["baserate"].forecasts)
    both = {**said, "analogues": replace(said["analogues"], forecasts=speaking)}
    shared = probability_of_overbuild(filed=filed(tmp_path / "a", both)).weights
    assert shared == pytest.approx({**dict.fromkeys(MODELS, 0.45), "unknown_models": 0.1})
    worse = {**both, "analogues": replace(both["analogues"], checks={"coverage": False})}
    shown = probability_of_overbuild(filed=filed(tmp_path / "b", worse))
    assert shown.weights == pytest.approx({"baserate": 0.9, "unknown_models": 0.1, "analogues": 0.0})
    assert shown.headline["terms"][-1]["why_zero"] == "failed its checks (coverage)"


def test_calibrate_is_what_the_build_files(said: dict[str, Answer]):
    for model, a in said.items():
        found = calibrate(model)
        (built,) = [
            c
            for c in a.result["checks"]["calibration"]
            if c["posterior"] == found.interval and c["clustered"]
        ]
        assert found.p_values == {"chi_square": built["chi_square"], "ecdf": built["ecdf"]}
        assert found.found.histogram.tolist() == built["histogram"] and found.passed


def test_the_command_prints_ranks_and_p_values(cli: Callable[..., Any]):
    done = cli("calibrate", "analogues", "--simulations", 300, "--seed", 3, "--json")
    out = json.loads(done.out)
    assert done.code == 0 and out["passed"] is True
    assert len(out["ranks"]) == 300 and set(out["p_values"]) == {"chi_square", "ecdf"}
    again = json.loads(
        cli("calibrate", "analogues", "--simulations", 300, "--seed", 3, "--workers", 2, "--json").out
    )
    assert again == out
    assert "300 true rates" in cli("calibrate", "analogues", "--simulations", 300, "--seed", 3).out


def test_the_command_ends_with_one_where_the_posterior_is_wrong(cli: Callable[..., Any]):
    done = cli("calibrate", "baserate", "--interval", "independent", "--json")
    assert done.code == 1 and json.loads(done.out)["passed"] is False
    assert "'independent' of model 'baserate' is not calibrated" in done.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("games",), "No model 'games'. Available: analogue_regression, analogues, baserate,"),
        (("baserate", "--simulations", "10"), "--simulations 10 are too few"),
        (("baserate", "--interval", "wild"), "No interval 'wild'"),
    ],
)
def test_the_command_refuses_what_it_cannot_do(
    cli: Callable[..., Any], arguments: tuple[str, ...], message: str
):
    done = cli("calibrate", *arguments)
    assert done.code == 2 and message in done.err
