"""Writing that survives a power cut, and locks that a killed process lets go. All system-specific calls live here."""

import contextlib
import os
import secrets
import stat
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from upstander.errors import TryAgain

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_PATIENCE_S = 60.0


def sync_file(path: Path) -> None:
    """Force a file's bytes to the disk. A failure is raised, never retried as if it had worked."""
    with path.open("rb+") as handle:
        os.fsync(handle.fileno())


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


def make_folder(path: Path) -> None:
    """Make a folder and its parents, durably."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    sync_folder(path.parent)


def write_whole(path: Path, content: bytes | Iterable[bytes], *, mode: int = 0o666) -> None:
    """Write a file so that it is there whole or not at all: temporary name, fsync, one rename, fsync of the folder."""
    make_folder(path.parent)
    temporary = path.parent / f".{path.name}.{secrets.token_hex(6)}.tmp"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.writelines([content] if isinstance(content, bytes) else content)
        file.flush()
        os.fsync(file.fileno())
    publish(temporary, path)


def publish(temporary: Path, final: Path) -> None:
    """Rename a finished, synced file or folder to its final name, durably. The thing exists from this instant."""
    temporary.replace(final)
    sync_folder(final.parent)


def append_line(path: Path, line: bytes) -> None:
    """Append one line and force it to the disk before returning. A half line left by a crash is ended first."""
    make_folder(path.parent)
    is_new = not path.exists()
    with path.open("ab+") as file:
        if file.tell() > 0:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")
        file.write(line + b"\n")
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        sync_folder(path.parent)


@contextlib.contextmanager
def locked(path: Path, *, patience_s: float = _PATIENCE_S) -> Iterator[None]:
    """Hold the lock file `path` for the length of a `with`. The system lets go of it if the process dies.

    Raises TryAgain if someone else holds it for longer than `patience_s` seconds.
    """
    make_folder(path.parent)
    with path.open("ab") as file:
        _acquire(file.fileno(), path, time.monotonic() + patience_s)
        try:
            yield
        finally:
            _release(file.fileno())


def _acquire(handle: int, path: Path, until: float) -> None:
    while not _try_lock(handle):
        if time.monotonic() > until:
            raise TryAgain("Another run is at work here. Try again when it has finished.", where=str(path))
        time.sleep(0.02)


def _try_lock(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _release(handle: int) -> None:
    if sys.platform == "win32":
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)
    else:
        fcntl.flock(handle, fcntl.LOCK_UN)
