"""Hindcasts and answers made up for tests, in the forms in which they are filed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from overbuild.core.saving import save_json
from overbuild.probability import filing

AS_OF = date(2026, 11, 22)


def binary(panel: str, target: str, model: str, p: float, happened: bool, **other: Any) -> dict[str, Any]:
    """Return one binary hindcast."""
    row = {
        "panel": panel, "target": target, "cluster": target.partition("/")[0], "as_of": "1999-12-31",
        "by": "2003Q4", "event": "O3", "happened": happened, "model": model, "probability": p,
        "evidence": "direct", "status": "ok",
    }  # fmt: skip
    return row | other


def ahead(target: str, model: str, score: float | None, horizon: int = 1, **other: Any) -> dict[str, Any]:
    """Return one continuous hindcast of AI's capex."""
    row = {
        "panel": "ai_capex", "target": target, "cluster": target.partition("/")[0], "as_of": "2021-03-31",
        "by": "2021Q2", "horizon": horizon, "model": model, "value": 1.0, "mean": 1.0,
        "quantiles": [0, 0, 0, 0, 0], "crps": 0.1, "log_score": score, "pit": 0.5,
    }  # fmt: skip
    return row | other


def rows(
    seed: int = 1, models: tuple[str, ...] = ("baserate", "quarterly", "regimes")
) -> list[dict[str, Any]]:
    """Return hindcasts of every panel; the last model is the best, and the first is silent on AI."""
    rng, made = np.random.default_rng(seed), []
    for series in range(8):
        for n in range(1 + series % 3):
            happened = bool(rng.random() < 0.3)
            for k, model in enumerate(models):
                p = float(np.clip(0.3 + (0.2 * k if happened else -0.1 * k), 0.02, 0.98))
                made.append(binary("run_ups", f"s{series}/{n}", model, p, happened))
    made += [
        binary("telecom_spending", f"{year}/3", model, 0.2 + 0.1 * k, year > 1999, as_of=f"{year}-12-31")
        for year in (1998, 1999, 2000)
        for k, model in enumerate(models)
    ]
    made += [
        ahead(f"2021Q{q}/{h}", model, float(rng.normal(0.5 * k, 0.3)), h)
        for q in (1, 2, 3, 4)
        for h in (1, 2, 4)
        for k, model in enumerate(models[1:])
    ]
    return made


def forecast(event: str, by: str, p: float | None, **other: Any) -> dict[str, Any]:
    """Return one forecast as it is filed."""
    row = {
        "event": event, "by": by, "as_of": AS_OF.isoformat(), "model": "", "probability": p,
        "mc_error": 0.002, "spread": None if p is None else [p / 2, p, min(1.0, 2 * p)], "evidence": "paths",
        "abstains": "" if p is not None else "no layer", "status": "ok",
    }  # fmt: skip
    return row | other


def file(folder: Path, model: str, forecasts: list[dict[str, Any]], **other: Any) -> None:
    """File one answer."""
    details: dict[str, Any] = {
        "episode": "ai", "as_of": AS_OF, "data": "", "priors": "", "code": "", "settings": {}, "seed": 0,
        "versions": {}, "seconds": 0.0, "checks": {"speaks": True}, "result": {},
    }  # fmt: skip
    made = tuple({**f, "model": model} for f in forecasts)
    filing.save(folder, filing.Record(model=model, forecasts=made, **(details | other)))


def file_rows(folder: Path, made: Sequence[Mapping[str, Any]]) -> None:
    """File hindcasts, each panel where it belongs."""
    homes = {"run_ups": "run_ups", "booms": "booms", "ai_capex": "ai", "ai_free_cash_flow": "ai"}
    for name in ("ai", "telecom", "run_ups", "booms"):
        own = [r for r in made if homes.get(r["panel"], "telecom") == name]
        save_json(folder / "hindcasts" / f"{name}.json", {"rows": own, "scores": []})


def file_all(folder: Path) -> None:
    """File what a small project has: three models that speak of O3, two of booms, and hindcasts."""
    file(folder, "baserate", [forecast("O3", b, p, evidence="rule", mc_error=0.0) for b, p in BASE.items()])
    file(
        folder,
        "regimes",
        [forecast("O3", b, p / 2) for b, p in BASE.items()] + [forecast("O2", "2028Q4", None)],
    )
    file(folder, "quarterly", [forecast("O3", b, p / 4) for b, p in BASE.items()])
    file(folder, "analogues", [forecast("physical_overbuild", "", 0.6)])
    file_rows(folder, rows())


BASE = {"2027Q4": 0.1, "2028Q4": 0.2, "2030Q4": 0.3}
