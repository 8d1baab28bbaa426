# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # One clock: which year of telecom is it?
#
# A past boom is a template: a curve of log investment that is zero at its peak. Today's path is put on it
# with an unknown level, height, pace and phase. The phase is the answer to "which year is it". This
# notebook shows what the templates are, what the priors say, what is read of AI, and why not to believe
# it too much.

# %%
from datetime import date

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from overbuild.episodes.episode import load_episode
from overbuild.episodes.model_series import model_series
from overbuild.models.checking import learnt, prior_predictive
from overbuild.models.clock import ClockModel
from overbuild.models.clock_validation import summary
from overbuild.models.prior_file import read_priors
from overbuild.models.sampler import Sampling
from overbuild.randomness import stream

TODAY = date(2026, 11, 22)


def snapshot(episode: str, as_of: date):
    """Return what was known of an episode on a day."""
    return load_episode(episode, as_of, also=model_series("clock", episode)).snapshot


def model(as_of: date) -> ClockModel:
    """Return the model with the priors held on a day, and few draws."""
    return ClockModel.of(read_priors().at(as_of), {}, Sampling(chains=2, draws=300))


# %% [markdown]
# ## The data: a path and its templates
#
# Fourteen quarters of the five firms' capex as a share of GDP, and every past boom whose whole course was
# known on the day. Before the first and after the last year of a boom its curve is flat.

# %%
ai = model(TODAY)
data = ai.observed(snapshot("ai", TODAY))
pd.DataFrame(
    {
        "template": [t.title for t in data.templates],
        "measure": [t.measure for t in data.templates],
        "peak": [t.peak for t in data.templates],
        "rise, times": [np.exp(t.rise) for t in data.templates],
        "fall, share": [1 - np.exp(-t.fall) for t in data.templates],
    }
).round(2)

# %%
figure, axes = plt.subplots(1, 2, figsize=(10, 3.5))
for t in data.templates:
    s = np.linspace(t.start, t.end, 200)
    axes[0].plot(s, t.at(s), label=t.name)
axes[0].set(title="Templates", xlabel="years from the peak", ylabel="log of the measure over its peak")
axes[0].legend(fontsize=7)
axes[1].plot(data.years, np.exp(data.y), "o-")
axes[1].set(title="Capex of the five firms, % of GDP", xlabel="years from the last quarter")
plt.show()

# %% [markdown]
# ## What the priors say
#
# Paths drawn from the prior cover rises and falls of every size. `p_value` says where the path that
# happened lies among them.

# %%
prior_predictive(ai, data, stream("notebook/prior"), draws=300).round(2)

# %% [markdown]
# ## The posterior
#
# It is a sum over a grid, so weights and phases are exact, draws are independent, and a fit takes a
# second or two. There is no Markov chain to fail: the diagnostics are those of independent draws.

# %%
posterior = ai.fit(snapshot("ai", TODAY), stream("notebook/fit"))
print(posterior.sentence())
learnt(ai, data, posterior.sampled, stream("notebook/learnt"), draws=500).round(2)

# %%
findings = posterior.findings(stream("notebook/findings"))
pd.DataFrame(
    [
        {
            "template": t["title"],
            "weight": t["weight"],
            "phase": t["phase"]["q50"],
            "low": t["phase"]["q05"],
            "high": t["phase"]["q95"],
            "past its peak": t["phase"]["past_peak"],
        }
        for t in sorted(findings["templates"], key=lambda t: -t["weight"])
    ]
).round(2)

# %% [markdown]
# The year of telecom that today corresponds to, if telecom is the template that applies. Look at its
# weight above before quoting it.

# %%
told = findings["telecom_year"]
figure, axes = plt.subplots(figsize=(6, 3))
axes.bar(told["years"], told["probability"])
axes.set(title=f"Weight of telecom: {told['weight']:.2f}", xlabel="year of telecom", ylabel="probability")
plt.show()

# %% [markdown]
# ## Does it forecast?
#
# The log density of the next two quarters, fitted to data up to three origins, beside a trend and random
# walks that know no past boom.

# %%
pd.DataFrame(findings["mean_scores"]).query("horizon == 2").round(2)

# %% [markdown]
# ## Tried where the answer is known
#
# Each past boom is cut off and read by the others. Up to the peak, the median is further off than one
# constant would be; after it, the clock sees what everybody sees.

# %%
tried = summary(posterior.tried)
pd.DataFrame({"all dates": tried["all"], "up to the peak": tried["rising"]}).round(2)

# %% [markdown]
# And telecom itself, left out of the templates, as known at the end of each year (hindcast on revised
# data; one event). Its peak was in 2000.

# %%
rows = []
for year in range(1997, 2002):
    day = date(year, 12, 31)
    read = model(day).fit(snapshot("telecom", day), stream("notebook/telecom", index=year))
    phase = np.quantile(read.sampled.draws("phase"), [0.05, 0.5, 0.95])
    last = int(read.data.periods[-1])
    rows.append({"known to": last, "truth": last - 2000, "low": phase[0], "read": phase[1], "high": phase[2]})
pd.DataFrame(rows).round(1)

# %% [markdown]
# ## Exercise
#
# The height of a template is free, because miles of track and shares of GDP have no common scale. Hold it
# near one and see which template then explains the path, and what becomes of telecom's year.

# %%
strict = ClockModel({**ai.priors, "height": (1.0, 0.05)}, ai.sampling)
again = strict.fit(snapshot("ai", TODAY), stream("notebook/strict"))
print({t.name: round(float(w), 2) for t, w in zip(again.data.templates, again.weights, strict=True)})
