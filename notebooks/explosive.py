# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # Were prices explosive?
#
# A price may be a random walk, an explosion that feeds on its own height, or a collapse back to where the
# explosion began. We let volatility change, sum over all sequences of regimes, and ask how probable an
# explosion is and when it began. Telecom results are a hindcast on revised data; one event.

# %%
from datetime import date

import matplotlib.pyplot as plt
import numpy as np

from overbuild.episodes import load_episode
from overbuild.episodes.model_series import model_series
from overbuild.models.explosive import ExplosiveModel
from overbuild.models.explosive_data import BEFORE
from overbuild.models.explosive_posterior import prior_any_long, regimes_of
from overbuild.models.prior_file import read_priors
from overbuild.models.sampler import Sampling
from overbuild.randomness import stream

AS_OF = date(2026, 11, 22)
episode = load_episode("telecom", AS_OF, also=model_series("explosive", "telecom"))
priors = read_priors().at(AS_OF)
small = Sampling(chains=2, draws=300, tune=400, target_accept=0.9, cores=2)
values = priors.values("explosive")

# %% [markdown]
# ## Data
# Shares of the telecom industry, total return, cumulated. The window is fifteen years, and telecom ends with
# 2006.

# %%
model = ExplosiveModel(values, series="telecom_shares", sampling=small)
data = model.observed(episode.snapshot)
years = 1992 + np.arange(len(data.months)) / 12
plt.plot(years, data.level[BEFORE:])
plt.title(f"Log price, {data.months[0]} to {data.months[-1]}")
plt.show()

# %% [markdown]
# ## What the prior says
# Prices drawn from the prior: most are ordinary, and some explode. The window holds an explosion of half a
# year or more with this probability before any price is seen:

# %%
rng = stream("notebooks/explosive")
print(f"{prior_any_long(values, len(data.months), rng):.2f}")
for _ in range(8):
    made = model.simulated(model.prior_draw(data, rng), data, rng)
    plt.plot(years, np.clip(made.level[BEFORE:], -3, 6), lw=0.8)
plt.title("Log prices drawn from the prior, cut at -3 and 6")
plt.show()

# %% [markdown]
# ## Posterior
# A small fit: four times the draws and chains make the filed one.

# %%
posterior = model.fit(episode.snapshot, stream("notebooks/explosive/fit"))
print(posterior.sampled.diagnostics.sentence())
print(posterior.sentence())
chances = posterior.regimes.probabilities
plt.fill_between(years, chances[:, 1], label="explosive", alpha=0.8)
plt.fill_between(years, chances[:, 1], chances[:, 1] + chances[:, 2], label="collapse", alpha=0.3)
plt.legend()
plt.title("Probability of a regime, month by month")
plt.show()
print(posterior.dating().table.T)

# %% [markdown]
# ## What was learnt
# The root and the chance that an explosion goes on keep most of the spread of their priors: one episode says
# little about either.

# %%
prior = [model.prior_draw(data, rng) for _ in range(1000)]
for name in model.ranked:
    before = np.std([p[name] for p in prior])
    after = posterior.sampled.draws(name).std()
    print(f"{name:24s} prior s.d. {before:.3f}   posterior s.d. {after:.3f}")

# %% [markdown]
# ## A check
# Prices that are a random walk with the same volatility: is an explosion called?

# %%
walk = {n: posterior.sampled.draws(n).mean(axis=0) for n in (*model.ranked, "log_scale")}
quiet = model.simulated(walk | {"stay_random_walk": np.asarray(1.0)}, data, rng)
sampled = model.fit_data(quiet, stream("notebooks/explosive/check"), small)

print(f"P(an explosion of half a year or more): {regimes_of(quiet, sampled, values, rng).any_long:.2f}")

# %% [markdown]
# ## Exercise
# 1. Take `series="nasdaq"` and compare the start with June 1995, where Phillips, Wu and Yu (2011) put it.
# 2. Double the scale of `explosive_root` in `values` (`{**values, "explosive_root": 0.06}`). Does the
#    probability of an explosion rise? Why may it fall?
# 3. What would have to be known besides prices to tell an explosion from fast growth of earnings?
