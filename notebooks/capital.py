# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # Capital, and what it must earn
#
# How much capital do the data centres tie up, by kind; how much must it earn a year; and what would have to
# be true for AI revenue to pay that? The same code asks it of telecom before and after its peak.
#
# Two parts are kept apart throughout. What firms report in their accounts is data, and a model learns from
# it. What nobody reports (lives of chips, shares of spending by kind, the share that serves AI) is drawn
# from stated priors, and no data move it.

# %% tags=["parameters"]
quick = False

# %%
from datetime import date

import matplotlib.pyplot as plt
import numpy as np

from overbuild.episodes import load_episode
from overbuild.episodes.model_series import model_series
from overbuild.models.capital import CapitalModel
from overbuild.models.prior_file import read_priors
from overbuild.models.sampler import Sampling
from overbuild.models.user_cost import stack_charge, user_cost
from overbuild.randomness import stream

DRAWS = 50 if quick else 300
priors = read_priors()

# %% [markdown]
# ## One machine
#
# A machine of price $p$ that lives $L$ years must earn $c = (w + \delta + d)\,p$ in its first year: the
# cost of capital, wear, and the fall of the price of its like. At a constant price this is the capital
# recovery factor.

# %%
for life in (4, 5, 6, 10):
    print(life, "years:", user_cost(price=100, cost_of_capital=0.10, life=life, price_decline=0.2).sentence())

# %% [markdown]
# The bars that banks and consultants publish are such factors. USD 5 trillion at 10 % must earn 650 billion
# a year only if all of it lives 15.4 years; with half of it on five years, half as much again.

# %%
print(f"all 15.4 years: {stack_charge(5.0, 0.10, ((1.0, 15.4),)):.2f} trillion")
print(f"half 5 years:   {stack_charge(5.0, 0.10, ((0.5, 5), (0.5, 15.4))):.2f} trillion")
print(f"all 5 years:    {stack_charge(5.0, 0.10, ((1.0, 5),)):.2f} trillion")


# %% [markdown]
# ## Data
#
# A model sees a snapshot: what was known on a day, and nothing else.


# %%
def learn(episode: str, day: date):
    """Fit the model to what was known of an episode on a day."""
    snapshot = load_episode(episode, day, also=model_series("capital", episode)).snapshot
    model = CapitalModel.of(priors.at(day), sampling=Sampling(draws=DRAWS))
    return model, model.fit(snapshot, stream(f"notebook/capital/{episode}"))


model, ai = learn("ai", date(2026, 11, 22))
print(ai.sentence())

# %%
fig, axes = plt.subplots(figsize=(7, 3))
axes.plot(ai.data.spent[0] / 1e3)
axes.set_xticks(range(0, len(ai.data.recorded), 8), ai.data.recorded[::8])
axes.set_title("Capex of the five firms, USD billion a quarter", loc="left")
plt.show()

# %% [markdown]
# ## What the accounts teach
#
# Before the data, any life from 3 to 20 years is possible. What would such firms report? Then the
# posterior: it lies on a grid and is exact, so no chain has to converge.

# %%
fig, panels = plt.subplots(1, len(ai.lives), figsize=(9, 3))
for axes, life in zip(panels, ai.lives, strict=True):
    rng = stream("notebook/capital/predictive")
    for prior, color in ((True, "#999999"), (False, "#0072B2")):
        low, high = np.quantile(life.predict(500, rng, prior=prior), [0.05, 0.95], axis=0) / 1e3
        axes.fill_between(range(low.size), low, high, color=color, alpha=0.3)
    axes.plot(life.reported.written_off / 1e3, "k.-")
    axes.set_title(life.reported.firm, loc="left")
fig.suptitle("Depreciation, USD billion a quarter: prior (grey), posterior (blue), reported")
fig.tight_layout()
plt.show()

# %%
for life in ai.lives:
    moments = life.moments["new_life"]
    print(life.sentence(), f"Share of the prior variance learnt: {moments['learnt']:.2f}.")

# %% [markdown]
# ## Is the posterior right?
#
# Draw parameters from the prior, data from the parameters, and rank the truth among draws of the posterior:
# the ranks must be uniform. Bars should lie about the line.

# %%
rng, ranks = stream("notebook/capital/ranks"), []
for _ in range(20 if quick else 200):
    truth = model.prior_draw(ai.data, rng)
    again = model.simulated(truth, ai.data, rng)
    drawn = model.fit_data(again, rng, Sampling(chains=2, draws=50)).draws("accounting_new_life")
    ranks.append((drawn < truth["accounting_new_life"]).mean(axis=0))
fig, axes = plt.subplots(figsize=(5, 2.5))
axes.hist(np.ravel(ranks), bins=10, range=(0, 1), color="#0072B2", alpha=0.7)
axes.axhline(np.size(ranks) / 10, color="black", lw=0.8)
axes.set_title("Ranks of the true life among draws", loc="left")
plt.show()

# %% [markdown]
# ## What is only believed
#
# These rows have learnt exactly nothing: no observed quantity depends on them. Everything below rests on
# them.

# %%
found = ai.findings(stream("notebook/capital/findings"))
for row in found["prior_driven"]:
    band = f"{row['q05']:.2f} to {row['q95']:.2f}"
    print(f"{row['parameter']:45s} {row['q50']:7.2f}   ({band}) {row['unit']}")

# %% [markdown]
# ## Cover
#
# AI revenue is known between two bounds. Cover is revenue over what the capital in use must earn.

# %%
low, high = ai.stock.cover()
fig, axes = plt.subplots(figsize=(6, 2.5))
for values, name in ((low, "lower bound"), (high, "upper bound")):
    axes.hist(values, bins=30, alpha=0.5, label=f"{name}: below one in {np.mean(values < 1):.0%}")
axes.axvline(1, color="black", lw=0.8)
axes.legend()
axes.set_title("Cover of what capital in use must earn", loc="left")
plt.show()

# %% [markdown]
# The model abstains from every event: a cohort's cash over its life takes paths of use and price.

# %% [markdown]
# ## A check from outside
#
# Chips delivered, as Epoch AI counts them, retired by the same survival curves: they should lie between the
# accelerators in use and those in use or paid for.

# %%
outside = found["installed_compute"]
for quarter in outside["quarters"]:
    shown = {name: round(quarter[name]["q50"] / 1e3) for name in ("in_use", "counted", "paid_for")}
    print(quarter["period"], shown)
print(
    "growth agrees:",
    outside["growth_agrees"],
    "| in use alone agrees:",
    outside["differences"]["level_in_use"],
)

# %% [markdown]
# ## Telecom, as known at the end of 1999
#
# Hindcast on revised data; one event. Fibre lives long and its price fell slowly, so the yearly charge was
# small, and telecom broke all the same.

# %%
_, telecom = learn("telecom", date(1999, 12, 31))
print(telecom.sentence())
print(telecom.lives[0].sentence())

# %% [markdown]
# ## Exercise
#
# 1. Copy `data/priors.toml`, lower the median of `capital.life_accelerator` from 4 to 3 years, and fit again
#    with `read_priors(Path("mine.toml"))`. By how much does the charge rise, and why by less than a third?
# 2. The count from outside says that chips run soon after they are paid for. Shorten `capital.completion_lag`
#    and see which of the stocks comes nearer to the count, and what that does to cover.
