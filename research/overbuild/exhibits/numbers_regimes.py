"""The numbers that the paper's section on annual regimes quotes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from overbuild.errors import InputError
from overbuild.exhibits.quoting import count, label, percent, plain

SPENDING, HEADLINE = "O3", "2028Q4"
QUIET = {
    "interstates": "interstates",
    "power": "postwar power",
    "mobile": "mobile",
    "cloud": "cloud",
    "five": "cloud, five firms' sum",
}
LEAST_LEARNT = 0.2


def numbers(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return every quoted number.

    Parameters
    ----------
    results
        Name of a result to its content: ``estimate_regimes_ai``, ``hindcasts_regimes``.
    """
    ai = results["estimate_regimes_ai"]
    found = ai["findings"]
    fitted = [m for m in found["members"] if m["fitted"]]
    parameters = {p["parameter"]: p for p in ai["parameters"]}
    return {
        "members": count(len(fitted), "regimes.members"),
        "read": count(len(found["members"]) - len(fitted), "regimes.members"),
        "rates": count(sum(m["last"] - m["first"] + 1 for m in fitted), "regimes.members"),
        "now": {r: plain(found["now"][r], f"regimes.now.{r}") for r in ("normal", "boom", "bust")},
        "next": _band(found["next_year"], "mean", "regimes.next_year"),
        "by": label(HEADLINE[:4]),
        "ai": _forecast(ai["forecasts"], HEADLINE, "regimes.ai"),
        "without": plain(
            _by(found["without_telecom"]["falls"], HEADLINE)["probability"], "regimes.without_telecom"
        ),
        "after_boom": _band(parameters["after_boom"], "mean", "regimes.after_boom"),
        "boom_gap": _percent_band(parameters["boom_gap"]),
        "bust_gap": _percent_band(parameters["bust_gap"]),
        "firm_growth": percent(parameters["firm_growth"]["mean"], "regimes.firm_growth"),
        "taught": count(sum(p["learnt"] >= LEAST_LEARNT for p in ai["parameters"]), "regimes.parameters"),
        "parameters": count(len(ai["parameters"]), "regimes.parameters"),
        "quiet": {
            key: plain(_boom(found["quiet"], name)["largest_bust"], f"regimes.quiet.{key}")
            for key, name in QUIET.items()
        },
        "pause": {
            f"y{year}": plain(_year(found["regimes"]["cloud"], year)["bust"], f"regimes.cloud.{year}")
            for year in (2019, 2023)
        },
        "telecom": {
            "bust": plain(_boom(found["loud"], "telecom")["largest_bust"], "regimes.loud"),
            "year": label(str(_boom(found["loud"], "telecom")["year"])),
            "left_out": plain(
                _boom(found["without_telecom"]["loud"], "telecom")["largest_bust"], "regimes.without_telecom"
            ),
        },
        "turbines": plain(_boom(found["loud"], "turbines 2000s")["largest_bust"], "regimes.loud"),
        "hindcasts": _hindcasts(results["hindcasts_regimes"]),
    }


def _hindcasts(hindcasts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    said = [
        (h["as_of"][:4], f)
        for h in hindcasts
        for f in h["forecasts"]
        if f["event"] == SPENDING and f["probability"] is not None
    ]
    happened = [f["probability"] for _, f in said if f["happened"] is True]
    missed = [f["probability"] for _, f in said if f["happened"] is False]
    if not happened or not missed:
        raise InputError(
            "The text quotes hindcasts of telecom that came true and that did not; one is missing."
        )
    four = {f"y{y}": f for y, f in said if int(f["by"][:4]) - int(y) == 4}
    return {
        "four": {y: _spread(f, f"regimes.hindcasts.{y}") for y, f in four.items()},
        "largest": plain(max(happened + missed), "regimes.hindcasts"),
        "happened": plain(sum(happened) / len(happened), "regimes.hindcasts"),
        "missed": plain(sum(missed) / len(missed), "regimes.hindcasts"),
        "count": count(len(said), "regimes.hindcasts"),
        "years": label(f"{said[0][0]}–{said[-1][0]}"),
        "true": count(len(happened), "regimes.hindcasts"),
    }


def _forecast(forecasts: Sequence[Mapping[str, Any]], by: str, what: str) -> dict[str, Any]:
    chosen = [f for f in forecasts if f["event"] == SPENDING and f["by"] == by]
    if not chosen:
        raise InputError(f"The text quotes {what}: no forecast of {SPENDING} by {by} was filed.")
    return _spread(chosen[0], what)


def _spread(forecast: Mapping[str, Any], what: str) -> dict[str, Any]:
    low, _, high = forecast["spread"]
    return {
        "probability": plain(forecast["probability"], what),
        "low": plain(low, what),
        "high": plain(high, what),
    }


def _band(row: Mapping[str, Any], middle: str, what: str) -> dict[str, Any]:
    return {
        "mean": plain(row[middle], what),
        "low": plain(row["q05"], what),
        "high": plain(row["q95"], what),
    }


def _percent_band(row: Mapping[str, Any]) -> dict[str, Any]:
    what = f"regimes.{row['parameter']}"
    return {
        "mean": percent(row["mean"], what),
        "low": percent(row["q05"], what),
        "high": percent(row["q95"], what),
    }


def _by(rows: Sequence[Mapping[str, Any]], by: str) -> Mapping[str, Any]:
    return _one(rows, "by", by)


def _boom(rows: Sequence[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    return _one(rows, "boom", name)


def _year(rows: Sequence[Mapping[str, Any]], year: int) -> Mapping[str, Any]:
    return _one(rows, "year", year)


def _one(rows: Sequence[Mapping[str, Any]], key: str, value: Any) -> Mapping[str, Any]:
    chosen = [r for r in rows if r[key] == value]
    if not chosen:
        raise InputError(f"The text quotes {key} {value} of the regimes, which was not found.")
    return chosen[0]
