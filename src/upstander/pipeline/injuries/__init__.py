"""The injury-surveillance bulletin: three sources read through the gate, counted, protected, drawn.

Comes in: a desk and what is asked (window, period, edition). Goes out: one numbered output with its tables, PDF and
HTML. Must never: show a number that is not in a released table, or put homes and public places on one map.
"""

from upstander.pipeline.injuries.asked import SOURCES, Asked, standing_period
from upstander.pipeline.injuries.making import injuries

__all__ = ["SOURCES", "Asked", "injuries", "standing_period"]
