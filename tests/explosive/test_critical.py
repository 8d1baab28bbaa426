"""Critical values: against another program, exact arithmetic, and the same whoever does the work."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from overbuild.errors import InputError
from overbuild.explosive import (
    FamilyWiseBootstrap,
    MonteCarlo,
    RecursiveADF,
    SieveBootstrap,
    WildBootstrap,
    critical_values,
)
from overbuild.explosive.critical import BATCH, draw, quantiles, threads
from overbuild.explosive.dating import LEVELS
from overbuild.explosive.statistic import NAMES
from overbuild.pipeline.executor import mapped
from overbuild.randomness import stream

REFERENCE = Path(__file__).parents[1] / "reference" / "psy_null_quantiles.csv"
NULLS = (
    MonteCarlo(replications=99),
    WildBootstrap(replications=99),
    WildBootstrap("rademacher", 99),
    FamilyWiseBootstrap(replications=99),
    SieveBootstrap(replications=99),
)


def walks(series: int, n: int, seed: int = 1) -> np.ndarray:
    return np.cumsum(np.random.default_rng(seed).normal(size=(series, n)), axis=1)


@pytest.mark.parametrize("n", [100, 200, 400])
@pytest.mark.parametrize("drift", ["vanishing", "none"])
def test_quantiles_under_the_null_are_those_of_pyexuber(n, drift):
    """At their quantiles our tail must hold its share, within the sampling error of both."""
    expected = pd.read_csv(REFERENCE, comment="#").query("n == @n and drift == @drift")
    window = int(expected["min_window"].iloc[0])
    found = critical_values(RecursiveADF(min_window=window), MonteCarlo(drift), np.zeros(n))
    assert len(expected) == 3
    for row in expected.to_dict("records"):
        draws = found.draws[row["test"]]
        for level in LEVELS:
            tail = np.mean(draws > row[f"q{round(100 * level)}"])
            error = np.sqrt(level * (1 - level) * (1 / draws.size + 1 / row["replications"]))
            assert abs(tail - (1 - level)) < 4 * error


@pytest.mark.slow
@pytest.mark.parametrize("drift", ["vanishing", "none"])
def test_quantiles_of_long_samples_are_those_of_pyexuber(drift):
    test_quantiles_under_the_null_are_those_of_pyexuber(800, drift)


@pytest.mark.parametrize(("n", "sadf", "gsadf"), [(100, 1.30, 2.00), (200, 1.40, 2.08), (400, 1.49, 2.20)])
def test_published_critical_values(n, sadf, gsadf):
    """Phillips, Shi and Yu (2015), Table 1, as carried by others' code; they hold Monte Carlo error too."""
    found = critical_values(RecursiveADF(), MonteCarlo(replications=3999), np.zeros(n))
    assert found.value("sadf").value == pytest.approx(sadf, abs=0.10)
    assert found.value("gsadf").value == pytest.approx(gsadf, abs=0.10)


@pytest.mark.parametrize("null", NULLS, ids=lambda n: n.kind)
def test_the_answer_does_not_depend_on_who_works(null):
    values = walks(2, 60)
    alone = critical_values(RecursiveADF(1), null, values)
    together = critical_values(RecursiveADF(1), null, values, mapper=threads(3))
    backwards = critical_values(
        RecursiveADF(1), null, values, mapper=lambda f, units: [f(u) for u in reversed(units)]
    )
    for other in (together, backwards):
        for name in NAMES:
            np.testing.assert_array_equal(alone.draws[name], other.draws[name])
        np.testing.assert_array_equal(alone.sequence(), other.sequence())


def test_processes_give_the_same():
    values, null = walks(1, 60), WildBootstrap(replications=99)
    alone = critical_values(RecursiveADF(), null, values)
    processes = critical_values(RecursiveADF(), null, values, mapper=partial(mapped, workers=2))
    np.testing.assert_array_equal(alone.draws["gsadf"], processes.draws["gsadf"])


