"""Pure statistics by subject: `measures` (counts, rates, process charts, harm), `hotspots` (where and when),
`outbreaks` (is it more than usual, and is it violence or its recording), `overlap` (what one agency alone would miss),
`impact` (did it work, and what comes); `methods` offers them.

Comes in: Ibis tables of incidents, polars frames, numpy arrays, a seed. Goes out: Ibis expressions, polars frames,
small frozen results, each with its source. Must never: read a file, ask the clock, draw an unseeded random number,
hide a small number (that is `disclosure`) or know who is asking (that is `sharing`).
"""
