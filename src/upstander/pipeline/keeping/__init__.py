"""Keeping what the home holds, and letting go of it: identity keys, the home's key, the end of retention.

Comes in: a desk, and what its person wants done to keys or to deliveries. Goes out: what was done, in words and
numbers, with an entry in the audit log. Must never: show a key or a token, or count as done what a kill left half done.
"""
