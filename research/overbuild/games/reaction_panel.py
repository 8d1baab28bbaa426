"""What the reaction functions are estimated on: growth of capex by firm and quarter, and of rivals before.

Growth is the log change on the quarter before. Growth on the year before would sum four such changes: its
errors are a moving average of order three by construction, so that its own lag is endogenous, and a rival's
move is smeared over the four quarters whose order is all there is to learn from. The season of each firm is
taken out of every variable by its means by quarter of the year. Capex is cash; Amazon's is gross of sale
proceeds, which begins in 2017Q3 and lacks 2017Q4, so that levels start in 2018Q1 and no other series is
spliced to them. Oracle's quarters end a month earlier than the others' and are counted where they end, so
that rivals' quarter before, in its rows, shares a month with the quarter explained. `lagged_twice` gives them
the quarter before that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from overbuild.core import Snapshot
from overbuild.core.periods import label, ordinal
from overbuild.errors import InputError

type Array = NDArray[np.float64]

FIRMS = ("Microsoft", "Alphabet", "Amazon", "Meta", "Oracle")
PRODUCTS = ("cloud", "ads", "models")
SUPPLIER = "NVIDIA"
FIRST = "2018Q1"
FEWEST = 12
YEAR = 4


@dataclass(frozen=True, eq=False)
class ReactionPanel:
    """A balanced panel: T quarters of N firms, each variable of shape (T, N) unless said otherwise.

    Attributes
    ----------
    firms, quarters
        Names; labels of the quarters that are explained.
    season
        Group of each quarter, shape (T,), integers from 0: the quarter of the year.
    growth
        Log growth of capex.
    before
        The same, a quarter earlier.
    surprise
        A quarter earlier: operating cash flow less that of a year before, over the mean quarter of the year
        before, in standard deviations of the firm.
    strain
        A quarter earlier: capex over operating cash flow of four quarters; nan where one is unknown.
    supplier
        Shape (T,), a quarter earlier: log growth of the chip supplier's revenue; nan where unknown.
    weights
        Shape (N, N): how much firm j counts among the rivals of i; rows add up to 1, zero diagonal.
    earlier, late
        Log growth of capex two quarters earlier, shape (T, N), and the places of the firms whose rivals are
        taken from there; None and empty where all are taken a quarter earlier.
    """

    firms: tuple[str, ...]
    quarters: tuple[str, ...]
    season: NDArray[np.int_]
    growth: Array
    before: Array
    surprise: Array
    strain: Array
    supplier: Array
    weights: Array
    earlier: Array | None = None
    late: tuple[int, ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        """Quarters and firms."""
        return self.growth.shape[0], self.growth.shape[1]

    @cached_property
    def rivals(self) -> Array:
        """Weighted growth of rivals a quarter earlier, less each firm's seasonal mean."""
        moves = deseasoned(self.before, self.season) @ self.weights.T
        if self.earlier is not None:
            late = list(self.late)
            moves[:, late] = (deseasoned(self.earlier, self.season) @ self.weights.T)[:, late]
        return moves

    def lagged_twice(self, firm: str) -> ReactionPanel:
        """Return the panel from its second quarter on, one firm's rivals taken two quarters before."""
        cut = self.since(self.quarters[1])
        return replace(cut, earlier=self.before[:-1], late=(self.firms.index(firm),))

    def with_weights(self, weights: Array) -> ReactionPanel:
        """Return the same panel with other weights of rivals."""
        return replace(self, weights=weights)

    def without(self, firm: str) -> ReactionPanel:
        """Return the panel without one firm, whose weight goes to the others in proportion."""
        kept = [i for i, f in enumerate(self.firms) if f != firm]
        own = self.weights[np.ix_(kept, kept)]
        return replace(
            self,
            earlier=None if self.earlier is None else self.earlier[:, kept],
            late=tuple(kept.index(i) for i in self.late if i in kept),
            firms=tuple(self.firms[i] for i in kept),
            growth=self.growth[:, kept],
            before=self.before[:, kept],
            surprise=self.surprise[:, kept],
            strain=self.strain[:, kept],
            weights=own / own.sum(axis=1, keepdims=True),
        )

    def since(self, quarter: str) -> ReactionPanel:
        """Return the panel from one quarter on."""
        n = next((i for i, q in enumerate(self.quarters) if q >= quarter), len(self.quarters))
        cut = {
            k: getattr(self, k)[n:] for k in ("season", "growth", "before", "surprise", "strain", "supplier")
        }
        earlier = None if self.earlier is None else self.earlier[n:]
        return replace(self, quarters=self.quarters[n:], earlier=earlier, **cut)


def deseasoned(values: Array, season: NDArray[np.int_]) -> Array:
    """Return values, shape (T, ...), less their means by season."""
    out = np.array(values, dtype=np.float64)
    for s in set(season.tolist()):
        here = season == s
        out[here] -= out[here].mean(axis=0)
    return out


def equal_weights(firms: int) -> Array:
    """Return the weights under which every rival counts the same."""
    if firms < 2:
        raise InputError(f"There is {firms} firm; a reaction to rivals needs 2 or more.")
    return (np.ones((firms, firms)) - np.eye(firms)) / (firms - 1)


