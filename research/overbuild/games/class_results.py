"""The class of the hyperscalers' game: three priors, two readings, and what renting would change."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from overbuild.core import Snapshot
from overbuild.episodes.episode import load_episode
from overbuild.episodes.model_series import model_series
from overbuild.games.asked import Asked
from overbuild.games.class_design import limit
from overbuild.games.class_posterior import READINGS, ClassPosterior, class_posterior
from overbuild.games.class_priors import PRIORS, draw_games
from overbuild.games.entry import CLASSES, class_shares
from overbuild.games.quantal_data import quantal_data
from overbuild.models.prior_file import read_priors
from overbuild.models.priors import Priors
from overbuild.randomness import stream
from overbuild.settings import SEED

DRAWS, LIMIT_DRAWS = 12_000, 20_000
QUICK = 2
"""A quick build takes one in so many of the draws."""
RENTED = (0.0, 0.3, 0.6)


def result(asked: Asked) -> dict[str, Any]:
    """Return the class probabilities of the AI era, as exhibits read them."""
    episode = load_episode(
        "ai", asked.as_of, asked.data, also=model_series("quantal_response", "ai", asked.data)
    )
    priors = read_priors(asked.data / "priors.toml").at(asked.as_of)
    return classes_of(
        episode.snapshot, priors, draws=DRAWS // QUICK if asked.quick else DRAWS, seed=asked.seed
    )


def classes_of(snapshot: Snapshot, priors: Priors, *, draws: int = DRAWS, seed: int = SEED) -> dict[str, Any]:
    """Return prior and posterior of the class under every prior and reading.

    Parameters
    ----------
    snapshot
        What was known on a day.
    priors
        Those held on it.
    draws
        For each posterior.
    seed
        Master seed.

    Returns
    -------
    dict
        ``panel``: what the choices are; ``posteriors``: prior to reading to
        `overbuild.games.class_posterior.ClassPosterior.to_dict`; ``limit``: prior to reading to what a panel
        without end could tell; ``rented``: share of the loss that renting avoids to prior to the class
        probabilities (reading ``slope``) if it were that.

    Raises
    ------
    InputError
        If the era has no panel of firms by quarter.
    CheckFailedError
        If too few draws are effective.
    """
    data = quantal_data(snapshot)
    entry, quantal = priors.values("entry"), priors.values("quantal_response")
    found: dict[str, Any] = {"posteriors": {}, "limit": {}, "rented": {f"{share:g}": {} for share in RENTED}}
    for prior in PRIORS:
        games = partial(_drawn, prior, entry)
        found["posteriors"][prior], found["limit"][prior] = {}, {}
        for reading in READINGS:
            name = f"classes/{prior}/{reading}"
            posterior = class_posterior(
                data, games, quantal, stream(name, seed=seed), reading=reading, draws=draws
            )
            found["posteriors"][prior][reading] = posterior.to_dict()
            found["limit"][prior][reading] = limit(
                games, stream(f"{name}/limit", seed=seed), reading=reading, draws=min(LIMIT_DRAWS, 2 * draws)
            )
            if reading == "slope":
                for share in RENTED:
                    found["rented"][f"{share:g}"][prior] = _if_rented(posterior, share)
    known = data.y >= 0
    panel = {
        "first": data.periods[0],
        "last": data.periods[-1],
        "quarters": len(data.periods),
        "firms": len(data.firms),
        "answers": data.cells,
        "share": float(data.y[known].mean()),
    }
    return {"episode": "ai", "as_of": snapshot.as_of.isoformat(), "panel": panel, **found}


def _drawn(prior: str, values: Any, size: int, rng: np.random.Generator) -> Any:
    return draw_games(prior, size, rng, values)


def _if_rented(posterior: ClassPosterior, share: float) -> dict[str, float]:
    """Return the class probabilities if renting avoided a given share of the loss, all else as it is."""
    game = replace(posterior.game, rented=np.full(posterior.weights.size, share))
    shares = class_shares(game, posterior.weights)
    return {name: shares[name] for name in CLASSES}
