"""Table: which value of one assumption, or of a pair, takes a probability to 10, 25, 50 and 75 per cent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from overbuild.exhibits.base import Inputs, Table
from overbuild.exhibits.sensitivity_wording import COMPONENTS, level_title, moves
from overbuild.exhibits.wording import THIN, listed, number, small, span, typographic

ID = "what_to_believe"
TITLE = "What one must believe: the value of one assumption at which the probability is 10, 25, 50 or 75 %"
NOTE = (
    "Probability of {event} by {by}. First block: the headline, {headline} at the primary choices, and "
    "which probability of one component would take it there, the others as they are. Second: the headline"
    " as one choice moves over the range tried; a fall of another depth than {event}’s is another event, "
    "and choices that are tried over no range, or do not move it, have no row. Third: the inside view "
    "alone, {inside} (Monte Carlo error {error}); brackets: Monte Carlo error of the value. Together: the"
    " two assumptions that raise it, or lower it, most within the levels of the curve, as a share of the "
    "way from the primary values to {ends}. Dash: no value tried does; the range of the probability is "
    "what it can reach. Ranges tried are wider than the levels of the curve, plausible or not. {turns}The"
    " long series hold telecom: hindcast on revised data; one event. Sources: as in the specification "
    "curve."
)
NEEDS = ("specification",)
DATA = ()
WHOSE = {"headline": "Headline", "simulation": "Inside view"}
TOGETHER = {"up": "Together, up", "down": "Together, down"}


def build(inputs: Inputs) -> Table:
    """Compose the table."""
    found = inputs.result("specification")
    targets = [f"{100 * t:.0f}{THIN}%" for t in found["believe"]["targets"]]
    columns = ["of", "assumption", "primary", "tried", "reaches", *targets]
    frame = pd.DataFrame(list(_rows(found)), columns=pd.Index(columns))
    headings = {
        "of": "Of",
        "assumption": "Assumption",
        "primary": "Primary",
        "tried": "Tried",
        "reaches": "Probability",
    }
    return Table(
        ID,
        typographic(TITLE),
        typographic(_note(found)),
        frame,
        "ll" + "r" * (3 + len(targets)),
        {},
        headings,
    )


def _rows(found: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    believe = found["believe"]
    for c in believe["components"]:
        name = f"{COMPONENTS[c['component']]} says"
        needed = [number(n["value"]) for n in c["needed"]]
        yield ("Headline", name, number(c["probability"]), "0–1", _reach(found, c), *needed)
    for whose, title in WHOSE.items():
        for line in believe[whose]:
            if not moves(line):
                continue
            yield (title, *_line(found, line))


def _line(found: Mapping[str, Any], line: Mapping[str, Any]) -> tuple[str, ...]:
    name = line["assumption"]
    titles = {a["name"]: a["title"] for a in found["axes"]}
    values = line["values"]
    tried = f"{level_title(name, values[0])}–{level_title(name, values[-1])}"
    return (
        TOGETHER.get(name) or str(titles.get(name, name)),
        level_title(name, line["primary"]),
        tried,
        span(line["lowest"], line["highest"]),
        *(_value(name, n) for n in line["needed"]),
    )


def _value(name: str, needed: Mapping[str, Any]) -> str:
    if needed["value"] is None:
        return number(None)
    scale, spec = (100, ".0f") if name in ("fall", "capital_cost", "unknown") else (1, ".2f")
    text = number(scale * needed["value"], spec) + (f"{THIN}%" if scale == 100 else "")
    return f"{text} ({number(scale * needed['error'], spec)})" if needed["error"] else text


def _reach(found: Mapping[str, Any], component: Mapping[str, Any]) -> str:
    whole = _primary(found)
    low = whole - component["weight"] * component["probability"]
    return span(low, low + component["weight"])


def _primary(found: Mapping[str, Any]) -> float:
    return float(found["specifications"][0]["headline"])


def _note(found: Mapping[str, Any]) -> str:
    believe = found["believe"]
    lines = [line for line in believe["simulation"] if moves(line) and not line["monotone"]]
    turned = [small(_line(found, line)[0]) for line in lines]
    turns = f"The probability turns within the range of {listed(turned)}. " if turned else ""
    return NOTE.format(
        event=found["event"],
        by=found["by"],
        headline=number(_primary(found)),
        inside=number(found["primary"].get("simulation")),
        error=number(found["primary"].get("simulation_error"), ".3f"),
        ends=_ends(found, believe["simulation"]),
        turns=turns,
    )


def _ends(found: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> str:
    titles = {a["name"]: small(a["title"]) for a in found["axes"]}
    told = [
        f"{listed(_at(titles, n, v) for n, v in line['ends'].items())} ({line['assumption']})"
        for line in lines
        if line.get("ends")
    ]
    return listed(told) or "their ends"


def _at(titles: Mapping[str, str], name: str, value: Any) -> str:
    title, times, _ = titles[name].partition(", times")
    return f"{title} {'× ' if times else ''}{level_title(name, value)}"
