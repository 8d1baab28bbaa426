"""Compiled functions of contracts: flows of a draw, who gets them, and rates of return.

They stand in one file because compiled code is kept on disk and renewed only when its own file changes.
"""

from __future__ import annotations

import numpy as np
from numba import njit

COMPONENTS = (
    "prepayment",
    "equipment",
    "shell",
    "revenue",
    "credit",
    "opex",
    "renewal",
    "residual",
    "shell_recovered",
    "market_rent",
)
"""Parts of the unlevered flow, in the order of the first axis; outlays are negative. ``market_rent`` is what
others pay within the term for what the buyer no longer takes."""
PREPAYMENT, EQUIPMENT, SHELL, REVENUE, CREDIT, OPEX, RENEWAL = range(7)
RESIDUAL, SHELL_RECOVERED, MARKET_RENT = range(7, 10)
NUMBERS = ("irr", "irr_equity", "npv", "npv_equity", "min_dscr", "arrears", "after", "paid", "total")
IRR, IRR_EQUITY, NPV, NPV_EQUITY, MIN_DSCR, ARREARS, AFTER, PAID, TOTAL = range(9)


@njit(cache=True)
def market(t: float, early: float, end: float, first: float, last: float) -> float:
    """Return the market price of a month: log-linear between its two dates, constant outside."""
    if t <= first:
        return early
    if t >= last:
        return end
    w = (t - first) / (last - first)
    return early ** (1 - w) * end**w


@njit(cache=True)
def fill(
    out, share, due, length, credit, money, clock,
    delay, availability, residual, opex, early, end, default, recovery, built, renewed, fixed_for_all,
):  # fmt: skip
    """Write the parts of one draw's flow into ``out``, shape (component, month), which holds zeros."""
    value, prepaid, cost, shell, recovered, running, after, discount, strike = money
    pre_lead, lead, shell_lead, renewal, from_delivery, fixed, grace, last_due = clock
    void, resale, switching, price, forced = fixed_for_all
    last = last_due + length.max()
    for k in range(len(due)):
        full = value * share[k] / length[k] * availability
        sold, again = residual * cost * share[k], recovered * shell * share[k]
        out[SHELL, max(due[k] - shell_lead, 0)] -= shell * share[k]
        out[EQUIPMENT, max(due[k] - lead, 0)] -= cost * share[k]
        if k >= built:
            out[RESIDUAL, due[k]] += resale * cost * share[k]
            out[SHELL_RECOVERED, due[k]] += again
            continue
        paid_in = max(due[k] - pre_lead, 0)
        advance = prepaid * value * share[k] * price if default >= paid_in else 0.0
        out[PREPAYMENT, paid_in] += advance
        begin = due[k] + delay[k]
        ended = grace >= 0 and delay[k] > grace and default >= begin and early < (1 - switching) * price
        stop = due[k] + length[k]
        if ended or (stop <= begin and not from_delivery):
            out[PREPAYMENT, begin] -= advance
        begin += int(void) if ended else 0
        stop = begin + length[k] if from_delivery else max(stop, begin)
        spent = opex * running * (share[k] / 12 if fixed else 1.0)
        if ended:
            for t in range(begin + 1, stop + 1):
                out[MARKET_RENT, t] += full * early
                out[OPEX, t] -= spent * (1.0 if fixed else full * early)
        else:
            _serve(
                out, begin, stop, full, full * price, advance, credit, spent, fixed,
                default, default + void, recovery, early, end, last_due, last,
            )  # fmt: skip
        extended = renewal > 0 and not forced and not ended and default >= stop and end > strike
        rent = full * (strike if extended else end)
        spent *= 1.0 if fixed else rent
        left = renewed if renewal > 0 else 0.0
        if extended:
            left = 1.0
        elif not forced and not _worth_letting(rent - spent, sold, again, after, renewal, discount):
            left = 0.0
        for t in range(stop + 1, stop + renewal + 1):
            out[RENEWAL, t] += left * rent
            out[OPEX, t] -= left * spent
        out[RESIDUAL, stop] += (1 - left) * sold
        out[SHELL_RECOVERED, stop] += (1 - left) * again
        out[RESIDUAL, stop + renewal] += left * after * sold
        out[SHELL_RECOVERED, stop + renewal] += left * again


