"""Margins listed one by one, for tables that are no slices of one cube."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sum:
    """A margin that every reader knows to be the sum of its parts, in exact counts.

    A cell is (table name, the dimensions' values…).
    """

    total: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...]
