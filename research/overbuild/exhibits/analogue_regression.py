"""Past booms as a regression: coefficients before and after, AI by asset life and debt, and what moves it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from overbuild.exhibits import style
from overbuild.exhibits.base import Figure, Inputs
from overbuild.exhibits.frames import floats, records, where
from overbuild.exhibits.wording import number, typographic

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ID = "analogue_regression"
TITLE = "Past booms as a regression on asset life and debt"
NOTE = (
    "The event is physical overbuild within five years of the peak; it says nothing of losses or of a "
    "fall of spending. Learnt from {booms} booms in {clusters} clusters, a main label and a critic’s "
    "reading of each taken as two imperfect readings of one truth. A: means with 5 and 95 % points, "
    "before (grey) and after (black); life per doubling, debt against none, clusters their standard "
    "deviation. B: the probability for a boom like AI’s by asset life, lines means and bands 5 to 95 %; "
    "ticks below are the lives on the list, of which {short} are under {below} years, and the horizontal "
    "line is the constant rate. C: averaged over what is assumed of AI (life {life_q05} to {life_q95} "
    "years, debt with chance {debt}) and of telecom at the end of 1999, by psi, the chance that a boom "
    "that ended well is on the list relative to one that did not, of which no datum speaks; hollow: the "
    "same with partly overbuilt counted as nothing either way, or as overbuilt. Both covariates and all "
    "labels are known after the fact; missing covariates ({no_life} lives, {no_debt} financings) are "
    "averaged over. Telecom: {telecom_booms} booms, hindcast on revised data; one event. Source: list of "
    "investment booms compiled from the literature, grades B and C."
)
NEEDS = ("estimate_analogue_regression_ai", "estimate_analogue_regression_telecom")
DATA = ()

ROWS = {"alpha": "level", "beta_life": "life", "beta_debt": "debt", "tau": "clusters"}
DEBT = {True: "debt", False: "no debt"}
LOOKS = {
    True: style.LOOKS["ai"],
    False: style.Look(style.PALETTE["green"], (0, (1, 1.2)), "^"),
}
COLUMNS = ("panel", "what", "x", "kind", "mean", "q05", "q95")
OFFSET = {"ai": 0.0, "telecom": -0.28}


def build(inputs: Inputs) -> Figure:
    """Draw the three panels."""
    ai, telecom = (inputs.result(name)["findings"] for name in NEEDS)
    data = pd.DataFrame(list(_data(ai, telecom)), columns=pd.Index(COLUMNS))
    figure, (left, middle, right) = style.panels(1, 3, height=2.7, width_ratios=(1.0, 1.5, 1.25))
    _coefficients(left, where(data, panel="A"))
    _by_life(middle, where(data, panel="B"), ai)
    _by_psi(right, where(data, panel="C"))
    return Figure(ID, TITLE, typographic(_note(ai, telecom)), figure, data)


def _coefficients(axes: Axes, part: pd.DataFrame) -> None:
    for kind, shift, color in (("prior", 0.14, "grey"), ("posterior", -0.14, "black")):
        for place, name in enumerate(ROWS):
            (row,) = records(where(part, kind=kind, what=name))
            y = shift - place
            axes.plot([row["q05"], row["q95"]], [y, y], color=style.PALETTE[color], linewidth=1.4)
            axes.plot(row["mean"], y, marker="o", color=style.PALETTE[color])
    axes.axvline(0.0, color=style.PALETTE["black"], linewidth=0.6)
    axes.set_yticks([-i for i in range(len(ROWS))], list(ROWS.values()))
    axes.set_xlabel("Logit")
    _turned(axes)
    style.letter(axes, "A", "Coefficients")


def _by_life(axes: Axes, part: pd.DataFrame, ai: Mapping[str, Any]) -> None:
    for debt, name in DEBT.items():
        rows, look = where(part, kind="curve", what=name), LOOKS[debt]
        x = floats(rows, "x")
        axes.plot(x, floats(rows, "mean"), **look.of_line(), label=name)
        axes.fill_between(
            x, floats(rows, "q05"), floats(rows, "q95"), color=look.color, alpha=0.15, linewidth=0
        )
    lives = floats(where(part, kind="listed"), "x")
    axes.plot(lives, [0.015] * lives.size, "|", color=style.PALETTE["black"], markersize=6)
    rate = ai["constant_rate"]["mean"]
    axes.axhline(rate, color=style.PALETTE["grey"], linewidth=0.9, linestyle=(0, (4, 2)))
    grey = style.Look(style.PALETTE["grey"], "-", "")
    style.label(axes, 1.9, rate, "constant rate", grey, dx=2, dy=5)
    axes.set_xscale("log")
    axes.set_xticks([2, 4, 6, 15, 30, 60], ["2", "4", "6", "15", "30", "60"])
    axes.minorticks_off()
    axes.set_xlabel("Asset life, years")
    _probability(axes)
    axes.legend(loc="upper left", handlelength=2.2)
    style.letter(axes, "B", "Probability, list as it stands")


def _by_psi(axes: Axes, part: pd.DataFrame) -> None:
    psis = sorted(set(part["x"]), reverse=True)
    for era in ("ai", "telecom"):
        look = style.LOOKS[era]
        for row in records(where(part, what=era)):
            y = OFFSET[era] - psis.index(row["x"])
            if row["kind"] == "main":
                axes.plot([row["q05"], row["q95"]], [y, y], color=look.color, linewidth=1.4)
                axes.plot(row["mean"], y, marker=look.marker, color=look.color)
            else:
                axes.plot(row["mean"], y, marker=look.marker, color=look.color, mfc="white", markersize=3.6)
    for era, name in (("ai", "AI"), ("telecom", "telecom, 1999")):
        look = style.LOOKS[era]
        axes.plot([], [], color=look.color, marker=look.marker, label=name)
    axes.set_yticks([-i - 0.14 for i in range(len(psis))], [rf"$\psi$ = {p:g}" for p in psis])
    axes.set_ylim(-len(psis) + 0.2, 0.9)
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", ".25", ".5", ".75", "1"])
    axes.set_xlabel("Probability")
    axes.legend(loc="upper right", ncols=2, columnspacing=1.0, handlelength=1.4)
    _turned(axes)
    style.letter(axes, "C", "Selection and labels")


def _turned(axes: Axes) -> None:
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")


def _probability(axes: Axes) -> None:
    axes.set_ylim(0, 1)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", ".25", ".5", ".75", "1"])


def _data(ai: Mapping[str, Any], telecom: Mapping[str, Any]) -> Any:
    """Yield every point drawn, as `COLUMNS`."""
    for row in ai["coefficients"]:
        yield ("A", row["name"], None, "prior", *_points(row["prior"]))
        yield ("A", row["name"], None, "posterior", *_points(row))
    for row in ai["by_covariates"]:
        yield ("B", DEBT[row["debt"]], row["years"], "curve", *_points(row))
    for row in ai["truth"]:
        if row["years"] is not None:
            yield ("B", row["boom"], row["years"], "listed", None, None, None)
    for era, found in (("ai", ai), ("telecom", telecom)):
        for row in found["by_reading"]:
            kind = "main" if row["partly"] == found["reading"]["partly"] else f"partly = {row['partly']:g}"
            yield ("C", era, row["psi"], kind, *_points(row))


def _points(row: Mapping[str, float]) -> tuple[float, float, float]:
    return row["mean"], row["q05"], row["q95"]


def _note(ai: Mapping[str, Any], telecom: Mapping[str, Any]) -> str:
    missing = {m["column"]: m["missing"] for m in ai["missing"]}
    short, assumed = ai["shortest_lives"], ai["assumed"]
    return NOTE.format(
        booms=ai["booms"],
        clusters=ai["clusters"],
        short=len(short["booms"]),
        below=number(short["below_years"], ".0f"),
        life_q05=number(assumed["life_q05"], ".0f"),
        life_q95=number(assumed["life_q95"], ".0f"),
        debt=number(assumed["debt"], ".1f"),
        no_life=missing["asset_life_years"],
        no_debt=missing["debt_financed"],
        telecom_booms=telecom["booms"],
    )
