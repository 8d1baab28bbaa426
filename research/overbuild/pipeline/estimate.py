"""One fit of a model: taken from file where its key matches, else made, checked and filed.

The record (JSON) and the draws (netCDF) go to ``build/``; nothing is pickled. A fit that failed a check is
kept and named as failed. A run that is killed leaves finished fits usable: each is written when it is done.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from overbuild.core.digest import digest_file, digest_of
from overbuild.errors import CheckFailedError, InputError, UnknownNameError
from overbuild.locations import build_dir, data_dir
from overbuild.models.bayesian import BayesianModel
from overbuild.models.registry import module_of
from overbuild.models.sampler import SAMPLER
from overbuild.pipeline.code import Sources
from overbuild.pipeline.describe import files_of, sections
from overbuild.probability import filing
from overbuild.probability.definitions import FILE as DEFINITIONS
from overbuild.probability.definitions import IDS
from overbuild.probability.inside import Question, own, question
from overbuild.probability.plain import plain
from overbuild.randomness import stream
from overbuild.settings import SEED

LEAST_P = 0.01
"""Least p-value of all predictive statistics of a fit together."""
LIBRARIES = ("pymc", "pytensor", "nutpie", "arviz", "numba")
ALSO_READS = {"analogue_regression": ("history/booms.csv",)}
"""Files that a model reads beyond those of its series."""
PANEL = {"quarterly": "regimes"}
"""Model to the one whose filed answer on the same episode and day takes the place of some of its priors."""
USED = ("frozen", "horizons", "truth_table", "baserate", *IDS)
"""Sections of the definitions that may decide a fit or what is asked of it."""


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
        kept = self.record.result
        return {
            "record": {k: v for k, v in self.record.to_dict().items() if k not in ("result", "forecasts")},
            "diagnostics": kept["diagnostics"],
            "summary": kept["parameters"],
            **self.content(),
            "reused": self.reused,
        }

    def content(self) -> dict[str, Any]:
        """Return what exhibits read: parameters, findings, checks and forecasts."""
        r = self.record
        return {
            "model": r.model,
            "episode": r.episode,
            "as_of": r.as_of.isoformat(),
            "passed": r.passed,
            "checks": dict(r.checks),
            **r.result,
            "forecasts": [dict(f) for f in r.forecasts],
        }

    def frame(self) -> pd.DataFrame:
        """Return the parameters: posterior, and the share of the prior's variance learnt."""
        return pd.DataFrame(self.record.result["parameters"])

    def sentence(self) -> str:
        """Return what was found, how long it took and whether it can be relied on."""
        r = self.record
        seconds = r.result["seconds"]
        done = "on file" if self.reused else "fitted"
        failed = f" It is filed as failed ({', '.join(r.failed)})." if r.failed else ""
        return (
            f"{r.model} on {r.episode}, as of {r.as_of} ({r.result['label']}), {done}: compiled in "
            f"{seconds['compile']:.1f} s, sampled in {seconds['sample']:.1f} s. {r.result['diagnosed']}"
            f"{failed} {r.result['sentence']} {r.result['not_identified']}"
        )


@dataclass(frozen=True)
class Key:
    """What decides a fit: digests of data, priors and code, and plain settings."""

    data: str
    priors: str
    code: str
    settings: dict[str, Any]

    def name(self, asked: Question, seed: int) -> str:
        """Return the key under which the fit is filed."""
        digests = (self.data, self.priors, self.code)
        return filing.key_of(asked.model, asked.episode, asked.as_of, digests, self.settings, seed)


def estimate(
    model: str,
    episode: str = "ai",
    *,
    as_of: date | None = None,
    by: str | None = None,
    chains: int | None = None,
    draws: int | None = None,
    priors: Path | None = None,
    data: Path | None = None,
    seed: int = SEED,
    folder: Path | None = None,
) -> Estimate:
    """Fit a model to an episode, check it and file the result; or take it from file.

    Parameters
    ----------
    model, episode, as_of, by, chains, draws, priors, data
        As for `overbuild.probability.inside.question`.
    seed
        Master seed.
    folder
        Where to file; None: ``build/``.

    Raises
    ------
    UnknownNameError
        If there is no such model or episode.
    InputError
        If too little was known on the day, or a prior could not be held.
    """
    asked = question(model, episode, as_of=as_of, by=by, chains=chains, draws=draws, priors=priors, data=data)
    root = folder or build_dir()
    return answered(asked, root / "filed", root / "posteriors", seed=seed)


