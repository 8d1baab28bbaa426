"""The switching likelihood: equal to statsmodels where nested, its gradient to finite differences."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy.stats import t
from statsmodels.tsa.regime_switching.markov_autoregression import MarkovAutoregression
from statsmodels.tsa.regime_switching.markov_regression import MarkovRegression

from overbuild.models import switching as sw

gradient: Any = sw.panel_gradient
forward: Any = sw.forward
smoothed: Any = sw.smoothed
ABSOLUTE = 1e-6
"""Central differences of step 1e-6 of a sum of some hundred logarithms."""
MU = np.array([0.05, 0.20, -0.20])
SIGMA = np.array([0.08, 0.12, 0.20])
MOVES = np.array([[0.85, 0.10, 0.05], [0.6, 0.0, 0.4], [0.45, 0.15, 0.40]])
HAZARD = 0.25
CHAIN = np.array([MOVES[0], [HAZARD * 0.6, 1 - HAZARD, HAZARD * 0.4], MOVES[2]])


def stationary() -> np.ndarray:
    values, vectors = np.linalg.eig(CHAIN.T)
    found = np.real(vectors[:, np.argmax(np.real(values))])
    return found / found.sum()


def inputs(series: int = 3, years: int = 40, ages: int = 6) -> list:
    rng = np.random.default_rng(1)
    growth = rng.normal(0.05, 0.15, (series, years))
    growth[1, :5] = np.nan
    return [
        growth,
        np.array([0.0, 5, 0]),
        np.array([40.0, 40, 33]),
        MU + rng.normal(0, 0.02, (series, 3)),
        np.log(np.tile(SIGMA, (series, 1))),
        np.float64(0.2),
        rng.normal(-1, 0.3, (series, years)),
        0.3 * np.log(np.arange(1, ages + 1)),
        MOVES,
        sw.initial_states((0.7, 0.2, 0.1), ages),
    ]


def no_duration(growth: np.ndarray, first: int, phi: float, degrees: float = np.inf) -> float:
    base = np.full((1, growth.size), np.log(HAZARD / (1 - HAZARD)))
    bounds = np.array([float(first)]), np.array([float(growth.size)])
    given = (growth[None], *bounds, MU[None], np.log(SIGMA)[None], phi, base, np.zeros(1), MOVES)
    return gradient(*given, stationary(), degrees)[0]


def reference_parameters(model: MarkovRegression, phi: float | None = None) -> np.ndarray:
    """Return the parameters in the order of the reference: transitions p[from -> to], all but the last."""
    named = {f"p[{q}->{r}]": CHAIN[q, r] for q in range(3) for r in range(2)}
    named |= {f"const[{r}]": MU[r] for r in range(3)} | {f"sigma2[{r}]": SIGMA[r] ** 2 for r in range(3)}
    named |= {} if phi is None else {"ar.L1": phi}
    return np.array([named[n] for n in model.param_names])


def test_without_age_and_persistence_it_is_the_markov_switching_regression() -> None:
    growth = np.random.default_rng(2).normal(0.05, 0.15, 70)
    model = MarkovRegression(growth, k_regimes=3, switching_variance=True)
    assert no_duration(growth, 0, 0.0) == pytest.approx(model.loglike(reference_parameters(model)), abs=1e-9)


def test_without_age_it_is_the_markov_switching_autoregression() -> None:
    growth = np.random.default_rng(3).normal(0.05, 0.15, 70)
    model = MarkovAutoregression(growth, k_regimes=3, order=1, switching_ar=False, switching_variance=True)
    assert no_duration(growth, 1, 0.35) == pytest.approx(
        model.loglike(reference_parameters(model, 0.35)), abs=1e-9
    )


@pytest.mark.parametrize("degrees", [np.inf, 5.0])
@pytest.mark.parametrize(("place", "found"), [(3, 1), (4, 2), (5, 3), (6, 4), (7, 5), (8, 6)])
def test_the_gradient_is_that_of_finite_differences(degrees: float, place: int, found: int) -> None:
    given = inputs()
    exact = gradient(*given, degrees)[found]
    x = np.asarray(given[place], dtype=float)

    def value(at: tuple[int, ...], step: float) -> float:
        moved = x.copy()
        moved[at] += step
        return gradient(*given[:place], moved[()], *given[place + 1 :], degrees)[0]

    numeric = np.zeros(x.shape)
    for at in np.ndindex(x.shape):
        numeric[at] = (value(at, 1e-6) - value(at, -1e-6)) / 2e-6
    np.testing.assert_allclose(exact, numeric, atol=ABSOLUTE)


def test_it_is_the_sum_over_all_paths_of_the_regimes() -> None:
    growth = np.array([0.1, 0.3, -0.2, 0.0])
    ages, years = 2, 4
    base, age = np.full(years, -0.7), np.array([0.0, 0.9])
    initial = sw.initial_states((0.6, 0.3, 0.1), ages)
    hazard = 1 / (1 + np.exp(-(base[0] + age)))
    chain = np.array(
        [
            [MOVES[0, 0], MOVES[0, 1], 0, MOVES[0, 2]],
            [hazard[0] * MOVES[1, 0], 0, 1 - hazard[0], hazard[0] * MOVES[1, 2]],
            [hazard[1] * MOVES[1, 0], 0, 1 - hazard[1], hazard[1] * MOVES[1, 2]],
            [MOVES[2, 0], MOVES[2, 1], 0, MOVES[2, 2]],
        ]
    )
    regimes = [0, 1, 1, 2]
    total = 0.0
    for path in np.ndindex(*(4,) * (years + 1)):
        weight = initial[path[0]]
        for k, (q, r) in enumerate(pairwise(path)):
            moved = 0.2 * (growth[k - 1] - MU[regimes[q]]) if k else 0.0
            weight *= chain[q, r] * t.pdf(growth[k], 5, MU[regimes[r]] + moved, SIGMA[regimes[r]])
        total += weight
    value = forward(growth, 0, years, MU, np.log(SIGMA), 0.2, base, age, MOVES, initial, 5.0)[0]
    assert value == pytest.approx(np.log(total), abs=1e-10)


def test_smoothed_probabilities_sum_to_one_and_see_a_bust() -> None:
    growth = np.array([0.05, 0.04, 0.25, 0.22, 0.24, -0.4, -0.3, 0.05, 0.05])
    base = np.full(growth.size, -1.0)
    initial = sw.initial_states((0.7, 0.2, 0.1), 3)
    _, *parts = forward(
        growth, 0, growth.size, MU, np.log(SIGMA), 0.0, base, np.zeros(3), MOVES, initial, np.inf
    )
    regimes = smoothed(*parts, MOVES)
    np.testing.assert_allclose(regimes.sum(axis=1), 1.0, atol=1e-12)
    assert regimes[5:7, sw.BUST].min() > 0.99
    assert regimes[2:5, sw.BOOM].min() > 0.8


def test_a_series_without_growth_rates_adds_nothing() -> None:
    given = inputs()
    full = gradient(*given, np.inf)[0]
    empty = [np.vstack([g, np.full((1, g.shape[1]), np.nan)]) if i == 0 else g for i, g in enumerate(given)]
    for place in (1, 2):
        empty[place] = np.append(empty[place], 0.0)
    for place in (3, 4, 6):
        empty[place] = np.vstack([empty[place], empty[place][:1]])
    assert gradient(*empty, np.inf)[0] == pytest.approx(full, abs=1e-12)


def test_the_gradient_by_the_slopes_of_covariates_is_that_of_finite_differences() -> None:
    """Through the operation that the sampler differentiates, with the covariates of the hazard."""
    from pytensor import tensor as pt
    from pytensor.compile.maker import function
    from pytensor.gradient import grad

    from overbuild.models.switching_op import switching_log_likelihood

    growth, first, stop, mu, log_sigma, phi, base, age, moves, initial = inputs()
    x = np.random.default_rng(4).normal(size=(*growth.shape, 3))
    slopes: Any = pt.dvector()
    hazard = base + (x * slopes).sum(axis=-1)
    outputs: Any = switching_log_likelihood(
        growth, first, stop, mu, log_sigma, phi, hazard, age, moves, initial, np.float64(5.0)
    )
    slope: Any = grad(outputs[0], slopes)
    both: Any = function([slopes], [outputs[0], slope], mode="FAST_COMPILE")
    at = np.array([0.4, -0.3, 0.2])
    for k, step in enumerate(1e-6 * np.eye(3)):
        numeric = (both(at + step)[0] - both(at - step)[0]) / 2e-6
        assert both(at)[1][k] == pytest.approx(numeric, abs=ABSOLUTE)