def overlap_weights(exposure: Array) -> Array:
    r"""Return weights by product overlap: :math:`W_{ij} \propto \sum_p E_{ip} E_{jp}`, rows adding up to 1.

    Parameters
    ----------
    exposure
        Shape (N, products): how much of a firm's computing serves each product; rows are normalised.

    Raises
    ------
    InputError
        If fewer than two firms are given, or a firm meets no rival in any product.
    """
    e = np.asarray(exposure, dtype=np.float64)
    if e.ndim != 2 or e.shape[0] < 2:
        raise InputError(f"Exposures have shape {e.shape}; expected a row for each of 2 or more firms.")
    e = e / e.sum(axis=1, keepdims=True)
    w = e @ e.T
    np.fill_diagonal(w, 0.0)
    total = w.sum(axis=1, keepdims=True)
    if not np.all(total > 0):
        raise InputError(f"Firm {int(np.argmin(total))} shares no product with another: it has no rival.")
    return w / total


def exposures(priors: Mapping[str, object], firms: Sequence[str] = FIRMS) -> Array:
    """Return the exposures that ``priors.toml`` sets, shape (firm, product)."""
    rows = []
    for firm in firms:
        held = priors[f"exposure_{firm.lower()}"]
        assert isinstance(held, Mapping)
        rows.append([float(held[p]) for p in PRODUCTS])
    return np.array(rows)


def reaction_panel(snapshot: Snapshot, weights: Array, *, yearly: bool = False) -> ReactionPanel:
    """Return the panel of the five firms as it was known on the snapshot's day.

    Parameters
    ----------
    snapshot
        With ``capex_cash``, ``operating_cash_flow`` and ``revenue`` by quarter.
    weights
        Shape (5, 5), in the order of `FIRMS`.
    yearly
        Growth on the same quarter of the year before in the place of growth on the quarter before, for
        comparison; no season is then taken out.

    Raises
    ------
    InputError
        If fewer than 12 quarters can be explained.
    """
    capex = {f: _series(snapshot, "capex_cash", f) for f in FIRMS}
    cash = {f: _series(snapshot, "operating_cash_flow", f) for f in FIRMS}
    revenue = _series(snapshot, "revenue", SUPPLIER)
    lag = YEAR if yearly else 1
    first = ordinal(FIRST) + lag
    last = first
    while all(n in capex[f] for f in FIRMS for n in (last, last - lag)):
        last += 1
    grown = np.array([[np.log(capex[f][n] / capex[f][n - lag]) for f in FIRMS] for n in range(first, last)])
    explained = range(first + 1, last)
    if len(explained) < FEWEST:
        raise InputError(
            f"The five firms' capex gives {max(len(explained), 0)} quarters of growth with a quarter before "
            f"it as of {snapshot.as_of}; reaction functions need {FEWEST}. Ask for a later day."
        )
    number = np.array(list(explained))
    return ReactionPanel(
        FIRMS,
        tuple(label(n, "Q") for n in explained),
        np.zeros_like(number) if yearly else number % YEAR,
        grown[1:],
        grown[:-1],
        np.column_stack([_surprise(cash[f], explained) for f in FIRMS]),
        np.array([[_strain(capex[f], cash[f], n - 1) for f in FIRMS] for n in explained]),
        np.array([_growth(revenue, n - 1, lag) for n in explained]),
        weights,
    )


def _series(snapshot: Snapshot, name: str, entity: str) -> dict[int, float]:
    """Return number of the quarter to value; capex must be above 0."""
    t = snapshot.table
    rows = t[(t["series"] == name) & (t["entity"] == entity) & (t["frequency"] == "Q")]
    pairs = zip(rows["period"], rows["value"], strict=True)
    return {ordinal(str(p)): float(v) for p, v in pairs if np.isfinite(v) and (name != "capex_cash" or v > 0)}


def _surprise(cash: Mapping[int, float], explained: Sequence[int]) -> Array:
    def at(n: int) -> float:
        year = [cash.get(n - k, np.nan) for k in range(YEAR, 2 * YEAR)]
        return (cash.get(n, np.nan) - year[0]) / float(np.mean(np.abs(year)))

    values = np.array([at(n - 1) for n in explained])
    known = np.isfinite(values)
    if known.sum() < FEWEST:
        return np.zeros_like(values)
    z = (values - values[known].mean()) / values[known].std(ddof=1)
    return np.where(known, z, 0.0)


def _strain(capex: Mapping[int, float], cash: Mapping[int, float], n: int) -> float:
    quarters = range(n - YEAR + 1, n + 1)
    spent = sum(capex.get(k, np.nan) for k in quarters)
    earned = sum(cash.get(k, np.nan) for k in quarters)
    return spent / earned if earned > 0 else np.nan


def _growth(values: Mapping[int, float], n: int, lag: int) -> float:
    now, then = values.get(n, np.nan), values.get(n - lag, np.nan)
    return float(np.log(now / then)) if now > 0 and then > 0 else np.nan


def carriers_with_runs(snapshot: Snapshot) -> dict[str, int]:
    """Return carrier to length of its longest run of years of capex: how thin a telecom panel would be."""
    t = snapshot.table
    rows = t[(t["series"] == "carrier_capex") & (t["frequency"] == "A")]
    runs = {}
    for name, part in rows.groupby("entity"):
        years = sorted({int(p) for p in part["period"]})
        best = run = 1
        for a, b in pairwise(years):
            run = run + 1 if b == a + 1 else 1
            best = max(best, run)
        runs[str(name)] = best
    return dict(sorted(runs.items(), key=lambda r: (-r[1], r[0])))
