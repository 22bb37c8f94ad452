"""What can be wrong with tables that are to be protected or attacked."""

from upstander.errors import NotAcceptable, NotAllowed


class PersonsNotCounted(NotAllowed):
    """A rule is about persons, and the table counts only events."""


class UnfitTables(NotAcceptable):
    """The tables cannot all be true: a sum is not the sum of its parts, a cell stands twice, or no counts fit."""


class TooFine(NotAcceptable):
    """So fine a grain may not leave under a rule that only hides: round it, or use cell keys."""
