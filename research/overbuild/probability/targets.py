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
CASH = "ai_free_cash_flow"
CONTINUOUS = ("ai_capex", CASH)
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
        What each target counts, shape (target,); 0 where fewer than two models spoke.
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
        return compared(self.scores)

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
    worth = worth_of([p for p, _ in keys], cluster, horizons, settings["worth"], compared(scores))
    return Targets(tuple(p for p, _ in keys), tuple(t for _, t in keys), tuple(cluster), scores, worth)


def compared(scores: Array) -> NDArray[np.bool_]:
    """Return of which targets two models or more spoke, shape (target,)."""
    return np.isfinite(scores).sum(axis=1) > 1


def worth_of(
    panels: Sequence[str],
    clusters: Sequence[str],
    horizons: Sequence[int | None],
    rules: Mapping[str, float],
    kept: NDArray[np.bool_],
) -> Array:
    """Return what each target counts.

    A target that compares no models counts 0 and is in no count below. Both panels of telecom together count
    ``telecom``. A run-up counts 1 / (1 + (n - 1) rho) with n the run-ups of its series and rho the
    correlation ``run_ups``; a boom likewise with ``booms``. A target of AI's own figures h quarters ahead
    counts 1 / h of a share: of capex that of its panel at each horizon, of free cash flow that of its panel
    shared equally by the horizons.

    Raises
    ------
    InputError
        If a panel is not known, or a target of AI's own figures has no horizon.
    """
    known = (*TELECOM, "run_ups", "booms", *CONTINUOUS)
    for panel, horizon in zip(panels, horizons, strict=True):
        if panel not in known:
            raise InputError(f"There is no panel '{panel}' of targets. Available: {', '.join(known)}.")
        if panel in CONTINUOUS and (not horizon or horizon < 1):
            raise InputError(f"A target of the panel {panel} has no horizon in quarters.")
    every = list(zip(panels, clusters, horizons, strict=True))
    counted = [t for t, k in zip(every, kept, strict=True) if k]
    size = Counter((p, c) for p, c, _ in counted)
    telecom = sum(p in TELECOM for p, _, _ in counted)
    cash = len({h for p, _, h in counted if p == CASH})

    def one(panel: str, cluster: str, horizon: int | None) -> float:
        if panel in TELECOM:
            return rules["telecom"] / telecom
        if panel in CONTINUOUS:
            return rules[panel] / (horizon or 1) / (cash if panel == CASH else 1)
        return 1.0 / (1.0 + (size[panel, cluster] - 1) * rules[panel])

    return np.array([one(*t) if k else 0.0 for t, k in zip(every, kept, strict=True)], dtype=float)


def without_telecom(rows: Iterable[Row], series: Iterable[str]) -> list[Row]:
    """Return the rows that are not telecom's own: without its panels, series and cluster of booms.

    The forecasts in the rows that are left were made by models that had seen telecom.

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
