"""Writing that survives a power cut, and locks that a killed process lets go."""

import contextlib
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from upstander.errors import TryAgain
from upstander.values.system import sync_folder, try_lock, unlock

__all__ = ["append_line", "locked", "make_folder", "publish", "sync_file", "sync_folder", "write_whole"]
_PATIENCE_S = 60.0


def sync_file(path: Path) -> None:
    """Force a file's bytes to the disk. A failure is raised, never retried as if it had worked."""
    with path.open("rb+") as handle:
        os.fsync(handle.fileno())


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
            unlock(file.fileno())


def _acquire(handle: int, path: Path, until: float) -> None:
    while not try_lock(handle):
        if time.monotonic() > until:
            raise TryAgain("Another run is at work here. Try again when it has finished.", where=str(path))
        time.sleep(0.02)
