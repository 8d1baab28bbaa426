# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # The investment dilemma
#
# Executives say that they fear too little compute more than too much, and the press calls it a prisoner's
# dilemma. Is it one, and how much capacity does it add, against which benchmark? This notebook goes from
# closed forms to what data can tell, which is less than one would like.

# %%
from datetime import date

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from overbuild.episodes.episode import load_episode
from overbuild.episodes.model_series import model_series
from overbuild.games.class_posterior import class_posterior
from overbuild.games.class_priors import draw_games
from overbuild.games.contest import Contest, overbuild_ratio, rivalry_ratio, symmetric
from overbuild.games.contest_shares import ContestModel
from overbuild.games.counterfactuals import Usual, counterfactuals
from overbuild.games.entry import CLASSES, TITLES, EntryGame, advantage, class_of
from overbuild.games.qre import branches
from overbuild.games.quantal_data import quantal_data
from overbuild.games.race import RaceSpec
from overbuild.games.race_file import run
from overbuild.games.repeated import restraint
from overbuild.models.prior_file import read_priors
from overbuild.randomness import stream

TODAY = date(2026, 11, 22)
PRIORS = read_priors().at(TODAY)


def snapshot(model: str, episode: str = "ai"):
    """Return what was known of an era today."""
    return load_episode(episode, TODAY, also=model_series(model, episode)).snapshot


# %% [markdown]
# ## The contest: rivalry, break-even, planner
#
# Five firms share a prize that grows with industry capacity. More is built than joint profit asks for when
# a lead in capacity carries far into a lead in revenue ($r > \eta$); more than a planner would build only
# if enough of the prize is taken from others.

# %%
print(symmetric(Contest(5, 1.0, 0.5)).sentence())

# %%
r = np.linspace(0.05, 1.1, 200)
figure, axes = plt.subplots(1, 2, figsize=(10, 3.2))
for eta in (0.3, 0.5, 0.8):
    part = r <= (5 - eta) / 4
    axes[0].plot(r[part], rivalry_ratio(5, r[part], eta), label=f"$\\eta$ = {eta}")
    axes[1].plot(r[part], overbuild_ratio(5, r[part], eta, 0.3), label=f"$\\eta$ = {eta}")
for ax, title in zip(axes, ("over joint profit", "over a planner, 30 % a transfer"), strict=True):
    ax.axhline(1, color="black", lw=0.5)
    ax.set(yscale="log", xlabel="decisiveness r", title=title)
axes[0].legend()
plt.show()

# %% [markdown]
# ### With parameters that have posteriors
#
# Decisiveness is read from shares of cloud revenue and of capital, which describe and do not identify an
# effect; elasticity and transfer share are priors. The interval of the ratio is as wide as that.

# %%
model = ContestModel.of(PRIORS, {})
posterior = model.fit(snapshot("contest"), stream("notebook/contest"))
print(posterior.sentence())
found = counterfactuals(snapshot("contest"), PRIORS, Usual(subsidy=0.2, cost_of_capital=0.1, life=4))
pd.DataFrame(
    {case: row["over_planner"] | {"above 1": row["above_planner"]} for case, row in found["cases"].items()}
).T.round(2)

# %% [markdown]
# ## Build or hold: the class of the game
#
# A prisoner's dilemma needs two things: building pays though rivals hold, and all fare worse if all build.
# Renting outside capacity takes the business at risk away, and the dilemma with it.

# %%
for rented in (0.0, 0.3, 0.6, 0.9):
    game = EntryGame(5, surplus=0.9, business_at_risk=0.8, pass_through=0.5, rented=rented, late_penalty=0.05)
    gain = advantage(game).round(2)
    threshold = restraint(game).threshold
    print(f"renting avoids {rented:.0%}: {TITLES[class_of(game)]}; gain by rivals that build {gain};")
    print(f"    restraint holds from a discount factor of {threshold:.2f}")

# %% [markdown]
# ## Noisy choice: every branch, through the folds
#
# In the trap nobody building and all building are both equilibria. Seen as quantal responses, the three
# branches appear at a fold.

# %%
trap = advantage(
    EntryGame(5, surplus=0.6, expansion=0.9, business_at_risk=2.0, pass_through=0.1, late_penalty=0.0)
)
for branch in branches(trap, up_to=12.0):
    plt.plot(branch.precision, branch.share, label="principal" if branch.principal else "other")
plt.xlabel("precision of choice")
plt.ylabel("probability of building")
plt.legend()
plt.show()

# %% [markdown]
# ## What the choices say
#
# Draws of the pay-offs are weighted with the likelihood of what five firms did: whether each raised the
# growth of its spending, quarter by quarter. Look at prior and posterior together, and at how much hangs on
# taking the share of rises for a pay-off.

# %%
panel = quantal_data(snapshot("quantal_response"))
entry = PRIORS.values("entry")


def games(size, rng):
    """Draw games from the main prior."""
    return draw_games("main", size, rng, entry)


table = {}
for reading in ("slope", "literal"):
    weighed = class_posterior(
        panel,
        games,
        PRIORS.values("quantal_response"),
        stream(f"notebook/{reading}"),
        reading=reading,
        draws=5_000,
    )
    classes = weighed.classes()
    table["prior"] = {TITLES[c]: classes[c]["prior"] for c in CLASSES}
    table[reading] = {TITLES[c]: classes[c]["posterior"] for c in CLASSES}
    print(f"{reading}: {weighed.effective:.0f} effective draws, {weighed.moved():.0%} moved")
pd.DataFrame(table).round(2)

# %% [markdown]
# ## A race in capacity
#
# The dynamic game of three firms, solved exactly: capacity against planners, and who loses.

# %%
race = run(RaceSpec())
print(race.sentence())
race.frame()

# %% [markdown]
# ## Exercise
#
# Let machines live six years in place of four: put `depreciation=1 / 6` into `RaceSpec` and see what happens
# to idle capacity and to the owners' loss. Then ask who gains from a race: owners, users, or neither?
