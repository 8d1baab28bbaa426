"""The blocks of the README that the build writes: the main numbers, and which program makes which exhibit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from overbuild.errors import InputError


def blocks(numbers: Mapping[str, Any], captions: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return the content of every block by name."""
    return {"numbers": main_numbers(numbers), "exhibits": exhibit_table(captions)}


def filled(text: str, blocks: Mapping[str, str]) -> str:
    """Return a text with each block between ``<!-- name:begin -->`` and ``<!-- name:end -->`` written anew.

    Filling twice gives the same text as filling once. A block whose marks are not there is left out.

    Raises
    ------
    InputError
        If a block begins and does not end.
    """
    for name, content in blocks.items():
        begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
        head, opened, rest = text.partition(begin)
        _, closed, tail = rest.partition(end)
        if opened and not closed:
            raise InputError(f"README.md has '{begin}' without '{end}' after it. Put the second mark back.")
        if opened:
            text = f"{head}{begin}\n{content.strip()}\n{end}{tail}"
    return text


def main_numbers(numbers: Mapping[str, Any]) -> str:
    """Return what the package finds, in a few lines."""
    text = {name: _Texts(found) for name, found in numbers.items() if isinstance(found, Mapping)}
    ai, telecom, rate = text["ai"], text["telecom"], text["baserate"]
    analogues, probability, thresholds = text["analogues"], text["probability"], text["thresholds"]
    combination = text["combination"]
    points = (
        f"Five hyperscalers spent USD {ai['capex']} billion in the year to {ai['quarter']}: "
        f"{ai['share_of_gdp']} % of US GDP, {ai['growth']} % more than the year before, and "
        f"{ai['to_cash_flow']} of their operating cash flow.",
        f"US telecom investment peaked in {telecom['peak']} at USD {telecom['capex_peak']} billion, "
        f"{telecom['share_of_gdp_peak']} % of GDP, and stood {telecom['fall_3']} % below the peak three "
        "years later (hindcast on revised data; one event).",
        f"Of {rate['run_ups']} run-ups in {rate['series']} US infrastructure series, "
        f"{rate['first_year']} to {rate['last_year']}, {rate['falls']} ended in a fall of "
        f"{rate['fall']} % within {rate['horizon']} years: {rate['rate']} ({_between(rate, '')}; "
        f"nine in ten other rules {_between(rate, 'grid_by.nominal.')} nominal, "
        f"{_between(rate, 'grid_by.share_of_gdp.')} as a share of GDP).",
        f"Of {analogues['booms']} past booms, {analogues['yes']} were physically overbuilt within five "
        f"years of their peak: {analogues['mean']} ({_between(analogues, '')}) as the list stands, "
        f"{analogues['lowest']}–{analogues['highest']} over readings of it.",
        f"Probability that the five firms' spending falls {thresholds['O3_fall']} % below its peak "
        f"by {probability['by']}: **{probability['headline']}**, the sum {combination['sum']}. Three "
        f"ranges, not to be added up: Monte Carlo {_between(probability, 'monte_carlo.')}, parameters "
        f"{_between(probability, 'parameters.')}, models {_between(probability, 'models.')}. Of the weights "
        f"of {combination['counted']} models {combination['learnt']} were learnt from targets that have "
        f"resolved; the others, and that of unknown models, are set.",
    )
    head = f"**As of {numbers['as_of']['text']}** (the build writes this from `paper/numbers.json`):"
    return "\n".join([head, "", *(f"- {point}" for point in points)])


def exhibit_table(captions: Mapping[str, Mapping[str, str]]) -> str:
    """Return which program makes each exhibit, and as which files, as a Markdown table."""
    lines = ["| exhibit | program | output |", "|---|---|---|"]
    for name, entry in sorted(captions.items()):
        folder, kinds = ("figures", "svg,png,csv") if entry["kind"] == "figure" else ("tables", "csv,typ,tex")
        title = entry["title"].replace("|", r"\|")
        program, output = f"research/overbuild/exhibits/{name}.py", f"paper/{folder}/{name}.{{{kinds}}}"
        lines.append(f"| {title} | `{program}` | `{output}` |")
    program = "research/overbuild/exhibits/numbers.py"
    return "\n".join([*lines, f"| Every number in the text | `{program}` | `paper/numbers.json` |"])


class _Texts:
    """The texts of nested numbers by dotted name."""

    def __init__(self, numbers: Mapping[str, Any]) -> None:
        self.numbers = numbers

    def __getitem__(self, name: str) -> str:
        found: Any = self.numbers
        for part in name.split("."):
            found = found[part]
        return str(found["text"])


def _between(texts: _Texts, prefix: str) -> str:
    return f"{texts[prefix + 'low']}–{texts[prefix + 'high']}"
