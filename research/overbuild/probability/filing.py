"""Answers on file: what a forecaster said, kept with all that made it say so.

``data/filed/<model>/<key>.json`` holds one answer. The key is the digest of the data, settings, priors and
code behind it, so that an answer whose key still matches need not be computed again, and one that does not
match is never mistaken for it. There is one answer for each model, episode and day: the one in use takes the
place of any other, which is removed once it is safely written.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from overbuild.core.saving import save_json
from overbuild.errors import InputError

LIBRARIES = ("overbuild", "numpy", "scipy", "pandas", "statsmodels")


@dataclass(frozen=True)
class Record:
    """One answer on file.

    Attributes
    ----------
    model, episode
        Name of the forecaster, and of the boom it speaks of.
    as_of
        The day whose knowledge it uses.
    data, priors, code
        Digests of what it was computed from.
    settings
        Plain values that it was computed with.
    seed
        Master seed of its random streams.
    versions
        Python and libraries that computed it.
    seconds
        How long that took.
    checks
        Name of a check to whether it was passed.
    forecasts
        One mapping an event, with the fields of `overbuild.core.Forecast`.
    result
        What its command prints as JSON.
    """

    model: str
    episode: str
    as_of: date
    data: str
    priors: str
    code: str
    settings: Mapping[str, Any]
    seed: int
    versions: Mapping[str, str]
    seconds: float
    checks: Mapping[str, bool]
    forecasts: Sequence[Mapping[str, Any]]
    result: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Name of its file: digest of everything that decides the answer."""
        digests = (self.data, self.priors, self.code)
        return key_of(self.model, self.episode, self.as_of, digests, self.settings, self.seed)

    @property
    def passed(self) -> bool:
        """Whether it passed every check; an answer that did not is refused unless asked for by name."""
        return all(self.checks.values())

    @property
    def failed(self) -> tuple[str, ...]:
        """Names of the checks that it did not pass."""
        return tuple(name for name, passed in self.checks.items() if not passed)

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, the key among them."""
        return {"key": self.key} | asdict(self) | {"as_of": self.as_of.isoformat()}


@dataclass(frozen=True)
class Change:
    """How one forecast differs between two answers, in Monte Carlo standard errors (None: not comparable)."""

    event: str
    by: str
    old: float | None
    new: float | None
    standard_errors: float | None

    def __str__(self) -> str:
        name = f"{self.event} by {self.by}" if self.by else self.event
        if self.old is None or self.new is None:
            return f"{name}: {_stated(self.old)} before, {_stated(self.new)} now"
        error = (
            "no Monte Carlo error"
            if self.standard_errors is None
            else f"{self.standard_errors:+.1f} standard errors"
        )
        return f"{name}: {self.old:.4f} before, {self.new:.4f} now ({error})"


def key_of(
    model: str,
    episode: str,
    as_of: date,
    digests: tuple[str, str, str],
    settings: Mapping[str, Any],
    seed: int,
) -> str:
    """Return the key of an answer: twenty hex digits of the digest of everything that decides it.

    Parameters
    ----------
    model, episode, as_of, settings, seed
        As in `Record`.
    digests
        Those of data, priors and code.
    """
    from overbuild.core.digest import digest_of

    return digest_of(model, episode, as_of, digests, dict(settings), seed)[:20]


def path_of(folder: Path, model: str, key: str) -> Path:
    """Return where an answer is filed."""
    return folder / model / f"{key}.json"


def save(folder: Path, record: Record) -> Path:
    """File an answer in the place of any other of its model, episode and day.

    Parameters
    ----------
    folder
        ``data/filed``.
    record
        The answer.

    Returns
    -------
    pathlib.Path
        Its file.
    """
    path = path_of(folder, record.model, record.key)
    save_json(path, record.to_dict())
    retire_others(folder, record)
    return path


def retire_others(folder: Path, record: Record) -> None:
    """Remove what an answer takes the place of: others of its model, episode and day, and unreadable ones."""
    others = {path.stem for path, other in _readable(folder, record.model) if _of(other) != _of(record)}
    for path in (folder / record.model).glob("*.json"):
        if path.stem not in others | {record.key}:
            path.unlink(missing_ok=True)


def find(folder: Path, model: str, key: str) -> Record | None:
    """Return the answer of a key, or None where there is none that can be read and bears that key."""
    path = path_of(folder, model, key)
    try:
        record = read(path)
    except InputError:
        return None
    return record if record.key == key else None


def current(
    folder: Path, model: str, as_of: date | None = None, episode: str = "ai", *, failed: bool = False
) -> Record:
    """Return the answer of a model on an episode: of a day, or the one of the latest day.

    Parameters
    ----------
    folder, model, as_of, episode
        Which answer.
    failed
        Whether an answer that failed a check is returned too.

    Raises
    ------
    InputError
        If there is none, or if it failed a check; the message says how to make one.
    """
    every = (r for _, r in _readable(folder, model) if r.episode == episode)
    found = [r for r in every if as_of is None or r.as_of == as_of]
    if not found:
        day = f" as of {as_of}" if as_of else ""
        raise InputError(
            f"No answer of model '{model}' on '{episode}'{day} is on file in {folder}. "
            "Run 'overbuild build' to make it."
        )
    record = max(found, key=lambda r: r.as_of)
    if not record.passed and not failed:
        raise InputError(
            f"The answer of model '{model}' on file failed its checks ({', '.join(record.failed)}) "
            "and is not used."
        )
    return record


def read(path: Path) -> Record:
    """Read one answer.

    Raises
    ------
    InputError
        If the file is not there or is not an answer on file.
    """
    names = {f.name for f in fields(Record)}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        given: dict[str, Any] = {k: v for k, v in content.items() if k in names}
        given["as_of"] = date.fromisoformat(content["as_of"])
        return Record(**given)
    except FileNotFoundError:
        raise InputError(f"No answer is on file as {path}. Run 'overbuild build' to make it.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{path} is not an answer on file. Delete it and run 'overbuild build'.") from None


def latest(folder: Path, model: str, episode: str, as_of: date) -> Record | None:
    """Return the answer of a model, episode and day whatever its key, or None."""
    return next((r for _, r in _readable(folder, model) if _of(r) == (model, episode, as_of)), None)


def changes(old: Record, new: Record) -> tuple[Change, ...]:
    """Return how each forecast of the new answer differs from the old one's.

    The difference is divided by the Monte Carlo standard error of a difference of two independent runs, the
    root of the sum of squares of both errors.
    """
    before = {(f["event"], f["by"]): f for f in old.forecasts}
    found = []
    for now in new.forecasts:
        was = before.get((now["event"], now["by"]))
        p, q = (was or {}).get("probability"), now["probability"]
        error = (now["mc_error"] ** 2 + (was["mc_error"] if was else 0.0) ** 2) ** 0.5
        size = None if p is None or q is None else 0.0 if p == q else (q - p) / error if error else None
        found.append(Change(now["event"], now["by"], p, q, size))
    return tuple(found)


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that results rest on."""
    return {"python": platform.python_version()} | versions_of(LIBRARIES)


def versions_of(libraries: Sequence[str]) -> dict[str, str]:
    """Return the versions of some libraries."""
    found = {}
    for name in libraries:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _readable(folder: Path, model: str) -> Iterator[tuple[Path, Record]]:
    for path in sorted((folder / model).glob("*.json")):
        try:
            yield path, read(path)
        except InputError:
            continue


def _of(record: Record) -> tuple[str, str, date]:
    return record.model, record.episode, record.as_of


def _stated(probability: float | None) -> str:
    return "no probability" if probability is None else f"{probability:.4f}"
