"""Deliveries: what is due, sending a file, what became of it; and an index of the manifests for lists.

Comes in: manifests, files that somebody sends. Goes out: pages for the agency whose data it is, and rows to list.
Must never: write a plain byte of a file to a disk, show one agency another's deliveries, or be believed against the
manifests, from which the index can always be made again.
"""
