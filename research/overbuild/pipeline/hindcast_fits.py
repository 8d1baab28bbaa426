"""The fits behind hindcasts: each a unit of work, kept in ``build/``, filed together under what decides them.

What is filed (``data/filed/hindcasts/<name>.json``) are chances and parameters, so that the hindcasts can be
put together and scored anew without a fit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from overbuild.core.digest import digest_file, digest_of
from overbuild.core.periods import period_end
from overbuild.core.saving import save_json
from overbuild.locations import build_dir, data_dir
from overbuild.pipeline.code import Sources
from overbuild.pipeline.describe import priors
from overbuild.pipeline.estimate import key_of
from overbuild.pipeline.units import Progress, on_file, worked
from overbuild.probability import filing, hindcast_quarterly, hindcast_regimes, hindcast_rivals
from overbuild.probability.hindcast_cases import TELECOM, VINTAGES, YEARS_AHEAD, Hindcast
from overbuild.probability.inside import question
from overbuild.probability.plain import plain
from overbuild.settings import SEED

LEFT_OUT, BY_VINTAGE, BY_QUARTER = "regimes_left_out", "regimes_by_vintage", "quarterly_by_quarter"
RIVALS = "rivals_by_day"
QUICK = {"draws": 200, "chains": 2}
DIGITS = 6
SHARED = ("hindcast_cases", "runups")
"""Modules of ours that decide a fit's chances with the one that asks for them."""


@dataclass(frozen=True)
class Work:
    """How fits are made.

    Attributes
    ----------
    as_of
        Day to which what is known later is known: labels, and the other series where one is left out.
    data
        Data folder; None: the project's.
    filed
        Folder of filed results; None: that of the data folder.
    home
        Where units are kept; None: ``build/``.
    workers, cluster, progress
        As for `overbuild.pipeline.units.worked`.
    quick
        Whether few draws will do.
    again
        Whether to fit although the fits are on file.
    also
        Another folder of filed results that is read and not written; None: there is none.
    """

    as_of: date
    data: Path | None = None
    filed: Path | None = None
    home: Path | None = None
    workers: int = 1
    cluster: str | None = None
    progress: Progress | None = None
    quick: bool = False
    again: bool = False
    also: Path | None = None

    @property
    def filed_home(self) -> Path:
        """Folder of filed results."""
        return self.filed or (self.data or data_dir()) / "filed"

    @property
    def sampling(self) -> dict[str, Any]:
        """Draws and chains; None: the model's."""
        return dict(QUICK) if self.quick else {"draws": None, "chains": None}

    def path(self, name: str) -> Path:
        """Return where a result is filed."""
        return self.filed_home / "hindcasts" / f"{name}.json"

    def found(self, name: str, key: str | None = None) -> dict[str, Any] | None:
        """Return a result on file, of a key or whatever its key; None where there is none."""
        if self.again:
            return None
        folders = [f for f in (self.filed_home, self.also) if f]
        return next((r for f in folders if (r := on_file(f / "hindcasts" / f"{name}.json", key))), None)

    def filed_answers(self) -> tuple[Path, ...]:
        """Return the folders in which answers of models are on file."""
        return tuple(f for f in (self.also, self.filed_home) if f)


def left_out(work: Work, cases: Mapping[str, tuple[Hindcast, ...]]) -> dict[str, Any]:
    """Return the chances of each member's cases by the regime model that learnt nothing from the member."""
    jobs = {
        member: hindcast_regimes.LeftOut(member, of, work.as_of, work.data, SEED, **work.sampling)
        for member, of in cases.items()
    }
    decides = _decides(work, hindcast_regimes.MODEL)
    key = digest_of(decides, {m: [asdict(c) for c in of] for m, of in cases.items()})[:20]
    return _units(work, LEFT_OUT, key, hindcast_regimes.left_out, jobs, "fits without a series")


def by_vintage(work: Work) -> dict[str, Any]:
    """Return forecasts and parameters of the regime model as of each year-end, from file where it has them.

    Result: year to ``passed, forecasts, parameters``. Years that the project's fits hold are taken from them.
    """
    filed = {str(v): _filed_fit(work, date(v, 12, 31)) for v in VINTAGES} if not work.quick else {}
    jobs = {
        str(v): hindcast_regimes.Vintage(date(v, 12, 31), work.data, SEED, **work.sampling)
        for v in VINTAGES
        if filed.get(str(v)) is None
    }
    decides = _decides(work, hindcast_regimes.MODEL)
    key = digest_of(decides, sorted(jobs))[:20]
    made = _units(work, BY_VINTAGE, key, hindcast_regimes.vintage, jobs, "fits by vintage")
    return {str(v): filed.get(str(v)) or made[str(v)] for v in VINTAGES}


