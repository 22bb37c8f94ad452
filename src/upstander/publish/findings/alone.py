"""What one agency alone would miss: never one figure, only what may be said at least."""

from upstander.publish.facts import Facts, Missed
from upstander.publish.words import first_that_fits, per_cent

_POLICE = "police_incidents"
_MATTERS = 0.01


def finding(facts: Facts) -> str:
    """The sentence above the bands: what police would miss where they are a source, else whoever misses most.

    Only the lower end is said, since every rule of matching leaves at least so much.
    """
    by_police = [one for one in facts.missed if one.by.dataset == _POLICE]
    most = max(by_police or facts.missed, key=lambda one: one.low, default=None)
    if most is None:
        return "What one agency alone would miss was not counted."
    if most.low < _MATTERS:
        return "How much one agency alone would miss cannot be told from these records."
    least = f"At least {per_cent(most.low)} of {most.source.records} are not among {most.by.records}"
    return first_that_fits([f"{least}, however they are matched.", f"{least}."])


def band_words(missed: Missed) -> str:
    """`54% to 70%`."""
    low, high = per_cent(missed.low), per_cent(missed.high)
    return low if low == high else f"{low} to {high}"
