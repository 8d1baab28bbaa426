"""Scores of clusters left out, with forecasters whose answers are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from overbuild.models import analogue_scores
from overbuild.models.analogue_data import AnalogueData, data_of
from overbuild.models.analogue_scores import constant_rate, each, halves, leave_one_cluster_out

from .analogue_lists import ROWS, sampled, table
from .test_analogue_regression import model

SEEN: list[AnalogueData] = []


@pytest.fixture
def without_sampler(monkeypatch: pytest.MonkeyPatch) -> list[AnalogueData]:
    """Take draws of the prior for every refit, and note what it was given."""
    SEEN.clear()

    def short(spec: Any, data: AnalogueData, rng: np.random.Generator, sampling: Any = None) -> Any:
        SEEN.append(data)
        return sampled(spec, rng, 100)

    monkeypatch.setattr(analogue_scores, "refitted", short)
    return SEEN


def test_scores_of_single_forecasts() -> None:
    found = each(np.array([0.8, 0.3]), np.array([1.0, 0.0]))
    np.testing.assert_allclose(found["log"], np.log([0.8, 0.7]))
    np.testing.assert_allclose(found["brier"], [0.04, 0.09])


def test_constant_rate_is_jeffreys_posterior() -> None:
    found = constant_rate(data_of(table()), 0.0)
    assert found["mean"] == pytest.approx(4.5 / 9)
    assert found["q05"] == pytest.approx(stats.beta(4.5, 4.5).ppf(0.05))
    assert constant_rate(data_of(table()), 0.5)["mean"] == pytest.approx(4.5 / 8)


def test_no_boom_is_forecast_from_its_own_cluster(without_sampler: list[AnalogueData]) -> None:
    data = data_of(table())
    found = leave_one_cluster_out(model(), data, np.random.default_rng(1), resampled=500)
    assert found.names == data.names
    assert len(without_sampler) == 2 * data.count
    for k, rest in enumerate(without_sampler):
        own = {n for n, c in zip(data.names, data.clusters, strict=True) if c == k // 2}
        assert not own & set(rest.names)
        assert len(own) + rest.booms == data.booms
    assert all(np.isnan(without_sampler[k].life).all() for k in range(1, 2 * data.count, 2))
    pair = data.names.index("a")
    assert found.forecasts["constant"][pair] == pytest.approx((2 + 0.5) / (6 + 1))


def test_differences_are_of_paired_scores_with_an_interval(without_sampler: list[AnalogueData]) -> None:
    del without_sampler
    found = leave_one_cluster_out(model(), data_of(table()), np.random.default_rng(2)).to_dict()
    for rival, by in found["difference"].items():
        for score, d in by.items():
            gap = found["scores"]["regression"][score] - found["scores"][rival][score]
            assert d["mean"] == pytest.approx(gap)
            assert d["low"] <= d["mean"] <= d["high"]
    assert found["scores"]["coin"] == pytest.approx({"log": np.log(0.5), "brier": 0.25})
    assert set(found["better"]) == {"constant", "bare", "coin"}


def test_booms_whose_label_says_nothing_are_not_scored(without_sampler: list[AnalogueData]) -> None:
    del without_sampler
    found = leave_one_cluster_out(model().with_partly(0.5), data_of(table()), np.random.default_rng(3))
    assert "d" not in found.names
    assert len(found.names) == 7


def test_halves_hold_half_of_the_list(without_sampler: list[AnalogueData]) -> None:
    data = data_of(table([(f"{r[0]}{k}", *r[1:]) for k in range(2) for r in ROWS]))
    found = halves(model(), data, "ai", np.random.default_rng(4), 5)
    assert [d.booms for d in without_sampler] == [8] * 5
    assert found["minimum"] <= found["p05"] <= found["median"] <= found["p95"] <= found["maximum"]
