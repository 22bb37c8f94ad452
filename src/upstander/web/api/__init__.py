"""Published figures for programs: read-only JSON under /api/v1/, and the tokens that open it.

Comes in: a GET with a token or a signed-in session. Goes out: figures of published releases as they were released, or a
problem in words. Must never: hold a figure that no published release holds, or answer what a page would refuse.
"""
