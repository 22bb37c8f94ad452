"""Deliveries of every declared dataset that has no maker of its own, made from its declaration alone.

Comes in: the dataset contracts, the county's land, homes and people, a seed. Goes out: a supplier map and files for
each dataset and shape, and beside them the truth: who each row is about, what is wrong with it, what was planted.
Must never: name a dataset, use a real place or person, or read a delivery.
"""

from upstander.synthetic.declared.layouts import Layout, layouts
from upstander.synthetic.declared.making import DeclaredFile, make_declared
from upstander.synthetic.declared.pool import make_pool
from upstander.synthetic.declared.truth import DeclaredTruth, read_declared_truth

__all__ = ["DeclaredFile", "DeclaredTruth", "Layout", "layouts", "make_declared", "make_pool", "read_declared_truth"]
