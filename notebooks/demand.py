# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # Demand: how fast it grows, and where it stops
#
# Capacity is too much only against a demand. The model fits a growth curve with an unknown ceiling to
# several sources at once. The data tell how fast demand grows; of where it stops they tell almost nothing
# before growth slows.

# %%
from datetime import date

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from overbuild.episodes.episode import load_episode
from overbuild.episodes.model_series import model_series
from overbuild.models.checking import prior_predictive
from overbuild.models.demand import DemandModel
from overbuild.models.demand_paths import coming_dates, drawn_paths
from overbuild.models.prior_file import read_priors
from overbuild.models.sampler import Sampling
from overbuild.randomness import stream

SMALL = Sampling(chains=2, draws=300, tune=400)


def known(episode: str, day: date):
    """Return what was known on a day and the model with the priors of that day."""
    snapshot = load_episode(episode, day, also=model_series("demand", episode)).snapshot
    return snapshot, DemandModel.of(read_priors().at(day), {}, SMALL)


# %% [markdown]
# ## The data
#
# The index of AI demand is the announced revenue of two laboratories; Microsoft's AI business, Google's
# tokens, ChatGPT's users and the share of firms that use AI move with it, each by an elasticity of its own.
# Levels of different units are never compared, and no two providers' tokens are joined.

# %%
snapshot, model = known("ai", date(2026, 11, 22))
data = model.observed(snapshot)
figures = pd.DataFrame(
    {
        "year": data.years(),
        "source": [next(s.title for s in data.sources if s.slot == k) for k in data.slot],
        "value": np.exp(data.value),
    }
)
figures.groupby("source")["value"].agg(["size", "first", "last"])

# %%
fig, axes = plt.subplots(figsize=(7, 3.5))
for title, rows in figures.groupby("source"):
    axes.plot(rows["year"], rows["value"] / rows["value"].iloc[-1], "o-", ms=3, lw=0.7, label=title)
axes.set_yscale("log")
axes.set_ylabel("over the last figure")
axes.legend(fontsize=7)
plt.show()

# %% [markdown]
# ## Before the fit
#
# Data drawn from the prior: growth of each source a year and how much it bends. Are the observed values
# among them?

# %%
prior_predictive(model, data, stream("notebook/demand/prior"), draws=300).round(2)

# %% [markdown]
# ## The fit
#
# All deviations and biases are integrated out; what is left is sampled.

# %%
fit = model.fit(snapshot, stream("notebook/demand/fit"))
print(fit.sampled.diagnostics.sentence())
print(fit.sentence())

# %% [markdown]
# What was learnt? Growth is. The headroom is shown against what a reader would hold who knows the level of
# demand and nothing of its path: the two are all but the same.

# %%
before, _ = fit.headroom_before(stream("notebook/demand/before"))
after = fit.sampled.draws("headroom")
fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3))
left.hist(fit.sampled.draws("growth_now"), bins=30, density=True)
left.set_title("growth now, logs a year")
for values, name in ((before, "before"), (after, "after")):
    right.hist(values, bins=np.linspace(0, 6, 40), density=True, histtype="step", label=name)
right.axvline(np.log(2), color="black", lw=0.7)
right.set_title("log of ceiling over level")
right.legend()
plt.show()
print(f"share of the variance of headroom learnt: {fit.learnt_of_headroom:.2f}")
print(f"chance that growth in levels has turned: {fit.turned().mean():.2f}")

# %% [markdown]
# ## A check that can fail
#
# Telecom as it was known at the end of 1999 (a hindcast on revised data; one event): what did the model
# expect of later traffic, and what came? The figures that came are in no fit.

# %%
then, telecom = known("telecom", date(1999, 12, 31))
hindcast = telecom.fit(then, stream("notebook/demand/telecom"))
points, names = coming_dates(hindcast.data, 2002)
paths = drawn_paths(telecom, hindcast.data, hindcast.truths, points, stream("notebook/demand/paths"))
low, middle, high = np.exp(np.quantile(paths, [0.05, 0.5, 0.95], axis=0))
later, _ = known("telecom", date(2026, 11, 22))
came = telecom.observed(later)
slots = {s.name: s.slot for s in came.sources}
rows = []
for i, (name, day) in enumerate(names):
    near = (came.slot == slots[name]) & (np.abs(came.years() - hindcast.data.years(points.time)[i]) < 0.1)
    if near.any():
        value = float(np.exp(came.value[near][0]))
        rows.append((name, day, low[i], middle[i], high[i], value, low[i] <= value <= high[i]))
pd.DataFrame(rows, columns=["source", "date", "5 %", "median", "95 %", "came", "inside"]).round(0)

# %% [markdown]
# ## Exercise
#
# Raise the median of the prior of the ceiling threefold with
# `model.with_priors(ceiling_laboratories=(3_000_000.0, 1.0))`, fit again (nothing is compiled anew), and
# compare the median of `fit.gains(np.array([4.6]))`, the log of demand by the end of 2030 over its last
# level. By how much does it move, and what in the data could have objected?
