"""What can be wrong with tables that are to be protected or attacked."""

from upstander.errors import NotAllowed


class PersonsNotCounted(NotAllowed):
    """A rule is about persons, and the table counts only events."""
