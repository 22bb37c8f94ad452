"""Charts of released numbers, one kind a file. Comes in: cells and words. Goes out: self-contained SVG drawings.

Must never: compute a statistic, choose a colour outside `tokens`, or show a number without its text in `alt`.
"""
