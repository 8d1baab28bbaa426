"""Weights of a reader's own: the printed sum again, closed forms, and refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

from overbuild.errors import InputError, UnknownNameError
from overbuild.probability import Probability, probability_of_overbuild
from overbuild.probability.combination import IMPOSSIBLE, UNKNOWN
from overbuild.probability.own_weights import NOT_GIVEN, with_weights

from .made_up_rows import BASE, file, file_all, forecast


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Probability:
    folder: Path = tmp_path_factory.mktemp("filed")
    file_all(folder)
    file(folder, "demand", [forecast("O3", "2028Q4", 0.9, evidence="prior-driven")])
    file(folder, "clock", [forecast("O1", "2028Q4", 0.4, evidence="prior-driven")])
    return probability_of_overbuild("ai", filed=folder)


def test_printed_weights_give_the_printed_sum(answer: Probability) -> None:
    for found in (answer.headline, answer.combined["O3 by 2030Q4"], answer.combined["physical_overbuild"]):
        again = with_weights(found, {t["model"]: t["weight"] for t in found["terms"]})
        assert again.probability == pytest.approx(found["probability"], rel=1e-12)
        assert {t.model: t.contribution for t in again.terms} == pytest.approx(
            {t["model"]: t["contribution"] for t in found["terms"]}
        )


def test_sum_is_linear_in_the_weights(answer: Probability) -> None:
    p = BASE["2028Q4"]
    mine = {"baserate": 0.5, "regimes": 0.2, "quarterly": 0.1, UNKNOWN: 0.2}
    found = with_weights(answer.headline, mine)
    assert found.probability == pytest.approx(0.5 * p + 0.2 * p / 2 + 0.1 * p / 4 + 0.2 * p)
    assert sum(t.contribution for t in found.terms) == pytest.approx(found.probability)
    assert {t.origin for t in found.terms} == {"set"}
    assert (found.event, found.by) == ("O3", "2028Q4")


def test_model_without_weight_may_be_given_one_and_is_marked(answer: Probability) -> None:
    found = with_weights(answer.headline, {"demand": 1.0})
    terms = {t.model: t for t in found.terms}
    assert found.probability == pytest.approx(0.9)
    assert terms["demand"].note == "took hardly anything from its data"
    assert terms["demand"].why_zero == ""
    assert terms["regimes"].why_zero == NOT_GIVEN
    assert UNKNOWN not in terms


def test_event_without_a_usable_model_and_without_a_base_rate(answer: Probability) -> None:
    found = with_weights(answer.combined["O1 by 2028Q4"], {"clock": 0.5, UNKNOWN: 0.5})
    assert answer.combined["O1 by 2028Q4"]["probability"] is None
    assert found.probability == pytest.approx(0.5 * 0.4 + 0.5 * 0.5)
    assert found.note == ""


def test_impossible_event_stays_at_zero_and_a_note_is_kept(answer: Probability) -> None:
    terms = [{**t, "probability": 0.0} for t in answer.headline["terms"]]
    note = f"{IMPOSSIBLE}. hindcast on revised data; one event"
    mine = {"regimes": 0.5, UNKNOWN: 0.5}
    found = with_weights({**answer.headline, "terms": terms, "note": note}, mine)
    assert found.probability == 0.0
    assert found.note == note


def test_refusals(answer: Probability) -> None:
    with pytest.raises(UnknownNameError, match=r"No model that speaks of the event 'capital'.*baserate"):
        with_weights(answer.headline, {"capital": 1.0})
    with pytest.raises(InputError, match=r"weight of 'regimes' is -0\.5; expected a number of at least 0"):
        with_weights(answer.headline, {"regimes": -0.5, "baserate": 1.5})
    with pytest.raises(InputError, match="weight of 'regimes' is nan"):
        with_weights(answer.headline, {"regimes": float("nan")})
    with pytest.raises(InputError, match=r"weights sum to 0\.6; expected 1"):
        with_weights(answer.headline, {"regimes": 0.3, "baserate": 0.3})
    with pytest.raises(InputError, match=r"weights sum to 0; expected 1"):
        with_weights(answer.headline, {})
    with pytest.raises(InputError, match="No model speaks of O2 by 2028Q4"):
        with_weights(answer.combined["O2 by 2028Q4"], {"regimes": 1.0})
