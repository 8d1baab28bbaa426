"""What ``overbuild estimate capital`` files and prints: its record, its checks, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from overbuild.core.digest import digest_of
from overbuild.models.capital import NAME, CapitalModel
from overbuild.models.capital_posterior import CapitalPosterior

if TYPE_CHECKING:
    import numpy as np

    from overbuild.core.snapshot import Snapshot

BALANCED = 1e-9
FEWEST_INSIDE = 0.5


@dataclass(frozen=True, eq=False)
class CapitalEstimate:
    """The capital of one era, with accounting lives and checks.

    Attributes
    ----------
    posterior
        Capital on draws, and the accounting lives.
    record, diagnostics, summary
        Plain values: what it was made from, whether its books balance and its predictions hold, what it says.
    """

    posterior: CapitalPosterior
    record: Mapping[str, Any]
    diagnostics: Mapping[str, Any]
    summary: Mapping[str, Any]

    @property
    def passed(self) -> bool:
        """Whether the checks hold."""
        return bool(self.diagnostics["passed"])

    def to_dict(self) -> dict[str, Any]:
        """Return ``record``, ``diagnostics`` and ``summary``."""
        return {
            "record": dict(self.record),
            "diagnostics": dict(self.diagnostics),
            "summary": dict(self.summary),
        }

    def sentence(self) -> str:
        """Say what it finds."""
        return self.posterior.sentence()


def estimate_capital(model: CapitalModel, snapshot: Snapshot, rng: np.random.Generator) -> CapitalEstimate:
    """Fit the model and gather what is filed."""
    posterior = model.fit(snapshot, rng)
    record = {
        "model": NAME,
        "episode": snapshot.episode,
        "as_of": snapshot.as_of.isoformat(),
        "label": snapshot.label,
        "data": snapshot.digest,
        "priors": digest_of(dict(model.priors)),
        "draws": model.sampling.chains * model.sampling.draws,
        "record_from": posterior.stock.record,
        "record_to": posterior.stock.periods[-1],
        "evidence": "prior-driven",
    }
    found = posterior.findings(rng)
    checks = {life["firm"]: life["checks"] for life in found["accounting_lives"]}
    predicted = all(c["posterior_predictive"]["share_inside_90"] >= FEWEST_INSIDE for c in checks.values())
    diagnostics = {
        "identities": found["identities"],
        "accounting_lives": checks,
        "passed": found["identities"] < BALANCED and predicted,
    }
    return CapitalEstimate(posterior, record, diagnostics, found)
