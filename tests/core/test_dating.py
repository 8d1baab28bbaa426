"""Datings of exuberance."""

from __future__ import annotations

import pandas as pd
import pytest

from overbuild.core import Dating

COLUMNS = [f"{c}_{q}" for c in ("start", "peak", "end") for q in ("low", "median", "high")]


def test_every_date_has_its_quantiles() -> None:
    table = pd.DataFrame([["1996-01"] * 9], columns=COLUMNS)
    dating = Dating(table, "GSADF", "unit root", "explosive")
    table.loc[0, "start_low"] = "1895-01"
    assert dating.table.loc[0, "start_low"] == "1996-01"
    assert Dating(table.iloc[:0], "GSADF", "unit root", "explosive").table.empty


def test_missing_columns_are_named() -> None:
    table = pd.DataFrame(columns=[c for c in COLUMNS if c not in ("peak_low", "end_high")])
    with pytest.raises(ValueError, match="peak_low, end_high"):
        Dating(table, "GSADF", "unit root", "explosive")
