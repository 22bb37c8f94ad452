"""What can go wrong when released tables leave as files. Nothing is written then."""

from upstander.errors import NotAllowed, UpstanderError, WrongUsage


class CannotBeWritten(UpstanderError):
    """A table holds what no file can say truly: a number under a withheld cell, two labels that read alike."""


class CopyDiffers(UpstanderError):
    """A file that was opened again is not what was released, or holds something hidden or live."""


class NotForPublication(NotAllowed):
    """A table is marked for named recipients only."""


class OutlivesItsAgreement(NotAllowed):
    """A copy would be kept longer than the agreement it rests on."""


class FolderInUse(WrongUsage):
    """Old files would lie among new ones."""
