"""Where the rooms meet, in order, with a record of each run.

Comes in: what a person asks for, and the parts (home, agreements, audit log, keys, clock) that the command or the
site hands over. Goes out: readings, released tables, products, records of runs. Must never: decide an agreement,
count, or draw.
"""
