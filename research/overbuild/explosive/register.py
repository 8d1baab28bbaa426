"""The register of series to which the tests are put: ``data/psy_series.toml``, read whole and checked."""

from __future__ import annotations

import tomllib
from dataclasses import MISSING, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

from overbuild.errors import InputError
from overbuild.locations import data_dir

FILE = "psy_series.toml"
FORMS = ("log", "level", "return")
ERAS = ("ai", "telecom", "both")


@dataclass(frozen=True)
class Listed:
    """One series of the register.

    Attributes
    ----------
    id, title, group, era, reason
        Names for the program and for people, and why it is there.
    form
        One of `FORMS`: the logarithm, the level, or returns in per cent a period, cumulated as logarithms.
    frequency
        ``M``, ``Q`` or ``A``.
    series, entities
        As in the data; their sum is taken, where all are known.
    over, over_entity
        Series of the denominator, of the same entities unless one is named.
    trailing
        Periods that are summed, numerator and denominator alike.
    lags
        Of the tests.
    as_of
        Day whose knowledge is used; empty: the day that is asked about.
    family
        Whether it is one of the tests that are adjusted for their number.
    figure
        Whether its sequence is kept, to be drawn.
    """

    id: str
    title: str
    group: str
    era: str
    form: str
    frequency: str
    series: tuple[str, ...]
    entities: tuple[str, ...]
    reason: str
    over: str = ""
    over_entity: str = ""
    trailing: int = 1
    lags: int = 0
    as_of: str = ""
    family: bool = True
    figure: bool = False

    def __post_init__(self) -> None:
        wrong = [
            f"{name} {value!r}: expected one of {', '.join(allowed)}"
            for name, value, allowed in (
                ("form", self.form, FORMS),
                ("era", self.era, ERAS),
                ("frequency", self.frequency, ("M", "Q", "A")),
            )
            if value not in allowed
        ]
        if self.trailing < 1 or self.lags < 0:
            wrong.append("trailing: expected 1 or more; lags: 0 or more")
        if self.trailing > 1 and self.form == "return":
            wrong.append("trailing: returns are cumulated, not summed")
        if wrong:
            raise InputError(f"{FILE}, {self.id}: {'; '.join(wrong)}.")

    def known_on(self, as_of: date) -> date:
        """Return the day whose knowledge is used for a question asked about a day."""
        return min(as_of, date.fromisoformat(self.as_of)) if self.as_of else as_of

    @property
    def names(self) -> tuple[str, ...]:
        """Every series of the data that it is made of."""
        return (*self.series, self.over) if self.over else self.series


@dataclass(frozen=True)
class Register:
    """The series, and what is missing with the reason.

    Attributes
    ----------
    series
        In the order in which they are shown.
    missing
        Title to reason.
    """

    series: tuple[Listed, ...]
    missing: dict[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """Every series of the data that some entry is made of."""
        return tuple(sorted({name for listed in self.series for name in listed.names}))


def read_register(folder: Path | None = None) -> Register:
    """Read the register.

    Parameters
    ----------
    folder
        A data folder; None, or one without such a file: the project's own.

    Raises
    ------
    InputError
        If the file is not TOML, or an entry is not as it should be.
    """
    own = folder / FILE if folder else None
    path = own if own and own.is_file() else data_dir() / FILE
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{FILE} is missing from {path.parent}; restore it from the repository.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not readable as TOML ({error}).") from None
    listed = tuple(_listed(entry, i) for i, entry in enumerate(content.get("series", ()), 1))
    ids = [one.id for one in listed]
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if twice or not listed:
        raise InputError(f"{FILE}: {f'{twice[0]} is there twice' if twice else 'it names no series'}.")
    return Register(listed, {entry["title"]: entry["reason"] for entry in content.get("missing", ())})


def _listed(entry: dict[str, Any], number: int) -> Listed:
    known = {f.name: f for f in fields(Listed)}
    unknown = sorted(set(entry) - set(known))
    absent = [n for n, f in known.items() if f.default is MISSING and n not in entry]
    if unknown or absent:
        what = f"'{unknown[0]}' is no field of it" if unknown else f"'{absent[0]}' is not given"
        raise InputError(f"{FILE}, series {number} ({entry.get('id', 'no id')}): {what}.")
    given: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in entry.items()}
    return Listed(**given)
