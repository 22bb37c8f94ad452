"""Releases and the ledger: made, proved, approved by two people, given out, called back.

Comes in: what a person asks. Goes out: words, counts of cells, figures of released tables. Must never: show an exact
count, or the figures of a release to somebody whom no agreement gives the monitoring purpose.
"""
