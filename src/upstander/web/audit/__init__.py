"""The audit log as the database keeps it: the lines of the chain, and columns to search them by.

Comes in: events. Goes out: entries in their chain, heads to keep elsewhere. Must never: change or remove a line; the
database itself refuses both.
"""
