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
    n = {k: _Texts(v) for k, v in numbers.items() if isinstance(v, Mapping)}
    ai, telecom, rate = n["ai"], n["telecom"], n["baserate"]
    analogues, probability = n["analogues"], n["probability"]
    return f"""\
**As of {numbers["as_of"]["text"]}** (every number here is written by the build, from `paper/numbers.json`):

- Five hyperscalers spent USD {ai["capex"]} billion in the year to {ai["quarter"]}, {ai["share_of_gdp"]} % of GDP, up \
{ai["growth"]} % on the year before, and {ai["to_cash_flow"]} of their operating cash flow.
- US telecom investment peaked in {telecom["peak"]} at USD {telecom["capex_peak"]} billion, {telecom["share_of_gdp_peak"]} % of \
GDP, and was {telecom["fall_3"]} % below the peak three years later (hindcast on revised data; one event).
- Of {rate["run_ups"]} run-ups in {rate["series"]} US infrastructure series {rate["first_year"]}-{rate["last_year"]}, \
{rate["falls"]} ended in a fall of {rate["fall"]} % within {rate["horizon"]} years: {rate["rate"]} \
({rate["low"]}-{rate["high"]}; {rate["grid_low"]}-{rate["grid_high"]} over other rules).
- Of {analogues["booms"]} past booms, {analogues["yes"]} were physically overbuilt within five years of their peak: \
{analogues["mean"]} as the list stands, {analogues["lowest"]}-{analogues["highest"]} over readings of the list.
- First probability that the five firms' spending falls 30 % below its peak by {probability["by"]}: \
**{probability["headline"]}** (parameters {probability["parameters.low"]}-{probability["parameters.high"]}, other rules \
{probability["models.low"]}-{probability["models.high"]}). It is the outside view alone."""


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
