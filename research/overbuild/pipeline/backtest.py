"""Hindcasts where the outcome is known, scored beside rivals: telecom, run-ups and booms, from file or made.

Three results are filed, each under a key: digest of the data, the settings, the code and the fits behind it
(`overbuild.pipeline.hindcast_fits`), so that scoring anew costs no fit.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import overbuild.pipeline.hindcast_fits as fits
from overbuild.core.digest import digest_file, digest_of
from overbuild.core.saving import save_text
from overbuild.errors import InputError
from overbuild.locations import data_dir
from overbuild.pipeline.code import Sources
from overbuild.pipeline.describe import priors, sections
from overbuild.pipeline.hindcast_fits import Work, rounded
from overbuild.pipeline.units import Progress, on_file
from overbuild.probability import filing
from overbuild.probability.hindcast_rows import LABEL, Target, row
from overbuild.probability.plain import plain
from overbuild.settings import SEED

if TYPE_CHECKING:
    import pandas as pd

RESULTS = ("telecom", "run_ups", "booms")
AI = "ai"
BOOMS = "history/booms.csv"
NEEDED = ("definitions.toml", "priors.toml", "perimeter.toml", "catalogue.csv", "codebook.csv", BOOMS)
"""Files without which a data folder cannot be asked."""
USED = ("frozen", "truth_table", "baserate", "O2", "O3", "checks", "intervals")
MODULES = ("telecom", "film", "run_ups", "booms", "scores", "swing")


@dataclass(frozen=True)
class Backtest:
    """Hindcasts and their scores.

    Attributes
    ----------
    results
        ``telecom``, ``run_ups`` and ``booms``: rows, scores and what is told beside them.
    ai
        AI's own resolving sub-forecasts, where they are on file; None elsewhere.
    """

    results: Mapping[str, Mapping[str, Any]]
    ai: Mapping[str, Any] | None = None

    @property
    def scores(self) -> list[dict[str, Any]]:
        """Scores of every panel and model."""
        return [s for name in RESULTS for s in self.results[name]["scores"]]

    def frame(self) -> pd.DataFrame:
        """Return one row a panel and model: its Brier score, and won or lost against its rivals."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "panel": s["panel"],
                    "model": s["model"],
                    "cases": s["cases"],
                    "brier": s["brier"],
                    "log": s["log_floored"],
                    **{
                        f"against {rival}": next(
                            (a["verdict"] for a in s["against"] if a["rival"] == rival), ""
                        )
                        for rival in ("constant", "coin", "boom_age")
                    },
                }
                for s in self.scores
            ]
        )

    def sentence(self) -> str:
        """Say what was asked, and of how many comparisons models won or lost."""
        kept = [a["verdict"] for s in self.scores if not s["rival"] for a in s["against"]]
        film = self.results["telecom"]["film_findings"]
        holds = [f["model"] for f in film if f["rises"] and f["below"] == f["quiet"] and f["quiet"]]
        found = ", ".join(dict.fromkeys(holds)) or "no model"
        return (
            f"Hindcasts of telecom (1995-2002; {LABEL}), of run-ups and of booms: of {len(kept)} comparisons "
            f"of models with rivals {kept.count('won')} are won, {kept.count('lost')} lost and the others "
            f"not told apart. Telecom rises through 1998-2000 above every quiet boom of its age by {found}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, as ``overbuild backtest --json`` prints them."""
        telecom, run_ups, booms = (dict(self.results[n]) for n in RESULTS)
        scores = [*self.scores, *((self.ai or {}).get("scores") or [])]
        for found in (telecom, run_ups, booms):
            del found["scores"], found["key"]
        made = {"label": LABEL, "vintages": telecom, "run_ups": run_ups, "episodes": booms, "scores": scores}
        made["sentence"] = self.sentence()
        return made if self.ai is None else {**made, "ai": dict(self.ai)}


def backtest(
    *,
    as_of: date | None = None,
    data: Path | None = None,
    workers: int = 1,
    cluster: str | None = None,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> Backtest:
    """Return hindcasts of telecom, run-ups and booms with their scores, from file where the keys match.

    Parameters
    ----------
    as_of
        The day whose knowledge decides what happened; None: that of the definitions.
    data
        A data folder; None: the project's.
    workers, cluster
        Processes, or the address of a ``dask.distributed`` scheduler; changes no result.
    folder
        Where units of work, and results of another folder's data, are kept; None: ``build/``.
    progress
        Called with units done, units in all, and what they are.

    Raises
    ------
    InputError
        If the data folder lacks what is needed, or the cluster does not answer.
    """
    home = data or data_dir()
    lacking = [name for name in NEEDED if not (home / name).is_file()]
    if lacking:
        raise InputError(
            f"{home} lacks {', '.join(lacking)}: hindcasts need a whole data folder. Give one with --data."
        )
    if cluster is not None:
        from overbuild.pipeline.executor import client_of

        client_of(cluster).close()
    day = as_of or sections(home / "definitions.toml", ("frozen",))["frozen"]
    work = Work(day, data, None, folder, workers, cluster, progress)
    return Backtest(results(_writable(work)), on_file(work.path(AI)))


def results(work: Work) -> dict[str, dict[str, Any]]:
    """Return the three results, each from file where its key matches, else made and filed."""
    makers: dict[str, Callable[[Any], dict[str, Any]]] = {
        "telecom": _telecom,
        "run_ups": _run_ups,
        "booms": _booms,
    }
    given = _Given(work)
    made = {}
    for name, make in makers.items():
        found = work.found(name, given.key(name))
        if found is None:
            found = {"key": given.key(name), **rounded(plain(make(given)))}
            from overbuild.probability.hindcast_scores import scores

            found["scores"] = rounded(plain(scores(found["rows"], SEED)))
            save_text(work.path(name), compact(found))
        made[name] = found
    return made


def compact(content: Mapping[str, Any]) -> str:
    """Return JSON with one line an entry of each list."""

    def line(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))

    parts = []
    for name, value in content.items():
        many = isinstance(value, list) and value
        body = "[\n" + ",\n".join(map(line, value)) + "\n]" if many else line(value)
        parts.append(f"{line(name)}:{body}")
    return "{" + ",\n".join(parts) + "}\n"


class _Given:
    """What results are made from, each read or computed when it is first asked for."""

    def __init__(self, work: Work) -> None:
        from overbuild.probability.hindcast_data import hindcast_data

        self.work, self.data = work, hindcast_data(work.data)
        self.left_out = fits.left_out(work, self.data.by_member())
        self.vintages = fits.by_vintage(work)
        self.quarters = fits.by_quarter(work, self.vintages)
        self.rivals = fits.rival_origins(work)
        self.simulated = _simulated(work)
        self.record = _regression(work)
        self._code = Sources().fingerprint(*(f"overbuild.probability.hindcast_{m}" for m in MODULES))

    def key(self, name: str) -> str:
        """Return what decides a result."""
        home = self.work.data or data_dir()
        of = {
            "telecom": (self.left_out, self.vintages, self.quarters, self.rivals, self.simulated),
            "run_ups": (self.left_out,),
            "booms": (self.record.key, digest_file(home / BOOMS)),
        }
        held = {model: priors(home, model) for model in ("baserate", "analogues")}
        settings = sections(home / "definitions.toml", USED)
        return digest_of(
            self._code, of[name], fits.data_digests(self.work), settings, held, self.work.as_of, SEED
        )[:20]


def _telecom(given: _Given) -> dict[str, Any]:
    from overbuild.probability import hindcast_film, hindcast_telecom

    data, folder, day = given.data, given.work.data, given.work.as_of
    seen = hindcast_telecom.spending(data, given.vintages, given.rivals, folder)
    supplied, known = hindcast_telecom.suppliers(data, given.quarters, given.rivals, folder, day)
    film = rounded(plain(hindcast_film.film(data, given.left_out)))
    outcomes = {(r["as_of"], r["event"], r["by"]): (r["target"], r["happened"]) for r in seen}
    return {
        "label": LABEL,
        "rows": [*seen, *_of_simulation(given.simulated, outcomes), *supplied],
        "known": {
            "targets": len({r["target"] for r in known}),
            "why": "the fall stood in the figures of the day: no forecast, and not scored",
        },
        "came": hindcast_telecom.came(folder, day),
        "near_miss": hindcast_telecom.near_miss(folder, day),
        "film_findings": hindcast_film.findings(film, seen),
        "film": film,
        "panel_priors": "the annual model as of the last year-end by the day",
    }


def _run_ups(given: _Given) -> dict[str, Any]:
    from overbuild.probability.hindcast_run_ups import run_ups
    from overbuild.probability.hindcast_scores import scores
    from overbuild.probability.hindcast_swing import swing

    made = run_ups(given.data, given.left_out)
    made["swing"] = swing(given.data, made["rows"], SEED)
    made["real_time_scores"] = scores(made["real_time"], SEED)
    return made


def _booms(given: _Given) -> dict[str, Any]:
    from overbuild.episodes import DataBook
    from overbuild.probability.choices import AnalogueChoices
    from overbuild.probability.definitions import definitions_of, read_definitions
    from overbuild.probability.hindcast_booms import booms
    from overbuild.probability.outside import priors_of

    work, record = given.work, given.record
    definitions = read_definitions(definitions_of(work.data))
    choices = AnalogueChoices.of(priors_of(work.data).at(work.as_of), definitions, axes=False)
    table = DataBook.load(work.data).booms
    return booms(table, record.result["findings"]["scores"], choices, work.as_of.isoformat())


def _regression(work: Work) -> filing.Record:
    """Return the filed answer of the regression on analogues, with its forecasts of clusters left out."""
    from overbuild.pipeline.estimate import answered
    from overbuild.probability.inside import question

    asked = question("analogue_regression", "ai", as_of=work.as_of, data=work.data)
    home = fits.home_of(work)
    also = (work.also,) if work.also else ()
    return answered(asked, work.filed_home, home / "posteriors", also=also).record


def _simulated(work: Work) -> list[dict[str, Any]]:
    """Return forecasts of telecom by the simulation, where they are on file."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for path in (p for f in work.filed_answers() for p in sorted((f / "simulation").glob("*.json"))):
        try:
            record = filing.read(path)
        except InputError:
            continue
        if record.episode == "telecom":
            day = record.as_of.isoformat()
            found |= {
                (day, f["event"], f["by"]): {**f, "as_of": day, "passed": record.passed}
                for f in record.forecasts
            }
    return [found[asked] for asked in sorted(found)]


def _of_simulation(
    forecasts: Sequence[Mapping[str, Any]], outcomes: Mapping[tuple[str, str, str], tuple[str, bool]]
) -> list[dict[str, Any]]:
    """Return the simulation's forecasts of the targets that the other models are asked of."""
    rows = []
    for f in forecasts:
        asked = f["as_of"], f["event"], f["by"]
        if asked in outcomes:
            target, happened = outcomes[asked]
            where = Target("telecom_spending", target, "telecom", f["as_of"], f["by"], f["event"], happened)
            said = f["abstains"] or f["probability"]
            status = "hindcast" if f["passed"] and f["status"] != "failed" else "failed"
            rows.append(row(where, "simulation", said, evidence=f["evidence"], status=status))
    return rows


def _writable(work: Work) -> Work:
    """Return the work with results filed in ``build/`` where the project's do not match or cannot be kept.

    The project's own filed results are only ever read by a command: a build writes them.
    """
    return replace(work, also=work.filed_home, filed=fits.home_of(work) / "filed")
