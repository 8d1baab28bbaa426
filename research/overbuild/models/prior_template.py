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
    SHARE,
    SPLIT,
    THREE,
    Kind,
    betas,
    choices,
    one_reading,
    positive_shares,
    ramp,
    scales,
    share,
    shares,
    weights,
    worths,
    years,
)

DEMAND_INDICES = ("laboratories", "cloud", "backbone")
DEMAND_ELASTIC = ("microsoft_ai", "tokens", "users", "adoption", "esnet")
DEMAND_INDICATORS = (*DEMAND_ELASTIC, "intelligent_cloud_before", "intelligent_cloud", "nsfnet")

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
    "regimes.firm_growth": NORMAL,
    "regimes.firm_deviation": NORMAL,
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
    "capital.accounting_life_carriers": LOGNORMAL,
    "capital.accounting_life_change": POSITIVE,
    "capital.accounting_error": ("shape and scale, above 0", BETA[1]),
}

QUARTERLY: dict[str, Kind] = {
    "quarterly.normal_growth": NORMAL,
    "quarterly.boom_gap": MEDIAN,
    "quarterly.bust_gap": MEDIAN,
    "quarterly.deviation": MEDIAN,
    "quarterly.deviation_ratio": (
        "numbers above 0 for boom, bust and log_sd",
        scales("boom", "bust", "log_sd"),
    ),
    "quarterly.persistence": NORMAL,
    "quarterly.season": POSITIVE,
    "quarterly.coupling": NORMAL,
    "quarterly.degrees": POSITIVE,
    "quarterly.exit": NORMAL,
    "quarterly.exit_age": NORMAL,
    "quarterly.slack_exit": POSITIVE,
    "quarterly.slack_bust": POSITIVE,
    "quarterly.from_normal": THREE,
    "quarterly.after_boom": BETA,
    "quarterly.from_bust": THREE,
    "quarterly.initial": THREE,
}

DEMAND: dict[str, Kind] = {
    **{f"demand.level_{i}": NORMAL for i in DEMAND_INDICES},
    **{f"demand.growth_{i}": NORMAL for i in DEMAND_INDICES},
    **{f"demand.ceiling_{i}": MEDIAN for i in DEMAND_INDICES},
    "demand.claim_backbone": NORMAL,
    "demand.claim_weight": ("a share between 0 and 1", share),
    "demand.dial": ("shares between 0 and 1, such as [0.0, 0.5, 1.0]", shares),
    "demand.asymmetry": MEDIAN,
    "demand.memory": NORMAL,
    "demand.deviation_common": POSITIVE,
    "demand.deviation_own": POSITIVE,
    "demand.bias": POSITIVE,
    "demand.scale": POSITIVE,
    "demand.error": ("a number above 0 for each of the grades A, B and C", scales("A", "B", "C")),
    "demand.share": NORMAL,
    "demand.drift": NORMAL,
    **{f"demand.elasticity_{s}": MEDIAN for s in DEMAND_ELASTIC},
    "demand.level_of_source": ("a number above 0 for each indicator", scales(*DEMAND_INDICATORS)),
    "demand.disembodied_fibre": BETA,
    "demand.disembodied_chip": BETA,
    "demand.progress_chip": LOGNORMAL,
    "demand.life_chip": LOGNORMAL,
    "demand.life_fibre": LOGNORMAL,
}

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

CLOCK: dict[str, Kind] = {
    "clock.pace": MEDIAN,
    "clock.height": NORMAL,
    "clock.level": NORMAL,
    "clock.deviation": MEDIAN,
    "clock.persistence": BETA,
    "clock.season": POSITIVE,
    "clock.rival_growth": NORMAL,
}

ANALOGUE_REGRESSION: dict[str, Kind] = {
    **{f"analogue_regression.{n}": NORMAL for n in ("alpha", "beta_life", "beta_debt", "life_mean")},
    "analogue_regression.tau": POSITIVE,
    "analogue_regression.life_sd": POSITIVE,
    "analogue_regression.debt_share": BETA,
    "analogue_regression.label_error": ("two parameters above 0 for each of high, medium and low", betas),
    "analogue_regression.repeats": BETA,
    "analogue_regression.critic_error": BETA,
    "analogue_regression.reading": (
        "a table of partly (0, 0.5 or 1) and psi (above 0, at most 1)",
        one_reading,
    ),
    "analogue_regression.partly": ("a list of 0, 0.5 or 1", worths),
    "analogue_regression.psi": ("shares above 0 and at most 1, such as [0.2, 1.0]", positive_shares),
    **{f"analogue_regression.{e}_life": LOGNORMAL for e in ("ai", "telecom")},
    **{f"analogue_regression.{e}_debt": SHARE for e in ("ai", "telecom")},
    "analogue_regression.ai_lives_shown": ("a list of years above 0, such as [4.0, 6.0, 15.0]", years),
}

CONTEST: dict[str, Kind] = {
    "contest.decisiveness": BOUNDED_NORMAL,
    "contest.elasticity": BETA,
    "contest.transfer_share": BETA,
    "contest.firms_ai": COUNT,
    "contest.firms_telecom": COUNT,
    "contest.depreciation": MEDIAN,
    "contest.growth_before": POSITIVE,
    "contest.effect": POSITIVE,
    "contest.trend": POSITIVE,
    "contest.redefinition": POSITIVE,
    "contest.season": POSITIVE,
    "contest.reliability": MEDIAN,
    "contest.reliability_mixed": MEDIAN,
    "contest.reliability_below_one": BETA,
    "contest.reliability_mixed_below_one": BETA,
    "contest.deviation": MEDIAN,
    "contest.persistence": BETA,
    "contest.cost_of_capital": SHARE,
}

