"""Quarterly releases: what leaves for the strategic and monitoring purposes, frozen, proved, approved by two people.

Comes in: a desk, a quarter. Goes out: `releases/<quarter>/<edition>/`, its standing, proofs of it, figures that explain
themselves. Must never: change what was published, write an exact count outside the vault, or publish for its maker.
"""
