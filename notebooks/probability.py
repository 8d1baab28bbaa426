# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---

# %% [markdown]
# # The probability of overbuild, taken apart
#
# One number is worth little. This notebook prints it as a sum, with its ranges and with what its models
# said where the outcome is known; then you change it. All is read from results on file in `data/filed`,
# and nothing is fitted before the last section (where you changed code or data, hindcasts are made again
# first, which takes long: `overbuild backtest` shows how far it is). The text says how things are
# defined; what was found is printed by the cells, so that it changes when the results do. Telecom is
# everywhere a hindcast on revised data, and it is one event.

# %% tags=["parameters"]
quick = False

# %%
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from tempfile import mkdtemp

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from overbuild.episodes import DataBook
from overbuild.errors import InputError
from overbuild.locations import data_dir
from overbuild.models.analogue_tables import analogues
from overbuild.models.sampler import Sampling
from overbuild.pipeline.backtest import backtest
from overbuild.pipeline.inside_view import asked, forecast, inputs_of
from overbuild.pipeline.specification import Curve, filed, sentence, summarised
from overbuild.probability.components_on_file import components_on_file
from overbuild.probability.definitions import events_for
from overbuild.probability.headline import probability_of_overbuild
from overbuild.probability.own_weights import with_weights
from overbuild.randomness import stream
from overbuild.simulation import InsideView, simulate
from overbuild.simulation.bounded import judge

pd.set_option("display.max_colwidth", 60, "display.width", 110)

# %% [markdown]
# ## The headline is a sum
#
# Each model's probability of the event times its weight, and a term for the models that nobody has
# thought of, which stands on the base rate. Nothing else goes into the number. A weight is *learnt* where
# targets have resolved on which the model can be told from another, and *set* where not; `worth` counts
# those targets as if they were independent. The command `overbuild probability` prints the same.

# %%
answer = probability_of_overbuild("ai")
headline = answer.headline
terms = pd.DataFrame(headline["terms"]).set_index("model")
print(f"{headline['event']}, by {headline['by']}, as known on {answer.as_of}: {headline['title']}.")
counted = terms.query("weight > 0")
print(" + ".join(f"{t.weight:.3f} x {t.probability:.3f} ({m})" for m, t in counted.iterrows()))
print(f"   = {terms.contribution.sum():.3f}; the headline on file: {headline['probability']:.3f}")
zero = [f"{m} {why}" for m, why in terms.why_zero.items() if why]
print("without weight:", "; ".join(zero) or "no model that speaks")
terms[["weight", "probability", "contribution", "origin", "worth", "note"]].round(3)

# %% [markdown]
# ## Three ranges, not to be added up
#
# *Monte Carlo* is how far the number would move if the same models were simulated again. *Parameters*
# takes every model to its low, or every one to its high, end. *Models* is the least and the most over
# other combinations of the same models and other rules for the base rate: the rows below it.

# %%
rows = {f"range: {name}": list(ends) for name, ends in answer.ranges.items()}
for name, given in answer.alternatives.items():
    values = list(given.values()) if isinstance(given, dict) else np.atleast_1d(given)
    if len(values):
        rows[name.replace("_", " ")] = [min(values), max(values)]
ranges = pd.DataFrame(rows, index=["low", "high"]).T
figure, axes = plt.subplots(figsize=(8, 2.8))
for place, (name, (low, high)) in enumerate(ranges.iterrows()):
    color = "tab:blue" if str(name).startswith("range") else "grey"
    axes.plot([low, high], [place, place], color=color, lw=5, solid_capstyle="butt", marker="|")
axes.axvline(headline["probability"], color="black", lw=0.8)
axes.set_yticks(range(len(ranges)), ranges.index)
axes.invert_yaxis()
axes.set(xlabel=f"probability of {headline['event']} by {headline['by']}", xlim=(0, None))
plt.show()
width = pd.Series({name: high - low for name, (low, high) in answer.ranges.items()}).sort_values()
print("from narrow to wide:", ", ".join(f"{name} {w:.3f}" for name, w in width.items()))
ranges.round(3)

