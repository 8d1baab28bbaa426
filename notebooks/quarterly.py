# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # Regimes by quarter
#
# Is spending normal, in a boom or in a bust, and does idle capacity end a boom? We fit one model to two
# eras: the capex of five hyperscalers, and the orders and shipments of telecom's suppliers with the use of
# their plants. Everything on telecom is a hindcast on revised data, and it is one event.

# %%
from datetime import date

import matplotlib.pyplot as plt
import numpy as np

from overbuild.episodes import load_episode
from overbuild.models.prior_file import read_priors
from overbuild.models.quarterly import QuarterlyModel
from overbuild.models.sampler import Sampling
from overbuild.probability.definitions import read_definitions
from overbuild.randomness import stream

day = date(2026, 11, 22)
model = QuarterlyModel.of(read_priors().at(day), read_definitions(), Sampling(chains=2, draws=300, tune=400))

# %% [markdown]
# ## Data
#
# Growth on the quarter before, with its season, in logs. Growth on the year before is easier to read, but
# its errors overlap; the model sees the quarters.

# %%
snapshots = {name: load_episode(name, day).snapshot for name in ("ai", "telecom")}
data = {name: model.observed(snapshot) for name, snapshot in snapshots.items()}
for name, seen in data.items():
    print(name, seen.layers, seen.time[0], "to", seen.time[-1], "- statistics:")
    print("   ", {k: round(v, 2) for k, v in model.statistics(seen).items()})

# %% [markdown]
# ## What the priors make of it
#
# Draw parameters from the prior and data from the parameters. The observed statistics should not be odd
# among these.

# %%
rng = stream("notebook/quarterly")
seen = data["telecom"]
drawn = [model.statistics(model.simulated(model.prior_draw(seen, rng), seen, rng)) for _ in range(300)]
for name, value in model.statistics(seen).items():
    low, high = np.quantile([d[name] for d in drawn], [0.05, 0.95])
    print(f"{name:25s} observed {value:6.2f}   prior {low:6.2f} to {high:6.2f}")

# %% [markdown]
# ## Fit
#
# A short run, to be quick: two chains of 300 draws. It misses the marks of convergence, which four chains of
# a thousand reach.

# %%
found = {name: model.fit(snapshots[name], stream(f"notebook/quarterly/{name}")) for name in snapshots}
for fit in found.values():
    print(fit.sentence())
    print("   ", fit.sampled.diagnostics.sentence())

# %% [markdown]
# ## Regimes
#
# The pauses of 2018-19 and 2022-23 are no busts; 2001-02 is one.

# %%
figure, panels = plt.subplots(2, 1, figsize=(8, 5), layout="constrained")
for axes, (name, fit) in zip(panels, found.items(), strict=True):
    regimes = fit.regimes()
    for regime in ("boom", "bust"):
        axes.plot(range(len(regimes)), regimes[regime], label=regime)
    axes.set_xticks(range(0, len(regimes), 8), regimes.index[::8])
    axes.set_title(name)
    axes.legend()

# %% [markdown]
# ## Does idle capacity end a boom?
#
# The slope of the end of a boom in slack (how far use lies below normal). The prior has a standard
# deviation of 0.3 and no sign. Telecom's boom ended while plants were full, so that the posterior is nearly
# the prior.

# %%
for name in ("slack_exit", "slack_bust"):
    draws = found["telecom"].sampled.draws(name)
    low, high = np.quantile(draws, [0.05, 0.95])
    print(
        f"{name}: {low:.2f} to {high:.2f}; share of the prior's variance learnt {1 - draws.var() / 0.09:.0%}"
    )

# %% [markdown]
# ## Check: would it have warned?
#
# The same model as of the end of 1999, with what was known then. Orders fell by more than half within three
# years.

# %%
then = date(1999, 12, 31)
early = QuarterlyModel.of(read_priors().at(then), read_definitions(), model.sampling)
hindcast = early.fit(load_episode("telecom", then).snapshot, stream("notebook/quarterly/1999"))
for row in hindcast.findings(stream("notebook/quarterly/ahead"))["ahead"]:
    print(f"{row['layer']:20s} O3 by {row['by']}: {row['probability']:.2f}")
print("learnt of what decides it:", {k: f"{v:.0%}" for k, v in hindcast.learnt(stream("x")).items()})

# %% [markdown]
# ## Exercise
#
# The quarterly model can take over what an annual panel taught: `panel` is a mapping from a parameter to
# its mean and standard deviation. Suppose a panel says that two booms in three end in a bust that takes 40
# points off growth:
#
# ```python
# from dataclasses import replace
#
# bolder = replace(model, panel={"after_boom": (0.67, 0.08), "bust_gap": (0.40, 0.06)})
# ```
#
# Fit it to AI. How much does the chance of O3 by 2028 move, and what of that did the data of AI contribute?
