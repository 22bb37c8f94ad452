"""What the partnership remembers of itself: people, agreements, the audit log, an index of deliveries. Later, its site.

Comes in: a home, and the address of its database. Goes out: a store whose parts keep the protocols of `sharing`.
Must never: read a dataset, hold a key, or know of a delivery what its manifest does not say.
"""
