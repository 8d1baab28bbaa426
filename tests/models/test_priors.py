"""Priors are read whole, handed out as of a day, and refused with every fault named."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from overbuild.errors import InputError, UnknownNameError
from overbuild.locations import data_dir
from overbuild.models.prior_file import FILE, read_priors
from overbuild.models.prior_template import TEMPLATE
from overbuild.models.priors import JEFFREYS, UNIFORM, Priors
from overbuild.probability.choices import AnalogueChoices, BaseRateChoices
from overbuild.probability.definitions import read_definitions
from overbuild.probability.outside import forecaster, priors_of

TEXT = (data_dir() / FILE).read_text(encoding="utf-8")
TODAY = date(2026, 11, 22)


def changed(tmp_path: Path, old: str, new: str) -> Path:
    assert old in TEXT
    path = tmp_path / FILE
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    return path


def test_every_prior_has_a_value_a_reason_a_day_and_a_source():
    priors = read_priors().at(TODAY)
    assert [p.name for p in priors] == list(TEMPLATE)
    for p in priors:
        assert len(p.reason) > 40 and p.source and date(1900, 1, 1) < p.known_from <= TODAY
    assert priors.value("baserate.rate") == JEFFREYS and priors.value("analogues.correlation") == UNIFORM
    assert priors.value("analogues.certainty")["low"] == 0.5


def test_the_values_written_in_the_code_are_those_of_the_files():
    definitions, priors = read_definitions(), read_priors().at(TODAY)
    assert BaseRateChoices.of(priors, definitions) == BaseRateChoices()
    assert AnalogueChoices.of(priors, definitions) == AnalogueChoices()


def test_only_what_could_be_held_on_the_day_is_handed_out():
    early = read_priors().at(date(1999, 12, 31))
    assert early.value("baserate.rate") == (0.5, 0.5)
    with pytest.raises(InputError, match=r"'analogues.psi' could not be held on 1999-12-31.*2026-11-22"):
        early.value("analogues.psi")
    assert early.at(TODAY).value("analogues.psi") == (0.2, 0.5, 1.0)
    with pytest.raises(InputError, match=r"'baserate.rate' could not be held on 1946-12-30"):
        read_priors().at(date(1946, 12, 30)).value("baserate.rate")
    assert read_priors().at(date(1946, 12, 31)).value("baserate.rate") == (0.5, 0.5)


def test_a_hindcast_needs_no_prior_of_later_days_unless_its_reading_does():
    definitions, early = read_definitions(), read_priors().at(date(1999, 12, 31))
    assert forecaster("analogues", date(1999, 12, 31)).name == "analogues"
    with pytest.raises(InputError, match=r"analogues\.certainty"):
        AnalogueChoices.of(early, definitions)
    with pytest.raises(InputError, match=r"'baserate\.correlation' could not be held on 1960-01-01"):
        forecaster("baserate", date(1960, 1, 1))


def test_a_value_is_not_handed_out_without_a_day():
    with pytest.raises(ValueError, match=r"take priors\.at\(as_of\) first"):
        read_priors().value("baserate.rate")


def test_unknown_names_are_told_with_what_there_is():
    with pytest.raises(UnknownNameError, match=r"No prior 'baserate\.slope'\. Available: analogue_reg"):
        read_priors().at(TODAY).value("baserate.slope")
    with pytest.raises(UnknownNameError, match="'games'"):
        read_priors().of("games")


def test_the_digest_follows_values_and_days_and_not_reasons(tmp_path: Path):
    before = read_priors()
    reworded = read_priors(changed(tmp_path, "worth one case.", "worth a single case."))
    assert reworded.digest == before.digest and reworded != before
    moved = read_priors(
        changed(tmp_path, "[baserate.rate]\nvalue = [0.5, 0.5]", "[baserate.rate]\nvalue = [1, 1]")
    )
    assert moved.digest != before.digest
    assert moved.of("analogues").digest == before.of("analogues").digest
    assert moved.of("baserate").digest != before.of("baserate").digest
    later = read_priors(changed(tmp_path, "known_from = 1946-12-31", "known_from = 1947-12-31"))
    assert later.digest != before.digest


def test_the_days_do_not_change_the_digest():
    assert read_priors().at(date(1950, 1, 1)).digest == read_priors().at(TODAY).digest == read_priors().digest


def test_a_folder_without_priors_uses_those_of_the_project(tmp_path: Path):
    assert priors_of(tmp_path) == read_priors()
    changed(tmp_path, "value = 10", "value = 12")
    assert priors_of(tmp_path).at(TODAY).value("baserate.fewest_cases") == 12


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "[baserate.rate]\nvalue = [0.5, 0.5]",
            "[baserate.rate]\nvalue = [0.5]",
            "baserate.rate: value = [0.5]; ex",
        ),
        (
            "[baserate.rate]\nvalue = [0.5, 0.5]",
            "[baserate.rate]\nvalue = [0.5, 0]",
            "two parameters of a Beta",
        ),
        (
            "[baserate.rate]\nvalue = [0.5, 0.5]",
            "[baserate.rate]\nvalue = [0.5, nan]",
            "two parameters of a Beta",
        ),
        ("value = 10", "value = 0", "baserate.fewest_cases: value = 0; expected a whole number, 1 or more"),
        ("value = 10", "value = true", "expected a whole number"),
        ("high = 1.0, medium", "high = 1.5, medium", "a share for each of high, medium and low"),
        ("high = 1.0, medium", "best = 1.0, medium", "a share for each of high, medium and low"),
        ("value = [0.2, 0.5, 1.0]", "value = [0.0, 0.5, 1.0]", "analogues.psi: value"),
        ("known_from = 1946-12-31", 'known_from = "1946-12-31"', "a day without quotes"),
        ("known_from = 1946-12-31", "known_from = 1946-12-31T00:00:00", "a day without quotes"),
        ("known_from = 1946-12-31\n", "", "baserate.rate: lacks 'known_from'"),
        ('source = "set"', 'source = ""', "source = ''; expected words"),
        ('source = "set"', 'source = "set"\nnote = "x"', "has 'note'; expected value, reason"),
        ("[baserate.rate]", "[baserate.rates]", "baserate.rates: no model has such a prior"),
        ("[baserate.rate]", "[baserate.rates]", "baserate.rate: missing"),
        ("[baserate.rate]", "extra = 3\n[baserate.rate]", "priors.toml: extra: no model has such a prior"),
        ("[baserate.rate]", "[", "is not readable as TOML"),
    ],
)
def test_a_faulty_file_is_refused_with_the_fault(tmp_path: Path, old: str, new: str, said: str):
    with pytest.raises(InputError) as caught:
        read_priors(changed(tmp_path, old, new))
    assert said in str(caught.value) and "priors.toml" in str(caught.value)


def test_every_fault_is_told_at_once(tmp_path: Path):
    path = changed(tmp_path, "value = 10", "value = -1")
    path.write_text(path.read_text().replace("value = [0.2, 0.5, 1.0]", "value = 3"))
    with pytest.raises(InputError, match=r"fewest_cases[\s\S]*analogues\.psi"):
        read_priors(path)
    with pytest.raises(InputError, match=r"priors\.toml is missing"):
        read_priors(tmp_path / "nowhere" / FILE)


def test_a_reading_that_is_none_is_refused(tmp_path: Path):
    path = changed(tmp_path, "psi = 1.0 }", "pi = 1.0 }")
    with pytest.raises(InputError, match=r"analogues\.reading has .*expected labels, partly"):
        AnalogueChoices.of(read_priors(path).at(TODAY), read_definitions())


def test_the_file_says_what_known_from_means():
    assert "known_from is the first day" in TEXT
    assert isinstance(read_priors(), Priors) and tomllib.loads(TEXT)["baserate"]["rate"]["source"]


def test_a_model_is_handed_what_could_be_held_and_told_of_the_rest():
    early = read_priors().at(date(1999, 12, 31)).values("analogues")
    assert "psi" not in early and early["rate"] == JEFFREYS
    with pytest.raises(InputError, match=r"'analogues.psi on 1999-12-31' could not be held: .*2026-11-22"):
        early["psi"]
    assert read_priors().at(TODAY).values("analogues")["psi"] == (0.2, 0.5, 1.0)
