"""Settings that everything may import; the one seed of the project is set here."""

from __future__ import annotations

SEED = 20261122
"""Master seed. Every random stream is derived from it and from the stream's name (`randomness.stream`)."""

INTERVAL = 0.90
"""Probability content of printed intervals (5 % to 95 %)."""
