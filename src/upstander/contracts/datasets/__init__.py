"""One module a dataset, each with one `DatasetContract`. The catalogue finds what lies here; nothing lists it.

Comes in: code lists and code maps, data files beside this folder. Goes out: everything there is to say of a dataset.
Must never: hold a rule that is not a value of the declaration, or name another dataset.
"""
