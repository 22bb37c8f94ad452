"""Who sees the same violence: ascertainment, links with and without identifiers, totals without double counts.

Comes in: counts of two or three lists, times and places by agency, tokens that one grant allows. Goes out: estimates
with intervals and bands, pairs with a probability. Must never: add agencies up without saying what they share, give
one figure where the rules of matching allow a band, or take a missing value for a disagreement.
"""
