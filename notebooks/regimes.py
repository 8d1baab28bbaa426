# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # Regimes of annual investment growth
#
# Growth of investment is normal, booming or in bust. A boom ends with a chance that depends on its age, on
# how far it has run, on its share of GDP and on the spread of corporate bonds. One panel teaches all of it:
# the long series of US infrastructure investment, telecom, the five hyperscalers' sum, and each firm before
# that sum begins.

# %%
from datetime import date

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from overbuild.episodes import load_episode
from overbuild.episodes.model_series import model_series
from overbuild.models import checking
from overbuild.models.prior_file import read_priors
from overbuild.models.regimes import RegimeModel
from overbuild.models.sampler import Sampling
from overbuild.probability.definitions import read_definitions
from overbuild.randomness import stream

definitions = read_definitions()
as_of = definitions["frozen"]
snapshot = load_episode("ai", as_of, also=model_series("regimes", "ai")).snapshot
model = RegimeModel.of(read_priors().at(as_of), definitions, Sampling(chains=2, draws=300, tune=400))

# %% [markdown]
# ## The data
#
# Each member has its own years. A firm stops counting when the sum that it is part of begins.

# %%
panel = model.observed(snapshot)
pd.DataFrame(
    {
        "growth rates": [panel.known(m) for m in panel.members],
        "from": panel.years[panel.first.astype(int)],
        "to": panel.years[panel.stop.astype(int) - 1],
    },
    index=list(panel.members),
)

# %% [markdown]
# ## What the priors say before any data
#
# Panels drawn from the prior have the shape of the observed one. If the observed falls, run-ups and swings
# lay outside of what the prior draws, the prior would be wrong before the fit begins.

# %%
checking.prior_predictive(model, panel, stream("notebook/prior"), draws=200).round(2)

# %% [markdown]
# ## The fit
#
# Two short chains, for speed; the filed results use four of a thousand draws.

# %%
posterior = model.fit(snapshot, stream("notebook/fit"))
print(posterior.sampled.diagnostics.sentence())
print(posterior.sentence())

# %%
taught = checking.learnt(model, panel, posterior.sampled, stream("notebook/learnt"), draws=500)
taught[["parameter", "mean", "q05", "q95", "learnt"]].round(2)

# %% [markdown]
# The last column is the share of the prior's variance that is gone. Most slopes of the hazard learn little:
# there are few booms, and each ends once.

# %%
figure, panels = plt.subplots(1, 3, figsize=(10, 2.6), sharey=True)
for axes, member in zip(panels, ("telecom", "bea_highways", "cloud"), strict=True):
    posterior.regimes(member)[["boom", "bust"]].plot(ax=axes, title=member)

# %% [markdown]
# Telecom (hindcast on revised data; one event) is read as a bust; highways and cloud stay quiet.
#
# ## Does the model reproduce the data?

# %%
checking.posterior_predictive(model, panel, posterior.sampled, stream("notebook/posterior"), draws=100).round(
    2
)

# %% [markdown]
# ## What it says of a fall

# %%
found = posterior.findings(stream("notebook/findings"))
pd.DataFrame(found["falls"]).round(2)

# %% [markdown]
# Now ask the same of telecom at the end of 1999, four years before its trough. The model is nearly blind:
# growth had been ordinary until then.

# %%
earlier = date(1999, 12, 31)
telecom = load_episode("telecom", earlier, also=model_series("regimes", "telecom")).snapshot
then = RegimeModel.of(read_priors().at(earlier), definitions, model.sampling)
pd.DataFrame(then.fit(telecom, stream("notebook/1999")).findings(stream("notebook/1999"))["falls"]).round(3)

# %% [markdown]
# ## Exercise
#
# 1. Make the prior of `boom_gap` half as wide (`dataclasses.replace(model, priors={**model.priors,
#    ...})`). Which of the
#    numbers above move, and which were the prior's all along?
# 2. Leave out telecom (`without=("telecom",)`). How much does the chance of a fall for AI change, and why
#    so little?
# 3. Simulate a panel with `model.simulated` from one draw of the posterior and fit it. Are the regimes
#    found again?

# %%
truth = checking.typical(model, panel, posterior.sampled, stream("notebook/typical"))
again = model.simulated(truth, panel, stream("notebook/simulated"))
np.round(list(model.statistics(again).values()), 2)
