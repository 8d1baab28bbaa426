"""Figure: what the owners of a seller hold year by year if things may go wrong, and what makes the risk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, where
from overbuild.exhibits.wording import number, span

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "contract_fan"
TITLE = "What the seller’s owners hold, year by year, if things may go wrong"
NOTE = (
    "A: Microsoft–IREN; what the owners’ later payments and receipts are worth at the end of each year, "
    "discounted at the {required} that they are taken to require; {draws} draws, shaded from 5 % to 95 % "
    "and from 25 % to 75 % of them. At the start it counts what they have yet to put in. Over the whole "
    "contract the present value is {median} ({range}), below zero in {loss} of draws, and {base} if "
    "nothing goes wrong. B: Shapley shares of the variance of that present value, seller by seller; they "
    "add up to one, and one may be below zero where a risk cushions others. Operation: hours delivered and "
    "running cost. Building: the seller stops. Renewal price: that of the market, and whether a renewal is "
    "offered. Every distribution is a prior, none is estimated, and most terms are assumed. Sources: "
    "data/contracts, data/priors.toml."
)
NEEDS = ("contract_values", "contract_draws")
DATA = ()

NAME = "iren"
BANDS = (("q05", "q95", 0.25), ("q25", "q75", 0.45))
RISKS = {
    "delay": "Delay",
    "operation": "Operation",
    "build": "Building",
    "default": "Buyer fails",
    "renewal": "Renewal price",
    "residual": "Residual",
}
LOOKS = {
    "iren": style.LOOKS["ai"],
    "nebius": style.LOOKS["third"],
    "coreweave-openai": style.LOOKS["telecom"],
    "oracle-openai": style.LOOKS["fourth"],
}
NOTHING = 5e-4


def build(inputs: Inputs) -> Figure:
    """Draw the fan and the shares."""
    drawn = inputs.result("contract_draws")
    every, values = drawn["contracts"], inputs.result("contract_values")["contracts"]
    data = pd.DataFrame(_fan(every[NAME]["fan"], values[NAME]) + _shares(every, values))
    figure, (left, right) = style.panels(1, 2, height=3.0, width_ratios=(1.15, 1))
    _draw_fan(left, where(data, panel="A"))
    _draw_shares(right, where(data, panel="B"))
    figure.legend(*right.get_legend_handles_labels(), loc="outside lower right", ncols=4)
    style.letter(left, "A", "Value to the owners, USD billion")
    style.letter(right, "B", "Share of its variance")
    return Figure(ID, TITLE, _note(drawn["draws"], every[NAME]), figure, data)


def _note(draws: int, found: Mapping[str, Any]) -> str:
    whole = found["quantiles"]["npv_equity"]
    return NOTE.format(
        required=number(found["required_equity"], ".0%"),
        draws=f"{draws:,d}",
        median=number(whole["q50"]),
        range=span(whole["q05"], whole["q95"]),
        loss=number(found["probability"]["loss_equity"], ".0%"),
        base=number(found["base"]["npv_equity"]),
    )


def _fan(fan: Mapping[str, Any], values: Mapping[str, Any]) -> list[dict[str, Any]]:
    last = max((i for i, v in enumerate(fan["q95"]) if abs(v) > NOTHING), default=0) + 1
    sure = _sure(values, len(fan["year"]))
    quantiles = [n for n in fan if n != "year"]
    rows = [_row("A", q, y, v) for q in quantiles for y, v in zip(fan["year"], fan[q], strict=True)]
    rows += [_row("A", "sure", y, v) for y, v in enumerate(sure)]
    return [r for r in rows if r["x"] <= last]


def _sure(values: Mapping[str, Any], years: int) -> list[float]:
    """Return the value of what follows each year if nothing goes wrong."""
    flow = np.array(values["flows"]["equity"])
    discount = (1 + values["base"]["required_equity"]) ** (-np.arange(len(flow)) / 12)
    return [float(flow[12 * y + 1 :] @ discount[1 : max(len(flow) - 12 * y, 1)]) for y in range(years)]


def _shares(every: Mapping[str, Any], values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        _row("B", values[name]["seller_name"], row["risk"], row["shapley"]) | {"contract": name}
        for name, found in every.items()
        for row in found["variance"]["npv_equity"]
    ]


def _row(panel: str, name: str, x: Any, value: float) -> dict[str, Any]:
    return {"panel": panel, "name": name, "x": x, "value": value, "contract": NAME}


def _draw_fan(axes: Axes, data: pd.DataFrame) -> None:
    def line(name: str) -> Any:
        return floats(where(data, name=name), "value")

    years = floats(where(data, name="q50"), "x")
    for low, high, alpha in BANDS:
        axes.fill_between(years, line(low), line(high), color=style.PALETTE["sky"], alpha=alpha, linewidth=0)
    axes.plot(years, line("q50"), color=style.PALETTE["blue"], label="median of draws")
    axes.plot(
        years, line("sure"), color=style.PALETTE["black"], linestyle=(0, (5, 2)), label="nothing goes wrong"
    )
    axes.axhline(0, color=style.PALETTE["black"], linewidth=0.6)
    axes.set_xlabel("years from the start")
    axes.set_xticks(years)
    axes.legend(loc="lower right")


def _draw_shares(axes: Axes, data: pd.DataFrame) -> None:
    names = list(dict.fromkeys(data["contract"]))
    offsets = np.linspace(-0.27, 0.27, len(names))
    for name, offset in zip(names, offsets, strict=True):
        part = where(data, contract=name)
        places = [list(RISKS).index(r) + offset for r in part["x"]]
        shares = floats(part, "value")
        look = LOOKS[name]
        axes.hlines(places, 0, shares, color=look.color, linewidth=0.8)
        axes.plot(shares, places, look.marker, color=look.color, label=part["name"].tolist()[0])
    axes.set_yticks(range(len(RISKS)), list(RISKS.values()))
    axes.invert_yaxis()
    axes.axvline(0, color=style.PALETTE["black"], linewidth=0.6)
    axes.grid(visible=False)
    axes.grid(visible=True, axis="x")
