"""The perimeters: who is the sector, from ``perimeter.toml``; a boom with one series needs one entry."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from overbuild.core.frozen import Frozen
from overbuild.errors import DataError, Fault
from overbuild.sources.reading import read_toml

BOOMS = "booms"
OUTSIDE = "outside_view"


def read_perimeters(path: Path) -> Mapping[str, Mapping[str, Any]]:
    """Return episode to perimeter: those written out in full, and one for each entry of ``[[booms]]``.

    Raises
    ------
    DataError
        If the file is missing, is not TOML or lacks a key.
    """
    state = (path.stat().st_mtime_ns, path.stat().st_size) if path.is_file() else (0, 0)
    return _read(path, state)


@lru_cache(maxsize=4)
def _read(path: Path, state: tuple[int, int]) -> Mapping[str, Mapping[str, Any]]:
    """Read a file as it stands; ``state`` tells one content from another."""
    del state
    content, faults = read_toml(path, path.name)
    try:
        booms = {entry["episode"]: _one_series(entry) for entry in content.pop(BOOMS, [])}
        common = content.pop(OUTSIDE, {}).get("series", [])
        episodes = {**content, **booms}
        perimeters = {name: {**p, "series": sorted({*p["series"], *common})} for name, p in episodes.items()}
    except (KeyError, TypeError, AttributeError) as error:
        problem = f"is not laid out as perimeters are ({error})"
        raise DataError([*faults, Fault(path.name, 0, "", problem)]) from None
    if faults:
        raise DataError(faults)
    return Frozen(perimeters)


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
