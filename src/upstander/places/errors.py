"""What can be wrong with reference data and with questions about it."""

from upstander.errors import NotAcceptable, WrongUsage


class UnknownLayout(NotAcceptable):
    """A reference file is not laid out in any way we know; whoever fetched it can mend it."""


class NoSuchLayer(WrongUsage):
    """The reference data has no such layer of areas, or not the part of it that was asked for."""


class NotNested(WrongUsage):
    """Areas of one layer do not each lie in one area of the other, so there is no single parent."""
