"""Dates of explosive prices that others published, to be printed beside ours and used by nothing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Published:
    """One published episode.

    Attributes
    ----------
    episode, series
        Whose, and of which of our series it is the nearest.
    start, end
        Months; empty where none is given. The end is the last month above the critical value.
    what
        Series and sample of the source.
    source
        Key in ``references.bib``.
    """

    episode: str
    series: str
    start: str
    end: str
    what: str
    source: str


DATES = (
    Published(
        "telecom",
        "nasdaq",
        "1995-06",
        "",
        "real NASDAQ, 1973-2005, first crossing of the sup-ADF sequence",
        "phillips2011explosive",
    ),
    Published(
        "telecom",
        "price_dividend",
        "1995-11",
        "2001-08",
        "real S&P 500 over dividends, 1871-2010, backward sup-ADF",
        "phillips2015testing",
    ),
    Published(
        "ai",
        "ai_hardware",
        "2022-12",
        "2025-01",
        "six of seven large technology firms, 2017-2025, with market and industry controls",
        "basele2025speculative",
    ),
)


def published_of(episode: str) -> list[dict[str, Any]]:
    """Return the published dates of an episode, whatever the day: they are a comparison and no input."""
    return [asdict(p) for p in DATES if p.episode == episode]
