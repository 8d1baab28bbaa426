"""What a test found, as a table, a sentence, a summary, a plot and plain types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from overbuild.core.dating import Dating
from overbuild.explosive.critical import CriticalValues, PValue
from overbuild.explosive.date_spread import DateSpread
from overbuild.explosive.dating import LEVELS, RULES, Rule
from overbuild.explosive.episode import Episode
from overbuild.explosive.series import text_of
from overbuild.explosive.statistic import NAMES, Array, Sequences, Statistic

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

DISCLAIMER = (
    "Exuberance of a series is neither overbuild nor proof of a bubble: a fundamental that grows "
    "explosively has the same root."
)


@dataclass(frozen=True, eq=False)
class Result:
    """A recursive right-tailed test of one series, or of a panel.

    Attributes
    ----------
    name
        Of the series.
    calendar
        Its observations' dates; those of the sequences are the last ones (``dates``).
    sequences, critical
        What came out, and its distribution under the null.
    rule
        By which the BSADF sequence was dated.
    episodes, spreads
        Dated episodes, and the bootstrap spread of their dates where it was asked for.
    false_alarm
        Chance that a path under the null shows an episode; None where paths are shorter than the sample.
    lags
        Of the regression on the whole sample.
    warnings
        What the reader should know.
    """

    name: str
    calendar: tuple[Any, ...]
    sequences: Sequences
    critical: CriticalValues
    rule: Rule
    episodes: tuple[Episode, ...]
    spreads: tuple[DateSpread, ...]
    false_alarm: PValue | None
    lags: int
    warnings: tuple[str, ...] = ()

    @property
    def statistic(self) -> Statistic:
        """The test that was run, here as under the null."""
        return self.critical.statistic

    @property
    def cut(self) -> Array:
        """Critical value of each date by which the sequence was dated, shape (date,)."""
        return self.critical.sequence(self.rule.level, self.rule.cut)

    @property
    def dated(self) -> Array:
        """The sequence that was dated: BSADF, or BADF where the test has lines of its own; shape (date,)."""
        return self.rule.dated(self.sequences)

    @property
    def min_duration(self) -> int:
        """Dates of the shortest episode that is counted."""
        return self.rule.shortest(len(self.calendar))

    @property
    def dates(self) -> tuple[str, ...]:
        """The date of each statistic, as text: the end of its windows."""
        return tuple(text_of(d) for d in self.calendar[self.statistic.first(len(self.calendar)) :])

    @property
    def min_window(self) -> int:
        """Rows of the shortest regression, as exuber's ``minw``; not observations."""
        return len(self.calendar) - len(self.dates) - self.statistic.lags

    def frame(self) -> pd.DataFrame:
        """Return statistics, critical values and p-values, a row each of ADF, SADF and GSADF."""
        import pandas as pd

        rows = []
        for name in NAMES:
            observed = float(self.sequences.named(name))
            p = self.critical.p_value(name, observed)
            row: dict[str, Any] = {"test": name.upper(), "statistic": observed}
            row |= {f"{_percent(at)} %": self.critical.value(name, at).value for at in LEVELS}
            row |= {"p_value": p.value if p else None, "mc_error": p.error if p else None}
            rows.append(row)
        return pd.DataFrame(rows)

    def sequence_frame(self) -> pd.DataFrame:
        """Return BADF, BSADF and its critical values by date of the window's end."""
        import pandas as pd

        table = {"date": self.dates, "badf": self.sequences.badf, "bsadf": self.sequences.bsadf}
        table |= {f"critical_{_percent(at)}": self.critical.sequence(at, self.rule.cut) for at in LEVELS}
        return pd.DataFrame(table)

    def dating(self) -> Dating:
        """Return the dated episodes with the bootstrap quantiles of their dates, as text; missing: None."""
        import pandas as pd

        rows = [self._episode(e, s) for e, s in zip(self.episodes, self._spreads(), strict=True)]
        columns = ["start", "peak", "end", "duration", "ongoing", "found"]
        columns += [f"{c}_{q}" for c in columns[:3] for q in ("low", "median", "high")]
        level = f"{_percent(self.rule.level)} %"
        line = "published line" if self._cut_name == "published" else f"{level} critical value"
        rule = f"{self._dated_name} above its {line} for {self.min_duration} dates or more"
        table = pd.DataFrame(rows, columns=pd.Index(columns), dtype=object)
        return Dating(
            table, f"{rule}; {self.statistic.title}", self.statistic.null, self.statistic.alternative
        )

    def sentence(self) -> str:
        """Say whether the null is rejected, and when the series was exuberant."""
        observed = float(self.sequences.gsadf)
        p, cut = self.critical.p_value("gsadf", observed), self.critical.value("gsadf", self.rule.level)
        against = (
            f"{_percent(self.rule.level)} % critical value {cut.value:.2f}, {cut.low:.2f} to {cut.high:.2f}"
        )
        verdict = "rejects" if observed > cut.value else "does not reject"
        first = (
            f"{self.name}: GSADF {observed:.2f} {verdict} a unit root throughout ({against}, p "
            f"{p.value:.3f}, s.e. {p.error:.3f})."
            if p
            else f"{self.name}: GSADF {observed:.2f}; {against} of {self.critical.null.title}."
        )
        if not self.episodes:
            return f"{first} No episode of {self.min_duration} dates or more{self._alarm()}."
        spans = ", ".join(
            f"{self.dates[e.start]} to {self.dates[e.stop - 1]}{' (ongoing)' if e.ongoing else ''}"
            for e in self.episodes
        )
        unsure = "" if observed > cut.value or not p else ", though the sample as a whole does not reject"
        number = "One episode" if len(self.episodes) == 1 else f"{len(self.episodes)} episodes"
        return f"{first} {number}{unsure}: {spans}{self._alarm()}."

    def summary(self) -> str:
        """Return the report in the form of unit-root tests in the package arch: tests, null, alternative."""
        title = "Recursive Right-Tailed Unit Root Tests"
        lines = [title, "=" * 72, f"Series: {self.name} ({self._span()})"]
        lines += [f"Test: {self.statistic.title}", f"Lags of the whole sample: {self.lags}", "-" * 72]
        for row in self.frame().to_dict("records"):
            p = "-" if row["p_value"] is None else f"{row['p_value']:.3f} (s.e. {row['mc_error']:.3f})"
            lines.append(f"{row['test']:<6} {row['statistic']:>9.3f}   P-value: {p}")
            values = [(at, self.critical.value(row["test"].lower(), at)) for at in reversed(LEVELS)]
            listed = ", ".join(
                f"{v.value:.2f} [{v.low:.2f}, {v.high:.2f}] ({round(100 * (1 - at))}%)" for at, v in values
            )
            lines.append(f"       Critical Values: {listed}")
        lines += ["-" * 72, f"Critical values: {self.critical.null.title}, seed {self.critical.seed}"]
        lines.append(f"Dated by: {self._dated_name} against {RULES[self._cut_name]}{self._alarm()}")
        lines += [
            f"Null Hypothesis: {self.statistic.null}",
            f"Alternative Hypothesis: {self.statistic.alternative}",
        ]
        lines += [f"Warning: {w}" for w in self.warnings]
        return "\n".join([*lines, DISCLAIMER])

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the sequence that was dated, its critical values and the dated episodes."""
        import matplotlib.pyplot as plt
        import numpy as np

        if ax is None:
            ax = plt.subplots()[1]
        first = self.statistic.first(len(self.calendar))
        x: list[Any] = list(self.calendar[first:])
        if isinstance(x[0], str):
            x = list(range(len(x)))
            ticks = np.unique(np.linspace(0, len(x) - 1, 7).astype(int))
            ax.set_xticks(ticks, [self.dates[i] for i in ticks])
        ax.plot(x, self.dated, color="black", linewidth=1.0, label=self._dated_name)
        published = self._cut_name == "published"
        cut = "episodes begin" if published else f"{_percent(self.rule.level)} % critical value"
        ax.plot(
            x,
            self.cut,
            color="tab:red",
            linewidth=1.0,
            linestyle="--",
            label=cut,
        )
        if published:
            end = self.critical.boundaries(self.rule).end
            ax.plot(x, end, color="tab:blue", linewidth=1.0, linestyle=":", label="episodes end")
        for episode in self.episodes:
            ax.axvspan(x[episode.start], x[episode.stop - 1], color="0.85", linewidth=0)
        ax.set_ylabel("statistic")
        ax.set_title(self.name)
        ax.legend(frameon=False)
        return ax

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain types."""
        observed = {name: float(self.sequences.named(name)) for name in NAMES}
        p_values = {name: self.critical.p_value(name, value) for name, value in observed.items()}
        cuts = {name: {at: self.critical.value(name, at) for at in LEVELS} for name in NAMES}
        return {
            "series": self.name,
            "first": text_of(self.calendar[0]),
            "last": text_of(self.calendar[-1]),
            "observations": len(self.calendar),
            "test": self.statistic.title,
            "null": self.statistic.null,
            "alternative": self.statistic.alternative,
            **observed,
            "min_window": self.min_window,
            "lags": self.statistic.lags,
            "lags_whole_sample": self.lags,
            "level": self.rule.level,
            "rule": self._cut_name,
            "critical_values": {n: {_percent(a): q.value for a, q in of.items()} for n, of in cuts.items()},
            "critical_value_intervals": {
                n: {_percent(a): [q.low, q.high] for a, q in of.items()} for n, of in cuts.items()
            },
            "critical_values_by": self.critical.null.title,
            "seed": self.critical.seed,
            "p_values": {name: p.value if p else None for name, p in p_values.items()},
            "p_value_errors": {name: p.error if p else None for name, p in p_values.items()},
            "dates": list(self.dates),
            "badf": self.sequences.badf.tolist(),
            "bsadf": self.sequences.bsadf.tolist(),
            "bsadf_critical": self.cut.tolist(),
            "dated_by": self.rule.sequence,
            "min_duration": self.min_duration,
            "false_alarm": self.false_alarm.value if self.false_alarm else None,
            "false_alarm_error": self.false_alarm.error if self.false_alarm else None,
            "episodes": [self._episode(e, s) for e, s in zip(self.episodes, self._spreads(), strict=True)],
            "warnings": [*self.warnings, DISCLAIMER],
            "sentence": self.sentence(),
        }

    @property
    def _cut_name(self) -> str:
        simulated = self.rule.cut if self.critical.null.pointwise else "familywise"
        return "published" if self.rule.cut == "published" else simulated

    @property
    def _dated_name(self) -> str:
        return self.rule.sequence.upper()

    def _alarm(self) -> str:
        if self.false_alarm is None:
            return ""
        return f" (under the null the chance of one is {self.false_alarm.value:.2f})"

    def _spreads(self) -> Sequence[DateSpread | None]:
        return self.spreads or [None] * len(self.episodes)

    def _episode(self, episode: Episode, spread: DateSpread | None) -> dict[str, Any]:
        dates = self.dates
        row: dict[str, Any] = {
            "start": dates[episode.start],
            "peak": dates[episode.peak],
            "end": None if episode.end is None else dates[episode.end],
            "duration": episode.duration,
            "ongoing": episode.ongoing,
            "found": spread.found if spread else None,
        }
        for what in ("start", "peak", "end"):
            places = getattr(spread, what) if spread else None
            named = [dates[p] for p in places] if places else [None] * 3
            row |= {f"{what}_{q}": d for q, d in zip(("low", "median", "high"), named, strict=True)}
        return row

    def _span(self) -> str:
        return (
            f"{text_of(self.calendar[0])} to {text_of(self.calendar[-1])}, {len(self.calendar)} observations"
        )


def _percent(level: float) -> str:
    return str(round(100 * level))