@pytest.mark.slow
def test_a_cluster_gives_the_same():
    distributed = pytest.importorskip("distributed")
    values, null = walks(1, 60), WildBootstrap(replications=99)
    alone = critical_values(RecursiveADF(), null, values)
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        mapper = partial(mapped, cluster=cluster.scheduler_address)
        there = critical_values(RecursiveADF(), null, values, mapper=mapper)
    np.testing.assert_array_equal(alone.draws["gsadf"], there.draws["gsadf"])


def test_threads_work_at_the_same_time():
    """Workers that are asked for are used (psymonitor ignores nCores)."""
    met = threading.Barrier(2, timeout=20)
    first = threading.Event()

    def wait(item):
        if not first.is_set():
            first.set()
            return item
        met.wait()
        return item

    assert list(threads(2)(wait, [1, 2, 3])) == [1, 2, 3]  # type: ignore[arg-type]


def test_more_replications_keep_the_draws_of_fewer():
    few = critical_values(RecursiveADF(), MonteCarlo(replications=2 * BATCH), np.zeros(60))
    many = critical_values(RecursiveADF(), MonteCarlo(replications=3 * BATCH), np.zeros(60))
    assert set(few.draws["gsadf"]) < set(many.draws["gsadf"])


def test_the_seed_is_the_callers_and_no_other_random_state_is_touched():
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    one = critical_values(RecursiveADF(), MonteCarlo(replications=40), np.zeros(60), seed=1)
    again = critical_values(RecursiveADF(), MonteCarlo(replications=40), np.zeros(60), seed=1)
    two = critical_values(RecursiveADF(), MonteCarlo(replications=40), np.zeros(60), seed=2)
    np.testing.assert_array_equal(one.draws["adf"], again.draws["adf"])
    assert not set(one.draws["adf"]) & set(two.draws["adf"])
    np.testing.assert_array_equal(state, np.random.get_state()[1])  # noqa: NPY002


def test_critical_values_are_quantiles_of_the_largest_not_of_all_dates_together():
    """psymonitor pools the BSADF of all dates, which gives far too small values."""
    null, statistic = MonteCarlo(replications=400), RecursiveADF().at(80)
    found = critical_values(statistic, null, np.zeros(80))
    paths = [
        null.paths(np.zeros((1, 80)), statistic, BATCH, stream("explosive/montecarlo", index=i))
        for i in range(10)
    ]
    sequences = statistic.sequences(np.concatenate(paths)[:, 0])
    largest = np.sort(sequences.bsadf.max(axis=1))
    np.testing.assert_array_equal(found.draws["gsadf"], largest)
    assert found.value("gsadf").value == pytest.approx(np.quantile(largest, 0.95), rel=1e-14)
    assert found.value("gsadf").value > np.quantile(sequences.bsadf, 0.95) + 0.5
    by_date = np.quantile(np.maximum.accumulate(sequences.badf, axis=1), 0.95, axis=0)
    np.testing.assert_allclose(found.sequence(0.95, "sadf"), by_date, rtol=1e-14)
    pointwise = np.quantile(sequences.bsadf, 0.95, axis=0)
    np.testing.assert_allclose(found.sequence(0.95, "pointwise"), pointwise, rtol=1e-14)
    assert np.all(found.sequence(0.95, "familywise") == found.value("gsadf").value)


@pytest.mark.parametrize("null", NULLS, ids=lambda n: n.kind)
def test_the_statistic_of_the_null_is_the_one_of_the_data(null):
    """Lags, window and trend cannot differ: exuber's bootstraps run without lags whatever the data's."""
    values = walks(1, 60)
    for statistic in (RecursiveADF(2, min_window=20), RecursiveADF(0, "trend", 24)):
        found = critical_values(statistic, null, values)
        rng = stream(f"explosive/{null.kind}")
        paths = null.paths(values, statistic, BATCH, rng)
        largest = statistic.sequences(paths[:, 0]).gsadf
        assert set(largest) <= set(found.draws["gsadf"])
        assert found.statistic == statistic
        assert found.sequence().size == 60 - statistic.first(60)


