"""The specification curve run: every specification a unit of work, what the components say filed once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overbuild.core.digest import digest_file, digest_of
from overbuild.locations import build_dir, data_dir
from overbuild.pipeline.code import Sources
from overbuild.pipeline.describe import perimeter, priors, sections
from overbuild.pipeline.executor import places_of
from overbuild.pipeline.sensitivity_names import DEFINED, FILE, FITS, MODULES
from overbuild.pipeline.units import Cost, cost, on_file, worked
from overbuild.probability.plain import plain
from overbuild.probability.specification_curve import summary
from overbuild.probability.specification_runs import Components, Inside, Row
from overbuild.probability.specification_views import ahead_of, inside_of, pair_lines, view_of
from overbuild.probability.specifications import (
    Axis,
    Specification,
    axes_of,
    singles,
    specifications,
)
from overbuild.probability.variance_shares import told_apart
from overbuild.randomness import stream
from overbuild.settings import SEED

if TYPE_CHECKING:
    import pandas as pd

    from overbuild.probability.components_on_file import OnFile
    from overbuild.probability.rate_variants import LongView

DRAWS = 500
"""Draws of the inside view's inputs; paths are spread over them."""
DIGITS = 6


@dataclass(frozen=True)
class Curve:
    """Everything that decides the runs.

    Attributes
    ----------
    as_of
        The day whose knowledge is used.
    data
        A data folder; None: the project's.
    together, paths
        Rows of the hypercube and paths of the inside view; None: as the definitions say.
    seed
        Master seed.
    """

    as_of: date
    data: Path | None = None
    together: int | None = None
    paths: int | None = None
    seed: int = SEED

    @property
    def folder(self) -> Path:
        """The data folder."""
        return self.data or data_dir()

    @cached_property
    def definitions(self) -> dict[str, Any]:
        """The sections of the definitions that matter."""
        return sections(self.folder / "definitions.toml", DEFINED)

    @property
    def section(self) -> Mapping[str, Any]:
        """``[specification]``."""
        return self.definitions["specification"]

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The axes."""
        return axes_of(self.section["axes"])

    @property
    def count(self) -> int:
        """Paths of one run."""
        return self.paths or self.section["paths"]

    def design(self) -> tuple[Specification, ...]:
        """Return the design."""
        rows = self.section["together"] if self.together is None else self.together
        return specifications(self.axes, rows, stream("specification/design", seed=self.seed))

    def singles(self) -> tuple[Specification, ...]:
        """Return what asks for one assumption at a time, beyond the design."""
        return singles(self.axes, self.section["ranges"])

    def key(self, sources: Sources | None = None) -> str:
        """Return what decides the runs: code, definitions, priors, data, the fits behind, paths and seed."""
        from overbuild.pipeline.estimate import files_read, key_of
        from overbuild.probability.inside import question

        fits = {m: question(m, "ai", as_of=self.as_of, data=self.data) for m in FITS}
        files = {f for m in (*FITS, "capital", "contest") for f in files_read(m, "ai", self.folder)}
        files |= {"contracts/contracts.csv", "contracts/iren.toml"}
        return digest_of(
            (sources or Sources()).fingerprint(*MODULES),
            self.definitions,
            {
                m: priors(self.folder, m)
                for m in ("baserate", "capital", "contest", "contracts", "simulation")
            },
            perimeter(self.folder, "ai"),
            {f: digest_file(self.folder / f) for f in sorted(files)},
            {m: key_of(asked, sources).name(asked, SEED) for m, asked in fits.items()},
            [self.as_of, self.together, self.paths, self.seed, DRAWS],
        )[:20]


def specification_runs(
    curve: Curve,
    *,
    workers: int = 1,
    cluster: str | None = None,
    folder: Path | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> tuple[dict[str, Any], Cost]:
    """Ask every specification, and return what is filed with what it cost.

    First the design and the single assumptions; then the two assumptions of the inside view that, one at a
    time and within the curve's levels, move it most are moved together, upwards and downwards.

    Parameters
    ----------
    curve
        What decides the runs.
    workers, cluster
        Processes, or the address of a ``dask.distributed`` scheduler; changes no result.
    folder
        Where single runs are kept, so that a killed run resumes; None: ``build/``.
    progress
        Called with runs done, runs in all, and what they are.
    """
    key = curve.key()
    home = (folder or build_dir()) / "specification" / key
    design = curve.design()
    first = (*design, *curve.singles())
    options: dict[str, Any] = {"workers": workers, "cluster": cluster, "progress": progress}
    rows = worked(_run, {s.name: (curve, s) for s in first}, home, what="specifications", **options)
    lines = pair_lines(curve.axes, design, rows, curve.section["ranges"]["steps"])
    rows |= worked(_run, {s.name: (curve, s) for s in lines}, home, what="pairs of assumptions", **options)
    content = {
        "key": key,
        "as_of": curve.as_of.isoformat(),
        "paths": curve.count,
        "pairs": [{"name": s.name, "levels": dict(s.levels)} for s in lines],
        "rows": {name: {k: _rounded(v) for k, v in row.items()} for name, row in rows.items()},
    }
    return content, cost(rows, home, places_of(workers, cluster))


def filed(curve: Curve, folder: Path, sources: Sources | None = None) -> dict[str, Any] | None:
    """Return the runs on file where their key matches."""
    return on_file(folder / FILE, curve.key(sources))


def summarised(curve: Curve, runs: Mapping[str, Any], on_file: OnFile) -> dict[str, Any]:
    """Return the result that exhibits read: the curve, its shares, what must be believed.

    Parameters
    ----------
    curve
        What decided the runs.
    runs
        The runs on file.
    on_file
        What the components of the headline weigh and say on file.
    """
    from overbuild.probability.components_on_file import agreement

    found = summary(
        curve.axes,
        curve.design(),
        runs["rows"],
        on_file.weights,
        curve.section["ranges"],
        (*curve.singles(), *believed(runs)),
    )
    stated = {"key": runs["key"], "as_of": runs["as_of"], "paths": runs["paths"]}
    events = {
        "event": curve.definitions["headline"]["event"],
        "by": curve.definitions["headline"]["by"],
        "composite_by": curve.definitions["core_composite_by"],
        "filed": agreement(runs["rows"]["primary"], on_file.said),
        "left_out": on_file.left_out,
        "behind": behind(curve, runs["rows"]),
        "telecom_series": len(telecom_of(curve)),
    }
    return plain(stated | events | found)


def behind(curve: Curve, rows: Mapping[str, Row]) -> dict[str, Any]:
    """Return the base rate, and the cases behind it, of the primary specification and of each choice alone.

    Keys are names of specifications, with ``probability``, ``cases``, ``series`` and ``falls``, None where it
    is silent; ``telecom`` are the primary's cases that lie in the telecom series.
    """
    from overbuild.probability.rate_variants import reading_of

    long, telecom, by = long_of(curve), telecom_of(curve), curve.definitions["headline"]["by"]
    made = [s for s in curve.design() if s.kind in ("primary", "alone")]
    found: dict[str, Any] = {}
    for s in made:
        cases = long.behind(reading_of(s.levels, telecom), by)
        found[s.name] = None if cases is None else {"probability": rows[s.name]["baserate"], **cases}
    return found | {"telecom": long.behind(reading_of(made[0].levels, telecom), by, telecom)}


def sentence(found: Mapping[str, Any]) -> str:
    """Say where the curve lies, and which choices make most of its spread."""
    curve = found["curve"]["headline"]
    points, shares = curve["points"], found["shares"]["headline"]
    largest = told_apart(shares["axes"]) if shares else []
    named = ", ".join(f"{row['axis']} {row['share']:.0%} ± {100 * row['error']:.0f}" for row in largest)
    most = f"; most of its variance: {named}" if largest else ""
    together = any(s["kind"] == "together" for s in found["specifications"])
    return (
        f"{found['event']} by {found['by']} under {curve['runs']} "
        f"{'combinations of choices' if together else 'specifications'}: "
        f"median {points['0.5']:.2f}, 90 % of them from {points['0.05']:.2f} to {points['0.95']:.2f}"
        f"{most}."
    )


def frame(found: Mapping[str, Any]) -> pd.DataFrame:
    """Return the headline at each level of each choice, all else primary, one row a level."""
    import pandas as pd

    rows = [
        {"axis": each["axis"], "level": str(level), "probability": p}
        for each in found["alone"]["headline"]
        for level, p in zip(each["levels"], each["probability"], strict=True)
    ]
    return pd.DataFrame(rows)


def believed(content: Mapping[str, Any]) -> tuple[Specification, ...]:
    """Return the pairs of assumptions of runs on file."""
    return tuple(Specification(p["name"], "pair", p["levels"]) for p in content["pairs"])


def _run(given: tuple[Curve, Specification]) -> Row:
    curve, specification = given
    return components_of(curve).ask(specification.levels)


@lru_cache(maxsize=2)
def components_of(curve: Curve) -> Components:
    """Return what a specification is asked of, once a process."""
    from overbuild.probability.definitions import definitions_of, event_named, read_definitions

    file = definitions_of(curve.data)
    definitions = read_definitions(file)
    headline = definitions["headline"]
    last = max(headline["by"], definitions["core_composite_by"])
    return Components(
        long_of(curve),
        telecom_of(curve),
        {
            m: ahead_of(posterior_of(m, curve), last, stream(f"specification/{m}", seed=curve.seed))
            for m in ("regimes", "quarterly")
        },
        _Inside(curve, (headline["by"], definitions["core_composite_by"])),
        event_named(headline["event"], by=headline["by"], path=file),
        event_named("composite", by=definitions["core_composite_by"], path=file),
    )


@lru_cache(maxsize=2)
def long_of(curve: Curve) -> LongView:
    """Return the long series and the sector, once a process."""
    from overbuild.episodes import load_episode
    from overbuild.probability.choices import BaseRateChoices
    from overbuild.probability.definitions import definitions_of, read_definitions
    from overbuild.probability.outside import priors_of
    from overbuild.probability.rate_variants import DEFLATOR, LongView
    from overbuild.probability.runups import Rule

    definitions = read_definitions(definitions_of(curve.data))
    section = definitions["baserate"]
    choices = BaseRateChoices.of(priors_of(curve.data).at(curve.as_of), definitions)
    snapshot = load_episode("ai", curve.as_of, curve.data, also=(DEFLATOR,)).snapshot
    return LongView(snapshot, tuple(section["series"]), Rule.of(section), choices, seed=curve.seed)


def telecom_of(curve: Curve) -> tuple[str, ...]:
    """Return the long series that a specification may leave out."""
    return tuple(curve.definitions["baserate"]["telecom_series"])


@lru_cache(maxsize=4)
def posterior_of(model: str, curve: Curve) -> Any:
    """Return the posterior of a regime model, once a process."""
    from overbuild.pipeline.posteriors import posterior
    from overbuild.probability.inside import question

    return posterior(question(model, "ai", as_of=curve.as_of, data=curve.data), curve.folder / "filed")


@lru_cache(maxsize=2)
def inputs_of(curve: Curve) -> Any:
    """Return draws of the inside view's inputs, once a process."""
    from overbuild.pipeline.thinned import thinned
    from overbuild.probability.inside import question
    from overbuild.simulation.sources import Known, ai_inputs

    asked = [question(m, "ai", as_of=curve.as_of, data=curve.data) for m in ("quarterly", "demand")]
    quarterly, demand = (thinned(q, filed=curve.folder / "filed", keep=False) for q in asked)
    known, size = Known("ai", curve.as_of, curve.data), min(DRAWS, curve.count)
    return ai_inputs(known, quarterly, demand, size, curve.seed)


@dataclass
class _Inside:
    """Runs the inside view with the factors of a specification on the same random numbers; keeps the last."""

    curve: Curve
    horizons: tuple[str, ...]

    def __post_init__(self) -> None:
        self._made = lru_cache(maxsize=2)(self._simulated)

    def __call__(self, levels: Mapping[str, Any]) -> Inside:
        own = [a for a in self.curve.axes if a.part == "simulation"]
        return self._made(tuple((a.name, levels[a.name]) for a in own))

    def _simulated(self, levels: tuple[tuple[str, Any], ...]) -> Inside:
        view = view_of(dict(levels), self.curve.axes, self.horizons)
        rng = stream("specification/simulation", seed=self.curve.seed)
        return inside_of(view, inputs_of(self.curve), self.curve.count, rng)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
