"""Margins and groups listed one by one, for tables that are no slices of one cube."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sum:
    """A margin that every reader knows to be the sum of its parts, in exact counts.

    A cell is (table name, the dimensions' values…).
    """

    total: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Group:
    """People of one cell, `whole`, who are alike in something: in each of `parts`, in another thing.

    Under a rule against group disclosure no part may tell that all of them, or all but one, are alike.
    """

    whole: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...]
