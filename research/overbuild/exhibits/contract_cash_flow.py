"""Figure: the cash of the Microsoft-IREN contract, from what the buyer pays to what the owners keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.wording import capital, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "contract_cash_flow"
TITLE = "Cash of the Microsoft–IREN contract if nothing goes wrong"
NOTE = (
    "USD billion before taxes, undiscounted. A: sums over all months; the prepayment of {prepayment} is "
    "set off against later payments and adds nothing. B: by year of the contract, which starts on {start}; "
    "above zero what comes in, below what is paid out; lines: running sums before debt and to the owners, "
    "who have their money back in month {payback_equity} (before debt {payback}). {assumed} of {figures} "
    "figures are assumed, among them the shell ({shell}, of which {recovered} is recovered), the residual "
    "({residual} of the equipment’s cost), when prepayments are credited, and running cost, which follows "
    "from the margin of {margin} that the company claims. No shell cost was disclosed. Sources: "
    "data/contracts/iren.toml and the rows of contracts.csv that it names."
)
NEEDS = ("contract_values",)
DATA = ()

NAME = "iren"
STEPS = {
    "revenue": "buyer’s payments",
    "market_rent": "others’ rent",
    "opex": "running cost",
    "renewal": "renewal",
    "equipment": "equipment",
    "shell": "shell",
    "residual": "equipment sold",
    "shell_recovered": "shell recovered",
    "unlevered": "before debt",
    "interest": "interest",
    "equity": "to the owners",
}
"""Steps of the waterfall, from the top; totals stand on the axis."""
TOTALS = ("unlevered", "equity")
STACK = {
    "payments, less credits": (("revenue", "credit", "market_rent"), style.PALETTE["blue"], ""),
    "prepayment": (("prepayment",), style.PALETTE["sky"], "//"),
    "loans drawn": (("draws",), style.PALETTE["green"], ".."),
    "sold at the end": (("residual", "shell_recovered"), style.PALETTE["yellow"], ""),
    "running cost": (("opex",), style.PALETTE["purple"], ""),
    "equipment": (("equipment",), style.PALETTE["vermillion"], ""),
    "shell": (("shell",), style.PALETTE["orange"], "\\\\"),
    "debt service": (("interest", "principal"), style.PALETTE["grey"], ""),
}
"""Parts of the yearly bars: name to components, colour and hatch."""
LINES = {"unlevered": ("before debt", "-", "o"), "equity": ("owners", (0, (5, 2)), "s")}
NOTHING = 5e-7


def build(inputs: Inputs) -> Figure:
    """Draw the waterfall and the years."""
    found = inputs.result("contract_values")["contracts"][NAME]
    data = pd.DataFrame(_waterfall(found["totals"]) + _by_year(found["flows"]))
    figure, (left, right) = style.panels(1, 2, height=3.3, width_ratios=(1, 1.25))
    _draw_steps(left, where(data, panel="A"))
    _draw_years(right, where(data, panel="B"))
    figure.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=5, handlelength=1.4)
    style.letter(left, "A", "Over the whole life")
    style.letter(right, "B", "By year")
    return Figure(ID, TITLE, _note(found), figure, data)


def _note(found: Mapping[str, Any]) -> str:
    figures = {f["key"]: f["value"] for f in found["figures"]}
    base, counts = found["base"], found["counts"]
    return NOTE.format(
        prepayment=number(found["totals"]["prepayment"]),
        start=date.fromisoformat(found["start"]).strftime("%-d %B %Y"),
        payback=base["payback_months"],
        payback_equity=base["payback_equity_months"],
        assumed=counts["assumed"],
        figures=counts["assumed"] + counts["source"],
        shell=number(figures["shell.cost"], ".1f"),
        recovered=number(figures["shell.recovered"], ".0%"),
        margin=number(1 - figures["opex.amount"] / found["a_year"], ".0%"),
        residual=number(figures["equipment.residual"], ".0%"),
    )


def _waterfall(totals: Mapping[str, float]) -> list[dict[str, Any]]:
    rows, level = [], 0.0
    for name, title in STEPS.items():
        value = totals[name]
        if name in TOTALS:
            level = value
        elif abs(value) < NOTHING:
            continue
        else:
            level += value
        start = 0.0 if name in TOTALS else level - value
        rows.append({"panel": "A", "name": title, "year": np.nan, "value": value, "from": start, "to": level})
    return rows


def _by_year(flows: Mapping[str, Sequence[float]]) -> list[dict[str, Any]]:
    years = -(-(len(flows["revenue"]) - 1) // 12)
    rows = []
    for name, (parts, _, _) in STACK.items():
        values = _years(np.sum([flows[p] for p in parts], axis=0), years)
        rows += [_row(name, y, v) for y, v in enumerate(values, 1) if abs(v) > NOTHING]
    for name, (title, _, _) in LINES.items():
        rows += [_row(title, y, v) for y, v in enumerate(np.cumsum(_years(flows[name], years)), 1)]
    return rows


def _years(flow: Any, years: int) -> Any:
    """Month 0 counts to the first year."""
    padded = np.zeros(12 * years)
    padded[: len(flow) - 1] = flow[1:]
    padded[0] += flow[0]
    return padded.reshape(years, 12).sum(axis=1)


def _row(name: str, year: int, value: float) -> dict[str, Any]:
    return {"panel": "B", "name": name, "year": year, "value": value, "from": np.nan, "to": np.nan}


def _draw_steps(axes: Axes, data: pd.DataFrame) -> None:
    names, values = data["name"].tolist(), floats(data, "value")
    starts, ends = floats(data, "from"), floats(data, "to")
    totals = {STEPS[t] for t in TOTALS}
    for i, (name, value, start, end) in enumerate(zip(names, values, starts, ends, strict=True)):
        color = style.PALETTE["vermillion"] if value < 0 else style.PALETTE["blue"]
        color = style.PALETTE["black"] if name in totals else color
        axes.barh(i, value, left=start, color=color, height=0.65)
        if i + 1 < len(names):
            axes.plot([end, end], [i + 0.33, i + 0.67], color=style.PALETTE["grey"], linewidth=0.6)
        axes.annotate(
            number(value, "+.2f"),
            (max(start, end), i),
            (3, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
    axes.set_yticks(range(len(names)), [capital(n) for n in names])
    axes.invert_yaxis()
    axes.axvline(0, color=style.PALETTE["black"], linewidth=0.6)
    axes.grid(visible=False)
    axes.set_xlim(min(0.0, ends.min()) * 1.1, max(starts.max(), ends.max()) * 1.22)
    axes.set_xlabel("USD billion")


def _draw_years(axes: Axes, data: pd.DataFrame) -> None:
    years = sorted({int(y) for y in data["year"]})
    above, below = np.zeros(len(years)), np.zeros(len(years))
    for name, (_, color, hatch) in STACK.items():
        part = where(data, name=name)
        values = np.zeros(len(years))
        values[floats(part, "year").astype(int) - 1] = floats(part, "value")
        if not values.any():
            continue
        base = np.where(values > 0, above, below)
        axes.bar(
            years, values, 0.7, base, color=color, hatch=hatch, edgecolor="white", linewidth=0.3, label=name
        )
        above += np.maximum(values, 0)
        below += np.minimum(values, 0)
    for title, line, marker in LINES.values():
        part = where(data, name=title)
        axes.plot(
            floats(part, "year"),
            floats(part, "value"),
            linestyle=line,
            marker=marker,
            color=style.PALETTE["black"],
            markerfacecolor="white",
            linewidth=1.2,
            label=f"sum, {title}",
        )
    axes.axhline(0, color=style.PALETTE["black"], linewidth=0.6)
    axes.set_xticks(years)
    axes.set_xlabel("year of the contract")
    axes.set_ylabel("USD billion")
