"""Identities of the national accounts: published totals against the sum of their parts, and shares."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from overbuild.errors import Fault
from overbuild.sources.reading import ROW

INFORMATION_PROCESSING = (
    "information_processing_investment",
    "information_processing_equipment",
    "software_investment",
)
"""NIPA 5.3.5, information processing (FRED A679), is equipment (Y034) plus software (B985)."""

DIGITAL_TOTAL = (
    "bea_digital_total",
    "bea_comm_structures",
    "bea_comm_equipment",
    "bea_software_51x",
    "bea_computers_51x",
)
"""BEA infrastructure accounts: total digital infrastructure and its four parts."""

NIPA_ROUNDING = 1.5
"""Three figures printed to the million of a USD billion: each may be half a million off."""

BEA_ROUNDING = 2.5
"""Five figures printed in whole USD million: each may be half a million off."""

SHARE = r"(?:^|_)share_(?:of|in)_"
"""What the name of a series that is a share of a whole holds (``share_of_fibre_lit``)."""

WHOLE = {"percent": 100.0, "fraction": 1.0, "ratio": 1.0}

KEY = ["entity", "period", "vintage"]


def check_national_accounts(frame: pd.DataFrame) -> list[Fault]:
    """Return the faults of every identity in this module.

    Parameters
    ----------
    frame
        Tidy rows of any number of files (`overbuild.sources.schema.TIDY`, ``value`` as float) with the
        columns ``file`` and `ROW`.
    """
    return [*check_information_processing(frame), *check_digital_total(frame), *check_shares(frame)]


def check_information_processing(frame: pd.DataFrame, tolerance: float = NIPA_ROUNDING) -> list[Fault]:
    """Return a fault for each quarter in which information processing is not equipment plus software.

    Parameters
    ----------
    frame
        As in `check_national_accounts`; USD million at annual rates.
    tolerance
        Largest absolute difference in USD million; the default is the rounding of the published figures.

    Notes
    -----
    There is no software before 1959: until the first quarter of that series the total is equipment alone.
    """
    return _sum_faults(frame, INFORMATION_PROCESSING[0], INFORMATION_PROCESSING[1:], tolerance)


def check_digital_total(frame: pd.DataFrame, tolerance: float = BEA_ROUNDING) -> list[Fault]:
    """Return a fault for each year in which BEA's digital total is not the sum of its four parts.

    Nominal figures only: chained dollars do not add up.

    Parameters
    ----------
    frame
        As in `check_national_accounts`; USD million.
    tolerance
        Largest absolute difference in USD million; the default is the rounding of the published figures.
    """
    return _sum_faults(frame, DIGITAL_TOTAL[0], DIGITAL_TOTAL[1:], tolerance)


def check_shares(frame: pd.DataFrame) -> list[Fault]:
    """Return a fault for each share outside 0 to 100 percent, or outside 0 to 1 where it is a fraction.

    A series is a share when its name says so (`SHARE`).

    Parameters
    ----------
    frame
        As in `check_national_accounts`.
    """
    shares = frame.loc[frame["series"].str.contains(SHARE) & frame["unit"].isin(list(WHOLE))]
    whole = shares["unit"].map(WHOLE).astype(float)
    outside = shares.loc[(shares["value"] < 0) | (shares["value"] > whole)]
    return [
        Fault(
            r["file"],
            int(r[ROW]),
            "value",
            f"{r['value']:g} {r['unit']} is no share of a whole ({r['series']}, {r['period']})",
        )
        for r in outside.to_dict("records")
    ]


def differences(frame: pd.DataFrame, total: str, parts: Sequence[str]) -> pd.DataFrame:
    """Set a published total beside the sum of its parts, version by version.

    Parameters
    ----------
    frame
        As in `check_national_accounts`.
    total, parts
        Names of series in one unit. A part that starts later than the total counts as zero before its
        start; a period or vintage in which a part is missing otherwise is left out, since versions must not
        be mixed.

    Returns
    -------
    pandas.DataFrame
        Rows of ``total`` with the columns ``summed`` and ``difference`` (total less sum, in the unit).
    """
    found = frame.loc[frame["series"] == total].copy()
    complete = pd.Series(True, index=found.index)
    found["summed"] = 0.0
    for part in parts:
        rows = frame.loc[frame["series"] == part]
        held = found[KEY].merge(rows[[*KEY, "value"]].drop_duplicates(KEY), on=KEY, how="left")["value"]
        start = rows["period_end"].min() if len(rows) else "9999-12-31"
        held = held.set_axis(found.index).mask(found["period_end"] < start, 0.0)
        complete &= held.notna()
        found["summed"] += held.fillna(0.0)
    found["difference"] = found["value"] - found["summed"]
    return found.loc[complete]


def _sum_faults(frame: pd.DataFrame, total: str, parts: Sequence[str], tolerance: float) -> list[Fault]:
    apart = differences(frame, total, parts)
    apart = apart.loc[apart["difference"].abs() > tolerance + 1e-9]
    return [
        Fault(
            r["file"],
            int(r[ROW]),
            "value",
            f"{total} of {r['period']} is {r['value']:.10g} and its parts ({', '.join(parts)}) "
            f"sum to {r['summed']:.10g} (vintage {r['vintage']}; {tolerance:g} of rounding allowed)",
        )
        for r in apart.to_dict("records")
    ]
