"""One module a dataset, each with one `DatasetContract`. The catalogue finds what lies here; nothing lists it.

A declaration says everything about its dataset. Its code lists and code maps are data files beside this folder.
"""
