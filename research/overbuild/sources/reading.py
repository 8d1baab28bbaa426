"""From the bytes of a CSV file to a frame of strings, with every fault of form named by row."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd

from overbuild.errors import Fault

LARGEST_FILE = 64 * 2**20
"""Bytes above which a file is refused unread."""

ROW = "row"
"""Name of the column that holds the line number in the file (the header is line 1)."""


def read_strings(path: Path, name: str, columns: tuple[str, ...], optional: tuple[str, ...] = ()) -> tuple[pd.DataFrame, list[Fault]]:
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
        ``table`` holds the columns as stripped strings and `ROW`; it is empty when the form is beyond use. Rows of
        the wrong length are faults and are left out.
    """
    empty = pd.DataFrame({c: pd.Series(dtype=str) for c in columns} | {ROW: pd.Series(dtype=int)})
    text, faults = _decoded(path, name)
    if text is None:
        return empty, faults
    lines = csv.reader(io.StringIO(text, newline=""))
    try:
        header = [c.strip() for c in next(lines)]
        faults += _header_faults(header, name, columns, optional)
        if any(c not in header for c in columns):
            return empty, faults
        good, numbers = [], []
        for cells in lines:
            if not any(c.strip() for c in cells):
                continue
            if len(cells) != len(header):
                faults.append(Fault(name, lines.line_num, "", f"has {len(cells)} fields; the header has {len(header)}"))
                continue
            good.append([c.strip() for c in cells])
            numbers.append(lines.line_num)
    except (csv.Error, StopIteration) as error:
        return empty, [*faults, Fault(name, lines.line_num, "", f"is not readable as CSV ({error})")]
    if not good:
        faults.append(Fault(name, 0, "", "has a header and no rows"))
    table = pd.DataFrame(good, columns=pd.Index(header), dtype=str)
    table[ROW] = pd.Series(numbers, dtype=int)
    return table[[*(c for c in (*columns, *optional) if c in header), ROW]], faults


def _decoded(path: Path, name: str) -> tuple[str | None, list[Fault]]:
    if not path.is_file():
        return None, [Fault(name, 0, "", "is missing")]
    if path.stat().st_size > LARGEST_FILE:
        return None, [Fault(name, 0, "", f"is larger than {LARGEST_FILE // 2**20} MB; this is not a data file of this project")]
    raw = path.read_bytes()
    if not raw.strip():
        return None, [Fault(name, 0, "", "is empty")]
    faults = []
    if raw.startswith(b"\xef\xbb\xbf"):
        faults.append(Fault(name, 1, "", "starts with a byte-order mark; save it as plain UTF-8"))
        raw = raw[3:]
    if b"\x00" in raw:
        return None, [*faults, Fault(name, 0, "", "holds NUL bytes; expected UTF-8 text")]
    try:
        return raw.decode("utf-8"), faults
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return None, [*faults, Fault(name, line, "", "is not UTF-8 text; save it as plain UTF-8")]


def _header_faults(header: list[str], name: str, columns: tuple[str, ...], optional: tuple[str, ...]) -> list[Fault]:
    shown = ",".join(header)
    if len(header) == 1 and header[0].count(";") >= 1:
        return [Fault(name, 1, "", "is separated by semicolons; expected commas and decimal points")]
    if len(shown) > 200:
        shown = shown[:200] + "..."
    faults = [Fault(name, 1, c, f"is missing; the header is '{shown}'") for c in columns if c not in header]
    faults += [Fault(name, 1, c, "appears twice") for c in sorted({c for c in header if header.count(c) > 1})]
    known = {*columns, *optional}
    if not faults:
        faults += [Fault(name, 1, c, f"is not expected; expected {', '.join((*columns, *optional))}") for c in header if c not in known]
    return faults
