"""Counts and what they are worth: counting incidents by any dimension, weekly series, process charts, rates with their
limits, standardised and smoothed, funnels, concentration in few places, crime harm, and whether two sets are alike.

Comes in: Ibis tables of incidents, arrays of numbers, a seed. Goes out: Ibis expressions, charts as frames with their
limits, rates with theirs. Must never: show a week that nobody delivered as a zero, move a baseline without a recorded
reason, give a rate without saying how sure it is, or carry weights of harm of its own.
"""
