"""The recursion by quarter, one path after the other, compiled.

Everything is in money. With RR the revenue a year that the capital in use must earn (user cost times
replacement value, and running cost) and Y what demand would spend a year if the price were long-run cost,

    x = u / u* = min[(Y / RR)^(1 / (1 + gamma epsilon)), 1 / u*],    p / c = x^gamma r^scarcity,
    r = (Y / RR) x^-(1 + gamma epsilon),    value = x RR p / c

solve ln p = ln c + gamma ln(u/u*) and D = D0 p^-epsilon together within the quarter: units of capacity
cancel. Use cannot exceed capacity. Where it is full, r is what would be bought at the price of full use over
what there is; with scarcity 1 / epsilon the price rises until demand is what there is, with 0 it stays and
the rest goes unserved.
"""

from __future__ import annotations

from math import exp, log, log1p
from typing import Any

import numpy as np
from numba import njit

SCALARS = (
    *("normal_growth", "boom_gap", "bust_gap", "deviation", "ratio_boom", "ratio_bust", "persistence"),
    *("exit", "exit_age", "after_boom", "n_normal", "n_boom", "n_bust", "b_normal", "b_boom", "b_bust"),
    *("season1", "season2", "season3", "season4"),
    *("slack_exit", "slack_bust", "cover_exit", "cover_bust", "speed", "log_ratio"),
    *("growth", "headroom", "asymmetry", "memory", "common", "demand_deviation", "ceiling_growth"),
    *("gamma", "epsilon", "scarcity", "use_now", "normal_use", "monetised_now", "monetised", "monetising"),
    *(
        "under_contract",
        "renewed",
        "contract_premium",
        "fall",
        "gain",
        "opex",
        "share",
        "lag",
        "capital_cost",
    ),
    *("debt_share", "interest", "discount", "wip_charge", "fixed_price"),
)
"""Columns of the parameters of a path."""
AT = {name: i for i, name in enumerate(SCALARS)}
LAYERS = (
    *("capex", "use", "markup", "value_served", "required", "required_full", "cover", "price"),
    *("demand", "capital", "in_progress", "completed", "scrapped", "served", "cash_in", "cash_out", "cash"),
    *("debt", "regime", "age", "anticipated", "deviation"),
)
OUT = {name: i for i, name in enumerate(LAYERS)}
RESIDUALS = ("capital", "in_progress")
MOST_SLACK = 10.0
MOST_GAP = 2.0

(P_MU, P_BOOM, P_BUST, P_DEV, P_RBOOM, P_RBUST, P_PHI, P_EXIT, P_EAGE, P_AFTER) = range(10)
P_N, P_B, P_SEASON = AT["n_normal"], AT["b_normal"], AT["season1"]
P_SEXIT, P_SBUST, P_CEXIT, P_CBUST = (AT[n] for n in ("slack_exit", "slack_bust", "cover_exit", "cover_bust"))
P_SPEED, P_RATIO = AT["speed"], AT["log_ratio"]
P_G, P_HEAD, P_NU, P_MEM, P_COM, P_Z0, P_CEIL = (
    AT[n]
    for n in ("growth", "headroom", "asymmetry", "memory", "common", "demand_deviation", "ceiling_growth")
)
P_GAMMA, P_EPS, P_SCARCE, P_X0, P_USTAR = (
    AT[n] for n in ("gamma", "epsilon", "scarcity", "use_now", "normal_use")
)
P_M0, P_M1, P_MS = (AT[n] for n in ("monetised_now", "monetised", "monetising"))
P_THETA, P_RENEW, P_PREM, P_FALL, P_GAIN, P_OPEX, P_SHARE, P_LAG = (
    AT[n] for n in ("under_contract", "renewed", "contract_premium", "fall", "gain", "opex", "share", "lag")
)
P_DEBT, P_INT, P_DISC, P_WIPC, P_CAPITAL, P_FIXED = (
    AT[n] for n in ("debt_share", "interest", "discount", "wip_charge", "capital_cost", "fixed_price")
)

O_CAPEX, O_USE, O_MARKUP, O_VALUE, O_RR, O_FULL, O_COVER, O_PRICE, O_Y, O_K, O_WIP, O_COMP = range(12)
O_SCRAP, O_SERVED, O_IN, O_OUT, O_CASH, O_DEBT, O_REGIME, O_AGE, O_EXPECT, O_Z = range(12, 22)


@njit(cache=True)
def curve(time: float, growth: float, headroom: float, asymmetry: float) -> float:
    """Return ln D(t) - ln D(0) of `overbuild.models.demand_curve.gain`."""
    start = asymmetry * headroom
    inner = start + log(-np.expm1(-start)) - growth * asymmetry * time
    soft = inner + log1p(exp(-inner)) if inner > 0 else log1p(exp(inner))
    return headroom - soft / asymmetry


