"""Snapshots of the eras that a question is put to, with the series it needs beyond their perimeters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from overbuild.core.snapshot import Snapshot
from overbuild.episodes.episode import EPISODES, load_episode
from overbuild.episodes.model_series import model_series

SECTION = "era_series"
"""Section of ``model_series.toml``."""


def snapshots_of(
    episodes: Sequence[str] = EPISODES, as_of: date | None = None, data: Path | None = None
) -> tuple[Snapshot, ...]:
    """Return one snapshot an era.

    Parameters
    ----------
    episodes
        Names of eras, or paths of files of the user's own.
    as_of
        Knowledge of that day; None: everything.
    data
        A data folder; None: the project's own.
    """
    return tuple(
        load_episode(name, as_of, data, also=model_series(SECTION, name, data)).snapshot for name in episodes
    )
