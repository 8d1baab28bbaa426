"""What the annual panel taught, in the place of the priors of the quarterly model.

The quarterly model states growth gaps, hazards and moves by the year, as the annual model does. A mean and a
standard deviation of any of these replace its prior, by the moments of the prior's own family.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from overbuild.errors import UnknownNameError

type Panel = Mapping[str, tuple[float, float]]
"""Name of a parameter (``exit``, ``from_bust[normal]``) to its mean and standard deviation."""

NORMALS = ("normal_growth", "exit", "exit_age")
POSITIVES = ("boom_gap", "bust_gap")
SHARES = ("after_boom",)
MOVES = ("from_normal", "from_bust")
REGIMES = ("normal", "boom", "bust")
NAMES = (*NORMALS, *POSITIVES, *SHARES, *(f"{m}[{r}]" for m in MOVES for r in REGIMES))


def panel_of(parameters: Iterable[Mapping[str, Any]]) -> dict[str, tuple[float, float]]:
    """Return what the quarterly model takes over from the parameters filed for the annual model.

    A single era is one draw from the population of series, so that the spread of series is added to the
    uncertainty of the common means: sd^2 + spread^2, the spread of gaps being one of logs. The panel should
    be one without the era itself, whose data would count twice.

    Parameters
    ----------
    parameters
        Rows with ``parameter``, ``mean`` and ``sd``.
    """
    rows = {_named(str(r["parameter"])): (float(r["mean"]), float(r["sd"])) for r in parameters}
    panel = {name: rows[name] for name in NAMES if name in rows}
    spreads = {"normal_growth": "normal", "boom_gap": "boom", "bust_gap": "bust"}
    for name, regime in spreads.items():
        spread = rows.get(f"spread_of_means[{regime}]", (0.0, 0.0))[0]
        if name in panel:
            mean, sd = panel[name]
            panel[name] = mean, float(np.hypot(sd, spread * (mean if name in POSITIVES else 1.0)))
    return panel


def _named(label: str) -> str:
    """Return the label with the regime's name where it has its number: ``from_bust[2]``."""
    for number, regime in enumerate(REGIMES):
        label = label.replace(f"[{number}]", f"[{regime}]")
    return label


def with_panel(priors: Mapping[str, Any], panel: Panel | None) -> dict[str, Any]:
    """Return the priors with those that the panel speaks of replaced.

    Raises
    ------
    UnknownNameError
        If the panel names a parameter that the two models do not share.
    ValueError
        If a standard deviation is not above 0, a gap not above 0 or a share not inside (0, 1).
    """
    made = dict(priors)
    for name, (mean, sd) in (panel or {}).items():
        if name not in NAMES:
            raise UnknownNameError("parameter shared with the annual model", name, NAMES)
        if not (np.isfinite(mean) and np.isfinite(sd) and sd > 0):
            raise ValueError(f"{name} has mean {mean} and deviation {sd}; expected the second above 0.")
        if name in NORMALS:
            made[name] = (mean, sd)
        elif name in POSITIVES:
            made[name] = _lognormal(name, mean, sd)
        elif name in SHARES:
            weight = _weight(name, mean, sd)
            made[name] = (mean * weight, (1 - mean) * weight)
    for name in MOVES:
        rows = [(panel or {}).get(f"{name}[{r}]") for r in REGIMES]
        given = [r for r in rows if r is not None]
        if len(given) == len(REGIMES):
            means = np.array([m for m, _ in given])
            weight = float(np.mean([_weight(name, m, sd) for m, sd in given]))
            made[name] = tuple(float(x) for x in weight * means / means.sum())
        elif given:
            raise ValueError(
                f"The panel gives {len(given)} of three chances of {name}; expected all or none."
            )
    return made


def _lognormal(name: str, mean: float, sd: float) -> tuple[float, float]:
    """Return median and log standard deviation."""
    if mean <= 0:
        raise ValueError(f"{name} has mean {mean}; expected a number above 0.")
    variance = np.log1p((sd / mean) ** 2)
    return float(mean / np.exp(variance / 2)), float(np.sqrt(variance))


def _weight(name: str, mean: float, sd: float) -> float:
    """Return the sum of the weights of the Beta distribution with these moments."""
    if not (0 < mean < 1 and sd**2 < mean * (1 - mean)):
        raise ValueError(f"{name} has mean {mean} and standard deviation {sd}; no share has these.")
    return mean * (1 - mean) / sd**2 - 1
