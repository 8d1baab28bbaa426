"""Logit with normal priors, for one firm's answer at a time: the rivals of the game."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

type Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Logit:
    """The posterior density of slopes c with P(y = 1) = Lambda(x'c), each N(mean, sd) before.

    Attributes
    ----------
    x, y
        Shapes (answer, slope) and (answer,).
    mean, sd
        Shapes (slope,).
    """

    x: Array
    y: Array
    mean: Array
    sd: Array

    def log_density(self, points: Array) -> Array:
        """Return the log density of many points, without a constant."""
        signed = (2 * self.y - 1)[:, None] * (self.x @ points.T)
        return -np.logaddexp(0.0, -signed).sum(axis=0) - 0.5 * (((points - self.mean) / self.sd) ** 2).sum(
            axis=1
        )

    def value_and_gradient(self, point: Array) -> tuple[float, Array]:
        """Return the log density of one point and its gradient."""
        left = (point - self.mean) / self.sd**2
        gradient = self.x.T @ (self.y - expit(self.x @ point)) - left
        return float(self.log_density(point[None])[0]), gradient

    def mode(self, steps: int = 50) -> Array:
        """Return the mode, by Newton's steps on a concave function.

        Raises
        ------
        RuntimeError
            If it is not reached.
        """
        point = self.mean.copy()
        for _ in range(steps):
            p = expit(self.x @ point)
            hessian = (self.x * (p * (1 - p))[:, None]).T @ self.x + np.diag(1 / self.sd**2)
            step = np.linalg.solve(hessian, self.value_and_gradient(point)[1])
            point = point + step * min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-12))
            if np.abs(step).max() < 1e-9:
                return point
        raise RuntimeError("The mode of a logit was not reached.")
