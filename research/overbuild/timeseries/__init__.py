"""Classical time-series evidence: fundamentals, breaks, regimes, trends, and the rival forecasters."""
