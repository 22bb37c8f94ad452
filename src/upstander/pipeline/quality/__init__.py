"""Quality of what agencies deliver: drift from their earlier deliveries, what is due, and what goes back to the owner.

Comes in: the profile of a reading, the manifests of its feed. Goes out: reasons to hold it, a calendar of what is due
and late, a scorecard. Must never: read a row's value, count the same drift twice once a person accepted it, or put a
sender's small numbers past the agreement's rule.
"""