def by_quarter(work: Work, vintages: Mapping[str, Any]) -> dict[str, Any]:
    """Return forecasts of the quarterly model as of each quarter, with the panel of the last year-end."""
    jobs = {}
    for quarter in hindcast_quarterly.quarters():
        taught = vintages[str(hindcast_quarterly.year_end_before(quarter).year)]
        panel = tuple(taught["parameters"]) if taught["passed"] else ()
        jobs[quarter] = hindcast_quarterly.Origin(quarter, panel, work.data, SEED, **work.sampling)
    decides = _decides(work, hindcast_quarterly.MODEL)
    key = digest_of(decides, {q: [dict(row) for row in j.panel] for q, j in jobs.items()})[:20]
    return _units(work, BY_QUARTER, key, hindcast_quarterly.origin, jobs, "fits by quarter")


def rival_origins(work: Work) -> dict[str, Any]:
    """Return what time-series rivals say of telecom: day to ``events`` and each rival's chances."""
    asked: dict[str, list[tuple[str, str]]] = {}
    for v in VINTAGES:
        asked[f"{v}-12-31"] = [("O3", f"{v + h}Q4") for h in YEARS_AHEAD]
    for quarter in hindcast_quarterly.quarters():
        ends = [
            (name, by) for by in hindcast_quarterly.horizons(quarter) for name in hindcast_quarterly.EVENTS
        ]
        asked.setdefault(period_end(quarter).isoformat(), []).extend(ends)
    jobs = {
        day: hindcast_rivals.RivalOrigin(date.fromisoformat(day), tuple(events), work.data, SEED)
        for day, events in asked.items()
    }
    key = digest_of(
        Sources().fingerprint("overbuild.timeseries.rivals"),
        digest_file(Sources().modules["overbuild.probability.hindcast_rivals"]),
        data_digests(work),
        asked,
        SEED,
    )[:20]
    made = _units(work, RIVALS, key, hindcast_rivals.rivals, jobs, "days of rival forecasts")
    return {day: {"events": [list(e) for e in asked[day]], "chances": made[day]} for day in asked}


def _units(
    work: Work, name: str, key: str, function: Callable[[Any], Any], jobs: Mapping[str, Any], what: str
) -> dict[str, Any]:
    found = work.found(name, None if work.quick else key)
    if found is None:
        home = home_of(work) / "hindcasts" / name / key
        options: dict[str, Any] = {"workers": work.workers, "cluster": work.cluster}
        made = worked(function, jobs, home, progress=work.progress, what=what, **options)
        found = {"key": key, "units": rounded(plain(made))}
        save_json(work.path(name), found)
    return found["units"]


def home_of(work: Work) -> Path:
    """Return where units of work are kept."""
    return work.home or build_dir()


def data_digests(work: Work) -> tuple[str, ...]:
    """Return digests of the data that the hindcasts of telecom and of run-ups rest on."""
    models = (hindcast_regimes.MODEL, hindcast_quarterly.MODEL)
    return tuple(key_of(question(m, TELECOM, as_of=work.as_of, data=work.data)).data for m in models)


def _decides(work: Work, model: str) -> list[Any]:
    """Return what decides the fits of a model beside its cases: its code and ours, data, priors, sampling."""
    key = key_of(question(model, TELECOM, as_of=work.as_of, data=work.data))
    modules = Sources().modules
    own = [digest_file(modules[f"overbuild.probability.{n}"]) for n in (f"hindcast_{model}", *SHARED)]
    held = priors(work.data or data_dir(), model)
    return [key.code, own, key.data, held, key.settings, work.sampling, SEED]


def _filed_fit(work: Work, day: date) -> dict[str, Any] | None:
    every = (filing.latest(f, hindcast_regimes.MODEL, TELECOM, day) for f in work.filed_answers())
    record = next((r for r in every if r is not None), None)
    if record is None:
        return None
    return {
        "passed": record.passed,
        "forecasts": [dict(f) for f in record.forecasts if f["event"] == "O3"],
        "parameters": [
            {k: row[k] for k in ("parameter", "mean", "sd")} for row in record.result["parameters"]
        ],
    }


def rounded(value: Any, digits: int = DIGITS) -> Any:
    """Return plain types with every number to so many significant digits."""
    if isinstance(value, float):
        return float(f"{value:.{digits}g}")
    if isinstance(value, Mapping):
        return {k: rounded(v, digits) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(v, digits) for v in value]
    return value
