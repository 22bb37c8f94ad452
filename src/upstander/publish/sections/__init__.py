"""The sections of the bulletin, one a file. Comes in: `Facts`. Goes out: a `Section`, its words made by rule.

Must never: know whether it becomes a PDF or a web page, beyond the sizes of its medium.
"""
