"""What can be wrong with a definition, a code list asked for, or a declaration."""

from upstander.errors import NotAcceptable, WrongUsage


class NoSuchDefinition(WrongUsage):
    """Nobody wrote a definition of that name or version."""


class BadDefinition(NotAcceptable):
    """A definition file names what does not exist, or leaves out what it must say."""


class CannotServe(WrongUsage):
    """A dataset cannot answer a definition; the definition says why."""


class NoSuchMeasure(WrongUsage):
    """Nobody declared an indicator of that name."""


class BadMeasure(NotAcceptable):
    """An indicator's file names what does not exist, or leaves out what it must say."""


class BadKnown(NotAcceptable):
    """What outsiders are said to know names what does not exist, or contradicts itself."""


class BadChange(NotAcceptable):
    """A change of recording names what does not exist, or leaves out what it must say."""
