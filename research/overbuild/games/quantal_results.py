"""Results of the game of accelerations: held-out scores of notions of equilibrium, and the naive estimate."""

from __future__ import annotations

from typing import Any

from overbuild.games.asked import Asked
from overbuild.games.naive import naive, nested_fixed_point
from overbuild.games.quantal_data import quantal_data, timing
from overbuild.games.quantal_scores import scores
from overbuild.games.quantal_sensitivity import GROSS_FROM, sensitivity

MODEL = "quantal_response"


def result(asked: Asked) -> dict[str, Any]:
    """Return scores, two estimates of zeta that leave something out, other readings, and dates of filing."""
    from overbuild.episodes import load_episode
    from overbuild.episodes.model_series import model_series
    from overbuild.models.prior_file import read_priors

    found = load_episode("ai", asked.as_of, asked.data, also=model_series(MODEL, "ai", asked.data))
    data = quantal_data(found.snapshot)
    priors = read_priors(asked.data / "priors.toml").at(asked.as_of).values(MODEL)
    return {
        **scores(data, priors),
        "naive": naive(data),
        "nested_fixed_point": nested_fixed_point(data),
        "sensitivity": sensitivity(data, priors),
        "timing": timing(found.snapshot, data.periods),
        "gross_from": GROSS_FROM,
        "zeta_prior": dict(zip(("mean", "sd", "low", "high"), map(float, priors["zeta"]), strict=True)),
    }
