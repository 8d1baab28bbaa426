"""Entry point of ``overbuild`` and ``python -m overbuild``."""

from __future__ import annotations

import sys

INTERRUPTED = 130
"""Exit status that Typer gives an interruption."""


def main() -> None:
    """Run the command line; a user's error is one plain message and exit status 2, never a traceback."""
    from overbuild.cli import app
    from overbuild.errors import CheckFailedError, OverbuildError

    try:
        app()
    except CheckFailedError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    except OverbuildError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except SystemExit as stop:
        if stop.code == INTERRUPTED:
            print("Stopped. What was finished is kept; nothing is half-written.", file=sys.stderr)
        raise


if __name__ == "__main__":
    main()
