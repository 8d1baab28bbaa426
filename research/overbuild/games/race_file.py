"""A race from a file of the user's, and what the command ``race`` says of it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from overbuild.errors import CheckFailedError, InputError, UnknownNameError
from overbuild.games.race import RaceSpec
from overbuild.games.race_market import JOINT, SOCIAL
from overbuild.games.race_parameters import EPISODES, middle, race_of
from overbuild.games.race_paths import path
from overbuild.games.race_scenarios import CUT_SHORT, EXACT_STATES, Outcome, Planners, outcome
from overbuild.games.race_solver import MOST_ITERATIONS, STARTS, Solved, solve

if TYPE_CHECKING:
    import pandas as pd

    from overbuild.models.priors import Priors


@dataclass(frozen=True, eq=False)
class RaceFound:
    """What the command finds.

    Attributes
    ----------
    spec
        The race.
    exact
        Whether rivals were described by each capacity, or by their total.
    outcomes
        One for each distinct equilibrium, the one reached from most starts first; empty if none was found.
    residual
        Of the equilibrium, or the smallest of those that did not settle.
    failed
        What did not settle: ``race``, ``joint profit`` or ``social planner``.
    """

    spec: RaceSpec
    exact: bool
    outcomes: tuple[Outcome, ...]
    residual: float
    failed: str = ""

    @property
    def converged(self) -> bool:
        """Whether the race and both planners settled."""
        return not self.failed

    @property
    def cut_short(self) -> bool:
        """Whether a firm is at the end of the lattice so often that capacity is too low."""
        return any(o.at_top > CUT_SHORT for o in self.outcomes)

    def to_dict(self) -> dict[str, Any]:
        """Return the content as plain types; without an equilibrium there are no figures."""
        first = self.outcomes[0] if self.converged else None
        return {
            "converged": self.converged,
            "residual": self.residual,
            "method": "exact" if self.exact else "rivals by their total",
            "states": self.spec.states,
            "capacity_ratio": first and first.capacity_to_social,
            "capacity_ratio_joint": first and first.capacity_to_joint,
            "welfare_loss": first and {"owners": first.owners_loss, "society": first.society_loss},
            "equilibria": len(self.outcomes) if self.converged else 0,
            "cut_short": self.cut_short,
            "found": [_plain(o) for o in self.outcomes] if self.converged else [],
        }

    def frame(self) -> pd.DataFrame:
        """Return one row an equilibrium."""
        import pandas as pd

        return pd.DataFrame([_plain(o) for o in self.outcomes]).drop(columns=["tax", "excess"])

    def sentence(self) -> str:
        """Say what was found."""
        o, n = self.outcomes[0], len(self.outcomes)
        found = "One equilibrium was" if n == 1 else f"{n} equilibria were"
        how = "exactly" if self.exact else "with rivals described by their total"
        return (
            f"{self.spec.firms} firms, {self.spec.states:,d} states, solved {how}. {found} found from "
            f"{len(STARTS)} starts. Capacity is {o.capacity_to_social:.2f} times the social planner's and "
            f"{o.capacity_to_joint:.2f} times that of joint profit; owners lose {_share(o.owners_loss)} of "
            f"what joint profit would bring, society {_share(o.society_loss)} of what its planner would. "
            f"{self._warning()}Calibrated: no data are fitted."
        )

    def _warning(self) -> str:
        said = ""
        if self.cut_short:
            top = max(o.at_top for o in self.outcomes)
            said += (
                f"Caution: a firm is at the highest level {top:.0%} of the time, so that capacity is cut "
                f"short; raise 'levels' above {self.spec.levels}. "
            )
        if len(self.outcomes) > 1 and not self.exact:
            said += (
                "Caution: the description by totals can have fixed points that the race itself has not, so "
                "that their number is no evidence of several equilibria. "
            )
        return said


def read_race(file: Path, base: RaceSpec | None = None) -> RaceSpec:
    """Return the race of a TOML file whose keys are the fields of `RaceSpec`; what is left out stays.

    Raises
    ------
    InputError
        If the file is missing, is not TOML, or a value is out of its range; every fault is told.
    UnknownNameError
        If a key is none; the message lists the keys.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"{file} cannot be read ({error.strerror}); expected a TOML file such as 'firms = 3'."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{file} is not readable as TOML ({error}).") from None
    known = tuple(f.name for f in fields(RaceSpec))
    for key in content:
        if key not in known:
            raise UnknownNameError(f"key of {file.name}", key, known)
    if isinstance(content.get("market"), list):
        content["market"] = tuple(content["market"])
    try:
        return replace(base or RaceSpec(), **content)
    except InputError as error:
        raise InputError(f"{file.name}: {error}") from None
    except TypeError:
        raise InputError(
            f"{file.name}: market = {content.get('market')!r}; expected 1 to 15 numbers of units above 0, "
            "rising."
        ) from None


def race_of_episode(episode: str, priors: Priors) -> RaceSpec:
    """Return the race in the middle of an era's ranges.

    Raises
    ------
    UnknownNameError
        If there is no such era; the message lists them.
    """
    if episode not in EPISODES:
        raise UnknownNameError("episode with a race", episode, EPISODES)
    values = priors.values("race")
    return race_of(middle(values, episode), firms=values[f"firms_{episode}"], smoothing=values["smoothing"])


def run(spec: RaceSpec, *, most: int = MOST_ITERATIONS) -> RaceFound:
    """Solve a race and its planners from several starts.

    Raises
    ------
    InputError
        If a planner builds next to nothing.
    """
    exact = spec.reduced_states <= EXACT_STATES
    solved = {
        name: solve(spec, aim, exact=exact, most=most)
        for name, aim in (("joint profit", JOINT), ("social planner", SOCIAL))
    }
    race = solve(spec, exact=exact, most=most)
    for name, s in {"race": race, **solved}.items():
        if not s.converged:
            return RaceFound(spec, exact, (), s.residual, name)
    beside = Planners(_best(solved["joint profit"], "owners"), _best(solved["social planner"], "society"))
    outcomes = tuple(outcome(spec, path(race, e), beside) for e in race.equilibria)
    return RaceFound(spec, exact, outcomes, race.residual)


def require(found: RaceFound) -> None:
    """Refuse what did not settle.

    Raises
    ------
    CheckFailedError
        If there is no equilibrium.
    """
    if not found.converged:
        raise CheckFailedError(
            f"Not converged ({found.failed}): the residual is {found.residual:.1e} after the last round, so "
            "no equilibrium is given. Raise 'smoothing' or --rounds."
        )


def _share(value: float) -> str:
    """Return a percentage; a negative one that rounds to nothing has no sign."""
    return f"{round(value, 2) + 0.0:.0%}"


def _best(solved: Solved, name: str) -> Any:
    return max((path(solved, e) for e in solved.equilibria), key=lambda p: getattr(p, name))


def _plain(found: Outcome) -> Mapping[str, float]:
    return {f.name: float(getattr(found, f.name)) for f in fields(Outcome)}