ENTRY: dict[str, Kind] = {
    "entry.surplus": MEDIAN,
    "entry.expansion": BETA,
    "entry.expansion_wide": (
        "lowest, 0 or more, and highest, above it",
        lambda v: NORMAL[1](v) and 0 <= v[0] < v[1],
    ),
    "entry.pass_through": BETA,
    "entry.rented": BETA,
    "entry.business_at_risk": MEDIAN,
    "entry.late_penalty": POSITIVE,
    "entry.regret": POSITIVE,
    "entry.precision": MEDIAN,
}

RACE: dict[str, Kind] = {
    "race.firms_ai": COUNT,
    "race.firms_telecom": COUNT,
    **{
        f"race.{n}_{e}": BOUNDED_NORMAL
        for n in ("depreciation", "scrap", "substitution", "operating_share")
        for e in ("ai", "telecom")
    },
    **{f"race.{n}": LOGNORMAL for n in ("elasticity", "cost_of_capital", "prize", "decisiveness")},
    **{f"race.{n}": BOUNDED_NORMAL for n in ("demand_sd", "demand_persistence")},
    "race.adjustment": LOGNORMAL,
    "race.smoothing": POSITIVE,
    "race.credit": POSITIVE,
    "race.subsidy": PROPER_SHARE,
}

REACTION: dict[str, Kind] = {
    **{
        f"reaction.exposure_{f}": (
            "numbers above 0 for cloud, ads and models",
            scales("cloud", "ads", "models"),
        )
        for f in ("microsoft", "alphabet", "amazon", "meta", "oracle")
    },
    "reaction.renters": ("a table of firms, each true or false", choices),
    "reaction.rope": POSITIVE,
    "reaction.factors": COUNT,
}

MECHANISMS: dict[str, Kind] = {
    "mechanisms.reaction": POSITIVE,
    "mechanisms.narrow": POSITIVE,
    "mechanisms.wide": POSITIVE,
    "mechanisms.cash": POSITIVE,
    "mechanisms.scales": ("factors above 0, such as [0.5, 2.0]", years),
    "mechanisms.least_factor": POSITIVE,
    "mechanisms.concentration": POSITIVE,
}

QUANTAL_RESPONSE: dict[str, Kind] = {
    "quantal_response.zeta": BOUNDED_NORMAL,
    **{f"quantal_response.{n}": NORMAL for n in ("level", "index", "surprise", "own_lag")},
    "quantal_response.shock": POSITIVE,
}

RANGE: Kind = (
    "a lowest and a highest share, not falling, such as [0.3, 0.7]",
    lambda v: shares(v) and len(v) == 2 and v[0] <= v[1],
)
CONTRACTS: dict[str, Kind] = {
    **{f"contracts.{n}": POSITIVE for n in ("delay", "availability", "opex", "residual", "price_sd")},
    **{f"contracts.{n}": POSITIVE for n in ("hazard_sd", "recovery")},
    "contracts.delay_correlation": PROPER_SHARE,
    "contracts.wrong_way": RANGE,
    "contracts.residual_correlation": RANGE,
    "contracts.void": COUNT,
    "contracts.build_failure": RANGE,
    "contracts.resale": SHARE,
    "contracts.switching": SHARE,
}

OWN_OR_RENT: dict[str, Kind] = {
    **{f"own_or_rent.{n}": BOUNDED_NORMAL for n in ("rent_years", "spot_fall", "spot_elasticity", "growth")},
    **{f"own_or_rent.{n}": LOGNORMAL for n in ("spot", "penalty", "volatility")},
    **{f"own_or_rent.{n}": BETA for n in ("spot_found", "sublet", "bust", "depth", "correlation")},
}

CONTAGION: dict[str, Kind] = {
    **{f"contagion.firmness_{c}": BETA for c in ("take_or_pay", "framework", "memorandum")},
    **{f"contagion.{n}": BETA for n in ("outside_left", "claims_left", "capex_committed", "closing")},
    **{f"contagion.{n}": POSITIVE for n in ("cash_filed", "cash_assumed", "amount_assumed", "cost_spread")},
    **{f"contagion.{n}": SHARE for n in ("cash_common", "common", "common_high")},
}

SIMULATION: dict[str, Kind] = {
    **{f"simulation.{n}": POSITIVE for n in ("gamma", "cover_exit", "cover_bust", "speed", "monetising")},
    **{f"simulation.{n}": LOGNORMAL for n in ("epsilon", "interest")},
    "simulation.debt_share": BETA,
    "simulation.ceiling_growth": BOUNDED_NORMAL,
    **{
        f"simulation.{n}{era}": LOGNORMAL
        for n in ("use_now", "pace", "monetised", "contract_years")
        for era in ("", "_telecom")
    },
    "simulation.opex_telecom": LOGNORMAL,
    **{f"simulation.{n}{era}": BETA for n in ("normal_use", "under_contract") for era in ("", "_telecom")},
}

TEMPLATE: Mapping[str, Kind] = Frozen(
    BASERATE
    | ANALOGUES
    | REGIMES
    | CAPITAL
    | QUARTERLY
    | DEMAND
    | EXPLOSIVE
    | CLOCK
    | ANALOGUE_REGRESSION
    | CONTEST
    | ENTRY
    | RACE
    | REACTION
    | MECHANISMS
    | QUANTAL_RESPONSE
    | CONTRACTS
    | OWN_OR_RENT
    | CONTAGION
    | SIMULATION
)
"""Name to kind, in the order of the file."""
