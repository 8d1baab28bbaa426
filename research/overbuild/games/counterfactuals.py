r"""What a rule, a tax, a merger or another machine would do to the contest, over the posterior of both eras.

In the contest (`overbuild.games.contest`) capacity over the planner's is (D/(1 - sigma))^(1/(1 - eta)), D =
[r (N - 1) + eta]/N, so that each case has a closed form, taken draw by draw:

- restraint: firms build for joint profit, D becomes eta;
- merger: N becomes N - 1;
- a subsidy s of the cost: the ratio is multiplied by (1 - s)^(-1/(1 - eta)), for the planner pays it too;
- a tax t leads to the planner where 1 + t = D/(1 - sigma); below 0 it is a subsidy;
- another life of machines moves cost for firms and planner alike: the ratio stays, both capacities are
  multiplied by (c'/c)^(-1/(1 - eta)), c the annuity that repays a unit over its life.

Firms that take part in a contest of N take part in one of N - 1. Restraint and merger are coordination among
competitors: this says what would follow, not what the law allows or should.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Snapshot
from overbuild.episodes.episode import load_episode
from overbuild.episodes.model_series import model_series
from overbuild.games.asked import Asked
from overbuild.games.contest import dissipation
from overbuild.games.contest_grid import draw, priors_of
from overbuild.games.contest_shares import DRAWS, NAME, PARAMETERS, ContestModel
from overbuild.models.prior_file import read_priors
from overbuild.models.priors import Priors
from overbuild.models.user_cost import capital_recovery_factor
from overbuild.randomness import stream

type Array = NDArray[np.float64]

EPISODES = ("ai", "telecom")
LIVES = (3.0, 6.0)


def result(asked: Asked) -> dict[str, Any]:
    """Return the contest's counterfactuals for both eras, as exhibits read them."""
    priors = read_priors(asked.data / "priors.toml").at(asked.as_of)
    middle = priors.values("race")
    usual = Usual(middle["subsidy"], middle["cost_of_capital"][0], 1 / middle["depreciation_ai"][0])
    return {"subsidy": usual.subsidy, "lives": list(LIVES), "usual_life": usual.life} | {
        episode: counterfactuals(_snapshot(asked, episode), priors, usual) for episode in EPISODES
    }


@dataclass(frozen=True)
class Usual:
    """What the cases depart from: the middle of the ranges of the race.

    Attributes
    ----------
    subsidy
        Part of the cost that is paid by others.
    cost_of_capital
        A year, at which the annuity is worked out.
    life
        Years that a machine lasts.
    """

    subsidy: float
    cost_of_capital: float
    life: float


def counterfactuals(snapshot: Snapshot, priors: Priors, usual: Usual) -> dict[str, Any]:
    """Return quantiles over the posterior of the contest, by case.

    Parameters
    ----------
    snapshot
        What was known of an era on a day.
    priors
        Those held on it.
    usual
        What the cases depart from.

    Returns
    -------
    dict
        ``firms``; ``cases``: name to ``over_planner``, ``over_joint`` and ``level`` (industry capacity over
        that of the contest as it is) as 5, 50 and 95 % points, and ``above_planner``, the chance of more than
        the planner's; ``tax``: that which leads to the planner. Draws are those of the filed estimate's
        findings.
    """
    model = ContestModel.of(priors, {})
    posterior = model.fit(snapshot, stream(f"{NAME}/fit/{snapshot.episode}"))
    data = posterior.data
    firms, rng = data.contenders, stream(f"{NAME}/findings/{snapshot.episode}")
    drawn = draw(posterior.found, data, priors_of(model.priors, firms), DRAWS, rng)
    cases = cases_of(drawn, firms, usual)
    spent, sigma = dissipation(firms, drawn["decisiveness"], drawn["elasticity"]), drawn["transfer_share"]
    return {"firms": firms, "cases": cases, "tax": quantiles(spent / (1 - sigma) - 1)}


def cases_of(drawn: Mapping[str, Array], firms: int, usual: Usual) -> dict[str, dict[str, Any]]:
    """Return case to its quantiles; ``drawn`` holds ``decisiveness, elasticity, transfer_share``."""
    r, eta, sigma = (drawn[name] for name in PARAMETERS)
    exponent = 1 / (1 - eta)
    spent = dissipation(firms, r, eta)
    cheaper = np.full_like(eta, 1 / (1 - usual.subsidy))
    annuity = capital_recovery_factor(usual.cost_of_capital, usual.life)
    made = {
        "base": _case(spent, np.ones_like(eta), spent, eta, sigma),
        "restraint": _case(eta, np.ones_like(eta), spent, eta, sigma),
        "subsidy": _case(spent * cheaper, np.ones_like(eta), spent, eta, sigma),
    }
    if firms > 2:
        made["merger"] = _case(dissipation(firms - 1, r, eta), np.ones_like(eta), spent, eta, sigma)
    for life in LIVES:
        cost = capital_recovery_factor(usual.cost_of_capital, life) / annuity
        made[f"life_{life:g}"] = _case(spent, cost**-exponent, spent, eta, sigma)
    return made


def quantiles(values: Array) -> dict[str, float]:
    """Return the 5, 50 and 95 % points."""
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    return {"q05": float(low), "q50": float(middle), "q95": float(high)}


def _case(spent: Array, level: Array, base: Array, eta: Array, sigma: Array) -> dict[str, Any]:
    """Return a case in which c K = ``spent`` V, and costs multiply every capacity by ``level``."""
    exponent = 1 / (1 - eta)
    over_planner = (spent / (1 - sigma)) ** exponent
    return {
        "over_planner": quantiles(over_planner),
        "above_planner": float((over_planner > 1).mean()),
        "over_joint": quantiles((spent / eta) ** exponent),
        "level": quantiles(level * (spent / base) ** exponent),
    }


def _snapshot(asked: Asked, episode: str) -> Snapshot:
    also = model_series("contest", episode, asked.data)
    return load_episode(episode, asked.as_of, asked.data, also=also).snapshot
