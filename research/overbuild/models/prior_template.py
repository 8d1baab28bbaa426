"""Every prior that a model has: its name, and of which kind its value must be. One block a model."""

from __future__ import annotations

from collections.abc import Mapping

from overbuild.core.frozen import Frozen
from overbuild.models.prior_kinds import (
    ASSETS,
    BETA,
    BOUNDED_NORMAL,
    COUNT,
    LOGNORMAL,
    MEDIAN,
    NORMAL,
    POSITIVE,
    PROPER_SHARE,
    SPLIT,
    THREE,
    Kind,
    choices,
    positive_shares,
    ramp,
    scales,
    shares,
    weights,
)

BASERATE: dict[str, Kind] = {
    "baserate.rate": BETA,
    "baserate.conditional_rate": BETA,
    "baserate.correlation": BETA,
    "baserate.fewest_cases": COUNT,
    "baserate.fewest_series": COUNT,
}

ANALOGUES: dict[str, Kind] = {
    "analogues.rate": BETA,
    "analogues.correlation": BETA,
    "analogues.reading": ("a table of labels, partly, certainty, votes and psi", choices),
    "analogues.certainty": ("a share for each of high, medium and low", weights),
    "analogues.partly": ("shares between 0 and 1, such as [0.0, 0.5, 1.0]", shares),
    "analogues.psi": ("shares above 0 and at most 1, such as [0.2, 1.0]", positive_shares),
}

REGIMES: dict[str, Kind] = {
    "regimes.normal_growth": NORMAL,
    "regimes.boom_gap": MEDIAN,
    "regimes.bust_gap": MEDIAN,
    "regimes.spread_of_means": (
        "scales above 0 for normal, boom and bust",
        scales("normal", "boom", "bust"),
    ),
    "regimes.deviation": (
        "numbers above 0 for normal, boom, bust and log_sd",
        scales("normal", "boom", "bust", "log_sd"),
    ),
    "regimes.spread_of_deviations": POSITIVE,
    "regimes.persistence": NORMAL,
    "regimes.degrees": POSITIVE,
    "regimes.exit": NORMAL,
    "regimes.exit_age": NORMAL,
    "regimes.exit_covariates": POSITIVE,
    "regimes.from_normal": THREE,
    "regimes.after_boom": BETA,
    "regimes.from_bust": THREE,
    "regimes.initial": THREE,
}

CAPITAL: dict[str, Kind] = {
    **{f"capital.life_{c}": LOGNORMAL for c in ASSETS},
    **{f"capital.price_fall_{c}": BOUNDED_NORMAL for c in ASSETS},
    "capital.weibull_shape": LOGNORMAL,
    "capital.completion_lag": LOGNORMAL,
    "capital.lag_shape": POSITIVE,
    "capital.cost_of_capital": LOGNORMAL,
    **{f"capital.split_{s}": SPLIT for s in ("ai", "general", "structures", "equipment")},
    "capital.split_certainty": POSITIVE,
    "capital.ai_share_before": BETA,
    "capital.ai_share_after": BETA,
    "capital.ai_share_ramp": ("first and last quarter, as text", ramp),
    "capital.opex": LOGNORMAL,
    "capital.utilisation": BETA,
    "capital.growth_before": BOUNDED_NORMAL,
    "capital.accounting_life": LOGNORMAL,
    "capital.accounting_life_change": POSITIVE,
    "capital.accounting_error": ("shape and scale, above 0", BETA[1]),
}

QUARTERLY: dict[str, Kind] = {}

DEMAND: dict[str, Kind] = {}

EXPLOSIVE: dict[str, Kind] = {
    "explosive.drift": NORMAL,
    "explosive.drift_of_ratio": NORMAL,
    "explosive.explosive_root": POSITIVE,
    "explosive.collapse_root": POSITIVE,
    "explosive.stay_random_walk": BETA,
    "explosive.stay_explosive": BETA,
    "explosive.stay_collapse": BETA,
    "explosive.exists": PROPER_SHARE,
    "explosive.volatility": MEDIAN,
    "explosive.volatility_persistence": BETA,
    "explosive.volatility_spread": POSITIVE,
    "explosive.degrees": POSITIVE,
}

CLOCK: dict[str, Kind] = {}

ANALOGUE_REGRESSION: dict[str, Kind] = {}

TEMPLATE: Mapping[str, Kind] = Frozen(
    BASERATE | ANALOGUES | REGIMES | CAPITAL | QUARTERLY | DEMAND | EXPLOSIVE | CLOCK | ANALOGUE_REGRESSION
)
"""Name to kind, in the order of the file."""
