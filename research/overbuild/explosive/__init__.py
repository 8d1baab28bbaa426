"""Recursive right-tailed unit-root tests, which date exuberance from plain arrays."""
