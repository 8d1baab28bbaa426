"""The checks of every model, tried on a model whose posterior is known: right ones pass, wrong ones fail."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import xarray as xr

from overbuild.models import checking
from overbuild.models.bayesian import BayesianModel
from overbuild.models.checking import Calibration, simulate_and_fit
from overbuild.models.sampler import Sampling
from overbuild.randomness import stream

CASES = 20


@dataclass(frozen=True)
class Conjugate:
    """Normal data of known variance: the posterior is normal. ``narrow`` and ``shift`` make it wrong."""

    narrow: float = 1.0
    shift: float = 0.0
    name: str = "conjugate"
    ranked: tuple[str, ...] = ("mean", "pair")
    sampling: Sampling = field(default_factory=Sampling)
    not_identified: str = "Nothing is unknown here."

    def fit_data(self, data: np.ndarray, rng: np.random.Generator, sampling: Sampling | None = None) -> Any:
        chosen = sampling or self.sampling
        sd = self.narrow / np.sqrt(1 + data.size)
        shape = chosen.chains, chosen.draws
        mean = data.sum() / (1 + data.size) + self.shift * sd + sd * rng.standard_normal(shape)
        pair = rng.standard_normal((*shape, 2))
        dims = ("chain", "draw")
        posterior = xr.Dataset({"mean": (dims, mean), "pair": ((*dims, "k"), pair)})
        stats = xr.Dataset({"diverging": (dims, np.zeros(shape, dtype=bool))})
        tree = xr.DataTree.from_dict({"posterior": posterior, "sample_stats": stats})

        def draws(name: str) -> np.ndarray:
            values = np.asarray(posterior[name].values)
            return values.reshape(-1, *values.shape[2:])

        return SimpleNamespace(tree=tree, seconds=0.0, draws=draws)

    def prior_draw(self, data: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
        return {"mean": np.asarray(rng.standard_normal()), "pair": rng.standard_normal(2)}

    def simulated(self, truth: Any, data: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return truth["mean"] + rng.standard_normal(data.size)

    def statistics(self, data: np.ndarray) -> dict[str, float]:
        return {"mean": float(data.mean()), "deviation": float(data.std())}


def model(narrow: float = 1.0, shift: float = 0.0) -> BayesianModel:
    return cast(BayesianModel, Conjugate(narrow, shift))


def calibration(simulations: int = 200, **wrong: float) -> Calibration:
    data = np.zeros(CASES)
    return Calibration(
        "conjugate", tuple(simulate_and_fit(model(**wrong), data, i) for i in range(simulations))
    )


def test_a_right_posterior_is_calibrated_and_learns_what_it_should():
    found = calibration()
    assert found.passed and found.labels == ("mean", "pair[0]", "pair[1]")
    table = found.frame().set_index("parameter")
    assert table["coverage"].between(0.83, 0.96).all()
    assert table.loc["mean", "follows"] > 0.95 and abs(table.loc["pair[0]", "follows"]) < 0.25
    assert "are uniform" in found.sentence()


@pytest.mark.parametrize("wrong", [{"narrow": 0.5}, {"narrow": 2.0}, {"shift": 0.6}])
def test_a_wrong_posterior_is_found_out(wrong):
    found = calibration(**wrong)
    assert not found.passed and "not uniform" in found.sentence()
    worst = found.frame().set_index("parameter")[["chi_square_p", "largest_gap_p"]].min(axis=1)
    assert worst.idxmin() == "mean"


def test_a_sampler_that_diverges_is_found_out():
    found = calibration(40)
    some = tuple(
        checking.Simulation(**{**vars(s), "divergent": 0.2 if i < 5 else 0.0})
        for i, s in enumerate(found.simulations)
    )
    assert Calibration("conjugate", found.simulations).passed
    assert not Calibration("conjugate", some).passed


def test_a_simulation_depends_on_its_number_alone():
    data = np.zeros(CASES)
    assert simulate_and_fit(model(), data, 3) == simulate_and_fit(model(), data, 3)
    assert simulate_and_fit(model(), data, 3).truth != simulate_and_fit(model(), data, 4).truth


def test_known_parameters_are_found_again():
    data, truth = np.zeros(CASES), {"mean": np.asarray(0.7), "pair": np.zeros(2)}
    table = checking.recovered([simulate_and_fit(model(), data, i, truth=truth) for i in range(60)])
    mean = table.set_index("parameter").loc["mean"]
    assert mean["truth"] == 0.7 and abs(mean["bias"]) < 0.4 and mean["coverage"] > 0.8
    shifted = checking.recovered(
        [simulate_and_fit(model(shift=3.0), data, i, truth=truth) for i in range(60)]
    )
    assert shifted.set_index("parameter").loc["mean", "bias"] > 2


def test_predictive_checks_tell_data_that_the_model_would_not_give():
    rng = stream("test/predictive")
    usual, odd = rng.standard_normal(CASES), 5.0 + 3.0 * rng.standard_normal(CASES)
    for data, good in ((usual, True), (odd, False)):
        fit = model().fit_data(data, rng)
        before = checking.prior_predictive(model(), data, rng, draws=400).set_index("statistic")
        after = checking.posterior_predictive(model(), data, fit, rng).set_index("statistic")
        assert (before.loc["mean", "p_value"] > 0.01) == good
        assert (after.loc["deviation", "p_value"] > 0.01) == good
        assert list(before.columns) == ["observed", "mean", "low", "high", "p_value"]


def test_what_was_learnt_is_the_share_of_variance_that_is_gone():
    data = np.full(CASES, 0.3)
    fit = model().fit_data(data, stream("test/learnt"), Sampling(chains=4, draws=4000))
    table = checking.learnt(model(), data, fit, stream("test/prior"), draws=4000)
    by_name = table.set_index("parameter")
    assert by_name.loc["mean", "learnt"] == pytest.approx(1 - 1 / (1 + CASES), abs=0.01)
    assert by_name.loc["mean", "identified"] and not by_name.loc["pair[1]", "identified"]
    said = checking.not_identified(table, model().not_identified)
    assert said.endswith("pair[0], pair[1].") and said.startswith("Nothing is unknown here.")


def test_a_typical_draw_is_near_the_medians():
    data = np.zeros(CASES)
    fit = model().fit_data(data, stream("test/typical"))
    truth = checking.typical(model(), data, fit, stream("test/prior"))
    assert abs(float(truth["mean"])) < 0.1 and np.abs(truth["pair"]).max() < 0.3
