"""Plain values that every room shares and nobody owns.

Comes in: text, dates, bytes. Goes out: periods, area keys, age bands, postcodes, tokens, durable
files, canonical bytes. Must never: know a dataset, an agreement, a method or a page.
"""
