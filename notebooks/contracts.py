# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # Value a contract of your own
#
# Overbuilding first hurts through contracts: somebody promised to pay for machines, and somebody borrowed
# on that promise. This notebook takes the contract between Microsoft and IREN apart, values one that you
# write yourself, lets things go wrong, and looks at it from the buyer's side. Few terms are public; every
# figure says whether it was read or assumed, and the returns are no better than that.

# %%
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import mkdtemp

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from overbuild.errors import InputError
from overbuild.finance import contagion
from overbuild.finance.buyer import option, rent_or_own
from overbuild.finance.contagion_draws import draw as draw_network
from overbuild.finance.contract_draws import RISKS, Priors, draw
from overbuild.finance.contract_file import contract_of, read_contract
from overbuild.finance.contract_report import report
from overbuild.finance.contract_simulation import simulate
from overbuild.finance.contract_value import annual_cases, bridge, price_factor, summary
from overbuild.finance.equity import flows
from overbuild.finance.network_file import FILE as NETWORK
from overbuild.finance.network_file import read_network
from overbuild.finance.portfolio import OwnOrRent
from overbuild.finance.portfolio_frontier import own_or_rent
from overbuild.finance.portfolio_prices import as_filed, prices
from overbuild.locations import data_dir
from overbuild.models.prior_file import read_priors
from overbuild.randomness import stream

TODAY = date(2026, 11, 22)
PRIORS = Priors.of(read_priors().at(TODAY).values("contracts"))

# %% [markdown]
# ## What a contract rests on
#
# The file `data/contracts/iren.toml` gives each figure with a row of `contracts.csv` as its source, or with
# the reason why it is assumed, and a range. Look at the assumptions first.

# %%
iren = contract_of("iren", data_dir())
figures = pd.DataFrame([vars(f) for f in iren.figures]).set_index("key")
print(f"{(figures.source != '').sum()} figures read, {(figures.source == '').sum()} assumed")
figures.loc[figures.source == "", ["value", "low", "high", "assumed"]].head(12)

# %% [markdown]
# ## What it earns if nothing goes wrong
#
# Cash comes month by month: prepayment, equipment and shell with each tranche, then payments less credits
# and running cost, then what is sold. Lenders are served first.

# %%
found = flows(iren)
planned = summary(iren)
print(f"{planned['irr']:.1%} a year before debt, {planned['irr_equity']:.1%} to the owners")
print(f"price {iren.price:.2f} USD per accelerator hour, break-even {planned['break_even_price']:.2f}")
figure, axes = plt.subplots(figsize=(8, 3.2))
for name, flow in (("before debt", found.unlevered), ("owners", found.equity)):
    axes.plot(np.cumsum(flow), label=name)
axes.axhline(0, color="black", lw=0.5)
axes.set(xlabel="months from the start", ylabel="USD billion, running sum")
axes.legend()
plt.show()

# %% [markdown]
# ### Annual arithmetic beside it
#
# A back-of-the-envelope valuation puts all outlays at the start and all payments at the ends of years. The
# bridge says what lies between, step by step; another order of steps would divide it otherwise.

# %%
cases = pd.DataFrame(annual_cases(iren))[["shell", "prepayment", "residual", "annual", "monthly"]]
print(cases.round(3).to_string(index=False))
pd.DataFrame(bridge(iren))[["says", "irr", "change"]].round(4)

# %% [markdown]
# ## Change the shell and the residual
#
# Nobody outside knows what the building costs that belongs to this contract, nor what the machines will
# sell for. A contract is a frozen specification: `replace` makes another one.


# %%
def changed(shell: float, residual: float):
    """Return IREN's contract with another shell cost and residual."""
    return replace(
        iren,
        shell=replace(iren.shell, cost=shell),
        equipment=replace(iren.equipment, residual=residual),
    )


shells, residuals = (0.0, 1.0, 2.0, 3.0, 4.0), (0.0, 0.2, 0.4)
table = {f"{r:.0%} left": [summary(changed(x, r))["irr"] for x in shells] for r in residuals}
pd.DataFrame(table, index=pd.Index(shells, name="shell, USD billion")).map("{:.1%}".format)

# %% [markdown]
# ## Write your own
#
# A file needs the sections below; prepayment, shell, loans, covenants and termination may be left out. A
# figure is `{ is = 3.0, assumed = "why" }` or `{ is = 3.0, source = "a row of contracts.csv" }`.

