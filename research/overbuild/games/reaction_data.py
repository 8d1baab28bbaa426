"""The data and the priors that a result of the reaction functions is asked with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from overbuild.core import Snapshot
from overbuild.episodes import load_episode
from overbuild.episodes.model_series import model_series
from overbuild.games.asked import Asked
from overbuild.games.reaction_panel import ReactionPanel, exposures, overlap_weights, reaction_panel
from overbuild.models.prior_file import read_priors

SECTION = "reaction"


def asked_snapshot(asked: Asked, episode: str = "ai") -> Snapshot:
    """Return what was known of an episode on the day, guidance and carriers' capex included."""
    also = model_series(SECTION, episode, asked.data)
    return load_episode(episode, asked.as_of, asked.data, also=also).snapshot


def asked_priors(asked: Asked, model: str) -> Mapping[str, Any]:
    """Return short name to value of a model's priors that could be held on the day."""
    own = asked.data / "priors.toml"
    return read_priors(own if own.is_file() else None).at(asked.as_of).values(model)


def asked_panel(asked: Asked, *, yearly: bool = False) -> ReactionPanel:
    """Return the panel of the five firms, weighted by product overlap."""
    weights = overlap_weights(exposures(asked_priors(asked, SECTION)))
    return reaction_panel(asked_snapshot(asked), weights, yearly=yearly)
