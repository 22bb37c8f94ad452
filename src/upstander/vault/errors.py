"""What can be wrong with a key or a sealed file, sorted by who can act."""

from upstander.errors import NotAcceptable, TryAgain, WrongUsage


class NoKey(WrongUsage):
    """There is no key where one was looked for."""


class UnsafeKey(WrongUsage):
    """There is a key, but it lies where others can read it, or inside the home it protects."""


class WrongKey(WrongUsage):
    """A key was found, but another key sealed what is here."""


class EpochDestroyed(NotAcceptable):
    """Tokens were asked for whose key was destroyed."""


class BrokenSeal(NotAcceptable):
    """A sealed file is not what was written: altered, cut short, put in another order, or not a sealed file at all."""


class BadShare(WrongUsage):
    """A custodian's share that is mistyped, given twice, or of another home or set."""


class KeyChanged(TryAgain):
    """The home's key was changed while this run waited; it must not seal anything with the one it has."""