# %%
OWN = """
title = "A small cluster for a laboratory"

[parties]
lab = "Laboratory"
cloud = "Cloud"
maker = "Maker"
bank = "Bank"

[contract]
buyer = "lab"
seller = "cloud"
supplier = "maker"
value = { is = 1.2, assumed = "example" }
start = { is = 2027-01-01, assumed = "example" }
term = { is = 48, assumed = "example" }
runs_from = "delivery"
availability = { is = 0.97, assumed = "example" }
gpus = { is = 12000, assumed = "example" }

[[tranches]]
share = 0.5
month = 6
assumed = "example"

[[tranches]]
share = 0.5
month = 9
assumed = "example"

[equipment]
cost = { is = 0.6, assumed = "example" }
lead = { is = 1, assumed = "example" }
life = { is = 72, assumed = "example" }
residual = { is = 0.2, assumed = "example" }

[shell]
cost = { is = 0.15, assumed = "example" }
lead = { is = 3, assumed = "example" }
recovered = { is = 0.5, assumed = "example" }

[opex]
basis = "share"
amount = { is = 0.2, assumed = "example" }

[[loans]]
lender = "bank"
amount = 0.4
rate = 0.09
draw = 6
maturity = 54
interest_only = 3
amortisation = "level"
assumed = "example"

[termination]
grace = { is = 4, assumed = "example" }

[renewal]
months = { is = 12, assumed = "example" }
price = { is = 0.5, assumed = "example" }
price_now = { is = 1.0, assumed = "example" }
probability = { is = 0.5, assumed = "example" }
strike = { is = 0.6, assumed = "example" }

[buyer]
cost_of_capital = { is = 0.12, assumed = "example" }
hazard = { is = 0.04, assumed = "example" }
recovery = { is = 0.4, assumed = "example" }

[required]
unlevered = { is = 0.10, assumed = "example" }
equity = { is = 0.15, assumed = "example" }
"""
folder = Path(mkdtemp())
(folder / "mine.toml").write_text(OWN, encoding="utf-8")
mine = read_contract(folder / "mine.toml")
print(report(mine, PRIORS, draws=2_000, seed=1).sentence())

# %% [markdown]
# A file that does not make sense is refused: first every fault of form, then what does not fit together.
# `overbuild contract mine.toml` says the same from a shell.

# %%
faulty = {
    "form": OWN.replace("rate = 0.09", "rate = -0.09").replace('lender = "bank"', 'lender = "banc"'),
    "sense": OWN.replace("share = 0.5\nmonth = 9", "share = 0.9\nmonth = 9"),
}
for name, text in faulty.items():
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    try:
        read_contract(folder / f"{name}.toml")
    except InputError as error:
        print(error)

# %% [markdown]
# What price would the seller need? The present value is affine in the price, so that two valuations give
# the answer for any required return.

# %%
for rate in (0.06, 0.10, 0.15):
    print(f"{rate:.0%}: {price_factor(mine, rate) * mine.price:.2f} USD per accelerator hour")

# %% [markdown]
# ## Let things go wrong
#
# Delays, operation, residual, market price, failure of the buyer and failure to build are drawn from the
# priors in `data/priors.toml`. None is estimated. Failure and price are correlated: what makes compute cheap
# makes its buyers poor.

# %%
course = draw(mine, PRIORS, 5_000, stream("notebook/contract"))
drawn = simulate(mine, course)
print(f"value to the owners below zero in {(drawn.npv_equity < 0).mean():.0%} of draws,")
print(f"buyer fails within the term in {(course.default < mine.last_due + mine.term).mean():.0%}")
low, quarter, middle, three, high = np.quantile(drawn.value, (0.05, 0.25, 0.5, 0.75, 0.95), axis=0)
years = np.arange(len(middle))
plt.fill_between(years, low, high, alpha=0.2)
plt.fill_between(years, quarter, three, alpha=0.3)
plt.plot(years, middle)
plt.axhline(0, color="black", lw=0.5)
plt.xlabel("years from the start")
plt.ylabel("what is left to the owners, USD billion")
plt.show()

# %% [markdown]
# One risk at a time, on the same random numbers: how much of the spread of the owners' value each brings
# alone.

# %%
spread = {}
for risk in RISKS:
    alone = simulate(mine, draw(mine, PRIORS, 5_000, stream("notebook/contract"), (risk,)), rates=False)
    spread[risk] = {"standard deviation": alone.npv_equity.std(), "mean": alone.npv_equity.mean()}
pd.DataFrame(spread).T.round(4)

# %% [markdown]
# ## The buyer's side
#
# He may rent, or own the same machines at the same cost with his own capital. As both sides build at the
# same cost, renting gains exactly where his cost of capital is above the return that the seller earns. What
# a renter has besides is the right to leave, or to extend at a price agreed today.

