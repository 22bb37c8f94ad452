"""Tags of our templates.

Comes in: moments, form fields, names of built files. Goes out: words for a page. Must never: ask the database.
"""
