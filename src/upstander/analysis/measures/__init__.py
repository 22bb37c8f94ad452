"""Counts and how they move: counting incidents by any dimension, weekly series, process charts,
and whether two sets of records are alike.

Comes in: Ibis tables of incidents, series of numbers. Goes out: Ibis expressions, charts as frames with their limits.
Must never: show a week that nobody delivered as a zero, or move a baseline without a recorded reason.
"""