# %%
rates = np.linspace(0.02, 0.25, 24)
for contract in (mine, iren):
    gains = [rent_or_own(contract, float(r)).advantage / contract.value for r in rates]
    plt.plot(rates, gains, label=contract.title)
    plt.axvline(summary(contract)["irr"], color="grey", lw=0.5)
plt.axhline(0, color="black", lw=0.5)
plt.xlabel("buyer's cost of capital")
plt.ylabel("gain by renting, share of value")
plt.legend()
plt.show()

# %%
right = option(mine, course.price_end, PRIORS.price_sd)
print(
    f"A right to extend at {right.strike:.0%} of today's price is worth {1000 * right.extend:.1f} million on "
    f"draws, {1000 * right.extend_exact:.1f} million in closed form; it is used in {right.exercised:.0%}."
)

# %% [markdown]
# ## Own or rent before demand is known
#
# The buyer decides today how much to own for years and how much to rent for fewer; what is short later comes
# from a thin spot market or goes unserved. Prices are those of your contract, the rest is set here. Cost is
# USD per hour of demand. A loss is cost beyond what the same demand costs at the cheaper price; CVaR is the
# mean of the worst twentieth of losses.

# %%
hour = prices(mine, as_filed(mine))
spec = OwnOrRent(
    own_cost=hour.own, rent_price=hour.rent, own_years=6, rent_years=3, volatility=0.3, penalty=2.0
)
chosen = own_or_rent(spec, stream("notebook/own_or_rent"), 2_000)
print(f"owned {hour.own:.2f}, rented {hour.rent:.2f} USD an hour")
columns = ["owned", "rented", "rented_share", "cost", "cvar"]
pd.DataFrame([chosen["cheapest"], chosen["only_owning"]], index=["cheapest", "only owning"])[columns].round(2)

# %%
figure, axes = plt.subplots(figsize=(8, 3.2))
for premium in (0.9, 1.0, 1.1, 1.2):
    dearer = replace(spec, own_cost=premium * spec.rent_price)
    points = own_or_rent(dearer, stream("notebook/own_or_rent"), 2_000)["frontier"]
    x, y = ([p[name] for p in points] for name in ("cvar", "cost"))
    axes.plot(x, y, marker="o", label=f"{premium:g}")
    for p in points[::3]:
        place = (p["cvar"], p["cost"])
        axes.annotate(f"{p['rented_share']:.0%}", place, (3, 5), textcoords="offset points", fontsize=7)
axes.set(xlabel="CVaR of the loss, USD an hour", ylabel="mean cost, USD an hour")
axes.legend(title="owning over renting")
plt.show()

# %% [markdown]
# The shares beside the points are rented. They hang on the penalty and on how much the spot market can give,
# which nobody knows: set `spot_found=1` and look again.

# %% [markdown]
# ## A shortfall in the network
#
# One contract is a thread of a web. `data/contracts/network.toml` says who owes whom within a year, each
# amount by the row it comes from. Let two fifths of the cash that AI earns outside the web be lost: who
# cannot pay all, and who bears it? How firm promises are is drawn from priors; this is a scenario.

# %%
web = read_network(data_dir() / NETWORK, data_dir(), TODAY)
firm = read_priors().at(TODAY).values("contagion")
state = draw_network(web, firm, 1_000, stream("notebook/contagion"))
hit = contagion.at_shock(web, state, 0.4)
print(f"{len(web.nodes)} nodes, {len(web.liabilities)} liabilities")
print(f"lost in a year: USD {hit['lost']['mean'] / 1e3:.0f} billion")
fails = {n: d["probability"] for n, d in hit["defaults"].items() if d["probability"] > 0}
print({n: f"{p:.0%}" for n, p in sorted(fails.items(), key=lambda d: -d[1])})
rows = {**hit["losses"], "all": hit["total"], "of it destroyed": hit["destroyed"]}
rows |= {"orders cancelled": hit["cancelled"], "dues unpaid": hit["unpaid"]}
(pd.DataFrame(rows).T / 1e3).round(1).rename_axis("USD billion")

# %% [markdown]
# Claims between nodes cancel. Beside the cash that is lost and what bankruptcies destroy, holders lose the
# margin of orders that are cancelled, and what nodes that fail could not fund. How far a failure spreads
# hangs on what markets still lend: `contagion.variants` sets that.

# %% [markdown]
# ## Exercise
#
# Take the shell out of your contract and prepay a fifth of it. By how much may the price fall before the
# seller is back where he was? Then let the buyer's hazard be 0.002, as Microsoft's: what does his promise
# add to the owners' value, and who would be paid for it?