# %% [markdown]
# ## Every event and horizon, and who abstains
#
# Five events, the composite (owners lose, and capacity stands idle or spending falls), and physical
# overbuild, which has no date of its own. An empty cell: no model that may count speaks. A model abstains
# rather than guess where its paths do not hold what the event asks for; an event that arithmetic excludes
# is exactly zero.

# %%
every = pd.DataFrame(list(answer.combined.values()))
table = every.pivot(index="event", columns="by", values="probability")
silent = sorted(set(every.event) - set(every.dropna(subset="probability").event))
excluded = [f"{e.event} by {e.by}" for e in every.itertuples() if "impossible" in e.note]
print("no usable model:", ", ".join(silent) or "nowhere", "- impossible:", ", ".join(excluded) or "none")
table.rename(columns={"": "its own date"}).round(3).astype(object).where(table.notna().to_numpy(), "")

# %%
print("What each model says, usable or not:")
said = pd.DataFrame([f for made in answer.by_model.values() for f in made])
spoken = said.dropna(subset="probability")
spoken.set_index("model")[["event", "by", "probability", "mc_error", "evidence", "status"]].round(3)

# %%
for model, made in said[said.probability.isna()].groupby("model", sort=False):
    why = defaultdict(list)
    for f in made.itertuples():
        why[f.abstains].append(f.event)
    print(f"{model} abstains:")
    for reason, events in why.items():
        print(f"   {', '.join(dict.fromkeys(events))}: {reason}")

# %% [markdown]
# ## The inside view, and what it is worth
#
# One recursion by quarter joins demand, capital, prices, cash and spending, with feedback from use and
# cash to spending. Each forecast comes with the share of what decides it that data have taught; below a
# mark it is called prior-driven and weighs nothing above. It is there to say how events hang together and
# what follows from an assumption, which you can change: below, where demand stops, and whether low use and
# missing cash end booms at all. More is in `InsideView`.

# %%
record = forecast("ai")
told = pd.DataFrame(record.forecasts).set_index(["event", "by"])
told["learnt"] = pd.DataFrame(record.result["learnt"]).set_index(["event", "by"])["learnt"]
print("counted:", [" by ".join(k) for k in told.query("evidence != 'prior-driven'").index])
told[["probability", "mc_error", "learnt", "evidence"]].round(2)

# %%
inputs = inputs_of(asked("ai", quick=quick))
assumed = {
    "as it is": InsideView(),
    "demand stops at half": InsideView(ceiling_scale=0.5),
    "demand stops at twice": InsideView(ceiling_scale=2.0),
    "nothing acts back": InsideView(feedback=0.0),
}
rows = {}
for name, view in assumed.items():
    made = simulate(view, inputs, 1_200 if quick else 6_000, stream("notebook/inside view"))
    held = {
        (e, by): float(np.nanmean(judge(events_for("ai", by=by)[e][0], made).holds))
        for by in view.horizons
        for e in ("O1", "O2", "O3", "composite")
    }
    rows[name] = held
pd.DataFrame(rows).T.round(2)

# %% [markdown]
# ## The telecom film, beside quiet booms
#
# Each model is asked at the end of each year for the chance that spending falls as the event asks,
# telecom's own cluster left out of what it learns from. A model that warns would rise before the bust,
# and above booms of the same age that then stayed quiet (grey), asked by the same settings. Ages are
# years since the trough that began the boom.

# %%
found = backtest()
telecom = found.results["telecom"]
print(found.sentence())
years = max(r["years"] for r in telecom["film"])
film = [r for r in telecom["film"] if r["years"] == years]
shown = list(dict.fromkeys(r["model"] for r in film))
figure, panels = plt.subplots(1, len(shown), figsize=(11, 2.8), layout="constrained", sharey=True)
for axes, model in zip(panels, shown, strict=True):
    for r in (r for r in film if r["model"] == model):
        own = r["boom"] == "telecom"
        look = {"color": "tab:red", "lw": 2, "zorder": 3} if own else {"color": "grey", "lw": 0.6}
        axes.plot(r["age"], r["probability"], **look)
    axes.set(title=model.replace("_", " "), xlabel="age", ylim=(0, None))
