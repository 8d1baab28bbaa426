"""What a result of the games is asked with: the data, the day, how much to draw and what was found before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from overbuild.settings import SEED


@dataclass(frozen=True)
class Asked:
    """One question to the games.

    Attributes
    ----------
    data
        Folder of the data.
    as_of
        The day whose knowledge is used.
    quick
        Whether fewer draws will do.
    results
        Name to content of the results that are needed.
    seed
        Master seed. Designs that are the same for every question keep the project's.
    """

    data: Path
    as_of: date
    quick: bool = False
    results: Mapping[str, Any] = field(default_factory=dict)
    seed: int = SEED
