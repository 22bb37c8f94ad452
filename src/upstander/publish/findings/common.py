"""Runs of words that several findings share."""

from collections.abc import Sequence

from upstander.publish.tokens import Source
from upstander.publish.words import listed

NOT_COMPARED = "The places were not compared: darker means more records, not more than chance."
NONE_STANDS_OUT = "No place stands out once chance is allowed for."


def records_of(sources: Sequence[Source], last: str = "and") -> str:
    """`police records and hospital attendances`."""
    return listed((source.records for source in sources), last)


def are(count: int, one: str, many: str) -> str:
    """The form of a verb or noun for so many."""
    return one if count == 1 else many
