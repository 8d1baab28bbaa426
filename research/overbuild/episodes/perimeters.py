"""The perimeters: who is the sector, from ``perimeter.toml``; a boom with one investment series needs one line."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

BOOMS = "booms"
OUTSIDE = "outside_view"


def read_perimeters(path: Path) -> Mapping[str, Mapping[str, Any]]:
    """Return episode to perimeter: those written out in full, and one for each entry of ``[[booms]]``."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    booms = {entry["episode"]: _one_series(entry) for entry in content.pop(BOOMS, [])}
    common = content.pop(OUTSIDE, {}).get("series", [])
    episodes = {**content, **booms}
    return {name: {**p, "series": sorted({*p["series"], *common})} for name, p in episodes.items()}


def _one_series(entry: Mapping[str, Any]) -> dict[str, Any]:
    layer = {
        "name": "capex",
        "unit": entry["unit"],
        "frequency": entry.get("frequency", "A"),
        "series": [entry["series"]],
        "entities": [entry["entity"]],
        "grades": ["A", "B", "C"],
        "meaning": entry["meaning"],
    }
    if "of_year" in entry:
        layer["of_year"] = entry["of_year"]
    layers, series = [layer], [entry["series"]]
    if entry["unit"] == "USD million":
        layers.append(
            {
                "name": "gdp",
                "unit": "USD million",
                "frequency": "A",
                "series": ["gdp_annual"],
                "entities": ["United States"],
                "meaning": "Gross domestic product",
            }
        )
        series.append("gdp_annual")
    return {
        "title": entry["title"],
        "caveat": "revised data; one boom",
        "unit": entry["unit"],
        "series": series,
        "layers": layers,
        "perimeters": {"boom": {"layer": "capex"}},
    }
