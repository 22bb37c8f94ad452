"""Every call that one system has and another has not: locks, folders on the disk, a process's memory and its parent.

Each has an answer where the system has none, so that the rest of the program need not ask where it runs.
"""

import contextlib
import os
import stat
import sys
from pathlib import Path
from typing import BinaryIO

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


def try_lock(handle: int) -> bool:
    """Lock an open file for this process alone, if nobody holds it. The system lets go of it if the process dies."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def unlock(handle: int) -> None:
    """Let go of a lock."""
    if sys.platform == "win32":
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)
    else:
        fcntl.flock(handle, fcntl.LOCK_UN)


def sync_folder(path: Path) -> None:
    """Force a folder's entries to the disk (a rename is not durable before that). Nothing to do on Windows."""
    if sys.platform == "win32":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_plain_file(path: Path) -> bool:
    """Whether a plain file lies at a path itself: no link, folder, pipe or device."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def open_plain(path: Path) -> BinaryIO:
    """A plain file, opened for reading without following a link and without waiting for a pipe. Raises OSError."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(f"no plain file: {path}")
    return os.fdopen(handle, "rb")


def resident_peak() -> int:
    """The most memory this process has held so far, in bytes; 0 where the system does not tell.

    Linux's own account is read first: `getrusage` counts in what the parent held when it started this process.
    """
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/self/status").read_text("utf-8", "replace").splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) * 1024
    with contextlib.suppress(ImportError):
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return int(peak if sys.platform == "darwin" else peak * 1024)
    return 0


def parent_id() -> int:
    """The id of the process that started this one; 0 where the system does not tell."""
    return 0 if sys.platform == "win32" else os.getppid()


def is_orphan(parent: int) -> bool:
    """Whether the process of this id, which started this one, has gone. False where the system does not tell."""
    return sys.platform != "win32" and os.getppid() != parent
