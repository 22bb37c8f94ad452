"""Views of deliveries.

Comes in: a request. Goes out: a page about feeds that whoever asks may see. Must never: tell a feed of another agency
from one that there is not.
"""
