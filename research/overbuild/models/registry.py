"""The models that ``overbuild estimate`` knows: name to the function that makes an estimate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from overbuild.core.frozen import Frozen
from overbuild.errors import UnknownNameError


class Estimate(Protocol):
    """What every model files and prints."""

    @property
    def passed(self) -> bool:
        """Whether its checks hold."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """Return ``record``, ``diagnostics`` and ``summary``."""
        ...

    def sentence(self) -> str:
        """Say what it finds."""
        ...


def estimate(
    model: str,
    episode: str = "ai",
    as_of: date | None = None,
    *,
    priors: Path | None = None,
    data: Path | None = None,
    seed: int | None = None,
    draws: int | None = None,
) -> Estimate:
    """Estimate one model on one episode as it was known on a day.

    Parameters
    ----------
    model
        Its name.
    episode, as_of
        Which era, known when; None: everything on file.
    priors
        A file of priors; None: the project's.
    data
        A data folder; None: the project's.
    seed, draws
        Master seed and number of draws; None: the project's and the model's.

    Raises
    ------
    UnknownNameError
        If there is no such model; the message lists what there is.
    """
    if model not in MODELS:
        raise UnknownNameError("model", model, tuple(MODELS))
    return MODELS[model](episode=episode, as_of=as_of, priors=priors, data=data, seed=seed, draws=draws)


def _capital(
    *,
    episode: str,
    as_of: date | None,
    priors: Path | None,
    data: Path | None,
    seed: int | None,
    draws: int | None,
) -> Estimate:
    from overbuild.episodes import DataBook
    from overbuild.models.capital import CapitalModel
    from overbuild.models.capital_summary import estimate_capital
    from overbuild.models.prior_file import read_priors
    from overbuild.models.sampler import Sampling
    from overbuild.randomness import stream
    from overbuild.settings import SEED

    book, every = DataBook.load(data), read_priors(priors)
    snapshot = book.at(as_of or max(book.newest, *(p.known_from for p in every)), episode)
    rng = stream(f"capital/{episode}", seed=SEED if seed is None else seed)
    chosen = Sampling(draws=(draws or 1000) // Sampling().chains)
    return estimate_capital(CapitalModel.of(every.at(snapshot.as_of), {}, chosen), snapshot, rng)


MODELS: Mapping[str, Callable[..., Estimate]] = Frozen({"capital": _capital})
