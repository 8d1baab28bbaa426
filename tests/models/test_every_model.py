"""What holds for every Bayesian model: it sees no later day, refuses too little, and its prior simulates."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from overbuild.core.digest import digest_of
from overbuild.episodes import DataBook
from overbuild.episodes.model_series import model_series
from overbuild.errors import InputError, UnknownNameError
from overbuild.models.prior_file import read_priors
from overbuild.models.registry import MODELS, eras_of, hindcast, model_named
from overbuild.probability.definitions import read_definitions
from overbuild.randomness import stream

TODAY, HINDCAST = date(2026, 11, 22), date(1999, 12, 31)
POISON = 1e6
FITTED = [(name, episode) for name in MODELS for episode in eras_of(name)]


def asked_on(name: str, episode: str) -> date:
    """Return the day of the fit, an early one where a model speaks of telecom as it was known then."""
    return HINDCAST if episode == "telecom" and hindcast(name) else date(2026, 6, 30)


@cache
def book() -> DataBook:
    return DataBook.load()


def spec(name: str, day: date) -> Any:
    return model_named(name, read_priors().at(day), read_definitions())


def snapshot(name: str, episode: str, day: date, data: DataBook | None = None) -> Any:
    return (data or book()).at(day, episode, model_series(name, episode))


def content(data: Any) -> Any:
    """Return what a model conditions on as plain values that can be compared, whatever it is made of."""
    if isinstance(data, pd.DataFrame | pd.Series):
        return digest_of(data.to_json())
    if isinstance(data, np.ndarray):
        return digest_of(data)
    if is_dataclass(data) and not isinstance(data, type):
        return {f.name: content(getattr(data, f.name)) for f in fields(data)}
    if isinstance(data, dict):
        return {k: content(v) for k, v in data.items()}
    if isinstance(data, list | tuple):
        return [content(x) for x in data]
    return repr(data)


@pytest.mark.parametrize(("name", "episode"), FITTED)
def test_rows_that_become_available_later_change_nothing(name, episode):
    day = asked_on(name, episode)
    table = book().table
    later = (table["available_from"] > day).to_numpy()
    assert later.any()
    value = np.where(later, table["value"] * POISON, table["value"])
    booms = book().booms.copy()
    unknown = (booms["available_from"] > day).to_numpy()
    booms.loc[unknown, "overbuilt"] = "no"
    poisoned = replace(book(), table=table.assign(value=value), booms=booms)
    clean, dirty = snapshot(name, episode, day), snapshot(name, episode, day, poisoned)
    assert clean.digest == dirty.digest
    model = spec(name, day if day == HINDCAST else TODAY)
    assert content(model.observed(clean)) == content(model.observed(dirty))


@pytest.mark.parametrize(("name", "episode"), FITTED)
def test_the_prior_simulates_data_of_the_same_sizes(name, episode):
    day = asked_on(name, episode)
    model = spec(name, day if day == HINDCAST else TODAY)
    data = model.observed(snapshot(name, episode, day))
    observed = model.statistics(data)
    assert observed and all(np.isfinite(v) for v in observed.values())
    for k in range(20):
        rng = stream("test/every", index=k)
        truth = model.prior_draw(data, rng)
        assert set(model.ranked) <= set(truth)
        made = model.statistics(model.simulated(truth, data, rng))
        assert set(made) == set(observed) and all(np.isfinite(v) for v in made.values())


@pytest.mark.parametrize("name", MODELS)
def test_the_same_stream_gives_the_same_data(name):
    model = spec(name, TODAY)
    data = model.observed(snapshot(name, "ai", TODAY))
    truth = [model.prior_draw(data, stream("test/same")) for _ in range(2)]
    made = [model.simulated(truth[0], data, stream("test/same")) for _ in range(2)]
    assert digest_of(truth[0]) == digest_of(truth[1]) and content(made[0]) == content(made[1])


@pytest.mark.parametrize("name", MODELS)
def test_it_says_beforehand_what_cannot_be_told(name):
    said = spec(name, TODAY).not_identified
    assert said.endswith(".") and len(said) > 60


@pytest.mark.parametrize("name", [n for n in MODELS if n != "analogue_regression"])
def test_ai_in_1999_is_refused(name):
    with pytest.raises(InputError) as refusal:
        spec(name, HINDCAST).observed(snapshot(name, "ai", HINDCAST))
    assert len(str(refusal.value)) > 40 and "Traceback" not in str(refusal.value)


@pytest.mark.parametrize("year", range(1997, 2002))
@pytest.mark.parametrize("name", [n for n in MODELS if hindcast(n)])
def test_telecom_can_be_asked_at_every_year_of_the_hindcast(name, year):
    day = date(year, 12, 31)
    data = spec(name, day).observed(snapshot(name, "telecom", day))
    assert spec(name, day).statistics(data)


def test_an_unknown_model_is_told_with_what_there_is():
    with pytest.raises(UnknownNameError, match=r"No model 'oracle'\. Available: analogue_regression, c"):
        model_named("oracle", read_priors().at(TODAY), read_definitions())
