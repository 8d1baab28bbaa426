"""The inside view: one quarterly recursion over what models, games and contracts hand on.

`simulate` runs it on `Inputs` as an `InsideView` says; `Simulated.paths` gives core paths, history in front.
"""

from overbuild.simulation.inputs import Inputs
from overbuild.simulation.run import Simulated, simulate
from overbuild.simulation.view import InsideView

__all__ = ["Inputs", "InsideView", "Simulated", "simulate"]