@njit(cache=True)
def roll_past(spent: Any, done: Any, survival: Any, weight: Any, fall: Any, first: int, ahead: int) -> Any:
    """Return what spending before the start means ahead, pre-cohort and cohort apart.

    Parameters
    ----------
    spent
        Shape (draw, past, class).
    done
        Share completed within so many periods, shape (draw, lag).
    survival
        Shape (draw, age, class).
    weight
        Rent a year on replacement value, shape (draw, class).
    fall
        Log fall a quarter of the price of the same quality, shape (draw, class).
    first
        Place of the first quarter of the cohort.
    ahead
        Quarters ahead.

    Returns
    -------
    array
        Shape (draw, 2, 6, ahead + 1): charge, book value in use, completed, scrapped, in progress and the
        charge that this will have, from the last quarter of the past on.
    """
    draws, past, classes = spent.shape
    out = np.zeros((draws, 2, 6, ahead + 1))
    whole = past + ahead
    completed = np.zeros(whole)
    for n in range(draws):
        for j in range(classes):
            for part in range(2):
                low, high = (0, first) if part == 0 else (first, past)
                for v in range(whole):
                    total = 0.0
                    for s in range(low, min(high, v + 1)):
                        lag = v - s
                        total += spent[n, s, j] * (done[n, lag] - (done[n, lag - 1] if lag > 0 else 0.0))
                    completed[v] = total
                for t in range(ahead + 1):
                    now = past - 1 + t
                    charge, book, scrapped, waiting = 0.0, 0.0, 0.0, 0.0
                    for v in range(low, now + 1):
                        a = now - v
                        s_now = survival[n, a, j]
                        s_before = survival[n, a - 1, j] if a > 0 else 1.0
                        left = completed[v] * s_now
                        book += left
                        charge += left * exp(-fall[n, j] * (a + 0.5))
                        scrapped += completed[v] * (s_before - s_now)
                    for s in range(low, high):
                        waiting += spent[n, s, j] * (1.0 - done[n, now - s])
                    out[n, part, 0, t] += charge * weight[n, j]
                    out[n, part, 1, t] += book
                    out[n, part, 2, t] += completed[now]
                    out[n, part, 3, t] += scrapped
                    out[n, part, 4, t] += waiting
                    out[n, part, 5, t] += waiting * weight[n, j]
    return out


@njit(cache=True)
def _move(p: Any, regime: int, age: int, years: Any, slack: float, short: float, u: float) -> int:
    """Return the next regime: 0 normal, 1 boom, 2 bust."""
    bust = p[P_SBUST] * slack + p[P_CBUST] * short
    odds = exp(min(max(bust, -30.0), 30.0))
    if regime == 1:
        eta = p[P_EXIT] + p[P_EAGE] * log(years[age - 1]) + p[P_SEXIT] * slack + p[P_CEXIT] * short
        leave = -np.expm1(-(log1p(exp(eta)) if eta < 30 else eta) / 4)
        if u > leave:
            return 1
        into = p[P_AFTER] * odds / (1 - p[P_AFTER] + p[P_AFTER] * odds)
        return 2 if u < leave * into else 0
    base = P_N if regime == 0 else P_B
    a, b, c = p[base], p[base + 1], p[base + 2]
    if regime == 0:
        c *= odds
        total = a + b + c
        a, b, c = a / total, b / total, c / total
        stay = a**0.25
        scale = (1 - stay) / max(1 - a, 1e-12)
        return 1 if u < b * scale else 2 if u < (b + c) * scale else 0
    stay = c**0.25
    scale = (1 - stay) / max(1 - c, 1e-12)
    return 0 if u < a * scale else 1 if u < (a + b) * scale else 2


