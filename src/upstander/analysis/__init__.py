"""Pure statistics by subject: `measures` (counts, rates, harm), `hotspots` (where and when); `methods` offers them.

Comes in: Ibis tables of incidents, polars frames, numpy arrays, a seed. Goes out: Ibis expressions, polars frames,
small frozen results, each with its source. Must never: read a file, ask the clock, draw an unseeded random number,
hide a small number (that is `disclosure`) or know who is asking (that is `sharing`).
"""
