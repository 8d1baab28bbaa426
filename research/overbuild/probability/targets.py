"""Targets that have resolved, from the hindcasts on file: who spoke of them, how well, what each is worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.core.saving import load_json
from overbuild.errors import InputError
from overbuild.probability.stacking import Array, scores_of

FILES = ("ai", "telecom", "run_ups", "booms")
"""Files of hindcasts below ``data/filed/hindcasts``."""
TELECOM = ("telecom_spending", "telecom_suppliers")
CONTINUOUS = ("ai_capex", "ai_free_cash_flow")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Targets:
    """Targets in rows, models in columns.

    Attributes
    ----------
    panel, name, cluster
        Of each target; clusters are named within their panel, both panels of telecom being one.
    scores
        Log scores, shape (target, model); NaN where the model did not speak.
    worth
        What each target counts, shape (target,).
    """

    panel: tuple[str, ...]
    name: tuple[str, ...]
    cluster: tuple[str, ...]
    scores: Array
    worth: Array

    @property
    def clusters(self) -> NDArray[np.int_]:
        """Number of each target's cluster, from 0."""
        return np.unique(np.array(self.cluster, dtype=str), return_inverse=True)[1].reshape(-1)

    @property
    def compared(self) -> NDArray[np.bool_]:
        """Whether two models or more spoke: the others say nothing of weights."""
        return np.isfinite(self.scores).sum(axis=1) > 1

    def summary(self, models: Sequence[str]) -> dict[str, Any]:
        """Return how many targets there are by panel and what they are worth, for each model and in all."""
        speaks, kept = np.isfinite(self.scores), self.compared
        panels = sorted(set(self.panel))
        of = {p: np.array([q == p for q in self.panel]) for p in panels}
        return {
            "targets": int(kept.sum()),
            "worth": float(self.worth[kept].sum()),
            "clusters": len({c for c, k in zip(self.cluster, kept, strict=True) if k}),
            "by_panel": {
                p: {"targets": int((kept & of[p]).sum()), "worth": float(self.worth[kept & of[p]].sum())}
                for p in panels
            },
            "by_model": {
                m: {
                    "targets": int((kept & speaks[:, k]).sum()),
                    "worth": float(self.worth[kept & speaks[:, k]].sum()),
                }
                for k, m in enumerate(models)
            },
            "by_pair": [
                {"models": [a, b], "worth": float(self.worth[speaks[:, i] & speaks[:, j]].sum())}
                for i, a in enumerate(models)
                for j, b in enumerate(models)
                if i < j
            ],
        }


def rows_on_file(filed: Path) -> list[Row]:
    """Return the rows of every file of hindcasts; a file that is missing holds none.

    Raises
    ------
    InputError
        If a file cannot be read.
    """
    rows: list[Row] = []
    for name in FILES:
        path = filed / "hindcasts" / f"{name}.json"
        try:
            rows += load_json(path)["rows"]
        except FileNotFoundError:
            continue
        except (OSError, ValueError, KeyError, TypeError):
            raise InputError(
                f"{path} is not a file of hindcasts. Delete it and run 'overbuild build'."
            ) from None
    return rows


def targets_of(rows: Iterable[Row], models: Sequence[str], settings: Mapping[str, Any]) -> Targets:
    """Return the targets of some models.

    Parameters
    ----------
    rows
        Hindcasts, binary (``happened``, ``probability``) and continuous (``log_score``). Those that failed a
        check, or whose evidence is the prior, count as silence, as they would in the forecast.
    models
        Names, in the order of the columns.
    settings
        Section ``[combination]``: ``stacking.least_probability`` and ``worth``.

    Raises
    ------
    InputError
        If two rows disagree on an outcome, or one model speaks twice of a target.
    """
    by_target: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        by_target.setdefault((row["panel"], row["target"]), []).append(row)
    keys = sorted(by_target)
    cluster = [_cluster(by_target[k]) for k in keys]
    scores = np.full((len(keys), len(models)), np.nan)
    least = settings["stacking"]["least_probability"]
    for t, key in enumerate(keys):
        for row in by_target[key]:
            if row["model"] not in models or not _counts(row):
                continue
            k = list(models).index(row["model"])
            if np.isfinite(scores[t, k]):
                raise InputError(f"Model '{row['model']}' speaks twice of the target {key[1]} of {key[0]}.")
            scores[t, k] = _score(row, least)
    horizons = [by_target[k][0].get("horizon") for k in keys]
    worth = worth_of([p for p, _ in keys], cluster, horizons, settings["worth"])
    return Targets(tuple(p for p, _ in keys), tuple(t for _, t in keys), tuple(cluster), scores, worth)


def worth_of(
    panels: Sequence[str],
    clusters: Sequence[str],
    horizons: Sequence[int | None],
    rules: Mapping[str, float],
) -> Array:
    """Return what each target counts.

    Both panels of telecom together count ``telecom``. A run-up counts 1 / (1 + (n - 1) rho) with n the
    run-ups of its series and rho the correlation ``run_ups``; a boom likewise with ``booms``. A target of
    AI's own figures h quarters ahead counts the share of its panel over h.

    Raises
    ------
    InputError
        If a panel is not known, or a target of AI's own figures has no horizon.
    """
    size = Counter(zip(panels, clusters, strict=True))
    telecom = sum(p in TELECOM for p in panels)
    made = []
    for panel, cluster, horizon in zip(panels, clusters, horizons, strict=True):
        if panel in TELECOM:
            made.append(rules["telecom"] / telecom)
        elif panel in ("run_ups", "booms"):
            made.append(1.0 / (1.0 + (size[panel, cluster] - 1) * rules[panel]))
        elif panel in CONTINUOUS:
            if not horizon or horizon < 1:
                raise InputError(f"A target of the panel {panel} has no horizon in quarters.")
            made.append(rules[panel] / horizon)
        else:
            known = ", ".join((*TELECOM, "run_ups", "booms", *CONTINUOUS))
            raise InputError(f"There is no panel '{panel}' of targets. Available: {known}.")
    return np.array(made, dtype=float)


def without_telecom(rows: Iterable[Row], series: Iterable[str]) -> list[Row]:
    """Return the rows that do not rest on telecom's own outcome: its panels, series and cluster of booms.

    Parameters
    ----------
    series
        Long series that are telecom's.
    """
    own = set(series)
    return [
        r
        for r in rows
        if r["panel"] not in TELECOM and r["cluster"] not in own and "telecom" not in str(r["cluster"])
    ]


def _cluster(rows: Sequence[Row]) -> str:
    found = {"telecom" if r["panel"] in TELECOM else f"{r['panel']}/{r['cluster']}" for r in rows}
    outcomes = {r.get("happened", r.get("value")) for r in rows}
    if len(found) > 1 or len(outcomes) > 1 or outcomes == {None}:
        what = f"the target {rows[0]['target']} of {rows[0]['panel']}"
        raise InputError(f"Hindcasts of {what} disagree on its outcome or its cluster, or have none.")
    return found.pop()


def _counts(row: Row) -> bool:
    return row.get("status") != "failed" and row.get("evidence") != "prior-driven"


def _score(row: Row, least: float) -> float:
    if row["panel"] in CONTINUOUS:
        return float("nan") if row["log_score"] is None else float(row["log_score"])
    if row["probability"] is None:
        return float("nan")
    return float(scores_of(np.array([[row["probability"]]]), np.array([bool(row["happened"])]), least)[0, 0])
