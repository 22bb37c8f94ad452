"""Errors of intake: a map that cannot be used, a file that cannot be read."""

from upstander.contracts.readings import Outcome
from upstander.errors import NotAcceptable, WrongUsage


class MapNotUsable(WrongUsage):
    """A supplier map is off; who wrote it can mend it."""

    def __init__(self, where: str, fault: str) -> None:
        super().__init__(f"The supplier map {where} cannot be used: {fault}.", where=where, found=fault)


class FileStopped(NotAcceptable):
    """A file as a whole goes no further (FILEQ, REFUSE). `message` is what its sender reads."""

    def __init__(self, outcome: Outcome, message: str, *, rule: str, line: int | None = None) -> None:
        self.outcome, self.rule, self.line = outcome, rule, line
        super().__init__(message, where="" if line is None else f"line {line}")
