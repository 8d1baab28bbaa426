"""The same series seen by other detectors: optimal, penalised and kernel detectors of ruptures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from overbuild.errors import InputError
from overbuild.timeseries.breaks import Breaks
from overbuild.timeseries.observed import Observed

NEAR = 0.05
"""Share of the sample within which two detectors are said to agree on a date."""


@dataclass(frozen=True)
class Detector:
    """What one detector finds.

    Attributes
    ----------
    name
        Which.
    dates
        First periods of the new segments.
    agrees
        Whether it finds as many breaks as the tests, each within `NEAR` of the sample.
    note
        What it minimises, and how its number of breaks is set.
    """

    name: str
    dates: tuple[str, ...]
    agrees: bool
    note: str


def detectors(series: Observed, found: Breaks) -> tuple[Detector, ...]:
    r"""Return what the detectors of `ruptures` find.

    Dynamic programming is given the number of breaks of the tests and must give the same dates: it minimises
    the same sum. Penalised search (PELT) sets the number by :math:`(q + 1) \hat\sigma^2 \ln T` a break, with
    :math:`\hat\sigma^2` from first differences, and takes disturbances for uncorrelated. The kernel detector
    (Gaussian kernel, the same penalty in its own units) sees any change of the distribution.

    Raises
    ------
    InputError
        If ruptures is not installed.

    References
    ----------
    Truong, C., Oudre, L. and Vayatis, N. (2020). Selective review of offline change point detection methods.
    Signal Processing 167.
    """
    try:
        import ruptures
    except ImportError:
        raise InputError(
            "The comparison with other detectors needs the package ruptures, which is not installed. "
            "Install the extra: pip install 'overbuild[timeseries]'."
        ) from None
    rpt: Any = ruptures
    y = np.asarray(series.values)
    n, q, least = y.size, found.spec.terms, found.least
    signal = np.column_stack([y, np.ones(n), np.arange(n) / n]) if found.spec.trend else y[:, None]
    model = "linear" if found.spec.trend else "l2"
    noise = float(np.var(np.diff(y))) / 2
    made = []
    if found.number:
        same = rpt.Dynp(model=model, min_size=least, jump=1).fit(signal).predict(n_bkps=found.number)
        made.append(("optimal partition", same, "same sum of squares, the number of breaks of the tests"))
    pelt = rpt.Pelt(model=model, min_size=least, jump=1).fit(signal)
    made.append(
        (
            "penalised",
            pelt.predict(pen=(q + 1) * noise * np.log(n)),
            "number by a BIC penalty, uncorrelated noise",
        )
    )
    kernel = rpt.KernelCPD(kernel="rbf", min_size=least).fit(y[:, None])
    made.append(("kernel", kernel.predict(pen=np.log(n)), "any change of the distribution, penalty ln T"))
    return tuple(_read(name, ends, note, series, found) for name, ends, note in made)


def _read(name: str, ends: Any, note: str, series: Observed, found: Breaks) -> Detector:
    inner = tuple(int(e) for e in ends[:-1])
    near = max(NEAR * series.values.size, 1.0)
    agrees = len(inner) == found.number and all(
        abs(a - b) <= near for a, b in zip(inner, found.ends, strict=True)
    )
    return Detector(name, tuple(series.periods[e] for e in inner), agrees, note)
