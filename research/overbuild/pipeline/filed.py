"""Answers of the forecasters: from file where the key matches, asked and filed where it does not."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from overbuild.probability import filing
from overbuild.settings import SEED


def answered(settings: Mapping[str, Any], path: Path) -> tuple[filing.Record, list[str]]:
    """Return an answer, and how it differs from the one before where it was asked again.

    Parameters
    ----------
    settings
        ``model, episode, as_of``; the digests ``data, priors, code``; ``decides`` (``draws`` and digests of
        perimeter and definitions, which make the key with them); ``folder`` (of the data) and ``refit``.
    path
        Where the answer is filed; its name is the key.

    Returns
    -------
    tuple
        The answer on file, and one line a forecast after a refit.
    """
    from overbuild.probability.answers import answer

    model, as_of, folder = settings["model"], date.fromisoformat(settings["as_of"]), path.parent.parent
    found = filing.find(folder, model, path.stem)
    if found is not None and not settings["refit"]:
        filing.retire_others(folder, found)
        return found, []
    episode, decides = settings["episode"], settings["decides"]
    before = filing.latest(folder, model, episode, as_of)
    start = time.perf_counter()
    given = answer(model, episode, as_of, data=Path(settings["folder"]), draws=decides["draws"])
    record = filing.Record(
        model=model,
        episode=episode,
        as_of=as_of,
        data=settings["data"],
        priors=settings["priors"],
        code=settings["code"],
        settings=decides,
        seed=SEED,
        versions=filing.versions(),
        seconds=round(time.perf_counter() - start, 2),
        checks=given.checks,
        forecasts=given.forecasts,
        result=given.result,
    )
    if record.key != path.stem:
        raise RuntimeError(f"The answer of '{model}' has key {record.key}, and {path.stem} was planned.")
    filing.save(folder, record)
    return record, [str(c) for c in filing.changes(before, record)] if settings["refit"] and before else []
