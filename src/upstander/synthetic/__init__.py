"""The fictional county of Brackenshire: its land, its agencies' deliveries and the truth behind them.

Comes in: a folder, a number of years, a seed, the day the deliveries end. Goes out: files as agencies would send them,
reference files about the places, last meeting's actions, and beside them the truth: what happened, who saw it, what
was planted. Must never: put invented violence on a real map, use a code, postcode area or coordinate of a real place,
or a real person.
"""

from upstander.synthetic.making import Summary, make
from upstander.synthetic.truth import Truth, read_truth

__all__ = ["Summary", "Truth", "make", "read_truth"]
