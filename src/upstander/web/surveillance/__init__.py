"""Injury surveillance: the operational picture on a page, and what people take away from it.

Comes in: pictures that `pipeline.injuries` froze, and who looks. Goes out: pages, outlines with classes, papers marked
with a name, lists for tasking. Must never: show a picture that the gate would not give this person at this moment.
"""