@njit(cache=True)
def run(  # noqa: PLR0915
    params: Any,
    which: Any,
    past: Any,
    kernels: Any,
    start: Any,
    since_reference: float,
    season_place: int,
    uniform: Any,
    noise: Any,
    shocks: Any,
    first_state: Any,
    first_deviation: Any,
    ends: Any,
    kept: int,
    continued: int,
    years: Any,
) -> Any:
    """Run every path; see the module and `overbuild.simulation.run`.

    Parameters
    ----------
    params
        Shape (draw, `SCALARS`).
    which
        Draw of each path.
    past
        Of `roll_past`.
    kernels
        Shape (draw, 6, quarter): share of spending completed after so many quarters, share not completed
        yet; per unit completed the charge and the book value by age; the same two per unit spent.
    start
        Shape (draw, 2): last quarter's spending; growth of the last quarter.
    since_reference
        Years from demand's reference day to the middle of the last quarter.
    season_place
        Quarter of the year, 0 to 3, of the first quarter ahead.
    uniform, noise, shocks
        Draws of regimes, growth (unit scale) and demand, shape (path, quarter).
    first_state
        0 normal, a a boom of age a, above the ages a bust, shape (path,).
    first_deviation
        What has come to demand's deviation since the reference day, over its standard deviation, shape
        (path,).
    ends
        Quarters ahead, from 1, at whose end the cohort is valued.
    kept, continued
        Quarters whose layers are returned; quarters after each end that are valued.
    years
        Year of a boom in which each age lies.

    Returns
    -------
    tuple
        Layers (layer, path, kept); present value and replacement cost (path, end) each; residuals (path, 2).
    """
    paths, quarters = uniform.shape
    ages = years.size
    number = ends.size
    layers = np.zeros((len(LAYERS), paths, kept))
    value, cost = np.zeros((paths, number)), np.zeros((paths, number))
    worst = np.zeros((paths, len(RESIDUALS)))
    spent, done = np.zeros(quarters), np.zeros(quarters)
    cover_of = np.zeros(quarters)
    log_y = np.zeros(quarters + 5)
    for i in range(paths):
        n = which[i]
        p = params[n]
        f, waiting, h, b = kernels[n, 0], kernels[n, 1], kernels[n, 2], kernels[n, 3]
        old = past[n]
        state = first_state[i]
        regime = 0 if state == 0 else 2 if state > ages else 1
        age = state if regime == 1 else 0
        base = start[n, 1] if not np.isnan(start[n, 1]) else 0.0
        known = not np.isnan(start[n, 1])
        capex = start[n, 0]
        elastic = 1 + p[P_GAMMA] * p[P_EPS]
        x = p[P_X0]
        required = old[0, 0, 0] + old[1, 0, 0] + p[P_OPEX] * (old[0, 1, 0] + old[1, 1, 0])
        rho = p[P_MEM] ** 0.25
        kept_of = p[P_MEM] ** max(since_reference, 0.0)
        z = kept_of * p[P_Z0] + p[P_COM] * (1 - kept_of * kept_of) ** 0.5 * first_deviation[i]
        anchor = log(required) + elastic * log(x) - z
        at_zero = curve(since_reference, p[P_G], p[P_HEAD], p[P_NU])
        for k in range(5):
            back = (k - 4) / 4
            log_y[k] = anchor + z + curve(since_reference + back, p[P_G], p[P_HEAD], p[P_NU]) - at_zero
        full = required + old[0, 5, 0] + old[1, 5, 0] + p[P_OPEX] * (old[0, 4, 0] + old[1, 4, 0])
        spot = x ** p[P_GAMMA]
        price_old = spot * p[P_PREM]
        under = p[P_THETA] * x * required
        cover = p[P_M0] * x * spot * (1 + p[P_THETA] * (p[P_PREM] - 1))
        cash, debt = 0.0, 0.0
        k_before = old[0, 1, 0] + old[1, 1, 0]
        w_before = old[0, 4, 0] + old[1, 4, 0]
        money = p[P_M0]
        for t in range(quarters):
            slack = min(max(-log(x) / 0.1, -MOST_SLACK), MOST_SLACK)
            short = min(max(-log(max(cover, 1e-6)) / 0.1, -MOST_SLACK), MOST_SLACK)
            before = regime
            regime = _move(p, regime, max(age, 1), years, slack, short, uniform[i, t])
            age = (min(age + 1, ages) if before == 1 else 1) if regime == 1 else 0
            drift_before = (p[P_MU] + (p[P_BOOM] if before == 1 else -p[P_BUST] if before == 2 else 0.0)) / 4
            drift = (p[P_MU] + (p[P_BOOM] if regime == 1 else -p[P_BUST] if regime == 2 else 0.0)) / 4
            scale = p[P_DEV] * (p[P_RBOOM] if regime == 1 else p[P_RBUST] if regime == 2 else 1.0)
            place = (season_place + t) % 4
            gap = base - drift_before - p[P_SEASON + (place + 3) % 4] if known else 0.0
            base = drift + p[P_SEASON + place] + p[P_PHI] * gap + scale * noise[i, t]
            known = True
            # What demand will require when spending of today is in use, if it goes on as over the year.
            wanted = p[P_RATIO] + log_y[t + 4] + (log_y[t + 4] - log_y[t]) * p[P_LAG] - log(full)
            pulled = p[P_SPEED] / 4 * min(max(wanted, -MOST_GAP), MOST_GAP)
            capex *= exp(min(max(base + pulled, -1.0), 1.0))
            spent[t] = capex

            completed, in_progress = 0.0, 0.0
            for s in range(t + 1):
                completed += spent[s] * f[t - s]
                in_progress += spent[s] * waiting[t - s]
            done[t] = completed
            charge, book, scrapped = 0.0, 0.0, 0.0
            for v in range(t + 1):
                a = t - v
                charge += done[v] * h[a]
                book += done[v] * b[a]
                scrapped += done[v] * ((b[a - 1] if a > 0 else p[P_SHARE]) - b[a])
            charge += old[0, 0, t + 1] + old[1, 0, t + 1]
            book += old[0, 1, t + 1] + old[1, 1, t + 1]
            scrapped += old[0, 3, t + 1] + old[1, 3, t + 1]
            completed_all = completed * p[P_SHARE] + old[0, 2, t + 1] + old[1, 2, t + 1]
            progress = in_progress * p[P_SHARE] + old[0, 4, t + 1] + old[1, 4, t + 1]
            required = charge + p[P_OPEX] * book
            full = (
                required
                + in_progress * p[P_WIPC]
                + old[0, 5, t + 1]
                + old[1, 5, t + 1]
                + p[P_OPEX] * progress
            )

            z = rho * z + p[P_COM] * (1 - rho * rho) ** 0.5 * shocks[i, t]
            ahead = (t + 1) / 4
            gain = curve(since_reference + ahead, p[P_G], p[P_HEAD], p[P_NU]) - at_zero
            log_y[t + 5] = anchor + z + gain + p[P_CEIL] * ahead
            tight = log_y[t + 5] - log(required)
            x = min(exp(tight / elastic), 1 / p[P_USTAR])
            beyond = max(tight - elastic * log(x), 0.0)
            markup = x ** p[P_GAMMA] * exp(p[P_SCARCE] * beyond)
            unit_cost = exp(-p[P_FALL] * ahead)
            spot = unit_cost * markup
            served = x * required / unit_cost
            wanted_under = p[P_THETA] * served
            stays = min(under * (1 - p[P_RENEW] / 4), wanted_under)
            signed = wanted_under - stays
            if wanted_under > 0:
                price_old = (stays * price_old + signed * spot * p[P_FIXED]) / wanted_under
            under = wanted_under
            revenue = price_old * under + spot * (served - under)
            money = p[P_M1] + (p[P_M0] - p[P_M1]) * exp(-p[P_MS] * ahead)
            cover = money * revenue / required

            ours = capex * p[P_SHARE]
            income = money * revenue / 4
            running = p[P_OPEX] * book / 4
            interest = p[P_INT] * debt / 4
            need = running + ours + interest - income - cash
            borrowed = max(need, 0.0) * p[P_DEBT]
            owners = max(need, 0.0) - borrowed
            repaid = min(max(-need, 0.0), debt)
            cash_in = income + borrowed + owners
            cash_out = running + ours + interest + repaid
            cash = cash + cash_in - cash_out
            debt = debt + borrowed - repaid

            worst[i, 0] = max(worst[i, 0], abs(book - (k_before - scrapped + completed_all)) / book)
            worst[i, 1] = max(
                worst[i, 1], abs(progress - (w_before + ours - completed_all)) / (progress + ours)
            )
            k_before, w_before = book, progress
            cover_of[t] = cover
            if t < kept:
                layers[O_CAPEX, i, t] = capex
                layers[O_USE, i, t] = x
                layers[O_MARKUP, i, t] = markup
                layers[O_VALUE, i, t] = revenue
                layers[O_RR, i, t] = required
                layers[O_FULL, i, t] = full
                layers[O_COVER, i, t] = cover
                layers[O_PRICE, i, t] = spot * exp(-p[P_GAIN] * ahead)
                layers[O_Y, i, t] = log_y[t + 5]
                layers[O_K, i, t] = book
                layers[O_WIP, i, t] = progress
                layers[O_COMP, i, t] = completed_all
                layers[O_SCRAP, i, t] = scrapped
                layers[O_SERVED, i, t] = served
                layers[O_IN, i, t] = cash_in
                layers[O_OUT, i, t] = cash_out
                layers[O_CASH, i, t] = cash
                layers[O_DEBT, i, t] = debt
                layers[O_REGIME, i, t] = regime
                layers[O_AGE, i, t] = age
                layers[O_EXPECT, i, t] = wanted
                layers[O_Z, i, t] = z

        for e in range(number):
            end = ends[e]
            for t in range(end, min(end + continued, quarters)):
                charge, book = old[1, 0, t + 1], old[1, 1, t + 1]
                for s in range(end):
                    charge += spent[s] * kernels[n, 4, t - s]
                    book += spent[s] * kernels[n, 5, t - s]
                later = (t - end + 0.5) / 4
                running = p[P_OPEX] * book
                cash_flow = cover_of[t] * (charge + running) - running
                value[i, e] += cash_flow / 4 * exp(-p[P_DISC] * later)
                cost[i, e] += charge / 4 * exp(-log1p(p[P_CAPITAL]) * later)
    return layers, value, cost, worst
