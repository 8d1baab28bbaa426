"""The event of the list of booms, physically overbuilt: the label of the list, which no path decides."""

from __future__ import annotations

from overbuild.core import Event

PHYSICAL_OVERBUILD = "physical_overbuild"
EVENT = "physically overbuilt within five years of the peak"
PHYSICAL = Event(PHYSICAL_OVERBUILD, "primary", "", "below_level", thresholds={"level": 1.0}, title=EVENT)
