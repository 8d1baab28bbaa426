"""Posteriors of the regime models with their draws: from file where they are there, else fitted again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from overbuild.locations import build_dir, data_dir
from overbuild.pipeline.estimate import answered, key_of
from overbuild.probability.inside import Question
from overbuild.settings import SEED


def posterior(asked: Question, filed: Path | None = None, posteriors: Path | None = None) -> Any:
    """Return what ``regimes`` or ``quarterly`` has learnt.

    Parameters
    ----------
    asked
        What the model is asked; decides the key.
    filed, posteriors
        Folders of records and of draws; None: the project's and that of ``build/``.
    """
    from overbuild.models.sampler import load

    folder = posteriors or build_dir() / "posteriors"
    draws = folder / asked.model / f"{key_of(asked).name(asked, SEED)}.nc"
    if not draws.is_file():
        answered(asked, filed or data_dir() / "filed", folder, again=True)
    made = _regimes if asked.model == "regimes" else quarterly_posterior
    return made(asked, load(draws))


def quarterly_posterior(asked: Question, sampled: Any) -> Any:
    """Return what ``quarterly`` has learnt, from its draws."""
    from overbuild.models.quarterly_data import own_history
    from overbuild.models.quarterly_posterior import QuarterlyPosterior

    spec: Any = asked.specification()
    snapshot = asked.snapshot()
    data = spec.observed(snapshot)
    return QuarterlyPosterior(spec, data, sampled, own_history(snapshot, data.time[-1]), 0.0)


def _regimes(asked: Question, sampled: Any) -> Any:
    from overbuild.models.regime_posterior import RegimePosterior

    spec: Any = asked.specification()
    snapshot = asked.snapshot()
    own = spec.sector(snapshot)
    history = snapshot.history("capex")
    options = (spec.priors, spec.ages, history, spec.fall, None, 0.0)
    return RegimePosterior(spec.observed(snapshot), sampled, own, *options)
