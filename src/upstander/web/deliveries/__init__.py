"""An index of the manifests, for lists and pages.

Comes in: manifests. Goes out: rows to list and filter. Must never: be believed against the manifests; it can always be
made again from them.
"""
