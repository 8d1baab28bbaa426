"""One forecast of a quantity, scored when it came: a row of the hindcasts, from draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from overbuild.probability.scores import crps_ensemble, pit_ensemble

Array = NDArray[np.float64]
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
DIGITS = 6


@dataclass(frozen=True)
class Target:
    """A quantity that is forecast.

    Attributes
    ----------
    panel
        ``ai_capex`` or ``ai_free_cash_flow``.
    origin
        Last quarter that was known.
    as_of
        The day on which it was.
    by
        The quarter that is forecast.
    horizon
        Quarters ahead.
    """

    panel: str
    origin: str
    as_of: str
    by: str
    horizon: int

    @property
    def name(self) -> str:
        """Name of the question, the same for every model."""
        return f"{self.panel}/{self.origin}/{self.horizon}"


def row(
    target: Target,
    model: str,
    draws: Array,
    value: float,
    rng: np.random.Generator,
    *,
    last: float | None = None,
    status: str = "hindcast",
) -> dict[str, Any]:
    r"""Return one row: the forecast, what came, and scores.

    Parameters
    ----------
    target
        What is forecast.
    model
        Who forecasts.
    draws
        Shape (draw,), in the units of the value.
    value
        What came.
    rng
        For the randomised PIT.
    last
        The last known value. With it scores, error and mean are of :math:`\ln(x / last)`; without it of x.
    status
        As in a forecast.

    Returns
    -------
    dict
        ``panel, target, cluster, as_of, by, horizon, model, value, mean, quantiles, crps, log_score, pit,
        error, status``. Where logs are Student's t the level has no mean: ``mean`` is the exponential of the
        mean log on the log scale, and the median without it. ``error`` is what came less that, on the scale
        of the scores.
    """
    scaled = np.log(draws / last) if last else draws
    came = float(np.log(value / last)) if last else value
    centre = float(scaled.mean()) if last else float(np.median(scaled))
    numbers = {
        "value": value,
        "mean": float(last * np.exp(centre)) if last else centre,
        "quantiles": np.quantile(draws, LEVELS),
        "crps": float(crps_ensemble(scaled, came)),
        "log_score": log_density(scaled, came),
        "pit": float(pit_ensemble(scaled, np.asarray(came), rng)),
        "error": came - centre,
    }
    return {
        "panel": target.panel,
        "target": target.name,
        "cluster": target.origin,
        "as_of": target.as_of,
        "by": target.by,
        "horizon": target.horizon,
        "model": model,
        **{name: rounded(number) for name, number in numbers.items()},
        "status": status,
    }


def log_density(draws: Array, value: float) -> float:
    r"""Return the log of a Gaussian kernel density of draws at a value.

    The bandwidth is Silverman's :math:`0.9 \min(s, IQR / 1.34) m^{-1/5}`. Far outside all draws the kernel's
    own tail decides; it is not clipped.

    References
    ----------
    Silverman, B. W. (1986). Density Estimation, section 3.4. Krüger, F., Lerch, S., Thorarinsdottir, T. and
    Gneiting, T. (2021). Predictive inference based on Markov chain Monte Carlo output. International
    Statistical Review 89, 274-301.
    """
    from scipy.special import logsumexp

    low, high = np.quantile(draws, (0.25, 0.75))
    width = 0.9 * min(float(draws.std()), float(high - low) / 1.34) * draws.size ** (-0.2)
    exponents = -0.5 * ((value - draws) / width) ** 2
    return float(logsumexp(exponents) - np.log(draws.size * width * np.sqrt(2.0 * np.pi)))


def rounded(number: Any) -> Any:
    """Return a number or an array as plain types, to `DIGITS` significant digits."""
    if isinstance(number, np.ndarray):
        return [rounded(float(x)) for x in number]
    return float(f"{number:.{DIGITS}g}")
