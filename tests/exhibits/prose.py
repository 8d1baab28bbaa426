"""What a section of the paper quotes, held against the numbers that are made for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from overbuild.locations import paper_dir


def quoted(section: str) -> list[str]:
    """Return the names of all numbers that a section quotes."""
    text = (paper_dir() / "sections" / f"{section}.typ").read_text(encoding="utf-8")
    ends = (f"{n}.{e}" for n in re.findall(r'#between\("([^"]+)"\)', text) for e in ("low", "high"))
    return [*re.findall(r'#num\("([^"]+)"\)', text), *ends]


def check_defined(section: str, made: Mapping[str, Any], more_than: int) -> None:
    """Check that a section quotes so many numbers, and that each is made."""
    names = quoted(section)
    assert len(names) > more_than
    for name in names:
        found: Any = made
        for part in name.split("."):
            assert part in found, name
            found = found[part]
        assert set(found) == {"value", "text"}, name
