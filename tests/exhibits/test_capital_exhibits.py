"""The exhibits of capital draw what the model filed, for both eras."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import numpy as np
import pytest

from overbuild.episodes import DataBook
from overbuild.episodes.model_series import model_series
from overbuild.exhibits.base import Figure, Inputs, Table
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.numbers_capital import numbers
from overbuild.exhibits.registry import HINDCAST, make
from overbuild.exhibits.tables import save
from overbuild.locations import require_root
from overbuild.models.capital import CapitalModel
from overbuild.models.capital_summary import estimate_capital
from overbuild.models.prior_file import read_priors
from overbuild.models.sampler import Sampling
from overbuild.randomness import stream


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    days = {"ai": date(2026, 11, 22), "telecom": date(2001, 12, 31)}
    found: dict[str, Any] = {}
    for episode, day in days.items():
        snapshot = DataBook.load().at(day, episode, model_series("capital", episode))
        model = CapitalModel.of(read_priors().at(day), sampling=Sampling(draws=25))
        made = estimate_capital(model, snapshot, stream(f"test/{episode}")).to_dict()
        found |= {f"capital_{episode}": made, f"estimate_capital_{episode}": {"findings": made["summary"]}}
    return json.loads(json.dumps(found))


def test_figure_draws_medians_within_bands_of_both_eras(results: dict[str, Any]) -> None:
    made = make("capital_by_class", Inputs(results))
    assert isinstance(made, Figure)
    assert (floats(made.data, "q05") <= floats(made.data, "q50")).all()
    assert (floats(made.data, "q50") <= floats(made.data, "q95")).all()
    for era in ("ai", "telecom"):
        filed = results[f"capital_{era}"]["summary"]["by_asset"]
        drawn = where(made.data, era=era, panel="asset")
        last = where(drawn, place=drawn["place"].max())
        assert dict(zip(last["asset"], floats(last, "q50"), strict=True)) == pytest.approx(
            {name: asset["capital"]["q50"] / 1e3 for name, asset in filed.items()}
        )
    assert HINDCAST in made.note


def test_table_says_what_must_be_true(results: dict[str, Any], tmp_path: Any) -> None:
    made = make("required_revenue", Inputs(results))
    assert isinstance(made, Table)
    summary = results["capital_ai"]["summary"]
    values = dict(zip(made.frame["what"], floats(made.frame, "middle"), strict=True))
    assert len(values) == len(made.frame)
    assert values["Required revenue"] == pytest.approx(summary["required"]["q50"] / 1e3)
    assert values["Cover at the lower bound, %"] == pytest.approx(100 * summary["cover"]["low"]["q50"])
    assert values["Required once completed"] > values["Required revenue"]
    assert np.isfinite(list(values.values())).all()
    save(made, tmp_path)
    assert (tmp_path / "required_revenue.typ").read_text()


def test_inventory_and_outside_count_are_drawn_with_their_difference(results: dict[str, Any]) -> None:
    made = make("installed_compute", Inputs(results))
    assert isinstance(made, Figure)
    filed = results["estimate_capital_ai"]["findings"]["installed_compute"]
    gap = where(made.data, panel="difference", what="level_in_use")
    assert floats(gap, "q50")[0] == pytest.approx(filed["differences"]["level_in_use"]["q50"])
    level = where(made.data, panel="level", what="counted", period=filed["period"])
    assert floats(level, "q50")[0] == pytest.approx(filed["quarters"][-1]["counted"]["q50"] / 1e3)
    assert "Growth agrees" in made.note


def test_table_of_accounting_lives_has_a_row_a_firm(results: dict[str, Any], tmp_path: Any) -> None:
    made = make("accounting_lives", Inputs(results))
    assert isinstance(made, Table)
    assert list(made.frame["firm"]) == ["Microsoft", "Alphabet", "Meta", "Telephone carriers"]
    assert (floats(made.frame, "learnt") > 0.5).all()
    assert HINDCAST in made.note
    save(made, tmp_path)
    assert (tmp_path / "accounting_lives.typ").read_text()


def test_section_quotes_no_number_that_is_not_filed(results: dict[str, Any]) -> None:
    telecom = {"as_of": "2001-12-31", **results["estimate_capital_telecom"]}
    filed = {"capital": numbers({**results, "hindcasts_capital": [telecom]})}
    text = (require_root() / "paper" / "sections" / "capital.typ").read_text(encoding="utf-8")
    quoted = re.findall(r'#num\("([^"]+)"\)', text)
    ranges = re.findall(r'#between\("([^"]+)"\)', text)
    assert len(quoted) > 20
    found: Any = filed
    for name in (*quoted, *(f"{r}.{end}" for r in ranges for end in ("low", "high"))):
        found = filed
        for part in name.split("."):
            found = found[part]
        assert isinstance(found["text"], str), name
    assert found is not filed
    prose = re.sub(r'#(num|between|cite)\([^)]*\)|@[\w:]+|\$[^$]*\$|"[^"]*"', "", text)
    assert set(re.findall(r"\b\d[\d.]*\b", prose)) <= {"1999", "1988", "2023"}
