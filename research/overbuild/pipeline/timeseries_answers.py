"""The time-series answers as results of the build, asked as `overbuild.pipeline.answers` asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from overbuild.games.asked import Asked


def gap(asked: Asked) -> dict[str, Any]:
    """Return the gap of both eras, and telecom's as the end of each year from 1998 to 2001 knew it."""
    from datetime import date

    from overbuild.timeseries.gap import GapSpecification
    from overbuild.timeseries.gap import gap as ask

    specification = GapSpecification(draws=400, bootstrap=199) if asked.quick else GapSpecification()
    ai = ask("ai", asked.as_of, specification, data=asked.data, seed=asked.seed)
    telecom = ask("telecom", asked.as_of, specification, data=asked.data, seed=asked.seed)
    then = [
        ask("telecom", date(year, 12, 31), specification, data=asked.data, seed=asked.seed)
        for year in (1998, 1999, 2000, 2001)
    ]
    return {
        "ai": ai.to_dict(),
        "telecom": telecom.to_dict(),
        "known": [{"as_of": g.vintage["as_of"], **g.headline} for g in then],
    }


def contribution(asked: Asked) -> dict[str, Any]:
    """Return the contributions to growth of both eras."""
    from overbuild.timeseries.contribution import contribution as ask

    return {e: ask(e, asked.as_of, data=asked.data).to_dict() for e in ("ai", "telecom")}
