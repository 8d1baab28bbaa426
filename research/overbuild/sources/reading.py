"""From the bytes of a CSV file to a frame of strings, with every fault of form named by row."""

from __future__ import annotations

import csv
import io
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from errno import ENAMETOOLONG
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd

from overbuild.errors import Fault

LARGEST_FILE = 64 * 2**20
"""Bytes above which a file is refused unread."""

MOST_ROWS = 50_000
"""Rows above which the rest of a file is not read."""

MOST_FAULTS = 1000
"""Faults of one file that are listed; of the others the number is said."""

MISSING = "is missing"

ROW = "row"
"""Name of the column that holds the line number in the file (the header is line 1)."""


def read_strings(
    path: Path, name: str, columns: tuple[str, ...], optional: tuple[str, ...] = ()
) -> tuple[pd.DataFrame, list[Fault]]:
    """Read a CSV file as strings.

    Parameters
    ----------
    path
        The file.
    name
        How faults call it.
    columns, optional
        Columns that must be there, and those that may be.

    Returns
    -------
    table, faults
        ``table`` holds the columns as stripped strings and `ROW`; it is empty when the form is beyond use.
        Rows of the wrong length are faults and are left out.
    """
    text, faults = _decoded(path, name)
    if text is None:
        return _table([], columns, []), faults
    records = _records(text, name, faults)
    _, header = next(records, (1, []))
    faults += _header_faults(header, name, columns, optional)
    if len(set(header)) < len(header) or not set(columns) <= set(header):
        return _table([], columns, []), faults
    good, numbers, number = [], [], 0
    for number, cells in records:
        if len(cells) != len(header):
            problem = f"has {len(cells)} fields; the header has {len(header)}"
            faults.append(Fault(name, number, "", problem))
            continue
        broken = [c for c, cell in zip(header, cells, strict=True) if "\n" in cell or "\r" in cell]
        faults += [Fault(name, number, c, "holds a line end; expected one line a row") for c in broken]
        good.append(cells)
        numbers.append(number)
    if not number:
        faults.append(Fault(name, 0, "", "has a header and no rows"))
    table = _table(good, tuple(header), numbers)
    return table.loc[:, [*(c for c in (*columns, *optional) if c in header), ROW]], faults


def read_toml(path: Path, name: str) -> tuple[dict[str, Any], list[Fault]]:
    """Read a TOML file; its content is empty where there is a fault."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")), []
    except FileNotFoundError:
        problem = MISSING
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
    except UnicodeDecodeError:
        problem = "is not UTF-8 text; save it as plain UTF-8"
    except tomllib.TOMLDecodeError as error:
        problem = f"is not readable as TOML ({error})"
    return {}, [Fault(name, 0, "", problem)]


def shown(text: str, longest: int = 60) -> str:
    """Return a cell as a message shows it: one line of printable characters, cut if it is long."""
    line = "".join(c if c.isprintable() else " " for c in text[: longest + 1])
    return line if len(line) <= longest else f"{line[:longest]}..."


def listed(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return the faults in order, each once, at most `MOST_FAULTS` of a file, and how many it has in all."""
    out: list[Fault] = []
    ordered = sorted({(f.file, f.row, f.column, f.problem) for f in faults})
    for name, group in groupby(ordered, key=lambda f: f[0]):
        mine = list(group)
        if len(mine) > MOST_FAULTS:
            out.append(Fault(name, 0, "", f"has {len(mine):,} faults; the first {MOST_FAULTS:,} are listed"))
        out += [Fault(*f) for f in mine[:MOST_FAULTS]]
    return tuple(out)


def _bytes(path: Path) -> tuple[bytes, str]:
    """Return the bytes of a file, or none and what is wrong with it."""
    try:
        if not path.is_file():
            return b"", "is a folder; expected a file" if path.is_dir() else MISSING
        if path.stat().st_size > LARGEST_FILE:
            return b"", f"is larger than {LARGEST_FILE // 2**20} MB; this is not a data file of this project"
        raw = path.read_bytes()
    except OSError as error:
        return b"", MISSING if error.errno == ENAMETOOLONG else f"cannot be read ({error.strerror})"
    return raw, "" if raw.strip() else "is empty"


def _decoded(path: Path, name: str) -> tuple[str | None, list[Fault]]:
    raw, problem = _bytes(path)
    if problem:
        return None, [Fault(name, 0, "", problem)]
    faults = []
    if raw.startswith(b"\xef\xbb\xbf"):
        faults.append(Fault(name, 1, "", "starts with a byte-order mark; save it as plain UTF-8"))
        raw = raw[3:]
    if b"\x00" in raw:
        line = raw[: raw.index(b"\x00")].count(b"\n") + 1
        return None, [*faults, Fault(name, line, "", "holds NUL bytes; expected UTF-8 text")]
    try:
        return raw.decode("utf-8"), faults
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return None, [*faults, Fault(name, line, "", "is not UTF-8 text; save it as plain UTF-8")]


def _records(text: str, name: str, faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    """Yield the line on which each record starts and its stripped cells; blank lines are passed over."""
    stream = io.StringIO(text, newline="")
    lines = csv.reader(stream, strict=True)
    while (number := lines.line_num + 1) <= MOST_ROWS + 1:
        try:
            cells = [c.strip() for c in next(lines)]
        except StopIteration:
            return
        except csv.Error as error:
            faults.append(Fault(name, number, "", f"is not readable as CSV ({error})"))
            continue
        if any(cells):
            yield number, cells
    if stream.read(1):
        problem = f"and all below are beyond the {MOST_ROWS:,} rows that a file may have"
        faults.append(Fault(name, number, "", problem))


def _header_faults(
    header: list[str], name: str, columns: tuple[str, ...], optional: tuple[str, ...]
) -> list[Fault]:
    for mark, word in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and mark in header[0]:
            return [Fault(name, 1, "", f"is separated by {word}; expected commas and decimal points")]
    line = shown(",".join(header), 200)
    faults = [Fault(name, 1, c, f"is missing; the header is '{line}'") for c in columns if c not in header]
    faults += [Fault(name, 1, "", "has a column without a name")] if "" in header else []
    faults += [Fault(name, 1, shown(c), "appears twice") for c, n in Counter(header).items() if c and n > 1]
    if faults:
        return faults
    expected = (*columns, *optional)
    problem = f"is not expected; expected {shown(', '.join(expected), 200)}"
    return [Fault(name, 1, shown(c), problem) for c in header if c not in expected]


def _table(rows: list[list[str]], columns: tuple[str, ...], numbers: list[int]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=pd.Index(columns), dtype=str)
    table[ROW] = pd.Series(numbers, dtype=int)
    return table
