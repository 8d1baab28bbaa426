"""Named random streams: the same name gives the same draws, whatever else ran before or beside it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from overbuild.settings import SEED

if TYPE_CHECKING:
    import numpy as np


def stream(name: str, *, seed: int = SEED, index: int = 0) -> np.random.Generator:
    """Return the generator of a named stream.

    Parameters
    ----------
    name
        What the draws are for, for example ``"baserate/bootstrap"``.
    seed
        Master seed.
    index
        Number of the unit of work within the stream, so that units may run anywhere in any order.

    Returns
    -------
    numpy.random.Generator
        Seeded by ``(seed, sha256(name), index)`` through `numpy.random.SeedSequence`.
    """
    import numpy as np

    digest = hashlib.sha256(name.encode()).digest()
    words = [int.from_bytes(digest[i : i + 4], "big") for i in range(0, 16, 4)]
    return np.random.default_rng(np.random.SeedSequence([seed, *words, index]))
