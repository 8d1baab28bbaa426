"""The exhibits and numbers of the hindcasts draw what was filed; a made-up result, nothing is fitted."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from typing import Any

import numpy as np

from overbuild.exhibits.base import Figure, Inputs, Table
from overbuild.exhibits.numbers_vintages import FORECASTERS, numbers
from overbuild.exhibits.registry import make
from overbuild.exhibits.tables import save
from overbuild.probability.hindcast_film import MODELS, findings
from overbuild.probability.hindcast_quarterly import quarters
from overbuild.probability.hindcast_rows import Target, row
from overbuild.probability.hindcast_scores import scores

APART = {"brier": -0.02, "p_value": 0.3, "clusters": 5}
SWING = {"rank_correlation": 0.9, "common": 7, "against_constant": APART, "regimes_against": APART}
EVERY = sorted({*MODELS, *(m for models in FORECASTERS.values() for m in models)})


def chance(model: str, place: int) -> float:
    return 0.05 + 0.03 * EVERY.index(model) + 0.01 * place


def rows_of(panel: str, target: str, cluster: str, day: str, event: str, came: bool, place: int) -> list[Any]:
    given = Target(panel, target, cluster, day, "2004Q4", event, came)
    return [row(given, m, chance(m, place)) for m in FORECASTERS[panel]]


@cache
def results() -> dict[str, Any]:
    telecom: list[Any] = []
    for v in range(1995, 2003):
        for h in (2, 3, 4):
            target = f"telecom spending {v} +{h}"
            telecom += rows_of(
                "telecom_spending", target, "telecom", f"{v}-12-31", "O3", v + h > 2001, v - 1995
            )
    for place, q in enumerate(quarters()):
        for what in ("orders", "shipments"):
            day, event = f"{q[:4]}-{3 * int(q[-1]):02d}-30", f"O3/supplier_{what}"
            target = f"telecom {what} {q} +4"
            telecom += rows_of("telecom_suppliers", target, "telecom", day, event, q > "1997Q4", place)
    film = [
        {"boom": b, "series": b, "years": 4, "model": m, "age": list(range(4, 12))}
        | {"probability": [chance(m, k) * (1.5 if b == "a 1980" else 1.0) for k in range(8)]}
        for b in ("telecom", "a 1980", "b 1990")
        for m in MODELS
    ]
    run_ups, booms = [], []
    for i in range(9):
        where = f"s{i % 5} {1960 + i}", f"s{i % 5}", f"{1960 + i}-12-31"
        run_ups += rows_of("run_ups", *where, "run_up", i % 2 == 0, i)
        booms += rows_of("booms", f"b{i}", f"c{i % 5}", "2026-11-22", "physical_overbuild", i % 2 == 0, i)
    near = {"event": "O2/suppliers", "holds": False, "quarter": "2002Q4", "of_normal": 0.501}
    made = {
        "hindcasts_telecom": {
            "rows": telecom,
            "scores": scores(telecom, 1),
            "film": film,
            "film_findings": findings(film, telecom),
            "came": {"spending": "2002", "orders": "2001Q4", "shipments": "2002Q2"},
            "near_miss": near | {"rate": 40.4, "rate_at_threshold": 40.35, "threshold": 0.5},
            "known": {"targets": 20},
        },
        "hindcasts_run_ups": {"rows": run_ups, "scores": scores(run_ups, 1), "known": {"targets": 1}}
        | {"swing": SWING},
        "hindcasts_booms": {"rows": booms, "scores": scores(booms, 1)},
    }
    return made


def inputs(*names: str) -> Inputs:
    return Inputs({n: results()[n] for n in names})


def test_the_film_draws_telecom_and_the_quiet_booms() -> None:
    made = make("vintage_film", inputs("hindcasts_telecom"))
    assert isinstance(made, Figure)
    assert "hindcast on revised data; one event" in made.note and "2001Q4 for orders" in made.note
    frame = made.data
    assert set(frame.loc[frame["kind"] == "quiet", "name"]) == {"a 1980", "b 1990"}
    telecom = frame.loc[(frame["kind"] == "left_out") & (frame["model"] == "regimes")]
    np.testing.assert_allclose(telecom["x"], np.arange(1996.0, 2004.0))
    assert frame["kind"].tolist().count("quarter") == 56


def test_no_label_covers_another() -> None:
    made = make("vintage_film", inputs("hindcasts_telecom"))
    assert isinstance(made, Figure)
    made.figure.canvas.draw()
    boxes = [t.get_window_extent() for ax in made.figure.axes for t in ax.texts if t.get_text()]
    assert not [1 for a, b in combinations(boxes, 2) if a.overlaps(b)]


def test_the_table_says_won_or_lost_only_where_clusters_can_tell(tmp_path) -> None:
    made = make("hindcast_scores", inputs("hindcasts_telecom", "hindcasts_run_ups", "hindcasts_booms"))
    assert isinstance(made, Table) and "hindcast on revised data; one event" in made.note
    assert made.frame["panel"].tolist().count("Run-ups") == 1
    start = made.frame["panel"].tolist().index("Run-ups")
    told = ["(" in c for c in made.frame["constant"].tolist()]
    assert not any(told[:start]) and any(told[start:])
    every = [c for name in ("constant", "coin", "age") for c in made.frame[name].tolist() if "(" in c]
    for cell in every:
        p_value = float(cell.partition("(")[2].partition(")")[0])
        assert (p_value <= 0.10) == cell.endswith(("won", "lost"))
    save(made, tmp_path)


def test_every_quoted_number_is_there() -> None:
    found = numbers(results())
    assert found["film"]["regimes"]["quiet"]["value"] == 2
    assert found["near_miss"]["threshold"]["text"] == "40.35"
    assert found["run_ups"]["cases"]["value"] == 9 and found["run_ups"]["fell"]["value"] == 5
    assert found["scores"]["booms"]["analogues"]["cases"]["value"] == 9
    assert found["run_ups"]["low"]["value"] == 1
    against = found["rivals"]["regimes"]["coin"]
    assert against["clusters"]["value"] == 5 and against["verdict"]["text"] in (
        "won",
        "lost",
        "not told apart",
    )
    for model in ("baserate", "regimes", "boom_age"):
        assert found["film"][model]["seen_2000"]["value"] is not None
