"""Erasing a person from everything that is held: files as they came, rows, what was kept back, what waits, backups.

Comes in: a desk, and who is meant, by a token or by identifiers from a form. Goes out: counts, one number for each
erasure, and a sealed ledger of keyed hashes by which a restored backup is erased again. Must never: write a name, a
number or a reference anywhere, or count as erased what a kill left half done.
"""
