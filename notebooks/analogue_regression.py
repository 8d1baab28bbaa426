# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # Past booms as a regression
#
# Of some thirty past booms most were physically overbuilt within five years of their peak. Do those that were
# share something that can be known of a boom that has not ended? Two covariates have enough cells: the life
# of the asset and whether debt paid for it. Labels are readings by people who knew the outcome, and may err.

# %%
import csv
import tempfile
from datetime import date
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from overbuild.episodes.episode import load_episode
from overbuild.models.analogue_data import doublings
from overbuild.models.analogue_likelihood import predicted
from overbuild.models.analogue_posterior import listed_as
from overbuild.models.analogue_regression import AnalogueRegression
from overbuild.models.analogue_scores import leave_one_cluster_out
from overbuild.models.analogue_tables import analogues
from overbuild.models.checking import learnt, prior_predictive
from overbuild.models.prior_file import read_priors
from overbuild.models.sampler import Sampling
from overbuild.randomness import stream

SMALL = Sampling(chains=2, draws=300, tune=400, target_accept=0.9)
DAY = date(2026, 11, 22)

# %% [markdown]
# ## The data
#
# One row a boom. A missing cell stays missing: the model averages over it. `partly` counts as not overbuilt
# unless another reading is asked for.

# %%
snapshot = load_episode("ai", DAY).snapshot
model = AnalogueRegression.of(read_priors().at(DAY), {}, SMALL)
data = model.observed(snapshot)
booms = pd.DataFrame(
    {
        "boom": data.names,
        "life, years": 20 * 2**data.life,
        "debt": data.debt,
        "main": data.main,
        "critic": data.critic,
    }
)
print(data.booms, "booms in", data.count, "clusters; missing:", dict(data.missing))
booms.round(1).head(12)

# %% [markdown]
# ## Before the fit
#
# Lists drawn from the prior: is the observed one among them?

# %%
prior_predictive(model, data, stream("notebook/analogues/prior"), draws=300).round(2)

# %% [markdown]
# ## The fit
#
# Truth, cluster effects and missing covariates are summed out: only the common parameters are sampled.

# %%
fit = model.fit(snapshot, stream("notebook/analogues/fit"))
print(fit.sampled.diagnostics.sentence())
print(fit.sentence())
learnt(model, data, fit.sampled, stream("notebook/analogues/learnt")).round(2)

# %% [markdown]
# The slopes did not settle their signs, and of debt hardly anything was learnt. What does that leave for a
# boom like AI's?

# %%
years = np.geomspace(2, 60, 40)
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), sharey=True)
for debt, name in ((1.0, "debt"), (0.0, "no debt")):
    chance = predicted(fit.draws, doublings(years), np.full(years.size, debt))
    low, high = np.quantile(chance, [0.05, 0.95], axis=0)
    left.plot(years, chance.mean(axis=0), label=name)
    left.fill_between(years, low, high, alpha=0.15)
left.plot(20 * 2**data.life, np.full(data.booms, 0.02), "k|")
left.set_xscale("log")
left.set_xlabel("asset life, years")
left.set_ylabel("probability")
left.legend()
for psi in (1.0, 0.5, 0.2):
    right.hist(
        listed_as(fit.chance, psi), bins=30, orientation="horizontal", histtype="step", label=f"psi {psi:g}"
    )
right.legend()
right.set_xlabel("draws, AI")
left.set_ylim(0, 1)
plt.show()

# %% [markdown]
# Selection (psi) moves the answer more than anything the labels can say, and no figure speaks about it.
#
# ## A check that it can lose
#
# Each cluster forecast from the others, against the constant rate, the same regression without its
# covariates, and a coin.

# %%
short = Sampling(chains=2, draws=200, tune=300, target_accept=0.9)
scores = leave_one_cluster_out(model, data, stream("notebook/analogues/scores"), short)
pd.DataFrame(
    {rival: by["log"] for rival, by in scores.difference.items()},
    index=["log score: regression better by", "5 %", "95 %"],
).T.round(3)

# %% [markdown]
# The constant rate is beaten, and so would it be by a coin: leaving a boom out moves the rate away from it.
#
# ## Your own list
#
# The command `overbuild analogues --episodes FILE.csv --predict FILE.csv` and the function below do the same.
# Cells may be missing. Here is a list of our own making, and two booms to predict.

# %%
folder = Path(tempfile.mkdtemp())
mine = [
    ("episode", "overbuilt", "cluster", "asset_life_years", "debt_financed"),
    ("canals", "yes", "", "50", "yes"),
    ("railways", "yes", "rail", "57", "yes"),
    ("more railways", "yes", "rail", "57", ""),
    ("motorways", "no", "", "44", "no"),
    ("power", "no", "", "47", "yes"),
    ("offices", "yes", "", "40", "yes"),
    ("fibre", "yes", "", "15", "yes"),
    ("mobile", "no", "", "15", ""),
    ("cloud", "no", "", "", "no"),
]
others = [
    ("episode", "asset_life_years", "debt_financed"),
    ("short and cash", "4", "no"),
    ("unknown", "", ""),
]
for name, rows in (("mine.csv", mine), ("others.csv", others)):
    with (folder / name).open("w", newline="") as file:
        csv.writer(file).writerows(rows)
found = analogues(folder / "mine.csv", folder / "others.csv", sampling=SMALL)
print(found.sentence())
found.frame().round(2)

# %% [markdown]
# ## Exercise
#
# Blank out every `asset_life_years` of the list above and predict again. By how much does the interval of
# "short and cash" widen, and why does it not widen without bound? Then blank out `debt_financed` too: what
# does the command answer?
