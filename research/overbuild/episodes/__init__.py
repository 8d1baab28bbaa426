"""Booms as data: what was known of each on a day, its perimeter, its clock and its measures."""

from overbuild.episodes.databook import DataBook
from overbuild.episodes.episode import EPISODES, Episode, load_episode

__all__ = ["EPISODES", "DataBook", "Episode", "load_episode"]
