"""A prior that is changed in the data folder changes what rests on it, and nothing else."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from overbuild.errors import InputError
from overbuild.locations import data_dir
from overbuild.probability.outside import analogue_rate_of, base_rate_of, forecasts_of

AS_OF = date(2026, 11, 22)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return Path(shutil.copytree(data_dir(), tmp_path / "data", ignore=shutil.ignore_patterns("filed")))


def change(data: Path, section: str, value: str) -> None:
    path = data / "priors.toml"
    head, found, tail = path.read_text().partition(f"[{section}]\nvalue = ")
    assert found
    path.write_text(head + found + value + "\n" + tail.partition("\n")[2])


def headline(data: Path | None) -> tuple[float | None, ...]:
    made, _ = forecasts_of("baserate", as_of=AS_OF, by="2028", data=data, draws=50)
    return tuple(f.probability for f in made)


def test_the_folder_gives_what_the_project_gives(data: Path):
    assert headline(data) == headline(None)
    assert base_rate_of(data=data, draws=50).to_dict() == base_rate_of(draws=50).to_dict()


def test_a_prior_of_the_rate_moves_the_rate_and_not_the_forecast(data: Path):
    before = base_rate_of(draws=50)
    change(data, "baserate.rate", "[20.0, 1.0]")
    after = base_rate_of(data=data, draws=50)
    assert after.interval[0] > before.interval[1] - 0.1 and after.rate == before.rate
    assert after.conditional.equals(before.conditional)
    assert headline(data) == headline(None)


def test_a_prior_of_the_conditional_rate_moves_the_forecast_and_not_the_rate(data: Path):
    change(data, "baserate.conditional_rate", "[20.0, 1.0]")
    assert base_rate_of(data=data, draws=50).intervals == base_rate_of(draws=50).intervals
    assert all(a > b for a, b in zip(headline(data), headline(None), strict=True) if a is not None and b)


def test_the_correlation_moves_the_interval_by_cluster_alone(data: Path):
    change(data, "baserate.correlation", "[1.0, 60.0]")
    before, after = base_rate_of(draws=50), base_rate_of(data=data, draws=50)
    assert after.interval[1] - after.interval[0] < before.interval[1] - before.interval[0]
    changed = {m for m in before.intervals if before.intervals[m] != after.intervals[m]}
    assert changed == {"beta_binomial"}


def test_axes_and_weights_of_the_list_are_those_of_the_file(data: Path):
    change(data, "analogues.psi", "[0.3, 1.0]")
    change(data, "analogues.certainty", "{ high = 1.0, medium = 0.1, low = 0.0 }")
    before, after = analogue_rate_of(subset_draws=10), analogue_rate_of(data=data, subset_draws=10)
    assert {e.reading.psi for e in after.sensitivity} == {0.3, 1.0}
    assert len(after.sensitivity) == 48 and after.posterior == before.posterior
    weighted = [next(e for e in r.sensitivity if e.reading.certainty).votes for r in (before, after)]
    assert weighted[1] < weighted[0]


def test_the_reading_is_that_of_the_file(data: Path):
    old = 'votes = "boom", psi = 1.0'
    path = data / "priors.toml"
    path.write_text(path.read_text().replace(old, 'votes = "cluster", psi = 0.5'))
    rate = analogue_rate_of(data=data, subset_draws=10)
    assert rate.posterior.votes == rate.clusters and rate.posterior.reading.psi == 0.5
    (f,) = [f for f in forecasts_of("analogues", as_of=AS_OF, data=data)[0] if f.probability is not None]
    assert f.probability == pytest.approx(rate.posterior.mean)


def test_a_later_prior_stops_the_forecast_by_name(data: Path):
    path = data / "priors.toml"
    path.write_text(path.read_text().replace("known_from = 1946-12-31", "known_from = 2030-01-01", 1))
    with pytest.raises(InputError, match=r"'baserate\.rate' could not be held on .* known from 2030-01-01"):
        forecasts_of("baserate", as_of=AS_OF, data=data)


def test_an_interval_that_is_none_is_refused(data: Path):
    path = data / "definitions.toml"
    path.write_text(path.read_text().replace('rate = "beta_binomial"', 'rate = "bootstrap"'))
    assert base_rate_of(data=data, draws=50).interval_method == "bootstrap"
    with pytest.raises(InputError, match="may name 'bootstrap'"):
        analogue_rate_of(data=data, subset_draws=10)


def test_a_definition_that_is_missing_is_named(data: Path):
    path = data / "definitions.toml"
    path.write_text(path.read_text().replace("[intervals]", "[other]"))
    with pytest.raises(InputError, match=r"definitions\.toml, intervals: lacks 'rate'"):
        base_rate_of(data=data, draws=50)