@njit(cache=True)
def _serve(
    out, begin, stop, full, owed, advance, credit, spent, fixed,
    default, let, recovery, early, end, first, last,
):  # fmt: skip
    """Write a tranche that the buyer keeps: payments and credits, and what comes of them if he fails."""
    outstanding = advance
    for t in range(begin + 1, stop + 1):
        age = t - begin - 1
        given = outstanding if t == stop else advance * credit[age] if age < len(credit) else 0.0
        outstanding -= given
        got, rent = owed, 0.0
        if t > default:
            rent = full * market(t, early, end, first, last) if t > let else 0.0
            got = recovery * max(owed - given - rent, 0.0)
            given = 0.0
        out[REVENUE, t] += got
        out[MARKET_RENT, t] += rent
        out[CREDIT, t] -= given
        if t <= default:
            out[OPEX, t] -= spent * (1.0 if fixed else got)
        elif t > let:
            out[OPEX, t] -= spent * (1.0 if fixed else rent)


@njit(cache=True)
def _worth_letting(a_month, sold, again, after, months, discount):
    """Return whether to let equipment for some months is worth more than to sell it and the shell now."""
    later = discount**months
    annuity = months if discount == 1.0 else discount * (1 - later) / (1 - discount)
    return a_month * annuity + later * (after * sold + again) > sold + again


@njit(cache=True)
def share_out(invested, cash, draws, service, release, rate, equity, lenders):
    """Write what owners and lenders get each month; return the arrears that are left when all is done.

    After ``release`` owners bear what operation loses and prepayments that go back, but no debt service.
    Without debt service nobody makes them wait for anything, and they get every flow as it comes.

    Parameters
    ----------
    invested
        Prepayments less outlays, shape (month,).
    cash
        Cash from operation and sales, shape (month,).
    draws, service
        Of the loans, shape (month,).
    release
        Month in which the last tranche is due.
    rate
        Interest on arrears a month.
    equity, lenders
        Arrays to write to, shape (month,).
    """
    account = arrears = left = 0.0
    if service.sum() == 0.0:
        equity[:] = invested + cash
        lenders[:] = 0.0
        return 0.0
    for t in range(len(cash)):
        got = cash[t]
        own = 0.0
        if t <= release:
            account += invested[t] + draws[t]
            if account < 0:
                own, account = account, 0.0
            if t == release:
                own, account = own + account, 0.0
        else:
            got += invested[t] + draws[t]
        due = service[t] + arrears * (1 + rate)
        if t <= release:
            paid, arrears = due, 0.0
            own += got - due
        else:
            paid = max(min(got, due), 0.0)
            arrears = due - paid
            own += got - paid
        equity[t] = own
        lenders[t] = paid - draws[t]
        if cash[t] != 0.0 or service[t] != 0.0:
            left = arrears
    return left


@njit(cache=True)
def value_at(flow, v):
    """Return the present value and its slope in the discount factor of a period."""
    total = slope = 0.0
    for t in range(len(flow) - 1, -1, -1):
        slope = slope * v + total
        total = total * v + flow[t]
    return total, slope


@njit(cache=True)
def brackets(flow, factors):
    """Return pairs of discount factors, falling, between which a stream's worth changes sign, (pair, 2).

    Where it turns towards 0 between two neighbours of the same sign, it is looked at there too. What turns
    twice between neighbours is missed.
    """
    found = np.empty((2 * len(factors), 2))
    count = 0
    before, slope_before = value_at(flow, factors[0])
    for g in range(1, len(factors)):
        here, slope = value_at(flow, factors[g])
        if (here > 0) != (before > 0):
            found[count, 0], found[count, 1] = factors[g - 1], factors[g]
            count += 1
        elif (slope > 0) != (slope_before > 0) and (here > 0) == (slope_before > 0):
            high, low = factors[g - 1], factors[g]
            turn = (high + low) / 2
            for _ in range(50):
                value, slope_there = value_at(flow, turn)
                if (value > 0) != (here > 0):
                    found[count, 0], found[count, 1] = factors[g - 1], turn
                    found[count + 1, 0], found[count + 1, 1] = turn, factors[g]
                    count += 2
                    break
                if (slope_there > 0) == (slope_before > 0):
                    high = turn
                else:
                    low = turn
                turn = (high + low) / 2
        before, slope_before = here, slope
    return found[:count]


