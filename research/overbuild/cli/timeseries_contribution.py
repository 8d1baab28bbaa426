"""The command on the contribution."""

from __future__ import annotations

from overbuild.cli.shared import AsOf, DataDir, Json
from overbuild.cli.timeseries import group


@group.command()
def contribution(as_of: AsOf = None, data: DataDir = None, as_json: Json = False) -> None:
    """To come.

    Example: overbuild timeseries contribution
    """
    del as_of, data, as_json
    raise NotImplementedError
