"""A result: its table, sentence, report, plot and plain types; and a test of another kind in its place."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import matplotlib as mpl
import numpy as np
import pytest

from overbuild.core.dating import COLUMNS, QUANTILES, Dating
from overbuild.explosive import (
    CollapsingBubbles,
    FamilyWiseBootstrap,
    MonteCarlo,
    RandomWalk,
    RecursiveADF,
    Rule,
    Sequences,
    Series,
    Statistic,
    psy,
    psy_panel,
)
from overbuild.explosive.recursive import SELECTED

MONTHS = tuple(f"{1990 + i // 12}-{i % 12 + 1:02d}" for i in range(120))
FEW = MonteCarlo(replications=199)


@pytest.fixture(scope="module")
def bubble():
    values = CollapsingBubbles().paths(1, 120, np.random.default_rng(4))[0]
    return psy(Series("price", values, MONTHS), null=FEW, dating=Rule(replications=49))[0]


@pytest.fixture(scope="module")
def quiet():
    return psy(Series("price", RandomWalk().paths(1, 120, np.random.default_rng(20))[0], MONTHS), null=FEW)[0]


def test_the_table_has_statistics_critical_values_and_p_values(bubble):
    table = bubble.frame()
    assert list(table["test"]) == ["ADF", "SADF", "GSADF"]
    assert table["statistic"].iloc[2] == float(bubble.sequences.gsadf)
    assert (np.diff(table[["90 %", "95 %", "99 %"]].to_numpy()) > 0).all()
    assert table["p_value"].iloc[2] == 1 / 200
    assert 0 < table["mc_error"].iloc[2] < 0.006


def test_the_report_prints_null_and_alternative(bubble):
    text = bubble.summary()
    assert "Null Hypothesis: The process contains a unit root and was never explosive." in text
    assert "Alternative Hypothesis: The process was explosive" in text
    assert "Critical Values: " in text and "(1%)" in text and "P-value: 0.005" in text
    assert "Monte Carlo, 199 Gaussian random walks with drift 1/n" in text
    assert "windows of 20 rows or more" in text


def test_the_sentence_says_what_was_found(bubble, quiet):
    assert bubble.sentence().startswith("price: GSADF ")
    assert " rejects a unit root throughout (95 % critical value " in bubble.sentence()
    assert f"{bubble.dates[bubble.episodes[0].start]} to " in bubble.sentence()
    assert " does not reject a unit root throughout" in quiet.sentence()
    assert "No episode of 4 dates or more (under the null the chance of one is 0." in quiet.sentence()


def test_dates_are_those_of_the_calendar(bubble):
    assert len(bubble.dates) == bubble.sequences.bsadf.size == 120 - bubble.min_window
    assert (bubble.dates[0], bubble.dates[-1]) == (MONTHS[bubble.min_window], "1999-12")
    process = CollapsingBubbles().places(120)[0]
    (episode,) = bubble.dating().table.to_dict("records")
    assert MONTHS[process[0]] <= episode["start"] <= MONTHS[process[1]]
    assert episode["end"] == MONTHS[process[1] + 1]
    assert episode["duration"] == MONTHS.index(episode["end"]) - MONTHS.index(episode["start"])


def test_the_dating_is_the_projects_own(bubble, quiet):
    dating = bubble.dating()
    assert isinstance(dating, Dating)
    for c in COLUMNS:
        low, middle, high = (dating.table[f"{c}_{q}"].iloc[0] for q in QUANTILES)
        assert low <= middle <= high
    assert dating.null == bubble.statistic.null
    assert len(quiet.dating().table) == len(quiet.episodes)


def test_plain_types_survive_json(bubble):
    content = json.loads(json.dumps(bubble.to_dict(), allow_nan=False))
    assert {
        "adf", "sadf", "gsadf", "min_window", "lags", "bsadf", "critical_values", "p_values", "episodes"
    } <= set(content)  # fmt: skip
    assert content["critical_values"]["gsadf"]["95"] == bubble.critical.value("gsadf").value
    assert max(content["bsadf"]) == content["gsadf"]
    assert len(content["dates"]) == len(content["bsadf"]) == len(content["bsadf_critical"])


def test_the_plot_draws_the_sequence_and_its_critical_values(bubble):
    with mpl.rc_context({"backend": "agg"}):
        from matplotlib.figure import Figure

        ax = bubble.plot(Figure().subplots())
    sequence, critical = ax.get_lines()
    np.testing.assert_array_equal(sequence.get_ydata(), bubble.sequences.bsadf)
    np.testing.assert_array_equal(critical.get_ydata(), bubble.cut)
    assert len(ax.patches) == len(bubble.episodes)


def test_the_chance_of_a_false_episode_is_that_of_the_rule():
    y = RandomWalk().paths(1, 100, np.random.default_rng(0))[0]
    chances = {}
    for rule in ("sadf", "pointwise", "familywise"):
        (result,) = psy(y, dating=Rule(cut=rule))
        assert result.false_alarm
        chances[rule] = result.false_alarm.value
    assert chances["pointwise"] > 0.18 > 0.1 > chances["sadf"] > chances["familywise"]


def test_a_family_of_some_dates_claims_nothing_of_the_sample():
    y = RandomWalk().paths(1, 100, np.random.default_rng(0))[0]
    (result,) = psy(y, null=FamilyWiseBootstrap(24, 99))
    assert (result.to_dict()["rule"], result.false_alarm) == ("familywise", None)
    assert list(result.frame()["p_value"]) == [None] * 3
    assert "reject" not in result.sentence()
    json.dumps(result.to_dict(), allow_nan=False)


def test_what_a_reader_should_know_is_said(quiet):
    y = RandomWalk().paths(1, 59, np.random.default_rng(0))[0]
    (result,) = psy(y, RecursiveADF(2, criterion="bic"), FEW)
    assert SELECTED.format("BIC") in result.warnings
    assert "59 observations are fewer than 60" in result.summary()
    assert 0 <= result.lags <= 2
    assert quiet.episodes == () and quiet.warnings == ()


def test_many_series_come_back_in_their_order():
    table = RandomWalk().paths(3, 80, np.random.default_rng(1)).T
    found = psy(table, null=FEW, dating=Rule(replications=0))
    assert [r.name for r in found] == ["series 1", "series 2", "series 3"]
    alone = psy(table[:, 1], null=FEW, dating=Rule(replications=0))[0]
    np.testing.assert_array_equal(found[1].sequences.bsadf, alone.sequences.bsadf)


def test_a_panel_is_the_mean_of_its_series():
    table = RandomWalk().paths(3, 80, np.random.default_rng(1)).T
    panel = psy_panel(table)
    each = psy(table, null=FEW, dating=Rule(replications=0))
    mean = np.mean([r.sequences.bsadf for r in each], axis=0)
    np.testing.assert_allclose(panel.sequences.bsadf, mean, atol=1e-14)
    assert float(panel.sequences.gsadf) == pytest.approx(mean.max())
    assert panel.name == "panel of 3 series"


@dataclass(frozen=True)
class OfSigns:
    """The test on cumulated signs (Harvey, Leybourne and Zu, 2020), as a robust variant would be written."""

    plain: RecursiveADF = field(default_factory=lambda: RecursiveADF(trend="none"))

    title = "recursive tests of cumulated signs"
    null = "The signs of the changes are independent."
    alternative = "The signs cluster in some spans."
    lags = 0
    constant = False
    warnings = ()

    def lags_of(self, values: np.ndarray) -> int:
        return 0

    def at(self, n: int) -> OfSigns:
        return OfSigns(self.plain.at(n))

    def first(self, n: int) -> int:
        return self.plain.first(n - 1) + 1

    def check(self, series: Series) -> None:
        self.plain.check(series)

    def under_null(self, values: np.ndarray) -> np.ndarray:
        return values

    def boundaries(self, n: int) -> None:
        return None

    def sequences(self, paths: np.ndarray) -> Sequences:
        return self.plain.sequences(np.cumsum(np.sign(np.diff(paths)), axis=-1))


def test_a_test_of_another_kind_takes_its_place():
    assert isinstance(OfSigns(), Statistic) and isinstance(RecursiveADF(), Statistic)
    values = CollapsingBubbles(((0.5, 0.8),)).paths(1, 120, np.random.default_rng(6))[0]
    (result,) = psy(Series("price", values, MONTHS), OfSigns(RecursiveADF(trend="none", min_window=20)), FEW)
    assert result.sequences.bsadf.size == len(result.dates)
    assert result.frame()["p_value"].between(0, 1).all()
    assert "The signs cluster in some spans." in result.summary()
