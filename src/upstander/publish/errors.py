"""What can go wrong when a product is written."""

from upstander.errors import UpstanderError, WrongUsage


class FontsMissing(UpstanderError):
    """The fonts were not made at set-up, so nothing can be drawn."""


class NotAWindow(WrongUsage):
    """The words for a window of days and hours cannot be read."""
