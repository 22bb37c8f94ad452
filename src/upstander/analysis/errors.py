"""What can be wrong with numbers handed to a statistic. The person who made the input can mend every one of them."""

from upstander.errors import NotAcceptable


class UnfitNumbers(NotAcceptable):
    """The numbers do not fit the statistic: wrong length, negative, not whole where they count something."""


class TooFewPoints(UnfitNumbers):
    """Too few points for the statistic to say anything."""

    def __init__(self, *, where: str, found: int, needed: int) -> None:
        super().__init__(
            f"{where}: {found} points are too few; {needed} or more are needed.",
            where=where, found=f"{found} points", expected=f"{needed} points or more",
        )  # fmt: skip


class WrongOrder(NotAcceptable):
    """Dates or positions run backwards or repeat where each must be later than the one before."""


class MissingColumn(NotAcceptable):
    """An input lacks a column the method needs."""


class WrongType(NotAcceptable):
    """A column holds something that cannot be read as what the method needs."""
