"""Figures of a page: a finding in a sentence, its pictures in two widths, its numbers, and how they were made.

Comes in: released tables, and words. Goes out: `Figure`s. Must never: estimate anything, or say what the tables do not.
"""
