"""The answer of the inside view for an era and day: from file where its key matches, else simulated."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overbuild.core.digest import digest_file, digest_of
from overbuild.errors import UnknownNameError
from overbuild.locations import build_dir, data_dir
from overbuild.pipeline.code import Sources
from overbuild.pipeline.estimate import Key, key_of, perimeter_of
from overbuild.probability import filing
from overbuild.probability.definitions import definitions_of, events_for
from overbuild.probability.inside import Question, prior_file, question
from overbuild.probability.plain import plain
from overbuild.randomness import stream
from overbuild.settings import SEED
from overbuild.simulation.view import NAME, InsideView

if TYPE_CHECKING:
    from overbuild.core import Event
    from overbuild.simulation.inputs import Inputs
    from overbuild.simulation.run import Simulated
    from overbuild.simulation.sources import Known

EPISODES = ("ai", "telecom")
FITS = {"ai": ("quarterly", "demand", "contest", "capital"), "telecom": ("quarterly", "demand", "capital")}
CODE = (
    "overbuild.simulation.books",
    "overbuild.simulation.bounded",
    "overbuild.simulation.forecasts",
    "overbuild.simulation.log_odds",
    "overbuild.simulation.dependence",
    "overbuild.simulation.checks",
    "overbuild.simulation.fans",
    "overbuild.simulation.cohort",
    "overbuild.simulation.event_layers",
    "overbuild.simulation.kernel",
    "overbuild.simulation.sources",
    "overbuild.simulation.telecom",
    "overbuild.simulation.variants",
)
CONTRACTS = ("contracts/contracts.csv", "contracts/iren.toml")
RATES = (0.08, 0.10, 0.12)
SIGNIFICANT = 5


@dataclass(frozen=True)
class Size:
    """How much is simulated: draws of the inputs; paths in all, of the nested check and of each variant."""

    draws: int = 600
    paths: int = 24_000
    nested: int = 12_000
    variants: int = 9_000


SIZES = {"ai": Size(), "telecom": Size(300, 9_000, 6_000)}
QUICK = Size(60, 1_200, 1_200, 600)


@dataclass(frozen=True)
class Asked:
    """What the inside view is asked: era, day, horizons, and how much to simulate."""

    episode: str
    as_of: date
    horizons: tuple[str, ...]
    size: Size
    data: Path | None = None

    def fit(self, model: str) -> Question:
        """Return what a model behind it is asked."""
        return question(model, self.episode, as_of=self.as_of, data=self.data)

    @property
    def known(self) -> Known:
        """Return what was known."""
        from overbuild.simulation.sources import Known

        return Known(self.episode, self.as_of, self.data)


def asked(
    episode: str = "ai",
    *,
    as_of: date | None = None,
    by: str | None = None,
    data: Path | None = None,
    quick: bool = False,
) -> Asked:
    """Return what the inside view is asked.

    Raises
    ------
    UnknownNameError
        If it is no era that can be simulated.
    InputError
        If a horizon does not lie after the day.
    """
    if episode not in EPISODES:
        raise UnknownNameError("era of the inside view", episode, EPISODES)
    first = question("quarterly", episode, as_of=as_of, by=by, data=data)
    return Asked(episode, first.as_of, first.horizons, QUICK if quick else SIZES[episode], data)


def decided_by(what: Asked, sources: Sources | None = None) -> Key:
    """Return what decides an answer: the fits behind it, contracts, priors, definitions, code and size."""
    folder, code = what.data or data_dir(), sources or Sources()
    fits = {m: key_of(what.fit(m), code).name(what.fit(m), SEED) for m in FITS[what.episode]}
    files = {f: digest_file(folder / f) for f in CONTRACTS} if what.episode == "ai" else {}
    held = prior_file(None, what.data).at(what.as_of)
    models = (NAME, "contracts") if what.episode == "ai" else (NAME,)
    settings = {
        "horizons": list(what.horizons),
        "size": asdict(what.size),
        "events": digest_of(plain(events_for(what.episode, path=definitions_of(what.data)))),
        "perimeter": digest_of(perimeter_of(folder, what.episode)),
    }
    priors = digest_of({m: held.of(m).digest for m in models})
    return Key(digest_of(fits, files), priors, code.fingerprint(*CODE), settings)


def record_key(what: Asked, sources: Sources | None = None) -> str:
    """Return the key under which the answer is filed."""
    return _key(what, decided_by(what, sources))


def answered(
    what: Asked,
    filed: Path,
    *,
    also: tuple[Path, ...] = (),
    posteriors: Path | None = None,
    draws: Path | None = None,
    again: bool = False,
    keep: bool = True,
) -> filing.Record:
    """Return the answer: from file where its key matches, else simulated and filed.

    Parameters
    ----------
    what
        The question.
    filed
        Where it is filed.
    also
        Other folders in which it may be.
    posteriors, draws
        Folders of fits' draws and of thinned draws; None: ``build/posteriors`` and the project's.
    again
        Simulate although it is on file.
    keep
        Whether draws that are thinned now are filed.
    """
    decides = decided_by(what)
    key = _key(what, decides)
    for folder in () if again else (filed, *also):
        found = filing.find(folder, NAME, key)
        if found is not None:
            return found
    record = simulated(what, decides, posteriors, draws, keep=keep)
    filing.save(filed, record)
    return record


def forecast(episode: str = "ai", *, by: str | None = None, **options: Any) -> filing.Record:
    """Return an answer, also from those that came with the project; a usual horizon's from that of all."""
    what, usual = asked(episode, by=by, **options), asked(episode, **options)
    one_of = set(what.horizons) <= set(usual.horizons)
    found = answered(
        usual if one_of else what, build_dir() / "filed", also=(data_dir() / "filed",), keep=False
    )
    return replace(found, forecasts=tuple(f for f in found.forecasts if f["by"] in what.horizons))


