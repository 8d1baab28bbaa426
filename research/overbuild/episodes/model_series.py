"""Which series a model sees beyond those of an episode's perimeter, from ``model_series.toml``."""

from __future__ import annotations

from pathlib import Path

from overbuild.errors import DataError
from overbuild.locations import data_dir
from overbuild.sources.reading import read_toml

FILE = "model_series.toml"


def model_series(model: str, episode: str, data: Path | None = None) -> tuple[str, ...]:
    """Return the series, in the order of the file.

    Parameters
    ----------
    model, episode
        Their names; nothing is returned where the file does not name them.
    data
        A data folder; None, or one without such a file: the project's own.

    Raises
    ------
    DataError
        If the file is not TOML.
    """
    own = data / FILE if data else None
    path = own if own and own.is_file() else data_dir() / FILE
    content, faults = read_toml(path, path.name)
    if faults:
        raise DataError(faults)
    return tuple(content.get(model, {}).get(episode, ()))
