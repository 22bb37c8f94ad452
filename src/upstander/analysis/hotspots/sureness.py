"""Which rows a place statistic may rest on, by how sure their place is.

Every statistic of a bulletin is made from whole counts, which is what may be protected and shown: a row cannot weigh
less than one there. So a row whose place was told by words, and is less sure than LEAST_SURE, is left out and counted.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

BY_WORDS = "text"
LEAST_SURE = 0.8


def is_sure(table: "ir.Table", *, least: float = LEAST_SURE) -> "ir.BooleanValue":
    """Whether each row's place is sure enough: told by words with at least that confidence, or in any other way."""
    return (table.place_method.fill_null("") != BY_WORDS) | (table.place_confidence.fill_null(0.0) >= least)
