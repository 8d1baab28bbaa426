"""Compute contracts as cash flows, and the network of who owes whom."""
