"""Errors sorted by who can act on them. Every room's own errors stand under one of these.

An error says where, what was found, what would be right, and what state things are in. Facts are attributes,
so that pages and logs choose what to show; a value from a file is quoted only if its column is `quotable`.
"""

import traceback
from pathlib import PurePath
from typing import ClassVar


class UpstanderError(Exception):
    """Something went wrong. Raised as it is only for a defect of ours (exit code 1)."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, where: str = "", found: str = "", expected: str = "", state: str = "") -> None:
        self.message, self.where, self.found, self.expected, self.state = message, where, found, expected, state
        super().__init__(message)

    def facts(self) -> dict[str, str]:
        """What a page or a JSON answer may show: message, where, found, expected, state; empty ones left out."""
        named = {
            "message": self.message, "where": self.where, "found": self.found,
            "expected": self.expected, "state": self.state,
        }  # fmt: skip
        return {name: text for name, text in named.items() if text}


class WrongUsage(UpstanderError):
    """The words of a command or a parameter are off: the person at the keyboard can mend it (exit code 2)."""

    exit_code = 2


class NotAcceptable(UpstanderError):
    """A file or an input is not acceptable: its sender can mend it (exit code 3)."""

    exit_code = 3


class NotAllowed(UpstanderError):
    """An agreement refuses it: the people who signed it can change that (exit code 4)."""

    exit_code = 4


class TryAgain(UpstanderError):
    """A passing fault (a lock held, a disk full): an operator can retry it (exit code 5)."""

    exit_code = 5


class HeldForPerson(UpstanderError):
    """A named steward must look at it first (exit code 6)."""

    exit_code = 6


def place_of_defect(error: BaseException) -> str:
    """Where in our own code an unforeseen error arose, such as `intake/derive.py:120 (KeyError)`.

    Its message is left out: it might quote a value from a file.
    """
    steps = traceback.extract_tb(error.__traceback__)
    ours = [step for step in steps if "upstander" in PurePath(step.filename).parts] or steps
    if not ours:
        return type(error).__name__
    parts = PurePath(ours[-1].filename).parts
    inside = parts[len(parts) - parts[::-1].index("upstander") :] if "upstander" in parts else parts[-1:]
    return f"{'/'.join(inside)}:{ours[-1].lineno} ({type(error).__name__})"