def content(record: filing.Record) -> dict[str, Any]:
    """Return what exhibits read of an answer: forecasts, checks, and what is filed beside."""
    return {
        "key": record.key,
        "episode": record.episode,
        "as_of": record.as_of.isoformat(),
        "checks_passed": dict(record.checks),
        "forecasts": [dict(f) for f in record.forecasts],
        **record.result,
    }


def simulated(
    what: Asked,
    decides: Key,
    posteriors: Path | None = None,
    draws: Path | None = None,
    *,
    keep: bool = True,
) -> filing.Record:
    """Simulate, check and forecast."""
    from overbuild.simulation.checks import books, nested_check, prior_predictive
    from overbuild.simulation.fans import fans, later
    from overbuild.simulation.forecasts import ENDING, STOPPING, at_priors, forecasts_of, learnt_shares
    from overbuild.simulation.run import simulate
    from overbuild.simulation.variants import PARTS, chances, rates, variants

    start, size = time.perf_counter(), what.size
    known = what.known
    snapshot = known.snapshot("capital")
    inputs, prior = inputs_of(what, posteriors, draws, keep=keep), prior_inputs_of(what)
    view = InsideView(horizons=what.horizons)
    rng = partial(stream, f"simulation/paths/{what.episode}")
    made = simulate(view, inputs, size.paths, rng())
    alone = simulate(view.one_way(), inputs, size.paths, rng())
    before = simulate(view, prior, size.paths, stream(f"simulation/prior paths/{what.episode}"))
    ending, stopping = (
        simulate(view, at_priors(inputs, prior, names), size.paths, stream(f"simulation/{n}/{what.episode}"))
        for n, names in (("ending", ENDING), ("stopping", STOPPING))
    )
    path = definitions_of(what.data)
    events = [es[0] for h in what.horizons for es in events_for(what.episode, by=h, path=path).values()]
    learnt = learnt_shares(made, before, ending, stopping, events)
    found = forecasts_of(made, snapshot, events, {(r["event"], r["by"]): r["learnt"] for r in learnt})
    balance = books(made, alone, before)
    nested = nested_check(view, inputs, size.nested, stream(f"simulation/nested/{what.episode}"))
    predictive = prior_predictive(
        view, prior, min(size.paths, 6000), stream(f"simulation/predictive/{what.episode}")
    )
    checks = {
        "identities": balance["passed"],
        "nested": nested["passed"],
        "prior_predictive": predictive["passed"],
    }
    if not all(checks.values()):
        found = tuple(replace(f, status="failed") for f in found)
    forecasts = tuple(plain(asdict(f)) for f in found)
    result = {
        "label": known.label,
        "inputs": {"draws": inputs.size, "paths": size.paths, "last": inputs.last, "takeoff": inputs.takeoff},
        "learnt": learnt,
        "dependence": _dependence(what, made, alone),
        "one_way": chances(alone, events),
        "prior": chances(before, events),
        "checks": {"identities": balance, "nested": nested, "prior_predictive": predictive},
        "not_identified": NOT_IDENTIFIED,
        "calibration": CALIBRATION,
    }
    if what.episode == "ai":
        result["fans"] = fans(made)
        result["rates"] = rates(made, asked_by(what, ("O1", "composite")), RATES, rng)
        result["variants"] = variants(view, inputs, size.variants, asked_by(what, PARTS))
        result["later"] = later(view, inputs, size.variants, stream("simulation/later"))
        result |= {"not_simulated": _neoclouds(known), "contracts": _contracts(known, made)}
    else:
        from overbuild.simulation.telecom import LIMITS

        result["limits"] = LIMITS
    result["sentence"] = _sentence(what, forecasts, result)
    return filing.Record(
        model=NAME,
        episode=what.episode,
        as_of=what.as_of,
        data=decides.data,
        priors=decides.priors,
        code=decides.code,
        settings=decides.settings,
        seed=SEED,
        versions=filing.versions() | filing.versions_of(("numba",)),
        seconds=round(time.perf_counter() - start, 2),
        checks=checks,
        forecasts=[_rounded(f) for f in forecasts],
        result=_rounded(plain(result)),
    )