figure.suptitle(f"Fall within {years} years; telecom red. {telecom['label']}", fontsize=9)
plt.show()

# %%
findings = pd.DataFrame(telecom["film_findings"]).query("years == @years").set_index("model")
for model, f in findings.iterrows():
    print(f"{model}: {'rises' if f.rises else 'does not rise'} from year to year into the peak", end="; ")
    print(f"of {f.quiet} quiet booms of telecom's age at the peak {f.below} stand below it")
    if f.quiet:
        print(f"   their median is {f.quiet_median:.3f} and their highest {f.quiet_highest:.3f}")
seen = pd.DataFrame(findings.as_seen.to_dict())
print(f"\nAs each model saw telecom on the day ({telecom['label']}):")
seen.round(3)

# %% [markdown]
# The combination by the same rules, its weights learnt with telecom's rows left out.

# %%
outcome = {(r["as_of"], r["by"]): r["happened"] for r in telecom["rows"] if r["panel"] == "telecom_spending"}
rows = []
for day in sorted({day for day, _ in outcome}):
    then = probability_of_overbuild("telecom", as_of=date.fromisoformat(day)).headline
    rows.append((day, then["by"], then["probability"], outcome.get((day, then["by"]))))
print(telecom["label"])
pd.DataFrame(rows, columns=["as_of", "by", "probability", "happened"]).set_index("as_of").round(3)

# %% [markdown]
# ## Where the models fail
#
# A forecast that knows something is higher where the event came than where it did not, and has a smaller
# Brier score than a rival that knows less: the constant rate, or a coin. Telecom is one boom: its
# differences tell nobody apart, whatever their size.

# %%
print(telecom["label"])
worse = []
for s in (s for s in found.scores if s["panel"].startswith("telecom") and not s["rival"]):
    over = next(a["brier"] for a in s["against"] if a["rival"] == "constant")
    worse.append(over > 0)
    print(f"{s['model']}, {s['panel']}: Brier {s['brier']:.3f} over {s['cases']} cases,", end=" ")
    print(f"{'worse' if over > 0 else 'better'} than the constant rate by {abs(over):.3f} on the same cases;")
    came, not_come = s["mean_if_happened"], s["mean_if_not"]
    print(f"   said {came:.3f} on average where it came and {not_come:.3f} where not")
print(f"{sum(worse)} of {len(worse)} models do worse than a constant rate on telecom")
print(f"{telecom['known']['targets']} more targets: {telecom['known']['why']}")
print("Capacity, which models of spending do not see:", telecom["near_miss"]["evidence"])

# %% [markdown]
# ## Run-ups beside rivals: won, lost, not told apart
#
# Run-ups of investment that a rule selects, each with its series left out; physically overbuilt booms,
# each with its cluster left out. *Won* and *lost* are said only where a test that flips the signs of
# whole clusters says so. In the cells: Brier score less the rival's (below zero is better), p-value,
# verdict.


# %%
def compared(panel: str) -> pd.DataFrame:
    """Return the models of a panel beside its rivals."""
    made = {}
    for s in (s for s in found.scores if s["panel"] == panel and not s["rival"]):
        cells = {
            a["rival"]: f"{a['brier']:+.3f} (p {a['p_value']:.2f}) {a['verdict']}"
            for a in s["against"]
            if "p_value" in a
        }
        made[s["model"]] = {"cases": s["cases"], "Brier": round(s["brier"], 3)} | cells
    return pd.DataFrame(made).T