def test_quantile_intervals_hold_their_share():
    """The interval's exact coverage follows from the binomial distribution of the draws below a quantile."""
    draws = np.arange(1.0, 1001.0)[:, None]
    for level in LEVELS:
        value, low, high = quantiles(draws, level)[:, 0]
        assert low <= value <= high
        # The exact quantile lies in [x(l), x(h)) when between l and h - 1 of the draws are below it.
        covered = binom.cdf(high - 1, 1000, level) - binom.cdf(low - 1, 1000, level)
        # No interval of order statistics can be closer than the binomial's steps at its ends.
        steps = binom.pmf(low, 1000, level) + binom.pmf(high - 1, 1000, level)
        assert 0.95 <= covered <= 0.95 + steps


def test_p_values_are_of_the_right_tail_and_never_zero():
    found = critical_values(RecursiveADF(), MonteCarlo(replications=99), np.zeros(60))
    draws = found.draws["gsadf"]
    top, bottom = found.p_value("gsadf", 1e9), found.p_value("gsadf", -1e9)
    middle = found.p_value("gsadf", float(draws[49]))
    assert top and bottom and middle
    assert (top.value, bottom.value) == (1 / 100, 1.0)
    assert middle.value == (1 + 50) / 100
    assert middle.error == pytest.approx(np.sqrt(0.51 * 0.49 / 99))


def test_results_are_kept_by_their_content(tmp_path):
    def idle(function, units):
        raise AssertionError("computed again")

    values = walks(1, 60)
    ask = partial(critical_values, RecursiveADF(), values=values, folder=tmp_path)
    made = ask(WildBootstrap(replications=40))
    kept = ask(WildBootstrap(replications=40), mapper=idle)
    np.testing.assert_array_equal(made.draws["sadf"], kept.draws["sadf"])
    np.testing.assert_array_equal(made.sequence(0.9, "pointwise"), kept.sequence(0.9, "pointwise"))
    with pytest.raises(AssertionError):
        ask(WildBootstrap(replications=40), seed=5, mapper=idle)
    with pytest.raises(AssertionError):
        critical_values(RecursiveADF(1), WildBootstrap(replications=40), values, folder=tmp_path, mapper=idle)
    with pytest.raises(AssertionError):
        critical_values(
            RecursiveADF(), WildBootstrap(replications=40), values + 1, folder=tmp_path, mapper=idle
        )
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:100])
    again = ask(WildBootstrap(replications=40))
    np.testing.assert_array_equal(made.draws["sadf"], again.draws["sadf"])


def test_monte_carlo_depends_on_the_length_of_the_data_alone(tmp_path):
    for values in (walks(1, 60, 1), walks(1, 60, 2)):
        critical_values(RecursiveADF(), MonteCarlo(replications=40), values, folder=tmp_path)
    assert len(list(tmp_path.iterdir())) == 1


def test_a_family_of_some_dates_has_no_p_value_of_the_sample():
    values = walks(1, 80)
    some = critical_values(RecursiveADF(), FamilyWiseBootstrap(24, 99), values)
    every = critical_values(RecursiveADF(), FamilyWiseBootstrap(None, 99), values)
    assert some.p_value("gsadf", 1.0) is None
    assert every.p_value("gsadf", 1.0) is not None
    assert some.value("gsadf").value < every.value("gsadf").value
    with pytest.raises(InputError, match="Size over 200 dates"):
        critical_values(RecursiveADF(), FamilyWiseBootstrap(200, 99), values)


def test_draw_is_a_function_of_the_top_level_so_that_it_travels():
    import pickle

    assert pickle.loads(pickle.dumps(draw)) is draw
