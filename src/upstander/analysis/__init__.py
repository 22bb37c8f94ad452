"""Pure statistics by subject: `measures` (counts, process charts), `hotspots` (where and when), `impact` (did it work,
what may come); `methods` offers them.

Comes in: Ibis tables of incidents, polars frames, numpy arrays, a seed. Goes out: Ibis expressions, polars frames,
small frozen results, each with its source. Must never: read a file, ask the clock, draw an unseeded random number,
hide a small number (that is `disclosure`) or know who is asking (that is `sharing`).
"""