@njit(cache=True)
def root(flow, factors, per_year):
    """Return the one rate a year at which a stream is worth 0, by Newton in a bracket; NaN without one."""
    last = len(flow)
    while last > 0 and flow[last - 1] == 0.0:
        last -= 1
    cut = flow[:last]
    if cut.size == 0 or (cut.min() >= 0.0 or cut.max() <= 0.0):
        return np.nan
    held = brackets(cut, factors)
    if len(held) != 1:
        return np.nan
    high, low = held[0, 0], held[0, 1]
    rising = value_at(cut, high)[0] > 0
    v = (low + high) / 2
    for _ in range(100):
        value, slope = value_at(cut, v)
        if (value > 0) == rising:
            high = v
        else:
            low = v
        new = v - value / slope if slope != 0 else low
        if not low < new < high:
            new = (low + high) / 2
        if abs(new - v) < 1e-14:
            v = new
            break
        v = new
    return v**-per_year - 1


@njit(cache=True)
def value_draws(
    pack, delay, scores, built, share, fixed, loans, discount, factors, rates, parts, numbers, value
):
    """Write `NUMBERS` of every draw, shape (draw, number), and the owners' value, shape (draw, year).

    Parameters
    ----------
    pack
        The contract, from `cash_flow.packed`.
    delay, scores, built, share, fixed
        The course: delays (draw, tranche), other scores (draw, score), tranches built, the share that they
        are, and what is the same in every draw.
    loans
        Draws and service (month,), month of the first repayment, month in which the last tranche is due, and
        interest on arrears a month.
    discount
        Factors of a month at the required returns before and after debt and at the buyer's cost of capital.
    factors
        Factors of a month between which a rate of return is looked for.
    rates
        Whether it is.
    parts
        Number of components.
    numbers, value
        Arrays to write to.
    """
    draws, service, first, release, rate = loans
    months = len(draws)
    out = np.zeros((parts, months))
    equity, lenders = np.zeros(months), np.zeros(months)
    for i in range(len(scores)):
        out[:] = 0.0
        a, r, o, early, end, default, recovery, renewed = scores[i]
        fill(
            out, pack[0], pack[1], pack[2], pack[3], pack[4], pack[5],
            delay[i], a, r, o, early, end, default, recovery, built[i], renewed, fixed,
        )  # fmt: skip
        invested = out[PREPAYMENT] + out[EQUIPMENT] + out[SHELL]
        operating = out[REVENUE] + out[MARKET_RENT] + out[CREDIT] + out[OPEX] + out[RENEWAL]
        cash = operating + out[RESIDUAL] + out[SHELL_RECOVERED]
        due = share[i] * service
        numbers[i, ARREARS] = share_out(invested, cash, share[i] * draws, due, release, rate, equity, lenders)
        unlevered = invested + cash
        if rates:
            numbers[i, IRR] = root(unlevered, factors, 12)
            numbers[i, IRR_EQUITY] = root(equity, factors, 12)
        numbers[i, NPV] = _worth(unlevered, discount[0])
        numbers[i, NPV_EQUITY] = _worth(equity, discount[1])
        numbers[i, MIN_DSCR] = _least_cover(operating, due, first)
        numbers[i, AFTER] = equity[release + 1 :].sum()
        numbers[i, TOTAL] = unlevered.sum()
        numbers[i, PAID] = _worth(out[PREPAYMENT] + out[REVENUE] + out[CREDIT], discount[2])
        left = 0.0
        for t in range(months - 1, -1, -1):
            if t % 12 == 0:
                value[i, t // 12] = left
            left = (left + equity[t]) * discount[1]


@njit(cache=True)
def _worth(flow, factor):
    total = 0.0
    for t in range(len(flow) - 1, -1, -1):
        total = total * factor + flow[t]
    return total


@njit(cache=True)
def _least_cover(cash, service, first):
    last = len(service) - 1
    while last >= first and service[last] <= 0.0:
        last -= 1
    least = np.nan
    start = first
    while start <= last:
        stop = min(start + 12, last + 1)
        owed = service[start:stop].sum()
        if owed > 0:
            ratio = cash[start:stop].sum() / owed
            if not least <= ratio:
                least = ratio
        start = stop
    return least
