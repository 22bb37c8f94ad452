"""What can be wrong with the readings that are held, or with what is asked of them."""

from upstander.errors import NotAcceptable, NotAllowed, WrongUsage


class BrokenReading(NotAcceptable):
    """A manifest or a part on disk is not what was written; `upstander doctor` or a backup mends it."""


class NothingHeld(NotAcceptable):
    """What was granted has not been delivered: there is nothing to count, which is not zero."""


class SumsTwice(WrongUsage):
    """Two suppliers report the same events; a sum over both would count them twice."""


class GrantEnded(NotAllowed):
    """The gate's answer is not one that may be read with: it has ended, or does not fit its own request."""
