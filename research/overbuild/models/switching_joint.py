"""Likelihood of any emission under a regime that has an age, with its exact gradient.

As in `overbuild.models.switching` the hidden state is the regime (normal, boom, bust) with the age of the
boom, but what the regimes emit is handed in: the log density of everything seen at t, given the regime now
and one period before, whatever number of series it speaks of. So several series can follow one regime, with
any correlation, persistence or season, and chances of moving may change over time:

    L = sum over paths of  pi(s_0) prod_t P_t(s_t | s_t-1) f_t(regime of s_t-1, regime of s_t)

with f_t the density of all series at t. The gradient (Fisher's identity) is the probability of each pair of
regimes given everything (by the log density), and of each move over its chance (by hazards and moves).
"""

from __future__ import annotations

from math import exp, log
from typing import Any

import numpy as np
from numba import njit

from overbuild.models.switching import regime_of, step_backward, step_forward


@njit(cache=True)
def joint_forward(log_density: Any, hazard: Any, moves: Any, initial: Any) -> Any:
    """Return log-likelihood, filtered states (period + 1, state), scaled densities and scales by period.

    Row 0 of the filtered states is ``initial``, the period before the first. Inputs as for
    `joint_gradient`.
    """
    periods = log_density.shape[0]
    filtered = np.empty((periods + 1, initial.size))
    filtered[0] = initial
    density = np.empty((periods, 3, 3))
    scale = np.empty(periods)
    total = 0.0
    for t in range(periods):
        largest = -np.inf
        for q in range(3):
            for r in range(3):
                largest = max(largest, log_density[t, q, r])
        for q in range(3):
            for r in range(3):
                density[t, q, r] = exp(log_density[t, q, r] - largest)
        scale[t] = step_forward(filtered[t], hazard[t], moves[t], density[t], filtered[t + 1])
        total += log(scale[t]) + largest
    return total, filtered, density, scale


@njit(cache=True)
def joint_smoothed(filtered: Any, density: Any, scale: Any, hazard: Any, moves: Any) -> Any:
    """Return P(regime | everything), shape (period, 3), from what `joint_forward` returns."""
    periods, states = scale.size, filtered.shape[1]
    out = np.zeros((periods, 3))
    after, before = np.ones(states), np.empty(states)
    for t in range(periods - 1, -1, -1):
        for s in range(states):
            out[t, regime_of(s, states)] += filtered[t + 1, s] * after[s]
        step_backward(after, hazard[t], moves[t], density[t], scale[t], before)
        after, before = before, after
    return out


@njit(cache=True)
def add_pairs(
    before: Any,
    after: Any,
    hazard: Any,
    moves: Any,
    density: Any,
    scale: float,
    pairs: Any,
    d_hazard: Any,
    d_moves: Any,
) -> None:
    """Write one period's P(pair of regimes | everything) and slopes in hazards and moves."""
    last = before.size - 1
    for q, state in ((0, 0), (2, last)):
        for r, end in ((0, 0), (1, 1), (2, last)):
            weight = before[state] * density[q, r] * after[end] / scale
            pairs[q, r] = weight * moves[q, r]
            d_moves[q, r] = weight
    to_normal = density[1, 0] * after[0] / scale
    to_bust = density[1, 2] * after[last] / scale
    leave = moves[1, 0] * to_normal + moves[1, 2] * to_bust
    left, stayed = 0.0, 0.0
    for a in range(1, last):
        stay = density[1, 1] * after[min(a + 1, last - 1)] / scale
        left += before[a] * hazard[a - 1]
        stayed += before[a] * (1 - hazard[a - 1]) * stay
        d_hazard[a - 1] = before[a] * (leave - stay)
    pairs[1, 0] = left * moves[1, 0] * to_normal
    pairs[1, 1] = stayed
    pairs[1, 2] = left * moves[1, 2] * to_bust
    d_moves[1, 0] = left * to_normal
    d_moves[1, 2] = left * to_bust


@njit(cache=True)
def joint_gradient(log_density: Any, hazard: Any, moves: Any, initial: Any) -> Any:
    """Return the log-likelihood and its gradient.

    Parameters
    ----------
    log_density
        Shape (period, regime before, regime now): log density of everything seen in the period.
    hazard
        Shape (period, age): chance that a boom of an age in the period before ends in this one.
    moves
        Shape (period, 3, 3): chances of the next regime from normal (row 0) and bust (row 2), and after a
        boom that is left (row 1, whose middle is not read).
    initial
        Shape (state,): probabilities of the state in the period before the first.

    Returns
    -------
    tuple
        Log-likelihood and its derivatives by log density, hazard and moves, in their shapes.
    """
    total, filtered, density, scale = joint_forward(log_density, hazard, moves, initial)
    pairs = np.zeros(log_density.shape)
    d_hazard, d_moves = np.zeros(hazard.shape), np.zeros(moves.shape)
    after, before = np.ones(initial.size), np.empty(initial.size)
    for t in range(scale.size - 1, -1, -1):
        add_pairs(
            filtered[t],
            after,
            hazard[t],
            moves[t],
            density[t],
            scale[t],
            pairs[t],
            d_hazard[t],
            d_moves[t],
        )
        step_backward(after, hazard[t], moves[t], density[t], scale[t], before)
        after, before = before, after
    return total, pairs, d_hazard, d_moves
