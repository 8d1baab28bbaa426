"""From evidence to a number: definitions, judged events, base rates, forecasts and filed results."""

from overbuild.probability.headline import Probability, probability_of_overbuild
from overbuild.probability.judgement import Score, score
from overbuild.probability.outside import analogue_rate_of as analogue_rate
from overbuild.probability.outside import base_rate_of as base_rate

__all__ = ["Probability", "Score", "analogue_rate", "base_rate", "probability_of_overbuild", "score"]