NOT_IDENTIFIED = (
    "Not identified: what use, cover and price do to the end of a boom (learnt to 0 % from AI's record, to "
    "11 % from telecom's), where demand stops, how full capacity is now, how much of served value becomes "
    "cash, lives of capital; and how the errors of the sources go together, which are drawn independently."
)
CALIBRATION = (
    "Simulation-based calibration does not apply: nothing is fitted here. Draws of the inputs that are put "
    "together anew keep each source's own distribution, which is tested. A run started eight quarters "
    "earlier is not shown: the priors of AI's capital, use and pace could not be held before November 2026."
)
WHY_NOT_NEOCLOUDS = (
    "Neoclouds are not simulated: their series are too short, and what they build is paid by the five firms, "
    "so that adding them would count the same racks twice."
)
NEOCLOUDS = ("CoreWeave", "Nebius", "IREN")


def inputs_of(
    what: Asked, posteriors: Path | None = None, filed: Path | None = None, *, keep: bool = True
) -> Inputs:
    """Return posterior draws of every input; fits that are sampled come from their thinned draws."""
    from overbuild.pipeline.thinned import thinned
    from overbuild.simulation.sources import ai_inputs
    from overbuild.simulation.telecom import telecom_inputs

    quarterly, demand = (
        thinned(what.fit(m), filed=filed, posteriors=posteriors, keep=keep) for m in ("quarterly", "demand")
    )
    build = ai_inputs if what.episode == "ai" else telecom_inputs
    return build(what.known, quarterly, demand, what.size.draws)


def prior_inputs_of(what: Asked) -> Inputs:
    """Return prior draws of every input."""
    from overbuild.simulation.sources import ai_prior_inputs
    from overbuild.simulation.telecom import telecom_prior_inputs

    return (ai_prior_inputs if what.episode == "ai" else telecom_prior_inputs)(what.known, what.size.draws)


def _key(what: Asked, decides: Key) -> str:
    digests = (decides.data, decides.priors, decides.code)
    return filing.key_of(NAME, what.episode, what.as_of, digests, decides.settings, SEED)


def _dependence(what: Asked, made: Simulated, alone: Simulated) -> list[dict[str, Any]]:
    from overbuild.simulation.dependence import joint

    rows = []
    for by in what.horizons:
        every = events_for(what.episode, by=by, path=definitions_of(what.data))
        events = {n: every[n][0] for n in ("O1", "O2", "O3")}
        found = {
            name: joint(m, events, stream(f"simulation/resampled/{by}"))
            for name, m in (("feedback", made), ("one_way", alone))
        }
        rows.append({"by": by, **found})
    return rows


def asked_by(what: Asked, names: Sequence[str]) -> dict[str, list[Event]]:
    """Return the primary form of some events by each horizon."""
    path = definitions_of(what.data)
    every = {by: events_for(what.episode, by=by, path=path) for by in what.horizons}
    return {by: [found[n][0] for n in names] for by, found in every.items()}


def _neoclouds(known: Known) -> dict[str, Any]:
    from overbuild.episodes import load_episode

    table = load_episode("ai", known.as_of, known.data, also=("capex_cash",)).snapshot.table
    rows = []
    for firm in NEOCLOUDS:
        own = table.loc[
            (table["series"] == "capex_cash") & (table["entity"] == firm) & (table["frequency"] == "Q")
        ].sort_values("period")
        if len(own):
            last = own.iloc[-1]
            rows.append(
                {
                    "firm": firm,
                    "quarters": len(own),
                    "first": str(own.iloc[0]["period"]),
                    "last": str(last["period"]),
                    "capex": float(last["value"]),
                }
            )
    return {"why": WHY_NOT_NEOCLOUDS, "rows": rows}


def _contracts(known: Known, made: Simulated) -> dict[str, Any]:
    """Return the market price over today's: as simulated by quarter, and as the contract's draws have it."""
    import numpy as np

    from overbuild.simulation.kernel import AT
    from overbuild.simulation.sources import contract_prices

    params = made.prepared.params[made.draw]
    now = params[:, AT["use_now"]] ** params[:, AT["gamma"]]
    premium, renewal, years = contract_prices(known)
    ratio = made.layers["price"][:, -1] * np.exp(params[:, AT["gain"]] * len(made.time) / 4) / now
    levels = {"q05": 0.05, "q50": 0.5, "q95": 0.95}
    return {
        "premium": {n: float(np.quantile(premium, q)) for n, q in levels.items()},
        "years": years,
        "renewal": {n: float(np.quantile(renewal, q)) for n, q in levels.items()},
        "simulated_years": len(made.time) / 4,
        "simulated": {n: float(np.quantile(ratio, q)) for n, q in levels.items()},
    }


def _sentence(what: Asked, forecasts: Any, result: Mapping[str, Any]) -> str:
    said = []
    for f in forecasts:
        if f["event"] in ("O3", "composite") and f["probability"] is not None:
            said.append(f"{f['event']} by {f['by']} {f['probability']:.2f}")
    return (
        f"Simulated with feedback from {result['inputs']['last']} ({result['inputs']['paths']} paths): "
        f"{', '.join(said)}. {NOT_IDENTIFIED}"
    )


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{SIGNIFICANT}g}")
    if isinstance(value, Mapping):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(v) for v in value]
    return value
