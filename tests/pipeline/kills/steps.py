"""Every step in which a process changes files under a home, told as it is about to happen."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Tell = Callable[[dict[str, Any]], None]
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_MOVES = {"os.rename": "rename", "os.remove": "remove", "os.mkdir": "mkdir", "os.rmdir": "rmdir"}


def watch(home: Path, tell: Tell) -> None:
    """Tell each step from now on: what, path, when; of a sync also which inode and how many bytes it had."""
    real_sync = os.fsync
    root = str(home)

    def heard(event: str, about: tuple[Any, ...]) -> None:
        what = _MOVES.get(event) or ("open" if event == "open" and _writes(about) else "")
        if what and str(about[0]).startswith(root) and f"{os.sep}locks{os.sep}" not in str(about[0]):
            to = str(about[1]) if what == "rename" else ""
            tell({"what": what, "path": str(about[0]), "to": to, "at": time.monotonic()})

    def told_sync(handle: int) -> None:
        found = os.fstat(handle)
        tell({"what": "sync", "path": "", "inode": found.st_ino, "bytes": found.st_size, "at": time.monotonic()})
        real_sync(handle)

    os.fsync = told_sync
    sys.addaudithook(heard)


def _writes(about: tuple[Any, ...]) -> bool:
    return isinstance(about[0], str | bytes | os.PathLike) and bool(about[2] & _WRITES)
