"""Autoregressions of changes, and levels made of changes: how bootstraps make paths with a unit root."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from overbuild.errors import InputError
from overbuild.explosive.statistic import Array


@dataclass(frozen=True, eq=False)
class Autoregression:
    """Autoregressions of the changes of several series, which hold a unit root in their levels.

    Attributes
    ----------
    coefficients
        Shape (series, lag).
    residuals
        Shape (series, row), with mean zero where the test has a constant.
    """

    coefficients: Array
    residuals: Array

    @classmethod
    def fitted(cls, values: Array, order: int, constant: bool) -> Autoregression:
        """Estimate each series by least squares.

        Raises
        ------
        InputError
            If there are too few observations, or the autoregression of a series is not stationary.
        """
        changes = np.diff(values)
        rows = changes.shape[1] - order
        if rows <= 2 * (order + 1):
            raise InputError(f"{values.shape[1]} observations are too few for {order} lags; take fewer lags.")
        made = [_autoregression(c, order, constant) for c in changes]
        for i, (phi, _) in enumerate(made):
            largest = float(np.abs(np.roots([1.0, *-phi])).max(initial=0.0))
            if largest >= 1:
                raise InputError(
                    f"Series {i + 1}: the autoregression of its changes with {order} lags is explosive "
                    f"itself (largest root {largest:.2f}), so it gives no paths under the null. Take 0 "
                    "lags, or the wild bootstrap."
                )
        return cls(
            np.array([phi for phi, _ in made]).reshape(len(made), order), np.array([e for _, e in made])
        )

    def paths(self, values: Array, shocks: Array) -> Array:
        """Return levels made of shocks of shape (count, series, row), begun as the data begin."""
        from scipy.signal import lfilter, lfiltic

        count, series, _ = shocks.shape
        order = self.coefficients.shape[1]
        begun = np.diff(values)[:, :order]
        changes = np.empty((count, series, order + shocks.shape[2]))
        changes[..., :order] = begun
        for i, phi in enumerate(self.coefficients):
            ahead = np.concatenate([[1.0], -phi])
            state = lfiltic([1.0], ahead, begun[i][::-1]) if order else np.zeros(0)
            changes[:, i, order:], _ = lfilter(
                [1.0], ahead, shocks[:, i], axis=1, zi=np.tile(state, (count, 1))
            )
        return levels_of(values[:, 0], changes)


def levels_of(first: Array, changes: Array) -> Array:
    """Return levels of shape (count, series, observation) from changes, begun at each series' first value."""
    count, series, rows = changes.shape
    levels = np.empty((count, series, rows + 1))
    levels[..., 0] = first
    np.cumsum(changes, axis=-1, out=levels[..., 1:])
    levels[..., 1:] += first[:, None]
    return levels


def _autoregression(changes: Array, order: int, constant: bool) -> tuple[Array, Array]:
    rows = changes.size - order
    columns = [changes[order - k : changes.size - k] for k in range(1, order + 1)]
    if constant:
        columns.append(np.ones(rows))
    if not columns:
        return np.empty(0), changes
    table = np.column_stack(columns)
    solved = np.linalg.lstsq(table, changes[order:], rcond=None)[0]
    return solved[:order], changes[order:] - table @ solved
