"""The types that cross rooms, and one declaration per dataset.

Comes in: code lists, taxonomies and definitions as data files with source and date. Goes out: typed contracts,
templates, the data dictionary. Must never: read a delivery, count anything, or decide who may see what.
"""
