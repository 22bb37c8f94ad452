"""Agreements as the database keeps them: the same bytes, signatures and acts that files would hold.

Comes in: terms that were signed, decisions about them. Goes out: agreements as `sharing` understands them. Must never:
decide anything, or change a byte of what was signed.
"""
