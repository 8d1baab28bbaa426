"""Figure: what each model says of telecom, vintage by vintage, beside quiet booms of the same age."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.labels import period_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "vintage_film"
TITLE = "Telecom from vintage to vintage, beside booms that stayed quiet"
NOTE = (
    "Probability that spending falls by 30 % below its peak within {years} years, asked at the end of "
    "each year. A to C: annual spending; telecom (dashed, squares) with its cluster left out of what is "
    "learnt, as the quiet booms are (grey: each of {booms} that did not fall; band: their middle half), "
    "all at the same years since the trough, which was 1991 for telecom; dots: telecom as the model saw "
    "it on the day. D: regimes by quarter, suppliers’ orders and shipments, as long as the fall was not "
    "in the figures; there is no quiet boom to set beside it. Vintages stand at their ends; the "
    "vertical line is the end of the period by which the fall had come: {spending} for spending, "
    "{orders} for orders. Quiet booms: rule-selected run-ups of BEA series. All of telecom is hindcast "
    "on revised data; one event. Sources: BEA infrastructure accounts, Census M3, Federal Reserve G.17, "
    "grade A-B."
)
NEEDS = ("hindcasts_telecom",)
DATA = ()
YEARS = 4
TROUGH = 1991
PANELS: Mapping[str, tuple[str, str]] = {
    "baserate": ("A", "Base rate"),
    "regimes": ("B", "Regimes by year"),
    "boom_age": ("C", "Age of the boom alone"),
}
STEPS = (0.1, 0.1, 0.05, 0.2)
SERIES = {"orders": "telecom", "shipments": "third"}


def build(inputs: Inputs) -> Figure:
    """Draw the film."""
    found = inputs.result("hindcasts_telecom")
    film = [r for r in found["film"] if r["years"] == YEARS]
    seen = [r for r in found["rows"] if r["target"].endswith(f" +{YEARS}") and r["probability"] is not None]
    from matplotlib.ticker import MultipleLocator

    frame = pd.DataFrame([*_film_rows(film), *_seen_rows(seen)])
    came = {name: period_number(period) for name, period in found["came"].items()}
    with style.applied():
        figure, axes = style.panels(2, 2, height=4.8)
        for ax, (model, (letter, title)) in zip(axes, PANELS.items(), strict=False):
            style.letter(ax, letter, title)
            _annual(ax, frame.loc[frame["model"] == model], came["spending"])
        style.letter(axes[3], "D", "Regimes by quarter: suppliers")
        _quarters(axes[3], frame.loc[frame["model"] == "quarterly"], came["orders"])
        for ax, step in zip(axes, STEPS, strict=True):
            style.percent(ax)
            ax.yaxis.set_major_locator(MultipleLocator(step))
            ax.set_ylim(bottom=0)
            ax.set_xlim(1995.5, 2004.4)
            ax.set_xticks(range(1996, 2004, 2))
    booms = frame.loc[frame["kind"] == "quiet", "name"].nunique()
    note = NOTE.format(years=["two", "three", "four"][YEARS - 2], booms=booms, **found["came"])
    return Figure(ID, TITLE, note, figure, frame)


def _annual(ax: Axes, frame: pd.DataFrame, fell: float) -> None:
    quiet = frame.loc[frame["kind"] == "quiet"]
    for _, boom in quiet.groupby("name"):
        ax.plot(boom["x"], boom["probability"], color=style.PALETTE["grey"], lw=0.5, alpha=0.45)
    if len(quiet):
        ends = quiet.groupby("x")["probability"].quantile([0.25, 0.75]).unstack()
        ax.fill_between(ends.index, ends[0.25], ends[0.75], color=style.PALETTE["grey"], alpha=0.22, lw=0)
    telecom = frame.loc[frame["kind"] == "left_out"].sort_values("x")
    look = style.LOOKS["telecom"]
    ax.plot(telecom["x"], telecom["probability"], **look.of_line(marked=True))
    seen = frame.loc[frame["kind"] == "seen"]
    ax.plot(seen["x"], seen["probability"], ls="", marker=".", color=style.PALETTE["black"])
    ax.axvline(fell, color=style.PALETTE["black"], lw=0.8, ls=(0, (1, 2)))
    if len(telecom):
        last = telecom.iloc[-1]
        style.label(ax, float(last["x"]), float(last["probability"]), "telecom", look, dx=4)


def _quarters(ax: Axes, frame: pd.DataFrame, fell: float) -> None:
    for name, look in SERIES.items():
        line = frame.loc[frame["name"] == name].sort_values("x")
        if not len(line):
            continue
        ax.plot(line["x"], line["probability"], **style.LOOKS[look].of_line())
        last = line.iloc[-1]
        side = -6 if name == "orders" else 6
        style.label(ax, float(last["x"]), float(last["probability"]), name, style.LOOKS[look], dx=side, dy=-6)
    ax.axvline(fell, color=style.PALETTE["black"], lw=0.8, ls=(0, (1, 2)))


def _film_rows(film: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "model": r["model"],
            "kind": "left_out" if r["boom"] == "telecom" else "quiet",
            "name": r["boom"],
            "x": period_number(str(TROUGH + age)),
            "probability": p,
        }
        for r in film
        if r["model"] in PANELS
        for age, p in zip(r["age"], r["probability"], strict=True)
    ]


def _seen_rows(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what the models said on the day; a quarter stands at its end."""
    made = []
    for r in rows:
        if r["panel"] == "telecom_spending" and r["model"] in PANELS:
            x, kind, name = period_number(r["as_of"][:4]), "seen", "telecom"
        elif r["panel"] == "telecom_suppliers" and r["model"] == "quarterly":
            x, kind, name = period_number(r["target"].split()[2]), "quarter", r["target"].split()[1]
        else:
            continue
        made.append(
            {"model": r["model"], "kind": kind, "name": name, "x": x, "probability": r["probability"]}
        )
    return made