def forecast(model: str, episode: str = "ai", **options: Any) -> Estimate:
    """Return an estimate as `estimate` does, also from the answers that came with the project."""
    asked = question(model, episode, **options)
    root = build_dir()
    return answered(asked, root / "filed", root / "posteriors", also=(data_dir() / "filed",))


def answered(
    asked: Question,
    filed: Path,
    posteriors: Path,
    *,
    seed: int = SEED,
    also: Sequence[Path] = (),
    again: bool = False,
) -> Estimate:
    """Return an answer from file where its key matches, else make it, check it and file it.

    Parameters
    ----------
    asked
        What the model is asked.
    filed, posteriors
        Folders of the records and of the draws.
    seed
        Master seed.
    also
        Other folders in which an answer may be on file.
    again
        Fit although the answer is on file.
    """
    decides = key_of(asked)
    key = decides.name(asked, seed)
    draws = posteriors / asked.model / f"{key}.nc"
    for folder in () if again else (filed, *also):
        found = filing.find(folder, asked.model, key)
        if found is not None:
            return Estimate(found, True, draws)
    panel = panel_asked(asked)
    taught = answered(panel, filed, posteriors, seed=seed, also=also) if panel else None
    record = fitted(asked, decides, seed, draws, taught.record if taught else None)
    filing.save(filed, record)
    return Estimate(record, False, draws)


def panel_asked(asked: Question) -> Question | None:
    """Return what is asked of the model whose answer takes the place of some priors; None where none does."""
    if asked.model not in PANEL:
        return None
    return question(
        PANEL[asked.model],
        asked.episode,
        as_of=asked.as_of,
        chains=asked.chains,
        draws=asked.draws,
        priors=asked.priors,
        data=asked.data,
    )


def fitted(
    asked: Question, decides: Key, seed: int, draws: Path, panel: filing.Record | None = None
) -> filing.Record:
    """Fit, check and forecast; the draws are saved, the record is returned.

    ``panel`` is the answer that takes the place of some priors; one that failed a check does not.
    """
    from overbuild.models import checking

    start = time.perf_counter()
    snapshot, events, name = asked.snapshot(), asked.events(), asked.model
    with _refusing_late_priors(asked):
        spec = asked.specification()
        if panel is not None and panel.passed:
            spec = with_panel(spec, panel)
        posterior = spec.fit(snapshot, stream(f"{name}/fit/{snapshot.episode}", seed=seed))
    fit, data = posterior.sampled, posterior.data
    diagnostics = fit.diagnostics
    rng = stream(f"{name}/checks/{snapshot.episode}", seed=seed)
    taught = checking.learnt(spec, data, fit, rng)
    before = checking.prior_predictive(spec, data, rng)
    after = checking.posterior_predictive(spec, data, fit, rng)
    least = LEAST_P / len(before)
    checks = {
        **diagnostics.checks,
        "prior_predictive": bool((before["p_value"] >= least).all()),
        "posterior_predictive": bool((after["p_value"] >= least).all()),
    }
    forecasts = posterior.forecasts(
        snapshot, events, stream(f"{name}/forecast/{snapshot.episode}", seed=seed)
    )
    if not all(checks.values()):
        forecasts = tuple(replace(f, status="failed") for f in forecasts)
    found = posterior.findings(stream(f"{name}/findings/{snapshot.episode}", seed=seed))
    record = filing.Record(
        model=name,
        episode=asked.episode,
        as_of=asked.as_of,
        data=decides.data,
        priors=decides.priors,
        code=decides.code,
        settings=decides.settings,
        seed=seed,
        versions=filing.versions() | filing.versions_of(LIBRARIES),
        seconds=round(time.perf_counter() - start, 2),
        checks=checks,
        forecasts=tuple(plain(asdict(f)) for f in forecasts),
        result=plain(
            {
                "label": snapshot.label,
                "sentence": posterior.sentence(),
                "diagnosed": diagnostics.sentence(),
                "diagnostics": diagnostics.to_dict(),
                "seconds": {"compile": posterior.compile_seconds, "sample": fit.seconds},
                "parameters": taught,
                "not_identified": checking.not_identified(taught, spec.not_identified),
                "known_limits": spec.not_identified,
                "panel": _panel(panel),
                "predictive": {"least_p": least, "prior": before, "posterior": after},
                "findings": found,
            }
        ),
    )
    fit.save(draws)
    return record