for panel in ("run_ups", "booms"):
    verdicts = Counter(
        a["verdict"] for s in found.scores if s["panel"] == panel and not s["rival"] for a in s["against"]
    )
    print(f"{panel}:", ", ".join(f"{n} {v}" for v, n in verdicts.items()))
known = found.results["run_ups"]["known"]
print(f"{known['targets']} more run-ups: {known['why']}")
compared("run_ups")

# %%
compared("booms")

# %% [markdown]
# ## What AI itself has already decided
#
# The headline will not resolve for years; capex and free cash flow ahead do, every quarter. Skill is one
# less the ratio of the CRPS to that of a random walk from the same origins: below zero the model lost.
# Beside it the p-value of Diebold and Mariano's test, where origins are enough for one.

# %%
ai = pd.DataFrame(found.ai["scores"])
ai["p"] = [t["p_value"] if t else np.nan for t in ai.test]
rivals = ai.dropna(subset="skill")
level = 0.05
for model, made in rivals.groupby("model"):
    print(f"{model}: {(made.skill < 0).sum()} of {len(made)} behind the random walk,", end=" ")
    print(f"{(made.p < level).sum()} of {made.p.notna().sum()} tests below {level}")
silent = Counter(a["model"] for a in found.ai["abstentions"])
print("abstentions:", ", ".join(f"{m} {n}" for m, n in silent.items()))
steps = pd.DataFrame(found.ai["lfo"]["steps"])
print(
    f"quarterly regimes: fitted anew at {steps.refitted.sum()} of {len(steps)} origins, at the others carried"
)
print(f"   along by importance weights whose Pareto k is at most {found.ai['lfo']['threshold']}")
rivals.pivot(index=["panel", "horizon"], columns="model", values=["skill", "p"]).astype(float).round(2)

