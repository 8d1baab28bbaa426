"""Which game it is where: classes over two pay-offs, branches of quantal response, what three priors say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.games.asked import Asked
from overbuild.games.class_priors import FIRMS, PRIORS, class_table, draw_games
from overbuild.games.entry import CLASSES, DILEMMA, EntryGame, advantage, class_of, class_shares, classify
from overbuild.games.nash import mixed_equilibria
from overbuild.games.qre import branches, fixed_points
from overbuild.games.repeated import restraint
from overbuild.models.prior_file import FILE, read_priors
from overbuild.randomness import stream

type Array = NDArray[np.float64]

EXPANSION, PASS_THROUGH = 0.5, 0.3
RENTED = (0.0, 0.5)
MOST_AT_RISK, MOST_SURPLUS, CELLS = 3.0, 3.0, 120
FOLDING = EntryGame(FIRMS, surplus=0.3, expansion=0.8, business_at_risk=1.7, regret=0.4)
"""A trap, at pay-offs within the priors: its second pair of equilibria appears at a fold."""
SHOWN_UP_TO, POINTS = 12.0, 160
PRECISIONS = (1.0, 2.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0)
RENTED_TRIED = (0.0, 0.3, 0.6)
AT_RISK_TRIED = (0.5, 1.0, 2.0)
"""Multiples of the business at risk."""
DRAWS, QUICK_DRAWS = 200_000, 20_000
SOLVED, QUICK_SOLVED = 3000, 500
QUANTILES = {"q05": 0.05, "q50": 0.5, "q95": 0.95}


def class_map(asked: Asked) -> dict[str, Any]:
    """Return the class over business at risk and surplus, both in units of the cost, at two shares rented."""
    del asked
    at_risk = (np.arange(CELLS) + 0.5) * MOST_AT_RISK / CELLS
    surplus = (np.arange(CELLS) + 0.5) * MOST_SURPLUS / CELLS
    x, y = np.meshgrid(at_risk, surplus)
    codes = {}
    for rented in RENTED:
        game = EntryGame(
            FIRMS,
            surplus=y.ravel(),
            expansion=EXPANSION,
            pass_through=PASS_THROUGH,
            rented=rented,
            business_at_risk=x.ravel(),
        )
        codes[f"{rented:g}"] = classify(game).reshape(x.shape).tolist()
    return {
        "firms": FIRMS,
        "expansion": EXPANSION,
        "pass_through": PASS_THROUGH,
        "business_at_risk": at_risk.tolist(),
        "surplus": surplus.tolist(),
        "classes": list(CLASSES),
        "codes": codes,
    }


def quantal_branches(asked: Asked) -> dict[str, Any]:
    """Return every symmetric branch of one game, and how often games drawn from the priors have several."""
    delta = advantage(FOLDING)
    solved = QUICK_SOLVED if asked.quick else SOLVED
    priors = _held(asked)
    several = {}
    for prior in PRIORS:
        drawn = draw_games(prior, solved, stream(f"games/entry/branches/{prior}"), priors)
        every = advantage(drawn.game)
        several[prior] = {
            "by_precision": [_share_with_several(every, np.full(solved, lam)) for lam in PRECISIONS],
            "at_own": _share_with_several(every, drawn.precision),
        }
    return {
        "class": class_of(FOLDING),
        "firms": FOLDING.firms,
        "parameters": {k: float(v) for k, v in vars(FOLDING).items() if k != "firms"},
        "branches": [
            {
                "share": b.share.tolist(),
                "precision": b.precision.tolist(),
                "principal": b.principal,
                "ends": list(b.ends),
                "folds": [vars(f) for f in b.folds],
            }
            for b in branches(delta, SHOWN_UP_TO, POINTS)
        ],
        "mixed": [e.share for e in mixed_equilibria(FOLDING)],
        "precisions": list(PRECISIONS),
        "solved": solved,
        "several": several,
    }


def prior_classes(asked: Asked) -> dict[str, Any]:
    """Return the prior probability of each class, what moves it, and the patience that restraint takes."""
    draws = QUICK_DRAWS if asked.quick else DRAWS
    priors = _held(asked)
    main = draw_games("main", draws, stream("games/entry/main"), priors).game
    return {
        "draws": draws,
        "classes": class_table(draws, stream("games/entry/classes"), priors),
        "rented": {f"{s:g}": class_shares(replace(main, rented=s)) for s in RENTED_TRIED},
        "at_risk": {
            f"{k:g}": class_shares(replace(main, business_at_risk=k * np.asarray(main.business_at_risk)))
            for k in AT_RISK_TRIED
        },
        "patience": {
            prior: _patience(draw_games(prior, draws, stream(f"games/entry/patience/{prior}"), priors).game)
            for prior in PRIORS
        },
    }


def _held(asked: Asked) -> Any:
    return read_priors(asked.data / FILE).at(asked.as_of).values("entry")


def _share_with_several(advantages: Array, precision: Array) -> float:
    counts = [len(fixed_points(d, float(lam))) for d, lam in zip(advantages, precision, strict=True)]
    return float(np.mean(np.array(counts) > 1))


def _patience(game: EntryGame) -> dict[str, float]:
    """Return quantiles of the discount factor from which holding back lasts, among dilemmas."""
    dilemma = np.isin(classify(game), [CLASSES.index(c) for c in DILEMMA])
    thresholds = restraint(game).threshold[dilemma]
    return {name: float(np.quantile(thresholds, q)) for name, q in QUANTILES.items()}
