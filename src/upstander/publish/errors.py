"""What can go wrong when a product is written."""

from upstander.errors import UpstanderError


class FontsMissing(UpstanderError):
    """The fonts were not made at set-up, so nothing can be drawn."""
