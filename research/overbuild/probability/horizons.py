"""Horizons as people write them."""

from __future__ import annotations

from overbuild.core.periods import containing, period_end
from overbuild.errors import InputError


def horizon_of(by: str) -> str:
    """Return a horizon as the quarter that ends it (``2028`` is ``2028Q4``).

    Raises
    ------
    InputError
        If it is not a year, a quarter or a month.
    """
    try:
        return containing(period_end(by), "Q")
    except ValueError:
        raise InputError(
            f"--by '{by}' is not a year, a quarter or a month; expected 2028, 2028Q4 or 2028-12."
        ) from None
