"""One fit is made once, filed with all that decides it, and refused plainly where it cannot be made."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from overbuild.errors import CheckFailedError, InputError, UnknownNameError
from overbuild.locations import data_dir
from overbuild.models.prior_file import FILE
from overbuild.models.sampler import load
from overbuild.pipeline.estimate import Estimate, answered, estimate, key_of, require
from overbuild.probability.inside import question

FAST = "capital"
"""Its posterior is exact, so that a fit takes a second."""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("build")


@pytest.fixture(scope="module")
def fit(root: Path) -> Estimate:
    return estimate(FAST, "ai", as_of=date(2026, 11, 22), draws=500, folder=root)


def test_a_fit_is_filed_with_its_draws_and_all_that_decides_it(fit, root):
    record = json.loads((root / "filed" / FAST / f"{fit.record.key}.json").read_text())
    assert not fit.reused and record["key"] == fit.record.key
    assert {"data", "priors", "code", "settings", "seed", "versions", "seconds", "checks"} <= set(record)
    assert {"prior_predictive", "posterior_predictive", "r_hat"} <= set(record["checks"])
    assert (
        load(fit.draws).draws(fit.record.result["parameters"][0]["parameter"].partition("[")[0]).shape[0]
        == 2000
    )
    plain = fit.to_dict()
    assert {"record", "diagnostics", "summary", "forecasts", "findings", "passed"} <= set(plain)
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert all(f["probability"] is not None or f["abstains"] for f in plain["forecasts"])
    assert FAST in fit.sentence() and "Not" in fit.sentence()


def test_it_is_not_made_again_unless_asked(fit, root):
    asked = question(FAST, "ai", as_of=date(2026, 11, 22), draws=500)
    again = answered(asked, root / "filed", root / "posteriors")
    assert again.reused and again.record.key == fit.record.key
    anew = answered(asked, root / "filed", root / "posteriors", again=True)
    assert not anew.reused and anew.record.result["parameters"] == fit.record.result["parameters"]


def test_everything_that_decides_a_fit_changes_its_key(fit, tmp_path):
    asked = question(FAST, "ai", as_of=date(2026, 11, 22), draws=500)
    keys = {key_of(asked).name(asked, 1)}
    text = (data_dir() / FILE).read_text()
    other = tmp_path / FILE
    other.write_text(text.replace("value = [0.10, 0.12, 0.07, 0.14]", "value = [0.09, 0.12, 0.07, 0.14]"))
    for changed, seed in (
        (asked, 2),
        (replace(asked, draws=501), 1),
        (replace(asked, as_of=date(2026, 11, 21)), 1),
        (replace(asked, episode="telecom"), 1),
        (replace(asked, horizons=("2028Q4",)), 1),
        (replace(asked, priors=other), 1),
        (replace(asked, model="demand"), 1),
    ):
        keys.add(key_of(changed).name(changed, seed))
    assert len(keys) == 8


def test_a_half_written_file_is_not_an_answer(fit, root):
    asked = question(FAST, "ai", as_of=date(2026, 11, 22), draws=500)
    path = root / "filed" / FAST / f"{fit.record.key}.json"
    whole = path.read_text()
    path.write_text(whole[: len(whole) // 2])
    assert not answered(asked, root / "filed", root / "posteriors").reused


def test_a_failed_fit_is_refused_by_name(fit):
    require(fit)
    failed = replace(fit, record=replace(fit.record, checks={**fit.record.checks, "r_hat": False}))
    with pytest.raises(CheckFailedError, match="'capital' failed: r_hat"):
        require(failed)
    assert "filed as failed (r_hat)" in failed.sentence() and not failed.to_dict()["passed"]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"model": "oracle"}, UnknownNameError, r"No model 'oracle'\. Available: .*demand"),
        ({"model": FAST, "episode": "tulips"}, UnknownNameError, r"No episode 'tulips'\. Available: ai"),
        ({"model": FAST, "by": "2020"}, InputError, r"The horizon 2020Q4 does not lie after 2026"),
        ({"model": FAST, "by": "soon"}, InputError, r"--by"),
        ({"model": FAST, "as_of": date(1999, 12, 31)}, InputError, r"1999-12-31"),
        ({"model": FAST, "priors": Path("nowhere.toml")}, InputError, r"nowhere.toml is missing"),
    ],
)
def test_what_cannot_be_asked_is_told_plainly_and_leaves_nothing(options, error, message, tmp_path):
    with pytest.raises(error, match=message):
        estimate(**options, folder=tmp_path)
    assert not list(tmp_path.rglob("*"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[capital.weibull_shape]", "[capital.weibul_shape]", r"capital\.weibul_shape: no model has such"),
        ("value = [0.10, 0.12, 0.07, 0.14]", "value = [-1, 0.12, 0.07, 0.14]", r"capital\.cost_of_capital"),
        ('reason = "Nominal return', 'because = "Nominal return', r"cost_of_capital: lacks 'reason'"),
    ],
)
def test_a_file_of_priors_is_read_whole_before_anything_is_done(old, new, message, tmp_path):
    text = (data_dir() / FILE).read_text()
    assert old in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(InputError, match=message):
        estimate(FAST, priors=path, folder=tmp_path / "build")
    assert not (tmp_path / "build").exists()