@contextmanager
def _refusing_late_priors(asked: Question) -> Iterator[None]:
    """Say which prior could not be held yet where a model misses it."""
    try:
        yield
    except KeyError as missing:
        late = asked.late_priors()
        if missing.args[0] not in late:
            raise
        raise InputError(
            f"The prior '{asked.model}.{missing.args[0]}' could not be held on {asked.as_of}: it is known "
            f"from {late[missing.args[0]]}. Ask for that day or a later one."
        ) from None


def with_panel(spec: Any, panel: filing.Record) -> BayesianModel:
    """Return a model with what the annual panel taught in the place of the priors that they share."""
    from overbuild.models.quarterly_panel import panel_of

    changed: BayesianModel = replace(spec, panel=panel_of(panel.result["parameters"]))
    return changed


def _panel(panel: filing.Record | None) -> dict[str, Any] | None:
    return None if panel is None else {"model": panel.model, "key": panel.key, "used": panel.passed}


def key_of(asked: Question, sources: Sources | None = None) -> Key:
    """Return what decides a fit, without loading the data."""
    folder = asked.data or data_dir()
    mine = own(asked.episode)
    files = _own_files(asked, folder) if mine else _files(asked, folder)
    settings: dict[str, Any] = {
        "sampler": SAMPLER,
        "chains": asked.chains,
        "draws": asked.draws,
        "horizons": list(asked.horizons),
        "definitions": digest_of(sections(_definitions(folder), USED)),
        "perimeter": "" if mine else digest_of(perimeter_of(folder, asked.episode)),
    }
    panel = panel_asked(asked)
    if panel is not None:
        settings["panel"] = key_of(panel, sources).name(panel, SEED)
    code = (sources or Sources()).fingerprint(module_of(asked.model), "overbuild.models.checking")
    return Key(digest_of(files), digest_of(asked.prior_values()), code, settings)


def files_read(model: str, episode: str, folder: Path) -> tuple[str, ...]:
    """Return the data files that a model reads of an episode, as named in the catalogue."""
    from overbuild.episodes.model_series import model_series

    series = {*perimeter_of(folder, episode)["series"], *model_series(model, episode, folder)}
    return tuple(sorted({*files_of(folder, series), *ALSO_READS.get(model, ())}))


def perimeter_of(folder: Path, episode: str) -> Mapping[str, Any]:
    """Return the perimeter of an episode.

    Raises
    ------
    UnknownNameError
        If there is no such episode; the message lists what there is.
    """
    from overbuild.episodes.perimeters import read_perimeters

    every = read_perimeters(folder / "perimeter.toml")
    if episode not in every:
        raise UnknownNameError("episode", episode, tuple(every))
    return every[episode]


def require(found: Estimate) -> None:
    """Refuse a fit that failed a check.

    Raises
    ------
    CheckFailedError
        With the names of the checks.
    """
    if not found.record.passed:
        raise CheckFailedError(
            f"The estimate of '{found.record.model}' failed: {', '.join(found.record.failed)}. It is kept, "
            "named as failed, and used by nothing unless it is asked for by name."
        )


def _files(asked: Question, folder: Path) -> dict[str, str]:
    names = files_read(asked.model, asked.episode, folder)
    return {name: digest_file(folder / name) for name in names}


def _own_files(asked: Question, folder: Path) -> dict[str, str]:
    """Return the digests of a user's file, of its units, and of the project's files beside it."""
    from overbuild.episodes.model_series import model_series
    from overbuild.episodes.own import OWN

    path = Path(asked.episode)
    given = [p for p in (path, path.with_suffix(".toml")) if p.is_file()]
    names = files_of(folder, model_series(asked.model, OWN, folder))
    return {p.name: digest_file(p) for p in given} | {n: digest_file(folder / n) for n in names}


def _definitions(folder: Path) -> Path:
    own = folder / DEFINITIONS
    return own if own.is_file() else data_dir() / DEFINITIONS
