"""What lies at a path before it is a delivery: a plain file that has arrived, and what is told beside it.

Nothing is read here but the control file. A path is never followed: what is taken in is the file of that name itself.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from upstander.contracts.readings import LineAccount, Outcome
from upstander.errors import WrongUsage
from upstander.intake import Control, ReadResult, read_control
from upstander.values.system import is_plain_file, open_plain

_DATA = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".xls", ".zip", ".json", ".xml")
_UNFINISHED = re.compile(
    r"^(~\$|\.|\._)|\.(filepart|part|partial|crdownload|download|opdownload|tmp|temp|swp|!ut|lock)$|~$"
    r"|^(thumbs\.db|desktop\.ini)$",
    re.IGNORECASE,
)
_MOST_CONTROL = 1 << 16
CONTROL_ENDING = ".control.json"


def stop_before_reading(path: Path) -> ReadResult | None:
    """Why what lies at a path is not taken in as it is; None for a plain file that has arrived.

    Raises WrongUsage where nothing lies there.
    """
    if path.is_symlink():
        return stopped(Outcome.REFUSE, "Refused: this is a link to another file. Please send the file itself.")
    if path.is_dir():
        return stopped(Outcome.REFUSE, "Refused: this is a folder. Please send the files in it one by one.")
    if not path.exists():
        raise WrongUsage(f"There is no file {path}.", found=str(path), expected="a file")
    if path.absolute().parent.suffix.lower() in _DATA:
        return stopped(
            Outcome.REFUSE,
            "Refused: this lies in a folder that is named like a file, so nobody can tell what was sent. "
            "Please send the file itself.",
        )
    if not is_plain_file(path):
        return stopped(Outcome.REFUSE, "Refused: this is no plain file. Please send a file.")
    if is_unfinished(path):
        return still_arriving("By its name it is unfinished, or belongs to another program")
    return None


def is_unfinished(path: Path) -> bool:
    """Whether a name says that a file is still arriving, or is another program's own."""
    return _UNFINISHED.search(path.name) is not None


def still_arriving(why: str) -> ReadResult:
    """The answer to a file that is not whole yet."""
    return stopped(
        Outcome.HOLD, f"Still arriving: nothing was read. {why}. Deliver it when it is whole, under its own name."
    )


def stopped(outcome: Outcome, message: str) -> ReadResult:
    """An answer to what was not read: it has no lines."""
    return ReadResult(
        outcome=outcome, message=message, lines=LineAccount(*[0] * 11), covers=None, dialect=None, sha256="",
        byte_count=0,
    )  # fmt: skip


def control_beside(path: Path) -> Control:
    """What the control file beside a delivery says; one that says nothing where there is none."""
    for beside in (path.with_name(path.name + CONTROL_ENDING), path.with_name(path.stem + CONTROL_ENDING)):
        if is_plain_file(beside):
            with open_plain(beside) as file:
                return read_control(file.read(_MOST_CONTROL))
    return Control()


@contextmanager
def arrived(path: Path) -> Iterator[BinaryIO]:
    """The file of that name itself, never what a link made meanwhile leads to. Raises WrongUsage."""
    try:
        file = open_plain(path)
    except OSError as why:
        raise WrongUsage(f"{path.name} cannot be read.", found=str(path), expected="a file that may be read") from why
    with file:
        yield file
