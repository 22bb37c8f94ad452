"""Agencies and the people who work for them.

Comes in: names. Goes out: who there is, and who may still sign in. Must never: hold anything about people in the data.
"""
