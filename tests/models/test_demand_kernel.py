"""The likelihood of demand series equals a normal's, its gradient that of finite differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.special import logsumexp
from scipy.stats import multivariate_normal

from overbuild.models import demand_kernel
from overbuild.models.demand_kernel import fill_covariance, inverse_of

demand_gradient: Any = demand_kernel.demand_gradient
N = 9


def made(seed: int = 3) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        "value": rng.normal(size=N),
        "time": np.sort(rng.uniform(-3, 0, N)),
        "source": rng.integers(0, 3, N).astype(float),
        "error": rng.uniform(0.05, 0.3, N),
        "bias": rng.uniform(0.3, 2.0, N),
        "log_weight": np.log([0.7, 0.3]),
        "mean": rng.normal(size=N),
        "other": rng.normal(size=N),
        "loading": rng.uniform(0.3, 1.5, N),
    }


SCALES = (0.4, 0.25, 0.6)


def test_the_likelihood_is_that_of_two_normals() -> None:
    x = made()
    time, source, (common, own, memory) = x["time"], x["source"], SCALES
    rho = memory ** np.abs(time[:, None] - time[None, :])
    same = source[:, None] == source[None, :]
    cov = common**2 * np.outer(x["loading"], x["loading"]) * rho + np.diag(x["error"] ** 2)
    cov = cov + same * (np.outer(x["bias"], x["bias"]) + own**2 * rho)
    each = [multivariate_normal(x[m], cov).logpdf(x["value"]) for m in ("mean", "other")]
    total, chance, *_ = demand_gradient(*x.values(), *SCALES)
    assert total == pytest.approx(logsumexp(x["log_weight"] + np.array(each)))
    assert chance == pytest.approx(np.exp(x["log_weight"][1] + each[1] - total))


def test_the_gradient_is_exact() -> None:
    x = made()
    _, _, *gradient = demand_gradient(*x.values(), *SCALES)
    for i, name in enumerate(("mean", "other", "loading")):

        def likelihood(v: np.ndarray, name: str = name) -> float:
            return demand_gradient(*{**x, name: v}.values(), *SCALES)[0]

        found: Any = approx_fprime(x[name], likelihood, 1e-6)
        np.testing.assert_allclose(gradient[i], found, atol=2e-4)
    numeric: Any = approx_fprime(np.array(SCALES), lambda v: demand_gradient(*x.values(), *v)[0], 1e-7)
    np.testing.assert_allclose(np.array(gradient[3:]), numeric, rtol=1e-3, atol=1e-4)


def test_the_operation_has_the_kernel_and_its_gradient() -> None:
    import pytensor.tensor as pt
    from pytensor.compile.maker import function
    from pytensor.gradient import grad

    from overbuild.models.demand_op import demand_log_likelihood

    x = made()
    given = [pt.constant(v) for v in x.values()]
    common: Any = pt.dscalar("common")
    outputs: Any = demand_log_likelihood(*given, common, *SCALES[1:])
    asked: Any = [outputs[0], grad(outputs[0], common)]
    out: Any = function([common], asked, mode="FAST_COMPILE")
    expected = demand_gradient(*x.values(), *SCALES)
    np.testing.assert_allclose(out(SCALES[0]), [expected[0], expected[5]])


def test_an_inverse_and_its_determinant() -> None:
    x = made()
    cov, _ = fill_covariance(x["time"], x["source"], x["error"], x["bias"], x["loading"], *SCALES)
    inverse, log_det = inverse_of(cov)
    np.testing.assert_allclose(inverse @ cov, np.eye(N), atol=1e-9)
    assert log_det == pytest.approx(np.linalg.slogdet(cov)[1])


def test_what_is_no_covariance_has_no_likelihood() -> None:
    x = made() | {"error": np.full(N, np.nan)}
    assert demand_gradient(*x.values(), *SCALES)[0] == -np.inf
