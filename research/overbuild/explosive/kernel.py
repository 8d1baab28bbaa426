r"""The t statistic of every window of a regression, by sums that are updated and not refitted.

For each last row of a window the first row moves back, one row at a time. `LANES` neighbouring last rows
move together, so that all windows of a step have the same length :math:`N` and the arithmetic is that of
short vectors. Every variable is measured from its value in the window's last row: since that value lies in
the window, :math:`N\sum u^2 - (\sum u)^2` loses at most a factor :math:`N` of precision, whatever the level
of the series, and is exactly zero where the series stands still.

With :math:`a, b, c` the cross products of :math:`(y_{t-1}, y_{t-1})`, :math:`(y_{t-1}, \Delta y_t)` and
:math:`(\Delta y_t, \Delta y_t)` after the other regressors are partialled out,

.. math:: t^2 = (N - p)\, b^2 / (ac - b^2),

with the sign of :math:`b`; squares are compared and the root is taken once for each last row.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

type Array = NDArray[np.float64]

LANES = 64
TIGHT = 1e-10
"""A window whose regressors leave less than this share of a variance unexplained counts as collinear."""
_X, _D, _SX, _SD, _XX, _XD, _DD, _NOW, _BEST, _SCORE, _LAG = (LANES * i for i in range(11))


@njit(nogil=True, cache=True, error_model="numpy")
def _add_row(t, x, d):
    for j in range(LANES):
        u = x[j] - t[_X + j]
        v = d[j] - t[_D + j]
        t[_SX + j] += u
        t[_SD + j] += v
        t[_XX + j] += u * u
        t[_XD + j] += u * v
        t[_DD + j] += v * v


@njit(nogil=True, cache=True, error_model="numpy")
def _add_and_judge(t, x, d, n):
    for j in range(LANES):
        u = x[j] - t[_X + j]
        v = d[j] - t[_D + j]
        sx = t[_SX + j] + u
        sd = t[_SD + j] + v
        xx = t[_XX + j] + u * u
        xd = t[_XD + j] + u * v
        dd = t[_DD + j] + v * v
        t[_SX + j] = sx
        t[_SD + j] = sd
        t[_XX + j] = xx
        t[_XD + j] = xd
        t[_DD + j] = dd
        a = n * xx - sx * sx
        b = n * xd - sx * sd
        c = n * dd - sd * sd
        ac = a * c
        rest = ac - b * b
        q = (n - 2.0) * b * abs(b) / rest
        q = q if rest > TIGHT * ac else -np.inf
        t[_NOW + j] = q
        t[_BEST + j] = q if q > t[_BEST + j] else t[_BEST + j]


@njit(nogil=True, cache=True, error_model="numpy")
def plain_windows(rows, shortest, badf, bsadf, rolling):
    """Fill the sequences of the regression on a constant and the level, with no lags.

    Parameters
    ----------
    rows
        Shape (2, rows + 2 LANES): level and change, with `LANES` zeros at either end.
    shortest
        Rows of the shortest window.
    badf, bsadf, rolling
        Of shape (rows - shortest + 1,), to be filled with signed squares: of all rows so far, the largest,
        and of the shortest window; -inf where a window is collinear.
    """
    x, d = rows[0], rows[1]
    count = x.size - 2 * LANES
    t = np.empty(11 * LANES)
    for first in range(shortest - 1, count, LANES):
        t[:] = 0.0
        at = LANES + first
        t[_X : _X + LANES] = x[at : at + LANES]
        t[_D : _D + LANES] = d[at : at + LANES]
        t[_BEST : _BEST + LANES] = -np.inf
        for i in range(min(first + LANES, count)):
            level, change = x[at - i : at - i + LANES], d[at - i : at - i + LANES]
            if i < shortest - 1:
                _add_row(t, level, change)
            else:
                _add_and_judge(t, level, change, float(i + 1))
            if i == shortest - 1:
                lanes = min(LANES, count - first)
                begin = first - shortest + 1
                rolling[begin : begin + lanes] = t[_NOW : _NOW + lanes]
            if i >= first:
                badf[i - shortest + 1] = t[_NOW + i - first]
                bsadf[i - shortest + 1] = t[_BEST + i - first]


@njit(nogil=True, cache=True, error_model="numpy")
def _copy(into, of):
    for j in range(LANES):
        into[j] = of[j]


@njit(nogil=True, cache=True, error_model="numpy")
def _add_rows(rows, centre, u, s, cross, at):
    v = rows.shape[0]
    for a in range(v):
        row, middle, left, total = rows[a, at : at + LANES], centre[a], u[a], s[a]
        for j in range(LANES):
            left[j] = row[j] - middle[j]
            total[j] += left[j]
        for b in range(a + 1):
            into, right = cross[a, b], u[b]
            for j in range(LANES):
                into[j] += left[j] * right[j]


@njit(nogil=True, cache=True, error_model="numpy")
def _moments(s, cross, m, size, n, constant):
    for a in range(s.shape[0]):
        for b in range(a + 1):
            of, into, left, right = cross[a, b], m[a, b], s[a], s[b]
            if constant:
                for j in range(LANES):
                    into[j] = n * of[j] - left[j] * right[j]
            else:
                _copy(into, of)
        _copy(size[a], m[a, a])


@njit(nogil=True, cache=True, error_model="numpy")
def _judge_lags(s, cross, m, size, t, n, constant, lowest, other, penalty):
    v = s.shape[0]
    _moments(s, cross, m, size, n, constant)
    for j in range(LANES):
        t[_SCORE + j] = np.inf
        t[_NOW + j] = -np.inf
    # The regressors before the level are partialled out in turn; the level and the change come last.
    for i in range(v - 1):
        if i >= lowest:
            _copy(t[_XX : _XX + LANES], m[v - 2, v - 2])
            _copy(t[_XD : _XD + LANES], m[v - 1, v - 2])
            _copy(t[_DD : _DD + LANES], m[v - 1, v - 1])
            _copy(t[_SX : _SX + LANES], size[v - 2])
            _copy(t[_SD : _SD + LANES], size[v - 1])
            _compare_lags(t, float(i), n - other - i, penalty[i])
        if i < v - 2:
            pivot, whole = m[i, i], size[i]
            for j in range(LANES):
                pivot[j] = 1.0 / pivot[j] if pivot[j] > TIGHT * whole[j] else np.nan
            for a in range(i + 1, v):
                for b in range(i + 1, a + 1):
                    into, left, right = m[a, b], m[a, i], m[b, i]
                    for j in range(LANES):
                        into[j] -= left[j] * right[j] * pivot[j]
    for j in range(LANES):
        t[_BEST + j] = t[_NOW + j] if t[_NOW + j] > t[_BEST + j] else t[_BEST + j]


@njit(nogil=True, cache=True, error_model="numpy")
def _compare_lags(t, regressors, degrees, factor):
    for j in range(LANES):
        a, b, c = t[_XX + j], t[_XD + j], t[_DD + j]
        ac = a * c
        rest = ac - b * b
        fine = (rest > TIGHT * ac) & (a > TIGHT * t[_SX + j]) & (c > TIGHT * t[_SD + j])
        new = factor * rest / a
        better = fine & (new < t[_SCORE + j])
        q = degrees * b * abs(b) / rest
        t[_NOW + j] = q if better else t[_NOW + j]
        t[_LAG + j] = regressors if better else t[_LAG + j]
        t[_SCORE + j] = new if better else t[_SCORE + j]


@njit(nogil=True, cache=True, error_model="numpy")
def lagged_windows(rows, shortest, constant, trend, lowest, penalty, badf, bsadf, rolling, chosen):
    """Fill the sequences of any of the regressions.

    Parameters
    ----------
    rows
        Shape (variables, rows + 2 LANES): trend (if any), lagged changes, level, change; padded with zeros.
    shortest
        Rows of the shortest window.
    constant, trend
        Whether the regression has them.
    lowest
        Fewest lags that compete; the number of lags where it is fixed.
    penalty
        Shape (rows + 1, regressors before the level + 1): factor on the squared residuals of a window of so
        many rows, by the number of regressors before the level; the smallest product wins.
    badf, bsadf, rolling, chosen
        Of shape (rows - shortest + 1,), to be filled: as for `plain_windows`, and the lags of the regression
        on all rows so far.
    """
    v = rows.shape[0]
    count = rows.shape[1] - 2 * LANES
    centre = np.zeros((v, LANES))
    u, size = np.empty((v, LANES)), np.empty((v, LANES))
    s, cross, m = np.empty((v, LANES)), np.empty((v, v, LANES)), np.empty((v, v, LANES))
    t = np.zeros(11 * LANES)
    other = 2.0 if constant else 1.0
    for first in range(shortest - 1, count, LANES):
        at = LANES + first
        if constant:
            centre[:] = rows[:, at : at + LANES]
        s[:] = 0.0
        cross[:] = 0.0
        t[_BEST : _BEST + LANES] = -np.inf
        for i in range(min(first + LANES, count)):
            _add_rows(rows, centre, u, s, cross, at - i)
            if i >= shortest - 1:
                _judge_lags(s, cross, m, size, t, float(i + 1), constant, lowest, other, penalty[i + 1])
            if i == shortest - 1:
                lanes = min(LANES, count - first)
                begin = first - shortest + 1
                rolling[begin : begin + lanes] = t[_NOW : _NOW + lanes]
            if i >= first:
                badf[i - shortest + 1] = t[_NOW + i - first]
                bsadf[i - shortest + 1] = t[_BEST + i - first]
                chosen[i - shortest + 1] = t[_LAG + i - first] - (1 if trend else 0)


@njit(nogil=True, cache=True, error_model="numpy")
def _rows_of(y, lags, trend, rows):
    count = y.size - 1 - lags
    a = 0
    if trend:
        for i in range(count):
            rows[0, LANES + i] = i
        a = 1
    for k in range(1, lags + 1):
        for i in range(count):
            rows[a, LANES + i] = y[lags + i + 1 - k] - y[lags + i - k]
        a += 1
    for i in range(count):
        rows[a, LANES + i] = y[lags + i]
        rows[a + 1, LANES + i] = y[lags + i + 1] - y[lags + i]


@njit(nogil=True, cache=True, error_model="numpy")
def all_windows(paths, shortest, lags, constant, trend, lowest, penalty, badf, bsadf, rolling, chosen):
    """Fill the sequences of many paths with t ratios; -inf where no window could be estimated.

    Parameters
    ----------
    paths
        Shape (path, observation).
    shortest, constant, trend, penalty
        As for `lagged_windows`.
    lags, lowest
        Most and fewest lags.
    badf, bsadf, rolling, chosen
        Of shape (path, date), to be filled.
    """
    n = paths.shape[1]
    v = lags + 2 + (1 if trend else 0)
    rows = np.zeros((v, n - 1 - lags + 2 * LANES))
    for r in range(paths.shape[0]):
        _rows_of(paths[r], lags, trend, rows)
        if lags == 0 and constant and not trend:
            plain_windows(rows, shortest, badf[r], bsadf[r], rolling[r])
        else:
            low = lowest + (1 if trend else 0)
            lagged_windows(
                rows, shortest, constant, trend, low, penalty, badf[r], bsadf[r], rolling[r], chosen[r]
            )
        for squares in (badf[r], bsadf[r], rolling[r]):
            for i in range(squares.size):
                squares[i] = np.sign(squares[i]) * np.sqrt(abs(squares[i]))
