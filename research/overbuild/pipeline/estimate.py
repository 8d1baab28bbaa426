"""One fit of a model: taken from file where its key matches, else made, checked and filed.

The record (JSON) and the draws (netCDF) go to ``build/``; nothing is pickled. A fit that failed a check is
kept and named as failed. A run that is killed leaves finished fits usable: each is written when it is done.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from overbuild.core.digest import digest_of
from overbuild.errors import UnknownNameError
from overbuild.locations import build_dir
from overbuild.models.regime_checks import learnt, not_identified
from overbuild.models.regime_panel import OWN, TELECOM
from overbuild.models.sampler import SAMPLER, Sampling
from overbuild.pipeline.code import fingerprint
from overbuild.probability import filing
from overbuild.probability.inside import INSIDE, RegimeForecaster, asked, forecasts_from
from overbuild.probability.plain import plain
from overbuild.randomness import stream
from overbuild.settings import SEED

LIBRARIES = ("pymc", "pytensor", "nutpie", "arviz", "numba")


@dataclass(frozen=True)
class Estimate:
    """A fit on file.

    Attributes
    ----------
    record
        The record.
    reused
        Whether it was on file already.
    draws
        File of the draws.
    """

    record: filing.Record
    reused: bool
    draws: Path

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, as ``overbuild estimate --json`` prints them."""
        return self.record.to_dict() | {"passed": self.record.passed, "reused": self.reused}

    def frame(self) -> pd.DataFrame:
        """Return the parameters: posterior, and the share of the prior's variance learnt."""
        return pd.DataFrame(self.record.result["parameters"])

    def sentence(self) -> str:
        """Return what was done, how long it took and whether it can be relied on."""
        r = self.record
        seconds = r.result["seconds"]
        done = "on file" if self.reused else "fitted"
        return (
            f"{r.model} on {r.episode}, as of {r.as_of} ({r.result['label']}), {done}: compiled in "
            f"{seconds['compile']:.1f} s, sampled in {seconds['sample']:.1f} s. {r.result['sentence']} "
            f"{r.result['not_identified']}"
        )


def estimate(
    model: str,
    episode: str = "ai",
    *,
    as_of: date | None = None,
    by: str | None = None,
    sampling: Sampling | None = None,
    data: Path | None = None,
    seed: int = SEED,
    folder: Path | None = None,
) -> Estimate:
    """Fit a model to an episode and file the result.

    Parameters
    ----------
    model
        ``regimes``.
    episode, as_of, by, data
        As for `overbuild.probability.inside.forecasts_of`.
    sampling
        How much to sample; None: four chains of a thousand draws.
    seed
        Master seed.
    folder
        Where to file; None: ``build/``.
    """
    if model not in INSIDE:
        raise UnknownNameError("model", model, INSIDE)
    root = folder or build_dir()
    chosen = sampling or Sampling()
    snapshot, events = asked(episode, as_of, by, data)
    asker = RegimeForecaster(chosen, data)
    spec = asker.model(snapshot.as_of)
    settings = {
        "sampler": SAMPLER,
        "sampling": {k: v for k, v in asdict(chosen).items() if k != "cores"},
        "series": list(spec.series),
        "floor": spec.floor,
        "ages": spec.ages,
        "events": digest_of(events),
    }
    digests = (snapshot.digest, digest_of(dict(spec.priors)), fingerprint("overbuild.probability.inside"))
    key = filing.key_of(model, snapshot.episode, snapshot.as_of, digests, settings, seed)
    draws = root / "posteriors" / model / f"{key}.nc"
    found = filing.find(root / "filed", model, key)
    if found is not None:
        return Estimate(found, True, draws)
    start = time.perf_counter()
    posterior = asker.fit(snapshot, seed)
    posterior.sampled.save(draws)
    made = forecasts_from(posterior, snapshot, events, stream(f"{model}/forecast", seed=seed), model)
    diagnostics = posterior.sampled.diagnostics
    taught = learnt(spec, posterior, stream(f"{model}/prior", seed=seed))
    own = TELECOM if snapshot.episode == TELECOM else OWN
    result = {
        "label": snapshot.label,
        "sentence": diagnostics.sentence(),
        "not_identified": not_identified(taught),
        "diagnostics": diagnostics.to_dict(),
        "seconds": {"compile": posterior.compile_seconds, "sample": posterior.sampled.seconds},
        "parameters": plain(posterior.summary().assign(learnt=taught["learnt"].to_numpy())),
        "regimes": {m: plain(posterior.regimes(m).reset_index()) for m in ("bea_highways", TELECOM, own)},
    }
    record = filing.Record(
        model=model,
        episode=snapshot.episode,
        as_of=snapshot.as_of,
        data=digests[0],
        priors=digests[1],
        code=digests[2],
        settings=settings,
        seed=seed,
        versions=filing.versions() | filing.versions_of(LIBRARIES),
        seconds=round(time.perf_counter() - start, 2),
        checks=diagnostics.checks,
        forecasts=tuple(plain(asdict(f)) for f in made),
        result=result,
    )
    filing.save(root / "filed", record)
    return Estimate(record, False, draws)