# %%
rows = pd.DataFrame(found.ai["rows"])
ahead = rows.horizon.max()
own = rows.query("panel == 'ai_capex' and model == 'quarterly' and horizon == @ahead").sort_values("as_of")
points = np.array(own.quantiles.to_list())
place = np.arange(len(own))
plt.figure(figsize=(8, 3))
plt.vlines(place, points[:, 0], points[:, -1], lw=1, label="nine in ten")
plt.vlines(place, points[:, 1], points[:, -2], lw=4, alpha=0.5, label="one in two")
plt.plot(place, own.value, "k.", label="came")
plt.xticks(place[::4], own.by.iloc[::4])
plt.ylim(0, None)
plt.ylabel("capex, USD billion a quarter")
plt.legend()
plt.show()
inside = ((own.value >= points[:, 0]) & (own.value <= points[:, -1])).mean()
above = (own.value > points[:, len(points[0]) // 2]).mean()
print(f"quarterly regimes, {ahead} quarters ahead: {len(own)} origins, {inside:.0%} within nine in ten,")
print(f"{above:.0%} above the median forecast; origins overlap, so that neighbours are not independent")

# %% [markdown]
# ## Weights: learnt or set, one left out, all equal
#
# Weights maximise the log score of the mixture on targets that have resolved, pulled to equal ones by a
# prior worth some targets; the base rate keeps a floor. *Left out* is the headline without the model, its
# weight relearnt by the others; *alone* is the model by itself; *low* and *high* are the ends of nine in
# ten stacked weights over resampled clusters of targets.

# %%
learnt = answer.learnt
print(
    "targets behind the weights:", learnt["seen"]["targets"], f"worth {learnt['seen']['worth']:.1f};", end=" "
)
print(f"the prior is worth {learnt['prior_targets']:.0f}")
for panel, n in learnt["seen"]["by_panel"].items():
    print(f"   {panel}: {n['targets']} targets, worth {n['worth']:.1f}")
alike = [" and ".join(p["models"]) for p in learnt["seen"]["by_pair"] if not p["worth"]]
print("compared by no target:", "; ".join(alike) or "no pair")
weights = terms.loc[list(learnt["stacked"]), ["weight", "origin", "worth"]]
mass = weights.weight.sum()
weights = weights.assign(
    equal=mass / len(weights),
    stacked=pd.Series(learnt["stacked"]),
    low=[learnt["bootstrap"].get(m, [np.nan])[0] for m in learnt["stacked"]],
    high=[learnt["bootstrap"].get(m, [np.nan])[-1] for m in learnt["stacked"]],
    left_out=pd.Series(answer.alternatives["drop_one"], dtype=float),
    alone=pd.Series(answer.alternatives["alone"]),
)
print(f"headline {headline['probability']:.3f}, by equal weights {answer.alternatives['equal']:.3f}")
weights.round(3)

# %% [markdown]
# ## Every other choice
#
# Definitions, thresholds, firms, windows, rules of the base rate, assumptions of the inside view, weights:
# the headline is asked under each choice alone and under combinations of all that spread evenly over
# their levels. A share of the variance ranks choices within the levels that were tried; it does not say
# how likely a level is. `overbuild sensitivity` runs it anew.

# %%
curve = Curve(date.fromisoformat(answer.as_of))
weighed = components_on_file(data_dir(), data_dir() / "filed", curve.as_of)
runs = filed(curve, data_dir() / "filed")
if runs is None:
    print("what is on file was made from other code or data: `overbuild sensitivity` makes it again")
else:
    varied = summarised(curve, runs, weighed)
    print(sentence(varied))
    values = sorted(s["headline"] for s in varied["specifications"] if s["headline"] is not None)
    plt.plot(values)
    plt.axhline(headline["probability"], color="black", linestyle="--")
    plt.ylabel("headline")
    plt.xlabel("specification, in order")
    plt.show()
    shares = pd.DataFrame(varied["shares"]["headline"]["axes"]).set_index("axis")
    print(shares["share"].sort_values(ascending=False).head(8).round(2).to_string())

# %% [markdown]
# ## What others say
#
# Forecasts of others are no input: no model reads them. The crosswalk names the event of ours that comes
# closest, and whether theirs is wider (it happens more readily, so that ours should be lower), narrower,
# or not to be ordered. Horizons differ, and a share of votes in a survey is no probability: a row is a
# comparison, no test.

# %%
others = DataBook.load().external_forecasts.copy()
for end in ("low", "mid", "high"):
    others[end] = pd.to_numeric(others[f"probability_{end}"])
dates = sorted(b for b in every.by.unique() if b)
for by in (headline["by"], dates[-1]):
    ours = every[every.by.isin([by, ""])].set_index("event").probability
    others[f"ours, {by[:4]}"] = others.crosswalk.map(ours)
near = others[others.crosswalk != "none"].sort_values("crosswalk", kind="stable")
print(f"{len(others)} forecasts, {len(others) - len(near)} of no event of ours;", end=" ")
print(f"{near[f'ours, {headline["by"][:4]}'].notna().sum()} with a number of ours beside them")
beside = near.assign(ours=near[f"ours, {headline['by'][:4]}"]).dropna(subset="ours")
for o in beside.dropna(subset=["low", "mid", "high"], how="all").itertuples():
    low, high = np.nanmin([o.low, o.mid, o.high]), np.nanmax([o.low, o.mid, o.high])
    place = "below" if o.ours < low else "above" if o.ours > high else "within"
    theirs = f"{low:.2f}" if low == high else f"{low:.2f} to {high:.2f}"
    print(f"   {o.crosswalk}: ours {o.ours:.2f} is {place} the {theirs} of {o.forecaster} ({o.direction})")
columns = ["forecaster", "event_stated", "horizon_stated", "low", "mid", "high", "crosswalk", "direction"]
near[[*columns, *(c for c in near if c.startswith("ours"))]].set_index("forecaster").round(3)

# %%
pd.set_option("display.max_colwidth", 200)
near.set_index("forecaster")[["forecast_kind", "grade", "crosswalk", "crosswalk_note"]]

# %% [markdown]
# ## Change it: your own weights
#
# A sum is linear in its weights, so that you may put in your own. Weights sum to one; a model that failed
# a check or rests on its prior may be given weight here, and is marked.

# %%
mine = {"baserate": 0.5, "regimes": 0.2, "quarterly": 0.2, "unknown_models": 0.1}
again = with_weights(headline, mine)
print(" + ".join(f"{t.weight:g} x {t.probability:.3f} ({t.model})" for t in again.terms if t.weight), end=" ")
print(f"= {again.probability:.3f}, where the headline is {headline['probability']:.3f}")
try:
    with_weights(headline, {"baserate": 0.5, "regimes": 0.2})
except InputError as error:
    print(error)

# %% [markdown]
# How far does the headline go if you believe more, or less, in counting? The weight of the base rate
# moves over its whole span, and the others keep their proportions.

# %%
rest = counted.weight.drop("baserate")
shares = np.linspace(0, 1, 21)
line = [
    with_weights(headline, {"baserate": s, **((1 - s) * rest / rest.sum()).to_dict()}).probability
    for s in shares
]
plt.figure(figsize=(6, 2.6))
plt.plot(shares, line)
plt.plot(counted.weight["baserate"], headline["probability"], "ko", label="as printed")
plt.xlabel("weight of the base rate")
plt.ylabel("probability")
plt.ylim(0, None)
plt.legend()
plt.show()
print(f"from {line[0]:.3f} without it to {line[-1]:.3f} with nothing else")

# %% [markdown]
# Models without a vote in the sum can be asked alone, and telecom as of any year on file.

# %%
for model in terms.index.drop("unknown_models"):
    alone = probability_of_overbuild("ai", models=[model])
    print(f"{model} alone: {alone.headline['probability']:.3f}")
print(probability_of_overbuild("telecom", as_of=date(1999, 12, 31), by="2003").sentence())

# %% [markdown]
# ## Change it: your own list of booms
#
# Physical overbuild rests on a list of past booms, and the list on readings. Write another, and two booms
# to predict; the command `overbuild analogues --episodes mine.csv --predict open.csv` does the same. Here
# the other list is ours as a second reader labels it. Quick mode samples less.

# %%
folder = Path(mkdtemp())
booms = DataBook.load().booms
columns = ["cluster", "asset_life_years", "debt_financed", "certainty"]
for name, label in (
    ("ours", booms.overbuilt),
    ("mine", booms.alternative.where(booms.alternative != "", booms.overbuilt)),
):
    booms[columns].assign(episode=booms.boom, overbuilt=label).to_csv(folder / f"{name}.csv", index=False)
pd.DataFrame(
    {"episode": ["machines", "shells"], "asset_life_years": [5, 30], "debt_financed": ["no", "yes"]}
).to_csv(folder / "open.csv", index=False)
sampling = Sampling(chains=2, draws=500, tune=500, target_accept=0.9) if quick else None
lists = {
    name: analogues(folder / f"{name}.csv", folder / "open.csv", sampling=sampling)
    for name in ("ours", "mine")
}
for name, read in lists.items():
    print(f"{name}: {read.sentence()}\n")
pd.concat({name: read.frame().set_index("episode") for name, read in lists.items()}).round(2)

# %%
shift = lists["mine"].probability - lists["ours"].probability
wide = np.mean([r.interval[:, 1] - r.interval[:, 0] for r in lists.values()])
print(f"The other reader moves the two booms by {shift[0]:+.2f} and {shift[1]:+.2f};", end=" ")
print(f"the intervals are {wide:.2f} wide. Labels were read by people who knew how each boom ended.")

# %% [markdown]
# ## Exercise
#
# Which weights would you have to put on the models to bring the headline to a half? Try `with_weights`,
# first with the models that count, then with any that speak of the event. If no weights do it, what does
# that say of the range called *models*? Then delete telecom's booms from `mine.csv` (their `cluster` is
# named so) and predict `open.csv` again: by how much does one event move what all others say?
