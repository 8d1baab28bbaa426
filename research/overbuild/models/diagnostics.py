"""Whether draws of a posterior can be relied on: the four checks that a filed fit must pass.

Vehtari, Gelman, Simpson, Carpenter and Burkner (2021), Bayesian Analysis 16(2), for rank-normalised R-hat and
effective sample size; Betancourt (2016), arXiv:1604.00695, for the energy fraction (E-BFMI).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

MOST_R_HAT = 1.01
LEAST_ESS = 400
MOST_DIVERGENT = 0.001
LEAST_E_BFMI = 0.3


@dataclass(frozen=True)
class Diagnostics:
    """The worst of every parameter and chain.

    Attributes
    ----------
    r_hat, r_hat_of
        Largest R-hat and its parameter.
    ess_bulk, ess_bulk_of, ess_tail
        Smallest effective sample sizes; the parameter of the first.
    divergent
        Share of draws that diverged; None where the draws are independent and none could.
    e_bfmi
        Smallest energy fraction of a chain; None as well.
    """

    r_hat: float
    r_hat_of: str
    ess_bulk: float
    ess_bulk_of: str
    ess_tail: float
    divergent: float | None
    e_bfmi: float | None

    @property
    def checks(self) -> dict[str, bool]:
        """Name of each check to whether it was passed; what cannot be computed (nan) is not passed.

        Divergences and energy are checked where trajectories were simulated, and only there.
        """
        found = {"r_hat": bool(self.r_hat <= MOST_R_HAT), "ess_bulk": bool(self.ess_bulk >= LEAST_ESS)}
        if self.divergent is not None:
            found["divergences"] = bool(self.divergent <= MOST_DIVERGENT)
        if self.e_bfmi is not None:
            found["e_bfmi"] = bool(self.e_bfmi >= LEAST_E_BFMI)
        return found

    @property
    def passed(self) -> bool:
        """Whether every check was passed."""
        return all(self.checks.values())

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, the checks among them; what cannot be computed is None."""
        plain = {k: None if isinstance(v, float) and np.isnan(v) else v for k, v in asdict(self).items()}
        return {**plain, "checks": self.checks, "passed": self.passed}

    def sentence(self) -> str:
        """Return the figures and the verdict in one line."""
        failed = [name for name, passed in self.checks.items() if not passed]
        verdict = f"failed: {', '.join(failed)}" if failed else "passed"
        moved = [] if self.divergent is None else [f"divergent {self.divergent:.2%}"]
        moved += [] if self.e_bfmi is None else [f"E-BFMI {self.e_bfmi:.2f}"]
        return (
            f"R-hat {self.r_hat:.3f} ({self.r_hat_of}), bulk ESS {self.ess_bulk:.0f} ({self.ess_bulk_of}), "
            f"tail ESS {self.ess_tail:.0f}, {', '.join(moved) or 'draws independent'}: {verdict}."
        )


def diagnose(tree: xr.DataTree) -> Diagnostics:
    """Return the diagnostics of a DataTree: group ``posterior``, and ``sample_stats`` if it was sampled."""
    import arviz as az

    posterior = tree["posterior"].to_dataset()
    r_hat, r_hat_of = _extreme(az.rhat(posterior), largest=True)
    bulk, bulk_of = _extreme(az.ess(posterior, method="bulk"), largest=False)
    tail, _ = _extreme(az.ess(posterior, method="tail"), largest=False)
    divergent, energy = None, None
    if "sample_stats" in tree.children:
        stats = tree["sample_stats"].to_dataset()
        divergent = float(np.mean(stats["diverging"].values))
        energy = e_bfmi(np.asarray(stats["energy"].values, dtype=float))
    return Diagnostics(r_hat, r_hat_of, bulk, bulk_of, tail, divergent, energy)


def e_bfmi(energy: np.ndarray) -> float:
    """Return the smallest energy fraction: mean squared step over variance; energy is (chain, draw)."""
    steps = np.mean(np.diff(energy, axis=1) ** 2, axis=1)
    return float(np.min(steps / np.var(energy, axis=1)))


def _extreme(found: Any, largest: bool) -> tuple[float, str]:
    """Return the largest or smallest value of a dataset and its parameter; nan wins either way."""
    worst: dict[str, float] = {}
    for name, values in found.data_vars.items():
        numbers = np.asarray(values.values, dtype=float)
        worst[str(name)] = float(np.max(numbers) if largest else np.min(numbers))
    missing = [n for n, v in worst.items() if np.isnan(v)]
    choose = max if largest else min
    at = missing[0] if missing else choose(worst, key=lambda n: worst[n])
    return worst[at], at
