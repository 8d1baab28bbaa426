"""What is set about the eras, counterfactuals, the result and the command of the race."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from overbuild.cli import app
from overbuild.core.draws import Draws
from overbuild.errors import CheckFailedError, InputError, UnknownNameError
from overbuild.games.asked import Asked
from overbuild.games.race import RaceSpec
from overbuild.games.race_file import read_race, require, run
from overbuild.games.race_lattice import moves
from overbuild.games.race_market import earned
from overbuild.games.race_parameters import EPISODES, draws, middle, race_of, ranges
from overbuild.games.race_paths import after_fall
from overbuild.games.race_results import draws_of, halved, result
from overbuild.games.race_scenarios import (
    UnsettledError,
    corrective,
    counterfactuals,
    course,
    outcome,
    planners,
)
from overbuild.games.race_solver import solve
from overbuild.locations import data_dir
from overbuild.models.prior_file import read_priors
from overbuild.models.priors import Held
from overbuild.probability.plain import plain
from overbuild.randomness import stream

TODAY = date(2026, 11, 22)
THREE = "firms = 3\nlevels = 6\nmarket = [6.0, 12.0, 24.0]\n"


@pytest.fixture(scope="module")
def priors() -> Held:
    return read_priors().at(TODAY).values("race")


@pytest.fixture(scope="module")
def found() -> dict:
    return plain(result(Asked(data_dir(), TODAY, quick=True)))


def toml(folder: Path, text: str) -> Path:
    file = folder / "race.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("episode", EPISODES)
def test_draws_lie_in_their_ranges_around_the_middle_and_come_again(priors: Held, episode: str):
    made = draws(priors, episode, 64, stream("test"))
    again = draws(priors, episode, 64, stream("test"))
    assert made == again
    for name, (centre, _, low, high) in ranges(priors, episode).items():
        values = np.array([m[name] for m in made])
        assert low <= values.min() and values.max() <= high
        assert np.quantile(values, 0.3) < centre < np.quantile(values, 0.7)


def test_the_middle_capacity_sells_at_full_cost_in_the_middle_state(priors: Held):
    for episode in EPISODES:
        spec = race_of(middle(priors, episode), firms=5, smoothing=0.05)
        price = spec.intercept * (1 - 1.75 * 5 / spec.market[1])
        assert price == pytest.approx(spec.full_cost)
        elasticity = price / (spec.intercept - price)
        assert elasticity == pytest.approx(middle(priors, episode)["elasticity"])


def test_telecoms_ranges_could_be_held_at_the_time():
    early = read_priors().at(date(1997, 12, 31)).values("race")
    assert middle(early, "telecom")["depreciation"] == 0.05
    with pytest.raises(InputError, match="depreciation_ai"):
        middle(early, "ai")


def test_a_glut_of_short_lives_ends_sooner(priors: Held):
    idle = {}
    for episode in EPISODES:
        solved = solve(race_of(middle(priors, episode), firms=5, smoothing=0.05), exact=False)
        idle[episode] = after_fall(solved, years=6)["idle"]
    assert idle["ai"][0] == pytest.approx(idle["telecom"][0], abs=0.1) and idle["ai"][0] > 0.4
    assert idle["ai"][4] < 0.2 * idle["telecom"][4]


def test_counterfactuals_are_set_against_planners_of_their_own(priors: Held):
    spec = race_of(middle(priors, "ai"), firms=3, smoothing=0.05)
    made = counterfactuals(spec, priors)
    assert made["base"].capacity_to_joint > made["base"].capacity_to_social
    assert made["no_prize"].capacity_to_social < 1
    assert made["tax"].capacity_to_social == pytest.approx(1, rel=0.01)
    assert made["restraint"].capacity_to_joint == pytest.approx(1, rel=0.05)
    assert made["restraint"].owners_loss < made["base"].owners_loss
    assert made["restraint"].society_loss > made["base"].society_loss
    assert made["rental_60"].capacity < made["rental_30"].capacity < made["base"].capacity
    assert made["subsidy"].capacity > made["base"].capacity
    assert made["life_3"].capacity_to_social > made["life_6"].capacity_to_social
    assert all(o.society_loss > 0 for o in made.values())


def test_halving_the_unit_leaves_demand_and_costs_as_they_were():
    spec = RaceSpec(credit=4.0)
    half = halved(spec)
    whole, fine = (earned(s, np.array([[k, k, k]])) for s, k in ((spec, 3), (half, 6)))
    assert fine.output == pytest.approx(2 * whole.output) and fine.price == pytest.approx(whole.price)
    assert fine.profit == pytest.approx(2 * whole.profit) and fine.prize == pytest.approx(2 * whole.prize)
    assert half.credit == 2 * spec.credit
    one, two = (moves(s).outlay[0] for s in (spec, half))
    assert two[list(moves(half).orders).index(2)] == pytest.approx(2 * one[list(moves(spec).orders).index(1)])


def test_users_gain_is_created_or_taken_from_owners_or_the_treasury(priors: Held):
    spec = race_of(middle(priors, "ai"), firms=3, smoothing=0.05)
    way, beside = course(spec)[1], planners(spec)
    found = outcome(spec, way, beside)
    lost = (beside.joint.owners - way.owners) / beside.social.society
    assert found.society_gain == pytest.approx(found.users_gain - lost, rel=1e-3)
    assert 0 < found.society_gain < found.users_gain


@pytest.mark.parametrize("changed", ["discount = 0.0", "market = [0.0001, 0.0002, 0.0004]"])
def test_a_planner_that_builds_nothing_is_refused(tmp_path: Path, changed: str):
    made = CliRunner().invoke(app, ["race", str(toml(tmp_path, changed))])
    assert isinstance(made.exception, InputError) and "expected more than" in str(made.exception)


def test_a_lattice_that_cuts_the_race_short_is_told(tmp_path: Path):
    file = str(toml(tmp_path, "firms = 2\nlevels = 3\n"))
    assert "raise 'levels' above 3" in CliRunner().invoke(app, ["race", file]).stdout
    assert json.loads(CliRunner().invoke(app, ["race", file, "--json"]).stdout)["cut_short"] is True
    alone = CliRunner().invoke(app, ["race", str(toml(tmp_path, "firms = 1"))]).stdout
    assert "owners lose 0%" in alone and "-0%" not in alone


def test_several_fixed_points_by_totals_are_no_evidence():
    found = run(RaceSpec())
    twice = replace(found, exact=False, outcomes=found.outcomes * 2)
    assert "no evidence of several equilibria" in twice.sentence()
    assert "no evidence" not in replace(twice, exact=True).sentence()


def test_a_target_that_no_tax_reaches_is_refused():
    with pytest.raises(ValueError, match="no tax between"):
        corrective(RaceSpec(smoothing=0.05), 1000.0)


def test_a_race_that_does_not_settle_is_no_outcome(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("overbuild.games.race_scenarios.solve", lambda *a, **k: solve(a[0], a[1], most=3))
    with pytest.raises(UnsettledError, match="did not settle"):
        course(RaceSpec())


def test_the_result_holds_what_exhibits_read(found: dict):
    for episode in EPISODES:
        of = found["episodes"][episode]
        assert of["states"] == 6**5 * 3 and len(of["sweep"]) + of["failed"] == 8
        assert len(of["exact"]["equilibria"]) >= 1 and of["exact"]["residual"] < 1e-6
        near = next(s for s in of["scenarios"] if s["id"] == "base")["middle"]
        assert near["capacity_to_social"] == pytest.approx(
            of["exact"]["outcome"]["capacity_to_social"], rel=0.05
        )
        assert {s["draws"] for s in of["scenarios"]} == {4}
        assert of["lattice"]["half"]["society"] < of["lattice"]["unit"]["society"]
    assert {a["firms"]: a["states"] for a in found["accuracy"]} == {3: 648, 5: 23328}
    assert [a["episode"] for a in found["accuracy"]] == ["ai", "ai", "telecom", "telecom"]
    assert all(abs(g) < 0.05 for a in found["accuracy"] for g in a["gaps"].values())
    json.dumps(found, allow_nan=False)


def test_draws_are_handed_on_with_their_meaning(found: dict):
    made = draws_of(found, "telecom")
    assert all(isinstance(d, Draws) and d.as_of == TODAY and len(d.values) == 8 for d in made)
    assert made[0].name == "race_capacity_to_social_telecom"
    assert "no data fitted" in made[0].meaning


def test_a_file_changes_what_it_names_and_nothing_else(tmp_path: Path):
    base = RaceSpec(firms=4)
    assert read_race(toml(tmp_path, "depreciation = 0.1\n"), base) == replace(base, depreciation=0.1)
    assert read_race(toml(tmp_path, THREE)).states == 648
    with pytest.raises(UnknownNameError, match=r"No key of race.toml 'frms'\. Available: .*firms"):
        read_race(toml(tmp_path, "frms = 3"))
    with pytest.raises(InputError, match=r"race\.toml: .*depreciation = 2; expected a rate from 0 to 0.999"):
        read_race(toml(tmp_path, "depreciation = 2"))
    with pytest.raises(InputError, match="rising"):
        read_race(toml(tmp_path, "market = 3"))
    with pytest.raises(InputError, match="market"):
        read_race(toml(tmp_path, 'market = ["a"]'))
    with pytest.raises(InputError, match="not readable as TOML"):
        read_race(toml(tmp_path, "firms = = 3"))
    with pytest.raises(InputError, match="cannot be read"):
        read_race(tmp_path / "none.toml")


def test_the_command_prints_ratios_and_losses(tmp_path: Path):
    made = CliRunner().invoke(app, ["race", str(toml(tmp_path, THREE)), "--json"])
    assert made.exit_code == 0
    said = json.loads(made.stdout)
    assert said["converged"] and said["states"] == 648 and said["method"] == "exact"
    assert 0.5 < said["capacity_ratio"] < said["capacity_ratio_joint"]
    assert set(said["welfare_loss"]) == {"owners", "society"} and said["equilibria"] == len(said["found"])
    plainly = CliRunner().invoke(app, ["race", str(toml(tmp_path, THREE))])
    assert "3 firms, 648 states, solved exactly" in plainly.stdout and "no data are fitted" in plainly.stdout
    assert "Example: overbuild race" in CliRunner().invoke(app, ["race", "--help"]).stdout


def test_what_does_not_settle_gives_no_equilibrium(tmp_path: Path):
    found = run(RaceSpec(), most=5)
    assert not found.converged and found.outcomes == () and found.to_dict()["capacity_ratio"] is None
    with pytest.raises(CheckFailedError, match=r"Not converged \(race\).*no equilibrium"):
        require(found)
    made = CliRunner().invoke(app, ["race", str(toml(tmp_path, THREE)), "--rounds", "5"])
    assert isinstance(made.exception, CheckFailedError) and made.stdout == ""
    said = CliRunner().invoke(app, ["race", str(toml(tmp_path, THREE)), "--rounds", "5", "--json"])
    assert isinstance(said.exception, CheckFailedError)
    assert json.loads(said.stdout)["converged"] is False and json.loads(said.stdout)["found"] == []


def test_bad_input_is_refused_with_the_range(tmp_path: Path):
    made = CliRunner().invoke(app, ["race", str(toml(tmp_path, "firms = 0"))])
    assert isinstance(made.exception, InputError)
    assert "firms = 0; expected a whole number from 1 to 12" in str(made.exception)
    unknown = CliRunner().invoke(app, ["race", "--episode", "canals"])
    assert isinstance(unknown.exception, UnknownNameError) and "ai, telecom" in str(unknown.exception)
