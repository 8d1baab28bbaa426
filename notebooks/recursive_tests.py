# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # Recursive tests of a series of yours
#
# Right-tailed unit-root tests in all windows (Phillips, Shi and Yu, 2015) of a column of a CSV file: is the
# root ever above one, and when? Point `FILE` and `COLUMN` at your own. Without them the notebook writes a
# file of its own: the NASDAQ Composite over consumer prices. An explosive series is not an overbuilt sector.

# %% tags=["parameters"]
FILE = ""
COLUMN = "real_nasdaq"
LOG = True
LAGS = 0
quick = False

# %%
import csv
import tempfile
from datetime import date
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from overbuild.episodes import DataBook
from overbuild.explosive import (
    CollapsingBubbles,
    MonteCarlo,
    RandomWalk,
    RecursiveADF,
    Rule,
    WildBootstrap,
    psy,
)
from overbuild.explosive.drift import WithDrift
from overbuild.explosive.file import read_series
from overbuild.randomness import stream

replications = 199 if quick else 999

# %% [markdown]
# ## Data
# A line of names, then an observation a line, in order of time; a column called date, period, month or year
# is the calendar.

# %%
if FILE:
    path = Path(FILE)
else:
    snapshot = DataBook.load().at(date(2026, 11, 22), "ai", ("nasdaq_index", "cpi_u"))
    rows = snapshot.table[snapshot.table["series"].isin(["nasdaq_index", "cpi_u"])]
    wide = rows.pivot_table(index="period", columns="series", values="value").dropna()
    path = Path(tempfile.mkdtemp()) / "nasdaq.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["month", COLUMN])
        writer.writerows(zip(wide.index, 100 * wide["nasdaq_index"] / wide["cpi_u"], strict=True))
(series,) = read_series(path, [COLUMN])
series = series.log() if LOG else series
plt.plot(series.values)
plt.title(f"{series.name}, {series.label(0)} to {series.label(-1)}, {len(series)} observations")
plt.show()

# %% [markdown]
# ## The test
# Critical values are simulated for this length, these lags and this window, here under a Gaussian random
# walk. Episodes are the runs of dates, as long as the logarithm of the number of observations or longer, at
# which BSADF exceeds its 95 % quantile for that date.

# %%
test = RecursiveADF(lags=LAGS)
(plain,) = psy(series, test, MonteCarlo(replications=replications), Rule(replications=99))
print(plain.summary())
print(plain.dating().table[["start", "peak", "end", "duration", "ongoing"]])
plain.plot()
plt.show()

# %% [markdown]
# ## Does it survive volatility that changes, and a drift?
# The wild bootstrap keeps the pattern of volatility over time; the last row keeps the mean change as well.
# With overlapping sums, such as trailing years, use `overbuild.explosive.overlap.Overlapping` around a null.

# %%
wild = WildBootstrap(replications=replications)
nulls = {"Gaussian random walk": None, "wild bootstrap": wild, "wild bootstrap with drift": WithDrift(wild)}
found = {
    name: plain if null is None else psy(series, test, null, Rule(replications=0))[0]
    for name, null in nulls.items()
}
print(pd.DataFrame({n: r.frame().set_index("test")["p_value"] for n, r in found.items()}).round(3))

# %% [markdown]
# ## How much is an episode worth?
# A random walk of the same length, and a bubble: what the rule finds in each. The chance that a random walk
# shows any episode is printed with the dates.

# %%
rng = stream("notebooks/recursive_tests")
for name, process in (("random walk", RandomWalk()), ("one bubble", CollapsingBubbles())):
    made = process.paths(1, min(len(series), 200), rng)[0]
    (result,) = psy(made, RecursiveADF(), MonteCarlo(replications=199), Rule(replications=0))
    spans = [(e.start, e.stop) for e in result.episodes]
    print(f"{name}: GSADF {float(result.sequences.gsadf):.2f}, episodes {spans}")
print(f"chance of an episode in a random walk: {np.round(plain.false_alarm.value, 2)}")

# %% [markdown]
# ## Exercise
# 1. Date with `Rule(cut="sadf")` and `Rule(cut="familywise")`. Which episodes are left, and why?
# 2. Take `LAGS = 4`. How do the p-values move, and what do Phillips, Shi and Yu advise?
# 3. Cut the file at the end of 1999. Would the test have said so at the time, with the bootstrap?
