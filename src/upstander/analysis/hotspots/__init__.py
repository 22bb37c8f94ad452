"""Where and when: windows across midnight, day × hour, from–to times, default times, hot places, ranks, who sees what.

Comes in: Ibis tables of incidents, counts by cell or place, local wall-clock times. Goes out: expressions, frames and
small results that carry their uncertainty. Must never: pool sources silently, or name a place on a raw p-value.
"""
